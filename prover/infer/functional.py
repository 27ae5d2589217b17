"""Equations between variables and calls of the functions that a unit's promises speak of: `r = fact(i)`,
`p * pow(x, k) = pow(b, e)`, `gcd(x, y) = gcd(a, b)`; those that hold in the states seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prover.infer.templates import Vocabulary, applications
from prover.kernel.sort import Int, Nat
from prover.kernel.term import App, Call, Op, Term, Var, app, eq, free_variables
from prover.semantics.evaluate import Evaluator, Scope

MOST_SCOPES = 40
MOST_EACH = 3

Values = tuple[int, ...]


def equations(words: Vocabulary, evaluator: Evaluator, scopes: Sequence[Scope]) -> list[Term]:
    made = applications(words)
    constant = [c for c in made if words.changed.isdisjoint(free_variables(c))]
    known = _computable(constant, evaluator, scopes)
    called = [(c, v) for c in made if (v := _values(c, evaluator, known)) is not None]
    variables = [v for v in words.variables if isinstance(v.sort, Int | Nat) and v.name in words.changed]
    held = [(v, vs) for v in variables if (vs := _values(v, evaluator, known)) is not None]
    still = [(c, v) for c, v in called if words.changed.isdisjoint(free_variables(c))]
    found: list[Term] = []
    for variable, values in held:
        found += [eq(variable, c) for c, v in called if v == values][:MOST_EACH]
        found += list(_combined(variable, values, called, still))[:MOST_EACH]
    moving = [(c, v) for c, v in called if not words.changed.isdisjoint(free_variables(c))]
    return found + [eq(c, goal) for goal, wanted in still for c, v in moving if v == wanted][: MOST_EACH * 2]


def _computable(calls: Sequence[Call], evaluator: Evaluator, scopes: Sequence[Scope]) -> list[Scope]:
    """States with small numbers, in which the calls have values."""
    found: list[Scope] = []
    for scope in sorted(scopes, key=_magnitude):
        if all(isinstance(evaluator.value(c, scope), int) for c in calls):
            found.append(scope)
        if len(found) == MOST_SCOPES:
            break
    return found


def _magnitude(scope: Scope) -> int:
    return sum(abs(v) for v in scope.values.values() if isinstance(v, int))


def _combined(
    variable: Var, values: Values, called: Sequence[tuple[Call, Values]], still: Sequence[tuple[Call, Values]]
) -> Iterator[App]:
    for goal, wanted in still:
        for call, v in called:
            if call is not goal and all(a + b == w for a, b, w in zip(values, v, wanted, strict=True)):
                yield eq_of(Op.ADD, variable, call, goal)
            if call is not goal and all(a * b == w for a, b, w in zip(values, v, wanted, strict=True)):
                yield eq_of(Op.MUL, variable, call, goal)


def eq_of(op: Op, variable: Var, call: Call, goal: Call) -> App:
    return app(Op.EQ, app(op, variable, call), goal)


def _values(term: Term, evaluator: Evaluator, scopes: Sequence[Scope]) -> Values | None:
    """Numbers that are not all the same; None where there are none."""
    found: list[int] = []
    for scope in scopes:
        value = evaluator.value(term, scope)
        if not isinstance(value, int):
            return None
        found.append(value)
    return tuple(found) if len(set(found)) > 1 else None
