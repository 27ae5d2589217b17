"""Whether programs end: what is found goes into the text, and the text is checked again without any search."""

from __future__ import annotations

import pytest

from prover.report import Answer
from tests.infer.texts import ended, of_three

YES = {
    "distance": "while x != 0 do if x > 0 then x := x - 1 else x := x + 1 end end",
    "one of two": "while x >= 0 or y >= 0 do x, y := y - 1, x - 1 end",
    "phases": "while x > 0 do x := x + y; y := y + z; z := z - 1 end",
    "a sum": "while x <= 50 and y <= z do x, y := y, x + 1; z := z - 1 end",
    "the smaller one": "while x > 0 and y > 0 do if x > y then x := y - 1; y := y + 7 else y := x + y; x := x - 1 end end",
    "an inner loop that only raises": "while x < y do while z > 0 do z := z - 1; x := x + 2 end; x := x + 1; z := *; end",
    "an inner loop, or not": "while y > 0 do x := x - 1; while y < z do x := x + 1; z := z - 1 end; y := x + y end",
    "there and back": "while x >= 0 and 0 <= y and y <= 30 do if z = 0 then y := y + 1; if * then z := 1 end"
    " else y := y - 1; if * then x := x - 1; z := 0 end end end",
    "three deep": "while x < y do z := 3; while z > 0 do z := z - 1; while x < 20 do x := x + 2 end end; x := x + 1 end",
    "an odometer, and cubes": "while x * x * x != y * y * y + 7 and z <= 50 do"
    " x := x + 1; if x > 50 then x := 1; y := y + 1 end; if y > 50 then y := 1; z := z + 1 end end",
    "a fixed point that is no integer": "while x >= 0 do x := 7 - 2 * x end",
    "what was tested before": "if x = y or x = y + 1 and z < 0 then while z >= 0 do z := z + x - y - 1 end end",
    "an inner loop that halves": "while x > 1 do y := x; x := 0; while y > 1 do y := y - 2; x := x + 1 end end",
    "a remainder": "while x mod 5 != 2 do x := x + 1 end",
    "halved or not": "while x > 1 do if x mod 2 = 0 then x := x / 2 else x := x + 1 end end",
    "bounds of its own": "if x > 0 and y > 0 then while x != y do if x > y then x := x - y else y := y - x end end end",
    "remainders by a variable": "if x >= 0 and y >= 0 then while y != 0 do z := x mod y; x := y; y := z end end",
    "division by a variable": "if y >= 2 then while x > 0 do x := x / y end end",
    "a square": "x := 0; while (x + 1) * (x + 1) <= y do x := x + 1 end",
    "until a divisor is found": "if y >= 2 then x := 2; while x * x <= y and y mod x != 0 do x := x + 1 end end",
    "a flag": "var c: bool := false; while not c do if x > 0 then x := x - 1 else c := true end end",
    "a flag that is raised in rounds": "var c: bool := true;"
    " while c do z := 0; while z < y - 1 do z := z + 1 end; x := x + 1; c := z >= y - 1 and x < y - 1 end",
    "up, then down": "var c: bool := true;"
    " while x > 0 do if c then x := x + 1; if x > 100 then c := false end else x := x - 1 end end",
    "counted calls (McCarthy 91)": "z := 1; while z > 0 do if x > 100 then x := x - 10; z := z - 1"
    " else x := x + 11; z := z + 1 end end",
    "a power that falls": "while x * x * x > y do x := x - 1 end",
    "a condition for good": "while z != 0 do z := *; x := x - 1; if x >= 0 then z := 1 else z := 0 end end",
}
NO = {
    "a fixed point": "while x > y do x := x - z end",
    "a cycle": "while x > 3 do if x = 41 then x := 46 end; if x <= 46 then x := x - 1 else x := 30 end end",
    "growth": "while x >= 0 do x := x + y; y := y + z end",
    "alternation": "while x != 0 do if x < 0 then x := 2 - x else x := -2 - x end end",
    "a choice": "while x > 0 do y := *; x := x + y end",
    "after another loop": "y := 0; while y < 7 do y := y + 1 end; while y > 5 do y := y + 2 end",
    "after many rounds": "x := 0; y := 80;"
    " while x < y do if y > 41 then x := x + 1; y := y - 1 else x := x - 1; y := y + 1 end end",
    "sums that overtake": "y := 1; z := 0; while y != x do y, z := y + z, y end",
    "an inner loop that gives more": "while x >= 1 do y := 2 * x; while y >= 1 do y := y - 2; x := x + 1 end; x := x - 1 end",
    "an inner loop that gives back": "while x > 0 and z > 0 do y := 0; while y < z do y := y + 1; x := x + 1 end; x := x - z end",
    "division by one": "if y >= 1 then while x > 0 do x := x / y end end",
    "nothing changes": "while x > 5 do skip end",
    "between the branches of a hyperbola": "while x * x - y * y > 10 do x, y := 2 * x + y, x + 2 * y end",
    "a product that grows": "while x * y > 0 do x := x + y; y := y + 1 end",
    "rare inputs": "if x = 733 and y = 9120 then while x > 0 do x := x + y end end",
}


@pytest.mark.parametrize("body", YES.values(), ids=YES.keys())
def test_variants_are_found_and_proved_from_the_text(body: str) -> None:
    found, text = ended(of_three(body), infer=True)
    assert found.terminates is Answer.YES
    again, _ = ended(text, infer=False)
    assert again.terminates is Answer.YES


@pytest.mark.parametrize("body", NO.values(), ids=NO.keys())
def test_recurrent_sets_are_found_and_proved_from_the_text(body: str) -> None:
    found, text = ended(of_three(body), infer=True)
    assert found.terminates is Answer.NO
    assert found.evidence["kind"] == "divergence"
    again, _ = ended(text, infer=False)
    assert again.terminates is Answer.NO


MACHINE = {
    Answer.YES: "procedure p(n: uint8) begin var i: uint8; i := 0; while i < n do i := i + 1 end end",
    Answer.NO: "procedure p(n: uint8) begin var i: uint8; i := 0; while i <= n do i := i + 1 end end",
}


@pytest.mark.parametrize("answer", MACHINE)
def test_machine_integers_wrap_around(answer: Answer) -> None:
    """All 256 values are at most 255."""
    found, text = ended(MACHINE[answer], infer=True)
    assert found.terminates is answer
    assert found.evidence.get("inputs", {"n": "255"}) == {"n": "255"}
    assert ended(text, infer=False)[0].terminates is answer


def test_choices_are_shown_up_to_the_recurrent_set() -> None:
    found, _ = ended(
        "procedure p(inout x: int) begin while x > 0 recurrent x > 0 do var y: int; y := *; x := x + y end end", True
    )
    assert found.terminates is Answer.NO
    assert found.evidence["choices"] == []


def test_what_a_person_says_of_a_loop_s_entry_ends_no_search() -> None:
    inner = "while y < z invariant z <= at(loop2, z) variant z - y do z := z - 1; x := x + 2 end"
    found, _ = ended(of_three(f"while x > 0 do x := x - 1; {inner}; x := x + y end"), infer=True)
    assert found.terminates is not Answer.YES
