"""What a check found: values that every face renders (`render/`) and none changes.

The shape follows the JSON of `docs/report.schema.json`.  What JSON leaves out, and the text output and the editors use, is said
at each field.  Spans point into their `Source`, so that a renderer can quote it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from prover.diagnostic import Diagnostic, Label, Severity
from prover.source import Source, Span

SCHEMA = 1
INTERRUPTED = "input-interrupted"


class Status(Enum):
    """A file's status: the worst answer among those asked.  From best to worst."""

    PROVED = "proved"
    UNKNOWN = "unknown"
    REFUTED = "refuted"
    INVALID = "invalid"


class Answer(Enum):
    """The answer to *correct* or *terminates*.  `TRUSTED`: an axiom, a bodiless procedure."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    TRUSTED = "trusted"


class Verdict(Enum):
    """Of one goal.  `REFUTED` only where the interpreter has replayed a run that breaks it."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNKNOWN = "unknown"


class Reason(Enum):
    """Why a goal is unknown."""

    TIMEOUT = "timeout"  # the wall-clock backstop
    RESOURCES = "resources"  # the deterministic budget, or memory
    INCOMPLETE = "incomplete"  # the solver gave up
    WORKER_DIED = "worker-died"
    UNCONFIRMED = "unconfirmed"  # the solver has a state in which it fails; no run from the start has shown it
    BROKEN = "broken"  # an invariant or a variant that a run breaks; the program may be right all the same
    MISSING = "missing"  # an annotation without which there is nothing to prove (a variant)
    DEPENDS = "depends"  # proved, but from something that is not
    SELF_REFERENCE = "self-reference"  # rests on the prover's own answer, `terminates(p)`
    SCRIPT = "script"  # the goal's proof script does not close it
    AUTOMATION = "automation"  # more than the solver may close here by itself (an exercise's setting)
    VACUOUS = "vacuous"  # rests on a contradiction, and --strict was asked
    SKIPPED = "skipped"  # not tried: --fail-fast stopped before it


class Certified(Enum):
    """What a second solver says of a goal that is proved."""

    BOTH = "both"
    FIRST_ONLY = "z3 only"  # the second one does not know
    DISAGREEMENT = "disagreement"


class Cause(Enum):
    """What is to be mended, where that is known."""

    PROGRAM = "program"
    ANNOTATION = "annotation"
    SOLVER = "solver"


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A fact that a goal may use, as text that parses again.  origin: `requires`, `invariant`, `condition`, … in a word."""

    text: str
    origin: str
    label: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class GoalReport:
    """One obligation.  JSON holds the first six fields only.

    kind: a value of `kernel.goal.GoalKind`.
    description: what must hold, in words ("the loop body preserves invariant `bound`").
    hypotheses, conclusion: the sequent as text; filled for goals that are not proved.
    state: values of variables in a state where the goal fails, as the solver gave it (not a replayed run), or None.
    after: those one round of the loop later, where the goal is that an invariant is kept.
    root: the name of an earlier open goal without which this one would be proved.
    labels: further places that belong to it.  notes, help: one a line.  seconds: wall-clock, when timings were asked.
    certified: of a proved goal, when a second opinion was asked (in JSON then, too).
    """

    name: str
    kind: str
    verdict: Verdict
    reason: Reason | None
    cause: Cause | None
    span: Span
    description: str
    hypotheses: tuple[Hypothesis, ...] = ()
    conclusion: str = ""
    state: Mapping[str, str] | None = None
    after: Mapping[str, str] | None = None
    root: str | None = None
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: tuple[str, ...] = ()
    seconds: float | None = None
    certified: Certified | None = None


@dataclass(frozen=True, slots=True)
class AssumptionReport:
    """Something a verdict takes on trust: `assume`, `axiom`, `bodiless`, `uninterpreted`, `unproved-lemma`, …"""

    kind: str
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class InferredReport:
    """An annotation that the prover found: kind `invariant`, `variant`, …; text as one would write it;
    span of the loop, or of the unit's name."""

    kind: str
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class UnitReport:
    """A procedure, triple, lemma, function, predicate, constant or axiom.

    terminates: None where it was not asked.  correct_reason, terminates_reason (not in JSON): why the answer is unknown
    although each goal may be proved (`DEPENDS`), with `depends`, the names of the units it rests on that are not proved.
    evidence: what a simpler checker can check again; JSON values only.
    """

    name: str
    kind: str
    span: Span
    correct: Answer
    terminates: Answer | None
    vacuous: bool
    goals: tuple[GoalReport, ...]
    assumptions: tuple[AssumptionReport, ...] = ()
    inferred: tuple[InferredReport, ...] = ()
    evidence: Mapping[str, object] = field(default_factory=dict)
    correct_reason: Reason | None = None
    terminates_reason: Reason | None = None
    depends: tuple[str, ...] = ()
    name_span: Span | None = None
    seconds: float | None = None

    @property
    def status(self) -> Status:
        """The worst of the answers that were asked."""
        answers = (self.correct, self.terminates)
        if Answer.NO in answers:
            return Status.REFUTED
        return Status.UNKNOWN if Answer.UNKNOWN in answers else Status.PROVED


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file.  path: as the user gave it (below a folder: folder/…, with `/`).

    source: None if the file could not be read.  expected: the text after `expected:` in the file's first comment, if any
    (found even when the file is invalid, as long as it could be read).  seconds: wall-clock, when timings were asked.
    phases (not in JSON): processor seconds by phase, when a profile was asked.
    """

    path: str
    status: Status
    units: tuple[UnitReport, ...]
    diagnostics: tuple[Diagnostic, ...]
    source: Source | None = None
    expected: str | None = None
    seconds: float | None = None
    phases: Mapping[str, float] | None = None

    @property
    def interrupted(self) -> bool:
        """Is it what had been found when the user wanted to wait no longer?"""
        return any(d.code == INTERRUPTED for d in self.diagnostics)


@dataclass(frozen=True, slots=True)
class Report:
    """All files of one call, in the order given.  prover, solver: versions, `0.1.0` and `z3 5.4.1`."""

    files: tuple[FileReport, ...]
    prover: str
    solver: str
    seconds: float | None = None

    @property
    def summary(self) -> dict[str, int]:
        """Number of files by status: keys `proved`, `refuted`, `unknown`, `invalid`."""
        order = (Status.PROVED, Status.REFUTED, Status.UNKNOWN, Status.INVALID)
        return {s.value: sum(f.status is s for f in self.files) for s in order}

    @property
    def exit_status(self) -> int:
        """0: all proved.  2: some file is invalid.  1: otherwise."""
        statuses = {f.status for f in self.files}
        if Status.INVALID in statuses:
            return 2
        return 0 if statuses <= {Status.PROVED} else 1


def file_status(units: Iterable[UnitReport], diagnostics: Iterable[Diagnostic]) -> Status:
    """The status of a file with these units and findings: an error makes it invalid, else its worst unit decides."""
    if any(d.severity is Severity.ERROR for d in diagnostics):
        return Status.INVALID
    order = list(Status)
    return max((u.status for u in units), key=order.index, default=Status.PROVED)
