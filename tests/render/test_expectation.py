"""`// expected: …`: reading it, and holding reports to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prover.diagnostic import InputError, error
from prover.expectation import Expectation, hold, parse, stated
from prover.report import Answer, FileReport, UnitReport, file_status
from prover.source import Source, Span

HEAD = "// About.\n// expected: "


def unit(name: str, correct: str = "yes", terminates: str | None = None, vacuous: bool = False) -> UnitReport:
    place = Span(Source("a.proof", name), 0, len(name))
    return UnitReport(name, "procedure", place, Answer(correct), Answer(terminates) if terminates else None, vacuous, ())


def held(comment: str, *units: UnitReport, invalid: bool = False) -> list[str]:
    """The messages of what is not as `comment` states."""
    findings = (error("syntax-x", "no", None),) if invalid else ()
    source = Source("a.proof", comment + "\nprocedure p()\n")
    report = FileReport("a.proof", file_status(units, findings), units, findings, source)
    return [d.message for d in hold(report)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("all yes", Expectation(False, {})),
        ("invalid", Expectation(True, {})),
        ("p: correct no", Expectation(False, {"p": {"correct": "no"}})),
        (
            "p: correct no, terminates unknown; q: correct yes",
            Expectation(False, {"p": {"correct": "no", "terminates": "unknown"}, "q": {"correct": "yes"}}),
        ),
        ("all yes except p: terminates null", Expectation(False, {"p": {"terminates": "null"}})),
        ("all yes; p: correct vacuous.", Expectation(False, {"p": {"correct": "vacuous"}})),
    ],
)
def test_parse(text: str, expected: Expectation) -> None:
    assert parse(text, None) == expected


@pytest.mark.parametrize(
    "text", ["", "yes", "all no", "p", "p:", "p: maybe", "p: correct", "p: correct yes no", "a b: correct no", "p correct no"]
)
def test_parse_refuses(text: str) -> None:
    with pytest.raises(InputError) as refused:
        parse(text, None)
    assert refused.value.diagnostics[0].code == "expected-syntax"


def test_stated_reads_leading_comments_only() -> None:
    source = Source(
        "a.proof", "\ufeff/* Text.\n * expected: p: correct no */ // expected: q: correct no\r\nvar // expected: all yes\n"
    )
    found = stated(source)
    assert found is not None
    assert found[0] == "p: correct no; q: correct no"
    assert found[1].text == "p: correct no */ // expected: q: correct no"
    assert stated(Source("b.proof", "procedure p() // expected: all yes\n")) is None
    assert stated(Source("c.proof", "// this is expected: no statement\n")) is None


def test_as_stated() -> None:
    assert held(HEAD + "all yes", unit("p"), unit("q", terminates="yes"), unit("r", "trusted")) == []
    assert held("// nothing stated", unit("p")) == []
    assert (
        held(HEAD + "p: correct no, terminates null; q: terminates unknown", unit("p", "no"), unit("q", "yes", "unknown")) == []
    )
    assert held(HEAD + "p: correct vacuous", unit("p", vacuous=True)) == []
    assert held(HEAD + "invalid", invalid=True) == []


def test_not_as_stated() -> None:
    assert held(HEAD + "all yes", unit("p", "unknown")) == ["`p`: correct is unknown, stated yes"]
    assert held("", unit("p", "yes", "unknown")) == ["`p`: terminates is unknown, stated yes"]
    assert held(HEAD + "p: correct no", unit("p"), unit("q", "no")) == [
        "`p`: correct is yes, stated no",
        "`q`: correct is no, stated yes",
    ]
    assert held(HEAD + "all yes", unit("p", vacuous=True)) == ["`p`: correct is vacuous, stated yes"]
    assert held(HEAD + "p: correct yes", unit("p", "trusted")) == ["`p`: correct is trusted, stated yes"]
    assert held(HEAD + "q: correct yes", unit("p")) == ["there is no unit `q` to expect a verdict of"]
    assert held(HEAD + "invalid", unit("p")) == ["the file is accepted, and stated `invalid`"]
    assert held(HEAD + "all yes", invalid=True) == ["the file is invalid"]
    assert held(HEAD + "perhaps", unit("p"))[0].startswith("the expected verdicts cannot be read")


def test_a_file_that_cannot_be_read_is_not_as_stated() -> None:
    gone = FileReport("a.proof", file_status((), (error("input-unreadable", "no", None),)), (), (), None)
    assert [d.code for d in hold(replace(gone))] == ["expected-mismatch"]
