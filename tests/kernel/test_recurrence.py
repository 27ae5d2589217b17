"""Recurrent sets and diverging procedures: claims that hold are proved, claims that do not are not."""

# ruff: noqa: E501 - a program is a line
from __future__ import annotations

import pytest

from prover.solve.process import Pool
from tests.kernel.sequents import outcomes

HOLD = [
    "while x > 0 recurrent x > 0 do x := x + 1 end",
    "while x != 0 recurrent x < 0 do x := x - 1 end",
    "while x > 0 recurrent x > 5 do x := * choose x + 1 end",
    "while x > 0 recurrent x > 0 do if * then x := x - 1 else x := x + 1 end end",
    "while x > 0 recurrent x > 0 do if x > 5 then continue end; x := x + 1 end",
    "while x > 0 recurrent x > 0 do var j := 0; while j < 2 invariant 0 <= j <= 2 variant 2 - j do j := j + 1 end; x := x + j end",
    "while x > 0 recurrent x = 7 do assume x < 100; x := 7 end",
]
DO_NOT = [
    "while x > 0 recurrent x > 0 do x := x - 1 end",
    "while x > 0 recurrent x >= 0 do x := x + 1 end",
    "while x > 0 recurrent x > 0 do x := x + 1; break end",
    "while x > 0 recurrent x > 0 do if x > 3 then return end; x := x + 1 end",
    "while x > 0 recurrent x > 0 do skip; q() end",
    "while x > 0 recurrent x > 0 do assume x < 100; x := x + 1 end",
    "while x > 0 recurrent x > 0 do x := * choose -1 end",
    "while x > 0 recurrent x > 0 do x := * choose 1 / (x - 1) end",
    "while x > 0 recurrent x > 0 do x := x + 1; var y := 1 / (x - 2) end",
    "while x > 0 recurrent x > 0 do var y: nat := x - 5; x := x + 1 end",
    "while x > 0 recurrent x > 0 do var y: nat[] := [x - 5]; x := x + 1 end",
    "while x > 0 recurrent x > 0 do var a := array(x - 3, 0); x := x + 1 end",
    "while x > 0 recurrent x > 0 do var a := [1, 2]; a[x] := 0; x := 1 end",
    "while x > 0 recurrent x > 0 do var a := [1, 2]; x := a[x] end",
    "while x > 0 recurrent x > 0 do if 1 / (x - 1) > 5 then x := 1 else x := 1 end end",
    "while x > 0 recurrent x > 0 do if x = 1 or 1 / (x - 2) > 5 then x := 1 else x := 1 end end",
    "while x > 0 recurrent x > 0 do if x > 9 then x := 1 else x := 0 end end",
    "while x > 0 recurrent x > 0 do if x > 9 then x := 0 else x := 1 end end",
    "while x > 0 recurrent x > 0 do if x > 5 then x := 0; continue end; x := x + 1 end",
    "for k := 1 to 5 recurrent 1 <= k and k <= 5 do skip end",
    "while x > 0 recurrent x > 0 do var j := 0; while j != 2 invariant j <= 3 variant 2 - j do j := j + 1 end; x := x + j end",
    "while x > 0 recurrent x > 0 do var j := 0; while j < 2 invariant 0 <= j <= 2 do j := j + 1 end; x := x + j end",
    "while x > 0 recurrent x > 0 do var j := 0; while j < 2 invariant 0 <= j <= 2 variant j do j := j + 1 end; x := x + j end",
    "while x > 0 recurrent x > 0 do var j := 0; while j < 2 invariant j = 0 variant 2 - j do j := j + 1 end; x := x + j end",
    "while x > 0 recurrent x > 0 do var j := 5; while j < 2 invariant 0 <= j <= 2 variant 2 - j do j := j + 1 end; x := x + j end",
    "while x > 0 recurrent x > 0 do var j := 0; while j < 2 invariant 0 <= j <= 2 variant 2 - j do if * then j := j + 1 else j := 7 end end end",
    "while x > 0 recurrent x > 0 do var j := 0; while j < 2 invariant x > 0 variant 2 - j do j := j + 1; havoc x end end",
    "while x > 0 recurrent x > 0 do var j := 0; while j < 2 variant 2 - j do j := j + 1; x := 0 end end",
    "while x > 0 recurrent x > 0 do var j := 0; while j < 2 variant 2 - j do j := j + 1; x := * choose 1 end end",
    "while x > 0 recurrent x > 0 do var j := 0; while j < 2 variant 2 - j do j := j + 1; assume j < 2 end end",
    "while x > 0 recurrent x > 0 do var j := 0; while j = x invariant x > 0 variant j do x := x end; x := j end",
    "while x > 0 recurrent 1 / x > -5 do skip end",
]


