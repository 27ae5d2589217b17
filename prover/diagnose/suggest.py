"""What an invariant could say: facts of all observed runs that exclude a state in which a goal fails.

A suggestion is worth most when the kernel proves it, and with it goals that were open; but it is the person who adds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from prover.diagnose.laboratory import Laboratory
from prover.diagnose.model import model
from prover.infer.annotate import Proposal, Proposals, annotated
from prover.infer.facts import candidates, constants, loop_terms, loop_variables
from prover.infer.observe import Observed
from prover.kernel.depend import statements
from prover.kernel.goal import Goal
from prover.kernel.program import While
from prover.kernel.sort import Array
from prover.kernel.term import Term, Var, free_variables
from prover.kernel.theory import goal_terms
from prover.record import record
from prover.semantics.evaluate import Evaluator, Scope
from prover.semantics.values import Value

RLIMIT = 500_000
MOST_TRIED = 6
State = Mapping[str, Value]


@record
class Suggestion:
    """A formula for an invariant of a loop.  closes: names of the open goals that the kernel proves with it; empty where it is
    not proved itself."""

    label: str
    formula: Term
    closes: frozenset[str]


def suggestion(goal: Goal, opens: frozenset[str], seen: Sequence[Observed], at: Laboratory) -> Suggestion | None:
    """For a goal of which the solver has a countermodel.  opens: names of all open goals."""
    plain: Suggestion | None = None
    for loop, before in _heads(goal, at):
        for fact in islice(_excluding(before, loop, seen, at), MOST_TRIED):
            outcomes = at.prove(annotated(at.unit, Proposals({loop.label: Proposal((fact,))})))
            own = all(o.proved for o in outcomes if o.goal.clause == "found1")
            closes = frozenset(o.goal.name for o in outcomes if o.proved and o.goal.name in opens) if own else frozenset()
            if goal.name in closes:
                return Suggestion(loop.label, fact, closes)
            plain = plain or Suggestion(loop.label, fact, frozenset())
    return plain


def _heads(goal: Goal, at: Laboratory) -> Iterator[tuple[While, State]]:
    """The loops of whose rounds the goal speaks, the last first, with a state of each from which the goal fails."""
    values = {v.name: v for t in goal_terms([goal]) for v in free_variables(t).values()}
    for loop in reversed([s for s in statements(at.unit.body) if isinstance(s, While)] if at.unit.body else []):
        made = {n.split("@")[0]: v for n, v in values.items() if goal.naming.sites.get(n) == f"{loop.label}_round"}
        fixed = {n: v for n, v in values.items() if "@" not in n}
        entry: dict[str, Var] = {n: v for n, v in {**fixed, **made}.items() if not isinstance(v.sort, Array)}
        found = model([goal], entry, at.theory, RLIMIT, at.send) if made else None
        if found is not None:
            yield loop, found.inputs


def _excluding(before: State, loop: While, seen: Sequence[Observed], at: Laboratory) -> Iterator[Term]:
    """Facts of all states at the head that runs have passed, false in `before`; plain ones first."""
    states = [s for o in seen for s in o.heads.get(loop.label, ())]
    evaluator = Evaluator(at.program)
    variables = [v for v in loop_variables(loop) if v.name in before and all(v.name in s for s in states)]
    for fact in candidates(variables, constants(loop_terms(loop))) if states else ():
        if evaluator.value(fact, Scope(before)) is False and all(evaluator.value(fact, Scope(s)) is True for s in states):
            yield fact
