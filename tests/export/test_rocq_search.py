"""The proofs that z3 finds for exports to Rocq: what is proposed, without asking Rocq."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from prover.export import search
from prover.export.asking import asking
from prover.export.ground import Ground
from prover.export.instances import Equation, Fact, Pool
from prover.export.plain import Plain, lexdec
from prover.export.rocqfile import exported
from prover.export.search import Ask
from prover.kernel.sort import INT
from prover.kernel.term import Op, Term, app, call, num, var
from prover.plan import load
from prover.syntax.elaborate import FileLoader
from prover.syntax.read import read_source

X, Y = var("x", INT), var("y", INT)


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    with asking() as found:
        yield found


def text(source: str, ask: Ask | None, tmp_path: Path) -> str:
    return exported(load(read_source(source.encode(), "p.proof"), FileLoader(tmp_path)), ask=ask).text


def f(argument: Term) -> Term:
    return call("f", [argument], INT)


def test_terms_that_are_equal_by_arithmetic_have_one_text() -> None:
    ground = Ground()
    assert ground.text(f(app(Op.ADD, X, num(1)))) == ground.text(f(app(Op.SUB, app(Op.ADD, num(2), X), num(1))))
    assert ground.text(app(Op.MUL, X, Y)) == ground.text(app(Op.MUL, Y, X)) != ground.text(app(Op.MUL, X, X))


def test_a_product_of_unknowns_is_an_unknown() -> None:
    ground = Ground()
    assert ground.text(app(Op.MUL, app(Op.ADD, X, num(1)), Y)) == "(+ product0 |y|)"
    assert list(ground.nonlinear) == [("|x|", "|y|")]


def test_a_polynomial_becomes_a_term_again() -> None:
    ground = Ground()
    term = app(Op.SUB, app(Op.MUL, num(3), app(Op.MUL, X, X)), app(Op.ADD, Y, num(2)))
    assert ground.polynomial(ground.term(ground.polynomial(term))) == ground.polynomial(term)


def test_cases_of_an_equation_become_premises() -> None:
    body = app(Op.ITE, app(Op.EQ, X, num(0)), num(0), app(Op.ADD, f(app(Op.SUB, X, num(1))), num(1)))
    formula = Plain({}, frozenset()).cases(f(X), body)
    assert formula.args[0].op is Op.IMPLIES and formula.args[1].op is Op.IMPLIES  # type: ignore[union-attr]


def test_variants_fall_in_lexicographic_order() -> None:
    assert Ground().text(lexdec([X], [Y])) == "(and (<= (* (- 1) |x|) 0) (< (+ (* (- 1) |x|) |y|) 0))"
    assert isinstance(lexdec([X, X], [Y, Y]).args[0].args[0], type(app(Op.LE, X, Y)))  # type: ignore[union-attr]


SWAP = """procedure swap(inout a: int[], i: int, j: int)
  requires 0 <= i < len(a) and 0 <= j < len(a)
  requires forall k: int :: 0 <= k < len(a) ==> a[k] > 0
  ensures  forall k: int :: 0 <= k < len(a) ==> a[k] > 0
begin
  a[i], a[j] := a[j], a[i]
end
"""


def test_the_instances_that_a_proof_needs_are_named(ask: Ask, tmp_path: Path) -> None:
    found = text(SWAP, ask, tmp_path)
    condition = found[found.index("Lemma vc_1_ensures1") :]
    assert condition.count("by (exact ((h") == 3  # at i, at j, and at the index that the goal speaks of
    assert condition.count("by (by_cases_)") == 2


def test_without_z3_tactics_search(tmp_path: Path) -> None:
    assert "assert (G :" not in text(SWAP, None, tmp_path)


def test_a_false_condition_gets_no_script(ask: Ask, tmp_path: Path) -> None:
    found = text(SWAP.replace("a[k] > 0\nbegin", "a[k] > 1\nbegin"), ask, tmp_path)
    condition = found[found.index("Lemma vc_1_ensures1") :]
    assert condition.split("\n")[1] == "Proof. timeout 60 (solve [start; auto_]). Qed."


def test_a_search_that_grows_too_large_is_given_up_and_the_unit_is_not(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(_pool: Pool, _equations: Mapping[str, Equation], plain: Plain, _show: object) -> Iterator[Fact]:
        while True:
            plain.of(X, {})
        yield

    monkeypatch.setattr(search, "laws", endless)
    found = text(SWAP, ask, tmp_path)
    assert "solve [start; auto_]" in found and "Lemma conditions_hold" in found


PRODUCT = """procedure p(x: int, y: int, d: int) returns (r: int)
  requires d > 0 and x * d <= y * d
  ensures  r = 0
begin
  assert x <= y;
  r := 0
end
"""


def test_products_of_what_is_known_are_proposed(ask: Ask, tmp_path: Path) -> None:
    assert "Z.mul_nonneg_nonneg" in text(PRODUCT, ask, tmp_path)


EXISTS = """procedure p(a: int[], n: int)
  requires 0 < n < len(a) and a[0] = 1
  ensures  exists k: int :: 0 <= k < n and a[k] = 1
begin
  skip
end
"""


def test_witnesses_are_found(ask: Ask, tmp_path: Path) -> None:
    assert "exists 0; " in text(EXISTS, ask, tmp_path)
