"""The weakest precondition of the textbook, by substitution, backwards through the text (Dijkstra 1975; Winskel 1993, ch. 7).

For people to read, and to test the kernel's conditions with: the two share terms and their substitution, nothing else.  A
loop's precondition is its invariant, the rest are conditions beside it (`show`); in `exact` mode it is one formula that is
valid exactly if all of them are.  Where substitution explodes, an assertion is `TooLarge` instead.

Free names that a formula does not share with the program (`x'`) stand for any value of their sort.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from prover.kernel.depend import components, terms
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
from prover.kernel.term import (
    FALSE,
    OLD,
    TRUE,
    App,
    Op,
    Term,
    Var,
    app,
    at,
    conj,
    disj,
    eq,
    free_variables,
    implies,
    neg,
    num,
    quant,
    substitute,
)
from prover.record import replace
from prover.source import Span
from prover.textbook.changed import Change, changed_by
from prover.textbook.defined import clauses_defined, defined, fits, within
from prover.textbook.names import Names, names_of
from prover.textbook.simplify import simplify


@dataclass(frozen=True, slots=True)
class TooLarge:
    """An assertion that is not worked out; it has at least `nodes` nodes.  together: all those before it have been too much."""

    nodes: int
    together: bool = False


Assertion = Term | TooLarge


@dataclass(frozen=True, slots=True)
class Options:
    """total: with the conditions of termination.  definedness: with those of operations.  limit: nodes of one assertion.
    exact: loops and `*` as one formula with fresh names instead of conditions beside it, and nothing simplified on the way.
    work: nodes visited in all.  simplified: False leaves each formula as substitution makes it."""

    total: bool = False
    definedness: bool = False
    exact: bool = False
    limit: int = 1_000
    work: int = 300_000
    simplified: bool = True


@dataclass(frozen=True, slots=True)
class Obligation:
    """A condition that the outline needs beside its assertions.  words: what it says."""

    words: str
    formula: Assertion
    span: Span


@dataclass(frozen=True, slots=True)
class Exits:
    """What must hold where control leaves otherwise than at the end."""

    returns: Assertion
    breaks: Assertion = TRUE
    continues: Assertion = TRUE


@dataclass(slots=True)
class Calculus:
    """Works out assertions of one unit.  before, after: the assertion before each statement, and what must hold after it, by
    identity, as found (not simplified)."""

    procedure: Procedure
    program: Program
    options: Options
    names: Names = field(init=False)
    before: dict[int, Assertion] = field(default_factory=dict)
    after: dict[int, Assertion] = field(default_factory=dict)
    obligations: list[Obligation] = field(default_factory=list)
    _work: int = 0
    _component: frozenset[str] | None = None

    def __post_init__(self) -> None:
        self.names = names_of(self.procedure, terms(self.procedure))

    # wp of a whole unit

    def precondition(self) -> Assertion:
        """Of the body, for `ensures`."""
        assert self.procedure.body is not None
        post = self.postcondition()
        pre = self.block(self.procedure.body, post, Exits(post))
        return pre if isinstance(pre, TooLarge) else self.bounded(self.names.arrive(pre, OLD))

    def postcondition(self) -> Term:
        ensures = conj([self.names.freeze(c.formula) for c in self.procedure.ensures])
        return conj([self._clauses_defined(self.procedure.ensures), ensures])

    # helpers

    def bounded(self, term: Term) -> Assertion:
        """The term, if it is not too large; simplified for people, who would do so before they go on."""
        self._work += term.size
        if self._work > self.options.work:
            return TooLarge(term.size, together=True)
        if self.options.simplified and not self.options.exact and term.size <= 4 * self.options.limit:
            term = simplify(term)
        return term if term.size <= self.options.limit else TooLarge(term.size)

    def _defined(self, *found: Term) -> Term:
        if not self.options.definedness:
            return TRUE
        return conj([self.names.freeze(defined(t, self.program)) for t in found])

    def _fits(self, value: Term, sort: Sort) -> Term:
        return fits(value, sort) if self.options.definedness else TRUE

    def _clauses_defined(self, clauses: Sequence[Clause]) -> Term:
        return self.names.freeze(clauses_defined(clauses, self.program)) if self.options.definedness else TRUE

    def _total(self) -> bool:
        return self.options.total or self.procedure.kind is Kind.LEMMA

    # statements

    def block(self, block: Block, post: Assertion, exits: Exits) -> Assertion:
        #   wp(S1; S2, Q) = wp(S1, wp(S2, Q))
        for statement in reversed(block.statements):
            self.after[id(statement)] = post
            post = self._guarded(statement, post, exits)
            self.before[id(statement)] = post
        return post

    def _guarded(self, statement: Statement, post: Assertion, exits: Exits) -> Assertion:
        try:
            pre = self._statement(statement, post, exits)
            return pre if isinstance(pre, TooLarge) else self.bounded(pre)
        except RecursionError:
            return post if isinstance(post, TooLarge) else TooLarge(post.size)

    def _statement(self, statement: Statement, post: Assertion, exits: Exits) -> Assertion:
        match statement:
            case If():
                return self._if(statement, post, exits)
            case While():
                return self._while(statement, post, exits)
            case Return():
                return exits.returns
            case Break():
                return exits.breaks
            case Continue():
                return exits.continues
            case _:
                return post if isinstance(post, TooLarge) else self.simple(statement, post)

    def simple(self, statement: Skip | Assign | Havoc | Assert | Assume | Point | ProcedureCall, post: Term) -> Term:
        """Of a statement without statements in it; nothing is simplified."""
        match statement:
            case Skip():
                #   wp(skip, Q) = Q
                return post
            case Assign():
                return self._assign(statement, post)
            case Havoc():
                return self._havoc(statement, post)
            case Assert(clause=clause):
                #   wp(assert P, Q) = P and Q
                return conj([self._defined(clause.formula), self.names.freeze(clause.formula), post])
            case Assume(clause=clause):
                #   wp(assume P, Q) = P ==> Q
                return conj([self._defined(clause.formula), implies(self.names.freeze(clause.formula), post)])
            case Point(label=label):
                return self.names.arrive(post, label)
            case ProcedureCall():
                return self._call(statement, post)
            case _:
                assert_never(statement)

    def _assign(self, statement: Assign, post: Term) -> Term:
        #   wp(x := e, Q) = Q[e/x]        wp(a[i] := e, Q) = Q[a[i := e]/a]
        state: dict[str, Term] = {}
        conditions = [self._defined(i) for t in statement.targets if isinstance(t, Element) for i in t.indices]
        conditions += [self._defined(v) for v in statement.values]
        for target, value in zip(statement.targets, statement.values, strict=True):
            conditions.append(self._fits(value, _sort_of(target)))
        for target, written in zip(statement.targets, statement.values, strict=True):
            value = self.names.freeze(written)
            if isinstance(target, Element):
                name = target.array.name
                indices = [self.names.freeze(i) for i in target.indices]
                state[name] = self._store(state.get(name, target.array), indices, value, conditions)
            else:
                state[target.name] = value
        return conj([*conditions, substitute(post, state)])

    def _store(self, array: Term, indices: list[Term], value: Term, conditions: list[Term]) -> Term:
        if self.options.definedness:
            conditions.append(within(array, indices[0]))
        if len(indices) > 1:
            value = self._store(app(Op.SELECT, array, indices[0]), indices[1:], value, conditions)
        return app(Op.STORE, array, indices[0], value)

    def _havoc(self, statement: Havoc, post: Term) -> Term:
        #   wp(x := *, Q) = forall x :: Q
        mentioned = free_variables(post)
        found = [v for v in statement.variables if v.name in mentioned]
        if self.options.exact or any([isinstance(v.sort, Array) for v in found]):
            return substitute(post, {v.name: self.names.new(v.name, v.sort) for v in found})
        return quant(True, tuple(found), post) if found else post

    def _if(self, statement: If, post: Assertion, exits: Exits) -> Assertion:
        #   wp(if b then S1 else S2 end, Q) = (b ==> wp(S1, Q)) and (not b ==> wp(S2, Q))
        then = self.block(statement.then, post, exits)
        orelse = self.block(statement.orelse, post, exits)
        if isinstance(then, TooLarge) or isinstance(orelse, TooLarge):
            return _larger(then, orelse)
        if statement.condition is None:
            return conj([then, orelse])
        condition = self.names.freeze(statement.condition)
        return conj([self._defined(statement.condition), implies(condition, then), implies(neg(condition), orelse)])

    # loops

    def _while(self, loop: While, post: Assertion, exits: Exits) -> Assertion:
        #   wp(while b invariant I do S end, Q) = I, beside   I and b ==> wp(S, I)   and   I and not b ==> Q
        invariant = conj([self.names.freeze(c.formula) for c in loop.invariants])
        kept, before = self._measured(loop, invariant)
        end = self.block(loop.step, kept, exits)
        body = self.block(loop.body, end, Exits(exits.returns, post, end))
        if not isinstance(body, TooLarge):
            body = self.bounded(substitute(body, before))
        changed = changed_by(loop, self.program)
        if self.options.exact:
            return self._exactly(loop, invariant, body, post, changed)
        return self._beside(loop, invariant, body, post, changed)

    def _measured(self, loop: While, invariant: Term) -> tuple[Term, Mapping[str, Term]]:
        """What a round must achieve, and what the names in it for the variant's earlier values stand for."""
        if not (self._total() or loop.ghost):
            return invariant, {}
        if loop.variant is None:
            return FALSE, {}
        now = [self.names.freeze(v) for v in loop.variant]
        earlier = [self.names.new("V", v.sort, plain=True) for v in now]
        before: dict[str, Term] = {e.name: v for e, v in zip(earlier, now, strict=True)}
        return conj([invariant, falls(earlier, now)]), before

    def _round(self, loop: While, body: Term) -> Term:
        """b ==> body, with what must be defined."""
        variant = self._defined(*(loop.variant or ()))
        inner = conj([variant, body])
        return inner if loop.condition is None else implies(self.names.freeze(loop.condition), inner)

    def _beside(self, loop: While, invariant: Term, body: Assertion, post: Assertion, changed: Mapping[str, Change]) -> Assertion:
        """Conjuncts of Q about what the loop does not change are carried past it (the rule of constancy)."""
        after = [] if isinstance(post, TooLarge) else list(_conjuncts(post))
        constant = [p for p in after if not (free_variables(p).keys() & changed.keys())]
        known = conj([invariant, *constant])
        condition = None if loop.condition is None else self.names.freeze(loop.condition)
        guards = self._defined(*([] if loop.condition is None else [loop.condition]))
        kept = body if isinstance(body, TooLarge) else conj([guards, self._round(loop, body)])
        words = f"{loop.label}: a round keeps the invariant" + (" and lowers the variant" if self._total() or loop.ghost else "")
        self._show(words, known, kept, loop.span)
        rest = post if isinstance(post, TooLarge) else conj([p for p in after if p not in constant])
        if condition is not None and not isinstance(rest, TooLarge):
            rest = implies(neg(condition), rest)
        self._show(f"{loop.label}: the loop's end leads on", known, rest, loop.span)
        return self.names.arrive(conj([self._clauses_defined(loop.invariants), known]), loop.label)

    def _show(self, words: str, known: Term, conclusion: Assertion, span: Span) -> None:
        formula = conclusion if isinstance(conclusion, TooLarge) else self.bounded(implies(known, conclusion))
        self.obligations.append(Obligation(words, formula, span))

    def _exactly(
        self, loop: While, invariant: Term, body: Assertion, post: Assertion, changed: Mapping[str, Change]
    ) -> Assertion:
        """I and, for any values of what the loop changes, both conditions."""
        if isinstance(body, TooLarge) or isinstance(post, TooLarge):
            return _larger(body, post)
        condition = [] if loop.condition is None else [loop.condition]
        leave = implies(neg(self.names.freeze(condition[0])), post) if condition else post
        once = implies(invariant, conj([self._defined(*condition), self._round(loop, body), leave]))
        once = conj([self._clauses_defined(loop.invariants), once])
        any_round: dict[str, Term] = {n: self.names.new(n, c.variable.sort) for n, c in changed.items()}
        same = [_same_length(c.variable, any_round[n]) for n, c in changed.items() if not c.whole]
        once = implies(conj(same), substitute(once, any_round))
        return self.names.arrive(conj([invariant, once]), loop.label)

    # calls

    def _call(self, statement: ProcedureCall, post: Term) -> Term:
        #   wp(y := p(e), Q) = requires[e/x] and (ensures[e/x, r'/r] ==> Q[r'/y])
        callee = self.program.units[statement.name]
        assert isinstance(callee, Procedure)
        pairs = list(zip(callee.parameters, statement.args, strict=True))
        before: dict[str, Term] = {p.variable.name: self.names.freeze(a) for p, a in pairs}
        received = [*zip(callee.results, statement.targets, strict=False), *[(p, a) for p, a in pairs if p.inout]]
        outcome = dict(before)
        for parameter in callee.results:
            outcome[parameter.variable.name] = self.names.new(parameter.variable.name, parameter.variable.sort)
        state: dict[str, Term] = {}
        for parameter, target in received:
            assert isinstance(target, Var)
            value = self.names.new(target.name, parameter.variable.sort)
            outcome[parameter.variable.name] = state[target.name] = value
        ensures = conj([substitute(c.formula, outcome, {OLD: before}) for c in callee.ensures])
        copied = [self._fits(state[t.name], t.sort) for _, t in received if isinstance(t, Var)]
        after = implies(ensures, conj([*copied, substitute(post, state)]))
        entry = [self._defined(*statement.args), *[self._fits(a, p.variable.sort) for p, a in pairs]]
        requires = [substitute(c.formula, before) for c in callee.requires]
        return conj([*entry, *requires, self._recursion(callee, before), after])

    def _recursion(self, callee: Procedure, before: Mapping[str, Term]) -> Term:
        """Around a recursion the variant falls from the caller's entry to the callee's."""
        if self._component is None:
            self._component = (
                components(self.program)[self.procedure.name] if self.procedure.name in self.program.units else frozenset()
            )
        if callee.name not in self._component or not (self._total() or callee.kind is Kind.LEMMA):
            return TRUE
        here, there = self.procedure.variant, callee.variant
        if here is None or there is None or len(here) != len(there):
            return FALSE
        entry = [self.names.freeze(at(OLD, v)) for v in here]
        return falls(entry, [substitute(v, before) for v in there])


