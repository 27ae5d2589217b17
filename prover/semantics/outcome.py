"""What a run is, once it is over: where it started, what was chosen, how it ended, and what it broke on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from prover.kernel.program import Clause
from prover.semantics.choices import Choice
from prover.semantics.values import Failure, Value
from prover.source import Span

State = Mapping[str, Value]


class BreakKind(Enum):
    """What can turn out not to hold; the values are those of the kernel's goals of the same name.

    An obligation of the program is what *correct* promises; an invariant, a variant or a `recurrent` is help for a proof, and
    that it is wrong says nothing about the program."""

    ASSERTION = "assertion"
    REQUIRES = "requires"
    ENSURES = "ensures"
    INVARIANT_ENTRY = "invariant-entry"
    INVARIANT_PRESERVED = "invariant-preserved"
    VARIANT = "variant"
    RECURSION = "recursion-variant"

    @property
    def of_program(self) -> bool:
        return self in (BreakKind.ASSERTION, BreakKind.REQUIRES, BreakKind.ENSURES)


@dataclass(frozen=True, slots=True)
class Break:
    """An annotation that does not hold at one moment of the run.

    unit: whose text holds the obligation.  clause: None for variants.  span: the place in the program (a call, an exit, a loop).
    label: the clause's own name, after the loop's or the call's where there is one.  failure: it has no value there.
    state: of `unit` at that moment.  step: how many steps had been made.
    """

    kind: BreakKind
    unit: str
    label: str
    clause: Clause | None
    span: Span
    state: State
    step: int
    message: str
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """An annotation or assumption that could not be told to hold.  needed: evidence needs it to be true."""

    unit: str
    span: Span
    reason: str
    needed: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One step as an observer sees it: the statement that was executed, and the state of its unit afterwards.

    depth: of calls, 0 for the unit that is run."""

    number: int
    unit: str
    depth: int
    span: Span
    state: State


@dataclass(frozen=True, slots=True)
class Recurred:
    """The first time that all `recurrent` clauses of a loop held at its head."""

    unit: str
    label: str
    state: State
    step: int


@dataclass(frozen=True, slots=True)
class Ended:
    state: State


@dataclass(frozen=True, slots=True)
class Failed:
    """An operation failed; state is that of the unit which was executed."""

    failure: Failure
    unit: str
    state: State


@dataclass(frozen=True, slots=True)
class Blocked:
    """A false `requires` at entry or a false `assume`: this is no run of the program, and evidence for nothing."""

    clause: Clause
    unit: str
    state: State


@dataclass(frozen=True, slots=True)
class OutOfSteps:
    """The run was stopped; state is that of the unit which was executed.  reason: which limit."""

    state: State
    unit: str
    reason: str


@dataclass(frozen=True, slots=True)
class Undetermined:
    """The interpreter cannot tell how the run goes on."""

    reason: str
    span: Span | None
    unit: str
    state: State


Outcome = Ended | Failed | Blocked | OutOfSteps | Undetermined


@dataclass(frozen=True, slots=True)
class Run:
    """A run of `unit` from `initial`.  Replay: `run` with the same inputs and `RecordedChoices` of `choices`.

    breaks: in order; of an annotation that breaks again and again the first only, and no more than a few dozen.
    read_termination: a `terminates(p)` was read, so that the run is no evidence.
    """

    unit: str
    initial: State
    choices: tuple[Choice, ...]
    steps: int
    outcome: Outcome
    breaks: tuple[Break, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    recurred: tuple[Recurred, ...] = ()
    trace: tuple[Step, ...] = ()
    read_termination: bool = False

    @property
    def is_evidence(self) -> bool:
        """Did `requires` and every `assume` certainly hold as far as the run went?"""
        blocked = isinstance(self.outcome, Blocked)
        return not (blocked or self.read_termination or any([d.needed for d in self.doubts]))

    @property
    def wrong(self) -> Break | Failure | None:
        """The first obligation of the program that the run broke, whichever unit holds it; see its `unit`."""
        for found in self.breaks:
            if found.kind.of_program:
                return found
        return self.outcome.failure if isinstance(self.outcome, Failed) else None

    @property
    def wrong_annotation(self) -> Break | None:
        """The first invariant or variant that the run broke."""
        return next((b for b in self.breaks if not b.kind.of_program), None)

    def refutes(self, unit: str) -> bool:
        """Is this run evidence for *correct: no* of `unit`?  Only the first broken obligation counts: what follows a broken
        `requires` or `ensures` may be somebody else's fault."""
        return self.is_evidence and self.wrong is not None and self.wrong.unit == unit
