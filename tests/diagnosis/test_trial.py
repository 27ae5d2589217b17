"""Values that show what is known to be possible: never of what the solver refutes, and found for what programs say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover.diagnose.trial import possible
from prover.kernel.goal import Defines
from prover.kernel.sort import BOOL, INT, NAT, Array
from prover.kernel.term import FALSE, Op, Quant, Term, Var, app, neg, num, quant
from prover.solve.process import Worker, command, library
from tests.kernel.sequents import EMPTY, HERE, goal, holds, reply

X, Y, K, B, N = Var("x", INT), Var("y", INT), Var("k", INT), Var("b", BOOL), Var("n", NAT)
A, C = Var("a", Array(INT)), Var("c", Array(INT))

INTS: st.SearchStrategy[Term] = st.deferred(
    lambda: st.one_of(
        st.sampled_from([X, Y, K, N]),
        st.integers(-3, 8).map(num),
        st.builds(app, st.sampled_from([Op.ADD, Op.SUB, Op.MUL]), INTS, INTS),
        st.builds(lambda o, a, d: app(o, a, num(d)), st.sampled_from([Op.DIV, Op.MOD]), INTS, st.sampled_from([2, 3, -2])),
        st.builds(lambda a: app(Op.NEG, a), INTS),
        st.builds(lambda a: app(Op.LEN, a), st.sampled_from([A, C])),
        st.builds(lambda a, i: app(Op.SELECT, a, i), st.sampled_from([A, C]), INTS),
    )
)
ATOMS = st.one_of(
    st.just(B),
    st.builds(app, st.sampled_from([Op.LT, Op.LE, Op.GT, Op.GE, Op.EQ, Op.NE]), INTS, INTS),
    st.builds(lambda o: app(o, A, C), st.sampled_from([Op.EQ, Op.NE, Op.PERM])),
)


def _larger(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    two = st.sampled_from([Op.AND, Op.OR, Op.IMPLIES, Op.IFF])
    return st.one_of(
        st.builds(app, two, inner, inner),
        inner.map(neg),
        st.builds(lambda u, v, f: quant(u, (v,), f), st.booleans(), st.sampled_from([K, N]), inner),
    )


FORMULAS = st.recursive(ATOMS, _larger, max_leaves=6)


@pytest.fixture(scope="module")
def z3() -> Iterator[Worker]:
    worker = Worker(command(library()))
    yield worker
    worker.stop(close=True)


@settings(max_examples=150, deadline=None)
@given(formulas=st.lists(FORMULAS, min_size=1, max_size=3))
def test_nothing_that_is_refuted_is_called_possible(z3: Worker, formulas: list[Term]) -> None:
    if possible([holds(f) for f in formulas], EMPTY):
        assert reply(z3, [goal(FALSE, *formulas)], rlimit=100_000)[0] is None


def _below(bound: Term) -> Quant:
    inside = app(Op.AND, app(Op.LE, num(0), K), app(Op.LT, K, bound))
    return quant(True, (K,), app(Op.IMPLIES, inside, app(Op.LE, app(Op.SELECT, A, K), X)))


@pytest.mark.parametrize(
    "formulas",
    [
        [app(Op.GT, X, num(0))],
        [app(Op.EQ, app(Op.ADD, X, Y), num(10))],
        [app(Op.EQ, app(Op.MUL, num(2), X), app(Op.ADD, Y, num(7)))],
        [app(Op.LT, X, app(Op.LEN, A)), _below(app(Op.LEN, A))],
        [app(Op.PERM, A, C), app(Op.NE, A, C)],
        [quant(False, (K,), app(Op.EQ, K, num(3)))],
    ],
)
def test_possible(formulas: list[Term]) -> None:
    assert possible([holds(f) for f in formulas], EMPTY)


@pytest.mark.parametrize(
    "formulas",
    [
        [app(Op.LT, X, X)],
        [app(Op.LT, N, num(0))],
        [quant(True, (K,), app(Op.LT, K, num(1000)))],  # small values would not show it
        [quant(True, (K,), app(Op.NE, K, num(-1000)))],
        [app(Op.GT, X, num(10**30))],  # true, but not of the few values
    ],
)
def test_not_found(formulas: list[Term]) -> None:
    assert not possible([holds(f) for f in formulas], EMPTY)


def test_what_is_defined_has_its_value() -> None:
    three = Defines(X, num(3), HERE)
    assert possible([three, holds(app(Op.EQ, Y, app(Op.ADD, X, num(40)))), holds(app(Op.EQ, Y, num(43)))], EMPTY)
    assert not possible([three, holds(app(Op.GT, X, num(3)))], EMPTY)
