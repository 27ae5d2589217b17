"""Bounds of numbers at the heads of loops, by abstract interpretation (Cousot & Cousot 1977): all runs at once, with an
interval for each variable.

A loop is gone through until its intervals grow no more, to the next number of the program first and then to infinity
(widening); a few more rounds take back what was too much (narrowing).  The solver is not asked.  What the user's invariants,
assertions and contracts say is taken for true: they are goals of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from prover.infer.facts import constants
from prover.infer.intervals import Interval, Ranges, covers, join, joined, met, put, put_all, range_of, widen
from prover.infer.observe import loops
from prover.infer.scope import visible
from prover.infer.valued import Reader
from prover.infer.widened import widened_variable
from prover.infer.work import TooMuch, Work
from prover.kernel.depend import statements, terms
from prover.kernel.program import (
    Assert,
    Assign,
    Assume,
    Block,
    Break,
    Continue,
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
from prover.kernel.sort import is_numeric
from prover.kernel.term import Op, Term, Var, app, num
from prover.kernel.vc import assigned

MOST_WORK = 20_000
ENOUGH = MOST_WORK // 2
MOST_SAID = 2_000
VARIABLES = 16
MOST_THRESHOLDS, MOST_ROUNDS, NARROWING = 24, 100, 3


def bounds(procedure: Procedure, program: Program) -> dict[str, list[Term]]:
    """By loop label: what the intervals say of variables that the loop changes, beyond their sorts and the loop's invariants.

    Machine integers are spoken of as integers (see `widened`)."""
    found: dict[str, list[Term]] = {}
    in_scope, heads = visible(procedure), intervals(procedure, program)
    for loop in loops(procedure):
        ranges, known = heads.get(loop.label) or {}, said(loop, program)
        changed = ranges.keys() & assigned(loop, program)[0]
        pairs = [(v, ranges[v.name]) for v in in_scope[loop.label] if v.name in changed]
        found[loop.label] = [f for v, value in pairs for f in _bounds(v, value, known.get(v.name) or range_of(v.sort))]
    return found


def said(loop: While, program: Program) -> Ranges:
    """What the loop's own invariants say of each variable."""
    try:
        return Reader(program, Work(MOST_SAID)).under([c.formula for c in loop.invariants], {}) or {}
    except TooMuch:
        return {}


def _bounds(variable: Var, value: Interval, known: Interval) -> Iterator[Term]:
    """known: what need not be said."""
    shown = widened_variable(variable)
    if value.low == value.high != known.low:
        yield app(Op.EQ, shown, num(int(value.low)))
    elif value.low != value.high:
        for op, end, tight in ((Op.GE, value.low, value.low <= known.low), (Op.LE, value.high, value.high >= known.high)):
            if isinstance(end, int) and not tight:
                yield app(op, shown, num(end))


def intervals(procedure: Procedure, program: Program) -> Mapping[str, Ranges | None]:
    """The intervals at the head of each loop; None where no run gets; nothing if it takes too much."""
    if procedure.body is None:
        return {}
    work = Work(MOST_WORK)
    held = (*procedure.parameters, *procedure.results, *procedure.locals)
    variables = {p.variable.name: p.variable for p in held}
    thresholds = sorted(constants(terms(procedure), MOST_THRESHOLDS))
    analysis = _Analysis(program, Reader(program, work), work, variables, thresholds, {})
    try:
        analysis.block(procedure.body, analysis.reader.under([c.formula for c in procedure.requires], {}))
    except TooMuch:
        return {}
    return analysis.heads


@dataclass(frozen=True, slots=True, eq=False)
class _Flow:
    """Where a run may be after a statement: behind it, behind the loop around, at the end of its round."""

    after: Ranges | None
    left: Ranges | None = None
    continued: Ranges | None = None

    def then(self, other: _Flow) -> _Flow:
        return _Flow(other.after, joined(self.left, other.left), joined(self.continued, other.continued))


