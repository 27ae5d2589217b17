"""What a file's first comment says its verdicts are, and whether they are so (`check --expected`).

    // expected: all yes
    // expected: all yes except search: terminates unknown
    // expected: swap: correct no, terminates unknown; helper: correct yes
    // expected: invalid

Units that are not named must be yes (or trusted); of a named one, only what is stated is held to.  A *yes* that rests on a
contradiction is stated as `correct vacuous`; `terminates null` says that termination is not asked.  Several `expected:` lines
are read as one, joined by `;`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prover.diagnostic import Diagnostic, InputError, error
from prover.report import Answer, FileReport, Status, UnitReport
from prover.source import Source, Span

_LEADING = re.compile(r"\s*(?://(?P<line>[^\r\n]*)|/\*(?P<block>.*?)\*/)", re.DOTALL)
_STATED = re.compile(r"(?:^|[\r\n])[ \t*]*expected:(?P<text>[^\r\n]*)")
_ANSWERS = {"correct": ("yes", "no", "unknown", "trusted", "vacuous"), "terminates": ("yes", "no", "unknown", "null")}


@dataclass(frozen=True, slots=True)
class Expectation:
    """invalid: the file must be refused.  units: by name, the stated answers by aspect (`correct`, `terminates`)."""

    invalid: bool
    units: Mapping[str, Mapping[str, str]]


ALL_YES = Expectation(False, {})


def stated(source: Source) -> tuple[str, Span] | None:
    """The text after `expected:` in the comments before the first declaration, and where it stands; None if there is none."""
    found = list(_statements(source.text.removeprefix("\ufeff"), len(source.text) - len(source.text.removeprefix("\ufeff"))))
    if not found:
        return None
    return "; ".join(text for text, _, _ in found), Span(source, found[0][1], found[-1][2])


def _statements(text: str, base: int) -> Iterator[tuple[str, int, int]]:
    position = 0
    while comment := _LEADING.match(text, position):
        group = "line" if comment["line"] is not None else "block"
        for statement in _STATED.finditer(comment[group]):
            start = comment.start(group) + statement.start("text")
            content = statement["text"]
            lead = len(content) - len(content.lstrip())
            yield content.strip(), base + start + lead, base + start + len(content.rstrip())
        position = comment.end()


def parse(text: str, span: Span | None) -> Expectation:
    """Read what stands after `expected:`.  Raises InputError (`expected-syntax`)."""
    words = text.strip().rstrip(".")
    if words == "invalid":
        return Expectation(True, {})
    rest = words.removeprefix("all yes")
    if rest != words:
        rest = rest.strip().removeprefix(";").strip().removeprefix("except").strip()
    parts = [part.strip() for part in rest.split(";") if part.strip()]
    if not parts and rest == words:
        raise InputError(_malformed("nothing is stated", span))
    return Expectation(False, dict(_unit(part, span) for part in parts))


def _unit(part: str, span: Span | None) -> tuple[str, Mapping[str, str]]:
    name, colon, answers = part.rpartition(":")
    if not colon or not name.strip() or re.search(r"[\s:]", name.strip()):
        raise InputError(_malformed(f"`{part}` is not of the form `name: correct no, terminates unknown`", span))
    return name.strip(), dict(_answer(a.strip(), span) for a in answers.split(","))


def _answer(text: str, span: Span | None) -> tuple[str, str]:
    aspect, _, answer = text.partition(" ")
    if answer.strip() not in _ANSWERS.get(aspect, ()):
        raise InputError(_malformed(f"`{text}` states no answer", span))
    return aspect, answer.strip()


def _malformed(why: str, span: Span | None) -> Diagnostic:
    advice = (
        "write `// expected: all yes`, `// expected: invalid`, or `// expected: name: correct no, terminates unknown; …`",
        f"answers: correct {'|'.join(_ANSWERS['correct'])}, terminates {'|'.join(_ANSWERS['terminates'])}",
    )
    return error("expected-syntax", f"the expected verdicts cannot be read: {why}", span, help=advice)


def hold(report: FileReport) -> tuple[Diagnostic, ...]:
    """What is not as the file states it; empty exactly if all is.  A file that states nothing must be all yes."""
    found = stated(report.source) if report.source else None
    text, span = found or ("all yes", None)
    try:
        expectation = parse(text, span)
    except InputError as failure:
        return failure.diagnostics
    if expectation.invalid or report.status is Status.INVALID:
        return _refusal(expectation, report, span)
    names = {u.name for u in report.units}
    strangers = [n for n in expectation.units if n not in names]
    missing = [error("expected-name", f"there is no unit `{n}` to expect a verdict of", span) for n in strangers]
    return (*missing, *[d for u in report.units for d in _differences(u, expectation.units.get(u.name))])


def _refusal(expectation: Expectation, report: FileReport, span: Span | None) -> tuple[Diagnostic, ...]:
    if expectation.invalid == (report.status is Status.INVALID):
        return ()
    what = "accepted, and stated `invalid`" if expectation.invalid else "invalid"
    return (error("expected-mismatch", f"the file is {what}", span),)


def _differences(unit: UnitReport, wanted: Mapping[str, str] | None) -> Iterator[Diagnostic]:
    held = {"correct": "yes", "terminates": "yes"} if wanted is None else wanted
    for aspect, answer in held.items():
        actual = _actual(unit, aspect)
        if wanted is None and actual in ("trusted", "null"):
            continue
        if actual != answer:
            span = unit.name_span or unit.span
            yield error("expected-mismatch", f"`{unit.name}`: {aspect} is {actual}, stated {answer}", span)


def _actual(unit: UnitReport, aspect: str) -> str:
    if aspect == "terminates":
        return unit.terminates.value if unit.terminates else "null"
    return "vacuous" if unit.vacuous and unit.correct is Answer.YES else unit.correct.value