def condition(procedure: Procedure, program: Program, options: Options) -> Assertion:
    """One formula that is valid exactly if the annotated unit is correct (and, with `total`, terminates): every free name is
    any value of its sort, whose range a `nat` or machine sort is known to have.

    With `definedness`, that every operation is defined belongs to it.  Needs a body."""
    calculus = Calculus(procedure, program, replace(options, exact=True))
    pre = calculus.precondition()
    if isinstance(pre, TooLarge):
        return pre
    requires = conj([c.formula for c in procedure.requires])
    variant = [defined(v, program) for v in procedure.variant or ()] if options.definedness else []
    known = clauses_defined(procedure.requires, program) if options.definedness else TRUE
    return calculus.bounded(conj([known, implies(requires, conj([*variant, pre]))]))


def falls(before: Sequence[Term], after: Sequence[Term]) -> Term:
    """Some component falls by at least one and was >= 0, and no earlier one rises."""
    pairs = [(_number(b), _number(a)) for b, a in zip(before, after, strict=True)]
    ways: list[Term] = []
    for i, (old, new) in enumerate(pairs):
        steady = [app(Op.LE, n, o) for o, n in pairs[:i]]
        ways.append(conj([*steady, app(Op.LE, num(0), old), app(Op.LT, new, old)]))
    return disj(ways)


def _number(term: Term) -> Term:
    return term if app(Op.VALUE, term).sort == term.sort else app(Op.VALUE, term)


def _larger(*found: Assertion) -> TooLarge:
    return max([f for f in found if isinstance(f, TooLarge)], key=lambda f: (f.together, f.nodes))


def _conjuncts(term: Term) -> tuple[Term, ...]:
    return term.args if isinstance(term, App) and term.op is Op.AND else (term,)


def _same_length(old: Var, new: Term) -> Term:
    return eq(app(Op.LEN, new), app(Op.LEN, old))


def _sort_of(target: Target) -> Sort:
    if isinstance(target, Var):
        return target.sort
    sort = target.array.sort
    for _ in target.indices:
        assert isinstance(sort, Array)
        sort = sort.element
    return sort
