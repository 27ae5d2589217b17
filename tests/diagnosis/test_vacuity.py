"""A *yes* that rests on a contradiction is named; one that does not is left in peace."""

from __future__ import annotations

import pytest

import prover
from prover.report import Answer, Status, UnitReport

CONTRADICTORY = {
    "requires": ("procedure p(x: int)\n  requires x < 0\n  requires x != 7\n  requires x > 0\n  ensures false\nbegin end", (4, 2)),
    "one clause": ("triple p { x = 1 and x = 2 } x := 5 { x = 3 }", (1,)),
    "of a function": ("function p(x: int): nat\n  requires x < 0\n  requires x > 3\n  = x", (3, 2)),
    "assume in a branch": (
        "procedure p(x: int) returns (y: int)\n  ensures y >= 0\nbegin\n  y := 0;\n  if x > 5 then\n    assume x < 2;\n"
        "    y := -1\n  end\nend",
        (6, 5),
    ),
    "axioms": (
        "function f(x: int): int\naxiom a: forall x: int :: f(x) > 0\naxiom b: forall x: int :: f(x) < 9\n"
        "axiom c: forall x: int :: f(x) < 0\nlemma p(x: int) ensures f(x) = 7",
        (2, 4),
    ),
    "axiom and requires": ("function f(x: int): int\naxiom a: f(3) > 0\nlemma p(x: int)\n  requires f(3) < 0\n  ensures x > x", (4,)),
    "contract without a body": (
        "procedure q() returns (y: int)\n  ensures y > 3\n  ensures y < 2\nprocedure p() returns (z: int)\n  ensures z = 9\n"
        "begin\n  z := q()\nend",
        (3, 2),
    ),
    "after a loop": (
        "procedure p(n: int) returns (i: int)\n  ensures i = 99\nbegin\n  i := 0;\n  while i < n invariant i >= 0 do i := i + 1 end;\n"
        "  assume i < 0\nend",
        (6, 5),
    ),
}  # fmt: skip
SOUND = {
    "requires": "procedure p(x: int, b: bool, n: nat)\n  requires x > 3 and b and n < 5\n  ensures x > 2\nbegin end",
    "strange numbers": "procedure p(x: int, y: int)\n  requires x * y = 391 and x > 1 and y > x\n  ensures y > 1\nbegin end",
    "arrays": "procedure p(a: int[])\n  requires len(a) > 3\n  requires forall i: int, j: int :: 0 <= i <= j < len(a) ==> a[i] <= a[j]"
    "\n  ensures a[1] <= a[2]\nbegin end",
    "endless": "procedure p() returns (z: int)\n  ensures false\nbegin\n  z := 0;\n  while true do assume z < 5; z := z + 1 end\nend",
    "dead branch": "procedure p(x: int) returns (r: int)\n  ensures r = 1\nbegin\n  r := 1;\n"
    "  if x * x < 0 then assume x = 3; r := 0 end\nend",
    "axiom": "function f(x: int): int\naxiom a: forall x: int :: f(x) > 0\nlemma p(x: int) ensures f(x) > -1",
    "absurd case": "procedure p(x: int)\n  requires x > 0\nbegin\n  if x < 0 then assert false end\nend",
}


def unit(text: str, *, strict: bool = False) -> tuple[UnitReport, prover.Report]:
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
    assert (found.correct, found.vacuous, report.files[0].diagnostics) == (Answer.YES, False, ())


def test_strict_does_not_count_it() -> None:
    found, report = unit("procedure p(x: int)\n  requires x < 0 and x > 0\n  ensures false\nbegin end", strict=True)
    assert (found.correct, found.vacuous, report.exit_status) == (Answer.UNKNOWN, True, 1)


def test_what_is_not_proved_is_not_vacuous() -> None:
    found, _ = unit("procedure p(x: int, y: int)\n  requires x < 0\n  ensures y > x\nbegin end")
    assert (found.correct, found.vacuous) == (Answer.NO, False)
