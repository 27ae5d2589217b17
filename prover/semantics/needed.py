"""Inputs that a run depends on: all parameters, but of a triple only the variables that may be read before they are written."""

from __future__ import annotations

from collections.abc import Iterable

from prover.kernel.depend import terms_of
from prover.kernel.program import Assign, Block, Clause, Havoc, If, Procedure, ProcedureCall, Return, Statement, While
from prover.kernel.term import Term, Var, free_variables


def needed_inputs(unit: Procedure) -> tuple[Var, ...]:
    """The entry variables that a run must be given; any value will do for the others."""
    if not unit.initialised or unit.body is None:
        return unit.entry_variables
    walk = _Walk(unit.ensures)
    walk.clauses(unit.requires, frozenset())
    end = walk.block(unit.body, frozenset())
    walk.clauses(unit.ensures, end)
    return tuple([v for v in unit.entry_variables if v.name in walk.read])


class _Walk:
    """Follows the text forwards with the variables that are certainly written.  What a loop's body writes does not count after
    it, so `break` and `continue` skip nothing that counts."""

    def __init__(self, ensures: tuple[Clause, ...]) -> None:
        self.ensures = ensures
        self.read: set[str] = set()

    def term(self, term: Term, written: frozenset[str]) -> None:
        self.read |= free_variables(term).keys() - written

    def clauses(self, clauses: Iterable[Clause], written: frozenset[str]) -> None:
        for clause in clauses:
            self.term(clause.formula, written)

    def block(self, block: Block, written: frozenset[str]) -> frozenset[str]:
        for statement in block.statements:
            written = self.statement(statement, written)
        return written

    def statement(self, statement: Statement, written: frozenset[str]) -> frozenset[str]:
        for term in terms_of(statement):
            self.term(term, written)
        match statement:
            case If():
                return self.block(statement.then, written) & self.block(statement.orelse, written)
            case While():
                self.block(statement.step, self.block(statement.body, written))
                return written
            case Assign(targets=targets):
                self.read |= {t.array.name for t in targets if not isinstance(t, Var)} - written
                return written | {t.name for t in targets if isinstance(t, Var)}
            case Havoc(variables=variables):
                return written | {v.name for v in variables}
            case ProcedureCall(targets=results):
                return written | {v.name for v in results}
            case Return():
                self.clauses(self.ensures, written)
                return written
            case _:
                return written
