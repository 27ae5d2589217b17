"""Recurrent sets from runs (after Gupta et al. 2008): facts that held at the head of a loop in a run that went on and on, weakened
until the kernel accepts them as closed (Houdini; Flanagan & Leino 2001).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from prover.infer.annotate import Proposal, Proposals
from prover.infer.linear import distinct, tidy
from prover.kernel.definedness import defined
from prover.kernel.depend import statements, terms_of
from prover.kernel.program import Procedure, Program, While
from prover.kernel.recurrence import Angelic
from prover.kernel.sort import BOOL, Bool, Int, Nat
from prover.kernel.term import FALSE, App, Lit, Op, Term, Var, app, conj, free_variables, neg, num, walk
from prover.semantics.choices import RandomChoices
from prover.semantics.evaluate import Evaluator, Scope
from prover.semantics.inputs import small_inputs
from prover.semantics.outcome import OutOfSteps, Step
from prover.semantics.run import run
from prover.semantics.values import Value

RUNS = 120
STEPS = 400
TAIL = 12
MOST_FACTS = 80
MOST_STARTS = 8

Holds = Callable[[Sequence[Term], Term], bool]
"""Do the first terms entail the last, for all values of the variables?"""


def propose(procedure: Procedure, program: Program, holds: Holds) -> Iterator[Proposals]:
    """Recurrent sets for single loops, each closed as far as one fact at a time can tell."""
    evaluator = Evaluator(program)
    for loop, states in _endless(procedure, program):
        facts = [f for f in _facts(loop, states) if all(evaluator.value(f, Scope(s)) is True for s in states)]
        found = _closed(loop, program, facts[:MOST_FACTS], holds)
        if found is not None:
            yield Proposals({loop.label: Proposal(recurrent=tuple(found))})


def _endless(procedure: Procedure, program: Program) -> Iterator[tuple[While, list[Mapping[str, Value]]]]:
    """Loops that were at work when a run was stopped, with the last states at their heads; several runs for each loop."""
    loops = {id(s.span): s for s in statements(procedure.body) if isinstance(s, While)} if procedure.body else {}
    starts: dict[str, int] = {}
    for seed, inputs in enumerate(small_inputs(procedure, 1, RUNS)):
        heads: dict[str, list[Mapping[str, Value]]] = {}

        def watch(step: Step, heads: dict[str, list[Mapping[str, Value]]] = heads) -> None:
            loop = loops.get(id(step.span))
            if loop is not None and step.unit == procedure.name and step.depth == 0:
                heads.setdefault(loop.label, []).append(dict(step.state))

        made = run(program, procedure.name, inputs, choices=RandomChoices(seed), max_steps=STEPS, check=False, observer=watch)
        if not isinstance(made.outcome, OutOfSteps):
            continue
        for loop in loops.values():
            states = heads.get(loop.label, [])
            if len(states) >= TAIL and starts.get(loop.label, 0) < MOST_STARTS:
                starts[loop.label] = starts.get(loop.label, 0) + 1
                yield loop, states[-TAIL:]


def _facts(loop: While, states: Sequence[Mapping[str, Value]]) -> list[Term]:
    """Candidates: the guard's conjuncts, bounds by numbers of the program, comparisons of two variables, parities."""
    guard = _parts(loop.condition) if loop.condition is not None else []
    variables = _variables(loop, states)
    numbers = [v for v in variables if isinstance(v.sort, Int | Nat)]
    constants = sorted({0, 1, -1, *_constants(loop)}, key=abs)[:8]
    found = list(guard)
    found += [app(op, v, num(c)) for v in numbers for c in constants for op in (Op.GE, Op.LE)]
    found += [app(op, a, b) for a, b in combinations(numbers, 2) for op in (Op.EQ, Op.GE, Op.LE)]
    found += [app(Op.EQ, app(Op.MOD, v, num(2)), num(r)) for v in numbers for r in (0, 1)]
    found += [f for v in variables if isinstance(v.sort, Bool) for f in (v, neg(v))]
    found += [app(Op.EQ, v, num(_integer(states[-1][v.name]))) for v in numbers]
    return distinct(found)


def _integer(value: Value) -> int:
    return value if isinstance(value, int) else 0


def _variables(loop: While, states: Sequence[Mapping[str, Value]]) -> list[Var]:
    terms = [] if loop.condition is None else [loop.condition]
    for statement in statements(loop.body):
        terms += list(terms_of(statement))
    found: dict[str, Var] = {}
    for term in terms:
        found.update(free_variables(term))
    return [v for n, v in found.items() if all(n in s for s in states)]


def _constants(loop: While) -> set[int]:
    terms = [t for s in statements(loop.body) for t in terms_of(s)] + ([] if loop.condition is None else [loop.condition])
    numbers = {int(n.value) for t in terms for n in walk(t) if isinstance(n, Lit) and n.sort != BOOL}
    return {c for n in numbers if abs(n) < 1 << 32 for c in (n, n - 1, n + 1)}


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
    """Without the facts that the others make unnecessary."""
    angelic = Angelic(program, FALSE)
    for fact in reversed(list(facts)):
        rest = [f for f in facts if f is not fact]
        guard = loop.condition is None or holds(rest, conj([defined(loop.condition, program), loop.condition]))
        if guard and holds(rest, _round(angelic, loop, conj(rest))):
            facts = rest
    return facts

