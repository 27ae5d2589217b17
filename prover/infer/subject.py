"""What inference works on, what it has found so far, and how a proposal is tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from prover.infer.annotate import Proposal, Proposals, annotated
from prover.kernel.program import Procedure, Program
from prover.kernel.term import Term
from prover.kernel.theory import Theory
from prover.record import replace
from prover.solve.prove import Outcome

MOST_DROPS = 40


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """What inference works on.  prove: the outcomes of the goals of a changed version of the unit.  send: z3, for a script.
    time: whether any is left.  holds: whether some terms entail another.
    reached: whether a run enters the recurrent set of a loop.
    asked: whether termination is asked."""

    procedure: Procedure
    program: Program
    component: frozenset[str]
    theory: Theory
    asked: bool
    prove: Callable[[Procedure], Sequence[Outcome]]
    send: Callable[[str], str]
    time: Callable[[], bool]
    holds: Callable[[Sequence[Term], Term], bool]
    reached: Callable[[Procedure, str], bool]


@dataclass(frozen=True, slots=True, eq=False)
class Inferred:
    """Annotations under which more goals are theorems, and those goals' outcomes."""

    proposals: Proposals
    procedure: Procedure
    outcomes: tuple[Outcome, ...]


def still_open(outcomes: Sequence[Outcome], termination: bool) -> list[Outcome]:
    return [o for o in outcomes if not o.proved and o.termination is termination]


def tried(subject: Subject, proposals: Proposals) -> Inferred:
    changed = annotated(subject.procedure, proposals)
    return Inferred(proposals, changed, tuple(subject.prove(changed)))


def smaller(subject: Subject, found: Inferred) -> Inferred:
    """Without each formula in turn that the proof does not need."""
    drops = 0
    for label, proposal in found.proposals.loops.items():
        for formula in proposal.invariants:
            if drops >= MOST_DROPS or not subject.time():
                return found
            drops += 1
            rest = tuple(f for f in found.proposals.loops[label].invariants if f is not formula)
            loops = {**found.proposals.loops, label: replace(found.proposals.loops[label], invariants=rest)}
            less = tried(subject, Proposals({k: p for k, p in loops.items() if p.invariants or p.variant}))
            if len(unproved(less)) <= len(unproved(found)):
                found = replace(less, proposals=Proposals(loops))
    return replace(found, proposals=Proposals({k: p for k, p in found.proposals.loops.items() if p != Proposal()}))


def unproved(found: Inferred) -> list[Outcome]:
    return [o for o in found.outcomes if not o.proved]
