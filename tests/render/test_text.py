"""Reports as text: golden files for what users read, and that no input can draw on the terminal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prover.diagnostic import Label, error
from prover.render.escape import display, escape, width
from prover.render.snippet import excerpt
from prover.render.style import PLAIN, Style
from prover.render.tally import Tally, summary_line
from prover.render.text import diagnostic_text, file_details, file_line, goal_notes, inferred_lines
from prover.report import Hypothesis, Report, Verdict
from prover.source import Source, Span
from tests.render.reports import goal, report, span

Golden = Callable[[str, str], None]


def rendered(found: Report, style: Style) -> str:
    parts = []
    for file in found.files:
        parts += [file_line(file, style), *inferred_lines(file, style)]
        if details := file_details(file, style):
            parts.append("\n" + details + "\n")
    return "\n".join([*parts, summary_line(Tally.of(found), style)]) + "\n"


def test_text(golden: Golden) -> None:
    golden("render/report.txt", rendered(report(), PLAIN))


def test_ascii(golden: Golden) -> None:
    text = rendered(report(), Style(unicode=False))
    assert text.isascii()
    golden("render/report-ascii.txt", text)


def test_a_formula_that_no_line_can_show_is_cut() -> None:
    place = span(Source("a.proof", "assert x > 0"), "x > 0")
    long = " and ".join(f"x > {n}" for n in range(100))
    fact = Hypothesis(long, "requires", "requires1", place)
    notes = dict(
        goal_notes(goal("assert1", "assertion", Verdict.UNKNOWN, place, "it holds", conclusion=long, hypotheses=(fact,)))
    )
    assert notes["to prove"] == long[:300] + " ..."
    assert notes["known"] == long[:300] + " ...  (requires requires1)"


def test_colour_adds_nothing_but_colour() -> None:
    import re

    coloured = rendered(report(), Style(colour=True))
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == rendered(report(), PLAIN)


def lines_of(text: str, start: int, end: int, **style: object) -> list[str]:
    place = Span(Source("a.proof", text), start, end)
    return excerpt(place, (), Style(**style))[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "pointed", "shown", "carets"),
    [
        ("x := y", "y", "x := y", "     ^"),
        ("\tx := y\r\n", "y", "    x := y", "         ^"),
        ("ab\tx", "x", "ab  x", "    ^"),
        ("// 日本 x", "x", "// 日本 x", "        ^"),
        ("// e\u0301 x", "x", "// e\u0301 x", "     ^"),
        ("// \x1b x", "x", "// \\x1b x", "        ^"),
        ("// \u202e x", "x", "// \\u202e x", "          ^"),
        ("日本", "日本", "日本", "^^^^"),
    ],
)
def test_carets(text: str, pointed: str, shown: str, carets: str) -> None:
    start = text.index(pointed)
    _, _, line, marks = lines_of(text, start, start + len(pointed))
    assert line == f"1 | {shown}"
    assert marks == f"  | {carets}"


def test_end_of_text_and_empty_spans_show_one_caret() -> None:
    assert lines_of("x :=", 4, 4)[2:] == ["1 | x :=", "  |     ^"]
    assert lines_of("", 0, 0)[2:] == ["1 |", "  | ^"]
    assert lines_of("x :=\n", 5, 5)[0] == "  --> a.proof:2:1"


def test_a_span_over_several_lines_marks_its_first() -> None:
    assert lines_of("if x\nthen y\nend", 3, 15)[2:] == ["1 | if x", "  |    ^"]


def test_long_lines_are_cut_around_the_span() -> None:
    text = "x := " + "1 + " * 200 + "oops" + " + 2" * 200
    start = text.index("oops")
    line, marks = lines_of(text, start, start + 4, width=60)[2:]
    assert width(line) <= 64
    assert line[4] == "…"
    assert line[-1] == "…"
    assert line[marks.index("^") : marks.rindex("^") + 1] == "oops"


def test_labels_in_other_files_get_their_own_heading() -> None:
    here, there = Source("a.proof", "x := f(1)"), Source("b.proof", "\n\nfunction f(n: int): int")
    found = error("name-arity", "`f` takes two", span(here, "f(1)"), labels=(Label(span(there, "f(n: int)"), "declared here"),))
    assert diagnostic_text(found, PLAIN).split("\n") == [
        "error[name-arity]: `f` takes two",
        "  --> a.proof:1:6",
        "  |",
        "1 | x := f(1)",
        "  |      ^^^^",
        "  ::: b.proof:3:10",
        "  |",
        "3 | function f(n: int): int",
        "  |          --------- declared here",
        "  |",
    ]


@given(st.text(), st.data())
def test_nothing_draws_on_the_terminal(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    place = Span(Source(text[:9], text), start, end)
    shown = diagnostic_text(error("name-x", text, place, labels=(Label(place, text),), notes=(text,), help=(text,)), PLAIN)
    assert all(line.isprintable() or "\u3000" in line for line in shown.split("\n"))


@given(st.text())
def test_widths(text: str) -> None:
    assert width(escape(text)) == sum(width(escape(c)) for c in text)
    assert len(display(text)) == len(text)
