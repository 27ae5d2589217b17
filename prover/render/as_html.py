"""Format `html`: one page that needs nothing else: the programs, with a mark on each line where something is to be proved.

Findings stand below their lines, then runs that refute, times, and what is taken on trust.  Made to be read aloud as well:
headings, tables with captions and headers, each sign in words, colour never alone.  The summary stands last in the text, since
files are written as they come, and is shown first; a link leads to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape as quoted
from pathlib import Path

from prover.render.escape import display, escape
from prover.render.finding import Checked, Finding, findings
from prover.render.formats import About
from prover.render.style import PLAIN
from prover.render.tally import Tally, summary_line
from prover.render.text import plural
from prover.report import FileReport, GoalReport, Status, UnitReport, Verdict
from prover.source import Source

_SIGNS = {"proved": "✓", "refuted": "✗", "unknown": "?", "invalid": "!"}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_MOST_ROWS = 200
_TITLES = {"run": "A run that breaks it", "divergence": "A run that does not end", "variants": "Why it ends"}


@dataclass(slots=True)
class _Html:
    about: About
    entries: list[str] = field(default_factory=list)
    number: int = 0

    def start(self) -> str:
        style = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
        return (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Proof check</title>\n'
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<style>\n{style}</style>\n</head>\n<body>\n"
            '<header><a class="skip" href="#summary">To the summary</a>\n<h1>Proof check</h1></header>\n<main>\n'
        )

    def file(self, file: Checked) -> str:
        self.number += 1
        anchor = f"f{self.number}"
        if not file.good or file.report.status is not Status.PROVED:
            self.entries.append(_entry(file, anchor))
        return _section(file, anchor, self.number)

    def finish(self, tally: Tally) -> str:
        rows = [[name, f"{count:,}"] for name, count in tally.summary.items()]
        listed = "".join(self.entries)
        contents = f"<h3>Not proved</h3>\n<ul>\n{listed}</ul>\n" if listed else ""
        sums = _table("Files by status", ["status", "files"], rows)
        versions = f"prover {_text(self.about.prover)}, {_text(self.about.solver)}"
        return (
            '</main>\n<section id="summary" aria-labelledby="sums">\n<h2 id="sums">Summary</h2>\n'
            f"<p>{_text(summary_line(tally, PLAIN))}</p>\n{sums}{contents}</section>\n"
            f"<footer>{versions}. A yes holds for all runs, and rests on what is listed as taken on trust.</footer>\n"
            "</body>\n</html>\n"
        )


def _entry(file: Checked, anchor: str) -> str:
    status = file.report.status.value
    return f'<li><a href="#{anchor}">{_text(file.report.path)}</a>: {status}{_stated(file)}</li>\n'


def _stated(file: Checked) -> str:
    return "" if file.differences is None else ", as stated" if file.good else ", not as stated"


def _section(file: Checked, anchor: str, number: int) -> str:
    report = file.report
    status = report.status.value
    goals = sum(len(u.goals) for u in report.units)
    counts = f"{plural(len(report.units), 'unit')}, {plural(goals, 'goal')}{_stated(file)}{_seconds(report.seconds)}"
    found = findings(file)
    parts = [
        f'<section class="file" id="{anchor}" aria-labelledby="h{number}">\n',
        f'<div class="head"><h2 id="h{number}">{_text(report.path)}</h2>',
        f'<span class="verdict {status}">{_SIGNS[status]} {status}</span><p>{counts}</p></div>\n',
        *[_finding(f) for f in found if f.span is None],
    ]
    program = _programs(report, found)
    opened = "" if file.good else " open"
    parts.append(
        f"<details{opened}><summary>Program and goals</summary>\n{program}{_units(report)}</details>\n" if program else ""
    )
    return "".join([*parts, *[_evidence(u) for u in report.units], _ledger(report), _inferred(report), "</section>\n"])


def _programs(report: FileReport, found: Sequence[Finding]) -> str:
    """The file's text, and that of imported files that findings point into."""
    sources = [report.source] if report.source is not None else []
    for finding in found:
        if finding.span is not None and not any(_same(finding.span.source, s) for s in sources):
            sources.append(finding.span.source)
    return "".join([_program(s, report, [f for f in found if f.span and _same(f.span.source, s)]) for s in sources])


def _same(a: Source, b: Source) -> bool:
    return a is b or (a.name == b.name and a.text == b.text)


def _program(source: Source, report: FileReport, found: Sequence[Finding]) -> str:
    goals: defaultdict[int, list[GoalReport]] = defaultdict(list)
    for goal in (g for u in report.units for g in u.goals):
        if _same(goal.span.source, source):
            goals[goal.span.first.line].append(goal)
    below: defaultdict[int, list[Finding]] = defaultdict(list)
    for finding in found:
        if finding.span is not None:
            below[finding.span.first.line].append(finding)
    lines = range(1, len(source.starts()) + 1)
    rows = [_row(n, source.line(n), goals[n], below[n]) for n in lines if n < len(lines) or source.line(n)]
    head = '<thead class="hidden"><tr><th scope="col">line</th><th scope="col">verdict</th><th scope="col">text</th></tr></thead>'
    caption = f"<caption>{_text(source.name)}</caption>"
    return f'<div class="scroll"><table class="code">{caption}{head}<tbody>\n{"".join(rows)}</tbody></table></div>\n'


