"""What a proof did not need: clauses without which each goal of the unit is still a theorem, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from prover.diagnose.weaken import without
from prover.diagnostic import Diagnostic, note
from prover.kernel.goal import Fact, Goal, GoalKind, Holds, Joins, Origin, nodes
from prover.kernel.goal import Path as Facts
from prover.record import replace
from prover.solve.prove import Outcome

_WORDS = {
    Origin.REQUIRES: "`requires`",
    Origin.INVARIANT: "the invariant",
    Origin.ASSERTION: "the assertion",
    Origin.ASSUMPTION: "the `assume`",
    Origin.ENSURES: "the `ensures` of what is called here",
}
_HELPING = (GoalKind.INVARIANT_ENTRY, GoalKind.INVARIANT_PRESERVED, GoalKind.ASSERTION)
Proves = Callable[[Sequence[Goal]], Sequence[bool]]


def unused(name: str, outcomes: Sequence[Outcome], proves: Proves) -> list[Diagnostic]:
    """Notes about clauses that no goal of the (proved) unit `name` needs.  What holds of each alone need not hold of several
    together."""
    goals = [o.goal for o in outcomes if o.proved]
    found = []
    for fact in _clauses(goals):
        changed = [_weaker(g, fact) for g in goals if not _own(g, fact)]
        touched = [g for g, old in zip(changed, [g for g in goals if not _own(g, fact)], strict=True) if g is not old]
        if all(proves(touched)):
            found.append(note("goal-unused", f"`{name}` is proved without {_WORDS[fact.origin]}", fact.span))
    return found


def _clauses(goals: Sequence[Goal]) -> Iterator[Holds]:
    """Each clause once, in the order of the text."""
    seen: dict[object, Holds] = {}
    for goal in goals:
        for fact in _facts(goal.path):
            if isinstance(fact, Holds) and fact.origin in _WORDS and fact.span is not None and fact.label:
                seen.setdefault(fact.span, fact)
    yield from sorted(seen.values(), key=lambda f: f.span.start if f.span else 0)


def _facts(path: Facts | None) -> Iterator[Fact]:
    for node in nodes(path):
        yield node.fact
        if isinstance(node.fact, Joins):
            for branch, _ in node.fact.branches:
                yield from [n.fact for n in nodes(branch, node.fact.base)]


def _own(goal: Goal, fact: Holds) -> bool:
    """Is it the goal that shows the clause itself?"""
    return goal.kind in _HELPING and goal.span is fact.span


def _weaker(goal: Goal, fact: Holds) -> Goal:
    def same(other: Fact) -> bool:
        return isinstance(other, Holds) and other.span is fact.span and other.origin is fact.origin

    return replace(goal, path=without(goal.path, same)) if any(map(same, _facts(goal.path))) else goal
