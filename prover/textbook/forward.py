"""Proof outlines forwards: the strongest postcondition after each statement (Floyd 1967), from what is known at the entry.

    sp(x := e, P) = exists x0 :: P[x0/x] and x = e[x0/x]

where x0 is the value before.  It is eliminated where the formula itself says what it was (`x0 = t`, `x = x0 + t`); other such
values of numbers stand under `exists`, those of arrays stay free.  At a loop the rule of consequence is used: what is known must
imply the invariant, and the invariant is what is known from there on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import assert_never

from prover.kernel.depend import terms
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
    Point,
    Procedure,
    ProcedureCall,
    Program,
    Return,
    Skip,
    Statement,
    While,
)
from prover.kernel.sort import Array, is_integer
from prover.kernel.term import (
    FALSE,
    OLD,
    TRUE,
    App,
    Op,
    Term,
    Var,
    app,
    conj,
    disj,
    eq,
    free_variables,
    implies,
    neg,
    quant,
    substitute,
)
from prover.source import Span
from prover.textbook.changed import changed_by
from prover.textbook.names import Names, names_of
from prover.textbook.outline import Code, Line, Outline, Shown, head_of
from prover.textbook.simplify import simplify
from prover.textbook.wp import Obligation, TooLarge

LARGEST = 2_000


def forwards(procedure: Procedure, program: Program, exact: bool = False) -> Outline:
    """The outline of a unit with a body.  exact: formulas as the rule makes them, nothing eliminated or simplified.

    Raises ValueError without a body."""
    if procedure.body is None:
        raise ValueError(f"`{procedure.name}` has no body")
    walker = _Forwards(procedure, program, exact)
    requires = conj([c.formula for c in procedure.requires])
    known = walker.block(procedure.body, walker.entry(requires), 0, _Exits())
    walker.leave(known, procedure.end_span, 0)
    entries, obligations = tuple(walker.entries), tuple(walker.obligations)
    return Outline(procedure, TRUE, walker.readable(requires), entries, obligations, walker.free())


@dataclass(slots=True)
class _Exits:
    """What is known where `break` and `continue` lead, of the loop around."""

    breaks: list[Term] = field(default_factory=list)
    continues: list[Term] = field(default_factory=list)


@dataclass(slots=True)
class _Forwards:
    procedure: Procedure
    program: Program
    exact: bool
    names: Names = field(init=False)
    entries: list[Line] = field(default_factory=list)
    obligations: list[Obligation] = field(default_factory=list)
    _shown: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.names = names_of(self.procedure, terms(self.procedure))

    def entry(self, requires: Term) -> Term:
        """What is known at the beginning; values at entry are those of now."""
        return self._arrive(requires, OLD)

    def _arrive(self, known: Term, label: str) -> Term:
        """Where control comes to a label, the values that `at` speaks of are those of now; what they were before is forgotten."""
        spoken = {n: v for t in terms(self.procedure) for n, v in free_variables(self.names.freeze(t)).items()}
        then = {n: v for n, v in sorted(spoken.items()) if n.endswith(f"@{label}")}
        forgotten = self._forget(known, list(then.values()))[0] if then.keys() & free_variables(known).keys() else known
        return conj([forgotten, *[eq(v, self.names.variables[n.partition("@")[0]]) for n, v in then.items()]])

    def leave(self, known: Term, span: Span, depth: int) -> None:
        """The end of the unit, or a `return`: what is known must imply `ensures`."""
        ensures = conj([self.names.freeze(c.formula) for c in self.procedure.ensures])
        self._show(known, span, depth)
        self.entries.append(Shown(depth, self.readable(ensures), span))
        self._oblige("what is known at the end implies what is promised", known, ensures, span)

    def block(self, block: Block, known: Term, depth: int, exits: _Exits) -> Term:
        for statement in block.statements:
            self._show(known, statement.span, depth)
            known = self._statement(statement, known, depth, exits)
        return known

    def _statement(self, statement: Statement, known: Term, depth: int, exits: _Exits) -> Term:
        match statement:
            case If():
                return self._if(statement, known, depth, exits)
            case While():
                return self._while(statement, known, depth)
            case _:
                self.entries.append(Code(depth, head_of(statement), statement.span))
        match statement:
            case Skip():
                return known
            case Assign():
                return self._assign(statement, known)
            case Havoc():
                return self._forget(known, statement.variables)[0]
            case Assert(clause=clause) | Assume(clause=clause):
                claim = self.names.freeze(clause.formula)
                if isinstance(statement, Assert):
                    self._oblige("the assertion follows from what is known", known, claim, statement.span)
                return self._tidy(conj([known, claim]), ())
            case Return():
                self.leave(known, statement.span, depth)
                return FALSE
            case Break():
                exits.breaks.append(known)
                return FALSE
            case Continue():
                exits.continues.append(known)
                return FALSE
            case ProcedureCall():
                return self._call(statement, known)
            case Point(label=label):
                return self._arrive(known, label)
            case _:
                assert_never(statement)

    def _assign(self, statement: Assign, known: Term) -> Term:
        changed: dict[str, Var] = {}
        for target in statement.targets:
            variable = target.array if isinstance(target, Element) else target
            changed[variable.name] = variable
        before = {n: self.names.new(n, v.sort) for n, v in changed.items()}
        state: dict[str, Term] = {}
        for target, written in zip(statement.targets, statement.values, strict=True):
            value = substitute(self.names.freeze(written), before)
            if isinstance(target, Element):
                indices = [substitute(self.names.freeze(i), before) for i in target.indices]
                name = target.array.name
                state[name] = _stored(state.get(name, before[name]), indices, value)
            else:
                state[target.name] = value
        equal = [eq(changed[n], value) for n, value in state.items()]
        return self._tidy(conj([substitute(known, before), *equal]), list(before.values()))

    def _forget(self, known: Term, variables: Sequence[Var]) -> tuple[Term, dict[str, Var]]:
        before = {v.name: self.names.new(v.name, v.sort) for v in variables}
        return self._tidy(substitute(known, before), list(before.values())), before

    def _call(self, call: ProcedureCall, known: Term) -> Term:
        callee = self.program.units[call.name]
        assert isinstance(callee, Procedure)
        pairs = list(zip(callee.parameters, call.args, strict=True))
        given = {p.variable.name: self.names.freeze(a) for p, a in pairs}
        requires = conj([substitute(c.formula, given) for c in callee.requires])
        self._oblige(f"what is known implies `requires` of `{callee.name}`", known, requires, call.span)
        received = [*zip(callee.results, call.targets, strict=False), *[(p, a) for p, a in pairs if p.inout]]
        targets = [t for _, t in received if isinstance(t, Var)]
        before = {t.name: self.names.new(t.name, t.sort) for t in targets}
        earlier = {n: substitute(t, before) for n, t in given.items()}
        outcome = {**earlier, **{p.variable.name: t for p, t in received}}
        ensures = [substitute(c.formula, outcome, {OLD: earlier}) for c in callee.ensures]
        return self._tidy(conj([substitute(known, before), *ensures]), list(before.values()))

    def _if(self, statement: If, known: Term, depth: int, exits: _Exits) -> Term:
        self.entries.append(Code(depth, head_of(statement), statement.span))
        guard = None if statement.condition is None else self.names.freeze(statement.condition)
        then = self.block(statement.then, self._and(known, guard), depth + 1, exits)
        self._show(then, statement.span, depth + 1)
        self.entries.append(Code(depth, "else", None))
        orelse = self.block(statement.orelse, self._and(known, None if guard is None else neg(guard)), depth + 1, exits)
        self._show(orelse, statement.span, depth + 1)
        self.entries.append(Code(depth, "end", None))
        return self._tidy(disj([t for t in (then, orelse) if t is not FALSE]), ())

    def _while(self, loop: While, known: Term, depth: int) -> Term:
        known = self._arrive(known, loop.label)
        invariant = conj([self.names.freeze(c.formula) for c in loop.invariants])
        changed = changed_by(loop, self.program)
        constant = [p for p in _conjuncts(known) if not free_variables(p).keys() & changed.keys()]
        always = conj([invariant, *constant])
        guard = None if loop.condition is None else self.names.freeze(loop.condition)
        self._oblige(f"{loop.label}: what is known implies the invariant", known, invariant, loop.span)
        self._show(always, loop.span, depth)
        self.entries.append(Code(depth, head_of(loop), loop.span))
        inside = _Exits()
        body = self.block(loop.body, self._and(always, guard), depth + 1, inside)
        round_end = self._tidy(disj([t for t in (body, *inside.continues) if t is not FALSE]), ())
        after_step = round_end
        for statement in loop.step.statements:  # not in the text of the body: a `for` counts on
            assert isinstance(statement, Assign)
            after_step = self._assign(statement, after_step)
        self._show(after_step, loop.span, depth + 1)
        self._show(always, loop.span, depth + 1)
        self._oblige(f"{loop.label}: a round keeps the invariant", after_step, invariant, loop.span)
        self.entries.append(Code(depth, "end", None))
        ended = always if guard is None else self._and(always, neg(guard))
        return self._tidy(disj([t for t in (ended, *inside.breaks) if t is not FALSE]), ())

    # formulas

    def _and(self, known: Term, guard: Term | None) -> Term:
        return known if guard is None else self._tidy(conj([known, guard]), ())

    def _tidy(self, formula: Term, before: Sequence[Var]) -> Term:
        """With the values before eliminated where that can be shown, the rest bound."""
        left = list(before)
        if not self.exact:
            for variable in before:
                solved = _solved(formula, variable)
                if solved is not None:
                    formula = solved
                    left.remove(variable)
            formula = simplify(formula) if formula.size <= LARGEST else formula
        mentioned = free_variables(formula)
        bound = [v for v in left if v.name in mentioned and not isinstance(v.sort, Array)]
        return quant(False, tuple(bound), formula) if bound else formula

    def readable(self, formula: Term) -> Term | TooLarge:
        if formula.size > LARGEST:
            return TooLarge(formula.size)
        shown = self.names.thaw(formula)
        self._shown |= free_variables(shown).keys()
        return shown if self.exact else simplify(shown)

    def _show(self, formula: Term, span: Span, depth: int) -> None:
        found = Shown(depth, self.readable(formula), span)
        last = self.entries[-1] if self.entries else None
        if not (isinstance(last, Shown) and last.depth == depth and last.assertion == found.assertion):
            self.entries.append(found)

    def _oblige(self, words: str, known: Term, claim: Term, span: Span) -> None:
        if claim is not TRUE and known is not FALSE:
            self.obligations.append(Obligation(words, self.readable(implies(known, claim)), span))

    def free(self) -> tuple[Var, ...]:
        return tuple([v for v in self.names.fresh if v.name in self._shown])


def _conjuncts(formula: Term) -> list[Term]:
    return list(formula.args) if isinstance(formula, App) and formula.op is Op.AND else [formula]


def _stored(array: Term, indices: Sequence[Term], value: Term) -> Term:
    if len(indices) > 1:
        value = _stored(app(Op.SELECT, array, indices[0]), indices[1:], value)
    return app(Op.STORE, array, indices[0], value)


def _solved(formula: Term, variable: Var) -> Term | None:
    """`exists v :: formula` without v, where a conjunct says what v is: `v = t`, `t = v + s`, `t = v - s` or `t = s - v`."""
    parts = _conjuncts(formula)
    for number, part in enumerate(parts):
        match part:
            case App(op=Op.EQ, args=(left, right)):
                for one, other in ((left, right), (right, left)):
                    found = _isolated(one, other, variable)
                    if found is not None and variable.name not in free_variables(found):
                        return substitute(conj([*parts[:number], *parts[number + 1 :]]), {variable.name: found})
            case _:
                pass
    return None


def _isolated(side: Term, other: Term, variable: Var) -> Term | None:
    """`variable` from `side = other`, where it stands in `side` once and under sums only."""
    match side:
        case Var(name=name) if name == variable.name:
            return other
        case App(op=Op.ADD, args=args) if is_integer(side.sort):
            holding = [a for a in args if variable.name in free_variables(a)]
            rest = [a for a in args if variable.name not in free_variables(a)]
            if len(holding) == 1 and rest:
                return _isolated(holding[0], app(Op.SUB, other, app(Op.ADD, *rest) if len(rest) > 1 else rest[0]), variable)
        case App(op=Op.SUB, args=(first, second)) if is_integer(side.sort):
            if variable.name not in free_variables(second):
                return _isolated(first, app(Op.ADD, other, second), variable)
            if variable.name not in free_variables(first):
                return _isolated(second, app(Op.SUB, first, other), variable)
        case _:
            pass
    return None
