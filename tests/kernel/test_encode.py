"""The encoding against the interpreter: z3 agrees on every operator's value, and on no other value."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from prover.kernel.program import Clause, Function, Program
from prover.kernel.query import query
from prover.kernel.smt import all_of, any_of, implied, number
from prover.kernel.sort import BOOL, INT, MACHINE, NAT, Array, Machine, Sort
from prover.kernel.term import FALSE, TRUE, Lit, Op, Term, Var, app, call, conj, eq, implies, let, neg, num, quant
from prover.plan import plan
from prover.semantics.evaluate import Evaluator, Scope
from prover.semantics.values import Value
from prover.solve.process import Worker
from tests.kernel.sequents import AUTOMATIC, HERE, goal, reply, theory_of
from tests.semantics.programs import program_of

I8, U8 = MACHINE["int8"], MACHINE["uint8"]
x, y, i = [Var(name, INT) for name in "xyi"]
a, b = [Var(name, Array(INT)) for name in "ab"]
n, m = Var("n", NAT), Var("m", NAT)


def true(worker: Worker, conclusion: Term, *facts: Term) -> bool:
    return reply(worker, [goal(conclusion, *facts)], strategy=AUTOMATIC)[0] is not None


def literal(value: Value, sort: Sort) -> Term:
    if isinstance(sort, Array):
        assert isinstance(value, tuple)
        return app(Op.LITERAL, *[literal(v, sort.element) for v in value], sort=sort)
    return Lit(value, INT if sort == NAT else sort) if not isinstance(value, tuple) else TRUE


def agree(worker: Worker, terms: Sequence[Term]) -> None:
    """z3 proves of each term the interpreter's value, all in one query, and proves of none another value."""
    evaluator = Evaluator(Program({}, (), ()))
    known = [(t, evaluator.value(t, Scope({}))) for t in terms]
    rights = [eq(t, literal(v, t.sort)) for t, v in known]  # type: ignore[arg-type]
    assert reply(worker, [goal(r) for r in rights], strategy=AUTOMATIC)[0] is not None, known
    assert reply(worker, [goal(app(Op.OR, *[neg(r) for r in rights], FALSE))], strategy=AUTOMATIC)[0] is None, known


def values(sort: Sort, count: int, seed: int = 1) -> list[Term]:
    chosen = random.Random(seed)
    low, high = (sort.low, sort.high) if isinstance(sort, Machine) else (-9, 9)
    edge = [low, low + 1, -1, 0, 1, 2, high - 1, high]
    found = [v for v in edge if low <= v <= high] + [chosen.randint(low, high) for _ in range(count)]
    return [num(v, sort) for v in found]


PAIRS = [(p, q) for p in values(INT, 1) for q in values(INT, 1)]


@pytest.mark.parametrize("op", [Op.ADD, Op.SUB, Op.MUL, Op.LT, Op.LE, Op.GT, Op.GE, Op.EQ, Op.NE])
def test_integers(worker: Worker, op: Op) -> None:
    agree(worker, [app(op, p, q) for p, q in PAIRS])


def test_division_is_euclidean(worker: Worker) -> None:
    nonzero = [(p, q) for p, q in PAIRS if isinstance(q, Lit) and q.value != 0]
    agree(worker, [app(op, p, q) for p, q in nonzero for op in (Op.DIV, Op.MOD)])
    table = {(-7, 2): (-4, 1), (7, -2): (-3, 1), (-7, -2): (4, 1), (7, 2): (3, 1), (-6, 3): (-2, 0), (0, -5): (0, 0)}
    for (p, q), (quotient, rest) in table.items():
        assert true(worker, conj([eq(app(Op.DIV, num(p), num(q)), num(quotient)), eq(app(Op.MOD, num(p), num(q)), num(rest))]))


def test_several_operands_and_signs(worker: Worker) -> None:
    agree(
        worker,
        [app(Op.ADD, *map(num, (1, -2, 30))), app(Op.MUL, *map(num, (2, -3, 5))), app(Op.NEG, num(-4)), app(Op.NEG, num(4))],
    )


def test_texts_of_few_parts_are_standard() -> None:
    """`and` and `or` of one part are known to z3 alone."""
    assert [number(v) for v in (-3, -1, 0, 3)] == ["(- 3)", "(- 1)", "0", "3"]
    assert [all_of(parts) for parts in ([], ["p"], ["p", "q"])] == ["true", "p", "(and p q)"]
    assert [any_of(parts) for parts in ([], ["p"], ["p", "q"])] == ["false", "p", "(or p q)"]
    assert [implied(parts, ["p", "q"]) for parts in ([], ["r"])] == ["(and p q)", "(=> r (and p q))"]


