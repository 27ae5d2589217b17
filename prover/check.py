"""Files to reports: parse, elaborate, make conditions, prove, answer.

Files are prepared ahead of the one that is waited for, so that workers have something to do; reports come in the order of the
files, whatever finished first.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from prover.describe import goal_report
from prover.diagnostic import Diagnostic, InputError, Severity, warning
from prover.inputs import Input
from prover.kernel.depend import closure, components, dependents, statements
from prover.kernel.functionvc import axiom_conditions, function_conditions
from prover.kernel.goal import Conditions, Goal
from prover.kernel.program import Assert, Axiom, Function, Procedure, Program, Unit
from prover.kernel.theory import Theory, theory
from prover.kernel.vc import conditions
from prover.report import Answer, AssumptionReport, FileReport, InferredReport, Status, UnitReport, file_status
from prover.improvement import Improvement
from prover.solve.process import Pool, cores, version
from prover.solve.prove import Budget, Job, Outcome, Refined, begin
from prover.source import Source
from prover.syntax.elaborate import FileLoader, elaborate
from prover.syntax.parser import parse
from prover.syntax.read import read_source
from prover.tactic.script import Setting, Tree, apply
from prover.verdict import DIVERGENCE, Verdict, asked, assumptions, verdicts

AHEAD = 32
RECURSION = 10_000

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """total: ask termination of everything.  rlimit: z3 resource units a goal.  timeout: solver seconds a unit.
    filter: only units whose name contains it.  fail_fast: stop after the first file that is not proved."""

    total: bool = False
    jobs: int | None = None
    rlimit: int | None = None
    timeout: float | None = None
    filter: str | None = None
    fail_fast: bool = False
    infer: bool = True
    timings: bool = False

    @property
    def budget(self) -> Budget:
        standard = Budget()
        return Budget(
            standard.rlimit if self.rlimit is None else self.rlimit,
            standard.seconds if self.timeout is None else self.timeout,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A program with the conditions of all units that matter for it."""

    program: Program
    components: Mapping[str, frozenset[str]]
    theory: Theory
    conditions: Mapping[str, Conditions]
    termination: frozenset[str]

    def opaque(self, name: str) -> frozenset[str]:
        """The functions whose equations may not be used for `name`: what rests on a function does not help to make it exist.

        Only axioms and scripts bring functions into a goal that the function itself does not use."""
        if not isinstance(self.program.units[name], Function):
            return frozenset()
        component = self.components[name]
        return dependents(component, self.program) if self.theory.axioms or self.program.proofs else component

    def brought_in(self, name: str, goals: Sequence[Goal], scripts: Iterable[Refined | None]) -> frozenset[str]:
        """The functions that axioms and scripts bring into the goals of `name`."""
        leaves = [g for tree in scripts if tree is not None for g in tree.leaves()]
        if not (leaves or self.theory.axioms):
            return frozenset()
        return self.theory.brought_in([*goals, *leaves]) - self.opaque(name)


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


def plan(program: Program, total: bool = False, names: Iterable[str] | None = None) -> Plan:
    """Conditions of the named units (all of the file's own by default) and of everything that they use."""
    found = components(program)
    termination = asked(program, total)
    needed = closure([*(program.own if names is None else names), *_at_large(program)], program)
    made = {n: unit_conditions(program.units[n], program, found[n], n in termination) for n in found if n in needed}
    return Plan(program, found, theory(program, found), made, termination)


def _at_large(program: Program) -> list[str]:
    """What goals may rest on without naming it: axioms, and where there are scripts any function."""
    blocks = [u.body for u in program.units.values() if isinstance(u, Procedure) and u.body is not None]
    scripted = bool(program.proofs) or any(isinstance(s, Assert) and s.script for b in blocks for s in statements(b))
    return [n for n, u in program.units.items() if isinstance(u, Axiom) or (scripted and isinstance(u, Function))]


def unit_conditions(unit: Unit, program: Program, component: frozenset[str], total: bool) -> Conditions:
    match unit:
        case Procedure():
            return conditions(unit, program, component, total)
        case Function():
            return function_conditions(unit, program, component)
        case Axiom():
            return axiom_conditions(unit)