def divergence(body: str, pool: Pool) -> bool:
    """Are the claims in the program proved?"""
    text = f"procedure p(n: int) begin var x: int := n; {body} end procedure q() begin skip end"
    goals = [o for name, o in outcomes(text, pool).items() if ".recurrent." in name]
    assert len(goals) >= 1
    return all(o.proved for o in goals)


@pytest.mark.parametrize("body", HOLD)
def test_recurrent_sets(pool: Pool, body: str) -> None:
    assert divergence(body, pool)


@pytest.mark.parametrize("body", DO_NOT)
def test_what_is_not_recurrent(pool: Pool, body: str) -> None:
    assert not divergence(body, pool)


MACHINE = "procedure p(n: int8) begin var x: int8 := n; while x < 0 recurrent {} do var y: int8 := x / (0 - 1); x := -5 end end"
NESTED = (
    "procedure p() begin var a := [[1, 2], [3, 4]];"
    " while a[0][1] > 0 recurrent len(a) = 2 and len(a[0]) = 2 and a[0][1] > 0 and {} do a[0][1] := 5 end end"
)


@pytest.mark.parametrize(
    ("text", "claim", "holds"),
    [
        (MACHINE, "-128 < x and x < 0", True),
        (MACHINE, "x < 0", False),  # the least one divided by -1 does not fit
        (NESTED, "a[0][0] = 1", True),
        (NESTED, "a[0][1] = 2", False),
        (NESTED, "a[1] = [3, 4]", True),
    ],
)
def test_what_a_round_does_to_values(pool: Pool, text: str, claim: str, holds: bool) -> None:
    goals = [o for name, o in outcomes(text.format(claim), pool).items() if ".recurrent." in name]
    assert all(o.proved for o in goals) is holds


def diverges(text: str, pool: Pool) -> bool:
    return outcomes(f"{text} procedure q() begin skip end", pool)["p.diverges"].proved


@pytest.mark.parametrize(
    "text",
    [
        "procedure p(n: int) diverges n > 0 begin if n > 0 then p(n + 1) end end",
        "procedure p(n: int) diverges n < 0 begin if n > 0 then skip else p(n - 1) end end",
        "procedure p(n: int) diverges n > 3 begin var x := n; while x > 0 recurrent x > 0 do x := x + 1 end end",
        "procedure p(n: int) diverges true begin if * then p(n) end end",
    ],
)
def test_diverging(pool: Pool, text: str) -> None:
    assert diverges(text, pool)


@pytest.mark.parametrize(
    "text",
    [
        "procedure p(n: int) diverges n > 0 begin if n > 0 then p(n - 1) end end",
        "procedure p(n: int) requires n < 10 diverges n > 0 begin if n > 0 then p(n + 1) end end",
        "procedure p(n: int) diverges n > 0 begin if n > 5 then p(n) end end",
        "procedure p(n: int) diverges n > 0 begin if n > 5 then skip else p(n) end end",
        "procedure p(n: int) diverges n > 0 begin if 1 / (n - 1) > 5 then p(n) else p(n) end end",
        "procedure p(n: int) diverges true begin p(n / n) end",
        "procedure p(n: nat) diverges true begin p(n - 1) end",
        "procedure p(n: int) diverges n > 0 begin assume n > 5; p(n) end",
        "procedure p(n: int) diverges n > 0 begin if n > 3 then return end; p(n) end",
        "procedure p(n: int) diverges n > 0 begin q(); p(n) end",
        "procedure p(n: int) diverges n > 0 begin var x := 1 / (n - 1); p(n) end",
        "procedure p(n: int) diverges true begin var x := n; while x > 0 recurrent x > 0 do x := x + 1 end end",
        "procedure p(n: int) diverges n > 0 begin q() end",
    ],
)
def test_not_diverging(pool: Pool, text: str) -> None:
    assert not diverges(text, pool)


def test_ghost_loops_never_diverge(pool: Pool) -> None:
    text = "procedure p() begin ghost var g := 1; while g > 0 recurrent g > 0 do g := g + 1 end end"
    assert not any(o.proved for name, o in outcomes(text, pool).items() if ".recurrent." in name)
