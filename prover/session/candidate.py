"""A candidate for an invariant, tried before it is committed to: does it hold at entry, is it kept, is it enough?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prover.kernel.depend import statements
from prover.kernel.goal import Goal, GoalKind
from prover.kernel.program import Procedure, While
from prover.semantics.choices import RandomChoices
from prover.semantics.inputs import small_inputs
from prover.semantics.outcome import Break, BreakKind, Step
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
    breaking = _breaking(candidate.text, unit.name, _same_loop(candidate.text, unit.name, loop.label))
    before = _open(session.text, unit.name, engine)
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


def _same_loop(text: Text, unit: str, label: str) -> While:
    return next(s for u, s in text.loops() if u.name == unit and s.label == label)


def _goals(text: Text, unit: str) -> Iterator[Goal]:
    return text.plan.conditions[unit].all()


def _open(text: Text, unit: str, engine: Engine) -> list[str]:
    work = engine.work(text)
    work.wait(engine.budget.seconds)
    outcomes = [(g.name, work.of(g)) for g in _goals(text, unit)]
    return [n for n, o in outcomes if o is None or not o.proved]


def _breaking(text: Text, name: str, loop: While) -> Breaking | None:
    program = text.plan.program
    unit = program.units[name]
    assert isinstance(unit, Procedure)
    left = STEPS
    for seed, inputs in enumerate(small_inputs(unit, 0, RUNS, program)):
        if left <= 0:
            return None
        made = run(program, name, inputs, choices=RandomChoices(seed), max_steps=min(STEPS_A_RUN, left))
        left -= made.steps + 20
        broken = next((b for b in made.breaks if _of_candidate(b, name)), None)
        if broken is not None and made.is_evidence:
            traced = run(program, name, inputs, choices=RandomChoices(seed), max_steps=made.steps + 1, trace=True)
            entry = broken.kind is BreakKind.INVARIANT_ENTRY
            return Breaking(inputs, broken, 0 if entry else _round(traced.trace, broken, loop))
    return None


def _of_candidate(broken: Break, unit: str) -> bool:
    kinds = (BreakKind.INVARIANT_ENTRY, BreakKind.INVARIANT_PRESERVED)
    return broken.kind in kinds and broken.unit == unit and broken.clause is not None and broken.clause.label == LABEL


def _round(trace: tuple[Step, ...], broken: Break, loop: While) -> int:
    """Tests of the loop's condition up to the break, since the loop was entered last: the first is before any round."""
    seen = [s for s in trace if s.number <= broken.step and s.depth == 0]
    rounds = 0
    for step in seen:
        inside = loop.span.start <= step.span.start and step.span.source is loop.span.source
        if step.span.start == loop.span.start:
            rounds += 1
        elif not inside or step.span.start > _last_start(loop):
            rounds = 0
    return rounds


def _last_start(loop: While) -> int:
    """Where the last statement of the body starts."""
    inner = [s.span.start for s in statements(loop.body)]
    return max(inner, default=loop.span.end)
