"""Inputs of a run: read from words such as `x=5` and `a=[1, 2]`, or made up, small ones first."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import TypeAlias, assert_never

from prover.kernel.program import Procedure, Program
from prover.kernel.sort import Array, Bool, Int, Machine, Nat, Sort
from prover.kernel.term import App, Op, Term, Var, conjuncts, free_variables
from prover.semantics.choices import any_value
from prover.semantics.evaluate import Evaluator, Scope
from prover.semantics.needed import needed_inputs
from prover.semantics.values import LARGEST_ARRAY, Failure, Unknown, Value, conforms, default, display_name

_TOKEN = re.compile(r"\s*(?:(?P<number>[-−]?\d+)|(?P<word>[A-Za-z]+)|(?P<mark>[\[\],]))")
_MOST_DIGITS = 4_000
_MOST_NESTED = 50
_Side: TypeAlias = tuple[Var, Term, tuple[str, ...]]
_TRIES, _MOST_DRAWN = 30, 200_000  # for an input; and values for all of them
_FUEL, _TOTAL_FUEL = 10_000, 30_000


class BadInput(ValueError):
    """Inputs that do not fit the unit.  problems: one sentence each, without a full stop."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def read_inputs(unit: Procedure, words: Iterable[str]) -> dict[str, Value]:
    """Values of the unit's entry variables from `name=value` words.  A triple's variables that are written before they are
    read may be left out.

    Raises BadInput naming everything that is wrong: missing, unknown and repeated names, values of another type."""
    variables = {display_name(v.name): v for v in unit.entry_variables}
    found: dict[str, Value] = {}
    problems: list[str] = []
    given: set[str] = set()
    for word in words:
        name, equals, text = word.partition("=")
        name = name.strip()
        if not equals:
            problems.append(f"`{word}` is no input: write name=value")
        elif name not in variables:
            problems.append(_no_such(name, unit, variables))
        elif name in given:
            problems.append(f"`{name}` is given twice")
        else:
            given.add(name)
            try:
                found[variables[name].name] = read_value(text, variables[name].sort)
            except ValueError as wrong:
                problems.append(f"`{name}`: {wrong}")
    needed = {v.name for v in needed_inputs(unit)}
    problems += [_missing(name, v) for name, v in variables.items() if name not in given and v.name in needed]
    if problems:
        raise BadInput(tuple(problems))
    return {v.name: found.get(v.name, default(v.sort)) for v in unit.entry_variables}


def _no_such(name: str, unit: Procedure, variables: Mapping[str, Var]) -> str:
    known = ", ".join([f"`{n}`" for n in variables]) or "none"
    return f"`{unit.name}` has no input `{name}`; its inputs are: {known}"


def _missing(name: str, variable: Var) -> str:
    return f"no value is given for `{name}`, of type `{variable.sort}`: add {name}={_example(variable.sort)}"


def _example(sort: Sort) -> str:
    match sort:
        case Bool():
            return "true"
        case Array(element=element):
            return f"[{_example(element)}]"
        case Int() | Nat() | Machine():
            return "5"
        case _:
            assert_never(sort)


def read_value(text: str, sort: Sort) -> Value:
    """One value as it is written in a program: `-3`, `true`, `[[1], []]`.  Raises ValueError."""
    parts = _parts(text)
    value, end = _value(parts, 0, sort, 0)
    if end != len(parts):
        raise ValueError(f"`{parts[end]}` is not expected after the value")
    return value


def _parts(text: str) -> list[str]:
    parts: list[str] = []
    position, text = 0, text.rstrip()
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise ValueError(f"`{text[position:].strip()[:20]}` is no value")
        parts.append(found[0].strip().replace("−", "-"))
        position = found.end()
    return parts


def _value(parts: list[str], start: int, sort: Sort, depth: int) -> tuple[Value, int]:
    """The value that starts at `start`, and where it ends.  The sort says how deep it can be."""
    if depth > _MOST_NESTED:
        raise ValueError("arrays are nested too deeply")
    if start == len(parts):
        raise ValueError("a value is missing")
    part = parts[start]
    match sort:
        case Bool():
            if part not in ("true", "false"):
                raise ValueError(f"`{part}` is neither true nor false")
            return part == "true", start + 1
        case Array(element=element):
            if part != "[":
                raise ValueError(f"`{part}` is no `{sort}`: write [ ] around its elements")
            return _elements(parts, start + 1, element, depth + 1)
        case Int() | Nat() | Machine():
            return _number(part, sort), start + 1
        case _:
            assert_never(sort)


def _elements(parts: list[str], start: int, element: Sort, depth: int) -> tuple[Value, int]:
    items: list[Value] = []
    while parts[start : start + 1] != ["]"]:
        if items:
            if parts[start : start + 1] != [","]:
                raise ValueError("`,` or `]` is missing in the array")
            start += 1
        value, start = _value(parts, start, element, depth)
        items.append(value)
        if len(items) > LARGEST_ARRAY:
            raise ValueError("the array is too long")
    return tuple(items), start + 1


def _number(part: str, sort: Int | Nat | Machine) -> int:
    if not re.fullmatch(r"-?[0-9]+", part):
        raise ValueError(f"`{part}` is no `{sort}`")
    if len(part) > _MOST_DIGITS:
        raise ValueError(f"a number has more than {_MOST_DIGITS} digits")
    number = int(part)
    if isinstance(sort, Nat) and number < 0:
        raise ValueError(f"{number} is no `nat`: it is negative")
    if isinstance(sort, Machine) and not sort.low <= number <= sort.high:
        raise ValueError(f"{number} does not fit `{sort}`, whose values are {sort.low} to {sort.high}")
    return number


