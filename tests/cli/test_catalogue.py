"""Every diagnostic code in use has a page; each page's mistake gives its code, and its mend does not."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prover.catalogue import codes, entry, parse
from prover.check import Options, check_files
from prover.cli.main import main
from prover.expectation import hold
from prover.inputs import Input
from prover.kernel.goal import GoalKind
from prover.render.style import PLAIN
from prover.render.text import diagnostic_text, file_details
from prover.report import INTERRUPTED, Answer, FileReport, Reason, Verdict
from prover.semantics.outcome import BreakKind
from prover.semantics.values import FailureKind

_CODE = re.compile(
    r"(syntax|name|type|flow|decl|import|ghost|run|goal|input|expected|unit|session|config|exercise|export)-[a-z0-9]+(-[a-z0-9]+)*"
)


def literals(root: Path) -> Iterator[tuple[str, str]]:
    """Codes that stand as text in the first argument of some call, with where."""
    for path in sorted((root / "prover").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                prefix = "syntax-" if name == "say" else "input-" if (path.name, name) == ("read.py", "_bad") else ""
                for constant in ast.walk(node.args[0]):
                    if isinstance(constant, ast.Constant) and isinstance(constant.value, str):
                        code = prefix + constant.value
                        if _CODE.fullmatch(code):
                            yield code, f"{path.relative_to(root)}:{node.lineno}"


def in_use(root: Path) -> dict[str, str]:
    made = [f"goal-{k.value}" for k in GoalKind] + [f"run-{k.value}" for k in (*BreakKind, *FailureKind)]
    return dict(literals(root)) | dict.fromkeys(made, "made from an enumeration") | {INTERRUPTED: "a constant"}


def test_every_code_has_a_page(root: Path) -> None:
    known = set(codes())
    missing = {code: place for code, place in in_use(root).items() if code not in known}
    assert missing == {}


def test_every_page_is_of_a_code_in_use(root: Path) -> None:
    made = {f"unit-{r.value}" for r in Reason} | {"unit-unknown", "unit-refuted"}
    assert set(codes()) - in_use(root).keys() - made == set()


@pytest.mark.parametrize("code", codes())
def test_pages_are_well_formed(code: str) -> None:
    found = entry(code)
    assert found is not None
    assert not found.title.endswith(".")
    assert max(map(len, found.explanation.split("\n"))) <= 100


def found_in(report: FileReport, how: frozenset[str]) -> set[str]:
    """The codes that the text output would show."""
    shown = {d.code for d in report.diagnostics}
    for unit in report.units:
        shown |= {f"goal-{g.kind}" for g in unit.goals if g.verdict is not Verdict.PROVED}
        reasons = ((unit.correct, unit.correct_reason), (unit.terminates, unit.terminates_reason))
        shown |= {f"unit-{r.value}" for a, r in reasons if a is Answer.UNKNOWN and r}
    return shown | ({d.code for d in hold(report)} if "expected" in how else set())


@pytest.fixture(scope="module")
def reports() -> dict[str, FileReport]:
    """What checking each page's mistake (`CODE-mistake`) and mend (`CODE-mend`) gives; all in one call."""
    pages = [page for code in codes() if (page := entry(code)) and page.mistake]
    assert {how for page in pages for how in page.how} <= {"expected"}
    texts = [(f"{p.code}-{kind}", getattr(p, kind), p.how) for p in pages for kind in ("mistake", "mend")]
    inputs = [Input(name, text.encode(), Path()) for name, text, _ in texts]
    return {report.path: report for report in check_files(inputs, Options(jobs=2, infer=False))}


MISTAKES = [c for c in codes() if (e := entry(c)) and e.mistake]


@pytest.mark.parametrize("code", MISTAKES)
def test_the_mistake_gives_the_code_and_its_mend_does_not(code: str, reports: dict[str, FileReport]) -> None:
    page = entry(code)
    assert page is not None
    assert code in found_in(reports[f"{code}-mistake"], page.how)
    assert found_in(reports[f"{code}-mend"], page.how) == set()


@pytest.mark.parametrize("code", MISTAKES)
def test_the_message_is_as_it_was_read(code: str, reports: dict[str, FileReport], golden: Callable[[str, str], None]) -> None:
    page, report = entry(code), reports[f"{code}-mistake"]
    assert page is not None
    further = [diagnostic_text(d, PLAIN) for d in hold(report)] if "expected" in page.how else []
    golden(f"messages/{code}.txt", "\n\n".join([*further, *filter(None, [file_details(report, PLAIN)])]) + "\n")


def test_a_page_of_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="not of the form"):
        parse("x", "no title")
    with pytest.raises(ValueError, match="not of the form"):
        parse("x", "# Title\n\nText.\n\n## Mistake\n\nno block\n")


def test_no_code_leads_out_of_the_folder() -> None:
    assert entry("../codes/goal-ensures") is None
    assert entry("nothing-here") is None


def test_explain(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "goal-ensures", "--color", "never"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("goal-ensures: ")
    assert "The mistake:\n\n    procedure double" in text
    assert main(["explain", "[goal-ensures]"]) == 0
    assert main(["explain", "--list"]) == 0
    assert "syntax-assign " in capsys.readouterr().out


def test_explain_suggests(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "goal-ensure"]) == 2
    assert "did you mean `goal-ensures`" in capsys.readouterr().err
    assert main(["explain"]) == 2
