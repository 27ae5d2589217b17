"""Files to reports: parse, elaborate, make conditions, prove, answer.

Files are prepared ahead of the one that is waited for, so that workers have something to do; reports come in the order of the
files, whatever finished first.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from prover.diagnose.improvement import Improvement
from prover.diagnose.unitreport import unit_report, vacuous
from prover.diagnose.vacuity import vacuities
from prover.diagnostic import Diagnostic, InputError
from prover.inputs import Input
from prover.plan import Plan, load, plan, refine
from prover.record import replace
from prover.report import Answer, FileReport, Status, file_status
from prover.solve.process import Pool, cores, version
from prover.solve.prove import Budget, Job, Outcome, begin
from prover.source import Source
from prover.syntax.elaborate import FileLoader
from prover.syntax.read import read_source
from prover.verdict import verdicts

AHEAD = 32
RECURSION = 10_000

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """total: ask termination of everything.  rlimit: z3 resource units a goal.  timeout: solver seconds a unit.
    filter: only units whose name contains it.  names: only these units.
    why: with the variants by which units end.  fail_fast: stop after the first file that is not proved.
    strict: a *yes* that rests on a contradiction is *don't know*."""

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

    def wants(self, name: str) -> bool:
        return (self.filter is None or self.filter in name) and (self.names is None or name in self.names)

    @property
    def budget(self) -> Budget:
        standard = Budget()
        return Budget(
            standard.rlimit if self.rlimit is None else self.rlimit,
            standard.seconds if self.timeout is None else self.timeout,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Begun:
    """A file whose queries are under way, or whose report is ready."""

    path: str
    source: Source | None
    plan: Plan | None
    jobs: Mapping[str, Job]
    wanted: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    started: float


def solver_version() -> str:
    return version()


def check_files(inputs: Sequence[Input], options: Options, progress: Progress | None = None) -> Iterator[FileReport]:
    """A report for each input, in order."""
    with ExitStack() as stack:
        pool = stack.enter_context(Pool(options.jobs or cores()))
        pool.warm()
        waiting: deque[Begun] = deque()
        for number, item in enumerate(inputs):
            waiting.append(_begin(item, options, pool))
            while waiting and (len(waiting) > AHEAD or number == len(inputs) - 1):
                begun = waiting.popleft()
                report = _finish(begun, options, pool)
                if progress is not None:
                    progress(number + 1 - len(waiting), len(inputs), begun.path)
                yield report
                if options.fail_fast and report.status is not Status.PROVED:
                    return


def _begin(item: Input, options: Options, pool: Pool) -> Begun:
    started = time.monotonic()
    source = None
    try:
        source = read_source(item.content, item.name)
        made = load(source, FileLoader(item.root))
        wanted = tuple(n for n in made.own if options.wants(n))
        ready = plan(made, options.total, wanted)
    except InputError as bad:
        return Begun(item.name, source, None, {}, (), bad.diagnostics, started)
    scripts, findings = refine(ready)
    jobs = {n: begin(c, ready.theory, ready.opaque(n), options.budget, pool, scripts[n]) for n, c in ready.conditions.items()}
    return Begun(item.name, source, ready, jobs, wanted, tuple(findings), started)


def _finish(begun: Begun, options: Options, pool: Pool) -> FileReport:
    if begun.plan is None:
        return FileReport(begun.path, Status.INVALID, (), begun.diagnostics, begun.source, None)
    ready = begun.plan
    improved = {n: _improved(n, job.finish(pool), ready, options, pool) for n, job in begun.jobs.items()}
    outcomes = {n: i.outcomes for n, i in improved.items()}
    further = {n: ready.brought_in(n, [o.goal for o in found], begun.jobs[n].scripts.values()) for n, found in outcomes.items()}
    answers = verdicts(ready.program, ready.components, ready.conditions, outcomes, ready.termination, further)
    units = [unit_report(name, ready, answers[name], improved[name], options.timings) for name in begun.wanted]
    empty = vacuities(ready, [u.name for u in units if u.correct is Answer.YES], pool)
    if options.why:
        from prover.diagnose.ending import explained

        units = [explained(u, ready.program, improved[u.name]) for u in units]
    units = [vacuous(u, options.strict) if u.name in empty else u for u in units]
    findings = (*begun.diagnostics, *empty.values())
    seconds = time.monotonic() - begun.started if options.timings else None
    status = file_status(units, findings)
    return FileReport(begun.path, status, tuple(units), findings, begun.source, ready.program.expected, seconds)


def _improved(name: str, outcomes: Sequence[Outcome], ready: Plan, options: Options, pool: Pool) -> Improvement:
    """The interpreter and the engines are loaded only where something was not proved."""
    if all(o.proved for o in outcomes):
        return Improvement(tuple(outcomes))
    from prover.diagnose.improve import improve

    improved = improve(name, ready, outcomes, pool, options.budget, options.infer)
    if improved.found is not None or all(o.proved for o in improved.outcomes):
        return improved
    from prover.diagnose.countermodel import failing_states

    return replace(improved, states=failing_states(improved.outcomes, ready.theory, ready.opaque(name), pool))
