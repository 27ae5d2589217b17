"""The primitive rules: wherever a goal fails, one of its subgoals fails too, over every small valuation."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from prover.kernel.goal import Goal, Holds
from prover.kernel.program import Block, Clause, Function, Kind, Parameter, Procedure, Program
from prover.kernel.rules import (
    NotApplicable,
    Refinement,
    cases,
    contradiction,
    forget,
    have,
    induction,
    instantiate,
    intro,
    rewrite,
    simplify,
    split,
    unfold,
    use,
    witness,
)
from prover.kernel.sort import BOOL, INT, NAT, Array, Nat
from prover.kernel.term import (
    FALSE,
    OLD,
    TRUE,
    Op,
    Term,
    Var,
    app,
    at,
    call,
    conj,
    eq,
    free_variables,
    implies,
    neg,
    num,
    quant,
    structure,
)
from prover.semantics.evaluate import Evaluator, Scope
from tests.kernel.sequents import HERE, goal, holds, theory_of

x, y, z, i = [Var(name, INT) for name in "xyzi"]
n = Var("n", NAT)
P, Q = Var("P", BOOL), Var("Q", BOOL)
DOMAIN = range(-2, 4)


def small(v: Term) -> Term:
    return conj([app(Op.LE, num(-2), v), app(Op.LE, v, num(3))])


def names(found: Goal) -> dict[str, Var]:
    terms = [found.conclusion, *[f.formula for f in found.facts() if isinstance(f, Holds)]]
    return {name: v for t in terms for name, v in free_variables(t).items()}


def valuations(variables: dict[str, Var]) -> Iterator[dict[str, int | bool]]:
    domains = [(False, True) if v.sort == BOOL else [k for k in DOMAIN if k >= 0 or v.sort != NAT] for v in variables.values()]
    for chosen in itertools.product(*domains):
        yield dict(zip(variables, chosen, strict=True))


def fails(found: Goal, environment: dict[str, int | bool], program: Program) -> bool:
    """Do the facts hold, and the conclusion not?"""
    evaluator, scope = Evaluator(program), Scope(environment)
    facts = all(evaluator.value(f.formula, scope) is True for f in found.facts() if isinstance(f, Holds))
    return facts and evaluator.value(found.conclusion, scope) is False


def sound(refined: Refinement, program: Program | None = None) -> bool:
    """Is the goal valid if all subgoals are (over the domain)?  Where the goal fails, some subgoal fails at values of its own."""
    given = program or Program({}, (), ())
    for environment in valuations(names(refined.goal)):
        if fails(refined.goal, environment, given) and not any(_fails_for(s, environment, given) for s in refined.subgoals):
            return False
    return True


def _fails_for(found: Goal, environment: dict[str, int | bool], program: Program) -> bool:
    new = {name: v for name, v in names(found).items() if name not in environment}
    return any(fails(found, {**environment, **more}, program) for more in valuations(new))


SEVERAL = [
    goal(app(Op.AND, app(Op.GT, x, num(0)), app(Op.LT, y, num(2)), eq(x, y))),
    goal(app(Op.AND, app(Op.GT, x, num(0)), app(Op.LT, y, num(2))), app(Op.LT, x, y)),
    goal(app(Op.GT, x, y), eq(x, app(Op.ADD, y, num(1)))),
    goal(app(Op.GE, x, y), eq(x, app(Op.ADD, y, num(1)))),
    goal(app(Op.LE, x, num(1)), app(Op.LE, y, num(0)), app(Op.LE, x, y)),
]


@pytest.mark.parametrize("start", SEVERAL, ids=range(len(SEVERAL)))
def test_propositional_rules(start: Goal) -> None:
    for formula in (app(Op.GT, x, num(0)), eq(x, y), app(Op.LT, y, num(0)), neg(start.conclusion), start.conclusion):
        assert sound(have(start, formula, "", HERE))
        assert sound(cases(start, formula, HERE))
        assert len(have(start, formula, "", HERE).subgoals) == len(cases(start, formula, HERE).subgoals) == 2
    assert sound(contradiction(start, HERE))
    for fact in start.facts():
        assert sound(forget(start, fact))
        assert forget(start, fact).subgoals[0].facts() == [f for f in start.facts() if f is not fact]


def test_conjuncts_of_a_hypothesis_that_is_forgotten_can_be_kept() -> None:
    both = app(Op.AND, app(Op.GT, x, num(0)), app(Op.LT, y, num(2)))
    start = goal(app(Op.GT, x, num(0)), both, app(Op.GT, x, y))
    (fact,) = [f for f in start.facts() if isinstance(f, Holds) and f.formula is both]
    for keep in ([], [both.args[0]], [both.args[1]], list(both.args)):
        refined = forget(start, fact, keep)
        assert sound(refined)
        assert len(refined.subgoals[0].facts()) == len(start.facts()) - 1 + len(keep)
    for wrong in (app(Op.LT, x, num(0)), neg(both), eq(x, y)):
        with pytest.raises(NotApplicable):
            forget(start, fact, [wrong])


@pytest.mark.parametrize("start", SEVERAL[:2], ids=range(2))
def test_split(start: Goal) -> None:
    refined = split(start)
    assert sound(refined)
    assert [s.name for s in refined.subgoals] == [f"t.goal.{k}" for k in range(1, len(getattr(start.conclusion, "args", ())) + 1)]


def test_contradiction_and_intro_keep_what_is_provable() -> None:
    holding = goal(implies(eq(x, num(1)), app(Op.GT, x, num(0))))
    for refined in (intro(holding, HERE), contradiction(holding, HERE)):
        assert not any(fails(s, e, Program({}, (), ())) for s in refined.subgoals for e in valuations(names(s)))


def test_intro() -> None:
    assert sound(intro(goal(implies(app(Op.GT, x, num(0)), app(Op.GT, x, num(1)))), HERE))
    assert sound(intro(goal(implies(app(Op.GT, x, num(0)), app(Op.GT, y, num(1))), eq(x, y)), HERE))
    assert sound(intro(goal(implies(FALSE, app(Op.GT, x, num(1)))), HERE))
    every = goal(quant(True, (i,), implies(small(i), app(Op.LE, i, x))), app(Op.GT, x, num(-2)))
    assert sound(intro(every, HERE))
    clash = goal(quant(True, (x,), implies(small(x), app(Op.LE, x, num(2)))), eq(x, num(0)))
    refined = intro(clash, HERE)
    assert sound(refined)
    assert set(free_variables(refined.subgoals[0].conclusion)) == {"x1"}
    both = goal(quant(True, (x, y), implies(conj([small(x), small(y)]), app(Op.LE, x, y))), eq(x, num(0)), eq(y, num(0)))
    assert sound(intro(both, HERE))


def test_intro_of_what_exists_is_refused() -> None:
    with pytest.raises(NotApplicable):
        intro(goal(quant(False, (i,), eq(i, num(1)))), HERE)
    with pytest.raises(NotApplicable, match="something else"):
        intro(goal(quant(True, (i,), eq(i, x))), HERE, ["x"])


def test_witnesses_are_in_range() -> None:
    some = goal(quant(False, (i,), conj([small(i), app(Op.GT, i, x)])), app(Op.LT, x, num(3)))
    for term in (num(0), app(Op.ADD, x, num(1)), y):
        assert sound(witness(some, [term]))
    natural = goal(quant(False, (n,), app(Op.LT, n, num(0))), app(Op.LT, x, num(0)))
    assert sound(witness(goal(quant(False, (n,), conj([small(n), app(Op.LT, n, x)])), app(Op.LE, x, num(0))), [num(-1)]))
    (only,) = witness(natural, [num(-1)]).subgoals
    assert Evaluator(Program({}, (), ())).value(only.conclusion, Scope({})) is False
    with pytest.raises(NotApplicable):
        witness(goal(quant(True, (i,), eq(i, i))), [num(1)])
    with pytest.raises(NotApplicable):
        witness(some, [num(1), num(2)])
    with pytest.raises(NotApplicable, match="2 terms"):
        witness(goal(quant(False, (i, n), app(Op.LT, i, n))), [num(1)])


def test_instances_are_in_range() -> None:
    every = holds(quant(True, (n,), implies(small(n), app(Op.GE, app(Op.ADD, n, x), num(0)))))
    start = goal(app(Op.GT, x, y), every)
    for term in (num(-1), num(0), num(-2), x, y):
        assert sound(instantiate(start, every, [term], HERE))
    with pytest.raises(NotApplicable):
        instantiate(goal(FALSE), every, [num(0)], HERE)
    some = holds(quant(False, (i,), eq(i, x)))
    with pytest.raises(NotApplicable):
        instantiate(goal(FALSE, some), some, [num(0)], HERE)


def test_rewriting_needs_an_equation() -> None:
    equation = holds(eq(x, app(Op.ADD, y, num(1))))
    start = goal(app(Op.GT, app(Op.ADD, x, x), app(Op.ADD, y, num(1))), equation)
    assert sound(rewrite(start, equation, False))
    assert sound(rewrite(start, equation, True))
    iff = holds(app(Op.IFF, P, neg(Q)))
    assert sound(rewrite(goal(app(Op.OR, P, Q), iff), iff, False))
    for other in (holds(app(Op.LE, x, y)), holds(implies(P, Q)), holds(app(Op.NE, x, y))):
        with pytest.raises(NotApplicable):
            rewrite(goal(app(Op.OR, eq(x, num(0)), P), other), other, False)
    a, b = Var("a", Array(INT)), Var("b", Array(INT))
    arrays = holds(eq(a, b))
    with pytest.raises(NotApplicable):
        rewrite(goal(eq(app(Op.SELECT, a, num(9)), num(0)), arrays), arrays, False)
    with pytest.raises(NotApplicable):
        rewrite(goal(start.conclusion), equation, False)


def test_rewriting_captures_nothing() -> None:
    equation = holds(eq(x, app(Op.ADD, i, num(1))))
    start = goal(
        app(Op.AND, eq(x, x), quant(True, (i,), implies(small(i), app(Op.LE, i, app(Op.MUL, x, x))))),
        equation,
        app(Op.LE, x, num(1)),
    )
    assert sound(rewrite(start, equation, False))


def test_simplify() -> None:
    start = goal(app(Op.AND, app(Op.LT, num(1), num(2)), app(Op.GT, x, app(Op.SUB, num(3), num(2)))), app(Op.GT, x, num(0)))
    assert sound(simplify(start))
    with pytest.raises(NotApplicable):
        simplify(goal(eq(x, y)))


def test_induction() -> None:
    for facts in ([], [app(Op.GE, x, num(0))], [app(Op.GE, x, num(-1)), app(Op.LE, x, y)], [eq(app(Op.MUL, x, x), num(4))]):
        for conclusion in (
            app(Op.GE, x, num(0)),
            app(Op.NE, x, num(2)),
            app(Op.LE, x, num(0)),
            app(Op.NE, x, num(1)),
            app(Op.NE, x, num(-1)),
        ):
            start = goal(conclusion, *facts)
            refined = induction(start, x, HERE)
            given = Program({}, (), ())
            if any(fails(start, e, given) for e in valuations(names(start))):
                assert any(fails(s, e, given) for s in refined.subgoals for e in valuations(names(s))), (facts, conclusion)
    base, step = induction(goal(app(Op.GE, x, num(0))), x, HERE).subgoals
    assert [structure(f.formula) for f in base.facts() if isinstance(f, Holds)] == [structure(app(Op.LE, x, num(0)))]
    above, before = app(Op.GT, x, num(0)), app(Op.GE, app(Op.SUB, x, num(1)), num(0))
    assert [structure(f.formula) for f in step.facts() if isinstance(f, Holds)] == [structure(above), structure(before)]
    with pytest.raises(NotApplicable):
        induction(goal(TRUE), x, HERE)
    with pytest.raises(NotApplicable):
        induction(goal(P), P, HERE)


def positive() -> Function:
    body = app(Op.ITE, app(Op.LE, x, num(1)), num(1), app(Op.MUL, x, call("f", (app(Op.SUB, x, num(1)),), INT)))
    return Function(
        "function", "f", (n,), INT, (Clause("requires1", app(Op.GT, n, num(0)), HERE),), None, _of_n(body), HERE, HERE
    )


def _of_n(body: Term) -> Term:
    from prover.kernel.term import substitute

    return substitute(body, {"x": n})


def test_unfolding_states_what_the_equation_needs() -> None:
    theory = theory_of(positive())
    (made,) = unfold(goal(FALSE), call("f", (x,), INT), theory, frozenset(), HERE).subgoals
    (fact,) = made.facts()
    assert isinstance(fact, Holds)
    # Where the equation needs nothing its truth must not be known: at 0 (requires) and below (range).
    guard = getattr(fact.formula, "args", (TRUE,))[0]
    evaluator = Evaluator(Program({}, (), ()))
    assert [evaluator.value(guard, Scope({"x": v})) for v in (-2, -1, 0, 1, 2)] == [False, False, False, True, True]
    with pytest.raises(NotApplicable):
        unfold(goal(FALSE), call("f", (x,), INT), theory, frozenset({"f"}), HERE)
    with pytest.raises(NotApplicable):
        unfold(goal(FALSE), call("g", (x,), INT), theory, frozenset(), HERE)


def test_unfolding_a_range_alone() -> None:
    identity = Function("function", "f", (n,), INT, (), None, app(Op.ADD, n, num(0)), HERE, HERE)
    (made,) = unfold(goal(FALSE), call("f", (x,), INT), theory_of(identity), frozenset(), HERE).subgoals
    (fact,) = made.facts()
    assert isinstance(fact, Holds)
    assert getattr(fact.formula, "op", None) is Op.IMPLIES


def lemma(
    parameters: tuple[Var, ...], requires: tuple[Term, ...], ensures: tuple[Term, ...], kind: Kind = Kind.LEMMA
) -> Procedure:
    held = tuple([Parameter(p) for p in parameters])
    clauses = [tuple([Clause(f"c{k}", f, HERE) for k, f in enumerate(found)]) for found in (requires, ensures)]
    return Procedure(kind, "l", held, (), (), clauses[0], clauses[1], None, False, (), Block(()), HERE, HERE, HERE)


def test_a_lemma_is_used_where_it_may_be() -> None:
    start = goal(app(Op.GT, x, num(0)), app(Op.NE, x, num(0)))
    fine = lemma((n,), (app(Op.NE, n, num(0)),), (app(Op.GT, n, num(0)),))
    whole = lemma((i,), (app(Op.GT, i, num(0)),), (app(Op.GE, i, at(OLD, i)), app(Op.GT, i, num(0))))
    for term in (x, app(Op.SUB, x, num(1)), num(2)):
        assert sound(use(start, fine, [term], HERE))
        assert sound(use(start, whole, [term], HERE))
    assert sound(use(start, lemma((i,), (FALSE,), (FALSE,)), [x], HERE))
    natural = lemma((n,), (), (app(Op.GE, n, num(0)),))
    assert sound(use(start, natural, [x], HERE))
    assert sound(use(goal(app(Op.GE, x, num(0))), natural, [x], HERE))
    assert len(use(start, natural, [x], HERE).subgoals) == 2
    for used, labels in ((natural, ["l"]), (whole, ["l_c0", "l_c1"])):
        facts = use(start, used, [x], HERE).subgoals[-1].facts()[len(start.facts()) :]
        assert [f.label for f in facts if isinstance(f, Holds)] == labels
    with pytest.raises(NotApplicable):
        use(start, lemma((n,), (), (FALSE,), Kind.PROCEDURE), [x], HERE)


def test_a_lemma_about_arrays_is_used_for_arrays() -> None:
    a = Var("a", Array(INT))
    length = lemma((a,), (), (app(Op.GE, app(Op.LEN, a), num(0)),))
    made = app(Op.FILL, x, num(0))
    (needed, _) = use(goal(app(Op.GE, x, num(0))), length, [made], HERE).subgoals
    assert structure(needed.conclusion) == structure(app(Op.GE, app(Op.LEN, made), num(0)))
    assert len(use(goal(app(Op.GE, x, num(0))), length, [made], HERE).subgoals) == 2
    naturals = lemma((Var("a", Array(Nat())),), (), (TRUE,))
    with pytest.raises(NotApplicable):
        use(goal(TRUE), naturals, [app(Op.FILL, x, num(-1), sort=Array(NAT))], HERE)
