"""Root causes first: goals that are open only because an earlier one is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from prover.kernel.goal import Goal, Holds, Origin, ancestor, extend
from prover.record import replace
from prover.solve.prove import Outcome

MOST_GOALS = 12


def roots(outcomes: Sequence[Outcome], proves: Callable[[Goal], bool]) -> dict[str, str]:
    """For goals that would be theorems if what an earlier open goal says were known: the name of that goal.

    Earlier: on the way to them.  proves: whether the solver proves a goal at the first attempt."""
    left = [o.goal for o in outcomes if not o.proved and not o.goal.missing][:MOST_GOALS]
    found: dict[str, str] = {}
    for place, goal in enumerate(left):
        for before in left[:place]:
            if before.name not in found and _on_the_way(before, goal) and proves(_given(goal, before)):
                found[goal.name] = before.name
                break
    return found


def _on_the_way(before: Goal, goal: Goal) -> bool:
    return before.path is None or ancestor(before.path, goal.path) is before.path


def _given(goal: Goal, before: Goal) -> Goal:
    return replace(goal, path=extend(goal.path, Holds(before.conclusion, Origin.ASSERTION, before.span, before.clause)))
