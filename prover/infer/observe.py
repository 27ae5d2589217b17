"""States at the heads of loops, observed in runs on small inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from prover.infer.annotate import rewritten, with_unit
from prover.kernel.depend import statements, terms_of
from prover.kernel.program import Block, Kind, Procedure, ProcedureCall, Program, Statement, While
from prover.kernel.term import Term
from prover.record import replace
from prover.semantics.choices import Choices, RandomChoices
from prover.semantics.evaluate import LARGE, Evaluator
from prover.semantics.inputs import Aim, starts
from prover.semantics.outcome import OutOfSteps, Run, Step
from prover.semantics.run import run
from prover.semantics.values import Value

State = Mapping[str, Value]
FUEL, TOTAL_FUEL = 20_000, 100_000
TOTAL_STEPS = 60_000
PATTERNS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """A run, and the states of the unit each time it was at the head of a loop, by the loop's label."""

    run: Run
    heads: Mapping[str, list[State]]

    @property
    def stopped(self) -> bool:
        """Was it still running when it was stopped?"""
        return isinstance(self.run.outcome, OutOfSteps)


def loops(procedure: Procedure) -> list[While]:
    return [s for s in statements(procedure.body) if isinstance(s, While)] if procedure.body else []


def _always() -> bool:
    return True


def observe(
    procedure: Procedure,
    program: Program,
    runs: int,
    steps: int,
    total: int = TOTAL_STEPS,
    time: Callable[[], bool] = _always,
) -> list[Observed]:
    """What `runs` runs of at most `steps` steps each, and of `total` together, pass through.  time: whether any is left.

    `requires` that do not hold make a run empty.  Calls of lemmas are left out: they change nothing, and what they are about may
    take long to evaluate."""
    found: list[Observed] = []
    procedure = _without_lemmas(procedure, program)
    program = with_unit(program, procedure)
    evaluator = Evaluator(program, fuel=FUEL, total=TOTAL_FUEL)
    each = weight(procedure)
    aim = Aim(procedure, evaluator)
    for seed, inputs in enumerate(starts(procedure, 1, runs, program)):
        special = _patterned(inputs, seed)
        chosen = special if special != inputs and aim.met(special) else inputs
        found.append(observed(procedure, program, chosen, RandomChoices(seed), steps, evaluator))
        made = found[-1].run
        total -= made.steps * each
        if total < 0 or not (made.choices or procedure.entry_variables) or not time():
            break  # enough; or all runs are this one
    return found


def weight(procedure: Procedure, check: bool = False) -> int:
    """What a step of a run counts: more than 1 where the terms of a loop, or of the whole body, are large on the average.
    check: with those of invariants."""
    bodies = [Block((loop,)) for loop in loops(procedure)] + ([procedure.body] if procedure.body else [])
    return max([1 + _size(body, check) // LARGE for body in bodies], default=1)


def _size(body: Block, check: bool) -> int:
    """Of the terms that a step in `body` evaluates, on the average."""
    sizes = [sum(t.size for t in _evaluated(s, check)) for s in statements(body)]
    return sum(sizes) // max(1, len(sizes))


def _evaluated(statement: Statement, check: bool) -> Iterable[Term]:
    match statement:
        case While(condition=condition) if not check:
            return [] if condition is None else [condition]
        case _:
            return terms_of(statement)


def _without_lemmas(procedure: Procedure, program: Program) -> Procedure:
    if procedure.body is None:
        return procedure
    return replace(procedure, body=rewritten(procedure.body, lambda s: None if _is_lemma(s, program) else s))


def _is_lemma(statement: Statement, program: Program) -> bool:
    called = program.units.get(statement.name) if isinstance(statement, ProcedureCall) else None
    return isinstance(called, Procedure) and called.kind is Kind.LEMMA


def _patterned(inputs: Mapping[str, Value], seed: int) -> dict[str, Value]:
    """Some inputs with arrays as random ones seldom are: of few different elements, or the same from both ends."""
    match seed % PATTERNS:
        case 1:
            return {name: _few(value) for name, value in inputs.items()}
        case 3:
            return {name: _mirrored(_few(value)) for name, value in inputs.items()}
        case _:
            return dict(inputs)


def _few(value: Value) -> Value:
    return tuple([e % 3 if type(e) is int else e for e in value]) if isinstance(value, tuple) else value


def _mirrored(value: Value) -> Value:
    if not isinstance(value, tuple):
        return value
    half = value[: (len(value) + 1) // 2]
    return half + half[: len(value) // 2][::-1]


def observed(
    procedure: Procedure,
    program: Program,
    inputs: Mapping[str, Value],
    choices: Choices,
    steps: int,
    evaluator: Evaluator | None = None,
) -> Observed:
    """What one run passes through."""
    by_place = {id(s.span): s.label for s in loops(procedure)}
    heads: dict[str, list[State]] = {}

    def watch(step: Step) -> None:
        label = by_place.get(id(step.span))
        if label is not None and step.unit == procedure.name and step.depth == 0:
            heads.setdefault(label, []).append(dict(step.state))

    made = run(
        program,
        procedure.name,
        inputs,
        choices=choices,
        max_steps=steps,
        check=False,
        observer=watch,
        evaluator=evaluator or Evaluator(program, choices.functions, fuel=FUEL, total=TOTAL_FUEL),
    )
    return Observed(made, heads)


def spread(runs: Sequence[Sequence[State]]) -> list[State]:
    """States of all runs, those first that differ most: of each run the first and the last, then those between."""
    ranked = [(rank, state) for run in runs for rank, state in zip(_ranks(len(run)), run, strict=True)]
    return [state for _, state in sorted(ranked, key=lambda r: r[0])]


def _ranks(count: int) -> list[int]:
    """The last is 0, the first 1, then by halving what is between: 2, 3, 3, 4, 4, 4, 4, …"""
    ranks = [count] * count
    for rank in range(count.bit_length() + 1):
        for place in range(count - 1, -1, -max(1, count >> rank)):
            ranks[place] = min(ranks[place], rank + 1)
    if ranks:
        ranks[0], ranks[-1] = 1, 0
    return ranks
