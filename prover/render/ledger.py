"""The trust ledger of a folder: what each answer takes on trust, as text, Markdown or JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from prover.render.escape import escape
from prover.render.json import Json
from prover.render.style import BOLD, DIM, Style
from prover.render.text import plural
from prover.report import Answer, FileReport, UnitReport
from prover.source import Span

WORDS = {
    "assume": "an `assume` that nothing checks",
    "axiom": "an axiom",
    "bodiless": "a procedure without a body, by its contract",
    "uninterpreted": "a function without a body: that there is one",
    "partial-correctness": "partial correctness only",
    "vacuous": "a contradiction: proved vacuously",
}
WORLD = (
    "`int` and `nat` are mathematical integers; machine integers are those of their range",
    "division is Euclidean for all types, in programs and in specifications",
    "specifications say what is meant",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a unit's answer rests on.  kind: of `report.AssumptionReport`, or `vacuous`."""

    path: str
    unit: str
    correct: Answer
    kind: str
    text: str
    span: Span

    @property
    def words(self) -> str:
        return WORDS.get(self.kind) or f"a {self.kind.removeprefix('unproved-')} that is not proved"


def entries(files: Sequence[FileReport]) -> list[Entry]:
    """In the order of the files and their units."""
    return [e for f in files for u in f.units for e in _unit_entries(f, u)]


def _unit_entries(file: FileReport, unit: UnitReport) -> Iterator[Entry]:
    for item in unit.assumptions:
        yield Entry(file.path, unit.name, unit.correct, item.kind, item.text, item.span)
    if unit.vacuous:
        yield Entry(file.path, unit.name, unit.correct, "vacuous", unit.name, unit.name_span or unit.span)


def ledger_text(found: Sequence[Entry], files: Sequence[FileReport], solver: str, style: Style) -> str:
    lines: list[str] = []
    for path in dict.fromkeys(e.path for e in found):
        lines.append(style.paint(BOLD, escape(path)))
        for entry in [e for e in found if e.path == path]:
            place = f"{entry.span.first.line}:{entry.span.first.column}"
            lines.append(f"  {escape(entry.unit)} rests on {entry.words}: {escape(entry.text)}  {style.paint(DIM, place)}")
    lines += [""] if lines else []
    lines.append(style.paint(BOLD, "every answer rests on"))
    lines += [f"  {text}" for text in (*WORLD, f"{solver}, and the kernel of this prover")]
    return "\n".join([*lines, "", summary(found, files)])


def summary(found: Sequence[Entry], files: Sequence[FileReport]) -> str:
    units = sum(len(f.units) for f in files)
    resting = len({(e.path, e.unit) for e in found})
    return (
        f"{resting} of {units} units rest on something that is not proved here"
        if found
        else f"{plural(units, 'unit')}, nothing assumed"
    )


def ledger_markdown(found: Sequence[Entry], files: Sequence[FileReport], solver: str) -> str:
    lines = ["# What is taken on trust", "", "| file | unit | correct | rests on | where |", "| --- | --- | --- | --- | --- |"]
    for entry in found:
        cells = (
            escape(entry.path),
            f"`{escape(entry.unit)}`",
            entry.correct.value,
            f"{entry.words}: `{_cell(entry.text)}`",
            f"line {entry.span.first.line}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "Every answer rests on:", ""]
    lines += [f"- {text}" for text in (*WORLD, f"{solver}, and the kernel of this prover")]
    return "\n".join([*lines, "", f"{summary(found, files)}."])


def _cell(text: str) -> str:
    return escape(text).replace("|", "\\|").replace("`", "'").replace("\n", " ")


def ledger_json(found: Sequence[Entry], files: Sequence[FileReport], prover: str, solver: str) -> dict[str, Json]:
    listed: list[Json] = [
        {
            "path": e.path,
            "unit": e.unit,
            "correct": e.correct.value,
            "kind": e.kind,
            "text": e.text,
            "line": e.span.first.line,
            "column": e.span.first.column,
        }
        for e in found
    ]
    units = sum(len(f.units) for f in files)
    return {"schema": 1, "prover": prover, "solver": solver, "assumptions": listed, "world": list(WORLD), "units": units}
