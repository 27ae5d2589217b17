"""The rules of Hoare logic, checked: is each node of a derivation an instance of its rule?

Written apart from the builder and from the kernel's verification conditions: substitution, variants and calls are worked out here
once more; only when operations have values is taken from the textbook's definition (`textbook.defined`).  What is left to believe
are the entailments.

Why names like `x'` may stand for any value: an assertion with such names is read as true for all their values, and each rule
keeps that reading; entailments are asked for all values of all names.  A variant's earlier value is a constant of its round.
`x@l` is like a variable that is assigned where control comes to `l`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from prover.derive.derivation import Derivation, Exits, Proof, Rule, single, speaks_of_entry
from prover.derive.formula import OLD, TRUE_KEY, both, frozen, implied, instance, key, lower, names_in, negated, sort_at, written
from prover.kernel.depend import components
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
    While,
)
from prover.kernel.sort import BOOL, Array
from prover.kernel.term import At, Lit, Op, Term, Var, app, quant
from prover.textbook.defined import clauses_defined, defined, fits


@dataclass(frozen=True, slots=True, eq=False)
class Flaw:
    """A node that is no instance of its rule.  wanted, found: assertions that should be the same, if that is what is wrong."""

    node: Derivation
    words: str
    wanted: Term | None = None
    found: Term | None = None


def flaws_of(node: Derivation, unit: Procedure, program: Program, total: bool) -> Iterator[Flaw]:
    """What is wrong with one node, whatever its premises are derived from."""
    yield from _Checker(unit, program, total or unit.kind is Kind.LEMMA).node(node)


def flaws(proof: Proof, program: Program) -> Iterator[Flaw]:
    """What is wrong with a derivation; nothing, if the unit is right as soon as its entailments and its callees are."""
    checker = _Checker(proof.unit, program, proof.total or proof.unit.kind is Kind.LEMMA)
    yield from checker.root(proof.tree)
    for node in proof.tree.nodes():
        yield from checker.node(node)


class _Checker:
    def __init__(self, unit: Procedure, program: Program, total: bool) -> None:
        self.unit = unit
        self.program = program
        self.total = total
        held = (*unit.parameters, *unit.results, *unit.locals)
        self.variables = {p.variable.name: p.variable for p in held}
        self.constants = frozenset(p.variable.name for p in unit.parameters if not p.inout)

    # The whole

    def root(self, tree: Derivation) -> Iterator[Flaw]:
        """{requires} body {ensures}, reached through the rule of entry."""
        judgement, unit = tree.judgement, self.unit
        if unit.body is None or not _same_code(judgement.code, unit.body):
            yield Flaw(tree, "this is not about the unit's body")
        pre = both(c.formula for c in unit.requires)
        post = both([self.frozen(clauses_defined(unit.ensures, self.program)), *[self.frozen(c.formula) for c in unit.ensures]])
        yield from _same(tree, "the precondition", pre, judgement.pre)
        yield from _same(tree, "the postcondition", post, judgement.post)
        yield from _same(tree, "what holds at `return`", post, judgement.exits.returns)
        yield from _entails(tree, "the precondition has a meaning", Lit(True, BOOL), clauses_defined(unit.requires, self.program))
        top = tree
        while top.rule is Rule.CONSEQUENCE and top.premises:
            top = top.premises[0]
        if top.rule is not Rule.ENTRY and speaks_of_entry(tree):
            yield Flaw(tree, "the values at entry are not fixed by the rule of entry")
        constant = {v.name for n in tree.nodes() for v in n.earlier}
        for node in tree.nodes():
            # One name cannot be a constant of a round here and stand for any value there: entailments would not tell them apart.
            if constant & {v.name for v in node.fresh}:
                yield Flaw(node, "a fresh name is a variant's earlier value elsewhere")
        if sum(n.rule is Rule.ENTRY for n in tree.nodes()) > 1:
            yield Flaw(tree, "the rule of entry is for the beginning only")

    def node(self, node: Derivation) -> Iterator[Flaw]:
        found = node.judgement
        match node.rule, found.code:
            case Rule.SKIP, Skip() | Block(statements=()):
                yield from self._leaf(node, found.post)
            case Rule.ASSIGNMENT, Assign() as statement:
                yield from self._leaf(node, self._assigned(statement, found.post))
            case Rule.ANY_VALUE, Havoc() as statement:
                yield from self._any_value(node, statement)
            case Rule.ASSERTION, Assert(clause=clause):
                formula = self.frozen(clause.formula)
                yield from self._leaf(node, both([self._defined(clause.formula), formula, found.post]))
            case Rule.ASSUMPTION, Assume(clause=clause):
                formula = self.frozen(clause.formula)
                yield from self._leaf(node, both([self._defined(clause.formula), implied(formula, found.post)]))
            case Rule.POINT, Point(label=label):
                yield from self._leaf(node, self.arriving(found.post, label))
            case Rule.CALL, ProcedureCall() as statement:
                yield from self._call(node, statement)
            case Rule.SEQUENCE, Block(statements=statements):
                yield from self._sequence(node, statements)
            case Rule.CONDITIONAL, If() as statement:
                yield from self._conditional(node, statement)
            case Rule.WHILE, While() as loop:
                yield from self._while(node, loop)
            case Rule.ENTRY, _:
                yield from self._entry(node)
            case Rule.CONSEQUENCE, _:
                yield from self._consequence(node)
            case _:
                yield from self._jump(node)

    def _jump(self, node: Derivation) -> Iterator[Flaw]:
        exits = node.judgement.exits
        match node.rule, node.judgement.code:
            case Rule.RETURN, Return():
                yield from self._leaf(node, exits.returns)
            case Rule.BREAK, Break():
                yield from self._leaf(node, exits.breaks)
            case Rule.CONTINUE, Continue():
                yield from self._leaf(node, exits.continues)
            case Rule.OPEN, _:
                yield Flaw(node, "this is not derived yet")
            case _:
                yield Flaw(node, f"the rule `{node.rule.value}` is not for this statement")

    # Rules without premises

    def _leaf(self, node: Derivation, wanted: Term) -> Iterator[Flaw]:
        if node.premises or node.entailments:
            yield Flaw(node, "this rule has no premises")
        yield from _same(node, "the precondition", wanted, node.judgement.pre)

    def _assigned(self, statement: Assign, post: Term) -> Term:
        """Q[e/x], and what must hold for the assignment to be made.  Of several, all is evaluated before anything is written."""
        needed: list[Term] = []
        pairs = list(zip(statement.targets, statement.values, strict=True))
        for target, _ in pairs:
            needed += [self._defined(i) for i in target.indices] if isinstance(target, Element) else []
        needed += [self._defined(v) for _, v in pairs]
        needed += [fits(v, sort_at(t)) for t, v in pairs]
        values: dict[str, Term] = {}
        for target, value in pairs:
            if isinstance(target, Element):
                array = values.get(target.array.name, target.array)
                indices = [self.frozen(i) for i in target.indices]
                values[target.array.name] = written(array, indices, self.frozen(value), needed)
            else:
                values[target.name] = self.frozen(value)
        return both([*[self.frozen(n) for n in needed], instance(post, values)])

    def _any_value(self, node: Derivation, statement: Havoc) -> Iterator[Flaw]:
        post = node.judgement.post
        spoken = names_in(post)
        changed = [v for v in statement.variables if v.name in spoken]
        if not node.fresh:
            if any(isinstance(v.sort, Array) for v in changed):
                yield Flaw(node, "no quantifier ranges over arrays")
                return
            yield from self._leaf(node, quant(True, tuple(changed), post) if changed else post)
            return
        if [f.sort for f in node.fresh] != [v.sort for v in changed]:
            yield Flaw(node, "there must be a fresh name for each variable that gets any value")
            return
        yield from self._fresh(node, node.fresh)
        yield from self._leaf(node, instance(post, {v.name: f for v, f in zip(changed, node.fresh, strict=True)}))

    def _fresh(self, node: Derivation, names: Sequence[Var]) -> Iterator[Flaw]:
        """A name that stands for any value may be none of those that are in use."""
        found = node.judgement
        used = names_in(found.post) | self.variables.keys()
        used |= {n for e in (found.exits.returns, found.exits.breaks, found.exits.continues) for n in names_in(e)}
        for name in names:
            if name.name in used or "@" in name.name or sum(n.name == name.name for n in names) > 1:
                yield Flaw(node, f"`{name.name}` is not fresh")

    def _call(self, node: Derivation, statement: ProcedureCall) -> Iterator[Flaw]:
        """requires[e/x] and (ensures[e/x, y'/r] ==> Q[y'/y])."""
        callee = self.program.units[statement.name]
        assert isinstance(callee, Procedure)
        given = list(zip(callee.parameters, statement.args, strict=True))
        receiving = [*zip(callee.results, statement.targets, strict=False), *[(p, a) for p, a in given if p.inout]]
        results = [p.variable for p in callee.results]
        wanted = [v.sort for v in results] + [p.variable.sort for p, _ in receiving]
        if [f.sort for f in node.fresh] != wanted or any(not isinstance(t, Var) for _, t in receiving):
            yield Flaw(node, "there must be a fresh name for each result and each variable that the call changes")
            return
        yield from self._fresh(node, node.fresh)
        entry: dict[str, Term] = {p.variable.name: self.frozen(a) for p, a in given}
        outcome = {**entry, **{v.name: f for v, f in zip(results, node.fresh, strict=False)}}
        after: dict[str, Term] = {}
        for (parameter, target), name in zip(receiving, node.fresh[len(results) :], strict=True):
            assert isinstance(target, Var)
            outcome[parameter.variable.name] = after[target.name] = name
        ensures = [instance(c.formula, outcome, entry) for c in callee.ensures]
        copied = [fits(after[t.name], t.sort) for _, t in receiving if isinstance(t, Var)]
        needed = [self._defined(a) for a in statement.args]
        needed += [self.frozen(fits(a, p.variable.sort)) for p, a in given]
        requires = [instance(c.formula, entry) for c in callee.requires]
        then = both([*copied, instance(node.judgement.post, after)])
        yield from self._leaf(node, both([*needed, *requires, self._falling(callee, entry), implied(both(ensures), then)]))

    def _falling(self, callee: Procedure, entry: Mapping[str, Term]) -> Term:
        """A call of what may call this unit lowers the variant, where the unit is to end."""
        together = components(self.program).get(self.unit.name, frozenset())
        if callee.name not in together or not (self.total or callee.kind is Kind.LEMMA):
            return Lit(True, BOOL)
        mine, its = self.unit.variant, callee.variant
        if mine is None or its is None or len(mine) != len(its):
            return Lit(False, BOOL)
        return lower([self.frozen(At(OLD, v)) for v in mine], [instance(v, entry) for v in its])

    # Rules with premises

    def _sequence(self, node: Derivation, statements: Sequence[Statement]) -> Iterator[Flaw]:
        found = node.judgement
        codes = [s for p in node.premises for s in _statements(p.judgement.code)]
        if len(codes) != len(statements) or len(node.premises) < 2 or node.entailments:
            yield Flaw(node, "the premises must be about the statements in their order, each about some of them")
            return
        held = found.pre
        for code, statement in zip(codes, statements, strict=True):
            if not _same_code(code, statement):
                yield Flaw(node, "the premises must be about the statements in their order")
        for premise in node.premises:
            yield from _same(premise, "what holds before it", held, premise.judgement.pre)
            yield from _same_exits(premise, found.exits)
            held = premise.judgement.post
        yield from _same(node, "the postcondition", held, found.post)

    def _conditional(self, node: Derivation, statement: If) -> Iterator[Flaw]:
        found, branches = node.judgement, (statement.then, statement.orelse)
        if len(node.premises) != 2:
            yield Flaw(node, "a conditional has two premises")
            return
        extra: list[Term] = [Lit(True, BOOL)] * 2
        if statement.condition is not None:
            guard = self.frozen(statement.condition)
            extra = [guard, negated(guard)]
            yield from _entails(node, "the condition has a value", found.pre, self._defined(statement.condition))
        for premise, block, more in zip(node.premises, branches, extra, strict=True):
            if not _same_code(premise.judgement.code, block):
                yield Flaw(premise, "this is not the branch")
            yield from _same(premise, "the branch's precondition", both([found.pre, more]), premise.judgement.pre)
            yield from _same(premise, "the branch's postcondition", found.post, premise.judgement.post)
            yield from _same_exits(premise, found.exits)

    def _while(self, node: Derivation, loop: While) -> Iterator[Flaw]:
        found, invariant = node.judgement, node.invariant
        if invariant is None or len(node.premises) not in (1, 2):
            yield Flaw(node, "a loop has an invariant, and a premise about its body")
            return
        yield from _same(node, "the precondition", self.arriving(invariant, loop.label), found.pre)
        guard: Term = Lit(True, BOOL) if loop.condition is None else self.frozen(loop.condition)
        inside, kept = both([invariant, guard]), invariant
        ends = self.total or loop.ghost
        if ends:
            if loop.variant is None or [v.sort for v in node.earlier] != [v.sort for v in loop.variant]:
                yield Flaw(node, "a loop that is to end has a variant")
                return
            yield from self._constants(node, invariant)
            now = [self.frozen(v) for v in loop.variant]
            yield from _entails(node, "the variant has a value", inside, both(self._defined(v) for v in loop.variant))
            kept = both([invariant, lower(node.earlier, now)])
            inside = both([inside, *[app(Op.EQ, v, e) for v, e in zip(now, node.earlier, strict=True)]])
        body, *steps = node.premises
        round_end = body.judgement.post
        if not _same_code(body.judgement.code, loop.body):
            yield Flaw(body, "this is not the loop's body")
        yield from _same(body, "what holds before a round", inside, body.judgement.pre)
        yield from _same_exits(body, Exits(found.exits.returns, found.post, round_end))
        if steps and _same_code(steps[0].judgement.code, loop.step):
            yield from _same(steps[0], "what holds before the step", round_end, steps[0].judgement.pre)
            yield from _same(steps[0], "what holds after a round", kept, steps[0].judgement.post)
            yield from _same_exits(steps[0], Exits(found.exits.returns, Lit(True, BOOL), Lit(True, BOOL)))
        elif steps or loop.step.statements:
            yield Flaw(node, "the premise about the loop's step is missing, or about something else")
        else:
            yield from _same(body, "what holds after a round", kept, round_end)
        if loop.condition is not None:
            yield from _entails(node, "the condition has a value", invariant, self._defined(loop.condition))
        leaving = invariant if loop.condition is None else both([invariant, negated(guard)])
        if key(found.post) != key(leaving):
            yield from _entails(node, "the loop's end leads on", leaving, found.post)

    def _constants(self, node: Derivation, invariant: Term) -> Iterator[Flaw]:
        """The variant's earlier values are constants: nothing outside the round speaks of them."""
        found = node.judgement
        around = (invariant, found.pre, found.post, found.exits.returns)
        used = {n for t in around for n in names_in(t)} | self.variables.keys()
        for name in node.earlier:
            if name.name in used or "@" in name.name or sum(n.name == name.name for n in node.earlier) > 1:
                yield Flaw(node, f"`{name.name}` is not new")

    def _entry(self, node: Derivation) -> Iterator[Flaw]:
        if len(node.premises) != 1 or node.entailments:
            yield Flaw(node, "the rule of entry has one premise")
            return
        inner = node.premises[0].judgement
        if not _same_code(inner.code, node.judgement.code):
            yield Flaw(node, "the premise is about other code")
        yield from _same(node, "the precondition", self.arriving(inner.pre, OLD), node.judgement.pre)
        yield from _same(node, "the postcondition", inner.post, node.judgement.post)
        yield from _same_exits(node.premises[0], node.judgement.exits)

    def _consequence(self, node: Derivation) -> Iterator[Flaw]:
        if len(node.premises) != 1:
            yield Flaw(node, "the rule of consequence has one premise about code")
            return
        outer, inner = node.judgement, node.premises[0].judgement
        if not _same_code(inner.code, outer.code):
            yield Flaw(node, "the premise is about other code")
        yield from _same_exits(node.premises[0], outer.exits)
        if key(outer.pre) != key(inner.pre):
            yield from _entails(node, "the precondition implies that of the premise", outer.pre, inner.pre)
        if key(outer.post) != key(inner.post):
            yield from _entails(node, "the postcondition follows from that of the premise", inner.post, outer.post)

    # Terms

    def _defined(self, term: Term) -> Term:
        return self.frozen(defined(term, self.program))

    def frozen(self, term: Term) -> Term:
        """`old(e)` and `at(l, e)` as `e` over names of their own."""
        return frozen(term, None, self.variables, self.constants)

    def arriving(self, term: Term, label: str) -> Term:
        """Where control comes to the label, its values are those of now."""
        return instance(term, {f"{n}@{label}": v for n, v in self.variables.items()})


