"""The interpreter: runs a procedure, triple or lemma on given inputs and checks its annotations as it goes.

A machine with an explicit stack, so that neither deep recursion nor long programs meet a limit of Python's.  A broken
annotation is recorded and the run goes on; a failing operation ends it; a false `assume` makes it no run at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import assert_never

from prover.kernel.depend import components
from prover.kernel.program import (
    Assert,
    Assign,
    Assume,
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
from prover.kernel.sort import BOOL
from prover.kernel.term import Term, Var
from prover.record import replace
from prover.semantics import operators
from prover.semantics.choices import Choices, NoChoice
from prover.semantics.evaluate import ELEMENTS, Evaluator
from prover.semantics.needed import needed_inputs
from prover.semantics.outcome import Blocked, BreakKind, Ended, Failed, Outcome, OutOfSteps, Run, Step, Undetermined
from prover.semantics.record import Record, falls
from prover.semantics.state import Frame, Round, copied, sort_of, stored
from prover.semantics.values import Failure, Unknown, Value, conforms, default, display_name
from prover.source import Span

MAX_STEPS = 100_000
MAX_DEPTH = 10_000

# How many times random outcomes of a bodiless procedure are tried until its `ensures` holds.
_TRIES = 64


@dataclass(frozen=True, slots=True)
class _Limits:
    steps: int
    depth: int
    check: bool
    run_lemmas: bool


def run(
    program: Program,
    name: str,
    inputs: Mapping[str, Value],
    *,
    choices: Choices,
    max_steps: int = MAX_STEPS,
    max_depth: int = MAX_DEPTH,
    check: bool = True,
    trace: bool = False,
    observer: Callable[[Step], None] | None = None,
    run_lemmas: bool = False,
    evaluator: Evaluator | None = None,
) -> Run:
    """Run the unit `name` from `inputs`, values of its entry variables by name (see `needed_inputs`).

    max_steps: statements executed and loop conditions tested; an assignment to a large array counts for more, once for each
    `ELEMENTS` of its elements.  max_depth: of calls.  check: annotations, too.
    trace: keep every step in the result.  observer: told of every step instead.  run_lemmas: execute bodies of called lemmas.
    evaluator: one for the same program and the same choices, to share what it remembers between runs.
    Raises ValueError if the unit cannot be run, or an input is missing or of another type."""
    unit = program.units.get(name)
    if not isinstance(unit, Procedure) or unit.body is None:
        raise ValueError(f"`{name}` has no body to run")
    values = {v.name: _input(inputs, v, unit) for v in unit.entry_variables}
    steps: list[Step] = []
    observer = steps.append if trace else observer
    evaluator = evaluator or Evaluator(program, choices.functions)
    record = Record(evaluator, choices, observer)
    outcome = _Machine(program, _Limits(max_steps, max_depth, check, run_lemmas), evaluator, record).run(unit, dict(values))
    return Run(
        name,
        values,
        tuple(record.choices),
        record.steps,
        outcome,
        tuple(record.breaks),
        tuple(record.doubts),
        tuple(record.recurred),
        tuple(steps),
        evaluator.read_termination,
    )


def _input(inputs: Mapping[str, Value], variable: Var, unit: Procedure) -> Value:
    shown = display_name(variable.name)
    if variable.name not in inputs:
        if variable.name not in [v.name for v in needed_inputs(unit)]:
            return default(variable.sort)
        raise ValueError(f"no value is given for `{shown}`")
    if not conforms(inputs[variable.name], variable.sort):
        raise ValueError(f"the value given for `{shown}` is no `{variable.sort}`")
    return inputs[variable.name]


Simple = Assign | Havoc | Assert | Assume | Point | Break | Continue | Skip


class _Stop(Exception):
    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


class _Machine:
    def __init__(self, program: Program, limits: _Limits, evaluator: Evaluator, record: Record) -> None:
        self.program, self.limits, self.evaluator, self.record = program, limits, evaluator, record
        self.frames: list[Frame] = []
        self.watched = record.observer is not None
        self.place: Span | None = None

    @cached_property
    def components(self) -> Mapping[str, frozenset[str]]:
        return components(self.program)

    @property
    def frame(self) -> Frame:
        return self.frames[-1]

    def run(self, unit: Procedure, values: dict[str, Value]) -> Outcome:
        frame = Frame(unit, values)
        self.frames.append(frame)
        try:
            for clause in unit.requires:
                self._assume(clause.formula, clause.span, Blocked(clause, unit.name, dict(values)))
            self._enter(frame)
            while True:
                self._advance(self.frames[-1])
        except _Stop as stop:
            return stop.outcome
        except operators.Failed as failed:
            return self._failed(failed.failure)
        except operators.Stuck as stop:
            return self._undetermined(stop.unknown.reason)
        except NoChoice as none:
            return self._undetermined(str(none))

    def _failed(self, failure: Failure) -> Outcome:
        here = self.frame.unit.name
        failure = replace(failure, span=failure.span or self.place, unit=failure.unit or here)
        return Failed(failure, here, dict(self.frame.values))

    def _undetermined(self, reason: str) -> Outcome:
        return Undetermined(reason, self.place, self.frame.unit.name, dict(self.frame.values))

    def _enter(self, frame: Frame) -> None:
        unit = frame.unit
        assert unit.body is not None
        frame.start(unit.body)
        if self.limits.check and unit.variant:
            label, span = unit.name, unit.variant_span or unit.name_span
            frame.variant = self.record.measure(unit.variant, BreakKind.RECURSION, frame, label, span, frame.scope)

    def _advance(self, frame: Frame) -> None:
        """One step of whatever is on top."""
        if not frame.control:
            self._leave(frame, frame.unit.end_span)
            return
        top = frame.control[-1]
        if isinstance(top, Round):
            if top.stepping or not top.loop.step.statements:
                self._round_ends(top, frame)
            else:
                top.stepping = True
                frame.start(top.loop.step)
        elif top.next == len(top.statements):
            frame.control.pop()
        else:
            statement = top.statements[top.next]
            top.next += 1
            self._count()
            self._execute(statement, frame)

    def _count(self) -> None:
        self.record.steps += 1
        if self.record.steps > self.limits.steps:
            self.record.steps -= 1
            reason = f"{self.limits.steps} steps were made"
            raise _Stop(OutOfSteps(dict(self.frame.values), self.frame.unit.name, reason))

    def _seen(self, frame: Frame, span: Span) -> None:
        if self.watched:
            self.record.step(frame, len(self.frames) - 1, span)

    # Statements

    def _execute(self, statement: Statement, frame: Frame) -> None:
        self.place = statement.span
        match statement:
            case If():
                chosen = statement.then if self._test(statement.condition, "if *", statement.span) else statement.orelse
                self._seen(frame, statement.span)
                frame.start(chosen)
            case While():
                self._loop(statement, frame)
            case ProcedureCall():
                self._call(statement, frame)
            case Return(span=span):
                self._seen(frame, span)
                self._leave(frame, span)
            case _:
                self._simple(statement, frame)
                self._seen(frame, statement.span)

    def _simple(self, statement: Simple, frame: Frame) -> None:
        match statement:
            case Assign():
                self._assign(statement, frame)
            case Havoc():
                self._havoc(statement, frame)
            case Assert(clause=clause, span=span):
                if self.limits.check:
                    self.record.clause(clause, BreakKind.ASSERTION, frame, span, "", frame.scope)
            case Assume(clause=clause, span=span):
                self._assume(clause.formula, span, Blocked(clause, frame.unit.name, dict(frame.values)))
            case Point(label=label):
                frame.mark(label)
            case Break():
                frame.innermost()
                frame.control.pop()
            case Continue():
                frame.innermost()
            case Skip():
                pass
            case _:
                assert_never(statement)

    def _test(self, condition: Term | None, what: str, span: Span) -> bool:
        if condition is None:
            return self.record.choose(BOOL, what, span) is True
        return self.evaluator.compute(condition, self.frame.scope) is True

    def _assume(self, formula: Term, span: Span, blocked: Blocked) -> None:
        result = self.evaluator.value(formula, self.frame.scope)
        match result:
            case Failure():
                raise operators.Failed(result)
            case Unknown(reason=reason):
                self.record.doubt(self.frame.unit.name, span, reason, needed=True)
            case _:
                if result is not True:
                    raise _Stop(blocked)

    def _assign(self, statement: Assign, frame: Frame) -> None:
        """Everything is evaluated first, then the targets are written from left to right."""
        compute, scope, targets = self.evaluator.compute, frame.scope, statement.targets
        if len(targets) == 1 and isinstance(only := targets[0], Var):
            value = compute(statement.values[0], scope)
            operators.store_range(value, only.sort, statement.values[0].span or statement.span)
            self._write(only, value, frame)
            return
        places = [[compute(i, scope) for i in t.indices] if isinstance(t, Element) else [] for t in targets]
        values = [compute(v, scope) for v in statement.values]
        for target, value, term in zip(targets, values, statement.values, strict=True):
            operators.store_range(value, sort_of(target), term.span or statement.span)
        for target, place, value in zip(targets, places, values, strict=True):
            if isinstance(target, Element):
                indices = [i for i in place if isinstance(i, int)]
                self.record.steps += copied(frame.values[target.array.name], indices) // ELEMENTS
                frame.values[target.array.name] = stored(frame.values[target.array.name], indices, value, target.span)
            else:
                self._write(target, value, frame)

    def _write(self, target: Var, value: Value, frame: Frame) -> None:
        if type(value) is tuple:
            self.record.steps += len(value) // ELEMENTS
        frame.values[target.name] = value

    def _havoc(self, statement: Havoc, frame: Frame) -> None:
        witness: Value | None = None
        if statement.choose is not None:
            found = self.evaluator.value(statement.choose, frame.scope)
            witness = None if isinstance(found, Failure | Unknown) else found
        for variable in statement.variables:
            name = display_name(variable.name)
            frame.values[variable.name] = self.record.choose(variable.sort, name, statement.span, witness)

    # Loops

    def _loop(self, loop: While, frame: Frame) -> None:
        frame.mark(loop.label)
        if self.limits.check:
            self.record.clauses(loop.invariants, BreakKind.INVARIANT_ENTRY, frame, loop.span, loop.label)
        current = Round(loop)
        frame.control.append(current)
        self._head(current, frame)

    def _head(self, current: Round, frame: Frame) -> None:
        loop = current.loop
        self._count()
        self.place = loop.span
        if loop.recurrent and self.limits.check:
            self.record.recurrent(loop.recurrent, loop.label, frame)
        goes_on = self._test(loop.condition, "while *", loop.span)
        self._seen(frame, loop.span)
        if not goes_on:
            frame.control.pop()
            return
        if loop.variant and self.limits.check:
            current.before = self._measure(loop, frame)
        frame.start(loop.body)

    def _measure(self, loop: While, frame: Frame) -> tuple[int, ...] | None:
        assert loop.variant is not None
        span = loop.variant_span or loop.span
        return self.record.measure(loop.variant, BreakKind.VARIANT, frame, loop.label, span, frame.scope)

    def _round_ends(self, current: Round, frame: Frame) -> None:
        loop = current.loop
        current.stepping = False
        if self.limits.check:
            self.record.clauses(loop.invariants, BreakKind.INVARIANT_PRESERVED, frame, loop.span, loop.label)
            if current.before is not None:
                after = self._measure(loop, frame)
                if after is not None and not falls(current.before, after):
                    span = loop.variant_span or loop.span
                    self.record.variant_broken(BreakKind.VARIANT, frame, loop.label, span)
        self._head(current, frame)

    # Calls

    def _call(self, statement: ProcedureCall, frame: Frame) -> None:
        callee = self.program.units[statement.name]
        assert isinstance(callee, Procedure)
        values: dict[str, Value] = {}
        for parameter, argument in zip(callee.parameters, statement.args, strict=True):
            value = self.evaluator.compute(argument, frame.scope)
            operators.store_range(value, parameter.variable.sort, argument.span or statement.span)
            values[parameter.variable.name] = value
        entered = Frame(callee, values, statement)
        if self.limits.check:
            self._check_entry(statement, frame, entered)
        if callee.kind is Kind.LEMMA and not self.limits.run_lemmas:
            if self.limits.check:
                self.record.clauses(callee.ensures, BreakKind.ENSURES, entered, callee.end_span)
            self._seen(frame, statement.span)
        elif callee.body is None:
            self._trusted(entered)
            self._receive(entered)
        else:
            self._push(entered)

    def _check_entry(self, statement: ProcedureCall, frame: Frame, entered: Frame) -> None:
        """The callee's `requires` is the caller's obligation, and so is the fall of the variant around a recursion."""
        callee = entered.unit
        self.record.clauses(callee.requires, BreakKind.REQUIRES, frame, statement.span, statement.label, scope=entered.scope)
        if frame.variant is None or not callee.variant or len(callee.variant) != len(frame.variant):
            return
        if callee.name in self.components[frame.unit.name]:
            kind, span = BreakKind.RECURSION, statement.span
            after = self.record.measure(callee.variant, kind, frame, statement.label, span, entered.scope)
            if after is not None and not falls(frame.variant, after):
                self.record.variant_broken(kind, frame, statement.label, span)

    def _push(self, entered: Frame) -> None:
        if len(self.frames) >= self.limits.depth:
            reason = f"calls are nested {self.limits.depth} deep"
            raise _Stop(OutOfSteps(dict(self.frame.values), self.frame.unit.name, reason))
        self.frames.append(entered)
        self._enter(entered)

    def _trusted(self, entered: Frame) -> None:
        """Outcomes of a procedure without a body are chosen, such that its `ensures` holds."""
        unit, call = entered.unit, entered.call
        assert call is not None
        for _ in range(_TRIES):
            before = len(self.record.choices)
            for parameter in (*(p for p in unit.parameters if p.inout), *unit.results):
                variable = parameter.variable
                what = f"{display_name(variable.name)} of {unit.name}"
                entered.values[variable.name] = self.record.choose(variable.sort, what, call.span)
            results = [self.evaluator.value(c.formula, entered.scope) for c in unit.ensures]
            if all([r is True for r in results]):
                return
            del self.record.choices[before:]
        raise operators.stuck(f"no outcome of `{unit.name}`, which has no body, was found to satisfy its `ensures`")

    def _leave(self, frame: Frame, span: Span) -> None:
        if self.limits.check:
            self.record.clauses(frame.unit.ensures, BreakKind.ENSURES, frame, span)
        if frame.call is None:
            raise _Stop(Ended(dict(frame.values)))
        self.frames.pop()
        self._receive(frame)

    def _receive(self, left: Frame) -> None:
        """Copy results and `inout` parameters of the callee back to the caller's variables."""
        call, caller = left.call, self.frame
        assert call is not None
        pairs = list(zip(left.unit.results, call.targets, strict=False))
        inout = [(p, a) for p, a in zip(left.unit.parameters, call.args, strict=True) if p.inout and isinstance(a, Var)]
        for parameter, target in (*pairs, *inout):
            value = left.values.get(parameter.variable.name)
            if value is None:
                raise operators.stuck(f"`{display_name(parameter.variable.name)}` was given no value")
            operators.store_range(value, target.sort, call.span)
            caller.values[target.name] = value
        self._seen(caller, call.span)