def test_connectives(worker: Worker) -> None:
    truths = (FALSE, TRUE)
    both = [app(op, p, q) for p in truths for q in truths for op in (Op.AND, Op.OR, Op.IMPLIES, Op.IFF, Op.EQ, Op.NE)]
    agree(worker, [*both, *[app(Op.NOT, p) for p in truths], *[app(Op.ITE, p, num(1), num(2)) for p in truths]])
    agree(worker, [app(op, p, q, r) for p in truths for q in truths for r in truths for op in (Op.AND, Op.OR)])


def defined(evaluator: Evaluator, terms: Sequence[Term]) -> list[Term]:
    return [t for t in terms if isinstance(evaluator.value(t, Scope({})), int)]


@pytest.mark.parametrize("sort", [I8, U8], ids=str)
@pytest.mark.parametrize("op", [Op.ADD, Op.SUB, Op.MUL, Op.DIV, Op.MOD, Op.LT, Op.GE])
def test_machine_integers(worker: Worker, sort: Machine, op: Op) -> None:
    pairs = [(p, q) for p in values(sort, 1) for q in values(sort, 1)]
    agree(worker, defined(Evaluator(Program({}, (), ())), [app(op, p, q) for p, q in pairs]))


def test_machine_integers_of_several_operands(worker: Worker) -> None:
    high = num(U8.high, U8)
    agree(worker, [app(op, high, high, high) for op in (Op.ADD, Op.MUL)])
    agree(worker, [app(Op.NEG, v) for v in values(U8, 2)])


@pytest.mark.parametrize("sort", [I8, U8], ids=str)
def test_conversions(worker: Worker, sort: Machine) -> None:
    agree(worker, [app(Op.WRAP, num(v), sort=sort) for v in (-1000, -257, -129, -128, -1, 0, 127, 128, 255, 256, 300, 70000)])
    agree(worker, [app(Op.VALUE, app(Op.CONVERT, num(v), sort=sort)) for v in (0, 1, 127)])


def test_arrays(worker: Worker) -> None:
    made = literal((3, 1, 2), Array(INT))
    agree(worker, [app(Op.SELECT, made, num(k)) for k in range(3)])
    agree(worker, [app(Op.LEN, made), app(Op.LEN, app(Op.STORE, made, num(1), num(7))), app(Op.LEN, literal((), Array(INT)))])
    agree(worker, [app(Op.STORE, made, num(k), num(9)) for k in range(3)])
    agree(worker, [app(Op.FILL, num(4), num(6)), app(Op.ITE, TRUE, made, literal((1,), Array(INT)))])
    agree(worker, [app(Op.ITE, FALSE, made, literal((1,), Array(INT)))])


def test_rows(worker: Worker) -> None:
    rows = Array(Array(INT))
    made = literal(((1, 2), (3,), ()), rows)
    agree(worker, [app(Op.LEN, app(Op.SELECT, made, num(k))) for k in range(3)])
    agree(worker, [app(Op.SELECT, made, num(0)), app(Op.STORE, made, num(1), literal((5, 6), Array(INT)))])
    assert not true(worker, eq(made, literal(((1, 2), (3,), (4,)), rows)))
    assert not true(worker, eq(made, literal(((1, 2), (4,), ()), rows)))
    wide = Var("r", rows)
    assert not true(worker, eq(app(Op.LEN, app(Op.SELECT, wide, num(0))), app(Op.LEN, wide)))


def test_long_literals(worker: Worker) -> None:
    """Their parts have names of their own; under a binder, where a name could not hold a bound variable, they have none."""
    x, long = Var("x", INT), [num(i * i) for i in range(100)]
    array = app(Op.LITERAL, *long, sort=Array(INT))
    agree(worker, [app(Op.SELECT, array, num(i)) for i in (0, 15, 16, 17, 47, 99)])
    mixed = app(Op.LITERAL, x, *long[1:], sort=Array(INT))
    assert true(worker, quant(True, [x], eq(app(Op.SELECT, mixed, num(0)), x)))
    assert not true(worker, quant(True, [x], eq(app(Op.SELECT, mixed, num(50)), x)))
    swapped = app(Op.STORE, app(Op.STORE, array, num(3), num(400)), num(20), num(9))
    assert true(worker, app(Op.PERM, array, swapped))
    assert not true(worker, app(Op.PERM, array, app(Op.STORE, array, num(20), num(9))))


