"""Terms as text: what is printed parses again, to a term that says the same."""

from __future__ import annotations

import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prover.kernel.program import Function
from prover.kernel.sort import BOOL, INT, MACHINE, NAT, Array
from prover.kernel.term import TRUE, App, At, Call, Let, Lit, Op, Quant, Term, Var, app, at, call, let, num, quant, var
from prover.source import Source, Span
from prover.syntax.elaborate import elaborate_expression
from prover.syntax.parser import parse_expression
from prover.syntax.unparse import ASCII, UNICODE, term_text

sys.setrecursionlimit(10_000)  # as elaboration and the formatter do: Hypothesis warns when tests change it

UINT8 = MACHINE["uint8"]
INTS = Array(INT)
x, y, n = var("x", INT), var("y", INT), var("n@3", INT)
p, q, a, u = var("p", BOOL), var("q", BOOL), var("a", INTS), var("u", UINT8)
zero, one = num(0), num(1)


def lt(left: Term, right: Term) -> Term:
    return app(Op.LT, left, right)


def le(left: Term, right: Term) -> Term:
    return app(Op.LE, left, right)


def add(*terms: Term) -> Term:
    return app(Op.ADD, *terms)


i, j, b = var("i#2", INT), var("j~", INT), var("b", BOOL)

PRINTED = [
    (app(Op.AND, le(zero, x), lt(x, n)), "0 <= x < n", "0 ≤ x < n"),
    (app(Op.AND, le(zero, x), app(Op.GT, x, n)), "0 <= x and x > n", "0 ≤ x ∧ x > n"),
    (app(Op.AND, app(Op.GE, x, y), app(Op.EQ, y, n)), "x >= y = n", "x ≥ y = n"),
    (app(Op.AND, app(Op.EQ, x, zero), le(zero, y)), "x = 0 and 0 <= y", "x = 0 ∧ 0 ≤ y"),
    (app(Op.AND, app(Op.NE, x, y), app(Op.NE, y, n)), "x != y and y != n", "x ≠ y ∧ y ≠ n"),
    (app(Op.AND, app(Op.AND, le(zero, x), lt(x, n)), p), "0 <= x < n and p", "0 ≤ x < n ∧ p"),
    (add(x, add(y, num(-3))), "x + (y + -3)", "x + (y + -3)"),
    (app(Op.SUB, app(Op.SUB, x, y), n), "x - y - n", "x - y - n"),
    (app(Op.SUB, x, app(Op.SUB, y, n)), "x - (y - n)", "x - (y - n)"),
    (app(Op.MUL, add(x, y), app(Op.NEG, x)), "(x + y) * -x", "(x + y) · -x"),
    (app(Op.NEG, app(Op.NEG, app(Op.MUL, x, y))), "-(-(x * y))", "-(-(x · y))"),
    (app(Op.MOD, app(Op.DIV, x, y), n), "x / y % n", "x / y % n"),
    (app(Op.NOT, app(Op.EQ, x, y)), "not x = y", "¬(x = y)"),
    (app(Op.IMPLIES, app(Op.IMPLIES, p, q), app(Op.IMPLIES, p, q)), "(p ==> q) ==> p ==> q", "(p ⇒ q) ⇒ p ⇒ q"),
    (app(Op.EQ, app(Op.IFF, p, q), p), "(p <==> q) = p", "(p ⇔ q) = p"),
    (quant(True, (i, j), lt(i, j)), "forall i, j :: i < j", "∀ i, j :: i < j"),
    (quant(False, (i, b), app(Op.AND, b, lt(i, x))), "exists i: int, b: bool :: b and i < x", "∃ i: int, b: bool :: b ∧ i < x"),
    (quant(True, (var("m", NAT),), p), "forall m: nat :: p", "∀ m: nat :: p"),
    (app(Op.IMPLIES, quant(True, (i,), p), quant(True, (i,), p)), "(forall i :: p) ==> forall i :: p", "(∀ i :: p) ⇒ ∀ i :: p"),
    (app(Op.SELECT, app(Op.STORE, a, x, one), y), "a[x := 1][y]", "a[x ≔ 1][y]"),
    (app(Op.ITE, p, x, add(y, one)), "if p then x else y + 1", "if p then x else y + 1"),
    (add(app(Op.ITE, p, x, y), one), "(if p then x else y) + 1", "(if p then x else y) + 1"),
    (let(i, add(x, one), lt(i, y)), "let i = x + 1 in i < y", "let i = x + 1 in i < y"),
    (app(Op.SELECT, at("old", a), x), "old(a)[x]", "old(a)[x]"),
    (at("loop1", add(x, y)), "at(loop1, x + y)", "at(loop1, x + y)"),
    (add(app(Op.VALUE, u), app(Op.LEN, a)), "int(u) + len(a)", "int(u) + len(a)"),
    (app(Op.CONVERT, x, sort=UINT8), "uint8(x)", "uint8(x)"),
    (app(Op.WRAP, x, sort=UINT8), "wrap uint8(x)", "wrap uint8(x)"),
    (app(Op.LITERAL, x, one, sort=INTS), "[x, 1]", "[x, 1]"),
    (app(Op.LITERAL, sort=INTS), "[]", "[]"),
    (app(Op.FILL, n, zero), "array(n, 0)", "array(n, 0)"),
    (app(Op.PERM, a, at("old", a)), "perm(a, old(a))", "perm(a, old(a))"),
    (call("f", (x, one), INT), "f(x, 1)", "f(x, 1)"),
    (call("limit", (), INT), "limit", "limit"),
    (call("terminates(g)", (), BOOL), "terminates(g)", "terminates(g)"),
]


