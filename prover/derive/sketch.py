"""A derivation that a person makes: a tree with open leaves, to each of which a rule can be applied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prover.derive.build import leaf
from prover.derive.checker import Flaw, flaws_of
from prover.derive.derivation import Derivation, Entailment, Exits, Judgement, Proof, Rule, breaks, single
from prover.derive.entailment import Settled
from prover.derive.formula import OLD, both, frozen, instance, key, lower, names_in, negated
from prover.kernel.depend import statements, terms
from prover.kernel.program import Block, Function, If, Point, Procedure, Program, Statement, While
from prover.kernel.sort import BOOL
from prover.kernel.term import TRUE, At, Op, Term, Var, app, walk
from prover.record import record, replace
from prover.source import Source
from prover.syntax.elaborate import elaborate_expression
from prover.syntax.parser import parse_expression
from prover.textbook.defined import clauses_defined, defined
from prover.textbook.names import names_of

LEAVES = {
    "skip": Rule.SKIP,
    "assign": Rule.ASSIGNMENT,
    "havoc": Rule.ANY_VALUE,
    "assert": Rule.ASSERTION,
    "assume": Rule.ASSUMPTION,
    "point": Rule.POINT,
    "call": Rule.CALL,
    "return": Rule.RETURN,
    "break": Rule.BREAK,
    "continue": Rule.CONTINUE,
}
RULES = (*LEAVES, "seq", "if", "while", "consequence", "strengthen", "weaken")


class Misfit(Exception):
    """A rule does not fit.  words: which premise or formula, and why; wanted, found: formulas that should be the same."""

    def __init__(self, words: str, wanted: Term | None = None, found: Term | None = None) -> None:
        super().__init__(words)
        self.words = words
        self.wanted = wanted
        self.found = found


@record
class Sketch:
    """strict: formulas must be just as the rules make them; otherwise steps of consequence are put in.
    settled: what became of the entailments so far."""

    proof: Proof
    strict: bool
    settled: tuple[Settled, ...] = ()

    def open(self) -> list[Derivation]:
        return [n for n in self.proof.tree.nodes() if n.rule is Rule.OPEN]


def begun(unit: Procedure, program: Program, total: bool, strict: bool) -> Sketch:
    """Nothing derived yet.  Where the unit speaks of values at entry, they are named first."""
    assert unit.body is not None
    names = names_of(unit, terms(unit))
    pre = both(c.formula for c in unit.requires)
    post = both([names.freeze(clauses_defined(unit.ensures, program)), *[names.freeze(c.formula) for c in unit.ensures]])
    exits = Exits(post, TRUE, TRUE)
    said = {n for t in terms(unit) for at in walk(t) if isinstance(at, At) and at.label == OLD for n in names_in(at.body)}
    moving = [v for n, v in names.variables.items() if n in said and n not in names.fixed]
    known = both([pre, *[app(Op.EQ, v, Var(f"{v.name}@{OLD}", v.sort)) for v in moving]])
    tree = _left(Judgement(known, unit.body, post, exits))
    if moving:
        entered = instance(known, {f"{v.name}@{OLD}": v for v in moving})
        tree = Derivation(Rule.ENTRY, Judgement(entered, unit.body, post, exits), (tree,))
        words = "the precondition, with names for the values at entry"
        tree = Derivation(
            Rule.CONSEQUENCE, Judgement(pre, unit.body, post, exits), (tree,), (Entailment(words, pre, entered, unit.name_span),)
        )
    meaning = clauses_defined(unit.requires, program)
    if meaning is not TRUE:
        side = Entailment("the precondition has a meaning", TRUE, meaning, unit.name_span)
        tree = Derivation(Rule.CONSEQUENCE, Judgement(pre, unit.body, post, exits), (tree,), (side,))
    return Sketch(Proof(unit, total, tree), strict)


def _left(judgement: Judgement) -> Derivation:
    return Derivation(Rule.OPEN, replace(judgement, code=single(judgement.code)))


def applied(sketch: Sketch, at: Derivation, rule: str, text: str, program: Program) -> tuple[Sketch, list[Entailment]]:
    """The sketch with a rule applied to an open leaf, and what that leaves to be entailed.  Raises Misfit, InputError."""
    hand = _Hand(sketch, program, at)
    made = hand.node(rule, text)
    known = {id(n) for n in made.nodes() if n.rule is Rule.OPEN}
    for node in made.nodes():
        if id(node) not in known:
            for flaw in flaws_of(node, sketch.proof.unit, program, sketch.proof.total):
                raise _misfit(flaw)
    needed = [e for n in made.nodes() for e in n.entailments]
    tree = _put(sketch.proof.tree, at, made)
    return replace(sketch, proof=replace(sketch.proof, tree=tree)), needed


def _misfit(flaw: Flaw) -> Misfit:
    return Misfit(flaw.words, flaw.wanted, flaw.found)


def _put(tree: Derivation, at: Derivation, made: Derivation) -> Derivation:
    if tree is at:
        return made
    premises = tuple([_put(p, at, made) for p in tree.premises])
    return tree if all(a is b for a, b in zip(premises, tree.premises, strict=True)) else replace(tree, premises=premises)


class _Hand:
    """Makes nodes for one leaf."""

    def __init__(self, sketch: Sketch, program: Program, at: Derivation) -> None:
        self.sketch = sketch
        self.program = program
        self.at = at
        self.unit = sketch.proof.unit
        self.names = names_of(self.unit, terms(self.unit))

    def node(self, rule: str, text: str) -> Derivation:
        found = self.at.judgement
        match rule, found.code:
            case _, Block(statements=()) if rule == "skip":
                return self._fitted(Derivation(Rule.SKIP, replace(found, pre=found.post)))
            case "seq", Block(statements=parts):
                return self._sequence(parts, text)
            case "if", If() as statement:
                return self._conditional(statement)
            case "while", While() as loop:
                return self._while(loop, text)
            case "consequence" | "strengthen" | "weaken", _:
                return self._consequence(rule, text)
            case _, Block() | If() | While():
                raise Misfit(f"the rule `{rule}` is not for this: {self._fit()}")
            case _, statement if rule in LEAVES:
                assert not isinstance(statement, Block)
                made = leaf(self.unit, self.program, self.sketch.proof.total, statement, found.post, found.exits)
                if made.rule is not LEAVES[rule]:
                    raise Misfit(f"the rule `{rule}` is not for this statement: {self._fit()}")
                return self._fitted(made)
            case _:
                raise Misfit(f"the rule `{rule}` is not for this: {self._fit()}")

    def _fit(self) -> str:
        """Which rule fits."""
        match self.at.judgement.code:
            case Block(statements=()):
                return "nothing is left to do, so `skip` fits"
            case Block():
                return "it is a sequence, so `seq R` fits"
            case If():
                return "it is a conditional, so `if` fits"
            case While():
                return "it is a loop, so `while I` fits"
            case statement:
                post, exits = self.at.judgement.post, self.at.judgement.exits
                rule = leaf(self.unit, self.program, self.sketch.proof.total, statement, post, exits).rule
                return f"`{next(n for n, r in LEAVES.items() if r is rule)}` fits"

    def _fitted(self, made: Derivation) -> Derivation:
        """For the leaf's own pre- and postcondition: by a step of consequence, or not at all if the sketch is strict."""
        found, wanted = self.at.judgement, made.judgement
        sides: list[Entailment] = []
        span = self.unit.name_span
        for known, follows, what in (
            (found.pre, wanted.pre, "the precondition"),
            (wanted.post, found.post, "the postcondition"),
        ):
            if key(known) == key(follows):
                continue
            if self.sketch.strict:
                mine, its = (found.pre, wanted.pre) if what == "the precondition" else (found.post, wanted.post)
                raise Misfit(f"the rule `{made.rule.value}` wants another formula as {what}", its, mine)
            sides.append(Entailment(f"{what}, by consequence", known, follows, span))
        if not sides:
            return made
        return Derivation(Rule.CONSEQUENCE, found, (made,), tuple(sides))

    def _sequence(self, parts: Sequence[Statement], text: str) -> Derivation:
        """`seq R`: the first statement and the rest; `seq last R`: all but the last; `seq R; S; …`: formulas between any two."""
        found = self.at.judgement
        last = text.startswith("last ")
        between = [self.formula(t) for t in _formulas(text.removeprefix("last ") if last else text)]
        if len(between) == 1:
            cut = len(parts) - 1 if last else 1
            codes: list[Block | Statement] = [Block(tuple(parts[:cut])), Block(tuple(parts[cut:]))]
        elif len(between) == len(parts) - 1:
            codes = list(parts)
        else:
            raise Misfit(f"one formula, or one between any two of the {len(parts)} statements, parted by `;`")
        befores, afters = [found.pre, *between], [*between, found.post]
        premises = [_left(Judgement(p, c, q, found.exits)) for p, c, q in zip(befores, codes, afters, strict=True)]
        return Derivation(Rule.SEQUENCE, found, tuple(premises))

    def _conditional(self, statement: If) -> Derivation:
        found = self.at.judgement
        extra: list[Term] = [TRUE, TRUE]
        sides: tuple[Entailment, ...] = ()
        if statement.condition is not None:
            guard = self.freeze(statement.condition)
            extra = [guard, negated(guard)]
            sides = self._side("the condition has a value", found.pre, defined(statement.condition, self.program))
        blocks = (statement.then, statement.orelse)
        premises = [
            _left(Judgement(both([found.pre, more]), block, found.post, found.exits))
            for more, block in zip(extra, blocks, strict=True)
        ]
        return Derivation(Rule.CONDITIONAL, found, tuple(premises), sides)

    def _while(self, loop: While, text: str) -> Derivation:
        found = self.at.judgement
        written = [self.freeze(c.formula) for c in loop.invariants]
        invariant = self.formula(text) if text else both([self.freeze(clauses_defined(loop.invariants, self.program)), *written])
        guard = TRUE if loop.condition is None else self.freeze(loop.condition)
        inside, kept = both([invariant, guard]), invariant
        sides = self._side("the condition has a value", invariant, defined(loop.condition or TRUE, self.program))
        earlier: tuple[Var, ...] = ()
        if self.sketch.proof.total or loop.ghost:
            if loop.variant is None:
                raise Misfit("the loop has no variant, without which it is not shown to end: derive it `partial`")
            earlier = tuple([self._new(v) for v in loop.variant])
            now = [self.freeze(v) for v in loop.variant]
            sides += self._side("the variant has a value", inside, both(defined(v, self.program) for v in loop.variant))
            kept = both([invariant, lower(earlier, now)])
            inside = both([inside, *[app(Op.EQ, v, e) for v, e in zip(now, earlier, strict=True)]])
        leaving = invariant if loop.condition is None else both([invariant, negated(guard)])
        post = found.post if breaks(loop.body) else leaving
        if post is not leaving:
            sides += (Entailment("the loop's end leads on", leaving, post, loop.span),)
        premises = self._rounds(loop, inside, kept, found.exits.returns, post)
        pre = instance(invariant, {f"{n}@{loop.label}": v for n, v in self.names.variables.items()})
        judgement = Judgement(pre, loop, post, found.exits)
        return self._fitted(Derivation(Rule.WHILE, judgement, premises, sides, invariant=invariant, earlier=earlier))

    def _rounds(self, loop: While, inside: Term, kept: Term, returns: Term, breaks: Term) -> tuple[Derivation, ...]:
        """The premise about the body, and of a `for` what counts, which is derived at once."""
        end = kept
        steps: list[Derivation] = []
        for statement in reversed(loop.step.statements):
            exits = Exits(returns, TRUE, TRUE)
            steps.append(leaf(self.unit, self.program, self.sketch.proof.total, statement, end, exits))
            end = steps[-1].judgement.pre
        body = _left(Judgement(inside, loop.body, end, Exits(returns, breaks, end)))
        if not steps:
            return (body,)
        if len(steps) == 1:
            return body, steps[0]
        whole = Judgement(end, loop.step, kept, steps[0].judgement.exits)
        return body, Derivation(Rule.SEQUENCE, whole, tuple(reversed(steps)))

    def _new(self, component: Term) -> Var:
        found = self.at.judgement
        taken = {n for t in (found.pre, found.post, found.exits.returns, found.exits.breaks) for n in names_in(t)}
        name = "V"
        while name in taken or name in self.names.variables:
            name += "'"
        return Var(name, component.sort)

    def _consequence(self, rule: str, text: str) -> Derivation:
        found = self.at.judgement
        parts = [self.formula(t) for t in _formulas(text)]
        if len(parts) != (2 if rule == "consequence" else 1):
            wanted = "two formulas, parted by `;`" if rule == "consequence" else "one formula"
            raise Misfit(f"`{rule}` takes {wanted}")
        pre = parts[0] if rule != "weaken" else found.pre
        post = parts[-1] if rule != "strengthen" else found.post
        sides = [
            Entailment(words, known, follows, self.unit.name_span)
            for words, known, follows in (
                ("the precondition implies that of the premise", found.pre, pre),
                ("the postcondition follows from that of the premise", post, found.post),
            )
            if key(known) != key(follows)
        ]
        return Derivation(Rule.CONSEQUENCE, found, (_left(replace(found, pre=pre, post=post)),), tuple(sides))

    def _side(self, words: str, known: Term, follows: Term) -> tuple[Entailment, ...]:
        follows = self.freeze(follows)
        return () if key(follows) == key(TRUE) else (Entailment(words, known, follows, self.unit.name_span),)

    def freeze(self, term: Term) -> Term:
        return frozen(term, None, self.names.variables, self.names.fixed)

    def formula(self, text: str) -> Term:
        """A formula as it is written, `old(x)` and `at(l, x)` included.  Raises InputError."""
        parsed = parse_expression(Source("a formula", text.strip()))
        return elaborate_expression(parsed, self._scope(), self._functions(), BOOL)

    def _scope(self) -> dict[str, Term]:
        found: dict[str, Term] = {}
        labels = [OLD, *_labels(self.unit)]
        for name, variable in self.names.variables.items():
            plain = name.partition("#")[0].rstrip("~")
            found[plain] = variable
            for label in labels:
                fixed = name in self.names.fixed
                shown = f"old({plain})" if label == OLD else f"at({label}, {plain})"
                found[shown] = variable if fixed else Var(f"{name}@{label}", variable.sort)
        leaf_names = [v for t in (self.at.judgement.pre, self.at.judgement.post) for v in walk(t) if isinstance(v, Var)]
        found |= {v.name: v for v in leaf_names if "@" not in v.name and v.name not in self.names.variables}
        return found

    def _functions(self) -> dict[str, Function]:
        return {n: u for n, u in self.program.units.items() if isinstance(u, Function)}


def _labels(unit: Procedure) -> Iterator[str]:
    for statement in statements(unit.body) if unit.body else ():
        if isinstance(statement, While | Point):
            yield statement.label


def _formulas(text: str) -> list[str]:
    """Parts between semicolons."""
    return [t.strip() for t in text.split(";") if t.strip()]
