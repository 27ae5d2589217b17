"""What is told about goals that are left open, as a user reads it (golden files), and the commands that look closer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import prover
from prover.cli.main import main
from prover.diagnose.stability import varied
from prover.report import Verdict

FORGOTTEN_BOUND = """\
procedure find(a: int[], x: int) returns (i: int)
  ensures i < len(a) ==> a[i] = x
begin
  i := 0;
  while i < len(a) and a[i] != x
    invariant i <= len(a)
  do
    i := i + 1
  end;
  assert i < len(a) ==> a[i] = x
end
"""
NOT_INDUCTIVE = """\
triple twice
{ n >= 0 }
  i := 0; s := 0;
  while i < n
    invariant s >= 0
  do
    i := i + 1;
    s := s + i
  end
{ s >= 0 }
"""
REACHED = """\
procedure p(n: int) returns (i: int)
  requires n >= 0
  ensures i >= 0
begin
  i := 0;
  while i < n
    invariant i >= 0
    invariant i != 7
  do
    i := i + 1
  end
end
"""
ONE_CAUSE = """\
procedure p(a: int[], j: int) returns (s: int)
begin
  s := a[j] + a[j] * 2;
  s := s + a[j]
end
"""
UNUSED = """\
procedure p(x: int, y: int) returns (r: int)
  requires x > 0
  requires y > 0
  ensures r > 0
begin
  r := 0;
  while r < x
    invariant r >= 0
    invariant r <= x
    invariant y > 0
  do
    r := r + 1
  end
end
"""
TEXTS = {
    "forgotten-bound": FORGOTTEN_BOUND,
    "not-inductive": NOT_INDUCTIVE,
    "reached": REACHED,
    "one-cause": ONE_CAUSE,
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")

    def call(text: str, *arguments: str) -> tuple[int, str]:
        (tmp_path / "a.proof").write_text(text, encoding="utf-8")
        status = main(list(arguments))
        return status, capsys.readouterr().out

    return call


@pytest.mark.parametrize("name", TEXTS)
def test_messages(name: str, run: Callable[..., tuple[int, str]], golden: Callable[[str, str], None]) -> None:
    status, out = run(TEXTS[name], "check", "--no-infer", "--no-cache", "a.proof")
    assert status == 1
    golden(f"diagnosis/{name}.txt", out)


def test_one_suggestion_settles_several_goals() -> None:
    (file,) = prover.check_text(FORGOTTEN_BOUND, infer=False).files
    left = [g for g in file.units[0].goals if g.verdict is not Verdict.PROVED]
    assert len(left) == 3 and [g.root for g in left] == [None, left[0].name, left[0].name]


def test_explain_goal(run: Callable[..., tuple[int, str]], golden: Callable[[str, str], None]) -> None:
    status, out = run(UNUSED, "explain-goal", "a.proof", "p.ensures1")
    assert status == 0
    golden("diagnosis/explain-goal.txt", out)
    status, out = run(FORGOTTEN_BOUND, "explain-goal", "a.proof", "find.index1", "--format", "json")
    found = json.loads(out)
    assert (status, found["verdict"], found["cause"]) == (1, "unknown", "annotation")
    assert [(c["label"], c["entry"], c["kept"]) for c in found["conjuncts"]] == [("inv1", True, True)]


def test_explain_goal_of_another_name(run: Callable[..., tuple[int, str]], capsys: pytest.CaptureFixture[str]) -> None:
    status, _ = run(UNUSED, "explain-goal", "a.proof", "p.ensure1")
    assert status == 2
    status, _ = run(UNUSED, "explain-goal", "a.proof", "q.ensures1")
    assert status == 2


def test_unused(run: Callable[..., tuple[int, str]]) -> None:
    status, out = run(UNUSED, "check", "--unused", "--no-cache", "a.proof")
    assert status == 0
    named = [line.split("|")[1].strip() for line in out.split("\n") if "|" in line and line.split("|")[0].strip().isdigit()]
    assert named == ["invariant r >= 0", "invariant r <= x", "invariant y > 0"]


def test_stability(run: Callable[..., tuple[int, str]]) -> None:
    status, out = run(UNUSED, "check", "--stability", "3", "--no-cache", "a.proof")
    assert (status, "goal-unstable" in out) == (0, False)


def test_variations_ask_the_same() -> None:
    script = "(set-option :rlimit 5)\n(declare-const |x| Int)\n(assert (> |x| 1))\n(assert (< |x| 1))\n(check-sat-using smt)\n"
    made = {varied(script, seed) for seed in range(20)}
    assert len(made) > 10
    assert all(m.count("(assert ") == 2 and "|x|" not in m and ":random_seed" in m for m in made)


def test_audit(run: Callable[..., tuple[int, str]]) -> None:
    text = "axiom a: 1 < 2\nprocedure q() returns (x: int) ensures x > 0\n"
    text += "lemma wrong(x: int) ensures x * x * x + 1 != 0\n"
    text += "procedure p() returns (y: int) ensures y > 0 begin wrong(3); y := q(); assume y > 3 end\n"
    status, out = run(text, "audit", "--strict", "--format", "json", "a.proof")
    found = json.loads(out)
    kinds = {(e["unit"], e["kind"]) for e in found["assumptions"]}
    assert status == 1
    assert {("p", "axiom"), ("p", "bodiless"), ("p", "assume"), ("p", "unproved-lemma")} <= kinds
    status, out = run("lemma l(x: int) ensures x <= x\n", "audit", "--strict", "a.proof")
    assert status == 0 and "nothing assumed" in out
    assert run(text, "audit", "--format", "markdown", "a.proof")[1].startswith("# What is taken on trust")
