"""Invariants that a unit lacks: engines propose, the kernel proves, what is not needed is dropped."""

from __future__ import annotations

from prover.infer import horn
from prover.infer.annotate import Proposals
from prover.infer.subject import Inferred, Subject, smaller, still_open, tried


def invariants(subject: Subject, before: Inferred) -> Inferred:
    proposals = horn.propose(subject.procedure, subject.program, subject.component, subject.theory, subject.send)
    if proposals is None:
        return before
    proposals = Proposals({label: p for label, p in proposals.loops.items() if p.invariants})
    after = tried(subject, proposals)
    return smaller(subject, after) if not still_open(after.outcomes, termination=False) else before
