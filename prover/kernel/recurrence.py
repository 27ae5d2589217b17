"""Non-termination: recurrent sets of loops (Gupta et al., POPL 2008) and diverging procedures.

`recurrent P` at a loop claims: P implies the guard, and from every state in P some choice at each `*` leads through the body,
without failure and without leaving the loop, back to P.  Then a run that reaches the loop in a state of P never needs to end.
The claim is shown with the *angelic* weakest precondition, which reads like the textbook's except that a choice is for us to
make: `exists` where the demonic one has `forall`, `or` where it has `and`, and `assume P` must hold.

An inner loop is taken demonically (by its invariants and variant): whatever its choices, it ends, and in P.  Since it must end,
and `assume` inside it must hold too, there is a run through it.  What is not covered (calls, arrays changed by inner loops, `at`)
gives `false`: nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from prover.kernel.defined import falls
from prover.kernel.definedness import defined
from prover.kernel.depend import statements
from prover.kernel.goal import Goal, GoalKind, Holds, Naming, Origin, Path, extend
from prover.kernel.program import (
    Assert,
    Assign,
    Assume,
    Block,
    Break,
    Clause,
    Continue,
    Element,
    Havoc,
    If,
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
from prover.kernel.sort import Array, Nat
from prover.kernel.term import (
    FALSE,
    TRUE,
    At,
    Op,
    Term,
    Var,
    app,
    conj,
    disj,
    free_variables,
    implies,
    neg,
    num,
    quant,
    substitute,
    walk,
)
from prover.record import replace
from prover.source import Span

# Textbook substitution doubles at each `if`; beyond this size nothing is claimed.
LARGEST = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Angelic:
    """again: what must hold at `continue`.  demonic: inside an inner loop, where all choices count."""

    program: Program
    again: Term
    demonic: bool = False

    def block(self, block: Block, after: Term) -> Term:
        for statement in reversed(block.statements):
            after = self.statement(statement, after)
            if after.size > LARGEST:
                return FALSE
        return after

    def statement(self, statement: Statement, after: Term) -> Term:
        match statement:
            case Skip() | Point() | Assert():
                return after  # annotations never end a run
            case Assign():
                return self._assign(statement, after)
            case Havoc():
                return self._havoc(statement, after)
            case Assume():
                return conj([defined(statement.clause.formula, self.program), statement.clause.formula, after])
            case If():
                return self._if(statement, after)
            case While():
                return self._while(statement, after)
            case Continue():
                return self.again
            case Break() | Return() | ProcedureCall():
                return FALSE
            case _:
                assert_never(statement)

    def _assign(self, statement: Assign, after: Term) -> Term:
        if any(isinstance(t, Element) for t in statement.targets) and len(statement.targets) > 1:
            return FALSE
        whole = [v for t in statement.targets for v in (t.indices if isinstance(t, Element) else ())]
        needs = [defined(e, self.program) for e in (*whole, *statement.values)]
        replaced: dict[str, Term] = {}
        for target, value in zip(statement.targets, statement.values, strict=True):
            needs.append(_fits(value, target))
            if isinstance(target, Element):
                needs += _in_bounds(target.array, target.indices)
                replaced[target.array.name] = _stored(target.array, target.indices, value)
            else:
                replaced[target.name] = value
        return conj([*needs, substitute(after, replaced)])

    def _havoc(self, statement: Havoc, after: Term) -> Term:
        if statement.choose is not None and not self.demonic:
            variable = statement.variables[0]
            needs = [defined(statement.choose, self.program), _fits(statement.choose, variable)]
            return conj([*needs, substitute(after, {variable.name: statement.choose})])
        if any(isinstance(v.sort, Array) for v in statement.variables):
            return FALSE
        used = [v for v in statement.variables if v.name in free_variables(after)]
        return quant(self.demonic, tuple(used), after) if used else after

    def _if(self, statement: If, after: Term) -> Term:
        then, orelse = self.block(statement.then, after), self.block(statement.orelse, after)
        if statement.condition is None:
            return conj([then, orelse]) if self.demonic else disj([then, orelse])
        condition = statement.condition
        chosen = [implies(condition, then), implies(neg(condition), orelse)]
        return conj([defined(condition, self.program), *chosen])

    def _while(self, statement: While, after: Term) -> Term:
        changed = assigned_scalars(statement)
        if changed is None or statement.variant is None or statement.condition is None:
            return FALSE
        invariant = conj([f for c in statement.invariants for f in (defined(c.formula, self.program), c.formula)])
        before = {v.name: Var(f"{v.name}~", v.sort) for v in changed}
        start = tuple([substitute(v, before) for v in statement.variant])
        end = conj([invariant, falls(start, statement.variant)])
        inner = replace(self, again=self.block(statement.step, end), demonic=True)
        body = inner.block(statement.body, inner.again)
        same = [app(Op.EQ, v, before[v.name]) for v in changed]
        guard = statement.condition
        safe = conj([defined(guard, self.program), *[defined(v, self.program) for v in statement.variant]])
        kept = implies(conj([invariant, guard, *same]), body)
        done = implies(conj([invariant, neg(guard)]), after)
        variables = (*changed, *before.values())
        return conj([invariant, quant(True, variables, conj([implies(invariant, safe), kept, done])) if changed else FALSE])


def assigned_scalars(loop: While) -> tuple[Var, ...] | None:
    """The variables that a loop changes; None when it changes an array, calls, or leaves otherwise than by its guard."""
    found: dict[str, Var] = {}
    for block in (loop.body, loop.step):
        for statement in statements(block):
            match statement:
                case Assign():
                    if any(isinstance(t, Element) or isinstance(t.sort, Array) for t in statement.targets):
                        return None
                    found.update({t.name: t for t in statement.targets if isinstance(t, Var)})
                case Havoc():
                    found.update({v.name: v for v in statement.variables})
                case ProcedureCall() | Break() | Return():
                    return None
                case _:
                    pass
    return None if any(isinstance(v.sort, Array) for v in found.values()) else tuple(found.values())


def _fits(value: Term, target: Target) -> Term:
    """The value is in the range of a `nat` target."""
    sort = target.sort if isinstance(target, Var) else _element(target)
    return app(Op.GE, value, num(0)) if isinstance(sort, Nat) and not isinstance(value.sort, Nat) else TRUE


def _element(target: Element) -> object:
    sort: object = target.array.sort
    for _ in target.indices:
        assert isinstance(sort, Array)
        sort = sort.element
    return sort


def _in_bounds(array: Term, indices: Sequence[Term]) -> list[Term]:
    found: list[Term] = []
    for index in indices:
        found.append(app(Op.AND, app(Op.LE, num(0), index), app(Op.LT, index, app(Op.LEN, array))))
        array = app(Op.SELECT, array, index)
    return found


def _stored(array: Term, indices: Sequence[Term], value: Term) -> Term:
    if len(indices) > 1:
        value = _stored(app(Op.SELECT, array, indices[0]), indices[1:], value)
    return app(Op.STORE, array, indices[0], value)


def divergence_goals(procedure: Procedure, program: Program) -> tuple[Goal, ...]:
    """The goals that make the unit's claims of non-termination true, named after the loop, or `diverges`."""
    found: list[Goal] = []
    for statement in statements(procedure.body) if procedure.body else ():
        if isinstance(statement, While) and statement.recurrent:
            found += _loop_goals(statement, procedure, program)
    if procedure.diverges and procedure.body:
        found.append(_diverges_goal(procedure, program))
    return tuple(found)


