"""Comments on their way into the formatted text: each is taken once, in the order of the source."""

from __future__ import annotations

from bisect import bisect_right

from prover.syntax.layout import BROKEN, HARD, Doc, Join, Verbatim
from prover.syntax.surface import Comment


class Comments:
    """The comments of one file that have not been put anywhere yet."""

    def __init__(self, comments: tuple[Comment, ...] = ()) -> None:
        self._comments = comments
        self._starts = [comment.span.start for comment in comments]
        self._next = 0

    def first(self) -> Comment | None:
        return self._comments[self._next] if self._next < len(self._comments) else None

    def covers(self, offset: int) -> bool:
        """Is the character at `offset` part of a comment, taken or not?"""
        index = bisect_right(self._starts, offset) - 1
        return index >= 0 and offset < self._comments[index].span.end

    def pending(self, end: int) -> bool:
        """Does a comment that nobody took begin before `end`?"""
        comment = self.first()
        return comment is not None and comment.span.start < end

    def take(self, end: int) -> list[Comment]:
        """Those that begin before `end`."""
        start = self._next
        while self.pending(end):
            self._next += 1
        return list(self._comments[start : self._next])

    def take_inline(self, end: int) -> str:
        """Those before `end`, if text can follow each on its line; each with a space after it."""
        start = self._next
        taken = self.take(end)
        if all([is_inline(comment) for comment in taken]):
            return "".join([comment.text + " " for comment in taken])
        self._next = start
        return ""

    def take_aside(self, end: int) -> list[Comment]:
        """Those before `end`, unless text can follow each on its line."""
        start = self._next
        taken = self.take(end)
        if all([is_inline(comment) for comment in taken]):
            self._next = start
            return []
        return taken


def is_inline(comment: Comment) -> bool:
    """Can text follow it on its line?  Whether it did is not asked: a line may have been broken before it."""
    return comment.text.startswith("/*") and "\n" not in comment.text and "\r" not in comment.text


def comment_text(comment: Comment) -> str:
    """As written, but for line ends and white space at the end of the line."""
    text = comment.text.replace("\r\n", "\n").replace("\r", "\n")
    return text.rstrip() if text.startswith("//") else text


def ends_its_line(comment: Comment) -> bool:
    return comment.text.startswith("//")


def aside(comments: list[Comment]) -> Doc:
    """Comments between two parts of an expression: at the end of the line if they stood there, else on lines of their own.
    A place to break must follow."""
    parts: list[Doc] = []
    last: Comment | None = None
    for comment in comments:
        beside = not comment.own_line and not (last is not None and ends_its_line(last))
        parts += ["  " if beside else HARD, Verbatim(comment_text(comment))]
        last = comment
    return Join((*parts, BROKEN)) if parts else ""
