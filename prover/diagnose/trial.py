"""Small values that show what is known at a point to be possible, without a solver and without the interpreter.

The values are searched for in the order in which the facts stand: a variable that a fact equates with something known gets that
value, others one from a short list, and a fact that is not certainly true sends the search back.  What it does not find may
still be so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from prover.kernel.goal import Defines, Fact, Joins
from prover.kernel.sort import Array, Bool, Int, Nat, Sort
from prover.kernel.term import App, Call, Lit, Op, Quant, Term, Var, conjuncts, free_variables
from prover.kernel.theory import Theory
from prover.record import record

STEPS = 300  # choices, definitions and evaluations of facts; most searches take less than fifty
MOST_NODES = 2_000
_INTEGERS = (0, 1, 2, 3, 6, -1, 10)
_ARRAYS = ((0, 0, 0, 0), (0, 1, 2, 3), (), (1,), (3, 2, 1, 0))
_DEPTH, _CALLS = 12, 3_000
_WINDOW = 4  # bound variables get each value up to this, and all beyond at once


@record
class Between:
    """Some integer of an interval; the ends may be infinite."""

    low: float
    high: float


Value = int | bool | Between | tuple[int, ...] | None
"""None: not known."""
Environment = dict[str, Value]
Meaning = Callable[[Environment], Value]


@record
class _Check:
    holds: Meaning


@record
class _Choose:
    name: str
    values: Sequence[Value]


@record
class _Define:
    name: str
    meaning: Meaning


def possible(facts: Iterable[Fact], theory: Theory) -> bool:
    """Do a few small values make all the facts true?"""
    steps, nodes = list(_steps(facts, theory)), 0
    for fact in facts:
        if isinstance(fact, Joins):
            return False
        nodes += (fact.term if isinstance(fact, Defines) else fact.formula).size
    return nodes <= MOST_NODES and _Search(steps).found()


def _steps(facts: Iterable[Fact], theory: Theory) -> Iterator[_Check | _Choose | _Define]:
    """What to do, in order, to have values for the facts and to see that they are true."""
    known: set[str] = set()
    functions = Functions(theory)

    def choices(term: Term) -> Iterator[_Choose]:
        for variable in free_variables(term).values():
            if variable.name not in known:
                known.add(variable.name)
                yield _Choose(variable.name, _candidates(variable.sort))

    for fact in facts:
        if isinstance(fact, Joins):
            return
        if isinstance(fact, Defines):
            yield from choices(fact.term)
            known.add(fact.variable.name)
            yield _Define(fact.variable.name, meaning(fact.term, functions))
            continue
        for part in conjuncts(fact.formula):
            solved = _solved(part, known)
            if solved is not None:
                name, value, scale = solved
                yield from choices(value)
                known.add(name)
                yield _Define(name, _quotient(meaning(value, functions), scale))
            yield from choices(part)
            yield _Check(meaning(part, functions))


def _solved(formula: Term, known: set[str]) -> tuple[str, Term, int] | None:
    """`v = t` and `c * v = t`, for a variable that has no value yet: its name, `t`, `c`."""
    match formula:
        case App(op=Op.EQ, args=(Var() as variable, value)):
            scale = 1
        case App(op=Op.EQ, args=(App(op=Op.MUL, args=(Lit(value=int() as scale), Var() as variable)), value)) if scale:
            pass
        case _:
            return None
    fresh = variable.name not in known and variable.name not in free_variables(value)
    return (variable.name, value, scale) if fresh else None


def _quotient(value: Meaning, scale: int) -> Meaning:
    def divided(environment: Environment) -> Value:
        whole = value(environment)
        return whole // scale if isinstance(whole, int) else None

    return value if scale == 1 else divided


def _candidates(sort: Sort) -> Sequence[Value]:
    match sort:
        case Bool():
            return (False, True)
        case Int():
            return _INTEGERS
        case Array(element=Int() | Nat()):
            return _ARRAYS
        case Array():
            return (None,)
        case _:
            return tuple([v for v in _INTEGERS if v >= 0])


@record
class _Search:
    """Depth first, with a bound on the work."""

    steps: Sequence[_Check | _Choose | _Define]

    def found(self) -> bool:
        """Iterative, since paths are long: a choice that has failed is taken up again with its next value."""
        environment: Environment = {}
        open_choices: list[tuple[int, Iterator[Value]]] = []
        place, left = 0, STEPS
        while place < len(self.steps) and left > 0:
            left -= 1
            step, good = self.steps[place], True
            match step:
                case _Choose(name, values):
                    rest = iter(values)
                    environment[name] = next(rest)
                    open_choices.append((place, rest))
                case _Define(name, meant):
                    environment[name] = meant(environment)
                case _Check(holds):
                    good = holds(environment) is True
            if good:
                place += 1
                continue
            while open_choices:
                chosen, rest = open_choices[-1]
                value = next(rest, rest)
                if value is not rest:
                    choice = self.steps[chosen]
                    assert isinstance(choice, _Choose) and not isinstance(value, Iterator)
                    environment[choice.name] = value
                    place = chosen + 1
                    break
                open_choices.pop()
            else:
                return False
        return place == len(self.steps)


@dataclass(slots=True)
class Functions:
    """What the functions of a theory are of values: what their bodies say, in recursions as far as `_DEPTH` calls go."""

    theory: Theory
    _bodies: dict[str, Meaning] = field(default_factory=dict)
    _depth: int = 0
    _calls: int = 0

    def value(self, name: str, given: Sequence[Value]) -> Value:
        function = self.theory.functions.get(name)
        if function is None or function.body is None or self._depth >= _DEPTH or self._calls >= _CALLS or None in given:
            return None
        if name not in self._bodies:
            self._bodies[name] = meaning(function.body, self)
        self._depth += 1
        self._calls += 1
        try:
            return self._bodies[name](dict(zip([p.name for p in function.parameters], given, strict=True)))
        finally:
            self._depth -= 1


def meaning(term: Term, functions: Functions) -> Meaning:
    """The term as a function of its variables' values."""
    match term:
        case Lit(value=value):
            return lambda _: value
        case Var(name=name):
            return lambda environment: environment.get(name)
        case Quant():
            return _quantified(term, meaning(term.body, functions))
        case Call(function=name, args=args):
            given = [meaning(a, functions) for a in args]
            return lambda environment: functions.value(name, [g(environment) for g in given])
        case App(op=op, args=args):
            return _applied(op, [meaning(a, functions) for a in args], args[0].sort if args else None)
        case _:
            return _unknown


