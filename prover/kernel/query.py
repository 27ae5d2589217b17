"""From goals to a query: the facts of the goals, and that one of the conclusions fails; `unsat` means that all goals hold.

Facts on a path shared by all goals are asserted outright; elsewhere `(=> r fact)`, where the truth value r says that this place
is reached.
"""

from __future__ import annotations

from collections.abc import Sequence

from prover.kernel.encode import Encoder
from prover.kernel.goal import Goal, Joins, Path, ancestor, nodes
from prover.kernel.smt import all_of, any_of
from prover.kernel.theory import Theory


def query(goals: Sequence[Goal], theory: Theory, opaque: frozenset[str], fuel: int, portable: bool = False) -> str:
    """The assertions that are unsatisfiable exactly if all `goals` hold (which share `induction`)."""
    encoder = Encoder(theory, opaque, goals[0].induction, fuel, portable=portable)
    for axiom in theory.axioms_for(goals):
        encoder.lines.append(f"(assert {encoder.scalar(axiom.formula)})")
    shared = goals[0].path
    for goal in goals[1:]:
        shared = ancestor(shared, goal.path)
    for node in nodes(shared):
        encoder.lines.append(f"(assert {encoder.fact(node.fact)})")
    _conclusions(encoder, goals, shared)
    encoder.equations()
    encoder.counts()
    return "\n".join(encoder.lines)


def _conclusions(encoder: Encoder, goals: Sequence[Goal], shared: Path | None) -> None:
    reached: dict[Path, str] = {}
    refuted = []
    for goal in goals:
        place = _reach(encoder, goal.path, shared, reached)
        fails = f"(not {encoder.scalar(goal.conclusion)})"
        refuted.append(fails if place is None else f"(and {place} {fails})")
    encoder.lines.append(f"(assert {any_of(refuted)})")


def _reach(encoder: Encoder, path: Path | None, shared: Path | None, reached: dict[Path, str]) -> str | None:
    """The truth value that says that `path` is taken; states what follows from it, once for each part of a path."""
    todo = []
    while path is not shared and path is not None and path not in reached:
        todo.append(path)
        path = path.parent
    before = reached.get(path) if path is not None else None
    for node in reversed(todo):
        fact = _reached_fact(encoder, node, shared, reached)
        name = f"|reach {len(reached)}|"
        encoder.lines.append(f"(declare-const {name} Bool)")
        encoder.lines.append(f"(assert (=> {name} {fact if before is None else f'(and {before} {fact})'}))")
        reached[node] = before = name
    return before


def _reached_fact(encoder: Encoder, node: Path, shared: Path | None, reached: dict[Path, str]) -> str:
    """A join refers to the places where its branches end, whose facts are stated there."""
    if not isinstance(node.fact, Joins):
        return encoder.fact(node.fact)
    branches = []
    for path, defines in node.fact.branches:
        place = _reach(encoder, path, shared, reached) if path is not node.fact.base else None
        branches.append(all_of([*([place] if place else []), *[encoder.fact(d) for d in defines]]))
    return any_of(branches)
