"""Put annotations into the text of a file: assertions after the `do` of loops, others before it or before the `begin` of units.

All else stays as it is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from prover.source import Source
from prover.syntax.scanner import Tokens, scan
from prover.syntax.tables import tables

INDENT = "  "
STATEMENT = "assert "


def inserted(source: Source, found: Mapping[int, Sequence[str]]) -> str:
    """The text with lines added to loops and units.  found: what to add, by where the loop starts or the unit's name stands."""
    tokens = scan(source, tables().words)
    text = source.text
    for start in sorted(found, reverse=True):
        text = _at_loop(text, start, _do(tokens, start), found[start])
    return text


def _do(tokens: Tokens, start: int) -> int:
    """Where the loop's `do` is, or the unit's `begin`: no expression has one in it."""
    index = bisect_left(tokens.starts, start)
    word = "DO" if tokens.kinds[index] in ("WHILE", "FOR") else "BEGIN"
    return tokens.starts[tokens.kinds.index(word, index)]


def _at_loop(text: str, start: int, do: int, lines: Sequence[str]) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    stated = [f"{added};" for added in lines if added.startswith(STATEMENT)]
    lines = [added for added in lines if not added.startswith(STATEMENT)]
    line = text[text.rfind("\n", 0, start) + 1 : start]
    margin = line[: len(line) - len(line.lstrip())]
    if stated:
        text = _after(text, do + len("do"), [margin + INDENT + added for added in stated], newline, margin + INDENT)
    if not lines:
        return text
    head = text[:do].rstrip()
    if "\n" in text[len(head) : do]:  # `do` begins its line
        head, rest = text[: text.rfind("\n", 0, do)].removesuffix("\r"), text[text.rfind("\n", 0, do) + 1 :]
    else:
        rest = margin + text[do:]
    return newline.join([head, *[margin + INDENT + added for added in lines], rest])


def _after(text: str, place: int, lines: Sequence[str], newline: str, margin: str) -> str:
    """The lines after a place in the text; what follows there in the same line begins one of its own."""
    rest = text[place:]
    if rest.split("\n", 1)[0].strip():
        rest = newline + margin + rest.lstrip(" \t")
    return newline.join([text[:place], *lines]) + rest
