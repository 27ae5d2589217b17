"""What tests of inference share: a text is checked, and what was found is put into it."""

from __future__ import annotations

from pathlib import Path

from prover.check import Options, check_files
from prover.inputs import Input
from prover.report import FileReport, UnitReport
from prover.syntax.insert import inserted


def checked(text: str, *, infer: bool = True, total: bool = False, jobs: int | None = 1, timeout: float = 20.0) -> FileReport:
    options = Options(infer=infer, total=total, jobs=jobs, timeout=timeout)
    (report,) = check_files([Input("t.proof", text.encode(), Path())], options)
    return report


def written(report: FileReport) -> str:
    """The text with what was found for its units."""
    assert report.source is not None
    found: dict[int, list[str]] = {}
    for item in (i for u in report.units for i in u.inferred):
        found.setdefault(item.span.start, []).append(item.text)
    return inserted(report.source, found)


def ended(text: str, infer: bool) -> tuple[UnitReport, str]:
    """What is said of the first unit, whose end is asked, and the text with what was found."""
    report = checked(text, infer=infer, total=True, jobs=None)
    return report.units[0], written(report)


def of_three(body: str) -> str:
    """A procedure with three numbers."""
    return f"procedure p(inout x: int, inout y: int, inout z: int) begin {body} end"
