"""Whether runs get to the head of a loop in a given state: observed ones, or ones that the solver proposes.

The interpreter has the last word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prover.diagnose.explore import TooLarge, explore
from prover.diagnose.laboratory import Laboratory
from prover.diagnose.model import Model, model
from prover.infer.observe import Observed
from prover.kernel.program import While
from prover.kernel.sort import Machine
from prover.kernel.term import Lit, Op, Term, app, conj, eq, num
from prover.semantics.choices import SuggestedChoices
from prover.semantics.outcome import Step
from prover.semantics.run import run
from prover.semantics.values import Value

RLIMIT, ROUNDS, RUN_STEPS = 1_000_000, (1, 3), 400
State = Mapping[str, Value]


def passed(before: State, loop: While, seen: Sequence[Observed]) -> tuple[State, int] | None:
    """The start of an observed run that is at the loop's head in the state, and in which round (from 1)."""
    for one in seen:
        for place, state in enumerate(one.heads.get(loop.label, ()), 1):
            if all(state.get(n) == v for n, v in before.items()):
                return one.run.initial, place
    return None


def reaching(before: State, loop: While, at: Laboratory) -> tuple[State, int] | None:
    """The same, for runs of few rounds that the solver proposes."""
    variables = {p.variable.name: p.variable for p in (*at.unit.parameters, *at.unit.results, *at.unit.locals)}
    formula = conj([_is(variables[n], v) for n, v in before.items()])
    for rounds in ROUNDS:
        try:
            explored = explore(at.program, at.unit.name, rounds)
        except TooLarge:
            return None
        goals = [explored.reaching(h, formula) for h in explored.heads if h.label == loop.label]
        found = model(goals, explored.entry, at.theory, RLIMIT, at.send) if goals else None
        place = None if found is None else _passed(found, before, loop, at)
        if found is not None and place is not None:
            return found.inputs, place
    return None


def _passed(found: Model, before: State, loop: While, at: Laboratory) -> int | None:
    heads: list[State] = []

    def watch(step: Step) -> None:
        if step.depth == 0 and step.unit == at.unit.name and step.span is loop.span:
            heads.append(dict(step.state))

    choices = SuggestedChoices(found.choices)
    made = run(at.program, at.unit.name, found.inputs, choices=choices, max_steps=RUN_STEPS, check=False, observer=watch)
    places = [i for i, s in enumerate(heads, 1) if all(s.get(n) == v for n, v in before.items())]
    return places[0] if places and made.is_evidence else None


def _is(variable: Term, value: Value) -> Term:
    if isinstance(value, bool):
        return variable if value else app(Op.NOT, variable)
    if isinstance(value, int):
        return eq(variable, Lit(value, variable.sort) if isinstance(variable.sort, Machine) else num(value))
    elements = [_is(app(Op.SELECT, variable, num(place)), v) for place, v in enumerate(value)]
    return conj([eq(app(Op.LEN, variable), num(len(value))), *elements])
