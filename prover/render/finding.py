"""What is to be said about a file, as one list: its diagnostics, and the goals and units that are not proved.

All formats that list findings render these; text lays the same things out itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prover.diagnostic import Diagnostic, Label
from prover.record import record
from prover.render.snippet import excerpt
from prover.render.style import PLAIN
from prover.render.text import Head, goal_head, goal_notes, hints, open_with_resting, unit_head, unit_notes
from prover.report import FileReport, Status, UnitReport
from prover.source import Span


@record
class Checked:
    """A file's report.  differences: to the verdicts that it states; None where that was not asked."""

    report: FileReport
    differences: tuple[Diagnostic, ...] | None = None

    @property
    def good(self) -> bool:
        """Is it as wanted: as stated, or, where that was not asked, proved?"""
        return self.report.status is Status.PROVED if self.differences is None else not self.differences


@record
class Finding:
    """severity: `error`, `refuted`, `unknown`, `warning`, `note`.  about: a unit or a goal by name, or empty.
    notes: a name and a text each."""

    severity: str
    code: str
    message: str
    span: Span | None
    labels: tuple[Label, ...]
    notes: tuple[tuple[str, str], ...]
    about: str = ""


def findings(file: Checked) -> list[Finding]:
    """In the order of the text output.  Where stated verdicts were asked, the differences to them."""
    if file.differences is not None and (file.good or file.report.status is not Status.INVALID):
        return [_diagnosed(d) for d in file.differences]
    found = [_diagnosed(d) for d in (*(file.differences or ()), *file.report.diagnostics)]
    for unit in file.report.units:
        found += of_unit(unit)
    return found


def of_unit(unit: UnitReport) -> Iterator[Finding]:
    opened = list(open_with_resting(unit))
    for goal, resting in opened:
        yield _finding(goal_head(goal), goal.span, goal.labels, goal_notes(goal, resting), goal.name)
    if unit.status is not Status.PROVED and not opened:
        yield _finding(unit_head(unit), unit.name_span or unit.span, (), unit_notes(unit), unit.name)


def _diagnosed(found: Diagnostic) -> Finding:
    head = Head(found.severity.value, found.code, found.message)
    return _finding(head, found.span, found.labels, hints(found.notes, found.help), "")


def _finding(head: Head, span: Span | None, labels: tuple[Label, ...], notes: Sequence[tuple[str, str]], about: str) -> Finding:
    return Finding(head.severity, head.code, head.message, span, labels, tuple(notes), about)


def body(finding: Finding) -> str:
    """The excerpt and the notes, as plain text of several lines."""
    lines = excerpt(finding.span, finding.labels, PLAIN)[0] if finding.span is not None else []
    return "\n".join([*lines, *[f"{name}: {text}" for name, text in finding.notes if name != "goal"]])
