"""Equalities of polynomials that hold in all states seen at the head of a loop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prover.infer.linear import Linear, comparison
from prover.infer.observe import State
from prover.infer.polynomial import Monomial, Relation, relations
from prover.kernel.sort import Array, Int, Nat
from prover.kernel.term import OLD, Op, Term, Var, app, at, structure
from prover.semantics.values import Value

MOST_DEGREE = 7
MOST_TERMS = 9


def equalities(
    variables: Sequence[Var], changed: Iterable[str], states: Sequence[State], entries: Sequence[State], degree: int
) -> list[Term]:
    """Equalities that speak of a variable which the loop changes.

    entries: for each state the values at the unit's entry, of those variables that it changes."""
    shown, points = columns(variables, states, entries)
    if not points:
        return []
    moving = set(changed)
    own = {i for i, t in enumerate(shown) if isinstance(t, Var) and t.name in moving}
    found = [
        r for r in relations(points, min(degree, MOST_DEGREE)) if any(i in own for m in r for i in m) and len(r) <= MOST_TERMS
    ]
    return [as_term(r, shown) for r in found]


def columns(
    variables: Sequence[Var], states: Sequence[State], entries: Sequence[State]
) -> tuple[list[Term], list[tuple[int, ...]]]:
    """The terms to relate, and their values in each state."""
    integers = [v for v in variables if isinstance(v.sort, Int | Nat)]
    integers = [v for v in integers if all(isinstance(s.get(v.name), int) for s in states)]
    before = [v for v in integers if all(v.name in e for e in entries)]
    arrays = [v for v in variables if isinstance(v.sort, Array) and all(v.name in s for s in states)]
    rows = [
        tuple([_length(s[v.name]) for v in arrays] + [_int(s[v.name]) for v in integers] + [_int(e[v.name]) for v in before])
        for s, e in zip(states, entries, strict=True)
    ]
    return [*[app(Op.LEN, v) for v in arrays], *integers, *[at(OLD, v) for v in before]], rows


def _length(value: Value) -> int:
    assert isinstance(value, tuple)
    return len(value)


def _int(value: Value) -> int:
    assert isinstance(value, int)
    return value


def as_term(relation: Relation, shown: Sequence[Term]) -> Term:
    parts: dict[object, tuple[Term, int]] = {}
    for monomial, count in relation.items():
        if monomial:
            product = _product(monomial, shown)
            parts[structure(product)] = (product, count)
    return comparison(Op.EQ, Linear(parts, relation.get((), 0)))


def _product(monomial: Monomial, shown: Sequence[Term]) -> Term:
    factors = [shown[i] for i in monomial]
    return factors[0] if len(factors) == 1 else app(Op.MUL, *factors)
