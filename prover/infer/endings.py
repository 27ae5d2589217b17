"""How a unit ends, or that it does not: variants and recurrent sets, from runs and from the rounds of its loops."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice, tee

from prover.infer import geometric, houdini, monotone, nested, ranking, recurrent, supported
from prover.infer.annotate import Proposals, annotated, with_unit
from prover.infer.chosen import chosen
from prover.infer.facts import constants
from prover.infer.observe import TOTAL_STEPS, Observed, loops, observe, observed
from prover.infer.portfolio import in_turn
from prover.infer.rewrites import has_quantifier
from prover.infer.subject import Inferred, Subject, smaller, still_open, tried, unproved
from prover.kernel.depend import terms
from prover.kernel.goal import GoalKind
from prover.kernel.program import Procedure
from prover.semantics.choices import RandomChoices
from prover.semantics.inputs import starts

RUNS = 120
STEPS = 400
CHOSEN_RUNS = 60
MOST_NUMBERS = 24
FEW = 4


def endings(subject: Subject, before: Inferred) -> Inferred:
    """Variants, or a recurrent set; the cheaper attempts first, all from the same runs."""
    correct = not still_open(before.outcomes, termination=False)
    found = _around(subject, _ranked(subject, before, ranking.plainly), ranking.plainly) if correct else before
    found = _supported(subject, found) if correct else found
    if not still_open(found.outcomes, termination=True) or not subject.time():
        return found
    seen = observe(subject.procedure, subject.program, RUNS, STEPS, time=subject.time)
    facts = (
        houdini.propose(subject, found.procedure, seen, monotone.facts(found.procedure, subject.program))
        if correct
        else Proposals()
    )
    found = _with(subject, found, facts, ranking.linearly)
    if not still_open(found.outcomes, termination=True):
        return found
    for runs, ranked in ((_first, _thoroughly), (_longer, partial(_with, facts=facts, engine=ranking.thoroughly))):
        engines = [partial(engine, before=found, runs=runs, seen=seen) for engine in (_nested, _recurrent)]
        engines += [partial(ranked, before=found)] if correct else []
        for after in in_turn(subject, engines):
            if _settled(after):
                return after
            found = after
        if not subject.time():
            break
    return found


def _settled(found: Inferred) -> bool:
    """Is it known how the unit ends, or that it need not?"""
    return not still_open(found.outcomes, termination=True) or any(p.recurrent for p in found.proposals.loops.values())


def _thoroughly(subject: Subject, before: Inferred) -> Inferred:
    return _around(subject, _ranked(subject, before, ranking.thoroughly), ranking.thoroughly)


def _around(subject: Subject, plain: Inferred, engine: ranking.Engine) -> Inferred:
    """Variants for loops around others, with what the inner ones only raise or only lower."""
    if not still_open(plain.outcomes, termination=True):
        return plain
    facts = houdini.inductive(subject, plain.procedure, monotone.facts(plain.procedure, subject.program))
    return _with(subject, plain, facts, engine)


Runs = Iterator[tuple[Procedure, Sequence[Observed]]]
Runner = Callable[[Subject, Inferred, Sequence[Observed]], Runs]


def _recurrent(subject: Subject, before: Inferred, runs: Runner, seen: Sequence[Observed]) -> Inferred:
    """A recurrent set for one loop, where the kernel agrees that it is one."""
    if any(loop.recurrent for loop in loops(before.procedure)):
        return before  # the file has a claim of its own
    first, again = tee(runs(subject, before, seen))
    for engine, batches in ((recurrent.propose, first), (geometric.propose, again)):
        for procedure, observed_runs in batches:
            for proposals in engine(procedure, subject.program, observed_runs, subject.holds, subject.counterexample):
                after = tried(subject, before.proposals.merged(proposals))
                if _is_recurrent(subject, after):
                    return after
                if not subject.time():
                    return before
    return before


def _nested(subject: Subject, before: Inferred, runs: Runner, seen: Sequence[Observed]) -> Inferred:
    """A recurrent set for a loop around others, with invariants of these."""
    if any(loop.recurrent for loop in loops(before.procedure)) or not nested.around_others(before.procedure):
        return before
    every = [o for _, observed_runs in runs(subject, before, seen) for o in observed_runs]
    for proposals in nested.propose(subject, before.procedure, every):
        after = tried(subject, before.proposals.merged(proposals))
        correct = len(still_open(after.outcomes, termination=False)) <= len(still_open(before.outcomes, termination=False))
        if correct and _is_recurrent(subject, after):
            return after
    return before


def _is_recurrent(subject: Subject, after: Inferred) -> bool:
    """Does the kernel agree, and does a run get there?"""
    claims = [o for o in after.outcomes if o.goal.kind is GoalKind.RECURRENT]
    labels = [label for label, p in after.proposals.loops.items() if p.recurrent]
    return bool(claims) and all(o.proved for o in claims) and all(subject.reached(after.procedure, label) for label in labels)


def _first(subject: Subject, before: Inferred, seen: Sequence[Observed]) -> Runs:
    """Runs with the procedure whose runs they are: random ones; if loops make choices, those that make them by simple rules."""
    ruled = list(islice(_ruled(subject, before), FEW))
    yield from ruled or [(before.procedure, seen)]


def _ruled(subject: Subject, before: Inferred) -> Runs:
    for procedure in chosen(before.procedure):
        yield procedure, observe(procedure, with_unit(subject.program, procedure), CHOSEN_RUNS, STEPS, time=subject.time)


def _longer(subject: Subject, before: Inferred, _seen: Sequence[Observed]) -> Runs:
    """Those that choose numbers of the text, that follow further rules, and that come back to a state."""
    yield before.procedure, _numbered(subject, before.procedure)
    yield from islice(_ruled(subject, before), FEW, None)
    for loop in loops(before.procedure):
        if loop.variant is None and subject.time():
            yield before.procedure, subject.returning(loop.label)


def _numbered(subject: Subject, procedure: Procedure) -> list[Observed]:
    numbers = constants(terms(procedure), MOST_NUMBERS)
    found: list[Observed] = []
    left = TOTAL_STEPS
    for seed, inputs in enumerate(starts(procedure, 2, RUNS, subject.program)):
        if left <= 0 or not subject.time():
            break
        found.append(observed(procedure, subject.program, inputs, RandomChoices(seed, numbers=numbers), STEPS))
        left -= found[-1].run.steps
    return found


def _with(subject: Subject, before: Inferred, facts: Proposals, engine: ranking.Engine) -> Inferred:
    """With variants for the loops that still lack one, under further invariants."""
    if not facts.loops or not subject.time():
        return before
    supported = _ranked(subject, tried(subject, before.proposals.merged(facts)), engine)
    if len(unproved(supported)) < len(unproved(before)):
        return smaller(subject, supported)
    return before


def _supported(subject: Subject, before: Inferred) -> Inferred:
    """With linear variants and the linear invariants that they need, found together."""
    for several in (False, True):
        if not still_open(before.outcomes, termination=True) or not subject.time():
            break
        found = supported.ranked(subject, before, several)
        after = before if found is None else tried(subject, before.proposals.merged(found))
        before = after if len(unproved(after)) < len(unproved(before)) else before
    return before


def _ranked(subject: Subject, before: Inferred, engine: ranking.Engine) -> Inferred:
    """With a variant for each loop for which one is found."""
    merged = before.proposals
    lean = annotated(subject.procedure, before.proposals.without(has_quantifier))  # else each question takes long
    for loop in loops(lean):
        if loop.variant is None and subject.time():
            found = ranking.propose(subject, lean, loop, engine)
            merged = merged if found is None else merged.merged(found)
    if merged is before.proposals:
        return before
    after = tried(subject, merged)
    return after if len(unproved(after)) < len(unproved(before)) else before
