"""Runs that break a program are found though the inputs that do are rare, are small, and are runs."""

from __future__ import annotations

import pytest

import prover
from prover.diagnose.explore import TooLarge, explore
from prover.diagnose.refute import replay
from prover.diagnose.shrink import shrunk
from prover.report import Answer
from prover.semantics.choices import RandomChoices
from prover.semantics.run import run
from tests.semantics.programs import program_of

# name: the unit, what its run starts with (parts of it that do not depend on luck), and the program
RARE = {
    "a number": ({"x": "1000003"}, "procedure p(x: int) requires x > 1000 begin assert x != 1000003 end"),
    "two numbers": ({}, "procedure p(x: int, y: int) requires x > 100 and y > 100 begin assert 7 * x != 11 * y + 3 end"),
    "rounds": (
        {"n": "5"},
        "procedure p(n: nat) returns (s: int) ensures s < 5000 begin s := 0; for i := 1 to n do s := s + 1000 end end",
    ),
    "an array": (
        {"a": "[0, 0, 0, 0, 0]"},
        "procedure p(a: int[]) requires len(a) = 5 begin assert exists i: int :: 0 <= i < len(a) and a[i] != 0 end",
    ),
    "a sorted array": (
        {},
        (
            "procedure p(a: int[]) requires len(a) > 3 and forall i, j: int :: 0 <= i < j < len(a) ==> a[i] < a[j]"
            " begin assert a[2] < a[1] + 100 end"
        ),
    ),
    "rows": ({}, "procedure p(a: int[][]) requires len(a) = 2 and len(a[1]) = 3 begin assert a[1][2] != 4711 end"),
    "choices": (
        {},
        (
            "procedure p() begin var x: int; var y: int; x := *; if * then y := * else y := 5 end;"
            " assert not (x = 12345 and y = 6789) end"
        ),
    ),
    "a callee": (
        {"x": "4242"},
        (
            "procedure q(x: int) returns (y: int) ensures y > x begin if x = 4242 then y := x + 2 else y := x + 1 end end"
            " procedure p(x: int) begin var y := q(x); assert y != 4244 end"
        ),
    ),
    "a bodiless callee": (
        {},
        "procedure q(x: int) returns (y: int) ensures y > x procedure p(x: int) begin var y := q(x); assert y != 77000 end",
    ),
    "a machine integer": ({}, "procedure p(x: int32) requires x > 0 begin assert x + x > 0 end"),
    "continue and break": (
        {"n": "77"},
        (
            "procedure p(n: int) begin var i := 0; while i < 3 do i := i + 1; if i = 1 then continue end;"
            " if n = 77 and i = 2 then break end end; assert i = 3 end"
        ),
    ),
    "an early return": (
        {"n": "4711"},
        (
            "procedure p(n: int) returns (r: int) ensures r = 0 begin r := 0; while true do if n = 4711 then r := 1; return end;"
            " r := 0; break end end"
        ),
    ),
}


@pytest.mark.parametrize("name", RARE)
def test_rare_runs_are_found(name: str) -> None:
    expected, text = RARE[name]
    (file,) = prover.check_text(text).files
    unit = next(u for u in file.units if u.name == "p")
    assert unit.correct is Answer.NO
    inputs = unit.evidence["inputs"]
    assert isinstance(inputs, dict)
    assert {n: v for n, v in inputs.items() if n in expected} == expected


def test_a_run_is_shrunk_with_what_requires_ties_together() -> None:
    program = program_of("procedure p(a: int, x: int, b: int[]) requires a = x begin assert x < 3 or len(b) = 0 end")
    found = run(program, "p", {"a": 900, "x": 900, "b": (5, 7, 900)}, choices=RandomChoices(0))
    assert found.refutes("p")
    small = shrunk(program, found, lambda made: made.refutes("p"))
    assert small.initial == {"a": 3, "x": 3, "b": (0,)}
    assert replay(program, small).refutes("p")


def test_exploring_is_bounded() -> None:
    loops = "while x > 0 do " * 6 + "x := x - 1" + " end" * 6
    with pytest.raises(TooLarge):
        explore(program_of(f"procedure p(inout x: int) begin {loops} end"), "p", 5)


def test_what_is_right_has_no_run() -> None:
    text = "procedure p(n: nat) returns (r: int) ensures r = n * n begin r := 0; for i := 1 to n do r := r + 2 * i - 1 end end"
    (file,) = prover.check_text(text, infer=False).files
    assert file.units[0].correct is Answer.UNKNOWN
