"""Invariants that a unit lacks: engines propose, the kernel proves, what is not needed is dropped.

The engines in order: bounds of variables by abstract interpretation; where Spacer can read the goals, Horn clauses, for a little;
linear inequalities for what is linear; guesses that no run refutes, and these bounds, less what is not inductive (before the
inequalities, where functions or arrays are spoken of); Horn clauses for longer.
"""

from __future__ import annotations

from functools import partial

from prover.infer import affine, bounded, guessing, horn
from prover.infer.annotate import Proposals
from prover.infer.cofactors import algebraic
from prover.infer.decided import some_decided
from prover.infer.elimination import Facts, inductive, proposals
from prover.infer.necessary import necessary
from prover.infer.portfolio import Engine, in_turn
from prover.infer.subject import Inferred, Subject, still_open, tried, unproved
from prover.infer.widened import machines, narrowed
from prover.kernel.term import App, Call, Op, Quant, Term, structure, walk

MOST_CASES = 2


def invariants(subject: Subject, before: Inferred) -> Inferred:
    """What proves most; `before` if nothing proves more."""
    best = before
    for after in in_turn(subject, _engines(before)):
        if after is not None and _better(after, best):
            best = after
        if _settled(best) or not subject.time():
            break
    return best


def _settled(found: Inferred) -> bool:
    """Is all proved, by what people can read?  Spacer's cases, number by number, are worth a look for something simpler."""
    formulas = [f for p in found.proposals.loops.values() for f in p.invariants]
    many = sum(isinstance(f, App) and f.op is Op.OR for f in formulas) > MOST_CASES
    return not still_open(found.outcomes, termination=False) and not many


def _better(after: Inferred, before: Inferred) -> bool:
    return (len(unproved(after)), _size(after)) < (len(unproved(before)), _size(before))


def _size(found: Inferred) -> int:
    return sum(f.size for p in found.proposals.loops.values() for f in p.invariants)


def _engines(before: Inferred) -> list[Engine[Inferred | None]]:
    few, any_ = (partial(_horn, levels=levels) for levels in (horn.FEW_LEVELS, horn.ANY_LEVEL))
    affine_, guessed = partial(_affine, before=before), partial(_guessed, before=before)
    bounds = partial(_intervals, before=before)
    return [bounds, few, guessed, affine_, any_] if _is_wide(before) else [bounds, few, affine_, guessed, any_]


def _intervals(subject: Subject, before: Inferred) -> Inferred | None:
    """The solver is not asked where intervals decide nothing that is open: most proofs need more than these."""
    known = machines(subject.procedure)
    bounds = bounded.bounds(subject.procedure, subject.program)
    facts = {label: [narrowed(f, known) for f in found] for label, found in bounds.items()}
    kept = inductive(subject, facts) if some_decided(subject, facts, before) else {}
    found = tried(subject, proposals(kept)) if kept else None
    return None if found is None or len(unproved(found)) >= len(unproved(before)) else necessary(subject, found)


def _horn(subject: Subject, levels: int) -> Inferred | None:
    found = horn.propose(subject.procedure, subject.program, subject.component, subject.theory, subject.send, levels)
    if found is None:
        return None
    return tried(subject, Proposals({label: p for label, p in found.loops.items() if p.invariants}))


def _affine(subject: Subject, before: Inferred) -> Inferred | None:
    found = affine.invariants(subject, before)
    return None if found is None else tried(subject, found)


def _guessed(subject: Subject, before: Inferred) -> Inferred | None:
    """Where something about functions or arrays is open, what speaks of numbers alone is not tried by itself."""
    best: Inferred | None = None
    wide = _is_wide(before)
    for number, facts in enumerate(guessing.tiers(subject), 1):
        kept = inductive(subject, facts)
        if number == 1 and (identities := _identities(subject, facts, kept, best or before)) is not None:
            best = identities
            if not still_open(best.outcomes, termination=False):
                break
        if kept and not (wide and number <= guessing.NUMERIC and subject.time()):
            found = tried(subject, proposals(kept))
            if len(unproved(found)) < len(unproved(best or before)):
                best = found
            if not still_open(found.outcomes, termination=False):
                break
        if not subject.time():
            break
    return None if best is None else necessary(subject, best)


def _identities(subject: Subject, facts: Facts, kept: Facts, before: Inferred) -> Inferred | None:
    """With equations on which the solver stalled, though identities show that rounds keep them."""
    proposed = algebraic(subject, {label: found for label, found in facts.items() if len(kept.get(label, ())) < len(found)})
    if not any(p.hints for p in proposed.loops.values()):
        return None
    known = {structure(f) for found in kept.values() for f in found}
    found = tried(subject, proposals(kept).merged(proposed.without(lambda f: structure(f) in known)))
    return found if len(unproved(found)) < len(unproved(before)) else None


def _is_wide(before: Inferred) -> bool:
    return any(_speaks_widely(o.goal.conclusion) for o in still_open(before.outcomes, termination=False))


def _speaks_widely(formula: Term) -> bool:
    return any(isinstance(node, Quant | Call) for node in walk(formula))
