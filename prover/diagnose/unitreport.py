"""The report of one unit, from its verdict and what became of its goals."""

from __future__ import annotations

from prover.diagnose.describe import goal_report
from prover.diagnose.improvement import Improvement
from prover.kernel.depend import statements
from prover.kernel.program import Axiom, Function, Kind, Procedure, ProcedureCall, Unit, While
from prover.plan import Plan
from prover.record import replace
from prover.report import Answer, AssumptionReport, InferredReport, Reason, UnitReport
from prover.verdict import DIVERGENCE, Verdict, assumptions

# Of a unit with more open goals than anybody reads, the first are explained.
MOST_EXPLAINED = 40


def unit_report(name: str, ready: Plan, verdict: Verdict, improved: Improvement, timings: bool) -> UnitReport:
    """timings: with wall-clock seconds.  Only for what was not proved are the interpreter and the engines loaded."""
    outcomes = improved.outcomes
    explained = {id(o) for o in [o for o in outcomes if not o.proved][:MOST_EXPLAINED]}
    goals = [goal_report(o, verdict, timings, id(o) in explained) for o in outcomes]
    seconds = sum(o.seconds for o in outcomes) if timings else None
    report = replace(_plain(name, ready, verdict), goals=tuple(goals), seconds=seconds)
    if improved.found is not None:
        report = _refuted(report, verdict, improved)
    if improved.inferred is not None:
        report = replace(report, inferred=inferred(improved, ready.program.units[name]))
    if verdict.terminates is Answer.UNKNOWN and any(o.goal.kind in DIVERGENCE for o in outcomes):
        from prover.diagnose.evidence import endless
        from prover.infer.annotate import with_unit

        program = ready.program if improved.inferred is None else with_unit(ready.program, improved.inferred.procedure)
        found = endless(program, verdict, list(zip(outcomes, report.goals, strict=True)), improved.entrance)
        if found is not None:
            report = found.applied(report)
    if all(o.proved for o in outcomes):
        return report
    from prover.diagnose.cause import with_causes

    shown = [replace(g, state=improved.states.get(g.name), root=improved.roots.get(g.name)) for g in report.goals]
    unit = ready.program.units[name] if improved.inferred is None else improved.inferred.procedure
    return replace(report, goals=tuple(with_causes(ready.program, unit, improved, shown, MOST_EXPLAINED)))


def vacuous(report: UnitReport, strict: bool) -> UnitReport:
    """The report of a unit whose *yes* rests on a contradiction.  strict: that is no *yes*."""
    if not strict:
        return replace(report, vacuous=True)
    ends = Answer.UNKNOWN if report.terminates is Answer.YES else report.terminates
    empty = Reason.VACUOUS
    return replace(report, vacuous=True, correct=Answer.UNKNOWN, correct_reason=empty, terminates=ends, terminates_reason=empty)


def _refuted(report: UnitReport, verdict: Verdict, improved: Improvement) -> UnitReport:
    from prover.diagnose.evidence import refuted

    assert improved.found is not None
    return refuted(improved.found, verdict, list(zip(improved.outcomes, report.goals, strict=True))).applied(report)


def inferred(improved: Improvement, unit: Unit) -> tuple[InferredReport, ...]:
    from prover.diagnose.improve import inferred_reports

    assert improved.inferred is not None and isinstance(unit, Procedure)
    return inferred_reports(improved.inferred, unit)


def _plain(name: str, ready: Plan, verdict: Verdict) -> UnitReport:
    unit = ready.program.units[name]
    found = assumptions(name, ready.program, ready.conditions, verdict.further)
    return UnitReport(
        name=name,
        kind=_kind(unit),
        span=unit.span,
        correct=verdict.correct,
        terminates=verdict.terminates,
        vacuous=False,
        goals=(),
        assumptions=(*[AssumptionReport(a.kind, a.text, a.span) for a in found], *_beyond(unit, ready, verdict)),
        correct_reason=verdict.correct_reason,
        terminates_reason=verdict.terminates_reason,
        depends=verdict.depends,
        name_span=unit.name_span,
    )


def _beyond(unit: Unit, ready: Plan, verdict: Verdict) -> list[AssumptionReport]:
    """What an answer leaves open: other units that are not proved, and whether runs end."""
    rests = [(n, ready.program.units[n]) for n in verdict.depends if n in ready.program.units]
    found = [AssumptionReport(f"unproved-{_kind(u)}", n, u.name_span) for n, u in rests]
    if isinstance(unit, Procedure) and unit.name not in ready.termination and _may_go_on(unit):
        found.append(AssumptionReport("partial-correctness", f"that `{unit.name}` ends is not asked", unit.name_span))
    return found


def _may_go_on(unit: Procedure) -> bool:
    inside = statements(unit.body) if unit.body is not None else ()
    return unit.kind is not Kind.LEMMA and any(isinstance(s, While | ProcedureCall) for s in inside)


def _kind(unit: Unit) -> str:
    match unit:
        case Procedure():
            return unit.kind.value
        case Function():
            return unit.kind
        case Axiom():
            return "axiom"
