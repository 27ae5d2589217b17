"""Sorts: what a term denotes.

`NAT` is `INT` with a range: a variable, array element or function result of sort `NAT` is known to be `>= 0`, and storing into
one has that obligation; arithmetic over it has sort `INT`.  Machine integers are the integers of their range; their arithmetic
is described with the operators (`term.Op`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Int:
    def __str__(self) -> str:
        return "int"


@dataclass(frozen=True, slots=True)
class Nat:
    def __str__(self) -> str:
        return "nat"


@dataclass(frozen=True, slots=True)
class Bool:
    def __str__(self) -> str:
        return "bool"


@dataclass(frozen=True, slots=True)
class Machine:
    """An integer of `width` bits (8, 16, 32 or 64), two's complement if `signed`."""

    width: int
    signed: bool

    @property
    def low(self) -> int:
        return -(1 << (self.width - 1)) if self.signed else 0

    @property
    def high(self) -> int:
        return (1 << (self.width - self.signed)) - 1

    def __str__(self) -> str:
        return f"{'int' if self.signed else 'uint'}{self.width}"


@dataclass(frozen=True, slots=True)
class Array:
    """A value: a length and that many elements.  Element sorts are invariant: `nat[]` is not `int[]`."""

    element: Sort

    def __str__(self) -> str:
        return f"{self.element}[]"


Sort = Int | Nat | Bool | Machine | Array

INT, NAT, BOOL = Int(), Nat(), Bool()
MACHINE = {str(m): m for m in (Machine(w, s) for w in (8, 16, 32, 64) for s in (False, True))}


def is_integer(sort: Sort) -> bool:
    """True of the sorts whose values are mathematical integers without a width."""
    return isinstance(sort, Int | Nat)


def is_numeric(sort: Sort) -> bool:
    return isinstance(sort, Int | Nat | Machine)


def bounds(sort: Sort) -> tuple[int | None, int | None]:
    """The least and greatest value of a scalar numeric sort; None where there is none."""
    match sort:
        case Nat():
            return 0, None
        case Machine():
            return sort.low, sort.high
        case _:
            return None, None


def same(a: Sort, b: Sort) -> bool:
    """May a value of sort `a` stand where `b` is expected, range obligations aside?  `int` and `nat` mix; nothing else does."""
    return a == b or (is_integer(a) and is_integer(b))
