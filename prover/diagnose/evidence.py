"""What runs say about a unit that was not proved: that it is wrong, or that one of its annotations is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from prover.diagnose.refute import Found, diverging_entry, recurrent_loops
from prover.kernel.goal import Goal
from prover.kernel.program import Function, Procedure, Program, While
from prover.kernel.term import conj
from prover.record import replace
from prover.report import Answer, Cause, GoalReport, UnitReport
from prover.report import Verdict as GoalVerdict
from prover.semantics.choices import RecordedChoices
from prover.semantics.outcome import Break, Recurred, Run, Step
from prover.semantics.run import run
from prover.semantics.values import Failure, show, show_state
from prover.solve.prove import Outcome
from prover.syntax.unparse import term_text
from prover.verdict import DIVERGENCE, Verdict

PREFIX = 4
PREFIX_STEPS = 200


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """verdict: with what was found.  json: for the report.  goals: what to change in a goal's report, by name."""

    verdict: Verdict
    json: Mapping[str, object] = field(default_factory=dict)
    goals: Mapping[str, GoalReport] = field(default_factory=dict)

    def applied(self, report: UnitReport) -> UnitReport:
        return replace(
            report,
            correct=self.verdict.correct,
            correct_reason=self.verdict.correct_reason,
            terminates=self.verdict.terminates,
            terminates_reason=self.verdict.terminates_reason,
            goals=tuple([self.goals.get(g.name, g) for g in report.goals]),
            evidence={**report.evidence, **self.json},
        )


def refuted(found: Found, verdict: Verdict, goals: Sequence[tuple[Outcome, GoalReport]]) -> Evidence:
    """The unit is wrong: *correct: no*, with the run, and the goal that it breaks."""
    wrong = found.run.wrong
    assert wrong is not None
    notes = (f"broken by the run that starts with {inputs_text(found.run)}: {wrong.message}",)
    broken = [r for o, r in goals if not o.proved and is_about(wrong, o.goal)]
    changed = {r.name: replace(r, verdict=GoalVerdict.REFUTED, reason=None, cause=Cause.PROGRAM, notes=notes) for r in broken[:1]}
    return Evidence(replace(verdict, correct=Answer.NO, correct_reason=None), run_json(found.run, wrong), changed)


def endless(
    program: Program, verdict: Verdict, goals: Sequence[tuple[Outcome, GoalReport]], found: Found | None
) -> Evidence | None:
    """The unit does not terminate: its claims of divergence are theorems and a run gets to where one of them starts.

    found: a run that reaches a recurrent set of it."""
    claims = [o for o, _ in goals if o.goal.kind in DIVERGENCE]
    if not claims or not all(o.proved for o in claims):
        return None
    if any(isinstance(program.units.get(n), Function) for n in verdict.depends):
        return None  # claims proved by the equation of a function that may not exist
    name = claims[0].goal.unit
    unit = program.units[name]
    assert isinstance(unit, Procedure)
    if found is not None and found.recurred is not None:
        return _kept(program, verdict, goals, found, found.recurred)
    if unit.diverges and (entry := diverging_entry(program, name)) is not None:
        inputs = {n: show(v) for n, v in entry.items()}
        changed = _not_ending(goals, f"never ends when it is called with {_state(inputs)}")
        claim = term_text(conj([c.formula for c in unit.diverges]))
        json = {"kind": "divergence", "inputs": inputs, "choices": [], "diverges": claim}
        return Evidence(_no_end(verdict), json, changed)
    return None


def _kept(
    program: Program, verdict: Verdict, goals: Sequence[tuple[Outcome, GoalReport]], found: Found, recurred: Recurred
) -> Evidence:
    loop = next(s for s in recurrent_loops(program.units[recurred.unit]) if s.label == recurred.label)
    reached = {n: show(v) for n, v in recurred.state.items()}
    start = _replayed(program, found, recurred.step)
    json = {**_start(start), "loop": loop.label, "steps": recurred.step, "state": reached}
    json["recurrent"] = term_text(conj([c.formula for c in loop.recurrent]))
    json["prefix"] = _prefix(program, found, loop)
    note = f"never ends when it starts with {inputs_text(start)}: there {_state(reached)}, and `{json['recurrent']}`"
    return Evidence(_no_end(verdict), json, _not_ending(goals, f"{note} can be kept up for ever"))


def _replayed(program: Program, found: Found, steps: int) -> Run:
    """The first steps of the same run, with the choices made in them alone."""
    choices = RecordedChoices([c.value for c in found.run.choices])
    return run(program, found.run.unit, found.run.initial, choices=choices, max_steps=max(1, steps), check=False)


def _prefix(program: Program, found: Found, loop: While) -> list[dict[str, str]]:
    """The first states at the head of the loop, from where it has entered its recurrent set, as the same run passes them."""
    states: list[dict[str, str]] = []
    first = found.recurred.step if found.recurred is not None else 0

    def watch(step: Step) -> None:
        inside = step.depth == 0 and step.unit == found.run.unit and step.span is loop.span
        if inside and step.number >= first and len(states) < PREFIX:
            states.append({n: show(v) for n, v in step.state.items()})

    choices = RecordedChoices([c.value for c in found.run.choices])
    steps = min(found.run.steps, first + PREFIX_STEPS)
    run(program, found.run.unit, found.run.initial, choices=choices, max_steps=steps, check=False, observer=watch)
    return states


def _state(values: Mapping[str, str]) -> str:
    return ", ".join(f"{n} = {v}" for n, v in values.items())


def _not_ending(goals: Sequence[tuple[Outcome, GoalReport]], note: str) -> dict[str, GoalReport]:
    """The termination goals that are not proved, as refuted; the first says why."""
    open_goals = [r for o, r in goals if o.termination and not o.proved and o.goal.kind not in DIVERGENCE]
    notes = [(note,), *[()] * len(open_goals)]
    return {
        r.name: replace(r, verdict=GoalVerdict.REFUTED, reason=None, cause=Cause.PROGRAM, notes=n, hypotheses=(), conclusion="")
        for r, n in zip(open_goals, notes, strict=False)
    }


def _no_end(verdict: Verdict) -> Verdict:
    return replace(verdict, terminates=Answer.NO, terminates_reason=None)


def _start(run: Run) -> dict[str, object]:
    return {
        "kind": "divergence",
        "inputs": {name: show(value) for name, value in run.initial.items()},
        "choices": [{"what": c.what, "value": show(c.value)} for c in run.choices],
    }


def inputs_text(run: Run) -> str:
    choices = ", ".join(f"{c.what} := {show(c.value)}" for c in run.choices[:8])
    state = show_state(run.initial) if run.initial else "no inputs"
    return f"{state}; choosing {choices}" if choices else state


def run_json(run: Run, wrong: Break | Failure) -> dict[str, object]:
    """The run as JSON values: enough to replay it."""
    place = wrong.span.first if wrong.span else None
    return {
        "kind": "run",
        "inputs": {name: show(value) for name, value in run.initial.items()},
        "choices": [{"what": c.what, "value": show(c.value)} for c in run.choices],
        "steps": run.steps,
        "obligation": wrong.kind.value,
        "message": wrong.message,
        "line": place.line if place else None,
    }


def is_about(wrong: Break | Failure, goal: Goal) -> bool:
    """Is it this goal's obligation that was broken?"""
    if goal.kind.value != wrong.kind.value or wrong.span is None:
        return False
    if isinstance(wrong, Break) and wrong.clause is not None:
        return goal.span is wrong.clause.span or goal.span.text == wrong.clause.span.text or goal.span is wrong.span
    return goal.span.start == wrong.span.start
