"""One canonical layout for `.proof` files: the surface tree back to text, with its comments.

Parsing the result gives the same tree, and formatting it again the same text.  The source decides about little: blank lines
between statements (at most one is kept), several simple statements on one line, and short `if`s and loops on one line.
"""

from __future__ import annotations

import re
import sys

from prover.source import Source
from prover.syntax import surface as s
from prover.syntax.format_decl import write_declaration
from prover.syntax.format_expr import expr_text
from prover.syntax.format_stmt import write_statement
from prover.syntax.format_writer import Writer
from prover.syntax.style import ASCII, UNICODE, Style

__all__ = ["declaration_text", "expr_text", "format_file", "statement_text"]

RECURSION = 10_000


def format_file(file: s.File, source: Source, style: Style | None = None) -> str:
    """The text of `file`, which was parsed from `source`.

    style: how to write operators; None: as most are written in `source`, in ASCII where there are as many of each.
    Lines end as the first one of `source` does."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION))
    w = Writer(source, style or _usual(source.text, file.comments), file.comments)
    declarations = file.declarations
    tall = False
    for index, declaration in enumerate(declarations):
        following = declarations[index + 1].span.start if index + 1 < len(declarations) else len(source.text)
        start = len(w.lines)
        w.before(declaration.span.start)
        w.blank(declaration.span.start)
        first = len(w.lines)  # a blank line and comments are before it
        write_declaration(w, declaration)
        w.beside(declaration.span.end, following)
        above, tall = tall, len(w.lines) > first + 1
        if index and w.lines[start] and (tall or above):
            w.lines.insert(start, "")
    w.before(len(source.text) + 1)
    text = "".join([line + "\n" for line in w.lines])
    return text.replace("\n", "\r\n") if _first_line_end(source.text) == "\r\n" else text


def declaration_text(declaration: s.Decl, style: Style = ASCII) -> str:
    """One declaration, without comments and without a line end after it."""
    w = Writer(declaration.span.source, style)
    write_declaration(w, declaration)
    return "\n".join(w.lines)


def statement_text(statement: s.Stmt, style: Style = ASCII) -> str:
    """One statement, without comments and without a line end or `;` after it."""
    w = Writer(statement.span.source, style)
    write_statement(w, statement)
    return "\n".join(w.lines)


_LINE_END = re.compile(r"\r\n|\r|\n")
_WORD = r"(?<![A-Za-z0-9_'])(?:and|or|not|implies|iff|forall|exists)(?![A-Za-z0-9_'])"
_SPELLINGS = (  # what is counted in ASCII, what in Unicode, the operators that follow the majority
    (_WORD + r"|&&|\|\||<?==>|[<>!]=|<>", "[∧∨¬⇒→⇔↔≠≤≥∀∃]", frozenset(("and or not ==> <==> != <= >= forall exists").split())),
    (r":=", "≔", frozenset((":=",))),
    (r"(?<=[A-Za-z0-9_'\])])(?<!\bif)(?<!\belsif)(?<!\bwhile)[ \t\r\n]*\*", "·", frozenset("*")),  # `*` between operands
)


def _first_line_end(text: str) -> str:
    match = _LINE_END.search(text)
    return match[0] if match else "\n"


def _usual(text: str, comments: tuple[s.Comment, ...]) -> Style:
    """Each kind of operator as most are written."""
    code: list[str] = []
    start = 0
    for comment in comments:
        code.append(text[start : comment.span.start])
        start = comment.span.end
    code.append(text[start:])
    whole = "".join(code)
    if whole.isascii():
        return ASCII
    chosen: set[str] = set()
    for plain, symbols, operators in _SPELLINGS:
        if len(re.findall(symbols, whole)) > len(re.findall(plain, whole)):
            chosen |= operators
    return Style("usual", tuple([pair for pair in UNICODE.spellings if pair[0] in chosen]))
