"""Source excerpts with carets, as rustc and ruff lay them out.

Columns in `file:line:col` count characters, as editors do; carets stand under terminal columns, so tabs, wide and combining
characters and escaped ones line up.  Long lines are cut around what is pointed at.
"""

from __future__ import annotations

from collections.abc import Sequence

from prover.diagnostic import Label
from prover.record import record
from prover.render.escape import display, escape, width
from prover.render.style import BLUE, RED, Style
from prover.source import Source, Span

MARGIN = 12  # columns kept beside the span when a line is cut


@record
class Mark:
    """Something to point at on one line: characters `start` to `end` (from 0)."""

    line: int
    start: int
    end: int
    text: str
    primary: bool


def location(span: Span) -> str:
    """`file:line:col`."""
    first = span.first
    return f"{escape(span.source.name)}:{first.line}:{first.column}"


def excerpt(span: Span, labels: Sequence[Label], style: Style, accent: str = RED) -> tuple[list[str], int]:
    """The lines `--> file:line:col`, source and carets, and the width of the gutter (line numbers)."""
    groups = _by_source(span, labels)
    gutter = max(len(str(m.line)) for _, marks in groups for m in marks)
    lines: list[str] = []
    for index, (source, marks) in enumerate(groups):
        arrow = style.paint(BLUE, " " * gutter + (" -->" if index == 0 else " :::"))
        lead = marks[0]
        lines.append(f"{arrow} {escape(source.name)}:{lead.line}:{lead.start + 1}")
        lines += _excerpt_of(source, marks, gutter, style, accent)
    return lines, gutter


def _by_source(span: Span, labels: Sequence[Label]) -> list[tuple[Source, list[Mark]]]:
    groups: list[tuple[Source, list[Mark]]] = []
    for place, text, primary in [(span, "", True), *[(label.span, label.text, False) for label in labels]]:
        mark = _mark(place, text, primary)
        for source, marks in groups:
            if source is place.source:
                marks.append(mark)
                break
        else:
            groups.append((place.source, [mark]))
    return groups


def _mark(span: Span, text: str, primary: bool) -> Mark:
    first, last = span.first, span.last
    line = span.source.line(first.line)
    end = last.column - 1 if last.line == first.line else len(line.rstrip())
    start = min(first.column - 1, len(line))
    return Mark(first.line, start, max(start + 1, end), text, primary)


def _excerpt_of(source: Source, marks: Sequence[Mark], gutter: int, style: Style, accent: str) -> list[str]:
    bar = style.paint(BLUE, " " * gutter + " |")
    lines = [bar]
    previous = None
    for number in sorted({m.line for m in marks}):
        if previous is not None and number > previous + 1:
            lines += _between(source, previous, number, gutter, style)
        here = sorted((m for m in marks if m.line == number), key=lambda m: (not m.primary, m.start))
        lines += _annotated(source, number, here, gutter, style, accent)
        previous = number
    return [*lines, bar] if any(m.text for m in marks) else lines


def _between(source: Source, previous: int, number: int, gutter: int, style: Style) -> list[str]:
    """What stands between two annotated lines: the line itself if it is one, dots otherwise."""
    if number == previous + 2:
        text, _ = _cut(display(source.line(previous + 1)), 0, 0, style)
        return [_numbered(previous + 1, text, gutter, style)]
    return [style.paint(BLUE, "...")]


def _annotated(source: Source, number: int, marks: Sequence[Mark], gutter: int, style: Style, accent: str) -> list[str]:
    shown = display(source.line(number))
    left, right = min(m.start for m in marks), max(m.end for m in marks)
    text, offset = _cut(shown, left, right, style)
    lines = [_numbered(number, text, gutter, style)]
    bar = style.paint(BLUE, " " * gutter + " |")
    for mark in marks:
        start = width("".join(shown[: mark.start])) - offset
        room = max(1, width(text) - start)
        length = max(1, min(room, width("".join(shown[mark.start : mark.end]))))
        carets = ("^" if mark.primary else "-") * length
        note = f" {escape(mark.text)}" if mark.text else ""
        lines.append(f"{bar} {' ' * start}{style.paint(accent if mark.primary else BLUE, carets + note)}")
    return lines


def _numbered(number: int, text: str, gutter: int, style: Style) -> str:
    return f"{style.paint(BLUE, f'{number:>{gutter}} |')} {text}".rstrip()


def _cut(shown: list[str], left: int, right: int, style: Style) -> tuple[str, int]:
    """The line if it fits, else the part around characters `left` to `right`; and by how many columns it moved left."""
    whole = "".join(shown)
    if width(whole) <= style.width:
        return whole.rstrip(), 0
    start, dots = _start_of_cut(shown, left, right, style)
    taken: list[str] = []
    room = style.width - 2 * len(dots)
    for text in shown[start:]:
        room -= width(text)
        if room < 0:
            break
        taken.append(text)
    before = dots if start else ""
    after = dots if start + len(taken) < len(shown) else ""
    return before + "".join(taken) + after, width("".join(shown[:start])) - len(before)


def _start_of_cut(shown: list[str], left: int, right: int, style: Style) -> tuple[int, str]:
    dots = style.ellipsis
    if width("".join(shown[:right])) + MARGIN <= style.width - 2 * len(dots):
        return 0, dots
    start, room = left, MARGIN
    while start > 0 and room > 0:
        start -= 1
        room -= width(shown[start])
    return start, dots
