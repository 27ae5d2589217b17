"""Invariants by elimination (Houdini; Flanagan & Leino 2001): all candidate facts that no run broke, less those that rounds do
not keep, until what is left is inductive together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from prover.infer import elimination
from prover.infer.annotate import Proposals
from prover.infer.facts import candidates, constants, loop_terms, loop_variables
from prover.infer.observe import Observed, loops
from prover.infer.subject import Subject
from prover.infer.widened import machines, narrowed, widened_loop, widened_procedure
from prover.kernel.depend import terms
from prover.kernel.program import Block, If, Procedure, While
from prover.kernel.term import Term, neg
from prover.semantics.evaluate import Evaluator, Scope

MOST_FACTS, MOST_AROUND = 60, 12
MOST_STATES = 200


def propose(subject: Subject, procedure: Procedure, seen: Sequence[Observed], more: Mapping[str, Sequence[Term]]) -> Proposals:
    """The strongest inductive set of candidate facts, for all loops together.

    more: further ones, about which runs are not asked."""
    evaluator = Evaluator(subject.program)
    known = constants(terms(procedure))
    loose: dict[str, list[Term]] = {}
    machine = machines(procedure)
    around = conditions_around(widened_procedure(procedure))
    for loop in map(widened_loop, loops(procedure)):
        states = [s for o in seen for s in o.heads.get(loop.label, [])][:MOST_STATES]
        numbers = list(dict.fromkeys([*constants(loop_terms(loop)), *known]))[:10]
        facts = [*around[loop.label], *candidates(loop_variables(loop), numbers)] if states else []
        loose[loop.label] = [
            narrowed(f, machine) for f in facts if all(evaluator.value(f, Scope(s)) is not False for s in states)
        ][:MOST_FACTS]
    return inductive(subject, procedure, {label: [*found, *more.get(label, ())] for label, found in loose.items()})


def conditions_around(procedure: Procedure) -> dict[str, list[Term]]:
    """What was tested last on the way to each loop, by its label."""
    found: dict[str, list[Term]] = {}

    def look(block: Block, known: list[Term]) -> None:
        for statement in block.statements:
            match statement:
                case If(condition=condition):
                    tested = [] if condition is None else [condition]
                    look(statement.then, [*known, *tested][-MOST_AROUND:])
                    look(statement.orelse, [*known, *[neg(c) for c in tested]][-MOST_AROUND:])
                case While():
                    found[statement.label] = known
                    look(statement.body, known)
                case _:
                    pass

    if procedure.body is not None:
        look(procedure.body, [c.formula for c in procedure.requires])
    return found


def inductive(subject: Subject, procedure: Procedure, facts: Mapping[str, list[Term]]) -> Proposals:
    """What is left of the facts, by loop label, when those that rounds do not keep are gone; nothing if time runs out."""
    return elimination.proposals(elimination.inductive(replace(subject, procedure=procedure), facts))