def _diverges_goal(procedure: Procedure, program: Program) -> Goal:
    """From every entry state with `requires` and the claim, some run never ends.  The claim itself may be used at a recursive
    call: then the run is an endless chain of calls, each of which is reached."""
    body = procedure.body
    assert body is not None
    conclusion = _diverging(body.statements, procedure, program)
    claim = (*procedure.requires, *procedure.diverges)
    words = "from every state that `diverges` describes some run never ends"
    return _goal(procedure, "diverges", claim, conclusion, procedure.diverges[0].span, words, kind=GoalKind.DIVERGES)


def _diverging(block: Sequence[Statement], procedure: Procedure, program: Program) -> Term:
    """A condition under which some run of the statements never ends: it gets stuck in one, having got through those before."""
    later: Term = FALSE
    angelic = Angelic(program, FALSE)
    for statement in reversed(block):
        through = FALSE if later is FALSE else angelic.statement(statement, later)
        later = disj([_stays(statement, procedure, program), through])
        if later.size > LARGEST:
            return FALSE
    return later


def _stays(statement: Statement, procedure: Procedure, program: Program) -> Term:
    """A condition under which some run never leaves the statement."""
    match statement:
        case If(condition=None):
            branches = (statement.then, statement.orelse)
            return disj([_diverging(b.statements, procedure, program) for b in branches])
        case If(condition=condition) if condition is not None:
            then = _diverging(statement.then.statements, procedure, program)
            orelse = _diverging(statement.orelse.statements, procedure, program)
            return conj([defined(condition, program), implies(condition, then), implies(neg(condition), orelse)])
        case While(recurrent=recurrent) if recurrent:
            return conj([f for c in recurrent for f in (defined(c.formula, program), c.formula)])
        case ProcedureCall(name=name) if name == procedure.name:
            parameters = [p.variable for p in procedure.parameters]
            mapping = {p.name: a for p, a in zip(parameters, statement.args, strict=True)}
            needs = [defined(a, program) for a in statement.args]
            needs += [_fits(a, p) for p, a in zip(parameters, statement.args, strict=True)]
            claim = [substitute(c.formula, mapping) for c in (*procedure.requires, *procedure.diverges)]
            return conj([*needs, *claim])
        case _:
            return FALSE


