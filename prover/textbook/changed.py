"""What a loop can change, read off its text.  (The kernel has its own; tests hold one against the other.)"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from prover.kernel.program import Assign, Element, Havoc, If, Procedure, ProcedureCall, Program, Statement, While
from prover.kernel.term import Var


@dataclass(frozen=True, slots=True)
class Change:
    """whole: the variable itself is assigned, not only elements of it."""

    variable: Var
    whole: bool


def changed_by(loop: While, program: Program) -> dict[str, Change]:
    """By name, nested statements, the loop's step and what calls change included."""
    found: dict[str, Change] = {}
    stack: list[Statement] = [*loop.body.statements, *loop.step.statements]
    while stack:
        statement = stack.pop()
        match statement:
            case If():
                stack += [*statement.then.statements, *statement.orelse.statements]
            case While():
                stack += [*statement.body.statements, *statement.step.statements]
            case _:
                for change in _changes(statement, program):
                    known = found.get(change.variable.name)
                    if known is None or not known.whole:
                        found[change.variable.name] = change
    return found


def _changes(statement: Statement, program: Program) -> Iterator[Change]:
    match statement:
        case Assign(targets=targets):
            for target in targets:
                yield Change(target.array, False) if isinstance(target, Element) else Change(target, True)
        case Havoc(variables=variables):
            yield from [Change(v, True) for v in variables]
        case ProcedureCall(targets=variables, args=args, name=name):
            yield from [Change(v, True) for v in variables]
            callee = program.units[name]
            assert isinstance(callee, Procedure)
            for parameter, argument in zip(callee.parameters, args, strict=True):
                if parameter.inout and isinstance(argument, Var):
                    yield Change(argument, True)
        case _:
            return
