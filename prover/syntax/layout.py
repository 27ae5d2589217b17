"""Documents: texts that know where they may be broken over lines.

After Wadler, A prettier printer (2003), made strict and iterative: a group is put on one line if what it holds, and what follows
up to the next place that may break, fits; else each line that is directly in it breaks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never


@dataclass(frozen=True, slots=True)
class Line:
    """A place to break: `flat` where its group is on one line, else a line end.  hard: always a line end."""

    flat: str = " "
    hard: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """Nothing to see, but every group around it breaks (a comment up to the end of its line stands before it)."""


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Text put as it is, line ends included: what follows them is not indented."""

    text: str


@dataclass(frozen=True, slots=True)
class Join:
    parts: tuple[Doc, ...]


@dataclass(frozen=True, slots=True)
class Nest:
    """Lines broken in `body` are indented by `columns` more."""

    columns: int
    body: Doc


@dataclass(frozen=True, slots=True)
class Group:
    body: Doc


Doc = str | Line | Broken | Verbatim | Join | Nest | Group

LINE, SOFT, HARD, BROKEN = Line(), Line(""), Line(hard=True), Broken()


def join(*parts: Doc) -> Join:
    return Join(parts)


_Todo = list[tuple[int, bool, Doc]]  # indentation, flat?, document; the last comes first


def render(doc: Doc, width: int | None = None, indent: int = 0, used: int = 0) -> str:
    """The text of `doc` in at most `width` columns where that can be; None: one line, but for hard line ends.

    indent: columns before each further line.   used: columns taken before the first one begins."""
    out: list[str] = []
    column = indent + used
    todo: _Todo = [(indent, width is None, doc)]
    while todo:
        columns, flat, node = todo.pop()
        match node:
            case str():
                out.append(node)
                column += len(node)
            case Verbatim():
                out.append(node.text)
                column = _column_after(node.text, column)
            case Line() if flat and not node.hard:
                out.append(node.flat)
                column += len(node.flat)
            case Line():
                out.append("\n" + " " * columns)
                column = columns
            case Join():
                todo.extend([(columns, flat, part) for part in reversed(node.parts)])
            case Nest():
                todo.append((columns + node.columns, flat, node.body))
            case Group():
                one = flat or width is None or _fits(node.body, todo, width - column)
                todo.append((columns, one, node.body))
            case Broken():
                pass
            case _:
                assert_never(node)
    return "".join(out)


def _column_after(text: str, column: int) -> int:
    last = text.rpartition("\n")[2]
    return len(last) if "\n" in text else column + len(last)


def _fits(body: Doc, rest: _Todo, room: int) -> bool:
    """Does `body` fit on one line, with what follows up to the next place that may break?"""
    todo: list[tuple[bool, Doc]] = [(True, body)]
    following = len(rest)
    while room >= 0:
        if not todo:
            if following == 0:
                return True
            following -= 1
            todo.append(rest[following][1:])
        flat, node = todo.pop()
        match node:
            case Join():
                todo.extend([(flat, part) for part in reversed(node.parts)])
            case Nest() | Group():
                todo.append((flat, node.body))
            case Line(hard=True) | Broken() if flat:
                return False
            case Line() if not flat:
                return True
            case _:
                room -= _columns(node)
    return False


def _columns(node: str | Verbatim | Line | Broken) -> int:
    """What `node` takes of the line on which it begins."""
    match node:
        case str():
            return len(node)
        case Verbatim():
            return len(node.text.partition("\n")[0])
        case Line():
            return len(node.flat)
        case Broken():
            return 0
        case _:
            assert_never(node)


def one_line(doc: Doc, room: int) -> str | None:
    """The text of `doc` on one line of at most `room` columns; None if it needs more."""
    if not _fits(doc, [], room):
        return None
    text = render(doc)
    return None if "\n" in text else text
