"""How a unit ends, or that it does not: variants and recurrent sets, from runs and from the rounds of its loops."""

from __future__ import annotations

from collections.abc import Sequence

from prover.infer import houdini, ranking, recurrent
from prover.infer.observe import Observed, loops, observe
from prover.infer.subject import Inferred, Subject, smaller, still_open, tried, unproved
from prover.kernel.goal import GoalKind

RUNS = 120
STEPS = 400


def endings(subject: Subject, before: Inferred) -> Inferred:
    """Variants, or a recurrent set; the cheaper attempts first, all from the same runs."""
    correct = not still_open(before.outcomes, termination=False)
    plain = _ranked(subject, before) if correct else before
    if not still_open(plain.outcomes, termination=True) or not subject.time():
        return plain
    seen = observe(subject.procedure, subject.program, RUNS, STEPS)
    endless = _recurrent(subject, plain, seen)
    if endless is not plain or not correct:
        return endless
    return _supported(subject, plain, seen) if subject.time() else plain


def _recurrent(subject: Subject, before: Inferred, seen: Sequence[Observed]) -> Inferred:
    """A recurrent set for one loop, where the kernel agrees that it is one."""
    if any(loop.recurrent for loop in loops(before.procedure)):
        return before  # the file has a claim of its own
    for proposals in recurrent.propose(before.procedure, subject.program, seen, subject.holds):
        after = tried(subject, before.proposals.merged(proposals))
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
    supported = _ranked(subject, tried(subject, plain.proposals.merged(facts)))
    if len(unproved(supported)) < len(unproved(plain)):
        return smaller(subject, supported)
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
    after = tried(subject, merged)
    return after if len(unproved(after)) < len(unproved(before)) else before
