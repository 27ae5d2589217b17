"""Terms: substitution means what evaluation means, nothing is captured, and what simplifies keeps its value."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover.kernel.fold import fold
from prover.kernel.program import Program
from prover.kernel.rewriting import replaced
from prover.kernel.sort import BOOL, INT, MACHINE, NAT, Array
from prover.kernel.term import (
    FALSE,
    OLD,
    TRUE,
    IllSorted,
    Op,
    Quant,
    Term,
    Var,
    app,
    at,
    call,
    conj,
    disj,
    free_variables,
    implies,
    let,
    neg,
    num,
    quant,
    range_of,
    structure,
    substitute,
    walk,
)
from prover.semantics.evaluate import Evaluator, Scope
from prover.semantics.values import Result, Unknown

x, y, z = [Var(name, INT) for name in "xyz"]
NAMES = ("x", "y", "z", "x~")
variables = st.sampled_from([Var(n, INT) for n in NAMES])
integers = st.integers(-3, 4)


def value(term: Term, **values: int | bool) -> Result:
    return Evaluator(Program({}, (), ())).value(term, Scope(values))


def between(v: Var, body: Term, universal: bool) -> Term:
    window = app(Op.AND, app(Op.LE, num(-2), v), app(Op.LE, v, num(2)))
    return quant(universal, (v,), implies(window, body) if universal else app(Op.AND, window, body))


def counted(v: Var, body: Term, universal: bool) -> Term:
    return app(Op.ITE, between(v, body, universal), num(1), num(0))


def arithmetic(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    return st.one_of(
        st.builds(app, st.sampled_from([Op.ADD, Op.SUB, Op.MUL]), inner, inner),
        st.builds(lambda a: app(Op.NEG, a), inner),
        st.builds(lambda a, d: app(Op.DIV, a, num(d)), inner, st.sampled_from([-3, -2, 2, 3])),
        st.builds(lambda a, d: app(Op.MOD, a, num(d)), inner, st.sampled_from([-3, -2, 2, 3])),
        st.builds(let, variables, inner, inner),
        st.builds(lambda o, a, b, c, d: app(Op.ITE, app(o, a, b), c, d), st.sampled_from(COMPARE), inner, inner, inner, inner),
        st.builds(
            lambda v, o, a, b, u: counted(v, app(o, a, b), u), variables, st.sampled_from(COMPARE), inner, inner, st.booleans()
        ),
    )


COMPARE = (Op.LT, Op.LE, Op.GT, Op.GE, Op.EQ, Op.NE)
terms: st.SearchStrategy[Term] = st.recursive(st.one_of(variables, st.builds(num, integers)), arithmetic, max_leaves=8)
formulas = st.builds(app, st.sampled_from(COMPARE), terms, terms)
environments = st.fixed_dictionaries(dict.fromkeys(NAMES, integers))


@settings(max_examples=80, deadline=None, derandomize=True)
@given(terms, st.dictionaries(st.sampled_from(NAMES), terms, max_size=3), environments)
def test_substitution_is_evaluation_in_the_substituted_environment(
    term: Term, mapping: dict[str, Term], environment: dict[str, int]
) -> None:
    inner = {n: value(mapping[n], **environment) if n in mapping else v for n, v in environment.items()}
    assert value(substitute(term, mapping), **environment) == value(term, **inner)  # type: ignore[arg-type]


@settings(max_examples=80, deadline=None, derandomize=True)
@given(terms, environments)
def test_folding_keeps_the_value(term: Term, environment: dict[str, int]) -> None:
    known = substitute(term, {n: num(v) for n, v in environment.items()})
    folded = value(fold(known), **environment)  # a quantifier may lose the bounds that let the interpreter enumerate it
    assert isinstance(folded, Unknown) or folded == value(term, **environment)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.one_of(formulas, st.sampled_from([TRUE, FALSE])), max_size=3), environments)
def test_connectives_that_simplify(parts: list[Term], environment: dict[str, int]) -> None:
    truths = [bool(value(p, **environment)) for p in parts]
    assert value(conj(parts), **environment) is all(truths)
    assert value(disj(parts), **environment) is any(truths)
    for part, truth in zip(parts, truths, strict=True):
        assert value(neg(part), **environment) is not truth
        assert value(neg(neg(part)), **environment) is truth
        folded = fold(app(Op.OR, part, app(Op.AND, TRUE, neg(part), part)))
        assert value(folded, **environment) is truth
        assert value(fold(app(Op.AND, part, TRUE)), **environment) is truth
        assert value(fold(app(Op.OR, FALSE, part)), **environment) is truth


@settings(max_examples=60, deadline=None, derandomize=True)
@given(terms, terms, environments)
def test_rewriting_equals_by_equals(term: Term, new: Term, environment: dict[str, int]) -> None:
    equal = {**environment, "x": value(new, **environment)}
    if "x" not in free_variables(new):
        assert value(replaced(term, x, new), **equal) == value(term, **equal)  # type: ignore[arg-type]


def test_a_bound_name_is_renamed_where_it_would_capture() -> None:
    body = quant(True, (y,), app(Op.LE, x, y))
    instance = substitute(body, {"x": y})
    assert isinstance(instance, Quant)
    assert instance.variables[0].name != "y"
    assert set(free_variables(instance)) == {"y"}


def test_renaming_avoids_every_name_at_hand() -> None:
    taken = Var("y~", INT)
    body = quant(True, (y,), app(Op.LE, app(Op.ADD, x, taken), y))
    instance = substitute(body, {"x": app(Op.ADD, y, Var("y~~", INT))})
    assert set(free_variables(instance)) == {"y", "y~", "y~~"}


def test_two_binders_stay_apart() -> None:
    body = quant(True, (y,), quant(False, (z,), app(Op.LT, app(Op.ADD, x, y), z)))
    instance = substitute(body, {"x": app(Op.ADD, y, z)})
    bound = [v.name for n in walk(instance) if isinstance(n, Quant) for v in n.variables]
    assert len({*bound, "y", "z"}) == 4
    assert set(free_variables(instance)) == {"y", "z"}


def test_let_binds_its_body_only() -> None:
    term = let(x, app(Op.ADD, x, num(1)), app(Op.MUL, x, y))
    assert term.size == 7
    assert value(substitute(term, {"x": num(5), "y": x}), x=2) == 12
    assert value(substitute(let(x, num(3), app(Op.ADD, x, y)), {"y": x}), x=10) == 13


def test_points_bring_their_own_values() -> None:
    term = app(Op.SUB, x, at("loop1", app(Op.ADD, x, at(OLD, x))))
    points = {"loop1": {"x": num(10)}, OLD: {"x": num(7)}}
    assert value(substitute(term, {"x": num(1)}, points)) == 1 - (10 + 7)


def test_bound_names_mean_the_same_at_every_point() -> None:
    term = between(y, at(OLD, app(Op.NE, app(Op.ADD, x, y), num(9))), universal=True)
    moved = substitute(term, {"x": num(0)}, {OLD: {"x": num(8), "y": num(50)}})
    assert value(moved) is False


def test_values_of_a_point_are_not_captured() -> None:
    term = between(y, app(Op.LE, at(OLD, x), y), universal=False)
    assert value(substitute(term, {}, {OLD: {"x": app(Op.ADD, y, num(1))}}), y=1) is True
    assert value(substitute(term, {}, {OLD: {"x": app(Op.ADD, y, num(1))}}), y=5) is False


def test_structure_tells_terms_apart() -> None:
    several: list[Term] = [
        num(1), num(2), x, y, app(Op.ADD, x, y), app(Op.SUB, x, y), app(Op.ADD, y, x), at(OLD, x), at("l", x), TRUE, FALSE,
        let(x, y, x), let(x, y, y), let(y, y, x), quant(True, (x,), TRUE), quant(False, (x,), TRUE), quant(True, (y,), TRUE),
        quant(True, (Var("x", NAT),), TRUE), num(1, MACHINE["int8"]),
    ]  # fmt: skip
    assert len({structure(t) for t in several}) == len(several)
    assert structure(app(Op.ADD, x, num(1))) == structure(app(Op.ADD, Var("x", INT), num(1)))


def test_rewriting_stops_at_binders() -> None:
    two = app(Op.ADD, y, y)
    assert replaced(quant(True, (x,), app(Op.EQ, x, y)), x, two) is not None
    for binder in (quant(True, (y,), app(Op.EQ, x, y)), quant(False, (x,), app(Op.EQ, x, y)), let(y, num(1), x), let(x, y, x)):
        assert replaced(binder, x, two) is binder


@settings(max_examples=60, deadline=None, derandomize=True)
@given(terms, st.dictionaries(st.sampled_from(NAMES), terms, max_size=3))
def test_the_size_is_how_many_nodes_there_are(term: Term, mapping: dict[str, Term]) -> None:
    whole = at(OLD, call("f", (term, substitute(term, mapping)), INT))
    assert [n.size for n in walk(whole)] == [len(list(walk(n))) for n in walk(whole)]


def test_nodes_are_walked_from_left_to_right() -> None:
    term = let(x, app(Op.SUB, x, y), call("f", (z, at(OLD, y), app(Op.ADD, x, y, z)), INT))
    assert [n.name for n in walk(term) if isinstance(n, Var)] == ["x", "y", "z", "y", "x", "y", "z"]
    assert next(walk(term)) is term


def test_terms_that_do_not_fit_are_refused() -> None:
    b, a, rows = Var("b", BOOL), Var("a", Array(INT)), Var("r", Array(Array(INT)))
    byte, other = [Var("v", MACHINE[name]) for name in ("uint8", "int8")]
    wrong: list[tuple[Op, list[Term]]] = [
        (Op.ADD, [x]), (Op.AND, [b]), (Op.SUB, [x]), (Op.SUB, [x, y, z]), (Op.NEG, [x, y]), (Op.NOT, []), (Op.LT, [x, y, z]),
        (Op.ITE, [b, x]), (Op.STORE, [a, x]), (Op.LEN, [a, a]),
        (Op.ADD, [x, b]), (Op.ADD, [x, byte]), (Op.MUL, [byte, other]), (Op.NEG, [b]), (Op.LT, [b, b]), (Op.LT, [x, byte]),
        (Op.EQ, [x, b]), (Op.EQ, [a, rows]), (Op.AND, [b, x]), (Op.NOT, [x]), (Op.ITE, [x, y, z]), (Op.ITE, [b, x, b]),
        (Op.SELECT, [x, x]), (Op.SELECT, [a, b]), (Op.STORE, [a, b, x]), (Op.STORE, [a, x, b]), (Op.LEN, [x]), (Op.FILL, [b, x]),
        (Op.PERM, [rows, rows]), (Op.PERM, [a, x]), (Op.VALUE, [b]), (Op.CONVERT, [x]), (Op.WRAP, [x]), (Op.LITERAL, [x]),
    ]  # fmt: skip
    for op, args in wrong:
        with pytest.raises(IllSorted):
            app(op, *args)
    for made in (
        lambda: app(Op.LITERAL, x, b, sort=Array(INT)),
        lambda: app(Op.FILL, x, b, sort=Array(INT)),
        lambda: app(Op.CONVERT, b, sort=MACHINE["uint8"]),
        lambda: app(Op.CONVERT, x, sort=INT),
        lambda: num(1, BOOL),
        lambda: quant(True, (x,), x),
        lambda: quant(True, (a,), b),
        lambda: let(x, b, x),
    ):
        with pytest.raises(IllSorted):
            made()


def test_ranges_of_sorts() -> None:
    assert range_of(x) is TRUE
    assert range_of(Var("b", BOOL)) is TRUE
    assert range_of(Var("a", Array(INT))) is TRUE
    assert [value(range_of(Var("n", NAT)), n=v) for v in (-1, 0, 1)] == [False, True, True]
    for sort in MACHINE.values():
        edge = [sort.low - 1, sort.low, sort.high, sort.high + 1]
        assert [value(range_of(Var("n", sort)), n=v) for v in edge] == [False, True, True, False]


def test_machine_sorts_have_two_to_the_width_values() -> None:
    assert list(MACHINE) == [f"{sign}int{width}" for width in (8, 16, 32, 64) for sign in ("u", "")]
    assert {str(s): (s.low, s.high) for s in MACHINE.values() if s.width == 8} == {"int8": (-128, 127), "uint8": (0, 255)}
    assert all(s.high - s.low + 1 == 1 << s.width for s in MACHINE.values())


def test_folding_large_products_and_small_quotients() -> None:
    for a, b in itertools.product((-7, -2, -1, 0, 1, 2, 7), (-3, -2, -1, 1, 2, 3)):
        for op in (Op.DIV, Op.MOD, Op.MUL, Op.ADD, Op.SUB):
            term = app(op, num(a), num(b))
            assert value(fold(term)) == value(term)
    assert fold(app(Op.DIV, num(1), num(0))).size == 3
    assert value(fold(app(Op.MUL, num(2), num(3), num(5)))) == 30


def test_folding_decides_what_is_decided() -> None:
    """Each operator on literals, and what rests on it: a `not` or a choice that a comparison decides."""

    def folded(term: Term) -> object:
        return structure(fold(term))

    pairs = [(a, b) for a in (-7, -1, 0, 1, 2, 7) for b in (-7, -1, 0, 1, 2, 7)]
    for a, b in pairs:
        for op in (Op.LT, Op.LE, Op.GT, Op.GE, Op.EQ, Op.NE):
            compared = app(op, num(a), num(b))
            truth = value(compared)
            assert folded(compared) == structure(TRUE if truth else FALSE)
            assert folded(app(Op.NOT, compared)) == structure(FALSE if truth else TRUE)
            assert folded(app(Op.ITE, compared, x, y)) == structure(x if truth else y)
            assert folded(app(Op.AND, compared, app(Op.LT, x, y))) == structure(app(Op.LT, x, y) if truth else FALSE)
            assert folded(app(Op.OR, compared, app(Op.LT, x, y))) == structure(TRUE if truth else app(Op.LT, x, y))
        for op in (Op.ADD, Op.SUB, Op.MUL):
            assert folded(app(op, num(a), num(b))) == structure(num(value(app(op, num(a), num(b)))))
        assert folded(app(Op.NEG, num(a))) == structure(num(-a))
        for op in (Op.DIV, Op.MOD):
            quotient = app(op, num(a), num(b))
            assert folded(quotient) == structure(num(value(quotient)) if b > 0 else quotient)
