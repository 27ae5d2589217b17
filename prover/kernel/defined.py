"""Definedness: every partial operation has an obligation where it stands.

`and`, `or`, `==>` and `if` guard from left to right, so the walk goes through a term as execution would, with the guards passed
so far as facts of the path.  A bound variable becomes an arbitrary value of its sort: what holds for it holds for all.
"""

from __future__ import annotations

from collections.abc import Mapping

from prover.kernel.goal import Defines, GoalKind, Holds, Origin
from prover.kernel.program import Clause, Function, Program
from prover.kernel.sort import INT, Array, Machine, Nat, Sort, is_integer
from prover.kernel.state import LARGE, Builder, State
from prover.kernel.term import (
    ARITHMETIC,
    FALSE,
    App,
    At,
    Call,
    Let,
    Lit,
    Op,
    Quant,
    Term,
    Var,
    app,
    children,
    conj,
    disj,
    eq,
    neg,
    num,
    substitute,
    walk,
)
from prover.record import record, replace
from prover.source import Span


@record
class Recursion:
    """What a recursive function's body must respect: calls into `component` lower `variant` (of the unit at entry)."""

    component: frozenset[str]
    variant: tuple[Term, ...] | None


@record
class Definedness:
    """Makes the goals.  fallback: where an operation has no place of its own in the text."""

    builder: Builder
    program: Program
    fallback: Span
    recursion: Recursion | None = None

    def check(self, term: Term, state: State) -> None:
        """Goals for every partial operation in `term`, a term of the program's text, evaluated in `state`."""
        if not self._partial(term):
            return
        match term:
            case App(op=Op.AND, args=args):
                self._guarded(args, state, positive=True)
            case App(op=Op.OR, args=args):
                self._guarded(args, state, positive=False)
            case App(op=Op.IMPLIES, args=(left, right)):
                self.check(left, state)
                self.check(right, self._given(state, left))
            case App(op=Op.ITE, args=(condition, then, orelse)):
                self.check(condition, state)
                self.check(then, self._given(state, condition))
                self.check(orelse, self._given(state, app(Op.NOT, condition)))
            case Quant(variables=variables, body=body):
                for v in variables:
                    state = self._bind(state, v)
                self.check(body, state)
            case Let(variable=variable, value=value, body=body):
                self.check(value, state)
                self.check(body, self._define(state, variable, value))
            case At(label=label, body=body):
                self.check(body, self._back(state, label))
            case _:
                for child in children(term):
                    self.check(child, state)
                self._operation(term, state)

    def stored(self, value: Term, sort: Sort, state: State, span: Span) -> None:
        """The range obligation of putting `value` where `sort` is expected; `check` has been called on `value`."""
        if isinstance(sort, Nat) and not isinstance(value.sort, Nat) and not (isinstance(value, Lit) and value.value >= 0):
            condition = app(Op.GE, self.builder.value(value, state), num(0))
            self._goal(GoalKind.RANGE, "range", state, condition, value.span or span, "the value stored in a `nat` is at least 0")

    def _partial(self, term: Term) -> bool:
        return any(isinstance(n, Call) or (isinstance(n, App) and _is_partial(n)) for n in walk(term))

    def _guarded(self, parts: tuple[Term, ...], state: State, positive: bool) -> None:
        last = max(i for i, p in enumerate(parts) if self._partial(p))
        for part in parts[: last + 1]:
            self.check(part, state)
            state = self._given(state, part if positive else app(Op.NOT, part))

    def _given(self, state: State, guard: Term) -> State:
        return state.knowing(Holds(self.builder.value(guard, state), Origin.GUARD, guard.span))

    def _bind(self, state: State, variable: Var) -> State:
        value = self.builder.fresh(variable.name, variable.sort, "")
        return self._with(state, variable, value)

    def _define(self, state: State, variable: Var, value: Term) -> State:
        named = self.builder.fresh(variable.name, variable.sort, "")
        self.stored(value, variable.sort, state, variable.span or self.fallback)
        known = state.knowing(Defines(named, self.builder.value(value, state), variable.span))
        return self._with(known, variable, named)

    def _with(self, state: State, variable: Var, value: Var) -> State:
        """A bound variable has the same value at every point."""
        points = {label: {**env, variable.name: value} for label, env in state.points.items()}
        return replace(
            state,
            env={**state.env, variable.name: value},
            latest={**state.latest, variable.name: value.name},
            points=points,
        )

    def _back(self, state: State, label: str) -> State:
        if label in state.points:
            return replace(state, env=state.points[label])
        unknown = {v.name: self.builder.fresh(v.name, v.sort, label) for v in self.builder.variables.values()}
        return replace(state, env={**state.env, **unknown})

    def _operation(self, term: Term, state: State) -> None:
        span = term.span or self.fallback
        match term:
            case App(op=Op.DIV | Op.MOD, args=(_, divisor)) if not (isinstance(divisor, Lit) and divisor.value != 0):
                nonzero = app(Op.NE, self.builder.value(divisor, state), num(0, divisor.sort))
                self._goal(GoalKind.DIVISION, "division", state, nonzero, span, "the divisor is not 0")
            case App(op=Op.SELECT, args=(array, index)):
                self.within(self.builder.value(array, state), self.builder.value(index, state), state, span)
            case App(op=Op.FILL, args=(length, element)):
                condition = app(Op.GE, self.builder.value(length, state), num(0))
                self._goal(GoalKind.LENGTH, "length", state, condition, span, "the array's length is at least 0")
                assert isinstance(term.sort, Array)
                self.stored(element, term.sort.element, state, span)
            case App(op=Op.LITERAL, args=elements, sort=Array(element=sort)):
                for element in elements:
                    self.stored(element, sort, state, span)
            case App(op=Op.CONVERT, args=(value,), sort=Machine() as sort):
                self._converts(value, sort, state, span)
            case Call():
                self._call(term, state, span)
            case _:
                pass
        if isinstance(term, App) and term.op in ARITHMETIC and isinstance(term.sort, Machine) and term.sort.signed:
            self._overflow(term, term.sort, state, span)

    def within(self, array: Term, position: Term, state: State, span: Span) -> None:
        """The obligation of an index; both terms are values already."""
        length = app(Op.LEN, array)
        within = app(Op.AND, app(Op.LE, num(0), position), app(Op.LT, position, length))
        self._goal(GoalKind.INDEX, "index", state, within, span, "the index is within the array's bounds")

    def _converts(self, value: Term, sort: Machine, state: State, span: Span) -> None:
        number = app(Op.VALUE, self.builder.value(value, state))
        self._goal(GoalKind.CONVERSION, "conversion", state, _within(number, sort), span, f"the value fits `{sort}`")

    def _overflow(self, term: App, sort: Machine, state: State, span: Span) -> None:
        args: list[Term] = [app(Op.VALUE, self.builder.value(a, state)) for a in term.args]
        words = f"the result fits `{sort}`"
        if term.op is Op.DIV:
            exact = neg(app(Op.AND, eq(args[0], num(sort.low)), eq(args[1], num(-1))))
            self._goal(GoalKind.OVERFLOW, "overflow", state, exact, span, words)
        elif term.op is not Op.MOD:
            self._partial_results(term.op, args, sort, state, span)

    def _partial_results(self, op: Op, args: list[Term], sort: Machine, state: State, span: Span) -> None:
        """Each intermediate result of a sum or product must fit, not only the last."""
        if len(args) == 1:
            condition = _within(app(op, *args), sort)
            self._goal(GoalKind.OVERFLOW, "overflow", state, condition, span, f"the result fits `{sort}`")
            return
        result = args[0]
        for argument in args[1:]:
            result = app(op, result, argument)
            if result.size > LARGE:
                named = self.builder.fresh("sum", INT, "")
                state = state.knowing(Defines(named, result, span))
                result = named
            self._goal(GoalKind.OVERFLOW, "overflow", state, _within(result, sort), span, f"the result fits `{sort}`")

    def _call(self, term: Call, state: State, span: Span) -> None:
        unit = self.program.units.get(term.function)
        if not isinstance(unit, Function):
            return
        for argument, parameter in zip(term.args, unit.parameters, strict=True):
            self.stored(argument, parameter.sort, state, argument.span or span)
        mapping = {p.name: self.builder.value(a, state) for p, a in zip(unit.parameters, term.args, strict=True)}
        for clause in unit.requires:
            condition = substitute(clause.formula, mapping)
            name = self.builder.numbered(f"{unit.name}.{clause.label}.call")
            words = f"`{unit.name}`'s `requires` holds where it is used"
            self.builder.goal(name, GoalKind.REQUIRES, state, condition, span, words, clause=clause.label)
        if self.recursion and unit.name in self.recursion.component:
            self._recursive_call(unit, mapping, state, span)

    def _recursive_call(self, unit: Function, mapping: Mapping[str, Term], state: State, span: Span) -> None:
        assert self.recursion is not None
        here, there = self.recursion.variant, unit.variant
        name = self.builder.numbered(f"{unit.name}.variant.call")
        words = f"the variant falls at the call of `{unit.name}`"
        if here is None or there is None or len(here) != len(there):
            self.builder.goal(name, GoalKind.RECURSION, state, FALSE, span, words, missing=True)
            return
        called = tuple([substitute(v, mapping) for v in there])
        entry = tuple([self.builder.value(v, state) for v in here])
        self.builder.goal(name, GoalKind.RECURSION, state, falls(entry, called), span, words)

    def _goal(self, kind: GoalKind, stem: str, state: State, condition: Term, span: Span, words: str) -> None:
        self.builder.goal(self.builder.numbered(stem), kind, state, condition, span, words)