def test_the_text_of_a_literal_is_linear_in_its_length() -> None:
    def size(count: int, permuted: bool) -> int:
        array = app(Op.LITERAL, *[num(i % 10) for i in range(count)], sort=Array(INT))
        said = app(Op.PERM, array, a) if permuted else eq(app(Op.SELECT, array, num(0)), num(0))
        return len(query([goal(said)], theory_of(), frozenset(), 1))

    assert size(2000, False) < 2.5 * size(1000, False)
    assert size(2000, True) < 2.5 * size(1000, True)


def test_equality_of_arrays_is_of_lengths_and_elements(worker: Worker) -> None:
    same = [
        ((1, 2), (1, 2), True),
        ((1, 2), (1, 2, 0), False),
        ((0,), (), False),
        ((1, 2), (2, 1), False),
        ((5, 2), (1, 2), False),
    ]
    for left, right, equal in [*same, ((1, 5), (1, 2), False)]:
        assert true(worker, eq(literal(left, Array(INT)), literal(right, Array(INT)))) is equal
        assert true(worker, app(Op.NE, literal(left, Array(INT)), literal(right, Array(INT)))) is not equal
    assert not true(worker, eq(a, b), eq(app(Op.LEN, a), app(Op.LEN, b)))
    inside = quant(True, (i,), implies(conj([app(Op.LE, num(0), i), app(Op.LT, i, app(Op.LEN, a))]), at_index(i)))
    assert true(worker, eq(a, b), eq(app(Op.LEN, a), app(Op.LEN, b)), inside)
    above = quant(True, (i,), implies(conj([app(Op.LT, num(0), i), app(Op.LT, i, app(Op.LEN, a))]), at_index(i)))
    assert not true(worker, eq(a, b), eq(app(Op.LEN, a), app(Op.LEN, b)), above)


def at_index(index: Term) -> Term:
    return eq(app(Op.SELECT, a, index), app(Op.SELECT, b, index))


def swapped(first: Term, second: Term) -> Term:
    left, right = app(Op.SELECT, a, first), app(Op.SELECT, a, second)
    return app(Op.STORE, app(Op.STORE, a, first, right), second, left)


def test_permutations_count(worker: Worker) -> None:
    within = [app(Op.AND, app(Op.LE, num(0), v), app(Op.LT, v, app(Op.LEN, a))) for v in (x, y)]
    assert true(worker, app(Op.PERM, swapped(x, y), a), *within)
    assert not true(worker, app(Op.PERM, swapped(x, y), a), within[0])
    assert not true(worker, app(Op.PERM, swapped(x, y), a), within[1])
    for value in (num(7), app(Op.ADD, app(Op.SELECT, a, x), num(1))):
        assert not true(worker, app(Op.PERM, app(Op.STORE, a, x, value), a), *within)
    stored = app(Op.STORE, a, x, num(7))
    changed = app(Op.NE, app(Op.SELECT, a, x), num(7))
    assert true(worker, neg(app(Op.PERM, stored, a)), within[0], changed)
    assert not true(worker, neg(app(Op.PERM, stored, a)), changed)
    assert not true(worker, app(Op.PERM, a, b), eq(app(Op.LEN, a), app(Op.LEN, b)))
    assert true(worker, eq(app(Op.LEN, a), app(Op.LEN, b)), app(Op.PERM, a, b))


def test_permutations_of_truth_values(worker: Worker) -> None:
    made = literal((True, False, False), Array(BOOL))
    moved = app(Op.STORE, app(Op.STORE, made, num(0), FALSE), num(2), TRUE)
    assert true(worker, app(Op.PERM, made, moved))
    assert not true(worker, app(Op.PERM, made, app(Op.STORE, made, num(0), FALSE)))


def test_permutations_under_binders_say_nothing_of_free_names(worker: Worker) -> None:
    under = quant(True, (i,), app(Op.PERM, app(Op.STORE, a, i, num(0)), a))
    assert not true(worker, FALSE, under)
    assert not true(worker, FALSE, neg(under))


def test_perm_holds_of_equal_lengths_only(worker: Worker) -> None:
    for left, right in (((1,), (1, 1)), ((), (0,)), ((1, 2), (1, 1)), ((1, 2, 2), (1, 1, 2))):
        assert not true(worker, app(Op.PERM, literal(left, Array(INT)), literal(right, Array(INT))))


