"""What is known where a loop is reached, from the code before it: facts about what the loop leaves alone stay true in it.

The verifier keeps such facts by itself; in Hoare's rule they belong to the invariant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from prover.derive.derivation import breaks
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
    Procedure,
    ProcedureCall,
    Program,
    Return,
    Statement,
    While,
)
from prover.kernel.sort import Array
from prover.kernel.term import (
    OLD,
    App,
    At,
    Op,
    Term,
    Var,
    app,
    children,
    conjuncts,
    eq,
    free_variables,
    neg,
    rebuild,
    structure,
    substitute,
    var,
    walk,
)
from prover.textbook.changed import Change, changed_by
from prover.textbook.names import Names

Facts = tuple[Term, ...]


def constant_facts(
    unit: Procedure, program: Program, names: Names, earlier: Mapping[int, Sequence[Var]], all_values: bool
) -> Mapping[int, Facts]:
    """By the identity of each loop: what stays true in it beside its invariants.

    earlier: the names of variants' values before a round, by loop.  all_values: with what is known of earlier values of the
    variables that a loop changes."""
    assert unit.body is not None
    walker = _Walker(program, names, earlier, all_values, {})
    required = [p for c in unit.requires for p in conjuncts(c.formula)]
    at_entry = {n: Var(f"{n}@{OLD}", v.sort) for n, v in names.variables.items() if n not in names.fixed}
    old = [substitute(f, at_entry) for f in required if free_variables(f).keys() & at_entry.keys()]
    lengths = [_same_length(v, OLD) for n, v in names.variables.items() if n in at_entry and isinstance(v.sort, Array)]
    same = [eq(v, at_entry[n]) for n, v in names.variables.items() if n in at_entry] if all_values else []
    walker.block(unit.body, (*required, *old, *lengths, *same))
    return walker.found


class _Walker:
    def __init__(
        self,
        program: Program,
        names: Names,
        earlier: Mapping[int, Sequence[Var]],
        all_values: bool,
        found: dict[int, Facts],
    ) -> None:
        self.program = program
        self.names = names
        self.earlier = earlier
        self.all_values = all_values
        self.found = found

    def block(self, block: Block, facts: Facts | None) -> Facts | None:
        """None: what follows is not reached."""
        for statement in block.statements:
            if facts is None:
                return None
            facts = self._after(statement, facts)
        return facts

    def _after(self, statement: Statement, facts: Facts) -> Facts | None:
        match statement:
            case Assign():
                return self._assigned(statement, facts)
            case Havoc(variables=variables):
                return _without(facts, {v.name: Change(v, True) for v in variables})
            case Assert(clause=clause) | Assume(clause=clause):
                return self._and(facts, [clause.formula])
            case If():
                return self._if(statement, facts)
            case While():
                return self._while(statement, facts)
            case ProcedureCall():
                return self._called(statement, facts)
            case Return() | Break() | Continue():
                return None
            case _:
                return facts

    def _and(self, facts: Facts, more: Iterable[Term]) -> Facts:
        return (*facts, *[p for f in more for p in conjuncts(self.names.freeze(f))])

    def _assigned(self, statement: Assign, facts: Facts) -> Facts:
        changes: dict[str, Change] = {}
        for target in statement.targets:
            variable = target.array if isinstance(target, Element) else target
            changes[variable.name] = Change(variable, not isinstance(target, Element))
        kept = _without(facts, changes)
        values = zip(statement.targets, statement.values, strict=True)
        made = [
            eq(t, self.names.freeze(v)) for t, v in values if isinstance(t, Var) and not free_variables(v).keys() & changes.keys()
        ]
        return (*kept, *made)

    def _if(self, statement: If, facts: Facts) -> Facts | None:
        yes, no = facts, facts
        if statement.condition is not None:
            yes, no = self._and(facts, [statement.condition]), self._and(facts, [neg(statement.condition)])
        ends = [e for e in (self.block(statement.then, yes), self.block(statement.orelse, no)) if e is not None]
        if len(ends) < 2:
            return ends[0] if ends else None
        both = {structure(f) for f in ends[1]}
        return tuple([f for f in ends[0] if structure(f) in both])

    def _while(self, loop: While, facts: Facts) -> Facts:
        changes = changed_by(loop, self.program)
        kept = (*_without(facts, changes), *self._lengths(loop, changes), *self._remembered(loop, facts, changes))
        self.found[id(loop)] = kept
        inside = self._and(kept, [c.formula for c in loop.invariants])
        round_ = inside if loop.condition is None else self._and(inside, [loop.condition])
        pairs = zip(loop.variant or (), self.earlier.get(id(loop), ()), strict=False)
        self.block(loop.body, (*round_, *[eq(self.names.freeze(v), e) for v, e in pairs]))
        if loop.condition is None or breaks(loop.body):
            return kept
        return self._and(inside, [neg(loop.condition)])

    def _lengths(self, loop: While, changes: Mapping[str, Change]) -> Facts:
        """Writing elements leaves an array's length."""
        arrays = [c.variable for c in changes.values() if not c.whole]
        return tuple([_same_length(a, loop.label) for a in arrays])

    def _remembered(self, loop: While, facts: Facts, changes: Mapping[str, Change]) -> Facts:
        """Facts about values that the loop's text speaks of by `at` of its own label."""
        labels = {n.label for c in loop.invariants for n in walk(c.formula) if isinstance(n, At)}
        if loop.label not in labels and not self.all_values:
            return ()
        then: dict[str, Term] = {n: Var(f"{n}@{loop.label}", c.variable.sort) for n, c in changes.items()}
        return tuple([substitute(f, then) for f in facts if free_variables(f).keys() & then.keys()])

    def _called(self, statement: ProcedureCall, facts: Facts) -> Facts:
        callee = self.program.units[statement.name]
        assert isinstance(callee, Procedure)
        pairs = list(zip(callee.parameters, statement.args, strict=True))
        changes = {v.name: Change(v, True) for v in statement.targets}
        changes |= {a.name: Change(a, True) for p, a in pairs if p.inout and isinstance(a, Var)}
        kept = _without(facts, changes)
        if any(free_variables(a).keys() & changes.keys() for p, a in pairs if not p.inout):
            return kept
        values: dict[str, Term] = {p.variable.name: a for p, a in pairs}
        values |= {p.variable.name: v for p, v in zip(callee.results, statement.targets, strict=False)}
        plain = [c.formula for c in callee.ensures if not any(isinstance(n, At) for n in walk(c.formula))]
        return self._and(kept, [substitute(f, values) for f in plain])


def _same_length(array: Var, label: str) -> Term:
    return eq(app(Op.LEN, array), app(Op.LEN, Var(f"{array.name}@{label}", array.sort)))


def _without(facts: Sequence[Term], changes: Mapping[str, Change]) -> Facts:
    """The facts that do not speak of what is changed; of an array whose elements are written, they may speak of its length."""
    return tuple([f for f in facts if not _touched(f, changes)])


def _touched(fact: Term, changes: Mapping[str, Change]) -> bool:
    mentioned = free_variables(fact).keys() & changes.keys()
    if not mentioned:
        return False
    return any(changes[n].whole for n in mentioned) or any(n in free_variables(_measured(fact)) for n in mentioned)


def _measured(term: Term) -> Term:
    """The term with a name for each `len(a)`."""
    match term:
        case App(op=Op.LEN, args=(Var(name=name),), sort=sort):
            return var(f"len({name})", sort)
        case _:
            return rebuild(term, tuple([_measured(c) for c in children(term)]))