@pytest.mark.parametrize(("term", "plain", "mathematical"), PRINTED, ids=[plain for _, plain, _ in PRINTED])
def test_both_styles(term, plain, mathematical):
    assert term_text(term) == plain
    assert term_text(term, UNICODE) == mathematical


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (quant(True, (var("x#2", INT),), lt(var("x#2", INT), x)), "forall x' :: x' < x"),
        (quant(True, (var("x#2", INT), var("x#3", INT)), lt(var("x#2", INT), var("x#3", INT))), "forall x, x' :: x < x'"),
        (quant(True, (x,), quant(False, (var("x#2", INT),), lt(x, var("x#2", INT)))), "forall x :: exists x' :: x < x'"),
        (quant(True, (var("x#2", INT),), lt(var("x#2", INT), var("x'", INT))), "forall x :: x < x'"),
        (quant(True, (var("c#2", INT),), lt(var("c#2", INT), call("c", (), INT))), "forall c' :: c' < c"),
    ],
)
def test_a_bound_variable_is_taken_for_no_other(term, text):
    assert term_text(term) == text


def test_names_are_shown_as_asked_and_kept_clear_of():
    shown = {"n@3": "old(n)"}
    term = quant(True, (var("n#2", INT),), lt(var("n#2", INT), n))
    assert term_text(term, names=lambda name, sort: shown[name]) == "forall n' :: n' < old(n)"


def test_long_formulas_break_at_the_loosest_operators():
    bound = app(Op.AND, le(zero, i), lt(i, app(Op.LEN, a)))
    equal = app(Op.EQ, app(Op.SELECT, a, i), app(Op.SELECT, at("old", a), i))
    term = app(Op.AND, lt(x, y), quant(True, (i,), app(Op.IMPLIES, bound, equal)))
    assert term_text(term, width=80) == "x < y and forall i :: 0 <= i < len(a) ==> a[i] = old(a)[i]"
    assert term_text(term, width=30) == (
        "x < y\n"
        "and forall i ::\n"
        "    0 <= i < len(a)\n"
        "    ==> a[i] = old(a)[i]"
    )  # fmt: skip


def test_large_terms():
    assert term_text(add(*[x] * 50_000)).count("+") == 49_999
    deep: Term = x
    for _ in range(5_000):
        deep = app(Op.SUB, deep, y)
    assert term_text(deep).startswith("x - y - y")
    assert term_text(num(10**5_000)) == "1" + "0" * 5_000
    assert max(map(len, term_text(add(*[x] * 5_000), width=60).split("\n"))) <= 60


