"""Proof outlines: the text of a unit with the textbook assertion before each statement, and what remains to be shown.

`Outline` is a value; `lines` renders it.  Assertions are simplified for reading (`simplify`; not with
`Options.simplified` off), and say `old(x)`, `at(l, x)` for
values of earlier states.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from prover.kernel.program import Assign, Block, If, Procedure, Program, Statement, While
from prover.kernel.term import TRUE, Term, Var, conj, free_variables, implies
from prover.record import replace
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
    """Of one unit.  requires: what is known at entry.  pre: the weakest precondition of its body.
    fresh: names that stand for any value of their sort."""

    procedure: Procedure
    requires: Term
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
    obligations = [first, *sorted(calculus.obligations, key=lambda o: o.span.start)]
    return Outline(
        procedure,
        requires,
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
            shown = self.calculus.names.thaw(assertion)
            if self.calculus.options.simplified:
                shown = simplify(shown)
        except RecursionError:
            return TooLarge(assertion.size)
        self.used |= _names(shown)
        return shown

    def block(self, block: Block, depth: int) -> None:
        setup: Statement | None = None
        for number, statement in enumerate(block.statements):
            if _sets_up(block.statements, number):
                setup = setup or statement
                continue
            # Where a `for` sets its counter, the assertion before the loop is the one before that.
            before = self.calculus.before[id(setup or statement)]
            self.entries.append(Shown(depth, self.readable(before), statement.span))
            self._statement(statement, depth)
            setup = None

    def _statement(self, statement: Statement, depth: int) -> None:
        match statement:
            case If():
                self._code(depth, head_of(statement), statement.span)
                self.block(statement.then, depth + 1)
                if statement.orelse.statements:
                    self._code(depth, "else", None)
                    self.block(statement.orelse, depth + 1)
                self._code(depth, "end", None)
            case While():
                self._code(depth, _source(statement.span), statement.span)
                for line in _annotations(statement):
                    self._code(depth + 1, line, None)
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


def _sets_up(statements: tuple[Statement, ...], number: int) -> bool:
    """Does the statement set up a `for` loop that follows, within whose head it stands?"""
    while number < len(statements) and isinstance(statements[number], Assign):
        start = statements[number].span.start
        number += 1
        following = statements[number] if number < len(statements) else None
        if isinstance(following, While):
            return following.span.start <= start
    return False


def head_of(statement: Statement) -> str:
    """The statement on one line; of an `if` its condition, of a loop its head."""
    if isinstance(statement, If):
        return "if * then" if statement.condition is None else f"if {_source(statement.condition.span)} then"
    return _source(statement.span)


def _source(span: Span | None) -> str:
    """What the text says there, on one line."""
    return "?" if span is None else " ".join(span.text.split())


def _annotations(loop: While) -> Iterator[str]:
    """As the user wrote them."""
    for clause in loop.invariants:
        if not clause.implied:
            yield f"invariant {_source(clause.span)}"
    if loop.variant is not None and loop.variant_span is not None:
        yield _source(loop.variant_span)


def lines(found: Outline, style: Style = ASCII, width: int | None = 100) -> Iterator[str]:
    """The outline as text, without line ends."""
    if found.requires is not TRUE:
        yield from _indented(f"{{ {text_of(found.requires, style, width)} }}", "")
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
        return "not worked out: too much text" if assertion.together else f"too large to show ({assertion.nodes} nodes)"
    return term_text(assertion, style=style, width=width)


def _indented(text: str, margin: str) -> Iterator[str]:
    for number, line in enumerate(text.split("\n")):
        yield margin + ("  " if number else "") + line
