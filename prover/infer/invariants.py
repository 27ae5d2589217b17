"""Invariants that a unit lacks: engines propose, the kernel proves, what is not needed is dropped.

The engines in order, where Spacer can read the goals: Horn clauses, for a little; guesses that no run refutes, less those that
are not inductive; Horn clauses for longer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prover.infer import guessing, horn
from prover.infer.annotate import Proposals
from prover.infer.elimination import inductive, proposals
from prover.infer.necessary import necessary
from prover.infer.subject import Inferred, Subject, smaller, still_open, tried, unproved

Engine = Callable[[Subject, Inferred], Inferred | None]


def invariants(subject: Subject, before: Inferred) -> Inferred:
    """What proves most, without what it does not need; `before` if nothing proves more."""
    best = before
    for engine in _engines():
        after = engine(subject, before)
        if after is not None and len(unproved(after)) < len(unproved(best)):
            best = after
        if not still_open(best.outcomes, termination=False) or not subject.time():
            break
    return best if best is before else smaller(subject, best)


def _engines() -> Iterator[Engine]:
    yield lambda subject, before: _horn(subject, horn.QUICK_RLIMIT)
    yield _guessed
    yield lambda subject, before: _horn(subject, horn.RLIMIT)


def _horn(subject: Subject, rlimit: int) -> Inferred | None:
    found = horn.propose(subject.procedure, subject.program, subject.component, subject.theory, subject.send, rlimit)
    if found is None:
        return None
    return tried(subject, Proposals({label: p for label, p in found.loops.items() if p.invariants}))


def _guessed(subject: Subject, before: Inferred) -> Inferred | None:
    best: Inferred | None = None
    for facts in guessing.tiers(subject):
        kept = inductive(subject, facts)
        if kept:
            found = tried(subject, proposals(kept))
            if len(unproved(found)) < len(unproved(best or before)):
                best = found
            if not still_open(found.outcomes, termination=False):
                break
        if not subject.time():
            break
    return None if best is None else necessary(subject, best)
