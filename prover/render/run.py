"""Runs as text: where they started, what was chosen, how they ended, and what they broke."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import assert_never

from prover.diagnostic import Diagnostic, Label, Severity, error, warning
from prover.render.escape import escape
from prover.render.style import DIM, GREEN, RED, YELLOW, Style
from prover.semantics.outcome import Blocked, Break, BreakKind, Doubt, Ended, Failed, OutOfSteps, Run, Step, Undetermined
from prover.semantics.values import Failure, Value, show, show_state
from prover.source import Span

_CHOICES_SHOWN = 20
_STATEMENT_COLUMNS = 36


def findings(run: Run) -> tuple[Diagnostic, ...]:
    """What went wrong, in the order it did: errors are the program's, warnings an annotation's or the interpreter's limits."""
    ending = _ending_finding(run)
    return (*[_broken(b) for b in run.breaks], *([ending] if ending else []), *[_doubt(d) for d in run.doubts])


def _broken(broken: Break) -> Diagnostic:
    place = broken.clause.span if broken.clause else broken.span
    labels = () if place is broken.span else (Label(broken.span, "here"),)
    if broken.kind is BreakKind.REQUIRES:
        place, labels = broken.span, (Label(place, "this is required"),) if broken.clause else ()
    notes = [f"in `{broken.unit}` after {_steps(broken.step)}: {_state(broken.state)}"]
    if not broken.kind.of_program:
        notes.append("the annotation is wrong; that says nothing about the program")
    make = error if broken.kind.of_program else warning
    return make(f"run-{broken.kind.value}", broken.message, place, labels=labels, notes=tuple(notes))


def _ending_finding(run: Run) -> Diagnostic | None:
    outcome = run.outcome
    notes: tuple[str, ...]
    match outcome:
        case Ended():
            return None
        case Failed():
            failure = outcome.failure
            notes = (f"in `{outcome.unit}` after {_steps(run.steps)}: {_state(outcome.state)}",)
            return error(f"run-{failure.kind.value}", _failed(failure), failure.span, notes=notes)
        case Blocked():
            notes = (f"in `{outcome.unit}`: {_state(outcome.state)}", "a run that meets it is no run of the program")
            what = "this is assumed, and does not hold" if run.steps else "this is required at the start, and does not hold"
            return error("run-blocked", what, outcome.clause.span, notes=notes)
        case OutOfSteps():
            notes = (f"in `{outcome.unit}`: {_state(outcome.state)}",)
            return warning("run-steps", f"the run was stopped: {outcome.reason}", None, notes=notes)
        case Undetermined():
            notes = (f"in `{outcome.unit}`: {_state(outcome.state)}",)
            return warning("run-undetermined", f"the run cannot go on: {outcome.reason}", outcome.span, notes=notes)
        case _:
            assert_never(outcome)


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"{count:,} steps"


def _failed(failure: Failure) -> str:
    return f"the operation fails: {failure.message}"


def _doubt(doubt: Doubt) -> Diagnostic:
    message = f"whether this holds cannot be told: {doubt.reason}"
    return Diagnostic("run-undetermined", Severity.NOTE, message, doubt.span)


def _state(state: Mapping[str, Value]) -> str:
    return show_state(state) or "no variables"


def heading(unit: str, inputs: Mapping[str, Value]) -> str:
    """`factorial from n = 5`."""
    return f"{escape(unit)} from {escape(show_state(inputs))}" if inputs else escape(unit)


def closing(run: Run, shown: Mapping[str, Value], style: Style) -> str:
    """How it ended, in a line: `ended after 23 steps: r = 120`.  shown: the variables that the end is about."""
    steps = _steps(run.steps)
    match run.outcome:
        case Ended():
            state = f": {show_state(shown)}" if shown else ""
            return style.paint(GREEN, f"ended after {steps}") + escape(state)
        case Failed():
            return style.paint(RED, f"failed after {steps}")
        case Blocked():
            return style.paint(YELLOW, f"no run: blocked after {steps}")
        case OutOfSteps():
            return style.paint(YELLOW, f"stopped after {steps}")
        case Undetermined():
            return style.paint(YELLOW, f"undetermined after {steps}")
        case other:
            assert_never(other)


def chosen(run: Run) -> Iterator[str]:
    """A line for each choice that the run made at a `*`."""
    for choice in run.choices[:_CHOICES_SHOWN]:
        place = f" (line {choice.span.first.line})" if choice.span else ""
        yield escape(f"chosen: {choice.what} = {show(choice.value)}{place}")
    if len(run.choices) > _CHOICES_SHOWN:
        yield f"chosen: {len(run.choices) - _CHOICES_SHOWN} more"


def step_line(step: Step, before: Mapping[str, Value], style: Style) -> str:
    """`   12  7:5  r := r * i    r = 6`: the statement, and what it changed."""
    first = step.span.first
    text = _first_line(step.span)
    changed = {n: v for n, v in step.state.items() if n not in before or before[n] != v or type(before[n]) is not type(v)}
    indent = "  " * min(step.depth, 10)
    place = f"{first.line}:{first.column}"
    line = f"{step.number:>5}  {place:>7}  {indent}{escape(text):<{_STATEMENT_COLUMNS}}"
    return f"{line}  {style.paint(DIM, escape(show_state(changed)))}".rstrip()


def _first_line(span: Span) -> str:
    text = " ".join(span.text.split())
    return text if len(text) <= _STATEMENT_COLUMNS else text[: _STATEMENT_COLUMNS - 1] + "…"
