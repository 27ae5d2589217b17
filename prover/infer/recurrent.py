"""Recurrent sets from runs (after Gupta et al. 2008): facts that held at the head of a loop in a run that went on and on,
weakened until the kernel accepts them as closed (Houdini; Flanagan & Leino 2001).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from prover.infer.annotate import Proposal, Proposals
from prover.infer.facts import candidates, constants, loop_terms, loop_variables
from prover.infer.linear import distinct, tidy
from prover.infer.observe import Observed, State, loops
from prover.kernel.definedness import defined
from prover.kernel.program import Procedure, Program, While
from prover.kernel.recurrence import Angelic
from prover.kernel.sort import Int, Nat
from prover.kernel.term import FALSE, TRUE, App, Op, Term, app, conj, num, structure
from prover.record import replace
from prover.semantics.evaluate import Evaluator, Scope
from prover.semantics.values import Value

TAIL = 12
MOST_FACTS = 80
MOST_STARTS = 8
MOST_ALONE = 24

Holds = Callable[[Sequence[Term], Term], bool]
"""Do the first terms entail the last, for all values of the variables?"""


def propose(procedure: Procedure, program: Program, seen: Sequence[Observed], holds: Holds) -> Iterator[Proposals]:
    """Recurrent sets for single loops, each closed as far as one fact at a time can tell."""
    evaluator = Evaluator(program)
    for loop, states in _endless(procedure, seen):
        facts = [f for f in _facts(loop, states) if all(evaluator.value(f, Scope(s)) is True for s in states)]
        found = _closed(loop, program, facts[:MOST_FACTS], holds)
        if found is not None:
            yield Proposals({loop.label: Proposal(recurrent=tuple(found) or (TRUE,))})


def _endless(procedure: Procedure, seen: Sequence[Observed]) -> Iterator[tuple[While, list[State]]]:
    """Loops that were at work when a run was stopped, with the last states at their heads; several runs for each loop."""
    starts: dict[str, int] = {}
    for observed in seen:
        for loop in loops(procedure) if observed.stopped else ():
            states = observed.heads.get(loop.label, [])
            if len(states) >= TAIL and starts.get(loop.label, 0) < MOST_STARTS:
                starts[loop.label] = starts.get(loop.label, 0) + 1
                yield loop, states[-TAIL:]


def _facts(loop: While, states: Sequence[State]) -> list[Term]:
    """Candidates: the guard's conjuncts, then general ones, then the values themselves."""
    guard = _parts(loop.condition) if loop.condition is not None else []
    variables = [v for v in loop_variables(loop) if all(v.name in s for s in states)]
    exact = [app(Op.EQ, v, num(_integer(states[-1][v.name]))) for v in variables if isinstance(v.sort, Int | Nat)]
    return distinct([*guard, *candidates(variables, constants(loop_terms(loop))), *exact])


def _integer(value: Value) -> int:
    return value if isinstance(value, int) else 0


def _parts(term: Term) -> list[Term]:
    return list(term.args) if isinstance(term, App) and term.op is Op.AND else [term]


def _closed(loop: While, program: Program, facts: Sequence[Term], holds: Holds) -> list[Term] | None:
    """The facts that a round keeps, provided that they imply the guard; None if they do not."""
    angelic = Angelic(program, FALSE)
    kept = list(facts)
    while True:
        after = [f for f in kept if holds(kept, _round(angelic, loop, f))]
        if loop.condition is not None and not holds(after, conj([defined(loop.condition, program), loop.condition])):
            return None
        if len(after) == len(kept):
            return _fewest(loop, program, [tidy(f) for f in kept], holds)
        kept = after


def _round(angelic: Angelic, loop: While, after: Term) -> Term:
    again = angelic.block(loop.step, after)
    return replace(angelic, again=again).block(loop.body, again)


def _fewest(loop: While, program: Program, facts: list[Term], holds: Holds) -> list[Term]:
    """Without the facts that the others make unnecessary; the guard with one fact beside it is best."""
    guard = distinct([tidy(p) for p in _parts(loop.condition)]) if loop.condition is not None else []
    known = {structure(f) for f in facts}
    if all(structure(g) in known for g in guard):
        others = [f for f in facts if structure(f) not in {structure(g) for g in guard}]
        for few in (guard, *[[*guard, f] for f in others[:MOST_ALONE]]):
            if _recurs(loop, program, few, holds):
                return few
    for fact in reversed(list(facts)):
        rest = [f for f in facts if f is not fact]
        if _recurs(loop, program, rest, holds):
            facts = rest
    return facts


def _recurs(loop: While, program: Program, facts: Sequence[Term], holds: Holds) -> bool:
    """Do the facts together imply the guard, and does some round lead back to them?"""
    guard = loop.condition is None or holds(facts, conj([defined(loop.condition, program), loop.condition]))
    return guard and holds(facts, _round(Angelic(program, FALSE), loop, conj(facts)))
