"""Procedures whose calls of themselves need never end: facts about the parameters that held at each of many nested calls,
weakened until from each such state some run comes to such a call again (`diverges`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prover.infer.annotate import with_unit
from prover.infer.closed import closed
from prover.infer.facts import candidates, constants
from prover.infer.linear import distinct, each_once
from prover.infer.observe import FUEL, TOTAL_FUEL, TOTAL_STEPS, State
from prover.infer.recursion import calls_itself, compared
from prover.infer.subject import Inferred, Subject
from prover.infer.widened import machines, narrowed, widened_procedure
from prover.kernel.depend import terms
from prover.kernel.goal import GoalKind
from prover.kernel.program import Block, Clause, Kind, Procedure, Program, Skip
from prover.kernel.recurrence import divergence_goals
from prover.kernel.sort import Bool, Int, Nat
from prover.kernel.term import TRUE, Op, Term, Var, app, conj, num
from prover.record import replace
from prover.semantics.choices import RandomChoices
from prover.semantics.evaluate import Evaluator, Scope
from prover.semantics.inputs import starts
from prover.semantics.outcome import Step
from prover.semantics.run import run

RUNS, STEPS, DEPTH = 40, 2_000, 60
TAIL, MOST_CHAINS = 12, 6
MOST_FACTS = 80


def diverging(subject: Subject, before: Inferred) -> Inferred:
    """With a claim that the kernel accepts, of states that runs have been in; as it was, where none is found."""
    unit = before.procedure
    if unit.diverges or unit.kind is not Kind.PROCEDURE or not calls_itself(unit):
        return before
    calls = _Calls(unit, subject.program)
    for claim in each_once(_claims(calls, subject)):
        changed = calls.claiming(claim)
        after = subject.prove(changed)
        claims = [o for o in after if o.goal.kind is GoalKind.DIVERGES]
        if claims and all(o.proved for o in claims):
            return replace(before, procedure=changed, outcomes=tuple(after), diverges=claim)
        if not subject.time():
            break
    return before


def _claims(calls: _Calls, subject: Subject) -> Iterator[Term]:
    """That no run need end; then what held at nested calls."""
    yield TRUE
    evaluator = Evaluator(subject.program)
    wide, known = widened_procedure(calls.unit), machines(calls.unit)
    for states in _endless(calls.unit, subject.program):
        facts = [narrowed(f, known) for f in _facts(wide, states[-1])]
        facts = [f for f in facts if all(evaluator.value(f, Scope(s)) is True for s in states)]
        found = closed(calls, facts[:MOST_FACTS], evaluator, subject.holds, subject.counterexample)
        if found is not None:
            yield conj(found)


class _Calls:
    """A run from entry to a call of the procedure by itself, or into a loop that it never leaves."""

    needed = TRUE
    guard: Sequence[Term] = ()

    def __init__(self, unit: Procedure, program: Program) -> None:
        self.unit, self._program = unit, program

    def claiming(self, claim: Term) -> Procedure:
        return replace(self.unit, diverges=(Clause("diverges1", claim, self.unit.name_span),))

    def before(self, after: Term) -> Term:
        changed = self.claiming(after)
        goals = divergence_goals(changed, with_unit(self._program, changed))
        return next(g.conclusion for g in goals if g.kind is GoalKind.DIVERGES)


def _endless(unit: Procedure, program: Program) -> Iterator[list[State]]:
    """The parameters at the last of many nested calls, of several runs."""
    assert unit.body is not None
    shown = replace(unit, body=Block((Skip(unit.name_span), *unit.body.statements)))  # a step at each entry
    program = with_unit(program, shown)
    evaluator = Evaluator(program, fuel=FUEL, total=TOTAL_FUEL)
    left, found = TOTAL_STEPS, 0
    for seed, inputs in enumerate(starts(unit, 1, RUNS, program)):
        states: list[State] = []

        def watch(step: Step, states: list[State] = states) -> None:
            if step.unit == unit.name and step.depth >= len(states):
                states.append(dict(step.state))

        made = run(
            program, unit.name, inputs, choices=RandomChoices(seed), max_steps=min(STEPS, left), max_depth=DEPTH, check=False,
            observer=watch, evaluator=evaluator,
        )  # fmt: skip
        left -= made.steps
        if len(states) >= DEPTH // 2:
            found += 1
            yield states[-TAIL:]
        if left <= 0 or found == MOST_CHAINS:
            return


def _facts(unit: Procedure, last: State) -> list[Term]:
    """Comparisons of the text about the parameters, general ones, then the values themselves."""
    parameters = [p.variable for p in unit.parameters if isinstance(p.variable.sort, Int | Nat | Bool)]
    sides = list(compared(unit, {p.name for p in parameters}))
    stated = [app(op, a, b) for a, b in sides for op in (Op.LE, Op.LT, Op.GE, Op.GT, Op.NE, Op.EQ)]
    exact = [_exactly(p, last[p.name]) for p in parameters if not isinstance(p.sort, Bool) and p.name in last]
    return distinct([*stated, *candidates(parameters, constants(terms(unit))), *exact])


def _exactly(variable: Var, value: object) -> Term:
    return app(Op.EQ, variable, num(value if isinstance(value, int) else 0))
