"""Statements: scopes, ghost code, labels, leaving.  Assignments, calls and loops have files of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import assert_never

from prover.diagnostic import InputError, Label
from prover.kernel.program import Assert, Assume, Block, Break, Continue, If, Point, Return, Skip, Statement
from prover.kernel.term import Term
from prover.source import Span
from prover.syntax import surface as s
from prover.syntax.elaborate import assignments, loops
from prover.syntax.elaborate.ghost import Reason, reason
from prover.syntax.elaborate.scope import Scope
from prover.syntax.elaborate.unit import Unit, script
from prover.syntax.holes import unfilled

MAX_DEPTH = 500


@dataclass(slots=True)
class Statements:
    """Elaborates the body of one unit.

    ghost: why the statements met now are ghost code; None in real code.  lemma: all of the body is ghost.
    loops: for each loop around, whether it is ghost."""

    unit: Unit
    lemma: bool = False
    ghost: Reason | None = None
    loops: list[bool] = field(default_factory=list)
    depth: int = 0

    def body(self, block: s.Stmts) -> Block:
        return self.block(block)

    def block(self, block: s.Stmts) -> Block:
        """A block with a scope of its own."""
        x = self.unit.x
        outer = x.scope
        x.scope = Scope(outer)
        made: list[Statement] = []
        for item in block.items:
            self._statement(item, made)
        x.scope = outer
        return Block(tuple(made))

    def _statement(self, item: s.Stmt, out: list[Statement]) -> None:
        match item:
            case s.AssignStmt() | s.VarStmt() | s.CallStmt() | s.HavocStmt():
                assignments.changes(self, item, out)
            case s.IfStmt():
                self._if(item, out)
            case s.WhileStmt():
                loops.while_loop(self, item, out)
            case s.ForStmt():
                loops.for_loop(self, item, out)
            case s.AssertStmt():
                self._assert(item, out)
            case s.AssumeStmt():
                self._assume(item, out)
            case s.PointStmt():
                self._point(item, out)
            case s.SkipStmt():
                out.append(Skip(item.span))
            case s.ReturnStmt() | s.BreakStmt() | s.ContinueStmt():
                self._leave(item, out)
            case s.Gap():
                raise InputError(*unfilled(item))
            case _:
                assert_never(item)

    def _assert(self, item: s.AssertStmt, out: list[Statement]) -> None:
        clause = self.unit.clause(item.assertion, self.unit.labels.number("assert"), "an assertion")
        if clause is not None:
            out.append(Assert(clause, script(item.script) if item.script is not None else None, item.span))

    def _assume(self, item: s.AssumeStmt, out: list[Statement]) -> None:
        clause = self.unit.clause(item.assumption, self.unit.labels.number("assume"), "what `assume` assumes")
        if clause is not None:
            out.append(Assume(clause, item.span))

    def _point(self, item: s.PointStmt, out: list[Statement]) -> None:
        label = self.unit.labels.label(item.label, "")
        self.unit.x.points[label] = self.unit.x.count
        out.append(Point(label, item.span))

    # Leaving

    def _leave(self, item: s.ReturnStmt | s.BreakStmt | s.ContinueStmt, out: list[Statement]) -> None:
        returns = isinstance(item, s.ReturnStmt)
        label = self.unit.labels.number("return") if returns else ""
        name = "return" if returns else "break" if isinstance(item, s.BreakStmt) else "continue"
        if not returns and not self.loops:
            self.unit.problems.error("flow-break", f"there is no loop around this `{name}`", item.span)
        elif self.ghost is not None and not self.lemma and (returns or not self.loops[-1]):
            out_of = "the procedure" if returns else "a loop that is real"
            self.in_ghost(f"ghost code cannot `{name}`: it would leave {out_of}", item.span)
        elif isinstance(item, s.ReturnStmt):
            out.append(Return(label, item.span))
        else:
            out.append(Break(item.span) if name == "break" else Continue(item.span))

    # Branches

    def _if(self, item: s.IfStmt, out: list[Statement]) -> None:
        """`elsif` is an `if` in the `else` of the one before; all after a ghost condition is ghost."""
        before = self.ghost
        made: list[tuple[str, Term | None, Block, Span]] = []
        with self.nested(item.span, len(item.branches)) as fine:
            for condition, block in item.branches if fine else ():
                label = self.unit.labels.number("if")
                term = self.condition(condition, "the condition of `if`")
                span = condition.span if made else item.span
                made.append((label, term, self.block(block), span))
            orelse = self.block(item.orelse) if fine and item.orelse is not None else Block(())
        self.ghost = before
        if not fine:
            return
        for label, term, then, span in reversed(made):
            orelse = Block((If(label, term, then, orelse, span),))
        out.extend(orelse.statements)

    def condition(self, condition: s.Expr | s.Star, what: str) -> Term | None:
        """The condition of a branch or loop, None for `*` and where an error was reported.

        What a ghost condition controls is ghost from here on."""
        if isinstance(condition, s.Star):
            return None
        term = self.unit.x.formula(condition, what)
        if term is not None and self.ghost is None:
            self.ghost = reason(term, self.unit.ghosts)
        return term

    @contextmanager
    def nested(self, span: Span, levels: int = 1) -> Iterator[bool]:
        """Counts nesting of statements, `elsif` included; False, with an error, where it is too deep."""
        self.depth += levels
        fine = self.depth <= MAX_DEPTH
        if not fine:
            message = f"statements nest more than {MAX_DEPTH} levels deep here, each `elsif` counted"
            self.unit.problems.error("syntax-nesting", message, span)
            self.unit.abandoned = True
        yield fine
        self.depth -= levels

    # Ghost code

    def in_ghost(self, message: str, span: Span) -> None:
        """Report what ghost code must not do."""
        labels: tuple[Label, ...] = ()
        if self.ghost is not None and self.ghost.span is not None:
            labels = (Label(self.ghost.span, f"ghost because {self.ghost.text}"),)
        self.unit.problems.error("flow-ghost", message, span, labels=labels)

    def real(self, term: Term | None, what: str) -> bool:
        """May real code use this value?  Says so when it must not."""
        why = reason(term, self.unit.ghosts) if term is not None and self.ghost is None else None
        if why is not None:
            self.unit.problems.error("flow-ghost", f"{what} is real, and this is for ghost code only: {why.text}", why.span)
        return why is None
