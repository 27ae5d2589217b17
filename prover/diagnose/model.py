"""Inputs and choices from a model of the solver: where a run might start that breaks a goal.

Only a proposal: quantifiers and recursive functions can make a model wrong.  The interpreter runs what is found here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

from prover.diagnose.explore import CHOICES
from prover.infer.sexpr import Sexpr, Unreadable, read
from prover.kernel.goal import Goal
from prover.kernel.oracle import Strategy, ask
from prover.kernel.smt import parts_of, symbol
from prover.kernel.sort import Array, Bool, Machine, Nat, Sort
from prover.kernel.term import Var
from prover.kernel.theory import Theory
from prover.record import record
from prover.semantics.values import Value, default

Send = Callable[[str], str]
"""A script to what z3 prints for it."""

LONGEST, ROWS, CHOICES_READ = 24, 5, 40
_STRATEGY = Strategy("model", 3, "(using-params smt :mbqi true)")


@record
class Model:
    """inputs: by the names of entry variables.  choices: in the order in which a run makes them; truth values are 0 and 1."""

    inputs: Mapping[str, Value]
    choices: tuple[int, ...]


def model(
    goals: Sequence[Goal], entry: Mapping[str, Var], theory: Theory, rlimit: int, send: Send, length: int | None = None
) -> Model | None:
    """A model in which one of the goals fails.  length: the most that an array among the inputs may have."""
    query = ask(goals, theory, frozenset(), _STRATEGY, rlimit).script
    wanted = {n: v for n, v in entry.items() if _declared(v, query)}
    has_choices = _declared(CHOICES, query)
    if length is not None:
        bounds = [f"(assert (<= {symbol(v.name, 0, len(parts_of(v.sort)))} {length}))" for v in wanted.values() if _is_array(v)]
        head, tail = query.rsplit("\n(check-sat-using", 1)
        query = "\n".join([head, *bounds]) + "\n(check-sat-using" + tail
    texts = {n: list(_texts(v)) for n, v in wanted.items()}
    if has_choices:
        texts[CHOICES.name] = [f"(select {symbol(CHOICES.name, 1, 2)} {i})" for i in range(CHOICES_READ)]
    asked = [t for own in texts.values() for t in own]
    output = send(query + (f"(get-value ({' '.join(asked)}))\n" if asked else ""))
    if output.startswith("unsat"):
        return None
    values = _values(output, len(asked))
    if values is None:
        return None
    found = iter(values)
    given = {n: list(islice(found, len(own))) for n, own in texts.items()}
    choices = tuple(map(int, given.pop(CHOICES.name, [])))
    return Model({n: _value(v.sort, given[n]) if n in given else default(v.sort) for n, v in entry.items()}, choices)


def _is_array(variable: Var) -> bool:
    return isinstance(variable.sort, Array)


def _declared(variable: Var, query: str) -> bool:
    return f"(declare-const {symbol(variable.name, 0, len(parts_of(variable.sort)))} " in query


def _texts(variable: Var) -> Iterator[str]:
    """The scalars that make up a value, an array's length before its elements."""
    count = len(parts_of(variable.sort))
    yield from _scalars([symbol(variable.name, i, count) for i in range(count)], variable.sort, LONGEST)


def _scalars(parts: list[str], sort: Sort, longest: int) -> Iterator[str]:
    yield parts[0]
    if isinstance(sort, Array):
        for index in range(longest):
            yield from _scalars([f"(select {p} {index})" for p in parts[1:]], sort.element, ROWS)


def _values(output: str, count: int) -> list[int] | None:
    """What `get-value` printed; None if it printed something else."""
    try:
        replies = read(output)
    except Unreadable:
        return None
    for reply in replies:
        if isinstance(reply, list) and len(reply) == count and all(isinstance(p, list) and len(p) == 2 for p in reply):
            found = [_number(p[1]) for p in reply]
            return None if None in found else [v for v in found if v is not None]
    return [] if not count and output.startswith("sat") else None


def _number(value: Sexpr) -> int | None:
    match value:
        case "true":
            return 1
        case "false":
            return 0
        case str() if value.isdigit():
            return int(value)
        case ["-", str(digits)] if digits.isdigit():
            return -int(digits)
        case _:
            return None


def _value(sort: Sort, scalars: Sequence[int], longest: int = LONGEST) -> Value:
    if isinstance(sort, Array):
        size = (len(scalars) - 1) // longest
        length = min(max(scalars[0], 0), longest)
        return tuple([_value(sort.element, scalars[1 + i * size : 1 + (i + 1) * size], ROWS) for i in range(length)])
    number = scalars[0]
    match sort:
        case Bool():
            return number == 1
        case Nat():
            return max(0, number)
        case Machine():
            return min(max(number, sort.low), sort.high)
        case _:
            return number
