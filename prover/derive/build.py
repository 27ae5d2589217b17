"""A derivation from a unit's annotations, by weakest preconditions.  It is believed only once it is checked (`checker`)."""

from __future__ import annotations

from prover.derive.derivation import Derivation, Entailment, Exits, Judgement, Proof, Rule, breaks, speaks_of_entry
from prover.derive.known import constant_facts
from prover.kernel.depend import statements
from prover.kernel.program import (
    Assert,
    Assign,
    Assume,
    Block,
    Break,
    Continue,
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
    While,
)
from prover.kernel.term import OLD, TRUE, Term, Var, conj, conjuncts, eq, implies, neg, structure
from prover.record import replace
from prover.source import Span
from prover.textbook.defined import clauses_defined, defined
from prover.textbook.wp import Calculus, Options, falls

LARGEST, TOGETHER = 2_500, 500_000  # nodes of an assertion, and of all of a unit's
_SIMPLE = {
    Skip: Rule.SKIP,
    Assign: Rule.ASSIGNMENT,
    Havoc: Rule.ANY_VALUE,
    Assert: Rule.ASSERTION,
    Assume: Rule.ASSUMPTION,
    Point: Rule.POINT,
    ProcedureCall: Rule.CALL,
}


class NoTree(Exception):
    """Why there is none: words that go on after `because`."""


def derivation(unit: Procedure, program: Program, total: bool, all_values: bool = False) -> Proof:
    """all_values: loops remember what was known when they were reached, of what they change, too.

    Raises NoTree where the unit has no body, lacks a variant that it needs, or assertions grow too large."""
    if unit.body is None:
        raise NoTree("it has no body")
    total = total or unit.kind is Kind.LEMMA
    builder = _Builder(unit, program, total, all_values)
    return Proof(unit, total, builder.unit())


def leaf(unit: Procedure, program: Program, total: bool, statement: Statement, post: Term, exits: Exits) -> Derivation:
    """The derivation of a statement without statements in it, from its weakest precondition."""
    return _Builder(unit, program, total, all_values=False).statement(statement, post, exits)