# Comparing


def _same(node: Derivation, what: str, wanted: Term, found: Term) -> Iterator[Flaw]:
    if key(wanted) != key(found):
        yield Flaw(node, f"{what} does not fit the rule", wanted, found)


def _same_exits(node: Derivation, wanted: Exits) -> Iterator[Flaw]:
    found = node.judgement.exits
    used = _jumps(node.judgement.code)
    if Return in used:
        yield from _same(node, "what holds at `return`", wanted.returns, found.returns)
    if Break in used:
        yield from _same(node, "what holds at `break`", wanted.breaks, found.breaks)
    if Continue in used:
        yield from _same(node, "what holds at `continue`", wanted.continues, found.continues)


def _jumps(code: Block | Statement) -> set[type]:
    """By which statements control may leave the code: `break` and `continue` of an inner loop stay inside."""
    match code:
        case Block(statements=statements):
            return {j for s in statements for j in _jumps(s)}
        case If(then=then, orelse=orelse):
            return _jumps(then) | _jumps(orelse)
        case While(body=body):
            return _jumps(body) & {Return}
        case Return() | Break() | Continue():
            return {type(code)}
        case _:
            return set()


def _entails(node: Derivation, words: str, known: Term, follows: Term) -> Iterator[Flaw]:
    """The side condition must be among the node's."""
    if key(follows) == TRUE_KEY:
        return
    if not any(key(e.known) == key(known) and key(e.follows) == key(follows) for e in node.entailments):
        yield Flaw(node, f"a side condition is missing: {words}", implied(known, follows))


def _same_code(a: Block | Statement, b: Block | Statement) -> bool:
    return single(a) is single(b) or a == b


def _statements(code: Block | Statement) -> Sequence[Statement]:
    return code.statements if isinstance(code, Block) else (code,)
