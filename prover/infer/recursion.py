"""Variants of procedures and lemmas that call themselves: what falls from the caller's entry to the callee's.

Candidates come from the parameters and from what conditions compare them with; the kernel says whether one is a variant, alone or
as one of two (lexicographic).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, permutations

from prover.infer.linear import each_once
from prover.infer.subject import Subject
from prover.kernel.depend import statements
from prover.kernel.goal import GoalKind
from prover.kernel.program import If, Kind, Procedure, ProcedureCall, While
from prover.kernel.sort import Array, Machine, is_integer
from prover.kernel.term import App, Op, Term, Var, app, conjuncts, free_variables, walk
from prover.record import replace
from prover.solve.prove import Outcome

MOST, MOST_IN_PAIRS = 40, 7
_COMPARISONS = frozenset((Op.LT, Op.LE, Op.GT, Op.GE, Op.NE, Op.EQ))


def varied(subject: Subject, outcomes: Sequence[Outcome]) -> tuple[Procedure, Sequence[Outcome]]:
    """The procedure with a variant that all its calls of itself lower, and its outcomes; as it was, where none is found."""
    unit = subject.procedure
    if unit.variant is not None or subject.component != {unit.name} or not calls_itself(unit):
        return unit, outcomes
    before = sum(not o.proved for o in outcomes)
    for variant in _candidates(unit):
        if not subject.time():
            break
        changed = replace(unit, variant=variant)
        after = subject.prove(changed)
        falls = [o for o in after if o.goal.kind is GoalKind.RECURSION]
        if falls and all(o.proved for o in falls) and sum(not o.proved for o in after) < before:
            return changed, after
    return unit, outcomes


def calls_itself(unit: Procedure) -> bool:
    return unit.body is not None and any(isinstance(s, ProcedureCall) and s.name == unit.name for s in statements(unit.body))


def _candidates(unit: Procedure) -> Iterator[tuple[Term, ...]]:
    """Single ones first, plain ones before differences."""
    single = list(islice(each_once(measures(unit)), MOST))
    yield from ((m,) for m in single)
    yield from permutations(single[:MOST_IN_PAIRS], 2)


def measures(unit: Procedure) -> Iterator[Term]:
    parameters = {p.variable.name: p.variable for p in unit.parameters if not p.ghost or unit.kind is Kind.LEMMA}
    numbers = [_number(v) for v in parameters.values() if _counts(v)]
    lengths = [app(Op.LEN, v) for v in parameters.values() if isinstance(v.sort, Array)]
    yield from numbers
    yield from lengths
    for left, right in compared(unit, set(parameters)):
        yield app(Op.SUB, right, left)
        yield app(Op.SUB, left, right)
    for left, right in permutations([*lengths, *numbers], 2):
        yield app(Op.SUB, left, right)
    if len(numbers) > 1:
        yield app(Op.ADD, *numbers)
        yield from (app(Op.ADD, a, b) for i, a in enumerate(numbers) for b in numbers[i + 1 :])


def compared(unit: Procedure, names: set[str]) -> Iterator[tuple[Term, Term]]:
    """Sides of comparisons in conditions and `requires` that speak of parameters only."""
    guards = [s.condition for s in statements(unit.body) if isinstance(s, If | While)] if unit.body else []
    stated = [p for c in unit.requires for p in conjuncts(c.formula)]
    for formula in [*[g for g in guards if g is not None], *stated]:
        for part in walk(formula):
            match part:
                case App(op=op, args=(left, right)) if op in _COMPARISONS and _counts(left) and _counts(right):
                    spoken = {*free_variables(left), *free_variables(right)}
                    if spoken and spoken <= names and _variable(left) | _variable(right):
                        yield _number(left), _number(right)
                case _:
                    pass


def _variable(term: Term) -> bool:
    return any(isinstance(t, Var) for t in walk(term))


def _counts(term: Term) -> bool:
    return is_integer(term.sort) or isinstance(term.sort, Machine)


def _number(term: Term) -> Term:
    return app(Op.VALUE, term) if isinstance(term.sort, Machine) else term
