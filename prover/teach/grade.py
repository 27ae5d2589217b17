"""Grades: what a submission earns.  Values; `render_grades` prints them.

A unit's points are given where all of the unit is proved; with `partial` in the template for each obligation that is proved, as
long as nothing else in the unit fails.  What the prover gave up on within its
budget is `undecided`, not wrong.
Nothing is inferred or remembered, and budgets are counted in resource units, so that every machine grades alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from prover.batch.schedule import check_all
from prover.check import Options
from prover.diagnostic import Diagnostic, Severity
from prover.inputs import Input
from prover.report import Answer, Cause, FileReport, GoalReport, Reason, UnitReport, Verdict
from prover.teach.mistakes import looked, says_something
from prover.teach.submission import admitted
from prover.teach.template import Template

_GAVE_UP = frozenset((Reason.RESOURCES, Reason.TIMEOUT, Reason.WORKER_DIED, Reason.INCOMPLETE))
_SUFFIXES = {"invariant-entry": "entry", "invariant-preserved": "kept"}
SECONDS = 60.0  # the backstop for a unit; the budget decides


class State(Enum):
    """Of an obligation.  `UNDECIDED`: the prover gave up within its budget.  `WITHHELD`: proved, but the unit is not sound."""

    PROVED = "proved"
    OPEN = "open"
    UNDECIDED = "undecided"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Obligation:
    """goals: the goals of it that are not proved, and for a withheld one those that stand in its way.
    empty: withheld because the invariant says nothing of what the loop changes."""

    name: str
    state: State
    points: int
    possible: int
    goals: tuple[GoalReport, ...] = ()
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Grade:
    """problems: why nothing counts (it differs from the template, it does not parse, …); then no obligation is proved."""

    path: str
    obligations: tuple[Obligation, ...]
    problems: tuple[Diagnostic, ...] = ()
    report: FileReport | None = None

    @property
    def points(self) -> int:
        return sum(o.points for o in self.obligations)

    @property
    def possible(self) -> int:
        return sum(o.possible for o in self.obligations)

    @property
    def solved(self) -> bool:
        return not self.problems and all(o.state is State.PROVED for o in self.obligations)

    @property
    def undecided(self) -> tuple[Obligation, ...]:
        return tuple(o for o in self.obligations if o.state is State.UNDECIDED)


def grades(
    template: Template,
    items: Sequence[Input],
    jobs: int | None = None,
    progress: Callable[[int, int, str], None] | None = None,
    explain: bool = True,
) -> Iterator[Grade]:
    """A grade for each submission, in order.  Nothing that a submission holds keeps others from being graded.

    explain: with what hints need, which takes longer than the grade."""
    looked_at = [admitted(template, item) for item in items]
    fit = [found for found in looked_at if isinstance(found, Input)]
    budget = template.settings.budget
    dial = template.settings.automation
    options = Options(
        total=template.asks_end, jobs=jobs, rlimit=budget, timeout=SECONDS, infer=False, strict=True, explain=explain, dial=dial
    )
    reports = check_all(fit, options, progress)
    for item, found in zip(items, looked_at, strict=True):
        yield graded(template, next(reports)) if isinstance(found, Input) else _nothing(template, item.name, found)


def _nothing(template: Template, path: str, problems: tuple[Diagnostic, ...], report: FileReport | None = None) -> Grade:
    obligations = tuple(Obligation(n, State.OPEN, 0, _weight(template, n)) for n in template.obligations)
    return Grade(path, obligations, problems, report)


def _weight(template: Template, name: str) -> int:
    """What belongs to the body (assertions, calls, safety) is a condition for the rest, unless the template gives points; so are
    units without holes."""
    given = template.settings.weight(name)
    if name.split(".", maxsplit=1)[0] in template.locked:
        return 0
    alone = sum(n.split(".")[0] == name.split(".", maxsplit=1)[0] for n in template.obligations) == 1
    named = any(p == name for p, _ in template.settings.points)
    return given if alone or named or not name.endswith(".body") else 0


def graded(template: Template, report: FileReport) -> Grade:
    """The grade that a report amounts to."""
    errors = tuple(d for d in report.diagnostics if d.severity is Severity.ERROR)
    if errors:
        return _nothing(template, report.path, errors, report)
    obligations: list[Obligation] = []
    for name in template.obligations:
        unit = next((u for u in report.units if u.name == name.split(".")[0]), None)
        if unit is None:
            obligations.append(Obligation(name, State.OPEN, 0, _weight(template, name)))
        else:
            obligations.append(_telling(_obligation(template, name, unit), report))
    if any(o.state is not State.PROVED and o.name.split(".")[0] in template.locked for o in obligations):
        obligations = [_withheld(o) for o in obligations]
    return Grade(report.path, tuple(obligations), (), report)


def _withheld(obligation: Obligation) -> Obligation:
    """Where a unit that uses what was filled in fails, that is not good enough, whatever it proves of itself."""
    if obligation.state is not State.PROVED:
        return obligation
    return Obligation(obligation.name, State.WITHHELD, 0, obligation.possible)


def _telling(obligation: Obligation, report: FileReport) -> Obligation:
    """With partial credit `invariant true` would earn what it proves; where nothing fails, it is as good as any other."""
    unit, *parts = obligation.name.split(".")
    whole = all(u.correct is Answer.YES for u in report.units if u.name == unit)
    if whole or obligation.state is not State.PROVED or len(parts) != 2 or parts[1] not in ("entry", "kept"):
        return obligation
    loop = looked(report, unit, parts[0])
    if loop is None or says_something(loop):
        return obligation
    return Obligation(obligation.name, State.WITHHELD, 0, obligation.possible, empty=True)


def _obligation(template: Template, name: str, unit: UnitReport) -> Obligation:
    mine: list[GoalReport] = []
    gate: list[GoalReport] = []
    for goal in unit.goals:
        if goal.verdict is Verdict.PROVED:
            continue
        where = obligation_of(goal, unit.name, template.obligations)
        if where == name:
            mine.append(goal)
        elif where.endswith(".body") or not template.settings.partial:
            gate.append(goal)
    possible = _weight(template, name)
    if mine:
        return Obligation(name, _open(mine), 0, possible, tuple(mine))
    # Where all goals are proved, the unit may still rest on a contradiction, or on a unit that is not proved.
    rests = _unsound(unit) if template.settings.partial else unit.correct is not Answer.YES
    if gate or rests or unit.terminates in (Answer.NO, Answer.UNKNOWN):
        return Obligation(name, State.WITHHELD, 0, possible, tuple(gate))
    return Obligation(name, State.PROVED, possible, possible)


def _unsound(unit: UnitReport) -> bool:
    return unit.vacuous or unit.correct is Answer.NO or (unit.correct_reason in (Reason.VACUOUS, Reason.DEPENDS))


def _open(goals: Iterable[GoalReport]) -> State:
    return State.UNDECIDED if all(gave_up(g) for g in goals) else State.OPEN


def gave_up(goal: GoalReport) -> bool:
    """Is it the solver's fault?"""
    return goal.reason in _GAVE_UP and goal.cause in (Cause.SOLVER, None)


def obligation_of(goal: GoalReport, unit: str, names: Sequence[str]) -> str:
    """The obligation that a goal belongs to: one of `names`, or the unit's body."""
    parts = goal.name.split(".")
    if goal.kind in _SUFFIXES and len(parts) > 2:
        candidate = ".".join([*parts[:2], _SUFFIXES[goal.kind]])
    elif goal.kind == "variant":
        candidate = ".".join([*parts[:2], "variant"])
    else:
        candidate = ".".join(parts[:2])
    return candidate if candidate in names else f"{unit}.body"
