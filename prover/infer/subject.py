"""What inference works on, what it has found so far, and how a proposal is tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from prover.infer.annotate import Proposal, Proposals, annotated
from prover.infer.observe import Observed, State
from prover.kernel.program import Procedure, Program
from prover.kernel.term import Term
from prover.kernel.theory import Theory
from prover.record import replace
from prover.solve.ahead import Stopped
from prover.solve.prove import Outcome

MOST_DROPS = 40


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """What inference works on.  prove: the outcomes of the goals of a changed version of the unit.
    suffices: are they proved by one query for all?  send: z3, for a script.
    time: whether any is left.  holds: whether some terms entail another.
    counterexample: a state in which some terms hold and another does not.
    reached: whether a run enters the recurrent set of a loop.
    returning: runs in which a loop may come back to a state that it was in before.
    asked: whether termination is asked.
    spare: whether a solver has nothing to do.  aside: for work in a thread of its own, until that is told to stop."""

    procedure: Procedure
    program: Program
    component: frozenset[str]
    theory: Theory
    asked: bool
    prove: Callable[[Procedure], Sequence[Outcome]]
    suffices: Callable[[Procedure], bool]
    send: Callable[[str], str]
    time: Callable[[], bool]
    holds: Callable[[Sequence[Term], Term], bool]
    counterexample: Callable[[Sequence[Term], Term], State | None]
    reached: Callable[[Procedure, str], bool]
    returning: Callable[[str], Sequence[Observed]]
    spare: Callable[[], bool]
    aside: Callable[[Stopped], Aside]


@dataclass(frozen=True, slots=True, eq=False)
class Aside:
    """A subject with a clock of its own.  join: take it that its time has passed, as it has for those who waited."""

    subject: Subject
    join: Callable[[], None]


@dataclass(frozen=True, slots=True, eq=False)
class Inferred:
    """Annotations under which more goals are theorems, and those goals' outcomes.  variant: one for the procedure itself.
    diverges: from which states it need not end."""

    proposals: Proposals
    procedure: Procedure
    outcomes: tuple[Outcome, ...]
    variant: tuple[Term, ...] | None = None
    diverges: Term | None = None


def still_open(outcomes: Sequence[Outcome], termination: bool) -> list[Outcome]:
    return [o for o in outcomes if not o.proved and o.termination is termination]


def tried(subject: Subject, proposals: Proposals) -> Inferred:
    changed = annotated(subject.procedure, proposals)
    return Inferred(proposals, changed, tuple(subject.prove(changed)))


def smaller(subject: Subject, found: Inferred) -> Inferred:
    """Without each formula in turn that the proof does not need, long ones first."""
    at_once = not unproved(found) and subject.suffices(found.procedure)
    for label, formula in _longest(found.proposals):
        if not subject.time():
            break
        proposals = _without(found.proposals, label, formula)
        if at_once and not subject.suffices(annotated(subject.procedure, proposals)):
            continue
        less = tried(subject, proposals)
        if len(unproved(less)) <= len(unproved(found)):
            found = less
    return found


def _longest(proposals: Proposals) -> list[tuple[str, Term]]:
    items = [(label, f) for label, p in proposals.loops.items() for f in p.invariants]
    return sorted(items, key=lambda item: -item[1].size)[:MOST_DROPS]


def _without(proposals: Proposals, label: str, formula: Term) -> Proposals:
    rest = tuple([f for f in proposals.loops[label].invariants if f is not formula])
    loops = {**proposals.loops, label: replace(proposals.loops[label], invariants=rest)}
    return Proposals({k: p for k, p in loops.items() if p != Proposal()})


def unproved(found: Inferred) -> list[Outcome]:
    return [o for o in found.outcomes if not o.proved]