@dataclass(slots=True)
class _Analysis:
    """heads: what was found at the head of each loop when it was last come to."""

    program: Program
    reader: Reader
    work: Work
    variables: Mapping[str, Var]
    thresholds: Sequence[int]
    heads: dict[str, Ranges | None]

    def block(self, block: Block, ranges: Ranges | None) -> _Flow:
        flow = _Flow(ranges)
        for statement in block.statements:
            if flow.after is None:
                break
            self.work.spend(1 + len(flow.after) // VARIABLES)
            flow = flow.then(self._statement(statement, flow.after))
        return flow

    def _statement(self, statement: Statement, ranges: Ranges) -> _Flow:
        match statement:
            case Assign():
                return _Flow(self._assigned(statement, ranges))
            case Havoc(variables=variables):
                names = {v.name for v in variables}
                return _Flow({n: r for n, r in ranges.items() if n not in names})
            case If(condition=condition):
                tests = [] if condition is None else [condition]
                then = self.block(statement.then, self.reader.under(tests, ranges))
                orelse = self.block(statement.orelse, self.reader.under(tests, ranges, False))
                return then.then(replace(orelse, after=joined(then.after, orelse.after)))
            case While():
                return self._loop(statement, ranges)
            case ProcedureCall():
                return _Flow(self._called(statement, ranges))
            case Assert(clause=clause) | Assume(clause=clause):
                return _Flow(self.reader.under([clause.formula], ranges))
            case Return():
                return _Flow(None)
            case Break():
                return _Flow(None, left=ranges)
            case Continue():
                return _Flow(None, continued=ranges)
            case Skip() | Point():
                return _Flow(ranges)

    def _assigned(self, statement: Assign, before: Ranges) -> Ranges | None:
        pairs = [(t, v) for t, v in zip(statement.targets, statement.values, strict=True) if isinstance(t, Var)]
        values = [(t, self.reader.value(v, before)) for t, v in pairs if is_numeric(t.sort)]
        return put_all(before, values)

    def _called(self, statement: ProcedureCall, before: Ranges) -> Ranges | None:
        """After a call what the callee's `ensures` say of its results holds."""
        callee = self.program.units[statement.name]
        assert isinstance(callee, Procedure)
        pairs = [(p, a) for p, a in zip(callee.parameters, statement.args, strict=True) if is_numeric(p.variable.sort)]
        passed = [(p.variable, self.reader.value(a, before)) for p, a in pairs if not p.inout]
        inner = self.reader.under([c.formula for c in callee.ensures], put_all({}, passed))
        if inner is None:
            return None
        received = [(t, r.variable) for t, r in zip(statement.targets, callee.results, strict=False)]
        received += [(a, p.variable) for p, a in pairs if p.inout and isinstance(a, Var)]
        return put_all(before, [(t, inner.get(v.name) or range_of(v.sort)) for t, v in received if is_numeric(t.sort)])

    def _loop(self, loop: While, entry: Ranges) -> _Flow:
        """It starts from what was found for it before, which is forgotten only when what is around it shrinks."""
        head = joined(entry, self.heads.get(loop.label)) or {}
        for number in range(MOST_ROUNDS + 2):
            flow = self._round(loop, head)
            new = joined(entry, flow.after) or {}
            if covers(head, new):
                break
            if number >= MOST_ROUNDS:
                head = {}
            else:  # every second time only, so that what a step past a threshold comes to is found
                head = self._widened(head, new) if number % 2 else joined(head, new) or {}
        for _ in range(NARROWING if self.work.left > ENOUGH else 0):
            for inner in statements(loop.body):
                if isinstance(inner, While):
                    self.heads.pop(inner.label, None)
            flow = self._round(loop, head)
            less = met(head, joined(entry, flow.after) or {})
            if less is None or less == head:
                break
            head = less
        self.heads[loop.label] = head
        return _Flow(joined(self._tested(loop, head, False), flow.left))

    def _tested(self, loop: While, head: Ranges, holds: bool) -> Ranges | None:
        known = self.reader.under([c.formula for c in loop.invariants], head)
        return self.reader.under([] if loop.condition is None else [loop.condition], known, holds)

    def _round(self, loop: While, head: Ranges) -> _Flow:
        body = self.block(loop.body, self._tested(loop, head, True))
        return _Flow(self.block(loop.step, joined(body.after, body.continued)).after, body.left)

    def _widened(self, old: Ranges, new: Ranges) -> Ranges:
        found: Ranges = {}
        for name, value in old.items():
            if name in new:
                wide = widen(value, join(value, new[name]), self.thresholds)
                found = put(found, self.variables[name], wide) or found
        return found
