"""Annotations go before the `do` of their loops, and nothing else changes."""

from __future__ import annotations

import pytest

from prover.source import Source
from prover.syntax.insert import inserted

CASES = {
    "same line": ("  while a do // why\n    skip\n  end", "  while a\n    variant v\n  do // why\n    skip\n  end"),
    "own line": ("  while a\n    // do\n  do\n  end", "  while a\n    // do\n    variant v\n  do\n  end"),
    "after a comment": ("while a /* do */ do skip end", "while a /* do */\n  variant v\ndo skip end"),
    "carriage returns": ("while a\r\ndo skip end", "while a\r\n  variant v\r\ndo skip end"),
    "within a line": ("if b then while a do skip end end", "if b then while a\n  variant v\ndo skip end end"),
}


@pytest.mark.parametrize("name", CASES)
def test_insertion(name: str) -> None:
    text, expected = CASES[name]
    assert inserted(Source("t", text), {text.index("while"): ["variant v"]}) == expected


def test_nested_loops_each_get_theirs() -> None:
    text = "while a do\n  while b do skip end\nend"
    found = inserted(Source("t", text), {0: ["variant v"], text.index("while b"): ["invariant i", "variant w"]})
    expected = "while a\n  variant v\ndo\n  while b\n    invariant i\n    variant w\n  do skip end\nend"
    assert found == expected
