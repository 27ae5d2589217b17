"""The goals that say that a loop's variant falls, and what they say of it."""

from __future__ import annotations

from collections.abc import Sequence

from prover.kernel.goal import Goal, GoalKind
from prover.kernel.program import Procedure, While
from prover.kernel.term import Call, walk


def falling(goals: Sequence[Goal], procedure: Procedure, loop: While) -> list[Goal]:
    """Those of the loop; one for each way in which a round can end."""
    stem = f"{procedure.name}.{loop.label}.variant"
    return [g for g in goals if g.kind is GoalKind.VARIANT and g.name.startswith(stem)]


def sides(goal: Goal, name: str) -> tuple[Call, Call]:
    """The unknown variant `name` before the round, and after it: it occurs twice before and once after."""
    calls = [n for n in walk(goal.conclusion) if isinstance(n, Call) and n.function == name]
    before = calls[0]
    return before, next((c for c in calls if c is not before), before)  # the same, where a round changes nothing
