"""Equations that rounds keep because of an identity: cofactors are right, and what is written into the file is enough."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover.infer.cofactors import cofactors
from prover.infer.expansion import Atoms, Polynomial, plus, times
from prover.infer.work import Work
from prover.kernel.program import Program
from prover.kernel.sort import INT
from prover.kernel.term import Op, Var, app, num
from prover.report import Answer
from prover.semantics.evaluate import Evaluator, Scope
from tests.infer.texts import checked, written

IDENTITIES = Path(__file__).parent / "identities"
STALLING = ["three_cubics"]
X = [Var(f"x{i}", INT) for i in range(3)]

monomials = st.lists(st.integers(0, 2), max_size=3).map(lambda m: tuple(sorted(m)))
polynomials = st.dictionaries(monomials, st.integers(-5, 5).filter(bool).map(Fraction), min_size=1, max_size=4)


def total(parts: list[Polynomial], generators: list[Polynomial]) -> Polynomial:
    found: Polynomial = {}
    for part, generator in zip(parts, generators, strict=True):
        found = plus(found, times(part, generator), 1)
    return found


@given(st.lists(st.tuples(polynomials, polynomials), min_size=1, max_size=3))
@settings(max_examples=100, deadline=None)
def test_a_sum_of_multiples_is_taken_apart(pairs: list[tuple[Polynomial, Polynomial]]) -> None:
    generators = [g for g, _ in pairs]
    target = total([c for _, c in pairs], generators)
    if not target:
        return
    found = cofactors(target, generators, Work(10_000_000))
    assert found is not None
    again = total(found, generators)
    factors = {again.get(m, Fraction(0)) / c for m, c in target.items()}
    assert again.keys() == target.keys() and len(factors) == 1 and factors.pop() != 0
    assert all(c.denominator == 1 for part in found for c in part.values())


@given(polynomials, st.lists(st.integers(-9, 9), min_size=3, max_size=3))
@settings(deadline=None)
def test_terms_and_polynomials_say_the_same(polynomial: Polynomial, values: list[int]) -> None:
    atoms = Atoms(Work(10_000))
    for variable in X:
        atoms.number(variable)
    term = atoms.term(polynomial)
    assert atoms.polynomial(term, {}) == polynomial
    value = sum(int(c) * _product([values[i] for i in m]) for m, c in polynomial.items())
    assert Evaluator(Program({}, (), ())).value(term, Scope({v.name: x for v, x in zip(X, values, strict=True)})) == value


def _product(numbers: list[int]) -> int:
    result = 1
    for number in numbers:
        result *= number
    return result


def test_what_is_no_sum_of_multiples_has_no_cofactors() -> None:
    square, line = {(0, 0): Fraction(1)}, {(0,): Fraction(1)}
    assert cofactors(line, [square], Work(99)) is None  # x is 0 where x * x is, but no multiple of it
    assert cofactors(square, [line], Work(99)) == [{(0,): Fraction(1)}]
    assert cofactors({(): Fraction(1)}, [line], Work(99)) is None


def test_values_of_a_round_are_put_in() -> None:
    atoms = Atoms(Work(10_000))
    x, y = X[:2]
    values = {"x0": app(Op.ADD, x, y), "x1": num(2)}
    found = atoms.polynomial(app(Op.MUL, x, app(Op.SUB, x, y)), values)
    expected = atoms.polynomial(app(Op.MUL, app(Op.ADD, x, y), app(Op.SUB, app(Op.ADD, x, y), num(2))), {})
    assert found == expected


@pytest.mark.parametrize("name", STALLING)
def test_hints_prove_what_the_solver_stalls_on(name: str) -> None:
    text = (IDENTITIES / f"{name}.proof").read_text(encoding="utf-8")
    report = checked(text)
    (unit,) = report.units
    assert unit.correct is Answer.YES
    assert unit.inferred and all(i.kind == "assert" for i in unit.inferred)
    assert checked(written(report), infer=False).units[0].correct is Answer.YES
    assert checked(text, infer=False, timeout=6).units[0].correct is Answer.UNKNOWN


def test_products_are_multiplied_out_branch_by_branch() -> None:
    report = checked((IDENTITIES / "determinant.proof").read_text(encoding="utf-8"), infer=False)
    assert report.units[0].correct is Answer.YES


TWO_CUBICS = """procedure main(n: int, x0: int, x1: int, x2: int, x3: int) returns (y: int)
  requires 2 * x0 * x0 * x0 + x3 * x3 * x3 + 3 * x0 * x3 + 2 * x0 * x2 * x3 = 0
  requires 2 * x3 - 2 - 2 * x1 * x3 * x3 + 3 * x0 * x0 * x1 = 0
  ensures y = 0
begin
  var k := 0;
  y := 0;
  while k < n
    variant n - k
  do
    y := x0 * y + 6 * x0 * x0 * x0 * x3 - 6 * x0 * x0 * x0 * x2 + 3 * x3 * x3 * x3 * x3 - 3 * x2 * x3 * x3 * x3
      + 9 * x0 * x3 * x3 - 9 * x0 * x2 * x3 + 6 * x0 * x2 * x3 * x3 - 6 * x0 * x2 * x2 * x3
      + 10 * x3 - 10 - 10 * x1 * x3 * x3 + 15 * x0 * x0 * x1
      + 4 * x0 * x3 - 4 * x0 - 4 * x0 * x1 * x3 * x3 + 6 * x0 * x0 * x0 * x1;
    k := k + 1
  end
end
"""


def test_equations_that_runs_suggest_are_shown_by_identities() -> None:
    report = checked(TWO_CUBICS, timeout=60)
    (unit,) = report.units
    assert unit.correct is Answer.YES
    assert {i.kind for i in unit.inferred} == {"invariant", "assert"}
    assert checked(written(report), infer=False).units[0].correct is Answer.YES


def test_large_polynomials_are_given_up() -> None:
    variables = [f"v{i}" for i in range(12)]
    power = " * ".join([f"({' + '.join(variables)} + 1)"] * 8)
    text = f"""procedure p(n: int, {", ".join(v + ": int" for v in variables)}) returns (y: int)
  requires {power} = v0
  ensures y = v0
begin
  y := v0;
  var k := 0;
  while k < n invariant y = v0 do y := y + {power} - v0; k := k + 1 end
end
"""
    report = checked(text, timeout=4)
    assert not report.diagnostics
    assert report.units[0].correct in (Answer.YES, Answer.UNKNOWN)
