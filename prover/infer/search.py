"""Find the annotations that a unit lacks: invariants first, then what shows how it ends."""

from __future__ import annotations

from collections.abc import Sequence

from prover.infer.annotate import Proposals
from prover.infer.endings import endings
from prover.infer.invariants import invariants
from prover.infer.subject import Inferred, Subject, still_open
from prover.solve.prove import Outcome


def infer(subject: Subject, outcomes: Sequence[Outcome]) -> Inferred | None:
    """Annotations that help, proved to; None if none were found."""
    found = Inferred(Proposals(), subject.procedure, tuple(outcomes))
    if still_open(found.outcomes, termination=False):
        found = invariants(subject, found)
    if subject.asked and still_open(found.outcomes, termination=True) and subject.time():
        found = endings(subject, found)
    return found if found.proposals.loops else None
