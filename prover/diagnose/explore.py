"""Bounded symbolic execution (King 1976; as a formula: Biere et al. 1999): runs of a procedure that make few rounds.

The kernel's rules execute the plain statements.  Loops are unrolled and calls followed, so nothing here rests on an invariant or
a contract: a state in which one of the goals fails is one that a run gets to.  Runs with more rounds, or deeper calls, are left
out.  Nothing is decided here: the interpreter runs what a model of the solver proposes.

The values that `*` takes are elements of one array, `CHOICES`, in the order in which a run makes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from prover.kernel.context import Context
from prover.kernel.contract import arguments, call, required
from prover.kernel.defined import clauses
from prover.kernel.fold import fold
from prover.kernel.goal import Goal, GoalKind, Holds, Naming, Origin
from prover.kernel.program import (
    Block,
    Break,
    Continue,
    Havoc,
    If,
    Kind,
    Procedure,
    ProcedureCall,
    Program,
    Return,
    Statement,
    While,
)
from prover.kernel.sort import INT, Array, Bool
from prover.kernel.state import Builder, State, entry
from prover.kernel.term import OLD, Op, Term, Var, app, conj, eq, neg, num
from prover.kernel.vc import Loop, execute, leave
from prover.record import record, replace
from prover.source import Span

CHOICES = Var("the choices", Array(INT))
_MADE = Var("choices made", INT)
MOST_STATEMENTS = 1_500
DEEPEST = 4


class TooLarge(Exception):
    """More statements than anybody waits for."""


@record
class Head:
    """A state at the head of a loop, at the start of a round (the first is 1)."""

    label: str
    round: int
    state: State
    span: Span


@record
class Explored:
    """goals: what a run can break, the `ensures` included.  heads: of the loops of the unit itself, in the order of execution.
    entry: the value that each entry variable starts with."""

    goals: tuple[Goal, ...]
    heads: tuple[Head, ...]
    entry: Mapping[str, Var]
    _builder: Builder

    def reaching(self, head: Head, formula: Term) -> Goal:
        """A goal that fails exactly where a run is at `head` and `formula`, a formula of the program's variables, is true."""
        conclusion = neg(self._builder.value(formula, head.state))
        unit = self._builder.unit
        return Goal(f"{unit}.reached", GoalKind.ASSERTION, unit, head.state.path, conclusion, head.span, "", Naming({}, {}))


def explore(program: Program, name: str, rounds: int) -> Explored:
    """The runs in which each loop, each time it is reached, makes at most `rounds` rounds.  Raises TooLarge."""
    unit = program.units[name]
    assert isinstance(unit, Procedure) and unit.body is not None
    walk = _Walk(program, rounds)
    builder = _builder(unit)
    fixed = {p.variable.name for p in unit.parameters if not p.inout}
    state = entry(builder, tuple(v for n, v in builder.variables.items() if n not in fixed and v is not _MADE))
    state = replace(state, env={**state.env, _MADE.name: num(0)})
    start = {v.name: value for v in unit.entry_variables if isinstance(value := state.env.get(v.name, v), Var)}
    context = Context(unit, program, frozenset(), False, builder, state)
    state = clauses(context.checker, unit.requires, state, Origin.REQUIRES)
    for end, site, span in walk.ends(unit.body, state, replace(context, first=state), unit):
        leave(context, end, site, span)
    return Explored(tuple(builder.goals), tuple(walk.heads), start, builder)


def _builder(unit: Procedure) -> Builder:
    held = (*unit.parameters, *unit.results, *unit.locals)
    return Builder(unit.name, {**{p.variable.name: p.variable for p in held}, _MADE.name: _MADE})