def load(source: Source, loader: FileLoader) -> Program:
    """The typed program of a text.  Raises InputError."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION))
    return elaborate(parse(source), source, loader)


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
        wanted = tuple(n for n in made.own if options.filter is None or options.filter in n)
        ready = plan(made, options.total, wanted)
    except InputError as bad:
        return Begun(item.name, source, None, {}, (), bad.diagnostics, started)
    scripts, findings = refine(ready)
    jobs = {
        n: begin(c, ready.theory, ready.opaque(n), options.budget, pool, scripts[n]) for n, c in ready.conditions.items()
    }
    return Begun(item.name, source, ready, jobs, wanted, tuple(findings), started)


def refine(ready: Plan) -> tuple[dict[str, dict[str, Tree | None]], list[Diagnostic]]:
    """Run the scripts of a file on their goals: refinements by unit and goal, and what is wrong with scripts that do not fit.

    A script that does not fit is a warning; its goal is then not proved."""
    blocks = {p.goal: p for p in ready.program.proofs}
    found: dict[str, dict[str, Tree | None]] = {}
    problems: list[Diagnostic] = []
    for name, made in ready.conditions.items():
        found[name] = {}
        setting = Setting(ready.theory, ready.opaque(name))
        for goal in made.all():
            block = blocks.pop(goal.name, None)
            script = block.script if block else goal.script
            if script is None or goal.missing:
                continue
            try:
                found[name][goal.name] = apply(script, goal, setting)
            except InputError as bad:
                found[name][goal.name] = None
                problems += [replace(d, severity=Severity.WARNING) for d in bad.diagnostics]
    problems += [warning("goal-detached", f"there is no goal `{g}`: its proof is not used", p.span) for g, p in blocks.items()]
    return found, problems


def _finish(begun: Begun, options: Options, pool: Pool) -> FileReport:
    if begun.plan is None:
        return FileReport(begun.path, Status.INVALID, (), begun.diagnostics, begun.source, None)
    ready = begun.plan
    improved = {n: _improved(n, job.finish(pool), ready, options, pool) for n, job in begun.jobs.items()}
    outcomes = {n: i.outcomes for n, i in improved.items()}
    further = {n: ready.brought_in(n, [o.goal for o in found], begun.jobs[n].scripts.values()) for n, found in outcomes.items()}
    answers = verdicts(ready.program, ready.components, ready.conditions, outcomes, ready.termination, further)
    units = [_unit(name, ready, answers[name], improved[name], options) for name in begun.wanted]
    seconds = time.monotonic() - begun.started if options.timings else None
    status = file_status(units, begun.diagnostics)
    return FileReport(
        begun.path, status, tuple(units), begun.diagnostics, begun.source, ready.program.expected, seconds
    )


def _improved(name: str, outcomes: Sequence[Outcome], ready: Plan, options: Options, pool: Pool) -> Improvement:
    """The interpreter and the engines are loaded only where something was not proved."""
    if all(o.proved for o in outcomes):
        return Improvement(tuple(outcomes))
    from prover.improve import improve

    return improve(name, ready, outcomes, pool, options.budget, options.infer)


def _unit(name: str, ready: Plan, verdict: Verdict, improved: Improvement, options: Options) -> UnitReport:
    outcomes = improved.outcomes
    goals = [goal_report(o, verdict, options.timings) for o in outcomes]
    seconds = sum(o.seconds for o in outcomes) if options.timings else None
    report = replace(unit_report(name, ready, verdict), goals=tuple(goals), seconds=seconds)
    if improved.found is not None:
        report = _refuted(report, verdict, improved)
    if improved.inferred is not None:
        report = replace(report, inferred=inferred(improved, ready.program.units[name]))
    if verdict.terminates is Answer.UNKNOWN and any(o.goal.kind in DIVERGENCE for o in outcomes):
        from prover.evidence import endless
        from prover.infer.annotate import with_unit

        program = ready.program if improved.inferred is None else with_unit(ready.program, improved.inferred.procedure)
        found = endless(program, verdict, list(zip(outcomes, report.goals, strict=True)))
        if found is not None:
            report = found.applied(report)
    return report


def _refuted(report: UnitReport, verdict: Verdict, improved: Improvement) -> UnitReport:
    from prover.evidence import refuted

    assert improved.found is not None
    return refuted(improved.found, verdict, list(zip(improved.outcomes, report.goals, strict=True))).applied(report)


def inferred(improved: Improvement, unit: Unit) -> tuple[InferredReport, ...]:
    from prover.improve import inferred_reports

    assert improved.inferred is not None and isinstance(unit, Procedure)
    return inferred_reports(improved.inferred, unit)


def unit_report(name: str, ready: Plan, verdict: Verdict) -> UnitReport:
    unit = ready.program.units[name]
    found = assumptions(name, ready.program, ready.conditions)
    return UnitReport(
        name=name,
        kind=_kind(unit),
        span=unit.span,
        correct=verdict.correct,
        terminates=verdict.terminates,
        vacuous=False,
        goals=(),
        assumptions=tuple([AssumptionReport(a.kind, a.text, a.span) for a in found]),
        correct_reason=verdict.correct_reason,
        terminates_reason=verdict.terminates_reason,
        depends=verdict.depends,
        name_span=unit.name_span,
    )


def _kind(unit: Unit) -> str:
    match unit:
        case Procedure():
            return unit.kind.value
        case Function():
            return unit.kind
        case Axiom():
            return "axiom"


