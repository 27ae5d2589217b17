"""The sign of life: nothing for what is quick, and nothing left of it."""

from __future__ import annotations

import io
import time

from prover.repl.spinner import BEAT, DELAY, Spinner


def test_quick_work_shows_nothing() -> None:
    out = io.StringIO()
    with Spinner(out, lambda: "trying"):
        pass
    assert not out.getvalue()


def test_long_work_says_what_is_tried_and_leaves_a_clean_line() -> None:
    out, names = io.StringIO(), iter(f"trying goal{n}" for n in range(1000))
    with Spinner(out, lambda: next(names), unicode=False, width=20):
        time.sleep(DELAY + 5 * BEAT)
    beats = out.getvalue().split("\r\x1b[K")[1:]
    assert beats[:2] == ["| trying goal0 (Ctr", "/ trying goal1 (Ctr"]
    assert beats[-1] == ""
