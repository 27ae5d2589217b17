"""Format `github`: workflow commands that GitHub Actions shows as annotations at the lines of a pull request."""

from __future__ import annotations

from dataclasses import dataclass

from prover.render.escape import escape, escape_lines
from prover.render.finding import Checked, Finding, findings
from prover.render.formats import About
from prover.render.style import Style
from prover.render.tally import Tally, summary_line

_COMMANDS = {"error": "error", "refuted": "error", "unknown": "warning", "warning": "warning", "note": "notice"}


@dataclass(frozen=True, slots=True)
class _GitHub:
    style: Style

    def start(self) -> str:
        return ""

    def file(self, file: Checked) -> str:
        return "".join([_command(f, file.report.path) for f in findings(file)])

    def finish(self, tally: Tally) -> str:
        return summary_line(tally, self.style) + "\n"


def _command(finding: Finding, path: str) -> str:
    values = {"file": path}
    if finding.span is not None:
        first, last = finding.span.first, finding.span.last
        values["file"] = finding.span.source.name
        values |= {"line": str(first.line), "endLine": str(last.line), "col": str(first.column)}
        if last.line == first.line:  # GitHub takes columns for one line only
            values["endColumn"] = str(max(first.column, last.column - 1))
    values["title"] = finding.code
    text = "\n".join([finding.message, *[f"{name}: {note}" for name, note in finding.notes]])
    properties = ",".join([f"{k}={_property(escape(v))}" for k, v in values.items()])
    return f"::{_COMMANDS[finding.severity]} {properties}::{_data(escape_lines(text))}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def made(about: About) -> _GitHub:
    return _GitHub(about.style)
