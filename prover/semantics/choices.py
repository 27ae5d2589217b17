"""Where the values of `*` come from, and of what the program leaves open.

A run records each choice that it was given, so that `RecordedChoices` of that record replays it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, assert_never

from prover.kernel.sort import Array, Bool, Int, Machine, Nat, Sort
from prover.semantics.values import Value, conforms
from prover.source import Span

Applied = tuple[str, tuple[Value, ...]]


class NoChoice(Exception):
    """No (fitting) choice is left; the message says why."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice that a run made.  what: the variable, `if *`, `while *` or the bodiless procedure's outcome it was made for."""

    value: Value
    what: str
    span: Span | None


class Choices(Protocol):
    """A source of choices.  functions: values of uninterpreted functions at arguments; `terminates(p)` is one without any."""

    @property
    def functions(self) -> Mapping[Applied, Value]: ...

    def take(self, sort: Sort, witness: Value | None) -> Value:
        """A value of `sort`; `witness` is what the program's `choose` offers.  Raises NoChoice."""


@dataclass(frozen=True, slots=True)
class RecordedChoices:
    """The given values in order."""

    values: Iterable[Value]
    functions: Mapping[Applied, Value] = field(default_factory=dict)
    _left: list[Value] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._left.extend(reversed(tuple(self.values)))

    def take(self, sort: Sort, witness: Value | None) -> Value:
        if not self._left:
            raise NoChoice("the recorded choices are used up")
        value = self._left.pop()
        if not conforms(value, sort):
            raise NoChoice(f"a recorded choice is not of type `{sort}`")
        return value


@dataclass(frozen=True, slots=True)
class SuggestedChoices:
    """The given numbers in order, as far as they fit (truth values are 0 and 1); random values for the others."""

    numbers: Iterable[int]
    functions: Mapping[Applied, Value] = field(default_factory=dict)
    _left: list[int] = field(init=False, default_factory=list)
    _others: RandomChoices = field(init=False)

    def __post_init__(self) -> None:
        self._left.extend(reversed(tuple(self.numbers)))
        object.__setattr__(self, "_others", RandomChoices(0))

    def take(self, sort: Sort, witness: Value | None) -> Value:
        if self._left:
            number = self._left.pop()
            value = number == 1 if isinstance(sort, Bool) else number
            if conforms(value, sort):
                return value
        return self._others.take(sort, witness)


@dataclass(frozen=True, slots=True)
class RandomChoices:
    """Small values and those at the bounds are likely.  follow_witness: take what `choose` offers where it offers something.
    numbers: integers that are likely, too."""

    seed: int
    follow_witness: bool = False
    functions: Mapping[Applied, Value] = field(default_factory=dict)
    numbers: Sequence[int] = ()
    _made: list[random.Random] = field(init=False, default_factory=list)

    @property
    def _random(self) -> random.Random:
        """Made when something is chosen: most runs choose nothing, and seeding takes longer than a short run."""
        if not self._made:
            self._made.append(random.Random(self.seed))  # noqa: S311 - the same choices for the same seed
        return self._made[0]

    def take(self, sort: Sort, witness: Value | None) -> Value:
        if self.follow_witness and witness is not None and conforms(witness, sort):
            return witness
        if self.numbers and isinstance(sort, Int) and self._random.random() < 0.5:
            return self._random.choice(self.numbers)
        return any_value(sort, self._random)


def any_value(sort: Sort, rng: random.Random) -> Value:
    """A random value of a sort: mostly small, sometimes at a bound, rarely large; arrays have 0 to 5 elements."""
    match sort:
        case Bool():
            return rng.random() < 0.5
        case Array(element=element):
            return tuple([any_value(element, rng) for _ in range(rng.choice((0, 1, 1, 2, 2, 3, 3, 4, 5)))])
        case Machine():
            return _machine(sort, rng)
        case Nat():
            return abs(_integer(rng))
        case Int():
            return _integer(rng)
        case _:
            assert_never(sort)


def _integer(rng: random.Random) -> int:
    spread = rng.choice((2, 2, 5, 5, 12, 100, 10_000))
    return rng.randint(-spread, spread)


def _machine(sort: Machine, rng: random.Random) -> int:
    kind = rng.random()
    if kind < 0.25:
        return rng.choice((sort.low, sort.low + 1, sort.high - 1, sort.high, sort.high // 2, sort.high // 2 + 1))
    if kind < 0.4:
        return rng.randint(sort.low, sort.high)
    return min(max(_integer(rng), sort.low), sort.high)
