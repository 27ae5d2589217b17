"""Weakest preconditions step by step: from the postcondition backwards, each statement with its rule and the substitution."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from prover.kernel.depend import statements
from prover.kernel.program import (
    Assert,
    Assign,
    Assume,
    Break,
    Continue,
    Element,
    If,
    Procedure,
    Program,
    Return,
    Skip,
    Statement,
    While,
)
from prover.kernel.term import Term
from prover.record import replace
from prover.syntax.style import ASCII, UNICODE, Style
from prover.syntax.unparse import term_text
from prover.textbook.simplify import simplify
from prover.textbook.wp import Assertion, Calculus, Options, TooLarge


@dataclass(frozen=True, slots=True)
class Step:
    """One statement.  line: where it stands.  text: what it says, in short.  post: what must hold after it.
    made: how the rule makes the precondition of that, in words or as a substitution; the last one is simplified."""

    line: int
    text: str
    post: str
    made: tuple[str, ...]


def steps(procedure: Procedure, program: Program, options: Options | None = None, style: Style = ASCII) -> Iterator[Step]:
    """From the end of a unit with a body to its beginning.  Raises ValueError without one."""
    if procedure.body is None:
        raise ValueError(f"`{procedure.name}` has no body")
    calculus = Calculus(procedure, program, replace(options or Options(), exact=False))
    calculus.precondition()
    for statement in reversed(list(statements(procedure.body))):
        yield _Writer(calculus, style).step(statement)


@dataclass(frozen=True, slots=True)
class _Writer:
    calculus: Calculus
    style: Style

    def step(self, statement: Statement) -> Step:
        post, pre = self.calculus.after[id(statement)], self.calculus.before[id(statement)]
        made = [*self._made(statement, post), self.shown(pre, simpler=True)]
        text = " ".join(statement.span.text.split("\n")[0].split())
        return Step(statement.span.first.line, text, self.shown(post), tuple(dict.fromkeys(made)))

    def _made(self, statement: Statement, post: Assertion) -> Iterator[str]:
        after = self.shown(post)
        match statement:
            case _ if isinstance(post, TooLarge):
                pass
            case Assign():
                targets = ", ".join([self._target(t) for t in statement.targets])
                values = ", ".join([self.text(v) for v in statement.values])
                yield f"({after})[{targets} := {values}]"
                yield self.shown(self.calculus.simple(statement, post))
            case Assert(clause=clause):
                yield f"({self.text(clause.formula)}) and ({after})"
            case Assume(clause=clause):
                yield f"({self.text(clause.formula)}) ==> ({after})"
            case If(condition=condition):
                branches = [self._first(statement.then.statements, post), self._first(statement.orelse.statements, post)]
                guards = ["", ""] if condition is None else [f"{self.text(condition)} ==> ", f"not ({self.text(condition)}) ==> "]
                yield " and ".join([f"({g}{b})" for g, b in zip(guards, branches, strict=True)])
            case While():
                yield "the invariant; that a round keeps it, and that it leads on at the end, is to be shown beside"
            case Skip() | Return() | Break() | Continue():
                yield "what must hold where it leads"
            case _:
                pass

    def _first(self, block: tuple[Statement, ...], post: Assertion) -> str:
        """What must hold at the beginning of a block."""
        return self.shown(self.calculus.before[id(block[0])] if block else post)

    def _target(self, target: object) -> str:
        if isinstance(target, Element):
            return target.array.name + "".join([f"[{self.text(i)}]" for i in target.indices])
        return str(getattr(target, "name", target))

    def text(self, term: Term) -> str:
        return term_text(term, style=self.style)

    def shown(self, assertion: Assertion, simpler: bool = False) -> str:
        if isinstance(assertion, TooLarge):
            return "not worked out: too large"
        thawed = self.calculus.names.thaw(assertion)
        return self.text(simplify(thawed) if simpler else thawed)


def step_lines(step: Step, style: Style = ASCII) -> Iterator[str]:
    """As text: the statement, then an equation a line."""
    yield f"line {step.line}: {step.text}"
    yield f"    wp({'…' if style is UNICODE else '...'}, {step.post})"
    for made in step.made:
        yield f"  = {made}"
