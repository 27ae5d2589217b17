"""Runs that break a program: small and random inputs, and those that the solver proposes for runs of few rounds.

What is found is evidence: an initial state and the choices made, which `replay` runs again.  Nothing else makes an answer *no*.
Runs are bounded by steps, and questions by solver units, so that a search finds the same on every machine that has the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import chain, islice

from prover.diagnose.explore import Explored, Head, TooLarge, explore
from prover.diagnose.model import Model, Send, model
from prover.diagnose.shrink import shrunk
from prover.infer.annotate import with_loops
from prover.infer.facts import loop_variables
from prover.infer.observe import weight
from prover.kernel.depend import statements
from prover.kernel.goal import Goal
from prover.kernel.program import Procedure, Program, Unit, While
from prover.kernel.sort import Array, is_integer
from prover.kernel.term import OLD, TRUE, Var, conj, eq
from prover.kernel.theory import Theory
from prover.record import replace
from prover.semantics.choices import RandomChoices, RecordedChoices, SuggestedChoices
from prover.semantics.evaluate import Evaluator, Scope
from prover.semantics.inputs import small_inputs, starts
from prover.semantics.outcome import Break, BreakKind, Recurred, Run
from prover.semantics.run import run
from prover.semantics.values import Value

RUNS = 300
STEPS_A_RUN = 2_000
STEPS = 40_000
HELPING_STEPS = 15_000
FUEL, TOTAL_FUEL = 10_000, 30_000
RLIMIT = 1_500_000
LENGTHS = (3, 6, 12)
ENTRANCE_STEPS = 30_000
ENTRANCE_ROUNDS = (0, 2, 5, 11, 25)
LASSOS, MOST_HEADS = (1, 2, 3), 4


@dataclass(frozen=True, slots=True, eq=False)
class Solver:
    """Whom to ask for models.  send: a script to what z3 prints.  time: whether any is left."""

    theory: Theory
    send: Send
    time: Callable[[], bool]


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
    for made in _runs(program, name, left=HELPING_STEPS):
        for wrong in made.breaks if made.is_evidence else ():
            if wrong.unit == name and not wrong.kind.of_program:
                found.setdefault((wrong.kind, wrong.label), Broken(made, wrong))
    return list(found.values())


class Effort(Enum):
    """How much is tried: each only what those before it have not."""

    FIRST = "before anything is known of the goals"
    SECOND = "when goals are left open"
    LAST = "when no annotations were found that close them"


# Which of the inputs are tried, and for how many rounds the solver is asked.
_PLAN: Mapping[Effort, tuple[int, int, tuple[int, ...]]] = {
    Effort.FIRST: (0, 60, (2,)),
    Effort.SECOND: (60, 120, (1, 3)),
    Effort.LAST: (120, RUNS, (5, 8, 13)),
}


def refutation(program: Program, name: str, solver: Solver | None, efforts: Sequence[Effort] = tuple(Effort)) -> Found | None:
    """A run that breaks an obligation of unit `name`, a small one; None if none was found."""

    bare = _bare(program)

    def wanted(made: Run) -> bool:
        return made.refutes(name) and replay(program, made).refutes(name)

    tried = (made for effort in efforts for made in _tried(bare, name, solver, effort))
    found = next(filter(wanted, tried), None)
    return None if found is None else Found(shrunk(program, found, wanted))


def _bare(program: Program) -> Program:
    """The program without invariants and variants, which no refutation is about and which take long to evaluate."""

    def bare(unit: Procedure) -> Procedure:
        return with_loops(replace(unit, variant=None), lambda loop: replace(loop, invariants=(), variant=None))

    return replace(program, units={n: bare(u) if isinstance(u, Procedure) else u for n, u in program.units.items()})


def _tried(program: Program, name: str, solver: Solver | None, effort: Effort) -> Iterator[Run]:
    start, stop, rounds = _PLAN[effort]
    yield from _runs(program, name, start, stop)  # whatever time is left: a *no* is not to depend on what solvers took
    for count in rounds:
        if solver is None or not solver.time():
            return
        yield from _proposed(program, name, count, solver, LENGTHS[:1] if effort is Effort.FIRST else LENGTHS)


def _proposed(program: Program, name: str, rounds: int, solver: Solver | None, longest: Sequence[int]) -> Iterator[Run]:
    """Runs from models in which something breaks, those with short arrays first.  longest: lengths of arrays to try."""
    assert solver is not None
    try:
        explored = explore(program, name, rounds)
    except TooLarge:
        return
    goals = [g for g in explored.goals if not g.missing]
    lengths = longest if any(isinstance(v.sort, Array) for v in explored.entry.values()) else (None,)
    for length in lengths if goals else ():
        found = model(goals, explored.entry, solver.theory, RLIMIT, solver.send, length)
        if found is not None:
            yield from_model(program, name, found)


def from_model(program: Program, name: str, found: Model) -> Run:
    choices = SuggestedChoices(found.choices)
    evaluator = Evaluator(program, choices.functions, fuel=FUEL, total=TOTAL_FUEL)
    return run(program, name, found.inputs, choices=choices, max_steps=STEPS_A_RUN, evaluator=evaluator)


def entrance(program: Program, name: str, label: str, solver: Solver | None = None) -> Found | None:
    """A run of `name` that reaches the loop `label` in a state of its recurrent set, breaking nothing before: a random one, or
    one from a model of the solver."""
    random = _runs(program, name, left=ENTRANCE_STEPS)
    for found in chain(random, _entering(program, name, label, solver) if solver is not None else ()):
        for recurred in found.recurred:
            if recurred.label == label and recurred.unit == name and found.is_evidence and found.wrong is None:
                return Found(found, recurred)
    return None


def _entering(program: Program, name: str, label: str, solver: Solver) -> Iterator[Run]:
    """Runs from models in which the recurrent set holds at the loop's head, after few rounds first."""
    for rounds in ENTRANCE_ROUNDS:
        if not solver.time():
            return
        try:
            explored = explore(program, name, rounds)
        except TooLarge:
            return
        loop = next(s for s in recurrent_loops(program.units[name]) if s.label == label)
        claim = conj([c.formula for c in loop.recurrent])
        goals = [explored.reaching(h, claim) for h in explored.heads if h.label == label]
        found = model(goals, explored.entry, solver.theory, RLIMIT, solver.send) if goals else None
        if found is not None:
            yield from_model(program, name, found)