class _Builder:
    def __init__(self, unit: Procedure, program: Program, total: bool, all_values: bool) -> None:
        self.procedure = unit
        self.program = program
        self.total = total
        self.size = 0
        self.calculus = Calculus(unit, program, Options(total, definedness=True, limit=LARGEST, simplified=False))
        names = self.calculus.names
        loops = [s for s in statements(unit.body) if isinstance(s, While)] if unit.body else []
        ending = [w for w in loops if w.variant is not None and (total or w.ghost)]
        self.earlier = {id(w): tuple([names.new("V", v.sort, plain=True) for v in w.variant or ()]) for w in ending}
        self.facts = constant_facts(unit, program, names, self.earlier, all_values)

    def unit(self) -> Derivation:
        #   requires ==> P[x/old(x)]   {P} S {ensures}
        unit = self.procedure
        assert unit.body is not None
        post = self.calculus.postcondition()
        body = self.block(unit.body, post, Exits(post, TRUE, TRUE))
        pre = self.calculus.names.arrive(body.judgement.pre, OLD)
        entered = Derivation(Rule.ENTRY, replace(body.judgement, pre=pre), (body,)) if speaks_of_entry(body) else body
        requires = conj([c.formula for c in unit.requires])
        whole = self.consequence(entered, requires, post, "the precondition leads to the body", unit.name_span)
        meaning = _side("the precondition has a meaning", TRUE, clauses_defined(unit.requires, self.program), unit.name_span)
        if not meaning:
            return whole
        if whole.rule is not Rule.CONSEQUENCE:
            whole = Derivation(Rule.CONSEQUENCE, whole.judgement, (whole,))
        return replace(whole, entailments=(*meaning, *whole.entailments))

    def consequence(self, inner: Derivation, pre: Term, post: Term, words: str, span: Span, after: str = "") -> Derivation:
        """`inner` for another pre- and postcondition; itself where they are its own."""
        found = inner.judgement
        needed: list[Entailment] = []
        if not _same(pre, found.pre):
            needed.append(Entailment(words, pre, found.pre, span))
        if not _same(post, found.post):
            needed.append(Entailment(after, found.post, post, span))
        if not needed:
            return inner
        return Derivation(Rule.CONSEQUENCE, replace(found, pre=pre, post=post), (inner,), tuple(needed))

    def block(self, block: Block, post: Term, exits: Exits) -> Derivation:
        if not block.statements:
            return Derivation(Rule.SKIP, Judgement(post, block, post, exits))
        made: list[Derivation] = []
        after = post
        for statement in reversed(block.statements):
            made.append(self.statement(statement, after, exits))
            after = self._small(made[-1].judgement.pre)
        made.reverse()
        if len(made) == 1:
            return made[0]
        return Derivation(Rule.SEQUENCE, Judgement(after, block, post, exits), tuple(made))

    def _small(self, term: Term) -> Term:
        self.size += term.size
        if term.size > LARGEST:
            raise NoTree(f"an assertion in it has over {LARGEST:,} symbols")
        if self.size > TOGETHER:
            raise NoTree(f"its assertions have over {TOGETHER:,} symbols together")
        return term

    def statement(self, statement: Statement, post: Term, exits: Exits) -> Derivation:
        match statement:
            case If():
                return self._if(statement, post, exits)
            case While():
                return self._while(statement, post, exits)
            case Return():
                return Derivation(Rule.RETURN, Judgement(exits.returns, statement, post, exits))
            case Break():
                return Derivation(Rule.BREAK, Judgement(exits.breaks, statement, post, exits))
            case Continue():
                return Derivation(Rule.CONTINUE, Judgement(exits.continues, statement, post, exits))
            case _:
                already = len(self.calculus.names.fresh)
                pre = self.calculus.simple(statement, post)
                fresh = tuple(self.calculus.names.fresh[already:])
                return Derivation(_SIMPLE[type(statement)], Judgement(pre, statement, post, exits), fresh=fresh)

    def _if(self, statement: If, post: Term, exits: Exits) -> Derivation:
        then, orelse = self.block(statement.then, post, exits), self.block(statement.orelse, post, exits)
        if statement.condition is None:
            pre = conj([then.judgement.pre, orelse.judgement.pre])
            branches = [pre, pre]
            sides: tuple[Entailment, ...] = ()
        else:
            condition = self.calculus.names.freeze(statement.condition)
            safe = self.calculus.names.freeze(defined(statement.condition, self.program))
            pre = conj([safe, implies(condition, then.judgement.pre), implies(neg(condition), orelse.judgement.pre)])
            branches = [conj([pre, condition]), conj([pre, neg(condition)])]
            sides = _side("the condition has a value", pre, safe, statement.span)
        words = "the branch can begin"
        premises = [
            self.consequence(inner, before, post, words, statement.span)
            for inner, before in zip((then, orelse), branches, strict=True)
        ]
        return Derivation(Rule.CONDITIONAL, Judgement(pre, statement, post, exits), tuple(premises), sides)

    def _while(self, loop: While, post: Term, exits: Exits) -> Derivation:
        freeze = self.calculus.names.freeze
        safe = freeze(clauses_defined(loop.invariants, self.program))
        stated = conj([freeze(c.formula) for c in loop.invariants])
        said = {structure(p) for p in conjuncts(stated)}
        more = [f for f in self.facts.get(id(loop), ()) if structure(f) not in said]
        invariant = self._small(conj([safe, stated, *more]))
        guard = TRUE if loop.condition is None else freeze(loop.condition)
        known = conj([invariant, guard])
        kept, before = invariant, known
        earlier: tuple[Var, ...] = ()
        if self.total or loop.ghost:
            if loop.variant is None:
                raise NoTree(f"`{loop.label}` has no variant")
            now = [freeze(v) for v in loop.variant]
            earlier = self.earlier[id(loop)]
            kept = conj([invariant, falls(earlier, now)])
            before = conj([known, *[eq(v, e) for v, e in zip(now, earlier, strict=True)]])
        inner = Exits(exits.returns, post, TRUE)
        step = self.block(loop.step, kept, replace(inner, breaks=TRUE))
        end = step.judgement.pre
        body = self.block(loop.body, end, replace(inner, continues=end))
        words = f"{loop.label}: a round can begin"
        premises = [self.consequence(body, before, end, words, loop.span)]
        if loop.step.statements:
            premises.append(step)
        sides = _side("the condition has a value", invariant, freeze(defined(loop.condition or TRUE, self.program)), loop.span)
        sides += _side(
            "the variant has a value", known, conj([freeze(defined(v, self.program)) for v in loop.variant or ()]), loop.span
        )
        leaves = invariant if loop.condition is None else conj([invariant, neg(guard)])
        pre = self.calculus.names.arrive(invariant, loop.label)
        made = Derivation(
            Rule.WHILE, Judgement(pre, loop, leaves, exits), tuple(premises), sides, invariant=invariant, earlier=earlier
        )
        if breaks(loop.body):
            sides += (Entailment(f"{loop.label}: the loop's end leads on", leaves, post, loop.span),)
            return replace(made, judgement=replace(made.judgement, post=post), entailments=sides)
        return self.consequence(made, pre, post, "", loop.span, f"{loop.label}: the loop's end leads on")


def _side(words: str, known: Term, follows: Term, span: Span) -> tuple[Entailment, ...]:
    return () if follows is TRUE else (Entailment(words, known, follows, span),)


def _same(a: Term, b: Term) -> bool:
    return a is b or structure(a) == structure(b)
