"""Relations between numbers: what all points satisfy, and nothing else."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from prover.infer.polynomial import Relation, relations


def evaluated(relation: Relation, point: tuple[int, ...]) -> int:
    total = 0
    for monomial, count in relation.items():
        part = count
        for i in monomial:
            part *= point[i]
        total += part
    return total


def test_a_sum_of_squares_is_found() -> None:
    points = [(n, n * (n + 1) * (2 * n + 1) // 6) for n in range(40)]
    assert relations(points, 3) == [{(0,): 1, (0, 0): 3, (0, 0, 0): 2, (1,): -6}] or relations(points, 3) == [
        {(0,): -1, (0, 0): -3, (0, 0, 0): -2, (1,): 6}
    ]


def test_products_of_variables_are_found() -> None:
    points = [(q * d + r, d, q, r) for q, d, r in product(range(5), range(1, 7), range(4))]
    (found,) = relations(points, 2)
    assert {m: abs(c) for m, c in found.items()} == {(0,): 1, (1, 2): 1, (3,): 1}


def test_large_constants_are_exact() -> None:
    points = [(x, 2**90 - x) for x in range(30)]
    (found,) = relations(points, 2)
    assert {abs(c) for c in found.values()} == {1, 2**90}


def test_nothing_is_made_up_where_points_are_few() -> None:
    assert relations([], 3) == []
    assert relations([(1, 2), (3, 4)], 3) == []


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50), st.integers(-3, 3)), max_size=60))
def test_what_is_found_holds_of_every_point(points: list[tuple[int, int, int]]) -> None:
    for relation in relations(points, 3):
        assert all(evaluated(relation, p) == 0 for p in points)


@given(st.integers(-20, 20), st.integers(-20, 20), st.integers(-20, 20))
def test_a_quadratic_function_is_recovered(a: int, b: int, c: int) -> None:
    points = [(x, a * x * x + b * x + c) for x in range(-20, 21)]
    assert any(evaluated(r, (0, c)) == 0 and (1,) in r for r in relations(points, 2))
