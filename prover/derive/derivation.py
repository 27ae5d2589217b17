"""Derivations in Hoare logic as values (Hoare 1969; Apt, de Boer & Olderog 2009; for exits Kowaltowski 1977).

Assertions speak of the unit's variables; of `x@l`, the value of `x` when control was last at `l` (`old`, a label); of the values
that a variant had earlier; and of names like `x'`, for all values of which an assertion is meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from prover.kernel.program import Block, Break, If, Procedure, Statement
from prover.kernel.term import Term, Var, free_variables
from prover.record import record
from prover.source import Span


class Rule(Enum):
    """The value is the rule's name.  `OPEN` is none: what is still to be derived."""

    OPEN = "open"
    SKIP = "skip"
    ASSIGNMENT = "assignment"
    ANY_VALUE = "any value"
    ASSERTION = "assertion"
    ASSUMPTION = "assumption"
    POINT = "point"
    SEQUENCE = "sequence"
    CONDITIONAL = "conditional"
    WHILE = "while"
    CALL = "call"
    RETURN = "return"
    BREAK = "break"
    CONTINUE = "continue"
    ENTRY = "entry"
    CONSEQUENCE = "consequence"


SCHEMAS = {
    Rule.SKIP: ((), "{Q} skip {Q}"),
    Rule.ASSIGNMENT: ((), "{Q[e/x]} x := e {Q}"),
    Rule.ANY_VALUE: ((), "{forall x :: Q} x := * {Q}"),
    Rule.ASSERTION: ((), "{P and Q} assert P {Q}"),
    Rule.ASSUMPTION: ((), "{P ==> Q} assume P {Q}"),
    Rule.POINT: ((), "{Q[x/at(l, x)]} l: {Q}"),
    Rule.SEQUENCE: (("{P} S {R}", "{R} T {Q}"), "{P} S; T {Q}"),
    Rule.CONDITIONAL: (("{P and b} S {Q}", "{P and not b} T {Q}"), "{P} if b then S else T end {Q}"),
    Rule.WHILE: (("{I and b and v = V} S {I and 0 <= v < V}",), "{I} while b do S end {I and not b}"),
    Rule.CALL: ((), "{requires[e/x] and (ensures[e/x, y'/r] ==> Q[y'/y])} y := p(e) {Q}"),
    Rule.RETURN: ((), "{ensures} return {Q}"),
    Rule.BREAK: ((), "{what holds after the loop} break {Q}"),
    Rule.CONTINUE: ((), "{what holds after the body} continue {Q}"),
    Rule.ENTRY: (("{P} S {Q}",), "{P[x/old(x)]} S {Q}"),
    Rule.CONSEQUENCE: (("P ==> P'", "{P'} S {Q'}", "Q' ==> Q"), "{P} S {Q}"),
}
"""Premises and conclusion of each rule.  The variant's part belongs to total correctness only."""


@record
class Exits:
    """What must hold where control leaves code otherwise than at its end."""

    returns: Term
    breaks: Term
    continues: Term


@record
class Judgement:
    """`{pre} code {post}`.  A block of one statement is that statement."""

    pre: Term
    code: Block | Statement
    post: Term
    exits: Exits


@record
class Entailment:
    """`known ==> follows`, a side condition of a rule, for all values of all names.  words: what it says."""

    words: str
    known: Term
    follows: Term
    span: Span


@record
class Derivation:
    """A rule's application.  premises: for a loop those of its body and, where it has one, its step.
    invariant, earlier: of a loop, and the names of its variant's values before the round.
    fresh: names that stand for any value from here on."""

    rule: Rule
    judgement: Judgement
    premises: tuple[Derivation, ...] = ()
    entailments: tuple[Entailment, ...] = ()
    invariant: Term | None = None
    earlier: tuple[Var, ...] = ()
    fresh: tuple[Var, ...] = ()

    def nodes(self) -> Iterator[Derivation]:
        """This one and all above it, in the order of the text."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.premises))


def breaks(block: Block) -> bool:
    """Does a `break` in it leave the loop whose body it is?"""
    for statement in block.statements:
        match statement:
            case Break():
                return True
            case If(then=then, orelse=orelse) if breaks(then) or breaks(orelse):
                return True
            case _:
                pass
    return False


def single(code: Block | Statement) -> Block | Statement:
    """A block of one statement is that statement."""
    return code.statements[0] if isinstance(code, Block) and len(code.statements) == 1 else code


def speaks_of_entry(tree: Derivation) -> bool:
    """Does an assertion speak of a value at entry, `x@old`?"""
    judgements = [n.judgement for n in tree.nodes()]
    spoken = (t for j in judgements for t in (j.pre, j.post, j.exits.returns, j.exits.breaks, j.exits.continues))
    return any(name.endswith("@old") for t in spoken for name in free_variables(t))


@record
class Proof:
    """A derivation for a whole unit.  total: it shows that the unit ends, too."""

    unit: Procedure
    total: bool
    tree: Derivation
