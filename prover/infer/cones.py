"""Cones that affine steps do not leave (geometric nontermination arguments; Leike & Heizmann 2018).

A round that begins at the state `apex` is an affine map `x -> M x + c`, as long as the loop goes the same way.  Its first step
is the direction `y = M apex + c - apex`; further directions are `(M - s) d` for the one before, `d`, and a number `s >= 0`, so
that `M d` is a sum of directions with coefficients that are not negative.  Where that holds for the last one, too, the states
`apex + a1 d1 + ... + ak dk` with `a >= 0` are closed; and where no condition's form falls along a direction, all go that way.
In the paper each s is an eigenvalue; here it is an integer next to one, which makes up for those that are not rational.
For negative and complex eigenvalues several rounds are taken as one, and the cones at each of them together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import combinations_with_replacement

MOST_DIRECTIONS = 4
LARGEST_SHIFT = 32

Vector = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """x -> matrix x + constant, where forms with these normals are not negative."""

    matrix: Sequence[Vector]
    constant: Vector
    normals: Sequence[Vector]

    def turned(self, vector: Vector) -> Vector:
        return tuple([dot(row, vector) for row in self.matrix])

    def after(self, point: Vector) -> Vector:
        return plus(self.turned(point), self.constant)

    def then(self, second: Step) -> Step:
        columns = list(zip(*self.matrix, strict=True))
        matrix = [tuple([dot(row, c) for c in columns]) for row in second.matrix]
        normals = [tuple([dot(n, c) for c in columns]) for n in second.normals]
        return Step(matrix, second.after(self.constant), [*self.normals, *normals])


@dataclass(frozen=True, slots=True, eq=False)
class Cone:
    """The points apex + a1 * d1 + … + ak * dk with a >= 0; the directions are independent."""

    apex: Vector
    directions: Sequence[Vector]


def cone(step: Step, apex: Vector) -> Cone | None:
    """One that steps do not leave, and along which no normal falls."""
    powers: list[Vector] = []
    power = plus(step.after(apex), apex, -1)
    if any(dot(n, power) < 0 for n in step.normals):
        return None
    while (last := coordinates(powers, power)) is None:
        if len(powers) == MOST_DIRECTIONS:
            return None
        powers.append(power)
        power = step.turned(power)
    for shifts in combinations_with_replacement(_shifts([int(c) for c in last]), max(len(powers) - 1, 0)):
        directions = powers[:1]
        for shift in shifts:
            directions.append(plus(step.turned(directions[-1]), directions[-1], -shift))
        if all(dot(n, d) >= 0 for n in step.normals for d in directions):
            again = coordinates(directions, step.turned(directions[-1])) if directions else ()
            if again is not None and min(again, default=0) >= 0:
                return Cone(apex, directions)
    return None


def _shifts(last: Sequence[int]) -> list[int]:
    """0, and integers at or next to a zero of t^d = last[0] + last[1] t + ...: that is, to an eigenvalue.

    They are integers: what divides a matrix's characteristic polynomial has such coefficients, too (Gauss's lemma)."""
    values = [t ** len(last) - sum([c * t**i for i, c in enumerate(last)]) for t in range(LARGEST_SHIFT + 1)]
    zeros = [t for t, value in enumerate(values) if value == 0]
    between = [t for t in range(LARGEST_SHIFT) if values[t] * values[t + 1] < 0]
    return sorted({0, *zeros, *between, *[t + 1 for t in between]})


def coordinates(directions: Sequence[Vector], vector: Vector) -> list[Fraction] | None:
    """Of the vector as a sum of independent directions; None if it is no such sum."""
    inverse, rest = inverted(directions, len(vector))
    return None if any(_exact(row, vector) for row in rest) else [_exact(row, vector) for row in inverse]


def inverted(directions: Sequence[Vector], size: int) -> tuple[list[list[Fraction]], list[list[Fraction]]]:
    """For independent directions, rows that give a sum's coefficients, and rows that are 0 for sums and only for these."""
    count = len(directions)
    table = [[*[Fraction(d[i]) for d in directions], *[Fraction(i == j) for j in range(size)]] for i in range(size)]
    for column in range(count):
        pivot = next(r for r in range(column, size) if table[r][column])
        table[column], table[pivot] = table[pivot], table[column]
        top = [c / table[column][column] for c in table[column]]
        table = [
            top if r == column else [a - row[column] * b for a, b in zip(row, top, strict=True)] for r, row in enumerate(table)
        ]
    rows = [row[count:] for row in table]
    return rows[:count], rows[count:]


def dot(left: Sequence[int], right: Vector) -> int:
    return sum([a * b for a, b in zip(left, right, strict=True)])


def _exact(left: Sequence[Fraction], right: Vector) -> Fraction:
    return sum([a * b for a, b in zip(left, right, strict=True)], Fraction(0))


def plus(left: Vector, right: Vector, factor: int = 1) -> Vector:
    return tuple([a + factor * b for a, b in zip(left, right, strict=True)])


def cones(steps: Sequence[Step], apex: Vector) -> list[Cone]:
    """The one that all steps together lead back to, and where each of the others leads it; none if it loses a dimension."""
    found = cone(reduce(Step.then, steps), apex)
    made = [] if found is None else [found]
    for step in steps[:-1] if made else ():
        made.append(Cone(step.after(made[-1].apex), [step.turned(d) for d in made[-1].directions]))
    return made if all(independent(c.directions) for c in made) else []


def independent(vectors: Sequence[Vector]) -> bool:
    return all(coordinates(vectors[:i], v) is None for i, v in enumerate(vectors))
