"""What a derivation rests on beside its rules: the units that its unit uses, which the kernel must have found right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prover.kernel.depend import closure
from prover.kernel.program import Axiom, Procedure
from prover.plan import Plan, refine
from prover.report import Answer
from prover.solve.process import Pool
from prover.solve.prove import Budget, begin
from prover.verdict import Verdict, called, verdicts


def unproved(units: Sequence[Procedure], ready: Plan, budget: Budget, pool: Pool) -> Mapping[str, tuple[str, ...]]:
    """For each unit the names of those that it uses, directly or not, and that are not proved."""
    used = {u.name: _used(u.name, ready) for u in units}
    needed = [n for n in ready.conditions if any(n in names for names in used.values())]
    if not needed:
        return {u.name: () for u in units}
    scripts, _ = refine(ready)
    jobs = {n: begin(ready.conditions[n], ready.theory, ready.opaque(n), budget, pool, scripts[n]) for n in ready.conditions}
    outcomes = {n: job.finish(pool) for n, job in jobs.items()}
    further = {n: ready.brought_in(n, [o.goal for o in found], jobs[n].scripts.values()) for n, found in outcomes.items()}
    answers = verdicts(ready.program, ready.components, ready.conditions, outcomes, ready.termination, further)
    return {u.name: tuple([n for n in needed if n in used[u.name] and not _right(n, u, answers[n], ready)]) for u in units}


def trusted(unit: Procedure, ready: Plan) -> tuple[str, ...]:
    """What the unit and those that it uses take on trust: `assume x > 0`."""
    names = [unit.name, *[n for n in ready.conditions if n in _used(unit.name, ready)]]
    found = [f"{a.kind} {a.text}" for n in names for a in ready.conditions[n].assumptions]
    return tuple(dict.fromkeys(found))


def _used(name: str, ready: Plan) -> frozenset[str]:
    axioms = [n for n, u in ready.program.units.items() if isinstance(u, Axiom)]
    return closure([name, *axioms], ready.program) - {name}


def _right(name: str, unit: Procedure, answer: Verdict, ready: Plan) -> bool:
    ends = name not in called(unit, ready.program) or answer.terminates in (Answer.YES, None)
    return answer.correct is Answer.YES and ends
