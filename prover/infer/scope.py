"""What an annotation of a loop may speak of: the variables that the user sees there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from prover.kernel.depend import terms_of
from prover.kernel.program import Assign, Block, Element, Havoc, If, Procedure, ProcedureCall, Statement, While
from prover.kernel.term import Var, free_variables
from prover.semantics.values import display_name

_WRITTEN = re.compile(r"[A-Za-z_][A-Za-z0-9_']*(#\d+)?")

Place = tuple[int, ...]
"""Where a statement stands: its number in its block, after the place of the statement whose block that is.  In such a place each
block has a number, too, so that even lengths are blocks."""


def visible(procedure: Procedure) -> dict[str, list[Var]]:
    """By loop label: parameters, results, and the locals whose block the loop stands in, declared before it.

    The core has no declarations: a local's block is taken to be the smallest that holds all its occurrences."""
    found: dict[str, list[Var]] = {}
    occurrences = list(_occurrences(procedure))
    outer = [p.variable for p in (*procedure.parameters, *procedure.results)]
    blocks: dict[str, Place] = {}
    first: dict[str, Place] = {}
    for place, names in occurrences:
        for name in names:
            blocks[name] = _common(blocks[name], place) if name in blocks else place[:-1]
            first.setdefault(name, place)
    for place, label in _loops(procedure):
        local = [
            p.variable
            for p in procedure.locals
            if not p.inner or (p.variable.name in first and _sees(blocks[p.variable.name], first[p.variable.name], place))
        ]
        found[label] = _latest([v for v in (*outer, *local) if _WRITTEN.fullmatch(v.name)])
    return found


def _sees(block: Place, first: Place, loop: Place) -> bool:
    return loop[: len(block)] == block and first < loop and loop[: len(first)] != first


def _common(block: Place, place: Place) -> Place:
    length = 0
    for a, b in zip(block, place, strict=False):
        if a != b:
            break
        length += 1
    return block[: length - length % 2]


def _latest(variables: list[Var]) -> list[Var]:
    """Of variables with the same name in the text the last, which hides the others."""
    return list({display_name(v.name): v for v in variables}.values())


def _loops(procedure: Procedure) -> Iterator[tuple[Place, str]]:
    for place, statement in _placed(procedure):
        if isinstance(statement, While):
            yield place, statement.label


def _occurrences(procedure: Procedure) -> Iterator[tuple[Place, list[str]]]:
    for place, statement in _placed(procedure):
        names = [n for t in terms_of(statement) for n in free_variables(t)]
        yield place, names + _written(statement)


def _written(statement: Statement) -> list[str]:
    match statement:
        case Assign():
            return [(t.array if isinstance(t, Element) else t).name for t in statement.targets]
        case Havoc():
            return [v.name for v in statement.variables]
        case ProcedureCall():
            return [v.name for v in statement.targets]
        case _:
            return []


def _placed(procedure: Procedure) -> Iterator[tuple[Place, Statement]]:
    """Every statement with its place, in text order; iterative.  The body itself is the block with the empty place."""
    stack: list[tuple[Place, Block]] = [] if procedure.body is None else [((), procedure.body)]
    while stack:
        block_place, block = stack.pop()
        for number, statement in enumerate(block.statements):
            place = (*block_place, number)
            yield place, statement
            match statement:
                case If():
                    stack += [((*place, 1), statement.orelse), ((*place, 0), statement.then)]
                case While():
                    stack += [((*place, 1), statement.step), ((*place, 0), statement.body)]
                case _:
                    pass
