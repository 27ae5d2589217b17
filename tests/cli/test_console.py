"""The terminal: colour, encodings, the progress line."""

from __future__ import annotations

import io
import time

import pytest

from prover.cli.console import Progress, prepare, shows_unicode, style_for, wants_colour


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("choice", "environment", "terminal", "wanted"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_colour(choice: str, environment: dict[str, str], terminal: bool, wanted: bool) -> None:
    assert wants_colour(choice, Terminal() if terminal else io.StringIO(), environment) is wanted


def test_marks_only_where_the_encoding_has_them() -> None:
    assert shows_unicode(io.TextIOWrapper(io.BytesIO(), "utf-8"))
    latin = io.TextIOWrapper(io.BytesIO(), "latin-1")
    assert not shows_unicode(latin)
    assert not style_for(latin, "never").unicode


def test_what_the_encoding_lacks_is_escaped() -> None:
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, "ascii")
    prepare(stream)
    stream.write("x ≤ y")
    stream.flush()
    assert buffer.getvalue() == b"x \\u2264 y"


def test_progress_appears_late_and_is_erased() -> None:
    terminal = Terminal()
    progress = Progress(terminal, started=time.monotonic())
    progress.update(1, 9, "a.proof")
    assert terminal.getvalue() == ""
    progress.started -= 10
    progress.update(3, 9, "b\x1b.proof")
    assert "3/9 b\\x1b.proof" in terminal.getvalue()
    progress.clear()
    assert terminal.getvalue().endswith("\r\x1b[K")
    written = terminal.getvalue()
    progress.clear()
    assert terminal.getvalue() == written


def test_no_progress_in_a_pipe() -> None:
    pipe = io.StringIO()
    Progress(pipe, started=0.0).update(1, 2, "a")
    assert pipe.getvalue() == ""
