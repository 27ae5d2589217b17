"""Grades for students and instructors: feedback as text, a class as Markdown, CSV, JSON, JUnit, one student for Gradescope."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence

from prover.diagnostic import Diagnostic
from prover.render.escape import escape
from prover.render.style import BOLD, GREEN, PLAIN, RED, YELLOW, Style
from prover.teach.grade import Grade, Obligation, State
from prover.teach.hints import LEVELS, hints
from prover.teach.template import Template

FORMATS = ("markdown", "json", "csv", "junit", "gradescope")
_COLOURS = {State.PROVED: GREEN, State.OPEN: RED, State.UNDECIDED: YELLOW, State.WITHHELD: YELLOW}
_BAR = 40


def feedback(grade: Grade, style: Style, level: int) -> Iterator[str]:
    """A line for each obligation, hints below it, and a line that sums up."""
    said = {o.name: lines for o, lines in hints(grade, level)}
    for obligation in grade.obligations:
        state = style.paint(_COLOURS[obligation.state], f"{obligation.state.value:<9}")
        yield f"{state} {escape(obligation.name)}"
        for line in said.get(obligation.name, ()):
            yield f"    {escape(line)}"
    proved = sum(o.state is State.PROVED for o in grade.obligations)
    verdict = "solved" if grade.solved else "not solved yet"
    yield style.paint(BOLD, f"{verdict}: {proved} of {len(grade.obligations)} obligations proved")


def written(format: str, template: Template, grades: Sequence[Grade]) -> str:
    """The output in one of `FORMATS`, without a last line end."""
    match format:
        case "json":
            return json.dumps(_json(template, grades), ensure_ascii=False, indent=1)
        case "csv":
            return _csv(template, grades)
        case "junit":
            return _junit(grades)
        case "gradescope":
            return json.dumps(_gradescope(grades[0]), ensure_ascii=False, indent=1)
        case _:
            return "\n".join(_markdown(template, grades))


def _why(grade: Grade, obligation: Obligation) -> str:
    if grade.problems:
        return _problem(grade.problems[0])
    return "\n".join(next((lines for o, lines in hints(grade, LEVELS) if o is obligation), ()))


def _problem(found: Diagnostic) -> str:
    where = f"line {found.span.first.line}: " if found.span else ""
    return escape("; ".join([where + found.message, *found.help]))


def _json(template: Template, grades: Sequence[Grade]) -> dict[str, object]:
    return {
        "schema": 1,
        "template": template.source.name,
        "budget": template.settings.budget,
        "submissions": [_json_grade(g) for g in grades],
        "summary": [{"obligation": n, "failed": f, "undecided": u} for n, f, u in _failures(template, grades)],
    }


def _json_grade(grade: Grade) -> dict[str, object]:
    return {
        "path": grade.path,
        "points": grade.points,
        "possible": grade.possible,
        "problems": [{"code": d.code, "message": _problem(d)} for d in grade.problems],
        "obligations": [
            {"name": o.name, "state": o.state.value, "points": o.points, "possible": o.possible, "feedback": _why(grade, o)}
            for o in grade.obligations
        ],
    }


def _csv(template: Template, grades: Sequence[Grade]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["submission", "points", "possible", *template.obligations, "undecided", "problem"])
    for grade in grades:
        problem = _problem(grade.problems[0]) if grade.problems else ""
        row = [_cell(grade.path), grade.points, grade.possible, *[o.points for o in grade.obligations], len(grade.undecided)]
        writer.writerow([*row, _cell(problem)])
    return out.getvalue().rstrip("\n")


def _cell(text: str) -> str:
    """What a spreadsheet would take for a formula gets an apostrophe in front: file names are the students'."""
    text = escape(text)
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t") else text


def _junit(grades: Sequence[Grade]) -> str:
    from xml.etree import ElementTree as ET

    root = ET.Element("testsuites", tests=str(sum(len(g.obligations) for g in grades)))
    for grade in grades:
        failures = sum(o.state in (State.OPEN, State.WITHHELD) for o in grade.obligations)
        counts = {
            "name": escape(grade.path),
            "tests": str(len(grade.obligations)),
            "failures": str(failures),
            "skipped": str(len(grade.undecided)),
        }
        suite = ET.SubElement(root, "testsuite", {"name": escape(grade.path), **{k: str(n) for k, n in counts.items()}})
        for o in grade.obligations:
            case = ET.SubElement(suite, "testcase", classname=escape(grade.path), name=escape(o.name))
            if o.state is State.UNDECIDED:
                ET.SubElement(case, "skipped", message=_why(grade, o))
            elif o.state is not State.PROVED:
                ET.SubElement(case, "failure", message=o.state.value).text = _why(grade, o)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def _gradescope(grade: Grade) -> dict[str, object]:
    """Gradescope's results.json: `score` and, for each test, `score`, `max_score`, `status`, `name`, `output`."""
    tests = [
        {
            "name": o.name,
            "score": o.points,
            "max_score": o.possible,
            "status": "passed" if o.state is State.PROVED else "failed",
            "output": _why(grade, o),
            "output_format": "text",
            "visibility": "visible",
        }
        for o in grade.obligations
    ]
    said = "\n".join(_problem(d) for d in grade.problems) or "\n".join(feedback(grade, PLAIN, LEVELS))
    return {"score": grade.points, "output": said, "output_format": "text", "visibility": "visible", "tests": tests}


def _failures(template: Template, grades: Sequence[Grade]) -> list[tuple[str, int, int]]:
    """By obligation: how many did not prove it, and for how many the prover gave up; what most fail comes first."""
    found = []
    for number, name in enumerate(template.obligations):
        states = [g.obligations[number].state for g in grades]
        found.append((name, sum(s is State.OPEN for s in states), sum(s is State.UNDECIDED for s in states)))
    return sorted(found, key=lambda f: -f[1])


def _markdown(template: Template, grades: Sequence[Grade]) -> Iterator[str]:
    yield from ("| submission | points | of | remark |", "| --- | ---: | ---: | --- |")
    for grade in grades:
        yield f"| {_md(grade.path)} | {grade.points} | {grade.possible} | {_remark(grade)} |"
    yield from ("", "| obligation | failed | undecided | |", "| --- | ---: | ---: | --- |")
    for name, failed, undecided in _failures(template, grades):
        bar = "█" * round(_BAR * failed / len(grades)) if grades else ""
        yield f"| {_md(name)} | {failed} | {undecided} | {bar} |"
    total = sum(g.solved for g in grades)
    yield from ("", f"{len(grades)} submissions, {total} solved; budget {template.settings.budget:,} resource units a goal")


def _remark(grade: Grade) -> str:
    if grade.problems:
        return _md(_problem(grade.problems[0]))
    open_ones = [o.name for o in grade.obligations if o.state in (State.OPEN, State.UNDECIDED)]
    return _md("solved" if grade.solved else "not proved: " + ", ".join(open_ones) if open_ones else "does not count")


def _md(text: str) -> str:
    return escape(text).replace("|", "\\|").replace("<", "&lt;").replace("`", "\\`")
