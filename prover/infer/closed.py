"""Sets of states that need never be left: facts are weakened until from each state in which they hold some step leads to such a
state again (Houdini; Flanagan & Leino 2001).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from prover.infer.linear import distinct, tidy
from prover.infer.observe import State
from prover.kernel.term import Lit, Term, conj, structure, walk
from prover.semantics.evaluate import Evaluator, Scope

MOST_ALONE = 24
MOST_SINGLY = 40

Holds = Callable[[Sequence[Term], Term], bool]
"""Do the first terms entail the last, for all values of the variables?"""

Counterexample = Callable[[Sequence[Term], Term], State | None]
"""A state in which the first terms hold and the last does not; None if none was found."""


class Steps(Protocol):
    """What goes on and on: rounds of a loop, calls of a procedure by itself.  needed: what must hold for a step.
    guard: what of it a person would repeat."""

    @property
    def needed(self) -> Term: ...

    @property
    def guard(self) -> Sequence[Term]: ...

    def before(self, after: Term) -> Term:
        """Where some step leads to `after`."""


def closed(
    steps: Steps, facts: Sequence[Term], evaluator: Evaluator, holds: Holds, counterexample: Counterexample
) -> list[Term] | None:
    """The facts that a round keeps, provided that they imply the guard; None if they do not."""
    pairs = [(f, steps.before(f)) for f in facts]
    while holds([f for f, _ in pairs], steps.needed):
        kept = [f for f, _ in pairs]
        state = counterexample(kept, conj([r for _, r in pairs]))
        after = pairs if state is None else [p for p in pairs if evaluator.value(p[1], Scope(state)) is not False]
        if len(after) == len(pairs) and not holds(kept, conj([r for _, r in pairs])):
            if len(pairs) > MOST_SINGLY:  # too much for the solver: numbers that a run happened to reach go first
                pairs = sorted(pairs, key=lambda p: _largest(p[0]))[:MOST_SINGLY]
                continue
            after = [p for p in pairs if holds(kept, p[1])]
        if len(after) == len(pairs):
            return _fewest(steps, distinct([tidy(f) for f in kept]), holds)
        pairs = after
    return None


def _fewest(steps: Steps, facts: list[Term], holds: Holds) -> list[Term]:
    """Without the facts that the others make unnecessary; the guard with one fact beside it is best."""
    guard = distinct([tidy(p) for p in steps.guard])
    known = {structure(f) for f in facts}
    if all(structure(g) in known for g in guard):
        others = [f for f in facts if structure(f) not in {structure(g) for g in guard}]
        for few in (guard, *[[*guard, f] for f in others[:MOST_ALONE]]):
            if _recurs(steps, few, holds):
                return few
    for fact in sorted(facts, key=_largest)[::-1]:
        rest = [f for f in facts if f is not fact]
        if _recurs(steps, rest, holds):
            facts = rest
    return facts


def _largest(formula: Term) -> int:
    """The largest number in it: one that a run happened to reach is better left out."""
    return max([abs(int(n.value)) for n in walk(formula) if isinstance(n, Lit)], default=0)


def _recurs(steps: Steps, facts: Sequence[Term], holds: Holds) -> bool:
    """Do the facts together imply the guard, and does some round lead back to them?"""
    return holds(facts, steps.needed) and holds(facts, steps.before(conj(facts)))