def _loop_goals(loop: While, procedure: Procedure, program: Program) -> tuple[Goal, ...]:
    claim = conj([c.formula for c in loop.recurrent])
    span = loop.recurrent[0].span
    if loop.ghost or any(isinstance(n, At) for n in walk(claim)):  # the program without its ghost code has no such loop
        return (_goal(procedure, f"{loop.label}.recurrent.kept", loop.recurrent, FALSE, span, _KEPT, missing=True),)
    defined_claim = conj([defined(c.formula, program) for c in loop.recurrent])
    guard = TRUE if loop.condition is None else conj([defined(loop.condition, program), loop.condition])
    angelic = Angelic(program, FALSE)
    angelic = replace(angelic, again=angelic.block(loop.step, conj([defined_claim, claim])))
    back = angelic.block(loop.body, angelic.again)
    return (
        _goal(procedure, f"{loop.label}.recurrent.guard", loop.recurrent, guard, span, "the recurrent set implies the guard"),
        _goal(procedure, f"{loop.label}.recurrent.kept", loop.recurrent, back, span, _KEPT),
    )


_KEPT = "from the recurrent set some choice leads through the body back to it"


def _goal(
    procedure: Procedure,
    stem: str,
    claim: Sequence[Clause],
    conclusion: Term,
    span: Span,
    words: str,
    missing: bool = False,
    kind: GoalKind = GoalKind.RECURRENT,
) -> Goal:
    path: Path | None = None
    if any(isinstance(n, At) for t in (conclusion, *[c.formula for c in claim]) for n in walk(t)):
        claim, conclusion, missing = (), FALSE, True
    for clause in claim:
        path = extend(path, Holds(clause.formula, Origin.INVARIANT, clause.span, clause.label))
    # The values of variables are arbitrary ones of their sorts, under the variables' own names.
    return Goal(
        f"{procedure.name}.{stem}", kind, procedure.name, path, conclusion, span, words,
        Naming({}, {}), missing=missing,
    )  # fmt: skip
