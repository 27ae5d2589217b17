"""Runs that break a program: small and random inputs, tried on the interpreter.

What is found is evidence: an initial state and the choices made, which `replay` runs again.  Nothing else makes an answer *no*.
The search is bounded by steps, not by time, so that it finds the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from prover.kernel.program import Procedure, Program
from prover.kernel.term import OLD
from prover.semantics.choices import RandomChoices, RecordedChoices
from prover.semantics.evaluate import Evaluator, Scope
from prover.semantics.inputs import small_inputs, starts
from prover.semantics.outcome import Break, BreakKind, Recurred, Run
from prover.semantics.run import run
from prover.semantics.values import Value

RUNS = 400
STEPS_A_RUN = 2_000
STEPS = 60_000
HELPING_STEPS = 15_000
FUEL, TOTAL_FUEL = 20_000, 400_000


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A run that was replayed.  recurred: where it entered a recurrent set, when that is what was looked for."""

    run: Run
    recurred: Recurred | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Broken:
    """An invariant or a variant that a run shows to be wrong."""

    run: Run
    wrong: Break


def broken_annotations(program: Program, name: str) -> list[Broken]:
    """The invariants and variants of unit `name` that runs break, each once, with the first such run."""
    found: dict[tuple[BreakKind, str], Broken] = {}
    for made in _runs(program, name, HELPING_STEPS):
        for wrong in made.breaks if made.is_evidence else ():
            if wrong.unit == name and not wrong.kind.of_program:
                found.setdefault((wrong.kind, wrong.label), Broken(made, wrong))
    return list(found.values())


def refutation(program: Program, name: str) -> Found | None:
    """A run that breaks an obligation of unit `name`, smallest inputs first; None if none was found."""
    for found in _runs(program, name):
        if found.refutes(name) and replay(program, found).refutes(name):
            return Found(found)
    return None


def entrance(program: Program, name: str, label: str) -> Found | None:
    """A run of `name` that reaches the loop `label` in a state of its recurrent set, breaking nothing before."""
    for found in _runs(program, name):
        for recurred in found.recurred:
            if recurred.label == label and recurred.unit == name and found.is_evidence and found.wrong is None:
                return Found(found, recurred)
    return None


def diverging_entry(program: Program, name: str) -> dict[str, Value] | None:
    """Values of the parameters that certainly satisfy `requires` and `diverges`."""
    unit = program.units[name]
    assert isinstance(unit, Procedure)
    evaluator = Evaluator(program)
    for values in small_inputs(unit, 0, RUNS, program):
        scope = Scope(values, {OLD: values})
        if all(evaluator.value(c.formula, scope) is True for c in (*unit.requires, *unit.diverges)):
            return dict(values)
    return None


def replay(program: Program, found: Run) -> Run:
    """The same run again, from its initial state and its choices."""
    return run(
        program, found.unit, found.initial, choices=RecordedChoices([c.value for c in found.choices]), max_steps=found.steps + 1
    )


def _runs(program: Program, name: str, left: int = STEPS) -> Iterator[Run]:
    unit = program.units[name]
    if not isinstance(unit, Procedure) or unit.body is None:
        return
    evaluator = Evaluator(program, fuel=FUEL, total=TOTAL_FUEL)  # one for all runs: its total budget bounds the search
    for seed, inputs in enumerate(starts(unit, 0, RUNS, program)):
        if left <= 0:
            return
        made = run(program, name, inputs, choices=RandomChoices(seed), max_steps=min(STEPS_A_RUN, left), evaluator=evaluator)
        left -= made.steps + 20
        yield made