def test_ranges_are_known_and_no_more(worker: Worker) -> None:
    assert true(worker, app(Op.GE, n, num(0)))
    assert not true(worker, app(Op.GT, n, num(0)))
    assert not true(worker, app(Op.GE, x, num(0)))
    for sort in (I8, U8):
        value = app(Op.VALUE, Var("v", sort))
        assert true(worker, conj([app(Op.LE, num(sort.low), value), app(Op.LE, value, num(sort.high))]))
        assert not true(worker, app(Op.LT, num(sort.low), value))
        assert not true(worker, app(Op.LT, value, num(sort.high)))
    assert true(worker, app(Op.GE, app(Op.LEN, a), num(0)))
    assert not true(worker, app(Op.GT, app(Op.LEN, a), num(0)))
    assert not true(worker, app(Op.GE, app(Op.SELECT, a, x), num(0)))
    assert true(worker, app(Op.GE, app(Op.SELECT, Var("c", Array(NAT)), x), num(0)))
    row = app(Op.SELECT, app(Op.SELECT, Var("d", Array(Array(Array(NAT)))), x), y)
    assert true(worker, conj([app(Op.GE, app(Op.LEN, row), num(0)), app(Op.GE, app(Op.SELECT, row, i), num(0))]))


def test_quantifiers_range_over_their_sorts(worker: Worker) -> None:
    assert true(worker, quant(True, (n,), app(Op.GE, n, num(0))))
    assert true(worker, neg(quant(True, (x,), app(Op.GE, x, num(0)))))
    assert true(worker, neg(quant(False, (n,), app(Op.LT, n, num(0)))))
    assert true(worker, quant(False, (x,), app(Op.LT, x, num(0))))
    assert not true(worker, FALSE, quant(True, (n,), app(Op.GE, n, num(0))))
    assert not true(worker, quant(True, (x,), app(Op.GT, x, num(5))), app(Op.GT, y, num(5)))
    assert not true(worker, quant(False, (n, m), conj([app(Op.LT, n, m), app(Op.LT, m, num(1))])))
    wide = Var("v", U8)
    assert true(worker, quant(True, (wide,), app(Op.LE, app(Op.VALUE, wide), num(255))))
    assert true(worker, neg(quant(False, (wide,), app(Op.GT, app(Op.VALUE, wide), num(255)))))


def test_let_and_names(worker: Worker) -> None:
    agree(worker, [let(x, num(3), app(Op.MUL, x, let(x, app(Op.ADD, x, num(1)), x)))])
    assert not true(worker, let(x, num(3), eq(y, x)))
    assert true(worker, let(x, app(Op.ADD, x, num(1)), app(Op.GT, x, y)), app(Op.GE, x, y))
    k = Var("k", INT)
    within = conj([app(Op.LE, num(0), k), app(Op.LT, k, app(Op.LEN, a))])
    under = quant(True, (k,), implies(within, eq(app(Op.STORE, a, k, num(0)), app(Op.STORE, b, k, num(0)))))
    assert not true(worker, eq(a, b), under)  # both could be of one element, and differ there


def test_goals_that_are_asked_together_know_what_stands_before_each(worker: Worker) -> None:
    """Facts on a part of a path that some of the goals share, and those of branches that join beyond it."""
    signs = "if x > 0 then y := x; assert y > 0 else y := 0 - x; assert y >= 0 end; assert y >= x; assert y > 0 or x = 0"
    program = program_of(f"procedure p(x: int) returns (y: int) ensures y >= 0 begin assert x = x; {signs} end")
    goals = plan(program).conditions["p"].goals
    assert len(goals) == 6
    assert reply(worker, goals)[0] is not None
    assert reply(worker, [*goals, goal(app(Op.GT, x, num(0)))])[0] is None


def function(name: str, body: Term | None, requires: Term | None = None, result: Sort = INT, parameter: Var = x) -> Function:
    clauses = () if requires is None else (Clause("requires1", requires, HERE),)
    return Function("function", name, (parameter,), result, clauses, None, body, HERE, HERE)


def calls(worker: Worker, f: Function, conclusion: Term, *facts: Term, opaque: bool = False, induction: bool = False) -> bool:
    known = frozenset({"f"})
    asked = goal(conclusion, *facts, induction=known if induction else frozenset())
    return reply(worker, [asked], theory_of(f), known if opaque else frozenset(), AUTOMATIC)[0] is not None


def f_of(argument: Term, sort: Sort = INT) -> Term:
    return call("f", (argument,), sort)