def small_inputs(unit: Procedure, seed: int, count: int, program: Program | None = None) -> Iterator[dict[str, Value]]:
    """`count` inputs of the unit's types, the same for the same seed: first all combinations of the smallest values as far as
    they are few, then boundary and random ones.

    program: the unit's; with it `requires` is aimed at (but not always met): random inputs are drawn again a few times until
    it is not false, and what it says to equal a term is set to that."""
    variables = unit.entry_variables
    rng = random.Random(seed)  # noqa: S311 - the same inputs for the same seed
    each = int((count // 4) ** (1 / max(1, len(variables))))
    tables = [_smallest(v.sort, each) for v in variables]
    few = math.prod([len(t) for t in tables]) <= count // 2
    combinations = _nearest(tables) if few else [[default(v.sort) for v in variables]]
    made = 0
    for values in islice(combinations, count):
        made += 1
        yield {v.name: x for v, x in zip(variables, values, strict=True)}
    aim = None if program is None else Aim(unit, Evaluator(program, fuel=_FUEL, total=_TOTAL_FUEL))
    tries = max(1, min(_TRIES, _MOST_DRAWN // max(1, count * len(variables)))) if aim else 1
    for _ in range(count - made if variables else 0):
        for attempt in range(tries):
            drawn = {v.name: _some(t, v.sort, rng) for v, t in zip(variables, tables, strict=True)}
            if attempt % 3 == 2:  # what is required of arrays most often
                drawn = {name: _in_order(value) for name, value in drawn.items()}
            if aim is None or aim.met(drawn):
                break
        yield drawn


def _in_order(value: Value) -> Value:
    """An array with its elements sorted, where they are numbers."""
    return tuple(sorted(value)) if isinstance(value, tuple) and all(isinstance(e, int) for e in value) else value


class Aim:
    """Makes inputs satisfy a unit's `requires` where that is easy."""

    def __init__(self, unit: Procedure, evaluator: Evaluator) -> None:
        self._required = [c.formula for c in unit.requires]
        self._evaluator = evaluator
        names = {v.name for v in unit.entry_variables}
        parts = [part for formula in self._required for part in conjuncts(formula)]
        equal = [part.args for part in parts if isinstance(part, App) and part.op is Op.EQ]
        self._equal = [sides for left, right in equal if (sides := [*_sides(right, left, names), *_sides(left, right, names)])]

    def met(self, values: dict[str, Value]) -> bool:
        """Is `requires` not false?  Sets first, in `values`, variables to what it says that they equal."""
        settled: set[str] = set()
        for sides in self._equal:
            self._equate(sides, values, settled)
        scope = Scope(values)
        return all(self._evaluator.value(formula, scope) is not False for formula in self._required)

    def _equate(self, sides: Sequence[_Side], values: dict[str, Value], settled: set[str]) -> None:
        for variable, other, mentioned in sides:
            if variable.name in settled:
                continue
            value = self._evaluator.value(other, Scope(values))
            if not isinstance(value, Failure | Unknown) and conforms(value, variable.sort):
                values[variable.name] = value
                settled |= {variable.name, *mentioned}
                return


def _sides(side: Term, other: Term, names: Container[str]) -> Iterator[_Side]:
    """A variable that equals a term without it, and what that mentions."""
    mentioned = free_variables(other)
    if isinstance(side, Var) and side.name in names and side.name not in mentioned:
        yield side, other, tuple(mentioned)


def starts(unit: Procedure, seed: int, count: int, program: Program) -> Iterator[dict[str, Value]]:
    """`count` initial states for runs with different choices: `small_inputs`, or the only state there is, again and again."""
    if unit.entry_variables:
        yield from small_inputs(unit, seed, count, program)
    else:
        yield from ({} for _ in range(count))


def _some(smallest: tuple[Value, ...], sort: Sort, rng: random.Random) -> Value:
    return rng.choice(smallest) if rng.random() < 0.3 else any_value(sort, rng)


def _nearest(tables: Sequence[Sequence[Value]]) -> list[tuple[Value, ...]]:
    """All combinations, those of the first values of each table first."""
    places = sorted(product(*[range(len(t)) for t in tables]), key=sum)
    return [tuple([t[p] for t, p in zip(tables, place, strict=True)]) for place in places]


def _smallest(sort: Sort, many: int = 0) -> tuple[Value, ...]:
    """The smallest values; of numbers `many`, but not too many nor too few."""
    match sort:
        case Bool():
            return False, True
        case Int():
            return 0, *[n for m in range(1, min(max(many, 5), 33) // 2 + 1) for n in (m, -m)], *((3,) if many < 6 else ())
        case Nat():
            return tuple(range(min(max(many, 4), 24)))
        case Machine():
            bounds = [sort.high, sort.high - 1] + ([-1, sort.low] if sort.signed else [])
            return (*range(min(max(many - len(bounds), 3), 16)), *bounds)
        case Array(element=element):
            some = tuple(islice(_smallest(element), 3))
            pairs = [(x, y) for x in some for y in some]
            return ((), *[(x,) for x in some], *pairs)
        case _:
            assert_never(sort)