# What is printed elaborates to what it was printed from

m = var("m", NAT)


def _both(op, strategy, low=2, high=3):
    return st.lists(strategy, min_size=low, max_size=high).map(lambda args: app(op, *args))


def _integers(ints, bools):
    binary = [_both(op, ints, 2, 2) for op in (Op.SUB, Op.DIV, Op.MOD)]
    return st.one_of(
        *binary,
        _both(Op.ADD, ints),
        _both(Op.MUL, ints),
        ints.map(lambda t: app(Op.NEG, t)),
        st.builds(lambda c, s, t: app(Op.ITE, c, s, t), bools, ints, ints),
        ints.map(lambda t: app(Op.SELECT, a, t)),
        st.builds(lambda s, t: call("f", (s, t), INT), ints, ints),
        st.builds(lambda s, t: let(var("k", INT), s, add(t, var("k", INT))), ints, ints),
    )


def _truths(ints, bools):
    comparisons = [_both(op, ints, 2, 2) for op in (Op.LT, Op.LE, Op.GT, Op.GE, Op.EQ, Op.NE)]
    bound = st.sampled_from([(i,), (i, b), (m,)])
    return st.one_of(
        *comparisons,
        _both(Op.AND, bools),
        _both(Op.OR, bools),
        _both(Op.IMPLIES, bools, 2, 2),
        _both(Op.IFF, bools, 2, 2),
        _both(Op.EQ, bools, 2, 2),
        bools.map(lambda t: app(Op.NOT, t)),
        st.builds(quant, st.booleans(), bound, bools),
    )


def _terms(depth):
    ints = st.one_of(st.sampled_from([x, y, n, i, m]), st.integers(-5, 300).map(num))
    bools = st.sampled_from([p, q, b, TRUE])
    for _ in range(depth):
        ints, bools = st.one_of(ints, _integers(ints, bools)), st.one_of(bools, _truths(ints, bools))
    return bools


_FLAT = {Op.AND, Op.OR}
_HERE = Span(Source("", ""), 0, 0)
_F = Function("function", "f", (x, y), INT, (), None, None, _HERE, _HERE)


def said(term: Term, bound: tuple[str, ...] = ()) -> object:
    """What a term says: without names of bound variables, and with `and`, `or` and sums flat."""
    match term:
        case Lit():
            return term.value
        case Var():
            return bound.index(term.name) if term.name in bound else term.name
        case App(op=Op.NEG) if isinstance(value := said(term.args[0], bound), int):
            return -value  # elaboration reads `-3` as a literal
        case App():
            args = [said(t, bound) for t in term.args]
            leading = term.args if term.op in _FLAT else term.args[:1] if term.op in (Op.ADD, Op.MUL) else ()
            parts: list[object] = []
            for t, arg in zip(term.args, args, strict=True):
                parts += arg[1:] if t in leading and isinstance(t, App) and t.op is term.op else [arg]
            return (term.op, *parts)
        case Call():
            return (term.function, *[said(t, bound) for t in term.args])
        case Quant():
            inner = (*[v.name for v in term.variables], *bound)
            return (term.universal, *[str(v.sort) for v in term.variables], said(term.body, inner))
        case Let():
            return ("let", said(term.value, bound), said(term.body, (term.variable.name, *bound)))
        case At():
            return (term.label, said(term.body, bound))


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(_terms(3), st.sampled_from([ASCII, UNICODE]), st.sampled_from([None, 30]))
def test_text_means_the_term(term, style, width):
    text = term_text(term, style, width=width)
    scope = {"x": x, "y": y, "n": n, "i": i, "b": b, "m": m, "p": p, "q": q, "a": a}
    parsed = parse_expression(Source("test", text))
    again = elaborate_expression(parsed, scope, {"f": _F}, BOOL)
    assert said(again) == said(term)
