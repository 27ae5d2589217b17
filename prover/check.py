"""Files to reports: parse, elaborate, make conditions, prove, answer.

Files are prepared ahead of the one that is waited for, so that workers have something to do; reports come in the order of the
files, whatever finished first.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prover.diagnose.improvement import Improvement
from prover.diagnose.unitreport import unit_report, vacuous
from prover.diagnose.vacuity import unreachable_branches, vacuities
from prover.diagnostic import Diagnostic, InputError, warning
from prover.inputs import Input
from prover.kernel.program import Unit
from prover.plan import Plan, elaborated, load, plan, refine
from prover.record import record, replace
from prover.report import INTERRUPTED, Answer, FileReport, Status, UnitReport, file_status
from prover.solve.ahead import in_order, interruptible
from prover.solve.clock import Clock
from prover.solve.dial import Dial
from prover.solve.process import Pool, cores, version
from prover.solve.prove import Budget, Job, Outcome, begin
from prover.source import Source
from prover.syntax.elaborate import FileLoader
from prover.syntax.parser import parse
from prover.syntax.read import read_source
from prover.verdict import verdicts

if TYPE_CHECKING:
    from prover.cache import Cache
    from prover.cache.reports import Reports
    from prover.solve.prove import Refined

AHEAD = 32
PATIENCE = 0.1  # seconds that one unit's search is waited for before another's begins beside it
GRACE = 0.3  # seconds that a unit has for saying what is wrong, when proving has used all of its own

Progress = Callable[[int, int, str], None]


@record
class Options:
    """total: ask termination of everything.  rlimit: z3 resource units a goal.  timeout: solver seconds a unit.
    filter: only units whose name contains it.  names: only these units.
    why: with the variants by which units end.  profile: with the seconds of each phase.  trace: with the steps of runs that
    refute.
    unused: with notes about clauses that no proof needed.  stability: how often proofs are tried again, with other seeds.
    certify: ask a second solver about what is proved.
    fail_fast: stop after the first file that is not proved.  explain: look closer at what is not proved, and longer for runs.
    strict: a *yes* that rests on a contradiction is *don't know*.  dial: how much the solver may close by itself."""

    total: bool = False
    jobs: int | None = None
    rlimit: int | None = None
    timeout: float | None = None
    filter: str | None = None
    fail_fast: bool = False
    infer: bool = True
    timings: bool = False
    strict: bool = False
    names: frozenset[str] | None = None
    why: bool = False
    trace: bool = False
    unused: bool = False
    stability: int = 0
    profile: bool = False
    certify: bool = False
    explain: bool = True
    dial: Dial = Dial.FULL

    def wants(self, name: str) -> bool:
        return (self.filter is None or self.filter in name) and (self.names is None or name in self.names)

    @property
    def budget(self) -> Budget:
        standard = Budget()
        return Budget(
            standard.rlimit if self.rlimit is None else self.rlimit,
            standard.seconds if self.timeout is None else self.timeout,
            dial=self.dial,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Begun:
    """A file whose queries are under way, or whose report is ready."""

    item: Input
    loader: FileLoader
    started: float
    source: Source | None = None
    plan: Plan | None = None
    jobs: Mapping[str, Job] = field(default_factory=dict)
    wanted: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    known: FileReport | None = None
    laps: Mapping[str, float] = field(default_factory=dict)


def solver_version() -> str:
    return version()


def check_files(
    inputs: Sequence[Input], options: Options, progress: Progress | None = None, cache: Cache | None = None
) -> Iterator[FileReport]:
    """A report for each input, in order.  cache: what earlier runs have found; None for those who must not rely on it.

    Raises KeyboardInterrupt after the report, with what was found so far, of the file that Ctrl-C came upon."""
    reports = cache.reports(options) if cache is not None else None
    with ExitStack() as stack:
        pool = stack.enter_context(Pool(options.jobs or cores(), cache.answers if cache is not None else None))
        if cache is None:
            pool.warm()
        waiting: deque[Begun] = deque()
        for number, item in enumerate(inputs):
            waiting.append(begin_file(item, options, pool, reports))
            while waiting and (len(waiting) > AHEAD or number == len(inputs) - 1):
                begun = waiting.popleft()
                report = finish_or_hurry(begun, options, pool)
                if reports is not None and begun.known is None and not pool.hurried():
                    reports.keep(report, begun.loader)
                if progress is not None:
                    progress(number + 1 - len(waiting), len(inputs), begun.item.name)
                yield report
                if pool.hurried():
                    raise KeyboardInterrupt
                if options.fail_fast and report.status is not Status.PROVED:
                    return


def begin_file(item: Input, options: Options, pool: Pool, reports: Reports | None = None) -> Begun:
    begun = Begun(item, FileLoader(item.root), time.monotonic())
    try:
        begun = replace(begun, source=read_source(item.content, item.name))
        assert begun.source is not None
        if reports is not None and (known := reports.find(begun.source, item.root)) is not None:
            return replace(begun, known=known)
        pool.warm()
        lap = _Laps()
        tree = parse(begun.source)
        lap.end("parse")
        made = elaborated(tree, begun.source, begun.loader)
        lap.end("elaborate")
        wanted = tuple(n for n in made.own if options.wants(n))
        ready = plan(made, options.total, wanted)
    except InputError as bad:
        return replace(begun, diagnostics=bad.diagnostics)
    scripts, findings = refine(ready)
    lap.end("conditions")
    jobs = {n: begin(c, ready.theory, ready.opaque(n), options.budget, pool, scripts[n]) for n, c in ready.conditions.items()}
    lap.end("encode")
    return replace(begun, plan=ready, jobs=jobs, wanted=wanted, diagnostics=tuple(findings), laps=lap.seconds)


@dataclass(slots=True)
class _Laps:
    """Seconds of this thread's processor by phase."""

    seconds: dict[str, float] = field(default_factory=dict)
    _last: float = field(default_factory=time.thread_time)

    def end(self, phase: str) -> None:
        now = time.thread_time()
        self.seconds[phase] = now - self._last
        self._last = now


def load_plan(item: Input, options: Options) -> tuple[Plan, Mapping[str, Mapping[str, Refined | None]]]:
    """A file's conditions and how its scripts refine them, for those who do not ask for a report.  Raises InputError."""
    ready = plan(load(read_source(item.content, item.name), FileLoader(item.root)), options.total)
    return ready, refine(ready)[0]


def finish_or_hurry(begun: Begun, options: Options, pool: Pool) -> FileReport:
    """As `finish_file`; when Ctrl-C comes, the report of what has been found by then, which says so."""
    if begun.known is not None or begun.plan is None:
        return finish_file(begun, options, pool)
    report = interruptible(lambda: finish_file(begun, options, pool), pool.hurry)
    if not pool.hurried():
        return report
    cut = warning(INTERRUPTED, "interrupted: what was not settled by then is *don't know*", None)
    return replace(report, diagnostics=(*report.diagnostics, cut))


def finish_file(begun: Begun, options: Options, pool: Pool) -> FileReport:
    if begun.known is not None:
        return begun.known
    if begun.plan is None:
        return FileReport(begun.item.name, Status.INVALID, (), begun.diagnostics, begun.source, None)
    lap, written = _Laps(), begun.plan.program
    begun = _together(begun, options, pool)
    ready = begun.plan
    assert ready is not None
    improved = _all_improved(begun.jobs, ready, options, pool)
    outcomes = {n: i.outcomes for n, i in improved.items()}
    further = {n: ready.brought_in(n, [o.goal for o in found], begun.jobs[n].scripts.values()) for n, found in outcomes.items()}
    answers = verdicts(ready.program, ready.components, ready.conditions, outcomes, ready.termination, further)
    units = [unit_report(name, ready, answers[name], improved[name], options.timings or options.profile) for name in begun.wanted]
    if ready.program is not written:
        from prover.diagnose.together import reports

        found = reports(written, ready.program)
        units = [replace(u, inferred=(*u.inferred, found[u.name])) if u.name in found else u for u in units]
    clocks = {u.name: _some(begun.jobs[u.name].clock) for u in units if u.correct is Answer.YES}
    empty = vacuities(ready, clocks, pool)
    if options.trace:
        from prover.diagnose.trace import traced

        units = [traced(u, ready.program, improved[u.name].found) for u in units]
    if options.why:
        from prover.diagnose.ending import explained

        units = [explained(u, ready.program, improved[u.name], follow=not pool.hurried()) for u in units]
    units = [vacuous(u, options.strict) if u.name in empty else u for u in units]
    dead = unreachable_branches(ready, {n: clock for n, clock in clocks.items() if n not in empty}, pool)
    if options.certify:
        units, disagreements = _certified(units, begun, outcomes, options, pool)
    extra = _extra(ready, units, outcomes, options, pool) if options.unused or options.stability else []
    bugs = [_bug(ready.program.units[n], i.bug) for n, i in improved.items() if i.bug]
    findings = (*begun.diagnostics, *bugs, *empty.values(), *dead, *extra, *(disagreements if options.certify else ()))
    seconds = time.monotonic() - begun.started if options.timings else None
    status = file_status(units, findings)
    report = FileReport(begun.item.name, status, tuple(units), findings, begun.source, ready.program.expected, seconds)
    if options.profile:
        lap.end("report")
        solve = sum(o.seconds for found in outcomes.values() for o in found)
        report = replace(report, phases={**begun.laps, "solve": solve, **lap.seconds})
    return report


def _together(begun: Begun, options: Options, pool: Pool) -> Begun:
    """With variants for units that call each other and lack them, whose goals are then asked anew."""
    assert begun.plan is not None
    if not (options.infer and options.explain) or all(len(c) == 1 for c in begun.plan.components.values()):
        return begun
    from prover.diagnose.together import varied

    scripted = frozenset([n for n, job in begun.jobs.items() if job.scripts])
    try:
        ready = varied(begun.plan, scripted, options.budget, pool)
    except Exception as bug:
        # As in `_improved`: without what is tried beside proving, the units are asked as they stand.
        if os.environ.get("PROVER_DEBUG") == "1":
            raise
        first = begun.plan.program.units[next(n for n, c in begun.plan.components.items() if len(c) > 1)]
        return replace(begun, diagnostics=(*begun.diagnostics, _bug(first, f"{type(bug).__name__}: {bug}")))
    new = {n: c for n, c in ready.conditions.items() if c is not begun.plan.conditions[n]}
    jobs = {n: begin(c, ready.theory, ready.opaque(n), options.budget, pool, {}) for n, c in new.items()}
    return replace(begun, plan=ready, jobs={**begun.jobs, **jobs})


def _bug(unit: Unit, what: str) -> Diagnostic:
    message = f"a bug in prover ended the search for what `{unit.name}` lacks ({what}); what is proved is proved"
    return warning("input-bug", message, unit.name_span, help=("please report it, with what PROVER_DEBUG=1 prints",))


def _certified(
    units: Sequence[UnitReport], begun: Begun, outcomes: Mapping[str, Sequence[Outcome]], options: Options, pool: Pool
) -> tuple[list[UnitReport], list[Diagnostic]]:
    """The reports with what a second solver says of each proved goal, and where it contradicts."""
    from prover.export.certify import Certifier, alone, kept
    from prover.report import Certified
    from prover.solve.second import Second

    assert begun.plan is not None
    ready = begun.plan
    found: list[UnitReport] = []
    problems: list[Diagnostic] = []
    with Second(options.jobs or cores()) as second:
        for unit in units:
            certifier = Certifier(ready.theory, ready.opaque(unit.name), options.budget, pool, second)
            opinions = certifier.opinions(outcomes[unit.name], begun.jobs[unit.name].scripts)
            named = {o.goal.name: o for o in outcomes[unit.name]}
            wrong = [(n, o) for n, o in opinions.items() if o.certified is Certified.DISAGREEMENT]
            problems += [kept(o, unit.name, named[n]) for n, o in wrong]
            silent = [n for n, o in opinions.items() if o.certified is Certified.FIRST_ONLY]
            problems += [alone(silent, named[silent[0]])] if silent else []
            said = [replace(g, certified=opinions[g.name].certified if g.name in opinions else None) for g in unit.goals]
            found.append(replace(unit, goals=tuple(said)))
    return found, problems


def _extra(
    ready: Plan, units: Sequence[UnitReport], outcomes: Mapping[str, Sequence[Outcome]], options: Options, pool: Pool
) -> list[Diagnostic]:
    """What is looked into on request, of the units that are proved."""
    from prover.diagnose.asking import goals_prover
    from prover.diagnose.stability import stability, warnings
    from prover.diagnose.unused import unused

    found: list[Diagnostic] = []
    for name in [u.name for u in units if u.correct is Answer.YES]:
        if options.unused:
            quick = options.budget.quick
            found += unused(name, outcomes[name], goals_prover(ready, name, quick, pool, Clock(options.budget.seconds)))
        if options.stability:
            tried = stability(outcomes[name], ready.theory, ready.opaque(name), options.budget, pool, options.stability)
            found += warnings(tried)
    return found


def _all_improved(jobs: Mapping[str, Job], ready: Plan, options: Options, pool: Pool) -> dict[str, Improvement]:
    """By name, units with open goals side by side where there are workers for that."""
    found = {n: None if job.left() else Improvement(tuple(job.finish(pool))) for n, job in jobs.items()}
    attempts = {n: lambda _, n=n: _improved(n, jobs[n], ready, options, pool) for n, i in found.items() if i is None}
    if len(attempts) < 2 or pool.distant is not None:
        return {n: i or attempts[n](False) for n, i in found.items()}
    improved = in_order(list(attempts.values()), lambda working: working < pool.jobs, PATIENCE)
    return {n: i or next(improved) for n, i in found.items()}


def _improved(name: str, job: Job, ready: Plan, options: Options, pool: Pool) -> Improvement:
    """The interpreter and the engines are loaded only where something was not proved."""
    left = job.left()
    if pool.hurried():
        return Improvement(tuple(job.finish(pool)))
    from prover.diagnose.improve import lacking, refuted_at_once, stalling

    outcomes = tuple(job.finish(pool, job.budget.brief)) if any(map(stalling, left)) else None
    if outcomes is not None and (shown := _by_identities(name, outcomes, job, ready, options, pool)) is not None:
        return shown
    found = refuted_at_once(name, left, ready, pool, job.clock)
    searched = found is None and options.infer and options.explain and lacking(ready.program.units[name])
    if outcomes is None or found is not None:
        outcomes = tuple(job.finish(pool, job.budget.brief if searched else job.budget if found is None else job.budget.quick))
    elif not searched:
        outcomes = tuple(job.again(pool, outcomes))
    if all(o.proved for o in outcomes):
        return Improvement(outcomes)
    improved = Improvement(outcomes, found)
    if not options.explain or pool.hurried():
        return improved
    try:
        return _explained(name, improved, ready, options, pool, job, searched)
    except Exception as bug:
        # What is tried beside proving only proposes: without it the answers are those that are proved.
        if os.environ.get("PROVER_DEBUG") == "1":
            raise
        return replace(improved, bug=f"{type(bug).__name__}: {bug}")


def _by_identities(
    name: str, outcomes: tuple[Outcome, ...], job: Job, ready: Plan, options: Options, pool: Pool
) -> Improvement | None:
    """With all proved in the first ways to ask, or by hints: before anything is tried that takes long on products.

    outcomes: those of the first ways."""
    if all(o.proved for o in outcomes):
        return Improvement(outcomes)
    if not (options.infer and options.explain) or pool.hurried():
        return None
    from prover.diagnose.improve import shown_by_identities

    try:
        return shown_by_identities(name, ready, outcomes, pool, options.budget, job.clock)
    except Exception:
        if os.environ.get("PROVER_DEBUG") == "1":
            raise
        return None  # the search, of which this is a part, says that there is a bug


def _some(clock: Clock) -> Clock:
    """The clock, or one with enough for an explanation where hardly anything is left (what was overdrawn is taken off)."""
    return clock if clock.left > GRACE else Clock(GRACE + min(0.0, clock.left))


def _explained(name: str, improved: Improvement, ready: Plan, options: Options, pool: Pool, job: Job, brief: bool) -> Improvement:
    """With annotations found, or with what can be told about the goals that are open.

    brief: goals were asked only briefly so far, because annotations are looked for first."""
    from prover.diagnose.examine import examined
    from prover.diagnose.improve import entered, improve

    clock = _some(job.clock)
    if improved.found is None:
        improved = improve(name, ready, improved.outcomes, pool, options.budget, clock, options.infer)
        if brief and improved.found is None:
            improved = replace(improved, outcomes=tuple(job.again(pool, improved.outcomes)))
            clock = _some(clock) if clock is job.clock else clock
    improved = entered(improved, name, ready, pool, clock)
    if improved.entrance is not None or all(o.proved for o in improved.outcomes) or pool.hurried():
        return improved
    return examined(improved, name, ready, pool, options.budget, clock)
