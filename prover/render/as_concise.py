"""Format `concise`: a line for each finding, `file:line:col: severity[code] message`, which editors can jump to."""

from __future__ import annotations

from dataclasses import dataclass

from prover.render.escape import escape
from prover.render.finding import Checked, Finding, findings
from prover.render.formats import About
from prover.render.snippet import location
from prover.render.style import Style
from prover.render.tally import Tally, summary_line


@dataclass(frozen=True, slots=True)
class _Concise:
    style: Style

    def start(self) -> str:
        return ""

    def file(self, file: Checked) -> str:
        return "".join([_line(f, file.report.path) for f in findings(file)])

    def finish(self, tally: Tally) -> str:
        return summary_line(tally, self.style) + "\n"


def _line(finding: Finding, path: str) -> str:
    place = location(finding.span) if finding.span is not None else escape(path)
    about = f" ({escape(finding.about)})" if finding.about else ""
    return f"{place}: {finding.severity}[{finding.code}] {escape(finding.message)}{about}\n"


def made(about: About) -> _Concise:
    return _Concise(about.style)