@dataclass(slots=True)
class _Walk:
    """depth: of calls.  left: statements that may still be executed."""

    program: Program
    rounds: int
    heads: list[Head] = field(default_factory=list)
    depth: int = 0
    left: int = MOST_STATEMENTS
    _returns: list[tuple[State, Return]] = field(default_factory=list)

    def ends(self, body: Block, state: State, context: Context, unit: Procedure) -> list[tuple[State, str, Span]]:
        """The states in which the body is left, each with the site's label and place."""
        before, self._returns = self._returns, []
        end = self._block(body, state, context, Loop())
        found = [(s, r.label, r.span) for s, r in self._returns]
        self._returns = before
        return [*found, *([(end, "", unit.end_span)] if end is not None else [])]

    def _block(self, block: Block, state: State, context: Context, loop: Loop) -> State | None:
        for statement in block.statements:
            after = self._statement(statement, state, context, loop)
            if after is None:
                return None
            state = after
        return state

    def _statement(self, statement: Statement, state: State, context: Context, loop: Loop) -> State | None:
        self.left -= 1
        if self.left < 0:
            raise TooLarge
        match statement:
            case If():
                return self._if(statement, state, context, loop)
            case While():
                return self._while(statement, state, context)
            case ProcedureCall():
                return self._call(statement, state, context)
            case Return():
                self._returns.append((state, statement))
                return None
            case Havoc():
                after = execute(statement, state, context, loop)
                assert after is not None
                return _chosen(after, [after.env[v.name] for v in statement.variables])
            case Break() | Continue() | _:
                return execute(statement, state, context, loop)

    def _if(self, statement: If, state: State, context: Context, loop: Loop) -> State | None:
        yes, no = _split(statement.condition, state, context)
        ends = [self._block(statement.then, yes, context, loop), self._block(statement.orelse, no, context, loop)]
        return context.builder.join([s for s in ends if s is not None], statement.label, statement.span)

    def _while(self, statement: While, state: State, context: Context) -> State | None:
        state = state.at(statement.label)
        exits: list[State] = []
        for number in range(1, self.rounds + 2):
            if self.depth == 0:
                self.heads.append(Head(statement.label, number, state, statement.span))
            yes, no = _split(statement.condition, state, context)
            exits.append(no)
            if number > self.rounds:
                break
            frame = Loop()
            end = self._block(statement.body, yes, context, frame)
            exits += frame.breaks
            ends = [*([end] if end is not None else []), *frame.continues]
            joined = context.builder.join(ends, f"{statement.label}_round{number}", statement.span)
            after = None if joined is None else self._block(statement.step, joined, context, Loop())
            if after is None:
                break
            state = after
        return context.builder.join(exits, f"{statement.label}_end", statement.span)

    def _call(self, statement: ProcedureCall, state: State, context: Context) -> State | None:
        callee = self.program.units[statement.name]
        assert isinstance(callee, Procedure)
        if callee.kind is Kind.LEMMA:
            return call(statement, state, context)
        if callee.body is None:
            after = call(statement, state, context)
            inout = [a for p, a in zip(callee.parameters, statement.args, strict=True) if p.inout and isinstance(a, Var)]
            outcome = [after.env[v.name] for v in (*inout, *statement.targets)]
            unnamed = len(callee.results) - len(statement.targets)
            return _chosen(after, outcome, unnamed)
        if self.depth >= DEEPEST:
            return None
        before = arguments(statement, callee, state, context)
        state = required(statement, callee, before, state, context)
        return self._inside(statement, callee, before, state, context)

    def _inside(
        self, statement: ProcedureCall, callee: Procedure, before: Mapping[str, Term], state: State, context: Context
    ) -> State | None:
        """The callee's body, from the values of its parameters to those that the caller receives."""
        assert callee.body is not None
        outer, inner = context.builder, _inner_builder(context.builder, callee)
        made = {v.name: inner.fresh(v.name, v.sort, "") for n, v in inner.variables.items() if n not in before and v is not _MADE}
        env = {**before, **made, _MADE.name: state.env[_MADE.name]}
        latest = {n: v.name for n, v in made.items()}
        start = State(env, state.path, latest, {OLD: env})
        self.depth += 1
        ends = self.ends(callee.body, start, Context(callee, self.program, frozenset(), False, inner, start), callee)
        self.depth -= 1
        end = inner.join([s for s, _, _ in ends], statement.label, statement.span)
        outer._values = inner._values
        return None if end is None else _received(statement, callee, state, end)


def _inner_builder(outer: Builder, callee: Procedure) -> Builder:
    """A builder for another unit that goes on counting, so that no two values share a name."""
    inner = _builder(callee)
    inner._values = outer._values
    return inner


def _received(statement: ProcedureCall, callee: Procedure, before: State, end: State) -> State:
    pairs = list(zip(callee.results, statement.targets, strict=False))
    pairs += [(p, a) for p, a in zip(callee.parameters, statement.args, strict=True) if p.inout and isinstance(a, Var)]
    values = {target.name: end.env[p.variable.name] for p, target in pairs}
    env = {**before.env, **values, _MADE.name: end.env[_MADE.name]}
    return replace(before, env=env, path=end.path)


def _split(condition: Term | None, state: State, context: Context) -> tuple[State, State]:
    if condition is None:
        chosen = eq(_choice(state, 0), num(1))
        state = _counted(state, 1)
    else:
        context.checker.check(condition, state)
        chosen = context.builder.value(condition, state)
    yes, no = [state.knowing(Holds(f, Origin.GUARD, None)) for f in (chosen, neg(chosen))]
    return yes, no


def _chosen(state: State, values: list[Term], unnamed: int = 0) -> State:
    """The values are the next choices; arrays are left to chance.  unnamed: choices of which nothing is kept."""
    known: list[Term] = []
    for number, value in enumerate(values):
        taken = _choice(state, number)
        match value.sort:
            case Array():
                pass
            case Bool():
                known.append(app(Op.IFF, value, eq(taken, num(1))))
            case _:
                known.append(eq(app(Op.VALUE, value) if value.sort != INT else value, taken))
    state = _counted(state, len(values) + unnamed)
    return state.knowing(Holds(conj(known), Origin.VALUE, None)) if known else state


def _choice(state: State, offset: int) -> Term:
    position = state.env[_MADE.name]
    return app(Op.SELECT, CHOICES, fold(app(Op.ADD, position, num(offset))) if offset else position)


def _counted(state: State, count: int) -> State:
    made = fold(app(Op.ADD, state.env[_MADE.name], num(count)))
    return replace(state, env={**state.env, _MADE.name: made})
