"""What is put into a `nat` must be shown not to be negative, whatever form the value has when the kernel gets it."""

from __future__ import annotations

import pytest

from prover.kernel.goal import GoalKind
from prover.kernel.program import Assign, Block, Procedure
from prover.kernel.term import num
from prover.kernel.vc import conditions
from prover.record import replace
from tests.semantics.programs import program_of


@pytest.mark.parametrize(("value", "asked"), [(-2, True), (-1, True), (0, False), (7, False)])
def test_numbers_are_looked_at(value: int, asked: bool) -> None:
    """The parser makes no negative numbers, but who makes programs otherwise may."""
    program = program_of("procedure p() begin var n: nat; n := 1 end")
    unit = program.units["p"]
    assert isinstance(unit, Procedure)
    assert unit.body is not None
    body = [replace(s, values=(num(value),)) if isinstance(s, Assign) else s for s in unit.body.statements]
    changed = replace(unit, body=Block(tuple(body)))
    goals = conditions(changed, replace(program, units={"p": changed}), frozenset({"p"}), False).goals
    assert any(g.kind is GoalKind.RANGE for g in goals) is asked
