"""Verification conditions of a procedure, triple or lemma.

One equation a statement: `execute` takes the symbolic state before a statement to the one after it (strongest postconditions in
passive form; Flanagan & Saxe 2001, Leino 2005) and leaves the goals on the way with the builder.  It returns None where the
end of the statement cannot be reached.  Above each case stands the rule of Hoare logic that it implements; `docs/rules.md`
argues their soundness.

Conditions are linear in the text: facts are shared along paths, values too large are named, joins are one fact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from prover.kernel.context import Context
from prover.kernel.contract import call
from prover.kernel.defined import clauses, falls
from prover.kernel.depend import functions_in, statements, terms
from prover.kernel.goal import Assumption, Conditions, Goal, GoalKind, Holds, Origin
from prover.kernel.program import (
    Assert,
    Assign,
    Assume,
    Block,
    Break,
    Continue,
    Element,
    Havoc,
    If,
    Kind,
    Point,
    Procedure,
    ProcedureCall,
    Program,
    Return,
    Skip,
    Statement,
    Target,
    While,
)
from prover.kernel.sort import Array, Sort
from prover.kernel.state import Builder, State, entry
from prover.kernel.term import FALSE, Op, Term, Var, app, neg
from prover.record import replace
from prover.source import Span


@dataclass(slots=True)
class Loop:
    """Where `break` and `continue` of the innermost loop lead: the states that arrive there."""

    breaks: list[State] = field(default_factory=list)
    continues: list[State] = field(default_factory=list)


def conditions(procedure: Procedure, program: Program, component: frozenset[str], total: bool) -> Conditions:
    """The conditions of `procedure`; with `total`, those of its termination whether the file asks them or not."""
    builder = Builder(procedure.name, _variables(procedure))
    state = entry(builder, _changing(procedure))
    context = Context(procedure, program, component, total or procedure.terminates, builder, state)
    state = clauses(context.checker, procedure.requires, state, Origin.REQUIRES)
    for component_term in procedure.variant or ():
        context.checker.check(component_term, state)
    context = replace(context, first=state)
    if procedure.body is None:
        builder.assumptions.append(Assumption("bodiless", f"procedure {procedure.name}", procedure.name_span))
        _contract_is_defined(context, state)
    else:
        end = run(procedure.body, state, context, Loop())
        if end is not None:
            leave(context, end, "", procedure.end_span)
    return Conditions(
        procedure.name,
        tuple(builder.goals),
        tuple(builder.termination),
        _uses(procedure),
        tuple(builder.assumptions),
        _divergence(procedure, program),
        context.first.path,
    )


def _divergence(procedure: Procedure, program: Program) -> tuple[Goal, ...]:
    loops = statements(procedure.body) if procedure.body else ()
    if not procedure.diverges and not any(isinstance(s, While) and s.recurrent for s in loops):
        return ()
    from prover.kernel.recurrence import divergence_goals  # few programs claim it

    return divergence_goals(procedure, program)


def _variables(procedure: Procedure) -> Mapping[str, Var]:
    held = (*procedure.parameters, *procedure.results, *procedure.locals)
    return {p.variable.name: p.variable for p in held}


def _changing(procedure: Procedure) -> tuple[Var, ...]:
    fixed = {p.variable.name for p in procedure.parameters if not p.inout}
    return tuple(v for n, v in _variables(procedure).items() if n not in fixed)


def _uses(procedure: Procedure) -> frozenset[str]:
    called = {s.name for s in statements(procedure.body) if isinstance(s, ProcedureCall)} if procedure.body else set()
    return frozenset({f for t in terms(procedure) for f in functions_in(t)} | called)


def _contract_is_defined(context: Context, state: State) -> None:
    """A trusted contract must at least make sense for any outcome."""
    outcome = [p.variable for p in (*context.procedure.parameters, *context.procedure.results) if p.variable.name in state.env]
    clauses(context.checker, context.procedure.ensures, context.builder.havoc(state, tuple(outcome), "end"), Origin.ENSURES)


def leave(context: Context, state: State, site: str, span: Span) -> None:
    """Goals at an exit: each `ensures`, which may rely on those before it.  site: `return2`, or empty at the end."""
    for clause in context.procedure.ensures:
        context.checker.check(clause.formula, state)
        stem = "post" if context.procedure.kind is Kind.TRIPLE and not clause.label else clause.label
        name = context.builder.name(f"{stem}.{site}" if site else stem)
        what = "the postcondition" if context.procedure.kind is Kind.TRIPLE else "`ensures`"
        where = f"at `return` in line {span.first.line}" if site else "at the end"
        conclusion = context.builder.value(clause.formula, state)
        context.builder.goal(name, GoalKind.ENSURES, state, conclusion, clause.span, f"{what} holds {where}", clause=clause.label)
        state = context.builder.assume(state, clause, Origin.ENSURES)


def run(block: Block, state: State, context: Context, loop: Loop) -> State | None:
    #   {P} S1 {R}   {R} S2 {Q}
    #   -----------------------
    #       {P} S1; S2 {Q}
    for statement in block.statements:
        after = execute(statement, state, context, loop)
        if after is None:
            return None  # what follows cannot be reached
        state = after
    return state


def execute(statement: Statement, state: State, context: Context, loop: Loop) -> State | None:
    builder, checker = context.builder, context.checker
    match statement:
        case Skip():
            #   {Q} skip {Q}
            return state
        case Assign():
            #   {Q[e/x]} x := e {Q}
            return _assign(statement, state, context)
        case Havoc():
            #   {forall x :: Q} x := * {Q}
            return builder.havoc(state, statement.variables, f"line{statement.span.first.line}")
        case Assert():
            #   {P and Q} assert P {Q}
            return _assert(statement, state, context)
        case Assume():
            #   {P ==> Q} assume P {Q}
            checker.check(statement.clause.formula, state)
            builder.assumptions.append(Assumption("assume", statement.clause.span.text, statement.clause.span))
            return builder.assume(state, statement.clause, Origin.ASSUMPTION)
        case Point():
            return state.at(statement.label)
        case If():
            return _branch(statement, state, context, loop)
        case While():
            return _loop(statement, state, context)
        case ProcedureCall():
            return call(statement, state, context)
        case Return():
            #   {ensures} return {false}
            leave(context, state, statement.label, statement.span)
            return None
        case Break():
            #   {what holds after the loop} break {false}
            loop.breaks.append(state)
            return None
        case Continue():
            #   {the invariant, after the step} continue {false}
            loop.continues.append(state)
            return None
        case _:
            assert_never(statement)


def _assign(statement: Assign, state: State, context: Context) -> State:
    """Everything is evaluated in the state before; element writes then happen from left to right."""
    builder, checker = context.builder, context.checker
    for target in statement.targets:
        for index in target.indices if isinstance(target, Element) else ():
            checker.check(index, state)
    for value in statement.values:
        checker.check(value, state)
    before = state
    for target, value in zip(statement.targets, statement.values, strict=True):
        checker.stored(value, _sort_of(target), before, statement.span)
    values = [builder.value(v, before) for v in statement.values]
    for target, value in zip(statement.targets, values, strict=True):
        if isinstance(target, Element):
            indices = [builder.value(i, before) for i in target.indices]
            current = state.env[target.array.name]
            value = _store(current, indices, value, state, context, target.span)
            state = builder.assign(state, target.array, value, statement.span)
        else:
            state = builder.assign(state, target, value, statement.span)
    return state


def _sort_of(target: Target) -> Sort:
    if isinstance(target, Var):
        return target.sort
    sort = target.array.sort
    for _ in target.indices:
        assert isinstance(sort, Array)
        sort = sort.element
    return sort


def _store(array: Term, indices: list[Term], value: Term, state: State, context: Context, span: Span) -> Term:
    """`array` with the element at `indices` replaced; all terms are values already."""
    context.checker.within(array, indices[0], state, span)
    if len(indices) > 1:
        inner = app(Op.SELECT, array, indices[0])
        value = _store(inner, indices[1:], value, state, context, span)
    return app(Op.STORE, array, indices[0], value)


def _assert(statement: Assert, state: State, context: Context) -> State:
    builder, clause = context.builder, statement.clause
    context.checker.check(clause.formula, state)
    conclusion = builder.value(clause.formula, state)
    builder.goal(
        builder.name(clause.label),
        GoalKind.ASSERTION,
        state,
        conclusion,
        clause.span,
        "the assertion holds here",
        script=statement.script,
        clause=clause.label,
    )
    return builder.assume(state, clause, Origin.ASSERTION)


def _branch(statement: If, state: State, context: Context, loop: Loop) -> State | None:
    #   {P and b} S1 {Q}   {P and not b} S2 {Q}        {P} S1 {Q}   {P} S2 {Q}
    #   ---------------------------------------      ---------------------------------
    #      {P} if b then S1 else S2 end {Q}           {P} if * then S1 else S2 end {Q}
    yes, no = state, state
    if statement.condition is not None:
        context.checker.check(statement.condition, state)
        yes, no = _split(statement.condition, state, context)
    ends = [run(statement.then, yes, context, loop), run(statement.orelse, no, context, loop)]
    return context.builder.join([s for s in ends if s is not None], statement.label, statement.span)


def _split(condition: Term, state: State, context: Context) -> tuple[State, State]:
    value = context.builder.value(condition, state)
    yes = state.knowing(Holds(value, Origin.GUARD, condition.span))
    no = state.knowing(Holds(neg(value), Origin.GUARD, condition.span))
    return yes, no


def _loop(statement: While, state: State, context: Context) -> State | None:
    #   P ==> I    {I and b and v = V} S {I and v < V}   I and not b ==> Q
    #   ------------------------------------------------------------------  (v only for total correctness)
    #          {P} while b invariant I variant v do S end {Q}
    state = state.at(statement.label)
    _invariants(statement, state, context, GoalKind.INVARIANT_ENTRY, "entry", "on entry to the loop")
    head = _arbitrary_round(statement, state, context)
    yes, no = head, head
    if statement.condition is not None:
        context.checker.check(statement.condition, head)
        yes, no = _split(statement.condition, head, context)
    for component in statement.variant or ():
        context.checker.check(component, yes)
    frame = Loop()
    end = run(statement.body, yes, context, frame)
    _round_ends(statement, head, [s for s in [end] if s is not None], context, "")
    for number, early in enumerate(frame.continues, 1):
        _round_ends(statement, head, [early], context, f".continue{number}")
    return context.builder.join([no, *frame.breaks], f"{statement.label}_end", statement.span)


def _arbitrary_round(statement: While, state: State, context: Context) -> State:
    """The state at the head in any round: what the loop can change is unknown but for the invariants, and for the length of
    an array of which it changes elements only."""
    whole, elements = assigned(statement, context.program)
    changed = {n: context.builder.variables[n] for n in (*whole, *(e for e in elements if e not in whole))}
    head = context.builder.havoc(state, tuple(changed.values()), f"{statement.label}_round")
    for name in elements:
        if name not in whole:
            same = app(Op.EQ, app(Op.LEN, head.env[name]), app(Op.LEN, state.env[name]))
            head = head.knowing(Holds(same, Origin.FRAME, statement.span))
    return clauses(context.checker, statement.invariants, head, Origin.INVARIANT)


def _invariants(statement: While, state: State, context: Context, kind: GoalKind, site: str, where: str) -> State:
    """A goal for each invariant.  That they are defined is shown once, at an arbitrary round, of which this state is one."""
    builder = context.builder
    for clause in statement.invariants:
        name = builder.name(f"{statement.label}.{clause.label}.{site}")
        conclusion = builder.value(clause.formula, state)
        builder.goal(name, kind, state, conclusion, clause.span, f"the invariant holds {where}", clause=clause.label)
        state = builder.assume(state, clause, Origin.INVARIANT)
    return state


def _round_ends(statement: While, head: State, ends: list[State], context: Context, suffix: str) -> None:
    for end in ends:
        after = run(statement.step, end, context, Loop())
        assert after is not None, "a step cannot leave"
        where = "after each round" + (" that `continue` ends" if suffix else "")
        after = _invariants(statement, after, context, GoalKind.INVARIANT_PRESERVED, f"preserved{suffix}", where)
        if statement.ghost or context.asked or context.procedure.kind is Kind.LEMMA:
            _variant(statement, head, after, context, suffix)


def _variant(statement: While, head: State, after: State, context: Context, suffix: str) -> None:
    builder = context.builder
    name = builder.name(f"{statement.label}.variant{suffix}")
    termination = not (statement.ghost or context.procedure.kind is Kind.LEMMA)
    if statement.variant is None:
        words = "the loop ends, which needs a `variant`"
        builder.goal(name, GoalKind.VARIANT, after, FALSE, statement.span, words, missing=True, termination=termination)
        return
    before = tuple([builder.value(v, head) for v in statement.variant])
    now = tuple([builder.value(v, after) for v in statement.variant])
    span = statement.variant_span or statement.span
    words = "the variant is at least 0 and falls in each round"
    builder.goal(name, GoalKind.VARIANT, after, falls(before, now), span, words, termination=termination)


def assigned(loop: While, program: Program) -> tuple[list[str], list[str]]:
    """Variables that a loop's body or step can change: as a whole, and (arrays) by element writes; in text order."""
    whole: dict[str, None] = {}
    elements: dict[str, None] = {}
    for block in (loop.body, loop.step):
        for statement in statements(block):
            match statement:
                case Assign():
                    for target in statement.targets:
                        if isinstance(target, Element):
                            elements[target.array.name] = None
                        else:
                            whole[target.name] = None
                case Havoc():
                    whole.update(dict.fromkeys(v.name for v in statement.variables))
                case ProcedureCall():
                    whole.update(dict.fromkeys(v.name for v in statement.targets))
                    whole.update(dict.fromkeys(_inout_arguments(statement, program)))
                case _:
                    pass
    return list(whole), list(elements)


def _inout_arguments(statement: ProcedureCall, program: Program) -> list[str]:
    callee = program.units[statement.name]
    assert isinstance(callee, Procedure)
    pairs = zip(callee.parameters, statement.args, strict=True)
    return [a.name for p, a in pairs if p.inout and isinstance(a, Var)]
