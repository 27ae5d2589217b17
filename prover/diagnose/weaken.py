"""Goals with fewer hypotheses.  A theorem of one is one of the goal that it comes from, and more."""

from __future__ import annotations

from collections.abc import Callable

from prover.kernel.goal import Fact, Joins, Path, extend, nodes


def without(path: Path | None, dropped: Callable[[Fact], bool]) -> Path | None:
    """The path without the facts for which `dropped` holds."""
    made: dict[Path | None, Path | None] = {None: None}

    def copy(end: Path | None) -> Path | None:
        for node in nodes(end):
            if node in made:
                continue
            parent, fact = made[node.parent], node.fact
            if isinstance(fact, Joins):
                fact = Joins(made[fact.base], tuple([(copy(branch), defined) for branch, defined in fact.branches]), fact.span)
            made[node] = parent if dropped(node.fact) else extend(parent, fact)
        return made[end]

    return copy(path)
