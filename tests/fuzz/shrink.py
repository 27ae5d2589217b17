"""Smaller programs that still show a disagreement: lines and blocks are left out, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

ATTEMPTS = 400


def shrunk(text: str, still: Callable[[str], bool], attempts: int = ATTEMPTS) -> str:
    """A program from which no line can be left out such that `still` holds, as far as `attempts` go."""
    lines = [line for line in text.splitlines() if line.strip()]
    progress = True
    while progress and attempts > 0:
        progress = False
        for candidate in _candidates(lines):
            attempts -= 1
            if attempts <= 0:
                break
            if still("\n".join(candidate) + "\n"):
                lines, progress = candidate, True
                break
    return "\n".join(lines) + "\n"


def _candidates(lines: list[str]) -> Iterator[list[str]]:
    """Larger parts first: whole units and blocks, then single lines, then the brackets around a block."""
    blocks = sorted({_block(lines, i) for i in range(len(lines))}, key=lambda b: b[0] - b[1])
    for start, end in blocks:
        yield lines[:start] + lines[end:]
    for start, end in blocks:
        if end - start > 2:
            inside = [i for i in range(start + 1, end - 1) if _indent(lines[i]) > _indent(lines[start])]
            yield lines[:start] + [lines[i] for i in inside] + lines[end:]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _block(lines: list[str], start: int) -> tuple[int, int]:
    """The line, what is indented below it, and the words at its own level that go on with it."""
    end, level = start + 1, _indent(lines[start])
    while end < len(lines):
        word = lines[end].strip()
        goes_on = _indent(lines[end]) == level and word.split()[0].rstrip(";") in ("do", "else", "elsif", "begin", "end", "{")
        if _indent(lines[end]) <= level and not goes_on:
            break
        end += 1
        if goes_on and word.startswith("end"):
            break
    return start, end
