"""The files in `proofs/`: each says what it shows and which verdicts it expects, and gets them.

Beside the prover, the interpreter looks at them: what is proved breaks on no input that is tried, and what is wrong on purpose
breaks on the input that its first comment names.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

import prover
from prover.check import Options, check_files
from prover.expectation import hold
from prover.inputs import Input
from prover.kernel.program import Procedure, Program
from prover.report import FileReport, Status
from prover.semantics.choices import RandomChoices
from prover.semantics.evaluate import Evaluator
from prover.semantics.inputs import read_inputs, small_inputs
from prover.semantics.run import run
from prover.source import Source
from prover.syntax.elaborate import FileLoader, elaborate
from prover.syntax.parser import parse

sys.setrecursionlimit(10_000)

PROOFS = Path(__file__).parents[2] / "proofs"
FILES = sorted(PROOFS.rglob("*.proof"))
AT_LEAST = {"motivation": 6, "examples": 40, "policies": 4, "stdlib": 2, "refuted": 60, "scripted": 25, "open": 5}
RUNS, STEPS = 12, 1_500
FUEL = 300_000  # for the annotations of one run: those of a few runs on numbers beyond 1,000 quantify over all of them
ASTRONOMIC = ("ackermann",)  # values that no budget of steps for one evaluation contains


TRIED = [p for p in FILES if p.parent.name not in ("refuted", "open") and p.stem not in ASTRONOMIC]


def name(path: Path) -> str:
    return path.relative_to(PROOFS).with_suffix("").as_posix()


def inside(folder: str) -> list[Path]:
    return [path for path in FILES if path.parent.name == folder]


def program_of(path: Path) -> Program:
    source = Source(str(path), path.read_text("utf-8"))
    return elaborate(parse(source), source, FileLoader(PROOFS))


@pytest.fixture(scope="module")
def reports() -> Mapping[Path, FileReport]:
    """Every file checked once."""
    return dict(zip(FILES, prover.check_paths(FILES).files, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=name)
def test_as_stated(path: Path, reports: Mapping[Path, FileReport]) -> None:
    assert [d.message for d in hold(reports[path])] == []


@pytest.mark.parametrize("folder", AT_LEAST)
def test_enough_files(folder: str) -> None:
    assert len(inside(folder)) >= AT_LEAST[folder]


@pytest.mark.parametrize("path", FILES, ids=name)
def test_says_what_it_shows(path: Path) -> None:
    comment = [line for line in path.read_text("utf-8").splitlines() if line.startswith("// ")]
    number = next(i for i, line in enumerate(comment) if line.startswith("// expected: "))
    assert number >= 1 and len(" ".join(comment[:number])) >= 25
    if path.parent.name in ("examples", "policies", "stdlib", "scripted"):
        assert comment[number] == "// expected: all yes"


_SCRIPT = re.compile(r"^proof .*?^qed\n?|\s+by \{[^{}]*\}", re.MULTILINE | re.DOTALL)


def _by_machine(path: Path) -> str:
    """The file without its scripts, and without the lines that say to be by hand."""
    lines = _SCRIPT.sub("", path.read_text("utf-8")).split("\n")
    return "\n".join([line for line in lines if not line.rstrip().endswith("// by hand")])


@pytest.mark.slow
def test_automation_alone_leaves_what_a_script_closes() -> None:
    paths = inside("scripted")
    options = Options(rlimit=1_000_000, timeout=1, jobs=2)
    reports = check_files([Input(name(p), _by_machine(p).encode(), PROOFS) for p in paths], options)
    assert [p.stem for p, report in zip(paths, reports, strict=True) if report.status is not Status.UNKNOWN] == []


@pytest.mark.parametrize("path", inside("refuted"), ids=name)
def test_witness(path: Path) -> None:
    """The input that the file names satisfies `requires` and breaks the unit that the file says is wrong."""
    text = path.read_text("utf-8")
    witness, unit = (re.search(p, text) for p in (r"// witness: (.*)", r"// expected: (\w+): "))
    assert witness and unit
    program = program_of(path)
    procedure = program.units[unit[1]]
    assert isinstance(procedure, Procedure)
    made = run(program, unit[1], read_inputs(procedure, witness[1].split()), choices=RandomChoices(0), max_steps=STEPS)
    assert made.refutes(unit[1])


@pytest.mark.parametrize("path", TRIED, ids=name)
def test_runs_break_nothing(path: Path) -> None:
    """What is proved holds in every run that is tried, annotations included."""
    program = program_of(path)
    units = [u for u in (program.units[n] for n in program.own) if isinstance(u, Procedure) and u.body is not None]
    for unit in units:
        for number, inputs in enumerate(small_inputs(unit, 0, RUNS, program)):
            evaluator = Evaluator(program, fuel=FUEL // 15, total=FUEL)
            made = run(program, unit.name, inputs, choices=RandomChoices(number), max_steps=STEPS, evaluator=evaluator)
            if made.is_evidence:
                assert (made.wrong, made.wrong_annotation) == (None, None), f"{unit.name} from {inputs}"
