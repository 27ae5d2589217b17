"""Equations between variables and calls of the functions that a unit's promises speak of: `r = fact(i)`,
`p * pow(x, k) = pow(b, e)`, `n = m * pow(2, k)`, `gcd(x, y) = gcd(a, b)`, `even(k) <==> even(n)`; those that hold in the states
seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from prover.infer.templates import Vocabulary, applications
from prover.kernel.sort import Bool, Int, Nat, is_integer
from prover.kernel.sort import same as same_sort
from prover.kernel.term import App, Call, Op, Term, Var, app, eq, free_variables
from prover.semantics.evaluate import Evaluator, Scope

MOST_SCOPES, APART = 40, 3
MOST_EACH = 3

Values = tuple[int, ...]


def equations(words: Vocabulary, evaluator: Evaluator, scopes: Sequence[Scope]) -> list[Term]:
    made = applications(words)
    constant = [c for c in made if words.changed.isdisjoint(free_variables(c))]
    known = _computable(constant, evaluator, scopes)
    valued = [(c, v) for c in made if (v := _values(c, evaluator, known)) is not None]
    called = [(c, v) for c, v in valued if is_integer(c.sort)]
    variables = [(v, vs) for v in words.variables if isinstance(v.sort, Int | Nat) and (vs := _values(v, evaluator, known))]
    given = [(v, vs) for v, vs in variables if v.name not in words.changed]
    moving = [(c, v) for c, v in valued if not words.changed.isdisjoint(free_variables(c))]
    still = [(c, v) for c, v in valued if words.changed.isdisjoint(free_variables(c))]
    counted, goals = ([(c, v) for c, v in of if is_integer(c.sort)] for of in (moving, still))

    def first(formulas: Iterable[Term], most: int) -> Iterator[Term]:
        """Of those that hold in all states: small numbers do not tell all apart."""
        return islice((f for f in formulas if all(evaluator.value(f, s) is not False for s in scopes)), most)

    found: list[Term] = []
    for variable, values in variables:
        if variable.name in words.changed:
            found += first((eq(variable, c) for c, v in called if v == values), MOST_EACH)
            found += first(_combined(variable, values, called, goals), MOST_EACH)
            found += first(_of_parameters(variable, values, counted, given), MOST_EACH)
    same = ((c, goal) for goal, wanted in still for c, v in moving if v == wanted and same_sort(c.sort, goal.sort))
    return found + list(first((_equal(c, goal) for c, goal in same), MOST_EACH * 2))


def _equal(left: Term, right: Term) -> Term:
    return app(Op.IFF, left, right) if isinstance(left.sort, Bool) else eq(left, right)


def _computable(calls: Sequence[Call], evaluator: Evaluator, scopes: Sequence[Scope]) -> list[Scope]:
    """States with small numbers, not only with the smallest, in which the calls have values."""
    found: list[Scope] = []
    ranked = sorted(scopes, key=_magnitude)
    near = ranked[: APART * MOST_SCOPES]
    for scope in [*(s for start in range(APART) for s in near[start::APART]), *ranked[len(near) :]]:
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


def _of_parameters(
    variable: Var, values: Values, moving: Sequence[tuple[Call, Values]], given: Sequence[tuple[Var, Values]]
) -> Iterator[Term]:
    for goal, wanted in given:
        for call, v in moving:
            if all(a * b == w for a, b, w in zip(values, v, wanted, strict=True)):
                yield eq_of(Op.MUL, variable, call, goal)
            if all(a == b * w for a, b, w in zip(values, v, wanted, strict=True)):
                yield eq(variable, app(Op.MUL, goal, call))


def eq_of(op: Op, variable: Var, call: Call, goal: Term) -> App:
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