# f(x) = f(x) + 1: no function has this equation where it is stated without its `requires`.
ABSURD = app(Op.ADD, f_of(x), num(1))


def test_equations_hold_where_requires_does(worker: Worker) -> None:
    positive = app(Op.GT, x, num(0))
    absurd = function("f", ABSURD, requires=positive)
    assert not calls(worker, absurd, FALSE, eq(f_of(y), f_of(y)))
    assert calls(worker, absurd, FALSE, eq(f_of(y), num(0)), app(Op.GT, y, num(0)))
    assert not calls(worker, absurd, FALSE, eq(f_of(y), num(0)), app(Op.LE, y, num(0)))
    zero = function("f", app(Op.ITE, positive, num(0), ABSURD), requires=positive)
    under = quant(True, (i,), implies(app(Op.LE, i, num(0)), app(Op.GE, f_of(i), num(0))))
    assert not calls(worker, zero, FALSE, under, app(Op.GE, f_of(y), num(0)), app(Op.LT, y, num(0)))
    assert calls(worker, zero, eq(f_of(y), num(0)), under, app(Op.GT, y, num(0)))


def test_an_equation_under_a_binder_speaks_of_the_function_itself(worker: Worker) -> None:
    """Its calls are of a copy, which agrees with the function where the function is called."""
    counted = app(Op.ITE, app(Op.LE, x, num(0)), num(0), app(Op.ADD, f_of(app(Op.SUB, x, num(1))), num(1)))
    step = eq(f_of(i), app(Op.ADD, f_of(app(Op.SUB, i, num(1))), num(1)))
    assert calls(worker, function("f", counted), quant(True, (i,), implies(app(Op.GT, i, num(0)), step)))
    assert not calls(worker, function("f", counted), quant(True, (i,), step))


def test_calls_of_numbers_are_computed(worker: Worker) -> None:
    counted = app(Op.ITE, app(Op.LE, x, num(0)), num(0), app(Op.ADD, f_of(app(Op.SUB, x, num(1))), num(1)))
    assert calls(worker, function("f", counted), eq(f_of(num(20)), num(20)))
    assert not calls(worker, function("f", counted), eq(f_of(num(20)), num(19)))


def test_equations_hold_in_the_range_of_parameters(worker: Worker) -> None:
    absurd = function("f", app(Op.ADD, call("f", (n,), INT), num(1)), parameter=n)
    assert not calls(worker, absurd, FALSE, eq(f_of(y), num(0)))
    assert not calls(worker, absurd, FALSE, eq(f_of(y), num(0)), app(Op.LT, y, num(0)))
    assert calls(worker, absurd, FALSE, eq(f_of(y), num(0)), app(Op.GE, y, num(0)))
    under = quant(True, (i,), implies(app(Op.LT, i, num(0)), app(Op.GE, f_of(i), num(0))))
    otherwise = app(Op.ADD, call("f", (n,), INT), num(1))
    zero = function("f", app(Op.ITE, app(Op.GE, n, num(0)), num(0), otherwise), parameter=n)
    assert not calls(worker, zero, FALSE, under, app(Op.GE, f_of(num(-1)), num(0)))


def test_opaque_functions_have_no_equation_and_no_range(worker: Worker) -> None:
    falling = app(Op.ITE, app(Op.LE, x, num(0)), num(0), f_of(app(Op.SUB, x, num(1)), NAT))
    f = function("f", falling, result=NAT)
    assert calls(worker, f, eq(f_of(num(3), NAT), num(0)))
    assert not calls(worker, f, eq(f_of(num(3), NAT), num(0)), opaque=True)
    assert not calls(worker, f, app(Op.GE, f_of(y), num(0)), opaque=True)
    assert calls(worker, f, app(Op.GE, f_of(y), num(0)), opaque=True, induction=True)
    under = quant(True, (i,), app(Op.GE, f_of(i), num(0)))
    assert not calls(worker, f, under, opaque=True)
    absurd = function("f", ABSURD)
    everywhere = quant(True, (i,), app(Op.GE, f_of(i), f_of(i)))
    assert not calls(worker, absurd, FALSE, everywhere, app(Op.GE, f_of(y), num(0)), opaque=True)


def test_uninterpreted_functions_are_any_functions(worker: Worker) -> None:
    f = function("f", None)
    assert calls(worker, f, eq(f_of(x), f_of(y)), eq(x, y))
    assert not calls(worker, f, eq(f_of(x), f_of(y)))
    assert not calls(worker, f, app(Op.GE, f_of(x), num(0)))
