"""Branches that no run takes are warned about; branches that some run takes, and cases of proofs, are not."""

from __future__ import annotations

import pytest

import prover

DEAD = {
    "if": "requires x > 0 ensures r > 0 begin if x < 0 then r := 1 else r := 2 end",
    "else": "requires x >= 0 begin if x >= 0 then r := 1 else r := 2 end; assert r = 1",
    "loop": "ensures r = 0 begin r := 0; while r < 0 invariant r = 0 do r := r + 1 end",
    "after an invariant": """requires x >= 0 ensures r >= x begin
      r := 0; while r < x invariant r <= x do r := r + 1 end; if r > x then r := 0 end""",
    "nested": "ensures r = 0 begin r := 0; if x != x then if x > 3 then r := 1 end end",
}
ALIVE = {
    "both": "ensures r >= 0 begin if x > 0 then r := x else r := -x end",
    "a case of a proof": "begin r := 0; if x * x < 0 then assert false end; assert x * x >= 0",
    "loop with break": "ensures r >= 5 begin r := x; while r < 5 do r := r + 1; if r > 4 then break end end",
}


def codes(body: str) -> list[str]:
    text = f"procedure p(x: int) returns (r: int) {body} end"
    (file,) = prover.check_text(text, infer=False).files
    assert file.status.value == "proved"
    return [d.code for d in file.diagnostics]


@pytest.mark.parametrize("name", DEAD)
def test_dead_branches_are_found(name: str) -> None:
    assert codes(DEAD[name]) == ["goal-unreachable"]


def test_a_loop_that_never_ends_is_worth_a_note() -> None:
    assert codes("ensures r = 1 begin r := x; while true do r := r + 1 end") == ["goal-endless"]


@pytest.mark.parametrize("name", ALIVE)
def test_no_false_alarm(name: str) -> None:
    assert codes(ALIVE[name]) == []
