"""Finite ranges of quantified variables, read off the guards of the body.

`forall i, j :: 0 <= i < j < n ==> P` is decided by the pairs below n, because any other makes a guard false.  Guards are
linear comparisons; intervals are found by bounds propagation, again after each variable that has been given a value, so that
ranges may depend on variables bound earlier.  What is left out makes the guards false, and guards are taken only as far as
everything to their left certainly has a value: so nothing that is left out can fail either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from prover.kernel.sort import INT, Bool, Sort, bounds, is_numeric
from prover.kernel.term import App, Lit, Op, Quant, Term, Var, free_variables

Interval = tuple[int | None, int | None]

# A range with more values than this is not enumerated; a window into it is searched instead.
LARGEST_RANGE = 70_000

_WINDOW = {1: 24, 2: 10, 3: 5}
_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Guard:
    """sum(coefficient * variable) + sum(factor * term) + constant <= 0."""

    variables: tuple[tuple[str, int], ...]
    terms: tuple[tuple[int, Term], ...]
    constant: int


@dataclass(frozen=True, slots=True)
class Either:
    """One of the branches holds: all guards of it."""

    branches: tuple[tuple[Guard | Either, ...], ...]


@dataclass(frozen=True, slots=True)
class Guards:
    """What is read off one quantifier, once.  sorts: of its variables, and of those bound by quantifiers right inside it."""

    quantified: tuple[Var, ...]
    sorts: Mapping[str, Sort]
    found: tuple[Guard | Either, ...]


@dataclass(frozen=True, slots=True)
class Bounded:
    """A guard whose terms have been evaluated."""

    variables: tuple[tuple[str, int], ...]
    constant: int


@dataclass(frozen=True, slots=True)
class BoundedEither:
    branches: tuple[tuple[Bounded | BoundedEither, ...], ...]


def bounded(found: Sequence[Guard | Either], value: Callable[[Term], int | None]) -> tuple[list[Bounded | BoundedEither], bool]:
    """The guards with their terms evaluated, up to the first that holds a term without a value, and whether there is none.

    value: of a term, None if it has none; what stands to the right of such a term is guarded by it."""
    result: list[Bounded | BoundedEither] = []
    for guard in found:
        if isinstance(guard, Either):
            branches = [bounded(b, value) for b in guard.branches]
            result.append(BoundedEither(tuple([tuple(b) for b, _ in branches])))
            if not all([whole for _, whole in branches]):
                return result, False
        else:
            constant = guard.constant
            for factor, term in guard.terms:
                known = value(term)
                if known is None:
                    return result, False
                constant += factor * known
            result.append(Bounded(guard.variables, constant))
    return result, True


def guards(term: Quant, total: Callable[[Term], bool]) -> Guards:
    """total: does a term certainly have a value?"""
    reader = _Reader(total, {v.name: v.sort for v in term.variables}, [])
    reader.read(term.body, not term.universal)
    return Guards(term.variables, reader.sorts, tuple(reader.found))


@dataclass(frozen=True, slots=True)
class _Reader:
    total: Callable[[Term], bool]
    sorts: dict[str, Sort]
    found: list[Guard | Either]

    def read(self, term: Term, truth: bool) -> bool:
        """Guards that hold wherever `term` has the truth value `truth`; False where reading must stop."""
        match term:
            case App(op=Op.AND, args=args) if truth:
                return self._each(args, True)
            case App(op=Op.OR, args=args) if not truth:
                return self._each(args, False)
            case App(op=Op.IMPLIES, args=(left, right)) if not truth:
                return self.read(left, True) and self.read(right, False)
            case App(op=Op.NOT, args=(inner,)):
                return self.read(inner, not truth)
            case App(op=Op.OR, args=args) if truth:
                return self._either([(a, True) for a in args])
            case App(op=Op.AND, args=args) if not truth:
                return self._either([(a, False) for a in args])
            case App(op=Op.IMPLIES, args=(left, right)) if truth:
                return self._either([(left, False), (right, True)])
            case Quant() if term.universal is not truth and not any([v.name in self.sorts for v in term.variables]):
                self.sorts.update({v.name: v.sort for v in term.variables})
                return self.read(term.body, truth)
            case App(op=Op.LT | Op.LE | Op.GT | Op.GE | Op.EQ | Op.NE, args=(left, right)) if is_numeric(left.sort):
                return self._comparison(term.op if truth else _OPPOSITE[term.op], left, right) or self.total(term)
            case _:
                return self.total(term)

    def _each(self, parts: tuple[Term, ...], truth: bool) -> bool:
        return all(self.read(part, truth) for part in parts)  # stops at the first that says so

    def _either(self, parts: Sequence[tuple[Term, bool]]) -> bool:
        """Each branch for itself.  What follows may be used only if nothing in any branch can fail."""
        branches: list[tuple[Guard | Either, ...]] = []
        total = True
        for part, truth in parts:
            branch = _Reader(self.total, self.sorts, [])
            total = branch.read(part, truth) and total
            branches.append(tuple(branch.found))
        self.found.append(Either(tuple(branches)))
        return total

    def _comparison(self, op: Op, left: Term, right: Term) -> bool:
        difference = _Sum({}, [])
        if not (difference.add(left, 1, self.sorts) and difference.add(right, -1, self.sorts)):
            return False
        for sign, constant in _AT_MOST[op]:
            self.found.append(difference.guard(sign, constant))
        return op is not Op.NE


# left - right: the (sign, constant) of each `sign * (left - right) + constant <= 0` that a comparison means.
_AT_MOST: Mapping[Op, Sequence[tuple[int, int]]] = {
    Op.LE: [(1, 0)],
    Op.LT: [(1, 1)],
    Op.GE: [(-1, 0)],
    Op.GT: [(-1, 1)],
    Op.EQ: [(1, 0), (-1, 0)],
    Op.NE: [],
}
_OPPOSITE = {Op.LE: Op.GT, Op.LT: Op.GE, Op.GE: Op.LT, Op.GT: Op.LE, Op.EQ: Op.NE, Op.NE: Op.EQ}


@dataclass(slots=True)
class _Sum:
    variables: dict[str, int]
    terms: list[tuple[int, Term]]
    constant: int = 0

    def add(self, term: Term, factor: int, names: Mapping[str, Sort]) -> bool:
        """Add factor * term; False if it is not linear in `names`.  Machine arithmetic wraps around: it is no sum."""
        match term:
            case Lit(value=int(value)):
                self.constant += factor * value
                return True
            case Var(name=name) if name in names:
                self.variables[name] = self.variables.get(name, 0) + factor
                return True
            case App(op=Op.VALUE, args=(inner,)):
                return self.add(inner, factor, names)
            case App(op=Op.ADD | Op.SUB | Op.NEG, sort=sort, args=args) if sort == INT:
                signs = _signs(term.op, len(args))
                return all([self.add(a, factor * s, names) for a, s in zip(args, signs, strict=True)])
            case App(op=Op.MUL, sort=sort, args=(Lit(value=int(scale)), other)) if sort == INT:
                return self.add(other, factor * scale, names)
            case App(op=Op.MUL, sort=sort, args=(other, Lit(value=int(scale)))) if sort == INT:
                return self.add(other, factor * scale, names)
        if any([name in names for name in free_variables(term)]):
            return False
        self.terms.append((factor, term))
        return True

    def guard(self, sign: int, constant: int) -> Guard:
        variables = tuple([(n, sign * c) for n, c in self.variables.items() if c])
        return Guard(variables, tuple([(sign * f, t) for f, t in self.terms]), sign * self.constant + constant)


def _signs(op: Op, count: int) -> Sequence[int]:
    if op is Op.NEG:
        return [-1]
    return [1] * count if op is Op.ADD else [1, -1]


@dataclass(slots=True)
class Instances:
    """The assignments of values to the quantified variables that have to be looked at.

    complete: whether, once they have all been seen, these were all that matter (else some were a window's)."""

    guards: Guards
    bounded: Sequence[Bounded | BoundedEither]
    complete: bool = True

    def __iter__(self) -> Iterator[dict[str, int | bool]]:
        start = {n: _interval(s) for n, s in self.guards.sorts.items()}
        return self._assign(list(self.guards.quantified), start, {})

    def _assign(
        self, left: list[Var], intervals: dict[str, Interval], chosen: dict[str, int | bool]
    ) -> Iterator[dict[str, int | bool]]:
        narrowed = _propagate(self.bounded, intervals)
        if narrowed is None:
            return
        variable = min(left, key=lambda v: _width(narrowed[v.name]))
        rest = [v for v in left if v is not variable]
        for value in self._values(narrowed[variable.name]):
            chosen = {**chosen, variable.name: bool(value) if isinstance(variable.sort, Bool) else value}
            if rest:
                yield from self._assign(rest, {**narrowed, variable.name: (value, value)}, chosen)
            else:
                yield chosen

    def _values(self, interval: Interval) -> range:
        low, high = interval
        if low is not None and high is not None and high - low < LARGEST_RANGE:
            return range(low, high + 1)
        self.complete = False
        reach = _WINDOW.get(len(self.guards.quantified), 2)
        if low is not None:
            return range(low, low + 2 * reach)
        if high is not None:
            return range(high - 2 * reach + 1, high + 1)
        return range(-reach, reach + 1)


def _interval(sort: Sort) -> Interval:
    return (0, 1) if isinstance(sort, Bool) else bounds(sort)


def _width(interval: Interval) -> float:
    low, high = interval
    return float("inf") if low is None or high is None or high - low > LARGEST_RANGE else high - low


def _propagate(bounded: Sequence[Bounded | BoundedEither], intervals: Mapping[str, Interval]) -> dict[str, Interval] | None:
    """Smaller intervals that hold every solution; None if there is none."""
    result = dict(intervals)
    for _ in range(_ROUNDS):
        changed = False
        for guard in bounded:
            if isinstance(guard, BoundedEither):
                continue
            narrowed = _narrow(guard, result)
            if narrowed is None:
                return None
            changed = narrowed or changed
        if not changed:
            break
    for guard in bounded:
        if isinstance(guard, BoundedEither):
            found = [b for branch in guard.branches if (b := _propagate(branch, result)) is not None]
            if not found:
                return None
            result = {name: _hull([b[name] for b in found]) for name in result}
    return result


def _narrow(guard: Bounded, intervals: dict[str, Interval]) -> bool | None:
    """Tighten by one guard: whether that changed anything, None if nothing is left."""
    if not guard.variables and guard.constant > 0:
        return None
    changed = False
    for name, coefficient in guard.variables:
        limit = _limit(guard, name, intervals)
        if limit is not None and (better := _tighter(intervals[name], coefficient, limit)) is not None:
            intervals[name] = better
            changed = True
            low, high = better
            if low is not None and high is not None and low > high:
                return None
    return changed


def _hull(found: Sequence[Interval]) -> Interval:
    lows = [low for low, _ in found if low is not None]
    highs = [high for _, high in found if high is not None]
    return min(lows) if len(lows) == len(found) else None, max(highs) if len(highs) == len(found) else None


def _limit(guard: Bounded, name: str, intervals: Mapping[str, Interval]) -> int | None:
    """The most that coefficient * name can be, the other variables being within their intervals."""
    total = -guard.constant
    for other, coefficient in guard.variables:
        if other != name:
            end = intervals[other][coefficient < 0]
            if end is None:
                return None
            total -= coefficient * end
    return total


def _tighter(interval: Interval, coefficient: int, limit: int) -> Interval | None:
    low, high = interval
    if coefficient > 0:
        most = limit // coefficient
        return (low, most) if high is None or most < high else None
    least = -(limit // -coefficient)
    return (least, high) if low is None or least > low else None
