"""Lines on their way into the formatted text, with the comments and blank lines that the source has between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from prover.source import Source
from prover.syntax import surface as s
from prover.syntax.format_comments import Comments, comment_text, ends_its_line
from prover.syntax.format_expr import Expressions
from prover.syntax.layout import Doc, one_line, render
from prover.syntax.style import Style

WIDTH = 100
INDENT = 2
_LINE_END = re.compile(r"\r\n|\r|\n")
_SPACE_BEFORE = re.compile(r"[ \t\f\r\n]*\Z")


class Writer:
    """Collects lines.  Offsets are places in `source`; comments go out in their order, each once."""

    def __init__(self, source: Source, style: Style, comments: tuple[s.Comment, ...] = ()) -> None:
        self.source = source
        self.style = style
        self.comments = Comments(comments)
        self.expressions = Expressions(style, self.comments, clear=True)
        self.lines: list[str] = []
        self._columns = 0
        self._lead = ""
        self._sealed = False  # the last line ends in a comment that takes none after it
        self._opened = True  # nothing stands in this block yet: no blank line

    # Lines

    @contextmanager
    def indented(self) -> Iterator[None]:
        self._columns += INDENT
        self._opened = True
        yield
        self._columns -= INDENT
        self._opened = False

    def lead(self, text: str) -> None:
        """Put `text` in front of what comes next."""
        self._lead += text

    def emit(self, doc: Doc) -> None:
        """Begin a new line with `doc`."""
        lead, self._lead = self._lead, ""
        text = lead + render(doc, WIDTH, self._columns, len(lead))
        self.lines.extend((" " * self._columns + text).split("\n"))
        self._opened = self._sealed = False

    def append(self, text: str) -> None:
        """Put `text` at the end of the last line."""
        head, *tail = text.split("\n")
        self.lines[-1] += head
        self.lines.extend(tail)

    def fits(self, doc: Doc, more: int = 0) -> str | None:
        """`doc` as one line, if it fits on one with `more` columns after it."""
        return one_line(doc, WIDTH - self._columns - len(self._lead) - more)

    def blank(self, offset: int) -> None:
        """A blank line, if the source has one or more before `offset`."""
        if self._opened or self._lead or not self.lines:
            return
        space = _SPACE_BEFORE.search(self.source.text, self._space_start(offset), offset)
        if space is not None and len(_LINE_END.findall(space[0])) > 1 and self.lines[-1]:
            self.lines.append("")

    def _space_start(self, offset: int) -> int:
        text = self.source.text
        while offset > 0 and text[offset - 1] in " \t\f\r\n":
            offset -= 1
        return offset

    # Comments

    def before(self, offset: int) -> None:
        """The comments that begin before `offset`, on lines of their own."""
        self._above(self.comments.take(offset))

    def above(self, offset: int) -> None:
        """The same, unless they can stay on the line of the expression at `offset`."""
        self._above(self.comments.take_aside(offset))

    def _above(self, comments: list[s.Comment]) -> None:
        for comment in comments:
            self.blank(comment.span.start)
            self.lines.extend((" " * self._columns + comment_text(comment)).split("\n"))
            self._opened, self._sealed = False, ends_its_line(comment)

    def beside(self, end: int, limit: int) -> None:
        """At the end of the last line: the comments before `limit` that begin before `end` or on the line of `end`.

        Those after one that takes the rest of the line are left for the next line."""
        while self.comments.pending(limit) and not self._sealed:
            comment = self.comments.first()
            assert comment is not None
            if comment.span.start >= end and self.breaks(end, comment.span.start):
                break
            self.comments.take(comment.span.start + 1)
            self.append("  " + comment_text(comment))
            self._sealed = ends_its_line(comment) or "\n" in comment_text(comment)

    def breaks(self, start: int, end: int) -> bool:
        """Does a line of the source end between the two places?"""
        return _LINE_END.search(self.source.text, start, end) is not None

    # Places in the source

    def one_line_in_source(self, node: s.Stmt | s.ProofScript | s.TacticStep | s.TripleDecl) -> bool:
        return not self.breaks(node.span.start, node.span.end)

    def same_line(self, first: s.Stmt, second: s.Stmt) -> bool:
        """Did the two stand on one line, one after the other?"""
        start, end = first.span.end, second.span.start
        return first.span.start < start <= end and not self.breaks(start, end)

    def find(self, word: str, start: int, limit: int) -> int:
        """Where `word` first stands outside comments between the two places; `limit` if nowhere."""
        pattern = rf"(?<![A-Za-z0-9_']){word}(?![A-Za-z0-9_'])" if word[0].isalpha() else re.escape(word)
        for match in re.compile(pattern).finditer(self.source.text, start, max(start, limit)):
            if not self.comments.covers(match.start()):
                return match.start()
        return limit
