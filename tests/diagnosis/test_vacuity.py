"""A *yes* that rests on a contradiction is named; one that does not is left in peace."""

from __future__ import annotations

import pytest

import prover
from prover.report import Answer, Report, Status, UnitReport

REQUIRES = """\
procedure p(x: int)
  requires x < 0
  requires x != 7
  requires x > 0
  ensures false
begin end
"""
ONE_CLAUSE = """\
triple p { x = 1 and x = 2 } x := 5 { x = 3 }
"""
OF_A_FUNCTION = """\
function p(x: int): nat
  requires x < 0
  requires x > 3
  = x
"""
ASSUME_IN_A_BRANCH = """\
procedure p(x: int) returns (y: int)
  ensures y >= 0
begin
  y := 0;
  if x > 5 then
    assume x < 2;
    y := -1
  end
end
"""
AXIOMS = """\
function f(x: int): int
axiom a: forall x: int :: f(x) > 0
axiom b: forall x: int :: f(x) < 9
axiom c: forall x: int :: f(x) < 0
lemma p(x: int) ensures f(x) = 7
"""
AXIOM_AND_REQUIRES = """\
function f(x: int): int
axiom a: f(3) > 0
lemma p(x: int)
  requires f(3) < 0
  ensures x > x
"""
CONTRACT_WITHOUT_A_BODY = """\
procedure q() returns (y: int)
  ensures y > 3
  ensures y < 2
procedure p() returns (z: int)
  ensures z = 9
begin
  z := q()
end
"""
AFTER_A_LOOP = """\
procedure p(n: int) returns (i: int)
  ensures i = 99
begin
  i := 0;
  while i < n invariant i >= 0 do i := i + 1 end;
  assume i < 0
end
"""

# With the lines that the warning points to, first the clause that it is about.
CONTRADICTORY = {
    "requires": (REQUIRES, (4, 2)),
    "one clause": (ONE_CLAUSE, (1,)),
    "of a function": (OF_A_FUNCTION, (3, 2)),
    "assume in a branch": (ASSUME_IN_A_BRANCH, (6, 5)),
    "axioms": (AXIOMS, (2, 4)),
    "axiom and requires": (AXIOM_AND_REQUIRES, (4,)),
    "contract without a body": (CONTRACT_WITHOUT_A_BODY, (3, 2)),
    "after a loop": (AFTER_A_LOOP, (6, 5)),
}

SOUND_REQUIRES = """\
procedure p(x: int, b: bool, n: nat)
  requires x > 3 and b and n < 5
  ensures x > 2
begin end
"""
SOUND_STRANGE_NUMBERS = """\
procedure p(x: int, y: int)
  requires x * y = 391 and x > 1 and y > x
  ensures y > 1
begin end
"""
SOUND_ARRAYS = """\
procedure p(a: int[])
  requires len(a) > 3
  requires forall i: int, j: int :: 0 <= i <= j < len(a) ==> a[i] <= a[j]
  ensures a[1] <= a[2]
begin end
"""
SOUND_ENDLESS = """\
procedure p() returns (z: int)
  ensures false
begin
  z := 0;
  while true do assume z < 5; z := z + 1 end
end
"""
SOUND_DEAD_BRANCH = """\
procedure p(x: int) returns (r: int)
  ensures r = 1
begin
  r := 1;
  if x * x < 0 then assume x = 3; r := 0 end
end
"""
SOUND_AXIOM = """\
function f(x: int): int
axiom a: forall x: int :: f(x) > 0
lemma p(x: int) ensures f(x) > -1
"""
SOUND_ABSURD_CASE = """\
procedure p(x: int)
  requires x > 0
begin
  if x < 0 then assert false end
end
"""

SOUND = {
    "requires": SOUND_REQUIRES,
    "strange numbers": SOUND_STRANGE_NUMBERS,
    "arrays": SOUND_ARRAYS,
    "endless": SOUND_ENDLESS,
    "dead branch": SOUND_DEAD_BRANCH,
    "axiom": SOUND_AXIOM,
    "absurd case": SOUND_ABSURD_CASE,
}


def unit(text: str, *, strict: bool = False) -> tuple[UnitReport, Report]:
    report = prover.check_text(text, infer=False, strict=strict)
    return next(u for u in report.files[0].units if u.name == "p"), report


@pytest.mark.parametrize("text, lines", CONTRADICTORY.values(), ids=CONTRADICTORY)
def test_contradiction_is_named(text: str, lines: tuple[int, ...]) -> None:
    found, report = unit(text)
    assert (found.correct, found.vacuous, report.files[0].status) == (Answer.YES, True, Status.PROVED)
    (warned,) = [d for d in report.files[0].diagnostics if d.code == "goal-vacuous"]
    assert warned.span is not None
    assert (warned.span.first.line, *[label.span.first.line for label in warned.labels]) == lines


@pytest.mark.parametrize("text", SOUND.values(), ids=SOUND)
def test_no_false_alarm(text: str) -> None:
    found, report = unit(text)
    assert (found.correct, found.vacuous) == (Answer.YES, False)
    assert "goal-vacuous" not in {d.code for d in report.files[0].diagnostics}


def test_strict_does_not_count_it() -> None:
    found, report = unit("procedure p(x: int)\n  requires x < 0 and x > 0\n  ensures false\nbegin end", strict=True)
    assert (found.correct, found.vacuous, report.exit_status) == (Answer.UNKNOWN, True, 1)


def test_what_is_not_proved_is_not_vacuous() -> None:
    found, _ = unit("procedure p(x: int, y: int)\n  requires x < 0\n  ensures y > x\nbegin end")
    assert (found.correct, found.vacuous) == (Answer.NO, False)