def _is_partial(term: App) -> bool:
    if term.op in (Op.DIV, Op.MOD, Op.SELECT, Op.FILL, Op.LITERAL, Op.CONVERT):
        return True
    return term.op in ARITHMETIC and isinstance(term.sort, Machine) and term.sort.signed


def _within(number: Term, sort: Machine) -> Term:
    return app(Op.AND, app(Op.LE, num(sort.low), number), app(Op.LE, number, num(sort.high)))


def falls(before: tuple[Term, ...], after: tuple[Term, ...]) -> Term:
    """Some component falls by at least one and was >= 0, and no earlier one rises.

    No such chain is endless: take the first component that falls infinitely often; from some round on no earlier one falls,
    none before it rises, so it never rises itself, and it falls forever from values >= 0.
    """
    ways = []
    old, new = [_number(t) for t in before], [_number(t) for t in after]
    for i in range(len(old)):
        earlier = [app(Op.LE, n, o) for o, n in zip(old[:i], new[:i], strict=True)]
        ways.append(conj([*earlier, app(Op.GE, old[i], num(0)), app(Op.LT, new[i], old[i])]))
    return disj(ways)


def _number(term: Term) -> Term:
    return term if is_integer(term.sort) else app(Op.VALUE, term)


def clauses(checker: Definedness, found: tuple[Clause, ...], state: State, origin: Origin) -> State:
    """Check and then know each clause; each may rely on those before it."""
    for clause in found:
        checker.check(clause.formula, state)
        state = checker.builder.assume(state, clause, origin)
    return state
