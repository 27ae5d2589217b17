"""Definite assignment: no variable is read before it has a value.

One pass over the core.  `Open` maps each variable that may have no value yet to the way on which it has none, in words; None
stands for a place that cannot be reached.  A loop's body may have no round; `return` and the end need every result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from prover.diagnostic import Label
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
    Return,
    Skip,
    Statement,
    While,
)
from prover.kernel.term import OLD, At, Lit, Term, Var, children
from prover.source import Span
from prover.syntax.elaborate.problems import Problems

Open = Mapping[str, str]


def check_assigned(procedure: Procedure, pending: Mapping[str, Span], problems: Problems) -> None:
    """Report reads of variables without a value.  pending: variables declared without one, with their declarations."""
    results = {p.variable.name: p.variable.span or procedure.name_span for p in procedure.results}
    if procedure.body is None or not (pending or results):
        return
    flow = _Flow(procedure, {**pending, **results}, problems)
    end = flow.block(procedure.body, dict.fromkeys(flow.declared, ""))
    if end is not None:
        flow.leave(end, procedure.end_span, "the end")


@dataclass(slots=True)
class _Flow:
    procedure: Procedure
    declared: Mapping[str, Span]
    problems: Problems
    points: dict[str, Open] = field(default_factory=dict)
    breaks: list[tuple[Open, str]] = field(default_factory=list)
    reported: set[str] = field(default_factory=set)

    def block(self, block: Block, state: Open | None) -> Open | None:
        for statement in block.statements:
            if state is None:
                return None
            state = self._statement(statement, state)
        return state

    def leave(self, state: Open, span: Span, where: str) -> None:
        for result in self.procedure.results:
            name = result.variable.name
            if name in state and name not in self.reported:
                self.reported.add(name)
                message = f"the result `{name.split('#')[0]}` may have no value at {where}"
                labels = (Label(self.declared[name], "declared here"),)
                self.problems.error("flow-unassigned", message, span, labels=labels, notes=_way(state[name]))

    def _statement(self, statement: Statement, state: Open) -> Open | None:
        match statement:
            case Assign():
                for target in statement.targets:
                    if isinstance(target, Element):
                        self._reads((target.array, *target.indices), state)
                self._reads(statement.values, state)
                return _without(state, [t.name for t in statement.targets if isinstance(t, Var)])
            case Havoc():
                self._reads(() if statement.choose is None else (statement.choose,), state)
                return _without(state, [v.name for v in statement.variables])
            case ProcedureCall():
                self._reads(statement.args, state)
                return _without(state, [v.name for v in statement.targets])
            case Assert() | Assume():
                self._reads((statement.clause.formula,), state)
                return state
            case Point():
                self.points[statement.label] = state
                return state
            case If():
                return self._if(statement, state)
            case While():
                return self._while(statement, state)
            case Return():
                self.leave(state, statement.span, "this `return`")
                return None
            case Break():
                self.breaks.append((state, f"when the `break` in line {statement.span.first.line} leaves the loop"))
                return None
            case Continue():
                return None
            case Skip():
                return state
            case _:
                assert_never(statement)

    def _if(self, statement: If, state: Open) -> Open | None:
        self._reads(() if statement.condition is None else (statement.condition,), state)
        then, orelse = self.block(statement.then, state), self.block(statement.orelse, state)
        line = statement.span.first.line
        if statement.condition is None:
            first, second = [f"on the {way} way through `if *` in line {line}" for way in ("first", "second")]
        else:
            first, second = [f"when the condition of `if` in line {line} is {outcome}" for outcome in ("true", "false")]
        return _joined([(then, first), (orelse, second)])

    def _while(self, statement: While, state: Open) -> Open | None:
        """The state at the head is the one at entry: later rounds have assigned more, not less."""
        self.points[statement.label] = state
        clauses = (*statement.invariants, *statement.recurrent)
        self._reads([c.formula for c in clauses if not c.implied], state)
        self._reads(statement.variant or (), state)
        self._reads(() if statement.condition is None else (statement.condition,), state)
        outer, self.breaks = self.breaks, []
        end = self.block(statement.body, state)
        ends: list[tuple[Open | None, str]] = list(self.breaks)
        self.breaks = outer
        if not (isinstance(statement.condition, Lit) and statement.condition.value is True):
            ends.append((state, f"when the loop in line {statement.span.first.line} has no round"))
        if end is not None and len(end) < len(state):  # the body's end assigns what its beginning and `break` may not
            ends = [(None if e is None else {n: before if n in end else way for n, before in e.items()}, way) for e, way in ends]
        return _joined(ends)

    # Reads

    def _reads(self, terms: Iterable[Term], state: Open) -> None:
        if not state and not self.points:
            return
        for term in terms:
            self._read(term, state)

    def _read(self, term: Term, state: Open) -> None:
        """(Bound variables have names that no declared variable has.)"""
        match term:
            case Var():
                if term.name in state and term.name not in self.reported:
                    self._report(term, state[term.name])
            case At(label=label):
                if label != OLD:
                    self._read(term.body, self.points.get(label, {}))
            case _:
                for child in children(term):
                    self._read(child, state)

    def _report(self, variable: Var, way: str) -> None:
        self.reported.add(variable.name)
        name = variable.name.split("#")[0]
        labels = (Label(self.declared[variable.name], "declared here, without a value"),)
        message, help = f"`{name}` may have no value here", f"give it one first; where any will do: `{name} := *`"
        self.problems.error("flow-unassigned", message, variable.span, help, labels=labels, notes=_way(way))


def _way(way: str) -> tuple[str, ...]:
    return (f"it has none {way}",) if way else ()


def _without(state: Open, names: Iterable[str]) -> Open:
    gone = [n for n in names if n in state]
    return {n: way for n, way in state.items() if n not in gone} if gone else state


def _joined(ends: list[tuple[Open | None, str]]) -> Open | None:
    """What has no value on one way of several has none after them."""
    reached = [(state, way) for state, way in ends if state is not None]
    if not reached:
        return None
    if all(state is reached[0][0] for state, _ in reached):
        return reached[0][0]
    found: dict[str, str] = {}
    for state, way in reached:
        for name, before in state.items():
            everywhere = all(name in other for other, _ in reached)
            found.setdefault(name, before if everywhere else way)
    return found
