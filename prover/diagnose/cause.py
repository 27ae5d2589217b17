"""What is to be mended where a goal is not proved: an annotation, or nothing but that the solver gave up.

That the program is wrong is never guessed: only a run that was replayed says so (`evidence`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prover.diagnose.countermodel import values_of
from prover.diagnose.evidence import inputs_text, is_about
from prover.diagnose.improvement import Improvement
from prover.diagnose.refute import Broken, broken_annotations
from prover.diagnose.rounds import BrokenRound
from prover.diagnose.suggest import Suggestion
from prover.kernel.depend import statements
from prover.kernel.goal import Goal, GoalKind
from prover.kernel.program import Procedure, ProcedureCall, Program, Unit, While
from prover.kernel.term import free_variables
from prover.record import replace
from prover.report import Cause, GoalReport, Reason, Verdict
from prover.semantics.values import display_name, show, show_state
from prover.solve.prove import Outcome
from prover.syntax.unparse import term_text
from prover.verdict import DIVERGENCE

_GAVE_UP = {
    Reason.RESOURCES: "give the solver more (`--rlimit`), or a smaller step: an `assert` of something in between",
    Reason.TIMEOUT: "give the solver longer (`--timeout`), or a smaller step: an `assert` of something in between",
    Reason.WORKER_DIED: "make the step smaller: an `assert` of something in between, or a lemma",
    Reason.INCOMPLETE: "make the step smaller: an `assert` of something in between, a lemma, or a proof script",
}
STRENGTHEN = "strengthen the loop's invariants: they allow a state from which one round breaks this one"
_HELPING = (GoalKind.INVARIANT_ENTRY, GoalKind.INVARIANT_PRESERVED, GoalKind.VARIANT, GoalKind.RECURSION)


def with_causes(
    program: Program, unit: Unit, improved: Improvement, reports: Iterable[GoalReport], most: int
) -> list[GoalReport]:
    """The reports of a unit's goals, the first `most` that are unknown with their cause, and what to do about it."""
    paired = list(zip(improved.outcomes, reports, strict=True))
    weak = any(o.goal.kind in _HELPING and not o.goal.missing and r.verdict is Verdict.UNKNOWN for o, r in paired)
    broken = broken_annotations(program, unit.name) if weak else []
    looked = {o.goal for o, _ in [p for p in paired if _open(*p)][:most]}
    found = [_explained(o.goal, r, unit, broken) if o.goal in looked else r for o, r in paired]
    placed = [_with_round(r, improved.rounds.get(r.name)) for r in found]
    return [_with_suggestion(r, improved.suggestions.get(r.name)) for r in placed]


def _with_round(report: GoalReport, broken: BrokenRound | None) -> GoalReport:
    """With the round that breaks the invariant, whether runs get there, and what would exclude it."""
    if broken is None or report.reason is Reason.BROKEN:
        return report
    before = {display_name(n): show(v) for n, v in sorted(broken.before.items())}
    after = None if broken.after is None else {display_name(n): show(v) for n, v in sorted(broken.after.items())}
    notes = [f"after the round `{term_text(broken.conjunct)}` is false"] if broken.broken else []
    if broken.reached is not None:
        start, place = broken.reached
        notes.append(f"a run that starts with {show_state(start) or 'no inputs'} gets to this state, in round {place}")
    else:
        notes.append("no run that was tried gets to this state: strengthen the invariant to exclude it")
    return replace(report, state=before, after=after, notes=(*report.notes, *notes))


def _with_suggestion(report: GoalReport, suggestion: Suggestion | None) -> GoalReport:
    if suggestion is None or report.reason is Reason.BROKEN:
        return report
    text, loop = f"`invariant {term_text(suggestion.formula)}`", f"`{suggestion.label}`"
    if report.name in suggestion.closes:
        return replace(report, cause=Cause.ANNOTATION, help=(f"add {text} to {loop}: with it, this is proved",))
    advice = f"{text} of {loop} holds in all runs that were tried, and excludes this state"
    return replace(report, help=(*report.help, advice))


def _open(outcome: Outcome, report: GoalReport) -> bool:
    return report.verdict is Verdict.UNKNOWN and not outcome.proved and outcome.goal.kind not in DIVERGENCE


def _explained(goal: Goal, report: GoalReport, unit: Unit, broken: Sequence[Broken]) -> GoalReport:
    shown = next((b for b in broken if is_about(b.wrong, goal)), None)
    if shown is not None:
        start = f"it does not hold in the run that starts with {inputs_text(shown.run)}"
        note = f"{start}: there {show_state(shown.wrong.state)}"
        return replace(report, reason=Reason.BROKEN, cause=Cause.ANNOTATION, state=None, notes=(*report.notes, note))
    if report.reason in (Reason.MISSING, Reason.SCRIPT, Reason.AUTOMATION):
        return replace(report, cause=Cause.ANNOTATION)
    if report.reason in (Reason.UNCONFIRMED, Reason.INCOMPLETE):
        loops, calls = _between(goal, unit)
        own = goal.kind in _HELPING and report.reason is Reason.UNCONFIRMED
        if loops or calls or own:
            return replace(report, cause=Cause.ANNOTATION, help=(*report.help, *_advice(goal, loops, calls)))
    if report.reason in _GAVE_UP:
        loops, _ = _between(goal, unit)
        if any(_forgotten(goal, loop) for loop in loops):
            return replace(report, cause=Cause.ANNOTATION, help=(*report.help, *_advice(goal, loops, [])))
        return replace(report, cause=Cause.SOLVER, help=(*report.help, _GAVE_UP[report.reason]))
    return report


def _between(goal: Goal, unit: Unit) -> tuple[list[While], list[ProcedureCall]]:
    """The loops and calls of which the goal knows only what invariants and contracts say."""
    if not isinstance(unit, Procedure) or unit.body is None:
        return [], []
    inside = [s for s in statements(unit.body) if isinstance(s, While | ProcedureCall)]
    sites = {goal.naming.sites.get(v.name, "") for v in values_of(goal)} if inside else set()
    loops = [s for s in inside if isinstance(s, While) and f"{s.label}_round" in sites]
    return loops, [s for s in inside if isinstance(s, ProcedureCall) and s.label in sites]


def _advice(goal: Goal, loops: Sequence[While], calls: Sequence[ProcedureCall]) -> list[str]:
    forgotten = [(loop, name) for loop in loops for name in _forgotten(goal, loop)]
    if forgotten:
        return [
            f"the loop `{loop.label}` forgets `{n}`: it changes `{n}`, and none of its invariants mentions it"
            for loop, n in forgotten
        ]
    if goal.kind is GoalKind.INVARIANT_PRESERVED:
        return [STRENGTHEN]
    if loops:
        return [f"an invariant of the loop `{loops[-1].label}` must say what is needed here"]
    if calls:
        return [f"the `ensures` of `{calls[-1].name}` must say what is needed here"]
    return []


def _forgotten(goal: Goal, loop: While) -> list[str]:
    """Variables of the goal that the loop changes and that no invariant of it mentions."""
    mentioned = {n for clause in loop.invariants for n in free_variables(clause.formula)}
    made = [v.name.split("@")[0] for v in values_of(goal) if goal.naming.sites.get(v.name) == f"{loop.label}_round"]
    return [display_name(n) for n in dict.fromkeys(made) if n not in mentioned]