def _unknown(_: Environment) -> Value:
    return None


def _applied(op: Op, parts: Sequence[Meaning], sort: Sort | None) -> Meaning:
    match op:
        case Op.AND:
            return lambda e: _all(p(e) for p in parts)
        case Op.OR:
            return lambda e: _not(_all(_not(p(e)) for p in parts))
        case Op.IMPLIES:
            left, right = parts
            return lambda e: _implied(left(e), right, e)
        case Op.NOT:
            (inner,) = parts
            return lambda e: _not(inner(e))
        case Op.ITE:
            condition, then, orelse = parts
            return lambda e: _choice(condition(e), then, orelse, e)
        case _:
            return _computed(op, parts, sort)


def _computed(op: Op, parts: Sequence[Meaning], sort: Sort | None) -> Meaning:
    if op in _COMPARED and not isinstance(sort, Array):
        compare, (first, second) = _COMPARED[op], parts
        return lambda e: compare(first(e), second(e))
    if isinstance(sort, Int | Nat) and op in _ARITHMETIC:
        compute = _ARITHMETIC[op]
        return lambda e: compute([p(e) for p in parts])
    if op in _ON_ARRAYS:
        act = _ON_ARRAYS[op]
        return lambda e: act([p(e) for p in parts])
    return _unknown


def _all(values: Iterable[Value]) -> Value:
    result: Value = True
    for value in values:
        if value is False:
            return False
        if value is not True:
            result = None
    return result


def _not(value: Value) -> Value:
    return (not value) if isinstance(value, bool) else None


def _implied(left: Value, right: Meaning, environment: Environment) -> Value:
    if left is False:
        return True
    value = right(environment)
    return value if left is True else True if value is True else None


def _choice(condition: Value, then: Meaning, orelse: Meaning, environment: Environment) -> Value:
    if not isinstance(condition, bool):
        return None
    return then(environment) if condition else orelse(environment)


