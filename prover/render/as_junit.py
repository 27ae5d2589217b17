"""Format `junit`: a test suite for each file, a test case for each unit; what is not proved is a failure.

A file that is invalid is an error.  The dialect that JUnit's Ant task began and that Jenkins, GitLab and others read.  With
stated verdicts a file passes if it is as stated.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape as xml
from xml.sax.saxutils import quoteattr

from prover.render.escape import escape, escape_lines
from prover.render.finding import Checked, Finding, body, findings, of_unit
from prover.render.formats import About
from prover.render.tally import Tally
from prover.report import Answer, FileReport, Status, UnitReport


@dataclass(frozen=True, slots=True)
class _Case:
    name: str
    unit: UnitReport | None
    error: bool
    found: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _JUnit:
    about: About

    def start(self) -> str:
        return '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="prover">\n'

    def file(self, file: Checked) -> str:
        report = file.report
        cases = list(_cases(file))
        counts = {
            "tests": len(cases),
            "failures": sum(bool(c.found) and not c.error for c in cases),
            "errors": sum(c.error for c in cases),
            "skipped": 0,
        }
        head = _attributes({"name": report.path, **counts, **_time(report.seconds)})
        return "".join([f"  <testsuite{head}>\n", *[_written(c, report) for c in cases], "  </testsuite>\n"])

    def finish(self, tally: Tally) -> str:
        return "</testsuites>\n"


def _cases(file: Checked) -> Iterable[_Case]:
    report = file.report
    if file.differences is not None:
        yield _Case("as stated", None, False, tuple(findings(file)))
    elif report.status is Status.INVALID:
        yield _Case("valid", None, True, tuple(findings(file)))
    elif not report.units:
        yield _Case("nothing to prove", None, False, ())
    else:
        for unit in report.units:
            yield _Case(unit.name, unit, False, tuple(of_unit(unit)))


def _written(case: _Case, report: FileReport) -> str:
    unit = case.unit
    place = {"file": report.path, "line": unit.span.first.line} if unit is not None else {"file": report.path}
    head = _attributes({"name": case.name, "classname": report.path, **place, **_time(unit.seconds if unit else None)})
    inner = [_problem(case)] if case.found else []
    trusted = [f"{a.kind}: {a.text}" for a in unit.assumptions] if unit is not None else []
    if unit is not None and unit.correct is Answer.TRUSTED:
        trusted.insert(0, "not proved, but taken on trust")
    if unit is not None and unit.vacuous:
        trusted.insert(0, "proved vacuously: it rests on a contradiction")
    if trusted:
        inner.append(f"      <system-out>{xml(escape_lines(chr(10).join(trusted)))}</system-out>\n")
    return f"    <testcase{head}>\n{''.join(inner)}    </testcase>\n" if inner else f"    <testcase{head}/>\n"


def _problem(case: _Case) -> str:
    """All findings of a case in one element: readers show only the first."""
    tag = "error" if case.error else "failure"
    first = case.found[0]
    text = "\n\n".join([f"{f.severity}[{f.code}]: {f.message}\n{body(f)}".rstrip() for f in case.found])
    return f"      <{tag}{_attributes({'message': first.message, 'type': first.code})}>{xml(escape_lines(text))}</{tag}>\n"


def _time(seconds: float | None) -> dict[str, object]:
    return {} if seconds is None else {"time": f"{seconds:.3f}"}


def _attributes(values: dict[str, object]) -> str:
    return "".join([f" {name}={quoteattr(escape(str(value)))}" for name, value in values.items()])


def made(about: About) -> _JUnit:
    return _JUnit(about)