def _row(number: int, line: str, goals: Sequence[GoalReport], below: Sequence[Finding]) -> str:
    worst, words = _verdicts(goals)
    sign = f'<span aria-hidden="true">{_SIGNS[worst]}</span><span class="hidden">{words}</span>' if worst else ""
    title = f' title="{words}"' if worst else ""
    row = (
        f'<tr class="{worst}"><th scope="row">{number}</th><td class="mark"{title}>{sign}</td>'
        f'<td class="text">{quoted("".join(display(line)))}</td></tr>\n'
    )
    notes = "".join([_finding(f) for f in below])
    return row + (f'<tr><td colspan="3">{notes}</td></tr>\n' if notes else "")


def _verdicts(goals: Sequence[GoalReport]) -> tuple[str, str]:
    """The worst of them, and all in words."""
    counts = [(v.value, sum(g.verdict is v for g in goals)) for v in (Verdict.REFUTED, Verdict.UNKNOWN, Verdict.PROVED)]
    present = [(value, count) for value, count in counts if count]
    return (present[0][0] if present else "", ", ".join(f"{plural(count, 'goal')} {value}" for value, count in present))


def _finding(finding: Finding) -> str:
    kind = "refuted" if finding.severity == "error" else finding.severity
    labels = [(f"line {label.span.first.line}", label.text) for label in finding.labels if label.text]
    notes = "".join([f"<dt>{_text(name)}</dt><dd>{_text(text)}</dd>" for name, text in (*labels, *finding.notes)])
    what = f"<strong>{finding.severity}</strong>: {_text(finding.message)} <code>[{_text(finding.code)}]</code>"
    return f'<div class="finding {kind}" role="note"><p class="what">{what}</p>{f"<dl>{notes}</dl>" if notes else ""}</div>\n'


def _units(report: FileReport) -> str:
    timed = any(u.seconds is not None for u in report.units)
    rows = []
    for unit in report.units:
        ends = unit.terminates.value if unit.terminates is not None else "not asked"
        correct = f"{unit.correct.value}, vacuously" if unit.vacuous else unit.correct.value
        row = [unit.name, unit.kind, correct, ends, f"{len(unit.goals):,}"]
        rows.append([*row, f"{unit.seconds:.3f}"] if timed and unit.seconds is not None else row)
    if not rows:
        return ""
    head = ["unit", "kind", "correct", "terminates", "goals", *(["seconds"] if timed else [])]
    return _table("Units", head, rows)


def _evidence(unit: UnitReport) -> str:
    if not unit.evidence:
        return ""
    title = _TITLES.get(str(unit.evidence.get("kind")), "Evidence")
    shown = {k: v for k, v in unit.evidence.items() if k != "kind"}
    return f"<h3>{title}: {_text(unit.name)}</h3>\n{_value(shown)}\n"


def _value(value: object) -> str:
    """JSON values as lists and tables."""
    match value:
        case Mapping():
            return "<dl>" + "".join([f"<dt>{_text(str(k))}</dt><dd>{_value(v)}</dd>" for k, v in value.items()]) + "</dl>"
        case [Mapping() as first, *_] if all(isinstance(v, Mapping) and v.keys() == first.keys() for v in value):
            cells = [[_plain(v) for v in row.values()] for row in value[:_MOST_ROWS] if isinstance(row, Mapping)]
            return _table("", [str(k) for k in first], cells)
        case list() | tuple():
            return "".join([f"<div>{_value(v)}</div>" for v in value[:_MOST_ROWS]]) or "none"
        case _:
            return _text(_plain(value))


def _plain(value: object) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return str(value).lower()
        case Mapping():
            return ", ".join(f"{k} = {_plain(v)}" for k, v in value.items())
        case list() | tuple():
            return ", ".join(map(_plain, value))
        case _:
            return str(value)


def _ledger(report: FileReport) -> str:
    found = dict.fromkeys(
        (u.name, a.kind, a.text, _place(a.span.source, a.span.first.line)) for u in report.units for a in u.assumptions
    )
    return "<h3>Taken on trust</h3>\n" + _table("", ["by", "what", "text", "where"], found) if found else ""


def _inferred(report: FileReport) -> str:
    found = [(_place(i.span.source, i.span.first.line), i.text) for u in report.units for i in u.inferred]
    return "<h3>Annotations that were found</h3>\n" + _table("", ["for the loop at", "annotation"], found) if found else ""


def _place(source: Source, line: int) -> str:
    return f"{source.name}:{line}"


def _table(caption: str, head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    columns = "".join([f'<th scope="col">{_text(h)}</th>' for h in head])
    lines = "".join(["<tr>" + "".join([f"<td>{_text(cell)}</td>" for cell in row]) + "</tr>\n" for row in rows])
    named = f"<caption>{caption}</caption>" if caption else ""
    inside = f"{named}<thead><tr>{columns}</tr></thead><tbody>\n{lines}</tbody>"
    return f'<div class="scroll"><table class="plain">{inside}</table></div>\n'


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f", {seconds:.2f} s"


def _text(text: str) -> str:
    return quoted(escape(text))


def made(about: About) -> _Html:
    return _Html(about)
