"""Polynomial equalities between numbers, from examples (as DIG, Nguyen et al. 2012, and Guess-and-Check, Sharma et al. 2013, do).

What all examples satisfy is an ideal; the algorithm of Buchberger and Moeller (1982) finds a Groebner basis of it, smallest
monomials first, so that nothing is found that follows from smaller relations by multiplication.  It calculates modulo a prime;
coefficients are lifted to fractions, and the relations tried on all examples exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement, islice
from math import lcm, prod

PRIME = (1 << 127) - 1
MOST_POINTS = 120
MOST_VECTORS = 90
ROUNDS = 6
MOST_MONOMIALS = 800
LARGEST, LARGEST_CONSTANT = 10_000, 1 << 100
SPARE = 6

Monomial = tuple[int, ...]
"""Numbers of the variables that are multiplied, in ascending order."""

Relation = dict[Monomial, int]
"""Monomials with coefficients without a common factor, which sum up to 0."""


def relations(points: Sequence[Sequence[int]], degree: int) -> list[Relation]:
    """What all points satisfy, up to a degree, which falls where points are too few to tell.

    Relations are made from the first points and some of the others, then again with points that refute what was made."""
    distinct = list(dict.fromkeys(map(tuple, points)))
    if not distinct:
        return []
    half = MOST_POINTS // 2
    rest = distinct[half:]
    chosen = distinct[:half] + rest[:: max(1, len(rest) // half)][:half]
    for _ in range(ROUNDS):
        found = _vanishing(chosen, len(distinct[0]), degree)
        refuting = {p: None for r in found for p in _refuting(r, distinct)}
        if not refuting:
            return found
        chosen = [*chosen[len(refuting) :], *refuting]
    return [r for r in found if not _refuting(r, distinct)]


def _refuting(relation: Relation, points: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    return list(islice((p for p in points if _value(relation, p)), 4))


def _value(relation: Relation, point: Sequence[int]) -> int:
    return sum(c * prod([point[i] for i in m]) for m, c in relation.items())


def _vanishing(points: Sequence[Sequence[int]], width: int, degree: int) -> list[Relation]:
    columns = [[p[i] % PRIME for p in points] for i in range(width)]
    vectors: dict[Monomial, list[int]] = {}
    basis = _Basis()
    leading: list[Monomial] = []
    found: list[Relation] = []
    for monomial in _monomials(width, degree):
        if any(_divides(m, monomial) for m in leading):
            continue
        if len(basis.rows) + SPARE > len(points) or len(basis.rows) > MOST_VECTORS:
            break
        vector = _product(vectors, columns, monomial, len(points))
        combination = basis.added(vector, monomial)
        if combination is None:
            vectors[monomial] = vector
            continue
        leading.append(monomial)
        lifted = _lifted(combination)
        if lifted is not None:
            found.append(lifted)
    return found


def _monomials(width: int, degree: int) -> Iterator[Monomial]:
    made = 0
    for total in range(degree + 1):
        for monomial in combinations_with_replacement(range(width), total):
            if (made := made + 1) > MOST_MONOMIALS:
                return
            yield monomial


def _divides(small: Monomial, large: Monomial) -> bool:
    return all(small.count(i) <= large.count(i) for i in set(small))


def _product(vectors: dict[Monomial, list[int]], columns: list[list[int]], monomial: Monomial, count: int) -> list[int]:
    if not monomial:
        return [1] * count
    rest = vectors[monomial[:-1]]  # a part of a monomial that is no multiple is none either
    return [a * b % PRIME for a, b in zip(rest, columns[monomial[-1]], strict=True)]


class _Basis:
    """Vectors in echelon form, each with the combination of monomials that it is."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, list[int], dict[Monomial, int]]] = []

    def added(self, vector: list[int], monomial: Monomial) -> dict[Monomial, int] | None:
        """None, with the vector taken in; or, where it depends on those before, the combination that is 0."""
        combination = {monomial: 1}
        for pivot, row, made_of in self.rows:
            factor = vector[pivot]
            if factor:
                vector = [(a - factor * b) % PRIME for a, b in zip(vector, row, strict=True)]
                for key, count in made_of.items():
                    combination[key] = (combination.get(key, 0) - factor * count) % PRIME
        pivot = next((i for i, a in enumerate(vector) if a), -1)
        if pivot < 0:
            return combination
        inverse = pow(vector[pivot], -1, PRIME)
        row = [a * inverse % PRIME for a in vector]
        self.rows.append((pivot, row, {k: c * inverse % PRIME for k, c in combination.items()}))
        return None


def _lifted(combination: dict[Monomial, int]) -> Relation | None:
    """With integers for what is there modulo the prime, or None if they would be too large to be meant."""
    fractions = {m: _fraction(c) for m, c in combination.items() if c}
    if any(f is None for f in fractions.values()):
        return None
    known = {m: f for m, f in fractions.items() if f is not None}
    shared = lcm(*[d for _, d in known.values()])
    result = {m: n * (shared // d) for m, (n, d) in known.items()}
    return result if all(abs(c) <= LARGEST for m, c in result.items() if m) else None


def _fraction(residue: int) -> tuple[int, int] | None:
    """The fraction with small numerator and denominator that the residue stands for (Wang 1981)."""
    a, b, s, t = PRIME, residue, 0, 1
    while b > LARGEST_CONSTANT:
        a, b, s, t = b, a % b, t, s - (a // b) * t
    if abs(t) > LARGEST:
        return None
    return (b, t) if t > 0 else (-b, -t)
