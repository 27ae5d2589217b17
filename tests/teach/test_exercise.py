"""Templates, hints, and the commands `exercise`, `grade` and `outline`."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from prover.check import Options, check_files
from prover.cli.main import main
from prover.diagnostic import InputError
from prover.inputs import Input
from prover.report import Reason, Status
from prover.solve.dial import Dial
from prover.source import Source
from prover.syntax.parser import parse, parse_template
from prover.teach.exercise import halves
from prover.teach.grade import grades
from prover.teach.hints import hints
from prover.teach.template import template
from tests.teach.exercises import GOOD, SUM, filled

MISTAKES = {
    "too-weak": "0 <= i <= n",
    "forgets-a-bound": "0 <= i and 2 * s = i * (i + 1)",
    "off-by-one": "0 <= i < n and 2 * s = i * (i + 1)",
    "too-strong": "0 <= i <= n and 2 * s = i * (i + 1) and s <= 3",
    "only-at-exit": "2 * s = n * (n + 1)",
    "only-after-the-body": "1 <= i <= n and 2 * s = i * (i + 1)",
    "wrong-variable": "0 <= i <= n and 2 * i = s * (s + 1)",
    "false": "false",
    "forgets-a-variable": "0 <= i <= n and s >= 0",
    "too-far-by-one": "0 <= i <= n + 1 and 2 * s = i * (i + 1)",
    "round-too-early": "0 <= i <= n and 2 * s = i * (i - 1)",
    "the-postcondition": "0 <= i <= n and 2 * s = n * (n + 1)",
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_named(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
                            golden: Callable[[str, str], None]) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("sum.proof").write_text(SUM, encoding="utf-8")
    Path("mine.proof").write_text(filled(SUM, MISTAKES[name], "n - i"), encoding="utf-8")
    assert main(["exercise", "check", "--hints", "1", "sum.proof", "mine.proof"]) == 1
    said = capsys.readouterr().out
    assert "fail" in said
    golden(f"teach/{name}.txt", said)


@pytest.mark.parametrize("level", ["2", "3"])
@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_shown(name: str, level: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                            capsys: pytest.CaptureFixture[str], golden: Callable[[str, str], None]) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("sum.proof").write_text(SUM, encoding="utf-8")
    Path("mine.proof").write_text(filled(SUM, MISTAKES[name], "n - i"), encoding="utf-8")
    assert main(["exercise", "check", "--hints", level, "sum.proof", "mine.proof"]) == 1
    said = capsys.readouterr().out
    assert GOOD[0] not in said
    golden(f"teach/{name}-{level}.txt", said)


def test_holes_are_for_templates_only() -> None:
    with pytest.raises(InputError) as caught:
        parse(Source("t.proof", SUM))
    assert [d.code for d in caught.value.diagnostics] == ["syntax-hole", "syntax-hole"]
    assert "an invariant" in caught.value.diagnostics[0].message
    assert "a variant" in caught.value.diagnostics[1].message
    assert parse_template(Source("t.proof", SUM)).declarations


def test_obligations_come_from_the_template() -> None:
    made = template(Source("t.proof", SUM))
    names = ("sum.loop1.entry", "sum.loop1.kept", "sum.loop1.variant", "sum.ensures1", "sum.body")
    assert made.obligations == names


@pytest.mark.parametrize("setting", ["nonsense 1", "points x", "partial maybe", "automation some", "budget -1"])
def test_wrong_settings_are_refused(setting: str) -> None:
    with pytest.raises(InputError) as caught:
        template(Source("t.proof", f"// exercise: {setting}\n{SUM}"))
    assert caught.value.diagnostics[0].code == "exercise-setting"


def test_halves_of_a_draft() -> None:
    made, solved = halves(Source("d", "triple t { x = 0 } ⟦x := 1⟧ { ⟦x = 1⟧ }"))
    assert made == "triple t { x = 0 } ? { ? }"
    assert solved == "triple t { x = 0 } x := 1 { x = 1 }"
    for wrong in ("no holes", "a ⟦ b", "a ⟧ b", "⟦ a ⟦ b ⟧ ⟧"):
        with pytest.raises(InputError):
            halves(Source("d", wrong))


def test_new_and_verify(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sum.draft").write_text(filled(SUM, f"⟦{GOOD[0]}⟧", f"⟦{GOOD[1]}⟧"), encoding="utf-8")
    assert main(["exercise", "new", "sum.draft"]) == 0
    assert Path("sum.proof").read_text(encoding="utf-8") == SUM
    assert main(["exercise", "verify", "sum.proof", "sum-solution.proof"]) == 0
    assert main(["exercise", "new", "sum.draft"]) == 2
    Path("wrong.proof").write_text(filled(SUM, "true", "n - i"), encoding="utf-8")
    assert main(["exercise", "verify", "sum.proof", "wrong.proof"]) == 1
    Path("easy.proof").write_text("triple t { x = 0 } x := x { ? }", encoding="utf-8")
    Path("easy-solution.proof").write_text("triple t { x = 0 } x := x { x = 0 }", encoding="utf-8")
    capsys.readouterr()
    assert main(["exercise", "verify", "easy.proof", "easy-solution.proof"]) == 1
    assert "solved already" in capsys.readouterr().out


def test_partial_credit_counts_obligations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.proof").write_text("// exercise: partial yes\n// exercise: points sum.ensures1 5\n" + SUM, encoding="utf-8")
    Path("weak.proof").write_text(filled(SUM, "0 <= i <= n", "n - i"), encoding="utf-8")
    assert main(["grade", "--template", "t.proof", "weak.proof", "--format", "json"]) == 0
    (grade,) = json.loads(capsys.readouterr().out)["submissions"]
    states = {o["name"]: (o["state"], o["points"], o["possible"]) for o in grade["obligations"]}
    assert states["sum.ensures1"] == ("open", 0, 5)
    assert states["sum.loop1.entry"] == ("proved", 1, 1)


def test_each_format_twice_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.proof").write_text(SUM, encoding="utf-8")
    Path("in").mkdir()
    Path("in/=good.proof").write_text(filled(SUM, *GOOD), encoding="utf-8")
    Path("in/weak.proof").write_text(filled(SUM, "0 <= i <= n", "n - i"), encoding="utf-8")
    Path("in/broken.proof").write_text("procedure", encoding="utf-8")
    for format in ("markdown", "json", "csv", "junit"):
        texts = []
        for jobs in ("1", "2"):
            assert main(["grade", "--template", "t.proof", "in", "--format", format, "--jobs", jobs]) == 0
            texts.append(capsys.readouterr().out)
        assert texts[0] == texts[1]
    assert main(["grade", "--template", "t.proof", "in/=good.proof", "--format", "gradescope"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["score"] == sum(t["max_score"] for t in result["tests"]) > 0
    assert main(["grade", "--template", "t.proof", "--bundle", "a.zip"]) == 0
    with zipfile.ZipFile("a.zip") as archive:
        assert {"setup.sh", "run_autograder", "template.proof"} <= set(archive.namelist())


@pytest.mark.parametrize(("invariant", "state"), [
    ("true", "withheld"), ("n >= 0", "withheld"), ("s = s", "withheld"), ("n >= 0 or i < 0", "withheld"), ("i >= 0", "proved"),
])  # fmt: skip
def test_an_invariant_that_says_nothing_earns_nothing(
    invariant: str, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.proof").write_text("// exercise: partial yes\n" + SUM, encoding="utf-8")
    Path("mine.proof").write_text(filled(SUM, invariant, "n - i"), encoding="utf-8")
    assert main(["grade", "--template", "t.proof", "mine.proof", "--format", "json"]) == 0
    (grade,) = json.loads(capsys.readouterr().out)["submissions"]
    states = {o["name"]: o["state"] for o in grade["obligations"]}
    assert states["sum.loop1.entry"] == states["sum.loop1.kept"] == state


OUTLINES = {
    "twice": ("triple t { x = a } x := x + 1; { ? } x := x + 1 { x = a + 2 }",
              {"x = a + 1": True, "true": False, "x > a": False, "x = a": False, "x - 1 = a // it was\n": True,
               "x = at(cut0, x)": False, "at(cut0, x) > a": False, "cut0: x = a + 1": True}),
    "after another": ("triple t { x = a } { ? } x := x + 1 { x = a } x := x + 1 { ? } skip { x = a }", {"x > 0": False}),
    "keeps what is not assigned": ("triple t { x = a and b > 0 } x := x + b { ? } x := x + b { x > a + 1 }",
                                   {"x = a + b": True, "x > a": True, "x >= a": False}),
    "asserted": ("procedure p(n: int) returns (r: int) requires n > 2 ensures r > 3 begin r := n; assert ?; r := r + 1 end",
                 {"r > 2": True, "r >= n": True, "true": False, "n > 2": False}),
    "in a loop": (("procedure p(n: int) returns (r: int) requires n >= 0 ensures r = 2 * n begin var i := 0; r := 0; while i < n "
                  "invariant r = 2 * i and i <= n do i := i + 1 { ? } r := r + 2 end end"),
                  {"r = 2 * (i - 1) and i <= n": True, "r = 2 * (i - 1)": False, "r = 2 * i": False}),
    "lengths stay": (("procedure p(inout a: array of int) requires len(a) = 2 ensures a[0] = 1 and a[1] = 2 begin a[0] := 1 "
                     "{ ? } a[1] := 2 end"), {"a[0] = 1": True, "true": False}),
    "calls": (("procedure set(inout x: int, y: int) ensures x = y begin x := y end\n"
              "triple t { true } set(u, 3); { ? } v := u { v = 3 }"), {"u = 3": True, "true": False}),
}  # fmt: skip


@pytest.mark.parametrize("name", OUTLINES)
def test_what_follows_an_assertion_follows_from_it(name: str) -> None:
    text, fillings = OUTLINES[name]
    made = template(Source("t.proof", text))
    items = [Input("t.proof", text.replace("?", f).encode(), Path()) for f in fillings]
    assert [g.solved for g in grades(made, items, explain=False)] == list(fillings.values())


EVEN = """predicate even(x: int) = exists k: int :: x = 2 * k

