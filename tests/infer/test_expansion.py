"""Terms as sums of products: they keep their values, and the same polynomial is the same form."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from prover.infer.expansion import expanded
from prover.infer.linear import linear, total
from prover.kernel.program import Program
from prover.kernel.sort import INT
from prover.kernel.term import Op, Term, Var, app, num
from prover.semantics.evaluate import Evaluator, Scope

X, Y = Var("x", INT), Var("y", INT)
leaves = st.one_of(st.sampled_from([X, Y]), st.integers(-5, 5).map(num))


def _joined(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    return st.tuples(st.sampled_from([Op.ADD, Op.SUB, Op.MUL]), inner, inner).map(lambda t: app(t[0], t[1], t[2]))


terms = st.recursive(leaves, _joined, max_leaves=8)


@given(terms, st.integers(-50, 50), st.integers(-50, 50))
@settings(deadline=None)
def test_values_stay(term: Term, x: int, y: int) -> None:
    evaluator, scope = Evaluator(Program({}, (), ())), Scope({"x": x, "y": y})
    assert evaluator.value(total(expanded(term)), scope) == evaluator.value(term, scope)


@given(terms, terms)
@settings(deadline=None)
def test_what_is_multiplied_out_is_the_same_in_any_order(left: Term, right: Term) -> None:
    one, other = expanded(app(Op.MUL, left, right)), expanded(app(Op.MUL, right, left))
    assert not one.plus(other.scaled(-1)).parts
    assert one.constant == other.constant


def test_squares_cancel() -> None:
    after = app(Op.ADD, X, num(1))
    change = expanded(app(Op.MUL, after, after)).plus(expanded(app(Op.MUL, X, X)).scaled(-1))
    assert change.parts.keys() == linear(X).parts.keys()


def test_large_powers_are_left_as_they_are() -> None:
    term: Term = app(Op.ADD, X, Y)
    for _ in range(9):
        term = app(Op.MUL, term, term)
    assert len(expanded(term).parts) == 1
