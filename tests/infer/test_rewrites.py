"""Formulas with parts replaced mean what they should."""

from __future__ import annotations

from pathlib import Path

from prover.infer.rewrites import narrowed, renamed, unfolded
from prover.kernel.program import Program
from prover.kernel.sort import BOOL, INT
from prover.kernel.term import Op, Var, app, call, conj, free_variables, implies, num, quant, structure
from prover.plan import load
from prover.syntax.elaborate import FileLoader
from prover.syntax.read import read_source

I, N = Var("i", INT), Var("n", INT)
SMALL = quant(True, (I,), implies(app(Op.LT, I, N), app(Op.GE, num(9), I)))


def program(text: str) -> Program:
    return load(read_source(text.encode(), "t.proof"), FileLoader(Path()))


def test_a_bound_variable_does_not_catch_one_of_the_loop() -> None:
    other = renamed(SMALL, {"i", "n"})
    assert structure(other) != structure(SMALL)
    (less, *_) = narrowed(other, lambda v: [(app(Op.LT, v, I),)])
    assert free_variables(other).keys() == {"n"}
    assert free_variables(less).keys() == {"n", "i"}


def test_a_condition_is_added_at_each_place_where_something_is_said_of_all() -> None:
    yes = Var("yes", BOOL)
    formula = app(Op.IFF, yes, conj([SMALL, yes]))
    made = list(narrowed(formula, lambda v: [(app(Op.GT, v, N),), (app(Op.LT, v, N),)]))
    assert len(made) == 2
    assert all(m.size > formula.size for m in made)


def test_predicates_are_unfolded_unless_they_call_themselves() -> None:
    found = program(
        "predicate two(n: int) = one(n) and n > 2\npredicate one(n: int) = n > 1\n"
        "predicate even(n: int) requires n >= 0 variant n = n = 0 or not even(n - 1)\n"
    )
    said = unfolded(call("two", (N,), BOOL), found)
    assert structure(said) == structure(conj([app(Op.GT, N, num(1)), app(Op.GT, N, num(2))]))
    even = call("even", (N,), BOOL)
    assert unfolded(even, found) is even
