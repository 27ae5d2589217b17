"""What a run leaves behind while it goes on: choices made, annotations broken, doubts, the trace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from prover.kernel.program import Clause, Kind
from prover.kernel.sort import Sort
from prover.kernel.term import Term
from prover.semantics.choices import Choice, Choices
from prover.semantics.evaluate import Evaluator, Scope
from prover.semantics.outcome import Break, BreakKind, Doubt, Recurred, Step
from prover.semantics.state import Frame
from prover.semantics.values import Failure, Unknown, Value
from prover.source import Span

_MOST_BREAKS = 50

_WORDS = {
    BreakKind.ASSERTION: "the assertion does not hold",
    BreakKind.REQUIRES: "`requires` does not hold at the call",
    BreakKind.ENSURES: "`ensures` does not hold",
    BreakKind.INVARIANT_ENTRY: "the invariant does not hold on entry to the loop",
    BreakKind.INVARIANT_PRESERVED: "the invariant does not hold at the end of a round",
    BreakKind.VARIANT: "the variant does not fall",
    BreakKind.RECURSION: "the variant does not fall at the recursive call",
}


@dataclass(slots=True)
class Record:
    """Collects; decides nothing about how the run goes on.  observer: told of each step."""

    evaluator: Evaluator
    source: Choices
    observer: Callable[[Step], None] | None
    steps: int = 0
    choices: list[Choice] = field(default_factory=list)
    breaks: list[Break] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    recurred: list[Recurred] = field(default_factory=list)
    _seen: set[tuple[object, ...]] = field(default_factory=set)

    def choose(self, sort: Sort, what: str, span: Span, witness: Value | None = None) -> Value:
        """Raises NoChoice."""
        value = self.source.take(sort, witness)
        self.choices.append(Choice(value, what, span))
        return value

    def step(self, frame: Frame, depth: int, span: Span) -> None:
        if self.observer is not None:
            self.observer(Step(self.steps, frame.unit.name, depth, span, dict(frame.values)))

    def clauses(
        self, found: tuple[Clause, ...], kind: BreakKind, frame: Frame, span: Span, prefix: str = "", scope: Scope | None = None
    ) -> None:
        """Check clauses in order; what breaks is `frame.unit`'s obligation.  Each may rely on those before it: once one is
        broken, a later one that has no value is no news.

        scope: where their names have a meaning, if not in `frame`."""
        relied = True
        for clause in found:
            if not self.clause(clause, kind, frame, span, prefix, scope or frame.scope, relied):
                relied = False

    def clause(
        self, clause: Clause, kind: BreakKind, frame: Frame, span: Span, prefix: str, scope: Scope, relied: bool = True
    ) -> bool:
        """Does the clause hold, as far as can be told?"""
        label = f"{prefix}.{clause.label}" if prefix else clause.label
        key = (kind, frame.unit.name, label)
        if key in self._seen:
            return False
        result = self.evaluator.value(clause.formula, scope)
        match result:
            case True:
                return True
            case Unknown(reason=reason):
                self.doubt(frame.unit.name, clause.span, reason, needed=False)
                return True
            case Failure():
                if relied:
                    self._seen.add(key)
                    self._broken(kind, frame, label, clause, span, result)
                return False
            case _:
                self._seen.add(key)
                self._broken(kind, frame, label, clause, span, None)
                return False

    def _broken(
        self, kind: BreakKind, frame: Frame, label: str, clause: Clause | None, span: Span, failure: Failure | None
    ) -> None:
        if len(self.breaks) < _MOST_BREAKS:
            unit = failure.unit if failure and failure.unit else frame.unit.name
            triple = kind is BreakKind.ENSURES and frame.unit.kind is Kind.TRIPLE
            words = "the postcondition does not hold" if triple else _WORDS[kind]
            message = f"{words}: {failure.message}" if failure else words
            state = dict(frame.values)
            self.breaks.append(Break(kind, unit, label, clause, span, state, self.steps, message, failure))

    def doubt(self, unit: str, span: Span, reason: str, *, needed: bool) -> None:
        key = (unit, span.start, reason, needed)
        if key not in self._seen and len(self.doubts) < _MOST_BREAKS:
            self._seen.add(key)
            self.doubts.append(Doubt(unit, span, reason, needed))

    def measure(
        self, variant: tuple[Term, ...], kind: BreakKind, frame: Frame, label: str, span: Span, scope: Scope
    ) -> tuple[int, ...] | None:
        """The variant's components; None where they cannot be told, and a break where they have no value."""
        values: list[int] = []
        for part in variant:
            result = self.evaluator.value(part, scope)
            if isinstance(result, Failure):
                self.variant_broken(kind, frame, label, span, result)
                return None
            if isinstance(result, Unknown):
                self.doubt(frame.unit.name, span, result.reason, needed=False)
                return None
            assert isinstance(result, int)
            values.append(result)
        return tuple(values)

    def variant_broken(self, kind: BreakKind, frame: Frame, label: str, span: Span, failure: Failure | None = None) -> None:
        key = (kind, frame.unit.name, label)
        if key not in self._seen:
            self._seen.add(key)
            self._broken(kind, frame, label, None, span, failure)

    def recurrent(self, clauses: tuple[Clause, ...], label: str, frame: Frame) -> None:
        key = ("recurrent", frame.unit.name, label)
        if key in self._seen:
            return
        if all([self.evaluator.value(c.formula, frame.scope) is True for c in clauses]):
            self._seen.add(key)
            self.recurred.append(Recurred(frame.unit.name, label, dict(frame.values), self.steps))


def falls(before: tuple[int, ...], after: tuple[int, ...]) -> bool:
    """Some component falls by at least one and was >= 0, and no earlier one rises."""
    for old, new in zip(before, after, strict=False):
        if new > old:
            return False
        if new < old and old >= 0:
            return True
    return False
