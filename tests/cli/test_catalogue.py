"""Every diagnostic code in use has a page; each page's mistake gives its code, and its mend does not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from prover.catalogue import codes, entry, parse
from prover.check import Options, check_files
from prover.cli.main import main
from prover.expectation import hold
from prover.inputs import Input
from prover.kernel.goal import GoalKind
from prover.report import Answer, FileReport, Reason, Verdict
from prover.semantics.outcome import BreakKind
from prover.semantics.values import FailureKind

_CODE = re.compile(
    r"(syntax|name|type|flow|decl|import|ghost|run|goal|input|expected|unit|session|config|exercise)-[a-z0-9]+(-[a-z0-9]+)*"
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
    return dict(literals(root)) | dict.fromkeys(made, "made from an enumeration")


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
def shown() -> dict[str, set[str]]:
    """What checking each page's mistake (`CODE-mistake`) and mend (`CODE-mend`) shows; all in one call."""
    pages = [page for code in codes() if (page := entry(code)) and page.mistake]
    assert {how for page in pages for how in page.how} <= {"expected"}
    texts = [(f"{p.code}-{kind}", getattr(p, kind), p.how) for p in pages for kind in ("mistake", "mend")]
    inputs = [Input(name, text.encode(), Path()) for name, text, _ in texts]
    reports = check_files(inputs, Options(jobs=2, infer=False))
    return {name: found_in(report, how) for (name, _, how), report in zip(texts, reports, strict=True)}


@pytest.mark.parametrize("code", [c for c in codes() if (e := entry(c)) and e.mistake])
def test_the_mistake_gives_the_code_and_its_mend_does_not(code: str, shown: dict[str, set[str]]) -> None:
    assert code in shown[f"{code}-mistake"]
    assert shown[f"{code}-mend"] == set()


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
