"""Annotations that an engine proposes, and the program with them in place.

An engine never decides anything: what it proposes goes into the program as if a person had written it, and the kernel proves
the goals of that program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from prover.kernel.program import Assert, Block, Clause, If, Procedure, Program, Statement, While
from prover.kernel.term import Term
from prover.record import replace


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """What to add to one loop: formulas beside its invariants, a variant where it has none, a recurrent set;
    hints: what to assert where its body begins."""

    invariants: tuple[Term, ...] = ()
    variant: tuple[Term, ...] | None = None
    recurrent: tuple[Term, ...] = ()
    hints: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Proposals:
    """By loop label."""

    loops: Mapping[str, Proposal] = field(default_factory=dict)

    def merged(self, other: Proposals) -> Proposals:
        found = dict(self.loops)
        for label, new in other.loops.items():
            old = found.get(label, Proposal())
            recurrent, hints = (*old.recurrent, *new.recurrent), (*old.hints, *new.hints)
            found[label] = Proposal((*old.invariants, *new.invariants), new.variant or old.variant, recurrent, hints)
        return Proposals(found)

    def without(self, unwanted: Callable[[Term], bool]) -> Proposals:
        """Without the invariants of a kind."""
        return Proposals(
            {k: replace(p, invariants=tuple([f for f in p.invariants if not unwanted(f)])) for k, p in self.loops.items()}
        )


def annotated(procedure: Procedure, proposals: Proposals) -> Procedure:
    """The procedure with the proposals in its loops."""
    return with_loops(procedure, lambda loop: _loop(loop, proposals.loops.get(loop.label))) if proposals.loops else procedure


def with_loops(procedure: Procedure, change: Callable[[While], While]) -> Procedure:
    """The procedure with each loop changed, inner ones before those around them."""
    if procedure.body is None:
        return procedure
    return replace(procedure, body=rewritten(procedure.body, lambda s: change(s) if isinstance(s, While) else s))


def rewritten(block: Block, change: Callable[[Statement], Statement | None]) -> Block:
    """The block with each statement changed, inner ones before those around them, or left out (None)."""
    found = [change(_inside(s, change)) for s in block.statements]
    return Block(tuple([s for s in found if s is not None]))


def _inside(statement: Statement, change: Callable[[Statement], Statement | None]) -> Statement:
    match statement:
        case If():
            return replace(statement, then=rewritten(statement.then, change), orelse=rewritten(statement.orelse, change))
        case While():
            return replace(statement, body=rewritten(statement.body, change), step=rewritten(statement.step, change))
        case _:
            return statement


def with_unit(program: Program, procedure: Procedure) -> Program:
    return replace(program, units={**program.units, procedure.name: procedure})


def _loop(loop: While, proposal: Proposal | None) -> While:
    if proposal is None:
        return loop
    count = len(loop.invariants)
    added = [Clause(f"found{i}", f, loop.span) for i, f in enumerate(proposal.invariants, 1)]
    recurrent = [Clause(f"recurrent{i}", f, loop.span) for i, f in enumerate(proposal.recurrent, 1)]
    # What is found comes first, so that the user's invariants may rely on it for being defined.
    implied = [c for c in loop.invariants if c.implied]
    own = loop.invariants[len(implied) : count]
    hints = [Assert(Clause(f"hint{i}", f, loop.span), None, loop.span) for i, f in enumerate(proposal.hints, 1)]
    return replace(
        loop,
        body=Block((*hints, *loop.body.statements)),
        invariants=(*implied, *added, *own),
        variant=loop.variant if loop.variant is not None else proposal.variant,
        recurrent=loop.recurrent or tuple(recurrent),
    )
