"""Calls of procedures and lemmas: by contract."""

from __future__ import annotations

from prover.kernel.context import Context
from prover.kernel.defined import falls
from prover.kernel.goal import GoalKind, Holds, Origin
from prover.kernel.program import Kind, Procedure, ProcedureCall
from prover.kernel.state import State
from prover.kernel.term import FALSE, OLD, Term, Var, substitute
from prover.record import replace


def call(statement: ProcedureCall, state: State, context: Context) -> State:
    #   {requires[e/x]} y := p(e) {ensures[e/x, y/r]}, what p cannot assign unchanged;
    #   around a recursion the variant falls from the caller's entry to the callee's.
    callee = context.program.units[statement.name]
    assert isinstance(callee, Procedure)
    before = arguments(statement, callee, state, context)
    state = required(statement, callee, before, state, context)
    if callee.name in context.component:
        _recursive(statement, callee, before, state, context)
    return _after(statement, callee, before, state, context)


def arguments(statement: ProcedureCall, callee: Procedure, state: State, context: Context) -> dict[str, Term]:
    """The values that the callee's parameters have at its entry."""
    for parameter, argument in zip(callee.parameters, statement.args, strict=True):
        context.checker.check(argument, state)
        context.checker.stored(argument, parameter.variable.sort, state, argument.span or statement.span)
    pairs = zip(callee.parameters, statement.args, strict=True)
    return {p.variable.name: context.builder.value(a, state) for p, a in pairs}


def required(statement: ProcedureCall, callee: Procedure, before: dict[str, Term], state: State, context: Context) -> State:
    """Goals for the callee's `requires`, which are known from then on."""
    for clause in callee.requires:
        condition = substitute(clause.formula, before)
        name = context.builder.name(f"{statement.label}.{clause.label}")
        words = f"`{callee.name}`'s `requires` holds at the call"
        context.builder.goal(name, GoalKind.REQUIRES, state, condition, statement.span, words, clause=clause.label)
        state = state.knowing(Holds(condition, Origin.REQUIRES, clause.span, clause.label))
    return state


def _recursive(statement: ProcedureCall, callee: Procedure, before: dict[str, Term], state: State, context: Context) -> None:
    lemma = callee.kind is Kind.LEMMA
    if not (lemma or context.asked):
        return
    builder, caller = context.builder, context.procedure
    name = builder.name(f"{statement.label}.variant")
    words = f"the variant falls at the call of `{callee.name}`"
    here, there = caller.variant, callee.variant
    if here is None or there is None or len(here) != len(there):
        builder.goal(name, GoalKind.RECURSION, state, FALSE, statement.span, words, missing=True, termination=not lemma)
        return
    entry = tuple([builder.value(v, context.first) for v in here])
    called = tuple([substitute(v, before) for v in there])
    builder.goal(name, GoalKind.RECURSION, state, falls(entry, called), statement.span, words, termination=not lemma)


def _after(statement: ProcedureCall, callee: Procedure, before: dict[str, Term], state: State, context: Context) -> State:
    """New values for targets and `inout` arguments, of which the callee's `ensures` are known.

    A new value has the sort of the callee's variable, so that no range is known of it but the callee's own; that it fits the
    caller's variable is an obligation."""
    builder = context.builder
    received = list(zip(callee.results, statement.targets, strict=False))
    received += [(p, a) for p, a in zip(callee.parameters, statement.args, strict=True) if p.inout and isinstance(a, Var)]
    outcome: dict[str, Term] = dict(before)
    env, latest = dict(state.env), dict(state.latest)
    for result in callee.results:
        outcome[result.variable.name] = builder.fresh(result.variable.name, result.variable.sort, statement.label)
    for parameter, target in received:
        value = builder.fresh(target.name, parameter.variable.sort, statement.label)
        outcome[parameter.variable.name] = env[target.name] = value
        latest[target.name] = value.name
    after = replace(state, env=env, latest=latest)
    for clause in callee.ensures:
        formula = builder.evaluate(clause.formula, outcome, {OLD: before})
        after = after.knowing(Holds(formula, Origin.ENSURES, clause.span, clause.label))
    for parameter, target in received:
        context.checker.stored(outcome[parameter.variable.name], target.sort, after, statement.span)
    return after
