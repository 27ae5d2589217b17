"""The round that breaks an invariant: a state at the loop's head that all invariants allow, and the state one round later.

The solver gives the first state; the interpreter makes the round.  No run need come there: that is what the message is about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prover.diagnose.laboratory import Laboratory
from prover.diagnose.model import model
from prover.diagnose.reaching import State, passed, reaching
from prover.infer.annotate import with_loops
from prover.infer.facts import loop_terms
from prover.infer.observe import Observed
from prover.kernel.depend import statements, terms_of
from prover.kernel.goal import Defines, Goal, GoalKind, extend
from prover.kernel.program import Assert, Block, Clause, Kind, Parameter, Procedure, While
from prover.kernel.sort import Array, Bool
from prover.kernel.term import App, At, Op, Term, Var, app, conj, free_variables, walk
from prover.kernel.vc import conditions
from prover.record import record, replace
from prover.semantics.choices import RandomChoices
from prover.semantics.evaluate import Evaluator, Scope
from prover.semantics.outcome import Step
from prover.semantics.run import run

RLIMIT, LENGTHS = 1_000_000, (2, 5)
SEEDS, STEPS = 24, 2_000
_HEAD = "the head"


@record
class BrokenRound:
    """before, after: values of the loop's variables by name; `after` None where the round does not end.
    broken: is the conjunct false after the round, as the interpreter sees it?  conjunct: what fails.
    reached: the start of a run that gets to `before`, and in which round; None: none that was tried does."""

    label: str
    before: State
    after: State | None
    conjunct: Term
    broken: bool
    reached: tuple[State, int] | None


def broken_round(goal: Goal, at: Laboratory, seen: Sequence[Observed]) -> BrokenRound | None:
    """About a goal that an invariant is kept (other goals: None).  None, too, where the solver gives no state."""
    loop = _loop_of(goal, at.unit)
    if loop is None:
        return None
    before = _state(goal, loop, at)
    if before is None:
        return None
    conjunct = _clause(goal, loop)
    after, broken = _after(before, conjunct, loop, at)
    variables = _spoken_of(loop)
    shown = {n: v for n, v in before.items() if n in variables}
    reached = passed(shown, loop, seen) or reaching(shown, loop, at)
    later = None if after is None else {n: v for n, v in after.items() if n in variables}
    return BrokenRound(loop.label, shown, later, conjunct, broken, reached)


def _loop_of(goal: Goal, unit: Procedure) -> While | None:
    if goal.kind is not GoalKind.INVARIANT_PRESERVED or unit.body is None:
        return None
    label = goal.name.removeprefix(f"{unit.name}.").split(".")[0]
    return next((s for s in statements(unit.body) if isinstance(s, While) and s.label == label), None)


def _clause(goal: Goal, loop: While) -> Term:
    return next(c.formula for c in loop.invariants if c.label == goal.clause)


def _spoken_of(loop: While) -> set[str]:
    """The variables that the loop or its invariants mention."""
    found: set[str] = set()
    for term in (*loop_terms(loop), *[c.formula for c in loop.invariants]):
        found |= free_variables(term).keys()
    inner = [t for s in statements(loop.body) for t in terms_of(s)]
    return found | {n for t in inner for n in free_variables(t)}


# The state before


def _state(goal: Goal, loop: While, at: Laboratory) -> State | None:
    """A state at the head from which the goal fails, as the solver has it."""
    variables = [p.variable for p in (*at.unit.parameters, *at.unit.results, *at.unit.locals)]
    asserted = Assert(Clause(_HEAD, conj([_same(v) for v in variables]), loop.span), None, loop.span)
    changed = _marked(at.unit, loop.label, asserted)
    made = conditions(changed, at.with_unit(changed), at.component, False).goals
    mark = next((g for g in made if g.clause == _HEAD), None)
    same = next((g for g in made if g.name == goal.name), None)
    if mark is None or same is None:
        return None
    values = dict(zip([v.name for v in variables], _sides(mark.conclusion, len(variables)), strict=True))
    entry = {v.name: Var(f"{_HEAD} {v.name}", v.sort) for v in variables}
    path = same.path
    for name, value in values.items():
        path = extend(path, Defines(entry[name], value, None))
    return _first_model(replace(same, path=path), entry, at)


def _first_model(goal: Goal, entry: Mapping[str, Var], at: Laboratory) -> State | None:
    lengths = LENGTHS if any(isinstance(v.sort, Array) for v in entry.values()) else (None,)
    for length in lengths:
        found = model([goal], entry, at.theory, RLIMIT, at.send, length)
        if found is not None:
            return found.inputs
    return None


def _same(variable: Var) -> Term:
    return app(Op.IFF if isinstance(variable.sort, Bool) else Op.EQ, variable, variable)


def _sides(conclusion: Term, count: int) -> list[Term]:
    parts = conclusion.args if isinstance(conclusion, App) and conclusion.op is Op.AND and count > 1 else (conclusion,)
    assert len(parts) == count
    return [p.args[0] for p in parts if isinstance(p, App)]


def _marked(unit: Procedure, label: str, mark: Assert) -> Procedure:
    def change(loop: While) -> While:
        return replace(loop, body=Block((mark, *loop.body.statements))) if loop.label == label else loop

    return with_loops(unit, change)


# The round


def _after(before: State, conjunct: Term, loop: While, at: Laboratory) -> tuple[State | None, bool]:
    """The state one round later, with choices that break the conjunct if some that were tried do."""
    alone = _alone(loop, at.unit)
    program = at.with_unit(alone)
    evaluator = Evaluator(program)
    told = not any(isinstance(n, At) for n in walk(conjunct))
    last: State | None = None
    for seed in range(SEEDS):
        heads: list[State] = []

        def watch(step: Step, heads: list[State] = heads) -> None:
            if step.depth == 0 and step.span is loop.span and len(heads) < 2:
                heads.append(dict(step.state))

        run(program, alone.name, before, choices=RandomChoices(seed), max_steps=STEPS, check=False, observer=watch)
        if len(heads) < 2:
            continue
        last = heads[1]
        if told and evaluator.value(conjunct, Scope(last)) is False:
            return last, True
    return last, False


def _alone(loop: While, unit: Procedure) -> Procedure:
    """The loop as a triple, which starts in any state."""
    held = (*unit.parameters, *unit.results, *unit.locals)
    return replace(
        unit,
        kind=Kind.TRIPLE,
        parameters=(),
        results=(),
        locals=tuple([Parameter(p.variable) for p in held]),
        requires=(),
        ensures=(),
        diverges=(),
        variant=None,
        body=Block((replace(loop, invariants=(), variant=None, recurrent=()),)),
    )
