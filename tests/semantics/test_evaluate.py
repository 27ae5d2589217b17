"""Terms built by hand and evaluated: operators, three values, quantifiers, recursion."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover.kernel.program import Clause, Function, Program
from prover.kernel.sort import BOOL, INT, MACHINE, NAT, Array, Sort
from prover.kernel.term import FALSE, OLD, TRUE, Op, Quant, Term, Var, app, at, call, let, num, quant
from prover.semantics.evaluate import Evaluator, Scope
from prover.semantics.values import Failure, FailureKind, Result, Unknown, Value
from prover.source import Source, Span

HERE = Span(Source("test", "a formula"), 0, 9)
I8, U8 = MACHINE["int8"], MACHINE["uint8"]
x, y, i, j, n = [Var(name, INT) for name in "xyijn"]
a = Var("a", Array(INT))
BOUNDED = app(Op.AND, app(Op.LE, num(0), i), app(Op.LT, i, app(Op.LEN, a)))


def program(*functions: Function) -> Program:
    return Program({f.name: f for f in functions}, tuple([f.name for f in functions]), ())


def function(
    name: str, body: Term | None, parameters: tuple[Var, ...] = (n,), requires: Term | None = None, result: Sort = INT
) -> Function:
    clauses = () if requires is None else (Clause("requires1", requires, HERE),)
    return Function("function", name, parameters, result, clauses, None, body, HERE, HERE)


def value(term: Term, _program: Program | None = None, **values: Value) -> Result:
    return Evaluator(_program or program()).value(term, Scope(values))


def failure(result: Result) -> FailureKind:
    assert isinstance(result, Failure), result
    return result.kind


def less(left: Term, right: Term) -> Term:
    return app(Op.LT, left, right)


def element(index: Term) -> Term:
    return app(Op.SELECT, a, index)


UNKNOWN = call("u", (), BOOL)
WITH_UNKNOWN = program(function("u", None, (), result=BOOL))


@pytest.mark.parametrize(
    ("left", "right", "quotient", "remainder"), [(-7, 2, -4, 1), (7, -2, -3, 1), (-7, -2, 4, 1), (7, 2, 3, 1), (-6, 3, -2, 0)]
)
def test_division_is_euclidean_on_every_sort(left: int, right: int, quotient: int, remainder: int) -> None:
    for sort in (INT, I8):
        assert value(app(Op.DIV, num(left, sort), num(right, sort))) == quotient
        assert value(app(Op.MOD, num(left, sort), num(right, sort))) == remainder


@given(st.integers(), st.integers().filter(bool))
def test_division_satisfies_its_definition(left: int, right: int) -> None:
    quotient, remainder = value(app(Op.DIV, x, y), x=left, y=right), value(app(Op.MOD, x, y), x=left, y=right)
    assert isinstance(quotient, int) and isinstance(remainder, int)
    assert left == quotient * right + remainder and 0 <= remainder < abs(right)


@pytest.mark.parametrize(
    ("term", "kind"),
    [
        (app(Op.DIV, num(1), num(0)), FailureKind.DIVISION),
        (app(Op.MOD, num(1, U8), num(0, U8)), FailureKind.DIVISION),
        (app(Op.DIV, num(-128, I8), num(-1, I8)), FailureKind.OVERFLOW),
        (app(Op.NEG, num(-128, I8)), FailureKind.OVERFLOW),
        (app(Op.ADD, num(127, I8), num(1, I8), num(-1, I8)), FailureKind.OVERFLOW),
        (app(Op.MUL, num(16, I8), num(8, I8)), FailureKind.OVERFLOW),
        (app(Op.CONVERT, num(256), sort=U8), FailureKind.CONVERSION),
        (app(Op.FILL, num(-1), num(0)), FailureKind.LENGTH),
        (app(Op.SELECT, app(Op.LITERAL, num(4), sort=Array(INT)), num(1)), FailureKind.INDEX),
        (app(Op.SELECT, app(Op.LITERAL, num(4), sort=Array(INT)), num(-1)), FailureKind.INDEX),
        (app(Op.LITERAL, num(-4), sort=Array(NAT)), FailureKind.RANGE),
        (let(Var("k", NAT), num(-1), TRUE), FailureKind.RANGE),
    ],
)
def test_partial_operations_fail(term: Term, kind: FailureKind) -> None:
    assert failure(value(term)) is kind


def test_unsigned_arithmetic_wraps_around() -> None:
    assert value(app(Op.ADD, num(255, U8), num(1, U8))) == 0
    assert value(app(Op.SUB, num(0, U8), num(1, U8))) == 255
    assert value(app(Op.NEG, num(1, U8))) == 255
    assert value(app(Op.MUL, num(16, U8), num(17, U8))) == 16
    assert value(app(Op.WRAP, num(200), sort=I8)) == -56
    assert value(app(Op.WRAP, num(-1), sort=U8)) == 255


def test_remainder_of_the_least_number_by_minus_one_is_no_overflow() -> None:
    assert value(app(Op.MOD, num(-128, I8), num(-1, I8))) == 0


def test_connectives_guard_from_left_to_right() -> None:
    broken = app(Op.EQ, app(Op.DIV, x, num(0)), num(1))
    assert value(app(Op.AND, FALSE, broken), x=1) is False
    assert value(app(Op.OR, TRUE, broken), x=1) is True
    assert value(app(Op.IMPLIES, FALSE, broken), x=1) is True
    assert value(app(Op.ITE, TRUE, num(1), app(Op.DIV, x, num(0))), x=1) == 1
    for term in (app(Op.AND, broken, FALSE), app(Op.OR, broken, TRUE), app(Op.AND, TRUE, broken), app(Op.IFF, FALSE, broken)):
        assert failure(value(term, x=1)) is FailureKind.DIVISION


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (app(Op.AND, UNKNOWN, FALSE), False),
        (app(Op.OR, UNKNOWN, TRUE), True),
        (app(Op.IMPLIES, UNKNOWN, TRUE), True),
        (app(Op.AND, UNKNOWN, TRUE), None),
        (app(Op.OR, UNKNOWN, FALSE), None),
        (app(Op.IMPLIES, UNKNOWN, FALSE), None),
        (app(Op.NOT, UNKNOWN), None),
    ],
)
def test_what_is_unknown_may_not_matter(term: Term, expected: bool | None) -> None:
    result = value(term, WITH_UNKNOWN)
    assert isinstance(result, Unknown) if expected is None else result is expected


def test_something_unknown_that_may_fail_always_matters() -> None:
    unknown = app(Op.EQ, app(Op.DIV, num(1), call("v", (), INT)), num(1))
    assert isinstance(value(app(Op.AND, unknown, FALSE), program(function("v", None, ()))), Unknown)


def test_a_failure_behind_an_unknown_guard_is_unknown() -> None:
    broken = app(Op.EQ, app(Op.DIV, num(1), num(0)), num(1))
    assert isinstance(value(app(Op.AND, UNKNOWN, broken), WITH_UNKNOWN), Unknown)


def test_chosen_values_of_uninterpreted_functions() -> None:
    choice = Evaluator(WITH_UNKNOWN, {("u", ()): True})
    assert choice.value(UNKNOWN, Scope({})) is True
    assert not choice.read_termination


def test_terminates_is_opaque_and_remembered() -> None:
    evaluator = Evaluator(program())
    assert isinstance(evaluator.value(call("terminates(p)", (), BOOL), Scope({})), Unknown)
    assert evaluator.read_termination


def test_functions_recur_deeply_without_a_limit_of_the_stack() -> None:
    fact = function(
        "fact", app(Op.ITE, app(Op.LE, n, num(0)), num(1), app(Op.MUL, n, call("fact", [app(Op.SUB, n, num(1))], INT)))
    )
    evaluator = Evaluator(program(fact))
    assert evaluator.value(call("fact", [num(5)], INT), Scope({})) == 120
    big = evaluator.value(call("fact", [num(3000)], INT), Scope({}))
    assert isinstance(big, int) and big.bit_length() > 30_000


def test_recursion_in_a_tree_is_remembered() -> None:
    one, two = [call("fib", [app(Op.SUB, n, num(k))], INT) for k in (1, 2)]
    fib = function("fib", app(Op.ITE, less(n, num(2)), n, app(Op.ADD, one, two)))
    assert value(call("fib", [num(200)], INT), program(fib)) == 280571172992510140037611932413038677189525


def test_recursion_without_end_is_unknown() -> None:
    loop = function("loop", app(Op.ADD, call("loop", [n], INT), num(1)))
    up = function("up", call("up", [app(Op.ADD, n, num(1))], INT))
    assert isinstance(value(call("loop", [num(0)], INT), program(loop)), Unknown)
    evaluator = Evaluator(program(up), fuel=5_000)
    assert isinstance(evaluator.value(call("up", [num(0)], INT), Scope({})), Unknown)


def test_a_functions_requires_is_the_users_obligation_and_its_body_its_own() -> None:
    half = function("half", app(Op.DIV, num(10), n), requires=app(Op.NE, n, num(0)))
    bad = function("bad", app(Op.DIV, num(10), n))
    units = program(half, bad)
    refused = value(call("half", [num(0)], INT, HERE), units)
    assert isinstance(refused, Failure) and refused.kind is FailureKind.REQUIRES
    assert refused.unit is None and refused.span is HERE
    inside = value(call("bad", [num(0)], INT, HERE), units)
    assert isinstance(inside, Failure) and inside.kind is FailureKind.DIVISION and inside.unit == "bad"


def test_old_values_and_bound_names() -> None:
    scope = Scope({"x": 5, "a": (1, 2)}, {OLD: {"x": 1, "a": (7, 8)}})
    evaluator = Evaluator(program())
    assert evaluator.value(app(Op.SUB, x, at(OLD, x)), scope) == 4
    sums = quant(True, (i,), app(Op.IMPLIES, BOUNDED, app(Op.EQ, at(OLD, element(i)), app(Op.ADD, element(i), num(6)))))
    assert evaluator.value(sums, scope) is True
    assert isinstance(evaluator.value(at("loop1", x), scope), Unknown)


def test_let_shadows() -> None:
    inner = let(x, app(Op.ADD, x, num(1)), app(Op.MUL, x, num(10)))
    assert value(app(Op.ADD, inner, x), x=1) == 21


def forall(*variables: Var, body: Term) -> Quant:
    return quant(True, variables, body)


def exists(*variables: Var, body: Term) -> Quant:
    return quant(False, variables, body)


SORTED = forall(
    i,
    j,
    body=app(
        Op.IMPLIES, app(Op.AND, app(Op.LE, num(0), i), less(i, j), less(j, app(Op.LEN, a))), app(Op.LE, element(i), element(j))
    ),
)


@given(st.lists(st.integers(-3, 3), max_size=7))
def test_sorted_means_sorted(items: list[int]) -> None:
    assert value(SORTED, a=tuple(items)) is (items == sorted(items))


@given(st.lists(st.integers(-3, 3), max_size=7), st.integers(-3, 3))
def test_membership(items: list[int], wanted: int) -> None:
    member = exists(i, body=app(Op.AND, BOUNDED, app(Op.EQ, element(i), x)))
    assert value(member, a=tuple(items), x=wanted) is (wanted in items)


def test_guards_written_otherwise_bound_too() -> None:
    outside = app(Op.OR, less(i, num(0)), app(Op.GE, i, app(Op.LEN, a)), app(Op.GT, element(i), num(0)))
    assert value(forall(i, body=outside), a=(1, 2)) is True
    refuted = app(Op.NOT, app(Op.AND, BOUNDED, app(Op.LE, element(i), num(0))))
    assert value(forall(i, body=refuted), a=(1, 0)) is False
    scaled = app(Op.AND, app(Op.LE, num(0), i), app(Op.LE, app(Op.MUL, num(2), i), x))
    assert value(forall(i, body=app(Op.IMPLIES, scaled, less(i, num(6)))), x=11) is True
    assert value(forall(i, body=app(Op.IMPLIES, scaled, less(i, num(6)))), x=12) is False


@given(st.integers(-3, 12), st.integers(-3, 12), st.integers(-3, 12))
def test_alternative_ranges(low: int, high: int, seen: int) -> None:
    first = app(Op.AND, app(Op.LE, num(0), i), less(i, x))
    second = app(Op.AND, app(Op.LE, y, i), less(i, num(9)))
    body = app(Op.IMPLIES, app(Op.OR, first, second), app(Op.NE, i, n))
    expected = not (0 <= seen < low or high <= seen < 9)
    assert value(forall(i, body=body), x=low, y=high, n=seen) is expected


def test_alternatives_that_can_fail_are_looked_at() -> None:
    first = app(Op.AND, app(Op.LE, num(0), i), less(i, num(3)), app(Op.EQ, app(Op.DIV, num(1), i), num(7)))
    both = app(Op.AND, app(Op.OR, first, app(Op.EQ, i, num(8))), app(Op.GT, i, num(5)))
    assert failure(value(exists(i, body=both))) is FailureKind.DIVISION


def test_nested_binders_depend_on_earlier_ones() -> None:
    inner = forall(j, body=app(Op.IMPLIES, app(Op.AND, app(Op.LE, i, j), less(j, num(10))), app(Op.LE, i, j)))
    assert value(forall(i, body=app(Op.IMPLIES, app(Op.AND, app(Op.LE, num(0), i), less(i, num(10))), inner))) is True
    chain = forall(
        i, body=forall(j, body=app(Op.IMPLIES, app(Op.AND, app(Op.LE, num(0), i), less(i, j), less(j, x)), less(i, num(4))))
    )
    assert value(chain, x=5) is True
    assert value(chain, x=6) is False


def test_sorts_are_ranges() -> None:
    b, k, u = Var("b", BOOL), Var("k", NAT), Var("u", U8)
    assert value(forall(b, body=app(Op.OR, b, app(Op.NOT, b)))) is True
    assert value(forall(u, body=app(Op.LE, u, num(255, U8)))) is True
    assert value(exists(u, body=app(Op.EQ, app(Op.ADD, u, num(1, U8)), num(0, U8)))) is True
    assert value(forall(k, body=app(Op.IMPLIES, less(k, num(5)), app(Op.GE, k, num(0))))) is True
    assert value(exists(k, body=less(k, num(0)))) is not True


def test_unbounded_quantifiers_are_searched_and_no_more() -> None:
    square = app(Op.MUL, i, i)
    assert isinstance(value(forall(i, body=app(Op.GE, square, num(0)))), Unknown)
    assert value(forall(i, body=app(Op.NE, square, num(49)))) is False
    assert value(exists(i, body=app(Op.EQ, square, num(49)))) is True
    assert isinstance(value(exists(i, body=app(Op.EQ, square, num(1_000_000)))), Unknown)


def test_a_partial_body_must_be_defined_everywhere() -> None:
    within = app(Op.AND, app(Op.LE, num(0), i), less(i, num(3)))
    body = app(Op.IMPLIES, within, app(Op.GT, app(Op.DIV, num(1), app(Op.SUB, num(2), i)), num(5)))
    assert failure(value(forall(i, body=body))) is FailureKind.DIVISION


def test_what_stands_left_of_a_guard_is_looked_at_beyond_it() -> None:
    first = app(Op.GT, app(Op.DIV, num(1), i), num(5))
    body = app(Op.IMPLIES, app(Op.AND, first, app(Op.LE, num(3), i), less(i, num(4))), TRUE)
    assert value(forall(i, body=body)) is not True


def test_big_finite_ranges_do_not_hang() -> None:
    start = time.process_time()
    body = app(Op.IMPLIES, app(Op.AND, app(Op.LE, num(0), i), less(i, j), less(j, num(10**9))), less(i, j))
    assert isinstance(value(forall(i, j, body=body)), Unknown)
    assert time.process_time() - start < 20


def test_numbers_and_arrays_have_limits() -> None:
    term: Term = num(10**6)
    for _ in range(18):
        term = let(x, term, app(Op.MUL, x, x))
    assert isinstance(value(term), Unknown)
    assert isinstance(value(app(Op.FILL, num(10**12), num(0))), Unknown)


def test_deep_terms_are_unknown_at_worst() -> None:
    term: Term = x
    for _ in range(30_000):
        term = app(Op.NEG, term)
    assert isinstance(value(term, x=1), Unknown)


@settings(max_examples=200)
@given(st.lists(st.integers(-2, 2), max_size=5), st.lists(st.integers(-2, 2), max_size=5))
def test_permutation_and_equality(left: list[int], right: list[int]) -> None:
    b = Var("b", Array(INT))
    assert value(app(Op.PERM, a, b), a=tuple(left), b=tuple(right)) is (sorted(left) == sorted(right))
    assert value(app(Op.EQ, a, b), a=tuple(left), b=tuple(right)) is (left == right)


WIDE, LONG = tuple(range(50_000)), 1 << 40_000
WORKED = {
    "comparing": (app(Op.EQ, a, a), {"a": WIDE}),
    "counting": (app(Op.PERM, a, a), {"a": WIDE}),
    "storing": (app(Op.STORE, a, num(0), num(1)), {"a": WIDE}),
    "calling": (call("first", (a,), INT), {"a": WIDE}),
    "filling": (app(Op.FILL, num(50_000), x, sort=Array(INT)), {"x": 0}),
    "multiplying": (app(Op.MUL, x, num(3)), {"x": LONG}),
    "dividing": (app(Op.DIV, x, num(3)), {"x": LONG}),
}


@pytest.mark.parametrize("name", WORKED)
def test_what_goes_through_arrays_and_long_numbers_counts(name: str) -> None:
    """However few terms there are: a program cannot be made to work for ever on large values."""
    term, values = WORKED[name]
    known = program(function("first", num(1), (a,)))
    small: dict[str, Value] = {n: (1, 2) if isinstance(v, tuple) else 5 for n, v in values.items()}
    assert not isinstance(Evaluator(known, fuel=1).value(term, Scope(small)), Unknown) or name == "filling"
    assert isinstance(Evaluator(known, fuel=10).value(term, Scope(values)), Unknown)
    assert not isinstance(Evaluator(known, fuel=20_000).value(term, Scope(values)), Unknown)
