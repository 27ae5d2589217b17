"""A candidate for an invariant, tried before it is committed to: does it hold at entry, is it kept, is it enough?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prover.kernel.goal import Goal, GoalKind
from prover.kernel.program import Procedure, While
from prover.semantics.choices import RandomChoices
from prover.semantics.inputs import small_inputs
from prover.semantics.outcome import Break, BreakKind
from prover.semantics.run import run
from prover.semantics.values import Value
from prover.session.edit import add_to_loop
from prover.session.engine import Engine
from prover.session.session import Session, Text

LABEL = "candidate"
RUNS = 200
STEPS_A_RUN = 1_000
STEPS = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Breaking:
    """A run that breaks the candidate.  round: how often the loop's body had been run by then, since its last entry."""

    inputs: Mapping[str, Value]
    found: Break
    round: int


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """entry, kept: whether the solver proves it; None where there is no such goal.  closed: goals that are open without the
    candidate and proved with it; open: those of the unit that are open with it."""

    session: Session
    breaking: Breaking | None
    entry: bool | None
    kept: bool | None
    closed: tuple[str, ...]
    open: tuple[str, ...]
    needless: bool


def tried(session: Session, unit: Procedure, loop: While, formula: str, engine: Engine) -> Trial:
    """Try `invariant candidate: formula` at the loop.  Raises InputError if it does not fit there."""
    changed = add_to_loop(session.text, loop, f"invariant {LABEL}: {formula}").apply(session.text.source.text)
    candidate = session.with_text(changed)
    breaking = _breaking(candidate.text, unit.name, loop.label)
    before = _open(session.text, unit.name, engine, engine.work(session.text).wait)
    work = engine.probe(candidate.text)
    work.wait(engine.budget.seconds)
    about = f"{unit.name}.{loop.label}.{LABEL}"
    state: dict[GoalKind, bool] = {}
    still = []
    for goal in _goals(candidate.text, unit.name):
        found = work.of(goal)
        proved = found is not None and found.proved
        if goal.name.startswith(about) and goal.kind in (GoalKind.INVARIANT_ENTRY, GoalKind.INVARIANT_PRESERVED):
            state[goal.kind] = state.get(goal.kind, True) and proved
        elif not proved:
            still.append(goal.name)
    closed = tuple([n for n in before if n not in still])
    entry, kept = state.get(GoalKind.INVARIANT_ENTRY), state.get(GoalKind.INVARIANT_PRESERVED)
    return Trial(candidate, breaking, entry, kept, closed, tuple(still), not before)


def _goals(text: Text, unit: str) -> Iterator[Goal]:
    return text.plan.conditions[unit].all()


def _open(text: Text, unit: str, engine: Engine, wait: object) -> list[str]:
    work = engine.work(text)
    work.wait(engine.budget.seconds)
    outcomes = [(g.name, work.of(g)) for g in _goals(text, unit)]
    return [n for n, o in outcomes if o is None or not o.proved]


def _breaking(text: Text, name: str, label: str) -> Breaking | None:
    program = text.plan.program
    unit = program.units[name]
    assert isinstance(unit, Procedure)
    left = STEPS
    for seed, inputs in enumerate(small_inputs(unit, 0, RUNS, program)):
        if left <= 0:
            return None
        made = run(program, name, inputs, choices=RandomChoices(seed), max_steps=min(STEPS_A_RUN, left))
        left -= made.steps + 20
        for broken in made.breaks:
            kinds = (BreakKind.INVARIANT_ENTRY, BreakKind.INVARIANT_PRESERVED)
            if broken.kind in kinds and broken.unit == name and broken.clause is not None and broken.clause.label == LABEL:
                if made.is_evidence:
                    traced = run(program, name, inputs, choices=RandomChoices(seed), max_steps=made.steps + 1, trace=True)
                    return Breaking(inputs, broken, _round(traced.trace, broken, label))
    return None


def _round(trace: object, broken: Break, label: str) -> int:
    return 0
