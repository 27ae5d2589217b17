"""Source texts and places in them.

A `Span` is a half-open range of character offsets in one `Source`; line and column (both from 1, columns in characters) are
worked out only when somebody asks.  Texts keep the line ends that they came with; offsets count characters of the text as given.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from prover.record import factory, record


@record
class Source:
    """A text and the name that messages call it by (a path, `<stdin>`, `std:arrays`)."""

    name: str
    text: str
    _starts: list[int] = factory(default_factory=list)

    def starts(self) -> list[int]:
        """Offsets at which lines start; `\\n`, `\\r\\n` and a lone `\\r` each end a line."""
        if not self._starts:
            self._starts.append(0)
            text = self.text
            for offset, character in enumerate(text):
                if character == "\n" or (character == "\r" and text[offset + 1 : offset + 2] != "\n"):
                    self._starts.append(offset + 1)
        return self._starts

    def position(self, offset: int) -> Position:
        starts = self.starts()
        line = bisect_right(starts, offset)
        return Position(line, offset - starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """The text of line `number` (from 1), without its line end."""
        starts = self.starts()
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")


@dataclass(frozen=True, slots=True, order=True)
class Position:
    line: int
    column: int


@record
class Span:
    """Characters `start` up to, not including, `end` of `source`.  Spans never take part in equality of trees."""

    source: Source
    start: int
    end: int

    @property
    def first(self) -> Position:
        return self.source.position(self.start)

    @property
    def last(self) -> Position:
        return self.source.position(self.end)

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of `other`, which stands later in the same source."""
        return Span(self.source, self.start, max(self.end, other.end))
