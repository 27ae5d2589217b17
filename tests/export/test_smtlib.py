"""Goals as files for any solver, and what a second one says of them."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest

from prover.check import Options, check_files, load_plan
from prover.cli.main import main
from prover.diagnostic import Severity
from prover.export import certify
from prover.export.smtlib import Script, scripts
from prover.inputs import Input
from prover.report import Certified, Status
from prover.solve import second
from tests.render.schema import problems

needs_cvc5 = pytest.mark.skipif(importlib.util.find_spec("cvc5") is None, reason="cvc5 is not installed")

PROGRAM = """function fact(n: int): int requires n >= 0 variant n = if n = 0 then 1 else n * fact(n - 1)
procedure p(n: int, a: int[]) returns (r: int, b: int[], c: int[])
  requires n >= 0
  ensures r = fact(n)
  ensures len(b) = n and forall i: int :: 0 <= i < n ==> b[i] = 7
  ensures c = [n, n]
  ensures perm(a, a)
begin
  var i := 0;
  r := 1;
  b := array(n, 7);
  c := [n, n];
  while i < n invariant 0 <= i <= n and r = fact(i) variant n - i do
    i := i + 1;
    r := r * i
  end
end
"""
FALSE = "procedure q(x: int) returns (y: int)\n  ensures y > x\nbegin\n  y := x\nend\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "p.proof"
    path.write_text(PROGRAM)
    return path


def test_only_standard_smtlib(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--to", "smtlib", "p.proof", "--output", "goals"]) == 0
    written = sorted((file.parent / "goals").iterdir())
    assert len(written) > 8
    for path in written:
        text = path.read_text()
        assert "(set-logic ALL)" in text and text.count("(check-sat)") == 1
        assert not re.search(r"check-sat-using|as const|rlimit|:status unknown", text), path


@needs_cvc5
def test_both_prove_it(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--certify", "--format", "json", "p.proof"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert list(problems(report, json.loads((Path(__file__).parents[2] / "docs" / "report.schema.json").read_text()))) == []
    goals = [g for u in report["files"][0]["units"] for g in u["goals"]]
    assert {g["certified"] for g in goals} == {"both"}


def checked(text: str) -> tuple[Status, list[tuple[Severity, str]], set[Certified | None]]:
    (report,) = check_files([Input("f.proof", text.encode(), Path())], Options(certify=True, infer=False))
    found = [(d.severity, d.code) for d in report.diagnostics]
    return report.status, found, {g.certified for u in report.units for g in u.goals}


@needs_cvc5
def test_disagreement_is_an_error_and_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(certify, "second_answer", lambda script, ask: "sat")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    status, found, said = checked(FALSE.replace("y := x", "y := x + 1"))
    assert status is Status.INVALID
    assert found == [(Severity.ERROR, "goal-disagreement")]
    assert said == {Certified.DISAGREEMENT}
    (kept,) = tmp_path.glob("*/goal.smt2")
    assert "(check-sat)" in kept.read_text()


@needs_cvc5
def test_not_knowing_is_no_disagreement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certify, "second_answer", lambda script, ask: "unknown")
    status, found, said = checked(FALSE.replace("y := x", "y := x + 1"))
    assert (status, said) == (Status.PROVED, {Certified.FIRST_ONLY})
    assert found == [(Severity.NOTE, "goal-z3-only")]


@needs_cvc5
def test_cvc5_refutes_a_false_goal() -> None:
    ready, _ = load_plan(Input("f.proof", FALSE.encode(), Path()), Options())
    (goal,) = ready.conditions["q"].all()
    with second.Second(1) as solver:
        (script,) = scripts(goal, ready.theory, frozenset())
        assert certify.second_answer(script, solver.ask) == "sat"


@needs_cvc5
def test_what_is_no_script_and_what_hangs_is_unknown() -> None:
    hard = "(declare-const x Int)(declare-const y Int)(declare-const z Int)(assert (= (+ (* x x x) (* y y y) (* z z z)) 114))"
    with second.Second(1) as solver:
        assert certify.second_answer(Script("broken", "(assert"), solver.ask) == "unknown"
        assert certify.second_answer(Script("hard", hard), solver.ask) == "unknown"
        assert certify.second_answer(Script("easy", "(assert false)"), solver.ask) == "unsat"


def test_without_cvc5_it_says_so(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert main(["check", "--certify", "p.proof"]) == 2
    assert "prover[certify]" in capsys.readouterr().err


def test_goals_that_do_not_hold_have_no_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "q.proof").write_text(FALSE)
    assert main(["export", "--to", "smtlib", str(tmp_path / "q.proof")]) == 0
    assert "(set-info :status unknown)" in capsys.readouterr().out
