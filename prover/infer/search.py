"""Find the annotations that a unit lacks: engines propose, the kernel proves, what is not needed is dropped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from prover.infer import horn, houdini, ranking, recurrent
from prover.infer.annotate import Proposal, Proposals, annotated
from prover.infer.observe import Observed, loops, observe
from prover.kernel.goal import GoalKind
from prover.kernel.program import Procedure, Program
from prover.kernel.term import Term
from prover.kernel.theory import Theory
from prover.record import replace
from prover.solve.prove import Outcome

MOST_DROPS = 40
RUNS = 120
STEPS = 400


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


def infer(subject: Subject, outcomes: Sequence[Outcome]) -> Inferred | None:
    """Annotations that help, proved to; None if none were found."""
    found = Inferred(Proposals(), subject.procedure, tuple(outcomes))
    if _open(found.outcomes, termination=False):
        found = _invariants(subject, found)
    if subject.asked and _open(found.outcomes, termination=True) and subject.time():
        found = _endings(subject, found)
    return found if found.proposals.loops else None


def _endings(subject: Subject, before: Inferred) -> Inferred:
    """Variants, or a recurrent set; the cheaper attempts first, all from the same runs."""
    correct = not _open(before.outcomes, termination=False)
    plain = _ranked(subject, before) if correct else before
    if not _open(plain.outcomes, termination=True) or not subject.time():
        return plain
    seen = observe(subject.procedure, subject.program, RUNS, STEPS)
    endless = _recurrent(subject, plain, seen)
    if endless is not plain or not correct:
        return endless
    return _supported(subject, plain, seen) if subject.time() else plain


def _open(outcomes: Sequence[Outcome], termination: bool) -> list[Outcome]:
    return [o for o in outcomes if not o.proved and o.termination is termination]


def _invariants(subject: Subject, before: Inferred) -> Inferred:
    proposals = horn.propose(subject.procedure, subject.program, subject.component, subject.theory, subject.send)
    if proposals is None:
        return before
    proposals = Proposals({label: p for label, p in proposals.loops.items() if p.invariants})
    after = _tried(subject, proposals)
    return _smaller(subject, after) if not _open(after.outcomes, termination=False) else before


def _tried(subject: Subject, proposals: Proposals) -> Inferred:
    changed = annotated(subject.procedure, proposals)
    return Inferred(proposals, changed, tuple(subject.prove(changed)))


def _smaller(subject: Subject, found: Inferred) -> Inferred:
    """Without each formula in turn that the proof does not need."""
    drops = 0
    for label, proposal in found.proposals.loops.items():
        for formula in proposal.invariants:
            if drops >= MOST_DROPS or not subject.time():
                return found
            drops += 1
            rest = tuple(f for f in found.proposals.loops[label].invariants if f is not formula)
            loops = {**found.proposals.loops, label: replace(found.proposals.loops[label], invariants=rest)}
            less = _tried(subject, Proposals({k: p for k, p in loops.items() if p.invariants or p.variant}))
            if len(_unproved(less)) <= len(_unproved(found)):
                found = replace(less, proposals=Proposals(loops))
    return replace(found, proposals=Proposals({k: p for k, p in found.proposals.loops.items() if p != Proposal()}))


def _unproved(found: Inferred) -> list[Outcome]:
    return [o for o in found.outcomes if not o.proved]


def _recurrent(subject: Subject, before: Inferred, seen: Sequence[Observed]) -> Inferred:
    """A recurrent set for one loop, where the kernel agrees that it is one."""
    if any(loop.recurrent for loop in loops(before.procedure)):
        return before  # the file has a claim of its own
    for proposals in recurrent.propose(before.procedure, subject.program, seen, subject.holds):
        after = _tried(subject, before.proposals.merged(proposals))
        claims = [o for o in after.outcomes if o.goal.kind is GoalKind.RECURRENT]
        if claims and all(o.proved for o in claims) and subject.reached(after.procedure, next(iter(proposals.loops))):
            return after
        if not subject.time():
            break
    return before


def _supported(subject: Subject, plain: Inferred, seen: Sequence[Observed]) -> Inferred:
    """Variants for the loops that still lack one, with whatever invariants hold of the runs."""
    facts = houdini.propose(plain.procedure, subject.program, seen, subject.prove)
    if not facts.loops or not subject.time():
        return plain
    supported = _ranked(subject, _tried(subject, plain.proposals.merged(facts)))
    if len(_unproved(supported)) < len(_unproved(plain)):
        return _smaller(subject, supported)
    return plain


def _ranked(subject: Subject, before: Inferred) -> Inferred:
    """With a variant for each loop for which one is found."""
    merged = before.proposals
    for loop in loops(before.procedure):
        if loop.variant is None and subject.time():
            found = ranking.propose(before.procedure, loop, subject.program, subject.component, subject.theory, subject.send)
            merged = merged if found is None else merged.merged(found)
    if merged is before.proposals:
        return before
    after = _tried(subject, merged)
    return after if len(_unproved(after)) < len(_unproved(before)) else before
