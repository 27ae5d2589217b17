"""A run that breaks a program, with smaller values that break it just as well.

Delta debugging (Zeller & Hildebrandt 2002) on the inputs and choices: arrays lose elements, numbers come nearer to 0, equal
numbers together, since what `requires` ties must stay tied.  Bounded in runs, so that the same is found on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from prover.kernel.program import Procedure, Program
from prover.semantics.choices import RecordedChoices
from prover.semantics.evaluate import Evaluator
from prover.semantics.outcome import Run
from prover.semantics.run import run
from prover.semantics.values import Value, conforms

RUNS, STEPS = 300, 60_000
FUEL, TOTAL_FUEL = 20_000, 400_000
Wanted = Callable[[Run], bool]


@dataclass(frozen=True, slots=True)
class Start:
    """Where a run starts, and what it chooses."""

    inputs: Mapping[str, Value]
    choices: tuple[Value, ...]

    @property
    def size(self) -> tuple[int, int, int]:
        """Elements of arrays, then digits, then the sum of all numbers (negative ones count a little more)."""
        numbers = [n for v in (*self.inputs.values(), *self.choices) for n in _numbers(v)]
        length = sum(_length(v) for v in (*self.inputs.values(), *self.choices)) + len(self.choices)
        return length, sum(len(str(abs(n))) for n in numbers), sum(2 * abs(n) + (n < 0) for n in numbers)


def shrunk(program: Program, found: Run, wanted: Wanted) -> Run:
    """A run of the same unit for which `wanted` holds, too, and that starts no larger."""
    evaluator = Evaluator(program, fuel=FUEL, total=TOTAL_FUEL)
    unit = program.units[found.unit]
    assert isinstance(unit, Procedure)
    sorts = {v.name: v.sort for v in unit.entry_variables}
    runs, left = RUNS, STEPS
    best, start = found, Start(found.initial, tuple([c.value for c in found.choices]))
    progress = True
    while progress:
        progress = False
        for smaller in _smaller(start):
            if runs <= 0 or left <= 0:
                return best
            if smaller.size >= start.size or not all(conforms(v, sorts[n]) for n, v in smaller.inputs.items()):
                continue
            made = _run(program, found.unit, smaller, found.steps, evaluator)
            runs, left = runs - 1, left - made.steps - 20
            if wanted(made):
                best, start = made, Start(made.initial, tuple([c.value for c in made.choices]))
                progress = True
                break
    return best


def _run(program: Program, unit: str, start: Start, steps: int, evaluator: Evaluator) -> Run:
    choices = RecordedChoices(start.choices)
    return run(program, unit, start.inputs, choices=choices, max_steps=2 * steps + 20, evaluator=evaluator)


def _smaller(start: Start) -> Iterator[Start]:
    """Candidates, the boldest first."""
    for number in sorted({n for v in (*start.inputs.values(), *start.choices) for n in _numbers(v)}, key=abs, reverse=True):
        yield from [_mapped(start, {number: nearer}) for nearer in _nearer(number)]
    for name, value in start.inputs.items():
        yield from [Start({**start.inputs, name: less}, start.choices) for less in _less(value)]
    for place, value in enumerate(start.choices):
        rest = start.choices[place + 1 :]
        yield from [Start(start.inputs, (*start.choices[:place], less, *rest)) for less in _less(value)]


def _mapped(start: Start, mapping: Mapping[int, int]) -> Start:
    return Start(
        {n: _replaced(v, mapping) for n, v in start.inputs.items()}, tuple([_replaced(c, mapping) for c in start.choices])
    )


def _replaced(value: Value, mapping: Mapping[int, int]) -> Value:
    if isinstance(value, tuple):
        return tuple([_replaced(v, mapping) for v in value])
    return value if isinstance(value, bool) else mapping.get(value, value)


def _numbers(value: Value) -> Iterator[int]:
    if isinstance(value, tuple):
        for element in value:
            yield from _numbers(element)
    elif not isinstance(value, bool):
        yield value


def _length(value: Value) -> int:
    return len(value) + sum(map(_length, value)) if isinstance(value, tuple) else 0


def _nearer(number: int) -> list[int]:
    """Numbers nearer to 0, and the same without its sign."""
    if number == 0:
        return []
    sign = 1 if number > 0 else -1
    found = [0, 1, -1, 2, abs(number), sign * (abs(number) // 16), sign * (abs(number) // 2), number - sign]
    return [n for n in dict.fromkeys(found) if n != number]


def _less(value: Value) -> Iterator[Value]:
    match value:
        case bool():
            if value:
                yield False
        case int():
            yield from _nearer(value)
        case _:
            for place in range(len(value)):
                yield (*value[:place], *value[place + 1 :])
            for place, element in enumerate(value[:12]):
                for less in _less(element):
                    yield (*value[:place], less, *value[place + 1 :])
