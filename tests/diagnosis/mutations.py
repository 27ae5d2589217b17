"""Mutants of the examples that ship: operators and constants of their code changed, one at a time.

A mutant that one of 200 runs breaks must never be proved; how many of those are refuted is what is measured.

    python -m tests.diagnosis.mutations --count 200
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from multiprocessing import Pool
from pathlib import Path

from prover.check import Options, check_files
from prover.diagnostic import InputError
from prover.inputs import Input
from prover.kernel.program import Procedure, Program
from prover.plan import load
from prover.report import Answer, FileReport
from prover.semantics.choices import RandomChoices
from prover.semantics.evaluate import Evaluator
from prover.semantics.inputs import starts
from prover.semantics.run import run
from prover.solve.process import cores
from prover.syntax.elaborate import FileLoader
from prover.syntax.read import read_source

EXAMPLES = Path(__file__).parents[2] / "proofs" / "examples"
RUNS, STEPS, FUEL = 200, 1_000, 20_000
SPECIFICATION = re.compile(r"\s*(requires|ensures|invariant|variant|function|predicate|lemma|const|axiom|import|assert|//|[{=])")
CHANGES = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "+": "-", "-": "+", "*": "+", "=": "!=", "and": "or"}
TOKEN = re.compile(r"(?<![:<>=!])(<=|>=|[<>+*=-])(?![=>])|\b(and|\d+)\b")


@dataclass(frozen=True, slots=True)
class Mutant:
    """name: the file and the place.  broken: units that one of 200 runs breaks."""

    name: str
    text: str
    broken: frozenset[str]


def mutants() -> Iterator[tuple[str, str]]:
    """All mutants of all examples: name and text."""
    for path in sorted(EXAMPLES.glob("*.proof")):
        lines = path.read_text(encoding="utf-8").split("\n")
        inside = False
        for number, line in enumerate(lines):
            inside = (inside or line.startswith("begin")) and not line.startswith("end")
            for found in TOKEN.finditer(line) if inside and not SPECIFICATION.match(line) else ():
                token = found[0]
                new = str(int(token) + 1) if token.isdigit() else CHANGES[token]
                changed = line[: found.start()] + new + line[found.end() :]
                yield f"{path.stem}:{number + 1}:{found.start() + 1}", "\n".join([*lines[:number], changed, *lines[number + 1 :]])


def chosen(count: int, seed: int, jobs: int = 1) -> list[Mutant]:
    """`count` mutants that are programs and that some run breaks.  jobs: processes that run them."""
    made = list(mutants())
    random.Random(seed).shuffle(made)
    if jobs == 1:
        return list(islice(filter(None, map(judged, made)), count))
    with Pool(jobs) as pool:
        return list(islice(filter(None, pool.imap(judged, made)), count))


def judged(made: tuple[str, str]) -> Mutant | None:
    """The mutant of this name and text, if it is a program that some run breaks."""
    name, text = made
    try:
        program = load(read_source(text.encode(), name), FileLoader(EXAMPLES))
    except InputError:
        return None
    broken = frozenset(n for n in program.own if breaks(program, n))
    return Mutant(name, text, broken) if broken else None


def breaks(program: Program, name: str) -> bool:
    unit = program.units[name]
    if not isinstance(unit, Procedure) or unit.body is None or unit.kind.value == "lemma":
        return False
    evaluator = Evaluator(program, fuel=FUEL, total=20 * FUEL)  # a mutant of Ackermann's function would take for ever
    for seed, inputs in enumerate(starts(unit, 7, RUNS, program)):
        made = run(program, name, inputs, choices=RandomChoices(seed), max_steps=STEPS, evaluator=evaluator)
        if made.refutes(name):
            return True
    return False


def checked(found: Sequence[Mutant]) -> list[FileReport]:
    inputs = [Input(m.name, m.text.encode(), EXAMPLES) for m in found]
    return list(check_files(inputs, Options(infer=False, rlimit=300_000, timeout=5, jobs=2)))


def tally(found: Sequence[Mutant], reports: Sequence[FileReport]) -> Counter[str]:
    """Of the broken units: how many are `yes` (there must be none), `no`, `unknown`."""
    counts: Counter[str] = Counter()
    for mutant, report in zip(found, reports, strict=True):
        for unit in report.units:
            if unit.name in mutant.broken:
                counts[unit.correct.value] += 1
                if unit.correct is not Answer.NO:
                    print(f"{'PROVED' if unit.correct is Answer.YES else 'open'}: {mutant.name} {unit.name}")
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    found = chosen(arguments.count, arguments.seed, cores())
    counts = tally(found, checked(found))
    total = sum(counts.values())
    words = {"yes": "proved", "no": "refuted", "unknown": "unknown"}
    shares = ", ".join(f"{counts[answer]} {word}" for answer, word in words.items())
    print(f"{len(found)} mutants, {total} units that a run breaks: {shares}")
    return 1 if counts["yes"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
