"""Annotations that an engine proposes, and the program with them in place.

An engine never decides anything: what it proposes goes into the program as if a person had written it, and the kernel proves
the goals of that program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from prover.kernel.program import Block, Clause, If, Procedure, Program, Statement, While
from prover.kernel.term import Term
from prover.record import replace


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """What to add to one loop: formulas beside its invariants, a variant where it has none, a recurrent set."""

    invariants: tuple[Term, ...] = ()
    variant: tuple[Term, ...] | None = None
    recurrent: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Proposals:
    """By loop label."""

    loops: Mapping[str, Proposal] = field(default_factory=dict)

    def merged(self, other: Proposals) -> Proposals:
        found = dict(self.loops)
        for label, new in other.loops.items():
            old = found.get(label, Proposal())
            found[label] = Proposal(
                (*old.invariants, *new.invariants), new.variant or old.variant, (*old.recurrent, *new.recurrent)
            )
        return Proposals(found)


def annotated(procedure: Procedure, proposals: Proposals) -> Procedure:
    """The procedure with the proposals in its loops."""
    if procedure.body is None or not proposals.loops:
        return procedure
    return replace(procedure, body=_block(procedure.body, proposals))


def with_unit(program: Program, procedure: Procedure) -> Program:
    return replace(program, units={**program.units, procedure.name: procedure})


def _block(block: Block, proposals: Proposals) -> Block:
    return Block(tuple([_statement(s, proposals) for s in block.statements]))


def _statement(statement: Statement, proposals: Proposals) -> Statement:
    match statement:
        case If():
            return replace(statement, then=_block(statement.then, proposals), orelse=_block(statement.orelse, proposals))
        case While():
            return _loop(replace(statement, body=_block(statement.body, proposals)), proposals.loops.get(statement.label))
        case _:
            return statement


def _loop(loop: While, proposal: Proposal | None) -> While:
    if proposal is None:
        return loop
    count = len(loop.invariants)
    added = [Clause(f"found{i}", f, loop.span) for i, f in enumerate(proposal.invariants, 1)]
    recurrent = [Clause(f"recurrent{i}", f, loop.span) for i, f in enumerate(proposal.recurrent, 1)]
    # What is found comes first, so that the user's invariants may rely on it for being defined.
    implied = [c for c in loop.invariants if c.implied]
    own = loop.invariants[len(implied) : count]
    return replace(
        loop,
        invariants=(*implied, *added, *own),
        variant=loop.variant if loop.variant is not None else proposal.variant,
        recurrent=loop.recurrent or tuple(recurrent),
    )
