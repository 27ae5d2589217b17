"""Find the annotations that a unit lacks: what its recursion lowers, invariants, then what shows how it ends;
and leave out what the proof does not need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from prover.infer.annotate import Proposals
from prover.infer.cofactors import hinted
from prover.infer.diverging import diverging
from prover.infer.endings import endings
from prover.infer.invariants import invariants
from prover.infer.observe import loops
from prover.infer.recursion import varied
from prover.infer.subject import Inferred, Subject, smaller, still_open, unproved
from prover.solve.prove import Outcome


def infer(subject: Subject, outcomes: Sequence[Outcome]) -> Inferred | None:
    """Annotations that help, proved to; None if none were found."""
    procedure, outcomes = varied(subject, outcomes)
    variant = procedure.variant if procedure is not subject.procedure else None
    subject = replace(subject, procedure=procedure)
    found = Inferred(Proposals(), procedure, tuple(outcomes))
    for engine in (hinted, invariants):
        if loops(procedure) and still_open(found.outcomes, termination=False) and subject.time():
            found = engine(subject, found)
    if loops(procedure) and subject.asked and still_open(found.outcomes, termination=True) and subject.time():
        found = endings(subject, found)
    if found.proposals.loops:
        found = smaller(subject, found)
    found = replace(found, variant=variant)
    if subject.asked and not variant and still_open(found.outcomes, termination=True) and subject.time():
        found = diverging(subject, found)
    return found if found.proposals.loops or variant or found.diverges is not None else None


def by_identities(subject: Subject, outcomes: Sequence[Outcome]) -> Inferred | None:
    """With hints alone, which cost little to find, if with them everything is proved."""
    before = Inferred(Proposals(), subject.procedure, tuple(outcomes))
    found = hinted(subject, before)
    return found if found is not before and not unproved(found) else None
