"""Of each goal that is not proved: what is to be mended, and what shows it."""

from __future__ import annotations

import pytest

import prover
from prover.report import Cause, GoalReport, Reason, Verdict

FORGETS = """procedure p(n: int) returns (s: int)
  requires n >= 0
  ensures  2 * s = n * (n + 1)
begin
  s := 0;
  var i := 0;
  while i < n
    invariant 0 <= i <= n
  do
    i := i + 1;
    s := s + i
  end
end
"""
BROKEN = """procedure p(n: int) returns (s: int)
  requires n >= 0
  ensures  s = n
begin
  s := 0;
  while s < n invariant 0 <= s < n do s := s + 1 end
end
"""
CONTRACT = """procedure bump(x: int) returns (y: int)
  ensures y >= x
begin y := x + 1 end

procedure p() returns (z: int)
  ensures z = 6
begin z := bump(5) end
"""
TOO_WEAK = """procedure p(n: int) returns (s: int)
  requires n >= 0
  ensures  s = n * n
begin
  s := 0;
  var i, t := 0, 1;
  while i < n
    invariant 0 <= i <= n
    invariant s = i * i
    invariant t > 0
  do
    i, s, t := i + 1, s + t, t + 2
  end
end
"""
WRONG = "procedure p(x: int) returns (y: int)\n  ensures y > x\nbegin y := x end"


def unknown(text: str, **options: int) -> list[GoalReport]:
    report = prover.check_text(text, infer=False, **options)  # type: ignore[arg-type]
    return [g for u in report.files[0].units for g in u.goals if g.verdict is not Verdict.PROVED]


@pytest.mark.parametrize(
    "text, advice",
    [
        (FORGETS, "the loop `loop1` forgets `s`: it changes `s`, and none of its invariants mentions it"),
        (CONTRACT, "the `ensures` of `bump` must say what is needed here"),
        (TOO_WEAK, "strengthen the loop's invariants: they allow a state from which one round breaks this one"),
    ],
)
def test_weak_annotation(text: str, advice: str) -> None:
    (found,) = unknown(text)
    assert (found.cause, found.reason, found.help[0]) == (Cause.ANNOTATION, Reason.UNCONFIRMED, advice)
    assert found.state


def test_state_that_breaks_an_invariant() -> None:
    """The state satisfies the invariants, one round from it breaks the one in question, and no run gets there."""
    (found,) = unknown(TOO_WEAK)
    assert found.name == "p.loop1.inv2.preserved" and found.state is not None
    i, s, t, n = (int(found.state[name]) for name in ("i", "s", "t", "n"))
    assert 0 <= i < n and s == i * i and t > 0 and s + t != (i + 1) ** 2
    assert found.after is not None
    assert int(found.after["s"]) == s + t and int(found.after["i"]) == i + 1
    assert found.notes == (
        "after the round `s = i * i` is false",
        "no run that was tried gets to this state: strengthen the invariant to exclude it",
    )


def test_annotation_that_a_run_breaks() -> None:
    entry, kept = unknown(BROKEN)
    assert {(g.cause, g.reason, g.state) for g in (entry, kept)} == {(Cause.ANNOTATION, Reason.BROKEN, None)}
    assert entry.notes == ("it does not hold in the run that starts with n = 0: there n = 0, s = 0",)
    assert kept.notes == ("it does not hold in the run that starts with n = 1: there n = 1, s = 1",)


def test_wrong_program() -> None:
    (found,) = unknown(WRONG)
    assert (found.verdict, found.cause) == (Verdict.REFUTED, Cause.PROGRAM)


def test_solver_that_gives_up() -> None:
    cubes = "x * x * x + y * y * y != z * z * z"
    cube = f"procedure p(x: int, y: int, z: int)\n  requires x > 1 and y > 1 and z > 1\nbegin\n  assert {cubes}\nend"
    (found,) = unknown(cube, rlimit=20_000)
    assert found.cause is Cause.SOLVER and found.help


def test_missing_variant() -> None:
    (found,) = unknown("procedure p(n: int)\nbegin\n  while n > 3 do skip end\nend", total=True)
    assert (found.cause, found.reason) == (Cause.ANNOTATION, Reason.MISSING)
