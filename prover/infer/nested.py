"""Recurrent sets of loops around others: Horn clauses give the inner loops the invariants with which a round leads back.

For a claim the question is whether `assume P; round; assert P` is right, where all choices are made against us; what Spacer finds
is tried in the program as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prover.infer import horn
from prover.infer.annotate import Proposal, Proposals, with_unit
from prover.infer.facts import loop_variables
from prover.infer.observe import Observed, loops
from prover.infer.recurrent import Rounds, endless_loops
from prover.infer.subject import Subject
from prover.infer.widened import machines
from prover.kernel.depend import statements
from prover.kernel.program import Assert, Assume, Block, Clause, Havoc, Procedure, While
from prover.kernel.term import Term, conj
from prover.record import replace
from prover.semantics.evaluate import Evaluator, Scope

MOST_CLAIMS, LEVELS = 12, 40
FEW = 4  # rounds: each takes many steps


def around_others(procedure: Procedure) -> list[While]:
    """The loops whose inner loops, at least one, have variants."""
    found = {loop.label: [s for s in statements(loop.body) if isinstance(s, While)] for loop in loops(procedure)}
    return [w for w in loops(procedure) if found[w.label] and all(i.variant is not None for i in found[w.label])]


def propose(subject: Subject, procedure: Procedure, seen: Sequence[Observed]) -> Iterator[Proposals]:
    """For each such loop that was at work in a run that went on and on."""
    evaluator = Evaluator(subject.program)
    left = {loop.label for loop in around_others(procedure) if loop.condition is not None}
    for loop, states in endless_loops(procedure, seen, FEW):
        if loop.label not in left:
            continue
        left.remove(loop.label)
        rounds = Rounds(loop, subject.program, machines(procedure))
        facts = [f for f in rounds.facts(states, evaluator) if all(evaluator.value(f, Scope(s)) is True for s in states)]
        for claim in _claims(rounds.guard, facts):
            found = _kept(subject, procedure, loop, claim) if subject.time() else None
            if found is not None:
                yield found.merged(Proposals({loop.label: Proposal(recurrent=tuple(claim))}))


def _claims(guard: Sequence[Term], facts: Sequence[Term]) -> Iterator[list[Term]]:
    yield list(guard)
    for fact in facts[:MOST_CLAIMS]:
        if fact not in guard:
            yield [*guard, fact]


def _kept(subject: Subject, procedure: Procedure, loop: While, claim: Sequence[Term]) -> Proposals | None:
    """Invariants of the inner loops with which a round keeps the claim."""
    clause = Clause("claim", conj(claim), loop.span)
    statements_ = (Havoc(tuple(loop_variables(loop)), None, loop.span), Assume(clause, loop.span), *loop.body.statements)
    ends = (*loop.step.statements, Assert(clause, None, loop.span))
    alone = replace(procedure, requires=(), ensures=(), variant=None, diverges=(), body=Block((*statements_, *ends)))
    program = with_unit(subject.program, alone)
    found = horn.propose(alone, program, subject.component, subject.theory, subject.send, LEVELS)
    return None if found is None else Proposals({k: p for k, p in found.loops.items() if p.invariants})
