"""Annotations go before the `do` of their loops, assertions after it, and nothing else changes."""

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


ASSERTED = {
    "own line": ("while a do\n  skip\nend", "while a\n  variant v\ndo\n  assert b;\n  skip\nend"),
    "same line": ("  while a do skip end", "  while a\n    variant v\n  do\n    assert b;\n    skip end"),
    "a comment": ("while a do // why\n  skip\nend", "while a\n  variant v\ndo\n  assert b;\n  // why\n  skip\nend"),
    "carriage returns": ("while a\r\ndo\r\n  skip end", "while a\r\n  variant v\r\ndo\r\n  assert b;\r\n  skip end"),
}


@pytest.mark.parametrize("name", ASSERTED)
def test_assertions_begin_the_body(name: str) -> None:
    text, expected = ASSERTED[name]
    assert inserted(Source("t", text), {text.index("while"): ["variant v", "assert b"]}) == expected
