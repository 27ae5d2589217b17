"""Reports as JSON: the shape of `docs/report.schema.json`, the same bytes for the same report, ASCII only.

Times appear only where the report holds them (`--timings`)."""

from __future__ import annotations

import json
from typing import TypeAlias

from prover.diagnostic import Diagnostic
from prover.report import SCHEMA, AssumptionReport, FileReport, GoalReport, InferredReport, Report, UnitReport
from prover.source import Source, Span

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


def report_json(report: Report) -> str:
    """One JSON object on one line, with a final line end."""
    return json.dumps(report_value(report), ensure_ascii=True) + "\n"


def report_value(report: Report) -> dict[str, Json]:
    value: dict[str, Json] = {
        "schema": SCHEMA,
        "prover": report.prover,
        "solver": report.solver,
        "files": [file_value(f) for f in report.files],
        "summary": dict(report.summary),
    }
    return _timed(value, report.seconds)


def file_value(file: FileReport) -> dict[str, Json]:
    own = file.source
    value: dict[str, Json] = {
        "path": file.path,
        "status": file.status.value,
        "units": [unit_value(u, own) for u in file.units],
        "diagnostics": [diagnostic_value(d, own) for d in file.diagnostics],
    }
    return _timed(value, file.seconds)


def unit_value(unit: UnitReport, own: Source | None) -> dict[str, Json]:
    value: dict[str, Json] = {
        "name": unit.name,
        "kind": unit.kind,
        "span": span_value(unit.span, own),
        "correct": unit.correct.value,
        "terminates": unit.terminates.value if unit.terminates else None,
        "vacuous": unit.vacuous,
        "goals": [_goal(g, own) for g in unit.goals],
        "assumptions": [_assumption(a, own) for a in unit.assumptions],
        "inferred": [_assumption(i, own) for i in unit.inferred],
        "evidence": _plain(dict(unit.evidence)),
    }
    return _timed(value, unit.seconds)


def _goal(goal: GoalReport, own: Source | None) -> Json:
    value: dict[str, Json] = {
        "name": goal.name,
        "kind": goal.kind,
        "verdict": goal.verdict.value,
        "reason": goal.reason.value if goal.reason else None,
        "cause": goal.cause.value if goal.cause else None,
        "span": span_value(goal.span, own),
    }
    if goal.certified is not None:
        value["certified"] = goal.certified.value
    return _timed(value, goal.seconds)


def _assumption(item: AssumptionReport | InferredReport, own: Source | None) -> Json:
    return {"kind": item.kind, "text": item.text, "span": span_value(item.span, own)}


def diagnostic_value(finding: Diagnostic, own: Source | None) -> Json:
    """Notes hold the text of second places and the help, too: each a line of its own."""
    notes = [f"line {label.span.first.line}: {label.text}" for label in finding.labels if label.text]
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
        "span": span_value(finding.span, own) if finding.span else None,
        "notes": [*notes, *finding.notes, *[f"help: {h}" for h in finding.help]],
    }


def span_value(span: Span, own: Source | None) -> Json:
    """Lines and columns count from 1, columns in characters; `end` is just behind the last one.
    `path` is there only for a place in another file than the one reported on (an import)."""
    first, last = span.first, span.last
    value: dict[str, Json] = {
        "start": {"line": first.line, "column": first.column},
        "end": {"line": last.line, "column": last.column},
    }
    if own is not None and span.source is not own and span.source.name != own.name:
        value["path"] = span.source.name
    return value


def _timed(value: dict[str, Json], seconds: float | None) -> dict[str, Json]:
    if seconds is not None:
        value["seconds"] = round(seconds, 3)
    return value


def _plain(value: object) -> Json:
    """Evidence as JSON; integers beyond 2^53 as text, because many readers would round them."""
    match value:
        case None | bool() | str() | float():
            return value
        case int():
            return value if abs(value) <= 1 << 53 else str(value)
        case dict():
            return {str(k): _plain(v) for k, v in value.items()}
        case list() | tuple():
            return [_plain(v) for v in value]
        case _:
            raise TypeError(f"{type(value).__name__} is no JSON value")
