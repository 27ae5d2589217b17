"""Reports as text: a line for each file, then what is not proved in the layout of rustc, at last a line that sums up.

User's text is escaped throughout, and never starts a line: what looks like a verdict there cannot be mistaken for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

from prover.diagnostic import Diagnostic, Label, Severity
from prover.record import record
from prover.render.escape import escape
from prover.render.snippet import excerpt
from prover.render.style import BLUE, BOLD, CYAN, DIM, GREEN, RED, YELLOW, Style
from prover.report import Answer, Cause, FileReport, GoalReport, Hypothesis, Reason, Status, UnitReport, Verdict
from prover.source import Span

_MARKS = {Status.PROVED: ("✓", "+"), Status.UNKNOWN: ("?", "?"), Status.REFUTED: ("✗", "x"), Status.INVALID: ("!", "!")}
COLOURS = {Status.PROVED: GREEN, Status.UNKNOWN: YELLOW, Status.REFUTED: RED, Status.INVALID: RED}
_SEVERITY_COLOURS = {"error": RED, "refuted": RED, "unknown": YELLOW, "warning": YELLOW, "note": CYAN}
_LONGEST = 300  # characters of a formula
_SHOWN_HYPOTHESES = 8
_STATEMENT = 36

WHY = {
    Reason.TIMEOUT: "the time limit ended the attempt (--timeout)",
    Reason.RESOURCES: "the solver's budget or memory ran out (--rlimit)",
    Reason.INCOMPLETE: "the solver can neither prove nor refute it",
    Reason.WORKER_DIED: "the solver's process died",
    Reason.UNCONFIRMED: "the solver has a state in which it fails, but no run from the start has shown that state",
    Reason.BROKEN: "a run breaks this annotation; the program may be right all the same",
    Reason.MISSING: "there is nothing to prove it from: an annotation is missing",
    Reason.DEPENDS: "it rests on something that is not proved",
    Reason.SELF_REFERENCE: "it rests on the prover's own answer",
    Reason.SCRIPT: "the proof script does not close it",
    Reason.AUTOMATION: "the solver may not close this by itself here: prove it in steps",
    Reason.VACUOUS: "it rests on a contradiction, which --strict does not count as proved",
    Reason.SKIPPED: "it was not tried",
}


CAUSES = {
    Cause.PROGRAM: "the program",
    Cause.ANNOTATION: "an annotation is wrong, missing or too weak",
    Cause.SOLVER: "the solver gave up, which says nothing about the program",
}


def plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count:,} {noun}s"


def file_line(file: FileReport, style: Style, held: bool | None = None) -> str:
    """`✓ proved   a.proof: 2 units, 9 goals`.  held: whether verdicts are as the file states; None when that was not asked."""
    mark, ascii_mark = _MARKS[file.status]
    verdict = f"{mark if style.unicode else ascii_mark} {file.status.value:<8}"
    line = f"{style.paint(COLOURS[file.status], verdict)} {escape(file.path)}: {_counts(file)}"
    if held is not None:
        line += ", " + (style.paint(GREEN, "as stated") if held else style.paint(RED, "not as stated"))
    return line + (style.paint(DIM, f" [{file.seconds:.2f} s]") if file.seconds is not None else "")


def _counts(file: FileReport) -> str:
    if file.status is Status.INVALID:
        return plural(sum(d.severity is Severity.ERROR for d in file.diagnostics), "error")
    goals = [g for u in file.units for g in u.goals]
    if not file.units:
        return "nothing to prove"
    refuted = sum(g.verdict is Verdict.REFUTED for g in goals)
    unknown = sum(g.verdict is Verdict.UNKNOWN for g in goals)
    parts = [plural(len(file.units), "unit"), plural(len(goals), "goal")]
    parts += [f"{refuted} refuted"] if refuted else []
    parts += [f"{unknown} not proved"] if unknown else []
    trusted = sum(u.correct is Answer.TRUSTED for u in file.units)
    parts += [f"{trusted} trusted"] if trusted else []
    assumed = sum(a.kind == "assume" for u in file.units for a in u.assumptions)
    parts += [f"{assumed} assumed"] if assumed else []
    vacuous = sum(u.vacuous for u in file.units)
    return ", ".join(parts + ([f"{vacuous} proved vacuously"] if vacuous else []))


def file_details(file: FileReport, style: Style) -> str:
    """The findings of a file and its goals that are not proved, blocks parted by blank lines; empty if there are none."""
    blocks = [diagnostic_text(d, style) for d in file.diagnostics]
    for unit in file.units:
        open_goals = list(open_with_resting(unit))
        blocks += [goal_text(g, style, resting) for g, resting in open_goals]
        blocks += [trace_text(unit, style)] if "trace" in unit.evidence else []
        if unit.status is not Status.PROVED and not open_goals:
            blocks.append(_unit_text(unit, style))
    return "\n\n".join(blocks)


def trace_text(unit: UnitReport, style: Style) -> str:
    """The run that refutes a unit: a line for each step, with the values that it changed."""
    steps = cast("list[Mapping[str, object]]", unit.evidence["trace"])
    inputs = cast("Mapping[str, str]", unit.evidence["inputs"])
    lines = [style.paint(BOLD, f"the run of `{escape(unit.name)}` from {escape(_state(inputs)) or 'no inputs'}, step by step")]
    for step in steps:
        text, place = str(step["text"]), f"{step['line']}:{step['column']}"
        text = text if len(text) <= _STATEMENT else text[: _STATEMENT - 1] + "…"
        indented = "  " * min(cast("int", step["depth"]), 10) + escape(text)
        changed = escape(_state(cast("Mapping[str, str]", step["changed"])))
        lines.append(f"{step['step']:>5}  {place:>7}  {indented:<{_STATEMENT}}  {style.paint(DIM, changed)}".rstrip())
    message = escape(str(unit.evidence["message"]))
    return "\n".join([*lines, f"{'':>14}  {style.paint(RED, message)}"])


def inferred_lines(file: FileReport, style: Style) -> list[str]:
    """A line for each annotation that the prover found, as one would write it: `  found for 7:3: invariant r >= 1`."""
    lines = []
    for item in (i for u in file.units for i in u.inferred):
        first = item.span.first
        text = item.text if item.text.startswith(item.kind) else f"{item.kind} {item.text}"
        lines.append(f"  {style.paint(CYAN, f'found for {first.line}:{first.column}:')} {escape(text)}")
    return lines


def diagnostic_text(finding: Diagnostic, style: Style) -> str:
    head = Head(finding.severity.value, finding.code, finding.message)
    return _block(head, finding.span, finding.labels, hints(finding.notes, finding.help), style)


def open_with_resting(unit: UnitReport) -> Iterator[tuple[GoalReport, tuple[str, ...]]]:
    """The goals that are not proved, each with the names of those that are open only because it is, which are left out."""
    left = [g for g in unit.goals if g.verdict is not Verdict.PROVED]
    for goal in left:
        if goal.root is None:
            yield goal, tuple([g.name for g in left if g.root == goal.name])


def goal_text(goal: GoalReport, style: Style, resting: Sequence[str] = ()) -> str:
    """resting: names of goals that are open only because this one is."""
    return _block(goal_head(goal), goal.span, goal.labels, goal_notes(goal, resting), style)


def goal_head(goal: GoalReport) -> Head:
    refuted = goal.verdict is Verdict.REFUTED
    message = f"a run breaks this: {goal.description}" if refuted else f"cannot prove that {goal.description}"
    return Head("refuted" if refuted else "unknown", f"goal-{goal.kind}", message)


def goal_notes(goal: GoalReport, resting: Sequence[str] = ()) -> list[tuple[str, str]]:
    """What is said of a goal that is not proved: a name and a text, line by line.  resting: see `goal_text`."""
    refuted = goal.verdict is Verdict.REFUTED
    notes = [("goal", goal.name)]
    if goal.reason is not None:
        notes.append(("why", WHY[goal.reason]))
    if goal.cause is not None and not refuted:
        notes.append(("cause", CAUSES[goal.cause]))
    if goal.conclusion and not refuted and goal.reason is not Reason.MISSING:
        notes.append(("to prove", _short(goal.conclusion)))
        notes += _known(goal.hypotheses)
    if goal.state:
        notes.append(("from" if goal.after else "fails for", _state(goal.state)))
    if goal.after:
        notes.append(("to", _state(goal.after)))
    rest = [("also", f"{', '.join(resting)}: open only because of this")] if resting else []
    return [*notes, *hints(goal.notes, goal.help), *rest]


def _short(formula: str) -> str:
    """A formula that a line can show; `prover goals` shows all of it."""
    return formula if len(formula) <= _LONGEST else f"{formula[:_LONGEST]} ..."


def _state(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items())


def _known(hypotheses: Sequence[Hypothesis]) -> list[tuple[str, str]]:
    """The last few facts, which are nearest to the place; `prover goals` shows all."""
    shown = [
        ("known", f"{_short(h.text)}  ({h.origin}{' ' + h.label if h.label else ''})") for h in hypotheses[-_SHOWN_HYPOTHESES:]
    ]
    left = len(hypotheses) - len(shown)
    return [*([("known", f"{plural(left, 'fact')} more: see `prover goals`")] if left else []), *shown]


def _unit_text(unit: UnitReport, style: Style) -> str:
    return _block(unit_head(unit), unit.name_span or unit.span, (), unit_notes(unit), style)


def unit_head(unit: UnitReport) -> Head:
    """About a unit that is not proved although none of its goals is open: it rests on others."""
    aspect, answer, reason = _open_answer(unit)
    severity = "refuted" if answer is Answer.NO else "unknown"
    return Head(severity, f"unit-{reason.value if reason else severity}", f"`{unit.name}`: {aspect} is {answer.value}")


def unit_notes(unit: UnitReport) -> list[tuple[str, str]]:
    _, _, reason = _open_answer(unit)
    return [*([("why", WHY[reason])] if reason else []), *[("rests on", name) for name in unit.depends]]


def _open_answer(unit: UnitReport) -> tuple[str, Answer, Reason | None]:
    if unit.correct is not Answer.YES:
        return "correct", unit.correct, unit.correct_reason
    assert unit.terminates is not None
    return "terminates", unit.terminates, unit.terminates_reason


def hints(notes: Iterable[str], advice: Iterable[str]) -> list[tuple[str, str]]:
    return [*[("note", n) for n in notes], *[("help", h) for h in advice]]


@record
class Head:
    """severity: a `Severity`'s value, `refuted` or `unknown`.  code: a key of the catalogue."""

    severity: str
    code: str
    message: str


def _block(about: Head, span: Span | None, labels: Sequence[Label], notes: Sequence[tuple[str, str]], style: Style) -> str:
    accent = _SEVERITY_COLOURS[about.severity]
    head = style.paint(accent, f"{about.severity}[{about.code}]") + style.paint(BOLD, f": {escape(about.message)}")
    lines, gutter = excerpt(span, labels, style, accent) if span is not None else ([], 0)
    if notes and span is not None and not lines[-1].endswith(style.paint(BLUE, " " * gutter + " |")):
        lines.append(style.paint(BLUE, " " * gutter + " |"))
    return "\n".join([head, *lines, *_notes(notes, gutter, style)])


def _notes(notes: Sequence[tuple[str, str]], gutter: int, style: Style) -> list[str]:
    lines: list[str] = []
    for name, text in notes:
        first, *rest = text.split("\n")
        lead = f"{style.paint(BLUE, ' ' * gutter + ' =')} {style.paint(BOLD, name + ':')}"
        lines.append(f"{lead} {escape(first)}")
        lines += [f"{' ' * (gutter + 5 + len(name))} {escape(more)}" for more in rest]
    return lines