lemma double(x: int)
  ensures even(x + x)
begin
end

proof double.ensures1
  ?
qed
"""


@pytest.mark.parametrize(("automation", "steps", "solved"), [
    ("full", "auto", True),
    ("arithmetic", "auto", False),
    ("arithmetic", "unfold even(x + x); rewrite value1; witness x", True),
    ("arithmetic", "unfold even(x + x); rewrite value1; witness x; auto", True),
    ("arithmetic", "unfold even(x + x); rewrite value1; witness x + 1", False),
    ("arithmetic", "have even(x + x)", False),
    ("arithmetic", "nonsense", False),
    ("none", "unfold even(x + x); rewrite value1; witness x", False),
    ("none", "unfold even(x + x); rewrite value1; witness x; have x + x = 2 * x", False),
])  # fmt: skip
def test_a_whole_proof_is_filled_in(automation: str, steps: str, solved: bool) -> None:
    text = f"// exercise: automation {automation}\n{EVEN}"
    made = template(Source("t.proof", text))
    assert [h.kind for h in made.holes] == ["proof"]
    (grade,) = grades(made, [Input("t.proof", text.replace("?", steps).encode(), Path())])
    assert grade.solved is solved
    assert all("solver may not" in line or "proof does not close it" in line or "fails" in line or "counts only" in line
               for _, lines in hints(grade, 1) for line in lines)  # fmt: skip


@pytest.mark.parametrize(("text", "solved"), [
    ("triple t { x = a + 0 and y = b } x := x { x = a + 0 }", True),
    ("triple t { x = a } x := x + 1 { x = a + 1 }", False),
    ("triple t { x + 1 = a } x := x + 1 { x = a }", True),
    ("triple t { x > 0 } y := x { y > 0 and x = x }", True),
    ("triple t { x > 0 } y := x { y >= 0 }", False),
])  # fmt: skip
def test_without_automation_only_what_is_said_counts(text: str, solved: bool) -> None:
    (report,) = check_files([Input("t.proof", text.encode(), Path())], Options(jobs=1, infer=False, dial=Dial.NONE))
    assert (report.status is Status.PROVED) is solved
    assert solved or all(g.reason is Reason.AUTOMATION for u in report.units for g in u.goals)


@pytest.mark.parametrize(("text", "solved"), [
    ("triple t { x >= 0 } x := x + 1; y := 2 * x { y > x and y >= 2 }", True),
    ("triple t { x >= 0 } y := x * x { y >= 0 }", False),
    ("triple t { x >= 0 and (forall k: int :: k * k >= 0) } if x > 3 then x := x - 1 end { x >= 0 }", False),
    ("triple t { x >= 0 } if x > 3 then x := x - 1 end { forall k: int :: k > x ==> k > 0 }", False),
    ("triple t { x >= 0 and (forall k: int :: k + x >= k) } y := x { y >= 0 }", True),
    ("function f(x: int): int = x triple t { true } y := f(1) { y = 1 }", False),
    ("triple t { true } y := x / 2 { 2 * y <= x }", True),
])  # fmt: skip
def test_arithmetic_is_linear(text: str, solved: bool) -> None:
    (report,) = check_files([Input("t.proof", text.encode(), Path())], Options(jobs=1, infer=False, dial=Dial.ARITHMETIC))
    assert (report.status is Status.PROVED) is solved
    assert solved or any(g.reason is Reason.AUTOMATION for u in report.units for g in u.goals)


def test_what_is_added_after_an_assertion_gives_no_variable_a_value() -> None:
    text = "procedure p() returns (r: int) ensures r = r begin var y: int; { ? } r := 1; ? end"
    made = template(Source("t.proof", text))
    reads = text.replace("?", "true", 1).replace("?", "r := y; y := r")
    (grade,) = grades(made, [Input("t.proof", reads.encode(), Path())])
    assert not grade.solved
    assert ["y" in d.message for d in grade.problems] == [True]


def test_ghost_variables_are_forgotten_too() -> None:
    text = "procedure p(n: int) returns (r: int) ensures r = n + 1 begin ghost var g := n; r := n; { ? } r := r + 1 end"
    made = template(Source("t.proof", text))
    tried = {"r = n": True, "r = g": False, "r = g and g = n": True}
    items = [Input("t.proof", text.replace("?", f).encode(), Path()) for f in tried]
    assert [g.solved for g in grades(made, items, explain=False)] == list(tried.values())


@pytest.mark.parametrize("assertion", ["true", "x = a"])
def test_assertions_that_do_not_do(assertion: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                   capsys: pytest.CaptureFixture[str], golden: Callable[[str, str], None]) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    text, _ = OUTLINES["twice"]
    Path("t.proof").write_text(text, encoding="utf-8")
    Path("mine.proof").write_text(text.replace("?", assertion), encoding="utf-8")
    assert main(["exercise", "check", "t.proof", "mine.proof"]) == 1
    golden(f"teach/assertion-{assertion.replace(' ', '')}.txt", capsys.readouterr().out)


@pytest.mark.parametrize("format", ["text", "markdown", "latex", "html"])
def test_exact_outlines_in_each_format(format: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(root / "proofs" / "examples" / "sum_to.proof")
    texts = []
    for extra in ([], ["--exact"]):
        assert main(["outline", "--format", format, *extra, path]) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] != texts[1]


@pytest.mark.slow
def test_examples_have_outlines_forwards(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = 0
    for path in sorted((root / "proofs" / "examples").glob("*.proof")):
        status = main(["outline", "--forward", str(path)])
        assert status == 0 or "has no procedure, triple or lemma" in capsys.readouterr().err, path
        shown += status == 0
    assert shown > 70


@pytest.mark.slow
@pytest.mark.parametrize("format", ["text", "markdown", "latex", "html"])
def test_examples_have_outlines(format: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = 0
    for path in sorted((root / "proofs" / "examples").glob("*.proof")):
        status = main(["outline", "--format", format, str(path)])
        captured = capsys.readouterr()
        assert status == 0 or "has no procedure, triple or lemma with a body" in captured.err, path
        shown += status == 0
    assert shown > 50
