"""Format `markdown`: an item for each file with what is not proved, then a table of sums; for comments and job summaries."""

from __future__ import annotations

import re
from dataclasses import dataclass

from prover.render.escape import escape, escape_lines
from prover.render.finding import Checked, Finding, body, findings
from prover.render.formats import About
from prover.render.style import PLAIN
from prover.render.tally import Tally, summary_line
from prover.render.text import file_line
from prover.report import FileReport

# What could begin an element in a line of text: CommonMark lets each ASCII punctuation character be escaped.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&$@-])")


@dataclass(frozen=True, slots=True)
class _Markdown:
    def start(self) -> str:
        return "# Proof check\n\n"

    def file(self, file: Checked) -> str:
        found = findings(file)
        trusted = _ledger(file.report)
        lines = [f"- {_text(_line(file))}\n", *[f"  - {_finding(f)}\n" for f in found], *trusted]
        return "".join(lines)

    def finish(self, tally: Tally) -> str:
        rows = "".join([f"| {name} | {count} |\n" for name, count in tally.summary.items()])
        return f"\n## Summary\n\n{_text(summary_line(tally, PLAIN))}\n\n| status | files |\n| --- | ---: |\n{rows}"


def _line(file: Checked) -> str:
    return file_line(file.report, PLAIN, None if file.differences is None else file.good)


def _finding(finding: Finding) -> str:
    head = f"**{finding.severity}** {_text(finding.message)} ({_text(finding.code)})"
    text = escape_lines(body(finding))
    if not text:
        return head
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    block = "\n".join(["", f"{fence}text", *text.split("\n"), fence])
    return head + "\n" + block.replace("\n", "\n    ")


def _ledger(report: FileReport) -> list[str]:
    found = dict.fromkeys((u.name, a.kind, a.text) for u in report.units for a in u.assumptions)
    return [f"  - taken on trust by {_text(unit)}: {_text(kind)} {_text(text)}\n" for unit, kind, text in found]


def _text(text: str) -> str:
    """Text that stays text: nothing of a user's becomes a link, a heading, HTML or a mention."""
    return _SPECIAL.sub(r"\\\1", escape(text))


def made(about: About) -> _Markdown:
    return _Markdown()