def _quantified(term: Quant, body: Meaning) -> Meaning:
    """True or false only where that is certain: each small value is tried, and all the others at once."""
    names = [v.name for v in term.variables]
    ranges = [_range(v.sort) for v in term.variables]
    if len(names) > 2:
        ranges = [(None,)] * len(names)

    def value(environment: Environment) -> Value:
        values = (body({**environment, **dict(zip(names, chosen, strict=True))}) for chosen in product(*ranges))
        return _all(values) if term.universal else _not(_all(_not(v) for v in values))

    return value


def _range(sort: Sort) -> Sequence[Value]:
    match sort:
        case Bool():
            return (False, True)
        case Int():
            return (*range(-1, _WINDOW), Between(-math.inf, -2), Between(_WINDOW, math.inf))
        case Nat():
            return (*range(_WINDOW), Between(_WINDOW, math.inf))
        case _:
            return (None,)


def _ends(value: Value) -> tuple[float, float] | None:
    match value:
        case Between(low, high):
            return low, high
        case int():  # truth values too: they compare as 0 and 1
            return value, value
        case _:
            return None


def _less(left: Value, right: Value) -> Value:
    first, second = _ends(left), _ends(right)
    if first is None or second is None:
        return None
    if first[1] < second[0]:
        return True
    return False if first[0] >= second[1] else None


def _equal(left: Value, right: Value) -> Value:
    if isinstance(left, int) and isinstance(right, int):
        return left == right
    return False if _less(left, right) is True or _less(right, left) is True else None


_COMPARED: Mapping[Op, Callable[[Value, Value], Value]] = {
    Op.LT: _less,
    Op.GE: lambda a, b: _not(_less(a, b)),
    Op.GT: lambda a, b: _less(b, a),
    Op.LE: lambda a, b: _not(_less(b, a)),
    Op.EQ: _equal,
    Op.IFF: _equal,
    Op.NE: lambda a, b: _not(_equal(a, b)),
}


def _sum(values: Sequence[Value]) -> Value:
    numbers = [v for v in values if type(v) is int]
    if len(numbers) == len(values):
        return sum(numbers)
    ends = [e for v in values if (e := _ends(v)) is not None]
    return Between(sum([e[0] for e in ends]), sum([e[1] for e in ends])) if len(ends) == len(values) else None


def _negative(values: Sequence[Value]) -> Value:
    (value,) = values
    match value:
        case Between(low, high):
            return Between(-high, -low)
        case int():
            return -value
        case _:
            return None


def _product(values: Sequence[Value]) -> Value:
    numbers = [v for v in values if type(v) is int]
    return math.prod(numbers) if len(numbers) == len(values) else None


def _divided(values: Sequence[Value]) -> Value:
    whole, divisor = values
    return whole // divisor if type(whole) is int and type(divisor) is int and divisor > 0 else None


def _remainder(values: Sequence[Value]) -> Value:
    whole, divisor = values
    return whole % divisor if type(whole) is int and type(divisor) is int and divisor > 0 else None


_ARITHMETIC: Mapping[Op, Callable[[Sequence[Value]], Value]] = {
    Op.ADD: _sum,
    Op.SUB: lambda v: _sum([v[0], _negative([v[1]])]),
    Op.NEG: _negative,
    Op.MUL: _product,
    Op.DIV: _divided,
    Op.MOD: _remainder,
}


def _element(values: Sequence[Value]) -> Value:
    array, index = values
    return array[index] if isinstance(array, tuple) and isinstance(index, int) and 0 <= index < len(array) else None


def _stored(values: Sequence[Value]) -> Value:
    array, index, element = values
    if not (isinstance(array, tuple) and isinstance(index, int) and isinstance(element, int) and 0 <= index < len(array)):
        return None
    return (*array[:index], element, *array[index + 1 :])


def _same(values: Sequence[Value]) -> Value:
    first, second = values
    return first == second if isinstance(first, tuple) and isinstance(second, tuple) else None


def _permutation(values: Sequence[Value]) -> Value:
    first, second = values
    return sorted(first) == sorted(second) if isinstance(first, tuple) and isinstance(second, tuple) else None


_ON_ARRAYS: Mapping[Op, Callable[[Sequence[Value]], Value]] = {
    Op.SELECT: _element,
    Op.STORE: _stored,
    Op.LEN: lambda v: len(v[0]) if isinstance(v[0], tuple) else None,
    Op.EQ: _same,
    Op.NE: lambda v: _not(_same(v)),
    Op.PERM: _permutation,
}
