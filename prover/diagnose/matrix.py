"""Invariants conjunct by conjunct: does each hold on entry, is it kept, with which others, and what needs it?

Each conjunct becomes an invariant of its own.  What a proved goal needs is found by leaving out one conjunct after the other
(a minimal set, not always the only one).
"""

from __future__ import annotations

from collections.abc import Sequence

from prover.diagnose.laboratory import Laboratory
from prover.diagnose.weaken import without
from prover.infer.annotate import with_loops
from prover.kernel.depend import statements
from prover.kernel.goal import Fact, Goal, GoalKind, Holds, Origin
from prover.kernel.program import Clause, Procedure, While
from prover.kernel.term import Term, conjuncts
from prover.record import record, replace
from prover.solve.prove import Outcome
from prover.syntax.unparse import term_text

MOST_QUESTIONS = 400


@record
class Row:
    """One conjunct.  entry, kept: proved?  beside: labels of the conjuncts that its being kept rests on, itself left out.
    needed: names of the other goals that rest on it."""

    loop: str
    label: str
    formula: Term
    entry: bool
    kept: bool
    beside: tuple[str, ...]
    needed: tuple[str, ...]

    @property
    def text(self) -> str:
        return term_text(self.formula)


def matrix(at: Laboratory) -> list[Row]:
    """A row for each conjunct of each invariant of the unit's loops, in text order."""
    changed = _split(at.unit)
    loops = [s for s in statements(changed.body) if isinstance(s, While)] if changed.body else []
    conjuncts = [(loop.label, clause) for loop in loops for clause in loop.invariants if not clause.implied]
    outcomes = list(at.prove(changed))
    needs = _needs([o.goal for o in outcomes if o.proved], [c for _, c in conjuncts], at)
    return [_row(loop, clause, outcomes, needs) for loop, clause in conjuncts]


def _split(unit: Procedure) -> Procedure:
    def change(loop: While) -> While:
        return replace(loop, invariants=tuple([p for c in loop.invariants for p in _conjuncts(c)]))

    return with_loops(unit, change)


def _conjuncts(clause: Clause) -> list[Clause]:
    parts = list(conjuncts(clause.formula))
    if clause.implied or len(parts) == 1:
        return [clause]
    return [Clause(f"{clause.label}.{i}", p, p.span or clause.span) for i, p in enumerate(parts, 1)]


def _needs(goals: Sequence[Goal], clauses: Sequence[Clause], at: Laboratory) -> dict[str, frozenset[str]]:
    """For each goal the labels of conjuncts that it rests on."""
    found: dict[str, frozenset[str]] = {}
    left = MOST_QUESTIONS
    for goal in goals:
        here = [c for c in clauses if any(_is(f, c) for f in goal.facts())]
        kept = list(here)
        for clause in here if left >= len(here) else ():
            left -= 1
            rest = [c for c in kept if c is not clause]
            weaker = without(goal.path, lambda f, rest=rest, here=here: any(_is(f, c) for c in here if c not in rest))  # type: ignore[misc]
            if at.proves(replace(goal, path=weaker)):
                kept = rest
        found[goal.name] = frozenset(c.label for c in kept)
    return found


def _is(fact: Fact, clause: Clause) -> bool:
    same = isinstance(fact, Holds) and fact.origin is Origin.INVARIANT and fact.label == clause.label
    return same and isinstance(fact, Holds) and fact.span is clause.span


def _row(loop: str, clause: Clause, outcomes: Sequence[Outcome], needs: dict[str, frozenset[str]]) -> Row:
    own = [o for o in outcomes if o.goal.clause == clause.label and o.goal.span is clause.span]
    entry = [o for o in own if o.goal.kind is GoalKind.INVARIANT_ENTRY]
    kept = [o for o in own if o.goal.kind is GoalKind.INVARIANT_PRESERVED]
    beside = sorted({n for o in kept for n in needs.get(o.goal.name, ()) if n != clause.label})
    names = [o.goal.name for o in own]
    needed = [name for name, labels in needs.items() if clause.label in labels and name not in names]
    every = [all(o.proved for o in found) for found in (entry, kept)]
    return Row(loop, clause.label, clause.formula, every[0], every[1], tuple(beside), tuple(needed))
