"""The domain of intervals (Cousot & Cousot 1977): sets of integers by their ends, what operators make of them, and one for each
of some variables.

Every operation is sound: its interval holds each value that the operator has on values of the intervals given.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from prover.kernel.sort import Sort, bounds
from prover.kernel.term import Var

LARGEST_BITS = 2_000
"""An end with more bits is taken to be infinite."""

End = int | float
"""An integer, or `inf` or `-inf`."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The integers from low to high, at least one; an end that is infinite is none."""

    low: End
    high: End

    def __contains__(self, value: int) -> bool:
        return self.low <= value <= self.high


WHOLE = Interval(-inf, inf)
NATURAL = Interval(0, inf)


def point(value: int) -> Interval:
    return made(value, value)


def made(low: End, high: End) -> Interval:
    return Interval(low if _is_small(low) else -inf, high if _is_small(high) else inf)


def _is_small(end: End) -> bool:
    return isinstance(end, int) and end.bit_length() <= LARGEST_BITS


def range_of(sort: Sort) -> Interval:
    low, high = bounds(sort)
    return Interval(-inf if low is None else low, inf if high is None else high)


def within(inner: Interval, outer: Interval) -> bool:
    return outer.low <= inner.low and inner.high <= outer.high


def join(a: Interval, b: Interval) -> Interval:
    return Interval(min(a.low, b.low), max(a.high, b.high))


def meet(a: Interval, b: Interval) -> Interval | None:
    """None if they have nothing in common."""
    low, high = max(a.low, b.low), min(a.high, b.high)
    return Interval(low, high) if low <= high else None


def widen(old: Interval, new: Interval, thresholds: Sequence[int]) -> Interval:
    """An end that moves goes to the next of the thresholds, which are in order, or is given up."""
    low, high = old.low, old.high
    if new.low < low:
        place = bisect_right(thresholds, new.low)
        low = thresholds[place - 1] if place else -inf
    if new.high > high:
        place = bisect_left(thresholds, new.high)
        high = thresholds[place] if place < len(thresholds) else inf
    return Interval(low, high)


def add(a: Interval, b: Interval) -> Interval:
    return made(_sum(a.low, b.low), _sum(a.high, b.high))


def _sum(a: End, b: End) -> End:
    """Of ends on the same side, so that infinite ones do not cancel; a large integer is not to become a float."""
    if isinstance(a, int):
        return a + b if isinstance(b, int) else b
    return a


def negated(a: Interval) -> Interval:
    return Interval(-a.high, -a.low)


def subtract(a: Interval, b: Interval) -> Interval:
    return add(a, negated(b))


def multiply(a: Interval, b: Interval) -> Interval:
    return _hull([_product(x, y) for x in (a.low, a.high) for y in (b.low, b.high)])


def _product(a: End, b: End) -> End:
    if isinstance(a, int) and isinstance(b, int):
        return a * b
    return 0 if a == 0 or b == 0 else inf if (a > 0) == (b > 0) else -inf


def _hull(ends: Iterable[End]) -> Interval:
    every = list(ends)
    return made(min(every), max(every))


def divide(a: Interval, b: Interval) -> Interval:
    """Euclidean: rounded down for a positive divisor, so that the remainder is never negative.  Zero divides nothing."""
    up, down = meet(b, Interval(1, inf)), meet(negated(b), Interval(1, inf))
    parts = [] if up is None else [_divided(a, up)]
    parts += [] if down is None else [negated(_divided(a, down))]
    return WHOLE if not parts else parts[0] if len(parts) == 1 else join(*parts)


def _divided(a: Interval, b: Interval) -> Interval:
    """For positive divisors the quotient rises or falls with either, so that corners have its ends."""
    return _hull([_quotient(x, y) for x in (a.low, a.high) for y in (b.low, b.high)])


def _quotient(a: End, b: End) -> End:
    if isinstance(a, int) and isinstance(b, int):
        return a // b
    if isinstance(b, int):
        return a
    return -1 if a < 0 else 0


def modulo(a: Interval, b: Interval) -> Interval:
    """Euclidean: from 0 to below the divisor's absolute value."""
    size = max(-b.low, b.high)
    smallest = max(b.low, -b.high, 1)  # of the absolute values
    if a.low >= 0 and a.high < smallest:
        return a
    ends = (a.low, a.high, size)
    if smallest == size and all(isinstance(e, int) for e in ends) and a.low // size == a.high // size:
        return Interval(a.low % size, a.high % size)
    high = size - 1 if isinstance(size, int) else inf
    return made(0, max(0, min(high, a.high) if a.low >= 0 else high))


def fitted(a: Interval, sort: Sort, wraps: bool) -> Interval:
    """The result of an operator: a value out of the sort's range wraps around, or there is none."""
    everything = range_of(sort)
    if within(a, everything):
        return a
    return (None if wraps else meet(a, everything)) or everything


# Variables

Ranges = Mapping[str, Interval]
"""By variable; one that is missing may have any value of its sort."""


def put(ranges: Ranges, variable: Var, value: Interval) -> Ranges | None:
    """With the value in the variable's place; None if its sort has no such value."""
    everything = range_of(variable.sort)
    kept = meet(value, everything)
    if kept is None:
        return None
    if kept == ranges.get(variable.name, everything):
        return ranges
    others = {n: r for n, r in ranges.items() if n != variable.name}
    return others if kept == everything else {**others, variable.name: kept}


def joined(a: Ranges | None, b: Ranges | None) -> Ranges | None:
    """None is a place that no run reaches."""
    if a is None or b is None:
        return b if a is None else a
    return a if a is b else {n: join(r, b[n]) for n, r in a.items() if n in b}


def met(a: Ranges, b: Ranges) -> Ranges | None:
    found = {**a, **b}
    for name, value in a.items():
        both = meet(value, b[name]) if name in b else value
        if both is None:
            return None
        found[name] = both
    return found


def put_all(ranges: Ranges, values: Iterable[tuple[Var, Interval]]) -> Ranges | None:
    found: Ranges | None = ranges
    for variable, value in values:
        found = None if found is None else put(found, variable, value)
    return found


def covers(wide: Ranges, narrow: Ranges) -> bool:
    return all(n in narrow and within(narrow[n], r) for n, r in wide.items())
