"""Proof outlines: the text of a unit with the textbook assertion before each statement, and what remains to be shown.

`Outline` is a value; `lines` renders it.  Assertions are simplified for reading (`simplify`), and say `old(x)`, `at(l, x)` for
values of earlier states.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import assert_never

from prover.kernel.program import Assign, Block, Element, If, Procedure, Program, Statement, Target, While
from prover.kernel.term import Term, Var, conj, free_variables, implies
from prover.source import Span
from prover.syntax.style import ASCII, Style
from prover.syntax.unparse import term_text
from prover.textbook.simplify import simplify
from prover.textbook.wp import Assertion, Calculus, Obligation, Options, TooLarge


@dataclass(frozen=True, slots=True)
class Shown:
    """An assertion, of the state before what follows it in the outline.  anchor: the statement's place, or the unit's end."""

    depth: int
    assertion: Assertion
    anchor: Span


@dataclass(frozen=True, slots=True)
class Code:
    """A line of the program.  span: of the statement that it begins, None for `else` and `end`."""

    depth: int
    text: str
    span: Span | None


Line = Shown | Code


@dataclass(frozen=True, slots=True)
class Outline:
    """Of one unit.  pre: the weakest precondition of its body.  fresh: names that stand for any value of their sort."""

    procedure: Procedure
    pre: Assertion
    entries: tuple[Line, ...]
    obligations: tuple[Obligation, ...]
    fresh: tuple[Var, ...]


def assertions(procedure: Procedure, program: Program, options: Options | None = None) -> Outline:
    """The proof outline of a unit with a body.  Raises ValueError without one."""
    if procedure.body is None:
        raise ValueError(f"`{procedure.name}` has no body")
    calculus = Calculus(procedure, program, replace(options or Options(), exact=False))
    pre = calculus.precondition()
    requires = conj([c.formula for c in procedure.requires])
    entry = pre if isinstance(pre, TooLarge) else implies(requires, pre)
    first = Obligation("the precondition leads to the body", entry, procedure.name_span)
    shower = _Shower(calculus)
    shower.block(procedure.body, 0)
    shower.entries.append(Shown(0, shower.readable(calculus.postcondition()), procedure.end_span))
    obligations = [first, *reversed(calculus.obligations)]
    return Outline(
        procedure,
        shower.readable(pre),
        tuple(shower.entries),
        tuple([replace(o, formula=shower.readable(o.formula)) for o in obligations]),
        _mentioned(calculus.names.fresh, shower),
    )


def outline(procedure: Procedure, program: Program, options: Options | None = None) -> list[tuple[Span, Assertion]]:
    """The assertion before each statement in text order, and last the postcondition at the unit's end."""
    found = assertions(procedure, program, options)
    return [(e.anchor, e.assertion) for e in found.entries if isinstance(e, Shown)]


class _Shower:
    """Walks the text once more, now forwards."""

    def __init__(self, calculus: Calculus) -> None:
        self.calculus = calculus
        self.entries: list[Line] = []
        self.used: set[str] = set()

    def readable(self, assertion: Assertion) -> Assertion:
        if isinstance(assertion, TooLarge):
            return assertion
        try:
            shown = simplify(self.calculus.names.thaw(assertion))
        except RecursionError:
            return TooLarge(assertion.size)
        self.used |= _names(shown)
        return shown

    def block(self, block: Block, depth: int) -> None:
        previous: Statement | None = None
        for statement in block.statements:
            if not _of_for(statement):
                self._before(statement, previous, depth)
                self._statement(statement, depth)
            previous = statement

    def _before(self, statement: Statement, previous: Statement | None, depth: int) -> None:
        """Where a `for` loop sets its counter, the assertion before it is the one before that."""
        first = statement
        if isinstance(statement, While) and statement.step.statements and previous is not None and _of_for(previous):
            first = previous
        self.entries.append(Shown(depth, self.readable(self.calculus.before[id(first)]), statement.span))

    def _statement(self, statement: Statement, depth: int) -> None:
        match statement:
            case If():
                head = "if *" if statement.condition is None else f"if {_source(statement.condition.span)}"
                self._code(depth, f"{head} then", statement.span)
                self.block(statement.then, depth + 1)
                if statement.orelse.statements:
                    self._code(depth, "else", None)
                    self.block(statement.orelse, depth + 1)
                self._code(depth, "end", None)
            case While():
                for number, line in enumerate(_head(statement)):
                    self._code(depth + (number > 0), line, statement.span if number == 0 else None)
                self._code(depth, "do", None)
                self.block(statement.body, depth + 1)
                self._code(depth, "end", None)
            case _:
                self._code(depth, _source(statement.span), statement.span)

    def _code(self, depth: int, text: str, span: Span | None) -> None:
        self.entries.append(Code(depth, text, span))


def _names(term: Term) -> set[str]:
    return set(free_variables(term))


def _mentioned(fresh: list[Var], shower: _Shower) -> tuple[Var, ...]:
    return tuple([v for v in fresh if v.name in shower.used])


def _of_for(statement: Statement) -> bool:
    """Does the statement only set up a `for` loop?"""
    return isinstance(statement, Assign) and any(["." in _name(t) for t in statement.targets])


def _name(target: Target) -> str:
    return target.array.name if isinstance(target, Element) else target.name


def _source(span: Span | None) -> str:
    """What the text says there, on one line."""
    return "?" if span is None else " ".join(span.text.split())


def _head(loop: While) -> list[str]:
    """A loop's first line, then its annotations."""
    text = [line.strip() for line in loop.span.text.splitlines()]
    return [line for line in text if line] or ["while"]


def lines(found: Outline, style: Style = ASCII, width: int | None = 100) -> Iterator[str]:
    """The outline as text, without line ends."""
    for entry in found.entries:
        margin = "  " * entry.depth
        match entry:
            case Shown():
                yield from _indented(f"{{ {text_of(entry.assertion, style, width)} }}", margin)
            case Code():
                yield margin + entry.text
            case _:
                assert_never(entry)
    if found.obligations:
        yield from ("", "to show:")
    for number, obligation in enumerate(found.obligations, 1):
        yield f"  {number}. {obligation.words}"
        yield from _indented(text_of(obligation.formula, style, width), "     ")
    if found.fresh:
        yield ""
        yield f"for any {', '.join([f'{v.name}: {v.sort}' for v in found.fresh])}"


def text_of(assertion: Assertion, style: Style = ASCII, width: int | None = None) -> str:
    if isinstance(assertion, TooLarge):
        return f"too large to show ({assertion.nodes} nodes)"
    return term_text(assertion, style=style, width=width)


def _indented(text: str, margin: str) -> Iterator[str]:
    for number, line in enumerate(text.split("\n")):
        yield margin + ("  " if number else "") + line