def recurrent_loops(unit: Unit) -> list[While]:
    body = unit.body if isinstance(unit, Procedure) else None
    return [s for s in statements(body) if isinstance(s, While) and s.recurrent] if body is not None else []


def lassos(program: Program, name: str, label: str, solver: Solver) -> Iterator[tuple[Mapping[str, Value], Sequence[int]]]:
    """Inputs and choices, from models, with which the loop `label` may come back to a state that it was in before, or at least
    makes several rounds."""
    try:
        explored = explore(program, name, max(LASSOS) + 1)
    except TooLarge:
        return
    heads = [h for h in explored.heads if h.label == label]
    unit = program.units[name]
    assert isinstance(unit, Procedure) and unit.body is not None
    loop = next(s for s in statements(unit.body) if isinstance(s, While) and s.label == label)
    variables = [v for v in loop_variables(loop) if is_integer(v.sort)]
    for length in LASSOS:
        pairs = [(a, b) for a, b in zip(heads, heads[length:], strict=False) if b.round == a.round + length]
        goals = [_again(explored, a, b, variables) for a, b in pairs[:MOST_HEADS]]
        for goal in goals:
            found = model([goal], explored.entry, solver.theory, RLIMIT, solver.send)
            if found is not None:
                yield found.inputs, found.choices
                break
    last = [explored.reaching(h, TRUE) for h in heads if h.round == max(LASSOS) + 1]
    found = model(last, explored.entry, solver.theory, RLIMIT, solver.send) if last else None
    if found is not None:
        yield found.inputs, found.choices


def _again(explored: Explored, first: Head, second: Head, variables: Sequence[Var]) -> Goal:
    """Fails exactly where the variables are at `second` what they were at `first`."""
    same = [eq(v, first.state.env[v.name]) for v in variables if v.name in first.state.env]
    return explored.reaching(second, conj(same))


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


def _runs(program: Program, name: str, start: int = 0, stop: int = RUNS, left: int = STEPS) -> Iterator[Run]:
    """Runs from the made-up inputs number `start` to `stop`."""
    unit = program.units[name]
    if not isinstance(unit, Procedure) or unit.body is None:
        return
    evaluator = Evaluator(program, fuel=FUEL, total=TOTAL_FUEL)  # one for all runs: its total budget bounds the search
    each = weight(unit, check=True)
    once = 20 + len(unit.requires) + len(unit.ensures)  # what a run takes beside its steps
    for seed, inputs in islice(enumerate(starts(unit, 0, RUNS, program)), start, stop):
        if left <= 0:
            return
        most = min(STEPS_A_RUN, 1 + left // each)
        made = run(program, name, inputs, choices=RandomChoices(seed), max_steps=most, evaluator=evaluator)
        left -= made.steps * each + once
        yield made
        if not (made.choices or unit.entry_variables):
            return  # all runs are this one
