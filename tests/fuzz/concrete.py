"""Programs about one run: the precondition fixes the inputs, the postcondition says what a run ended with, or nearly that."""

from __future__ import annotations

import random
from collections.abc import Mapping

from prover.kernel.program import Kind, Procedure, Program
from prover.kernel.sort import Array, Machine, Nat, Sort
from prover.kernel.term import Var
from prover.semantics.choices import RandomChoices
from prover.semantics.inputs import small_inputs
from prover.semantics.outcome import Ended
from prover.semantics.run import run
from prover.semantics.values import Value, default, show
from tests.fuzz.observe import evaluator_of

INPUTS, STEPS = 12, 400


def concrete(text: str, program: Program, rng: random.Random) -> str | None:
    """The program with one unit about one of its runs; None if there is no unit with a run that ends."""
    units = [u for u in program.units.values() if isinstance(u, Procedure) and u.body is not None and u.kind is not Kind.LEMMA]
    rng.shuffle(units)
    for unit in units:
        inputs = list(small_inputs(unit, rng.randrange(1000), INPUTS, program))
        for start in rng.sample(inputs, len(inputs)):
            made = run(program, unit.name, start, choices=RandomChoices(0), max_steps=STEPS, evaluator=evaluator_of(program))
            if (
                isinstance(made.outcome, Ended)
                and not made.choices
                and max(map(_size, made.outcome.state.values()), default=0) < 100
            ):
                return _stated(text, unit, start, made.outcome.state, rng)
    return None


def _size(value: Value) -> int:
    return sum(1 + _size(v) for v in value) if isinstance(value, tuple) else int(value).bit_length()


def _stated(text: str, unit: Procedure, start: Mapping[str, Value], end: Mapping[str, Value], rng: random.Random) -> str:
    pre = [_equation(v, start[v.name]) for v in unit.entry_variables]
    results = [p.variable for p in (*unit.parameters, *unit.results) if p.inout or p in unit.results]
    shown = [v for v in (results or unit.entry_variables) if "#" not in v.name and v.name in end]
    wrong = rng.choice(shown).name if shown and rng.random() < 0.4 else ""
    post = [_equation(v, _other(end[v.name], v.sort, rng) if v.name == wrong else end[v.name]) for v in shown]
    lines = text.splitlines()
    head = next(
        i
        for i, line in enumerate(lines)
        if (f" {unit.name}(" in line and line.startswith("procedure")) or line.endswith(f"triple {unit.name}")
    )
    if unit.kind is Kind.TRIPLE:
        last = next(i for i in range(head + 2, len(lines)) if lines[i].startswith("{"))
        lines[head + 1] = f"{{ {' and '.join(pre) or 'true'} }}"
        lines[last] = f"{{ k0: {' and '.join(post) or 'true'} }}"
    else:
        clauses = [f"  requires {' and '.join(pre)}"] if pre else []
        lines[head + 1 : head + 1] = clauses + [f"  ensures k0{i}: {p}" for i, p in enumerate(post)]
    return "\n".join(lines) + "\n"


def _equation(variable: Var, value: Value) -> str:
    if value == ():
        return f"len({variable.name}) = 0"
    return f"{variable.name} = {show(value)}"


def _other(value: Value, sort: Sort, rng: random.Random) -> Value:
    """Nearly the same value, of the same sort."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        low, high = (0, None) if isinstance(sort, Nat) else (sort.low, sort.high) if isinstance(sort, Machine) else (None, None)
        fits = [n for n in (value - 1, value + 1, -value) if (low is None or n >= low) and (high is None or n <= high)]
        return rng.choice([n for n in fits if n != value])
    assert isinstance(sort, Array)
    if not value or rng.random() < 0.3:
        return (*value, default(sort.element))
    place = rng.randrange(len(value))
    return (*value[:place], _other(value[place], sort.element, rng), *value[place + 1 :])
