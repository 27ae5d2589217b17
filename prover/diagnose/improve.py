"""What is tried when a unit's goals are not all proved: a run that breaks it, then annotations that it lacks."""

from __future__ import annotations

import time
from collections.abc import Sequence

from prover.diagnose.asking import QUICK_RLIMIT, changed_prover, goals_prover, sender, sent
from prover.diagnose.improvement import Improvement
from prover.diagnose.model import model
from prover.diagnose.refute import Effort, Found, Solver, entrance, lassos, recurrent_loops, refutation
from prover.infer.annotate import with_unit
from prover.infer.loosened import DIVISIONS, loosened
from prover.infer.observe import Observed, State, observed
from prover.infer.search import by_identities, infer
from prover.infer.subject import Aside, Inferred, Subject
from prover.kernel.depend import statements
from prover.kernel.goal import Goal, GoalKind, Holds, Naming, Origin, Path, extend
from prover.kernel.oracle import ask, conclude
from prover.kernel.program import Procedure, ProcedureCall, Unit, While
from prover.kernel.term import Term, conj, free_variables
from prover.kernel.vc import conditions
from prover.plan import Plan
from prover.record import replace
from prover.report import InferredReport
from prover.semantics.choices import SuggestedChoices
from prover.solve.ahead import Stopped
from prover.solve.clock import Clock, Stopwatch
from prover.solve.portfolio import TOGETHER, of_polynomials
from prover.solve.process import Pool
from prover.solve.prove import Budget, Outcome
from prover.syntax.unparse import term_text
from prover.verdict import DIVERGENCE

ONCE_RLIMIT = 500_000
SEARCH_SECONDS = 10.0
SEARCH_SHARE = 0.9  # of what is left: what follows a search takes some time, too
LASSO_STEPS = 120
# On a busy machine a search may take so many times its seconds.
BUSY = 2
REFUTE_SECONDS = 5.0


def refuted_at_once(name: str, left: Sequence[Goal], ready: Plan, pool: Pool, clock: Clock) -> Found | None:
    """A run that breaks the unit, looked for before its goals are asked one by one: those that fail take longest.

    left: the goals that may fail."""
    unit = ready.program.units[name]
    if not isinstance(unit, Procedure) or unit.body is None or not set(left) & set(ready.conditions[name].goals):
        return None
    return _refuted(name, ready, pool, clock, Effort.FIRST)


def lacking(unit: Unit) -> bool:
    """Has it a loop of which nothing is said?  (Of a `for`, whose loop has a step, only its range.)"""
    if not isinstance(unit, Procedure) or unit.body is None:
        return False
    loops = [s for s in statements(unit.body) if isinstance(s, While)]
    return any(len(loop.invariants) <= bool(loop.step.statements) for loop in loops)


def stalling(goal: Goal) -> bool:
    """Is it one on which the solver may take long, and algebra less: that a round keeps an equation of polynomials?"""
    return goal.kind is GoalKind.INVARIANT_PRESERVED and of_polynomials(goal)


def shown_by_identities(
    name: str, ready: Plan, outcomes: Sequence[Outcome], pool: Pool, budget: Budget, clock: Clock
) -> Improvement | None:
    """With hints about polynomials in the loops of a unit, if these are all that was lacking."""
    unit = ready.program.units[name]
    if not isinstance(unit, Procedure) or unit.body is None:
        return None
    found = by_identities(_subject(unit, ready, pool, budget, clock.part(SEARCH_SECONDS)), outcomes)
    return None if found is None else Improvement(found.outcomes, None, found)


def improve(
    name: str, ready: Plan, outcomes: Sequence[Outcome], pool: Pool, budget: Budget, clock: Clock, search: bool
) -> Improvement:
    """What else is tried for a unit of which `refuted_at_once` knows no run.  search: whether annotations may be looked for."""
    unit = ready.program.units[name]
    proving = [o for o in outcomes if o.goal.kind not in DIVERGENCE]
    if not isinstance(unit, Procedure) or unit.body is None or all(o.proved for o in proving):
        return Improvement(tuple(outcomes))
    if not _correct(proving) and (found := _refuted(name, ready, pool, clock, Effort.SECOND)):
        return Improvement(tuple(outcomes), found)
    improved = Improvement(tuple(outcomes))
    if search and any(isinstance(s, While) or (isinstance(s, ProcedureCall) and s.name == name) for s in statements(unit.body)):
        inferred = infer(
            _subject(unit, ready, pool, budget, clock.part(min(SEARCH_SECONDS, SEARCH_SHARE * clock.left))), outcomes
        )
        improved = improved if inferred is None else Improvement(inferred.outcomes, None, inferred)
    if not _correct(improved.outcomes) and (found := _refuted(name, ready, pool, clock, Effort.LAST)):
        return Improvement(tuple(outcomes), found)
    return improved


def _refuted(name: str, ready: Plan, pool: Pool, clock: Clock, effort: Effort) -> Found | None:
    ours = Stopwatch(clock)
    found = refutation(ready.program, name, _solver(ready, pool, clock, ours), [effort])
    ours.count()
    return found


def entered(improved: Improvement, name: str, ready: Plan, pool: Pool, clock: Clock) -> Improvement:
    """With a run into a recurrent set of the unit, if that is a theorem and a run is found."""
    claims = [o for o in improved.outcomes if o.goal.kind in DIVERGENCE]
    if not any(o.goal.kind is GoalKind.RECURRENT for o in claims) or not all(o.proved for o in claims):
        return improved
    program = ready.program if improved.inferred is None else with_unit(ready.program, improved.inferred.procedure)
    solver = _solver(ready, pool, clock, Stopwatch(clock))
    entries = (entrance(program, name, loop.label, solver) for loop in recurrent_loops(program.units[name]))
    return replace(improved, entrance=next((e for e in entries if e is not None), None))


def _solver(ready: Plan, pool: Pool, clock: Clock, ours: Stopwatch) -> Solver:
    return Solver(ready.theory, sender(pool, clock.part(REFUTE_SECONDS)), ours.time)


def _correct(outcomes: Sequence[Outcome]) -> bool:
    return all(o.proved for o in outcomes if not o.termination and o.goal.kind not in DIVERGENCE)


def _never() -> bool:
    return False


def _subject(unit: Procedure, ready: Plan, pool: Pool, budget: Budget, clock: Clock, stopped: Stopped = _never) -> Subject:
    quick = replace(budget, rlimit=min(budget.rlimit, QUICK_RLIMIT))
    ours, latest = Stopwatch(clock), time.monotonic() + BUSY * clock.left
    asked = unit.name in ready.termination
    component = ready.components[unit.name]
    prove = changed_prover(ready, quick, pool, clock)
    proves = goals_prover(ready, unit.name, quick, pool, clock)

    def suffices(changed: Procedure) -> bool:
        goals = list(conditions(changed, with_unit(ready.program, changed), component, asked).all())
        if any(g.missing or g.induction != goals[0].induction for g in goals):
            return False
        query = ask(goals, ready.theory, frozenset(), TOGETHER, ONCE_RLIMIT)
        return conclude(query, sent(query, pool, clock)) is not None

    def holds(known: Sequence[Term], conclusion: Term) -> bool:
        return proves([_candidate(unit, known, conclusion)])[0]

    def counterexample(known: Sequence[Term], conclusion: Term) -> State | None:
        variables = {n: v for t in (*known, conclusion) for n, v in free_variables(t).items()}
        found = model([_candidate(unit, known, conclusion)], variables, ready.theory, ONCE_RLIMIT, send)
        return None if found is None else found.inputs

    def reached(changed: Procedure, label: str) -> bool:
        return entrance(with_unit(ready.program, changed), changed.name, label, solver) is not None

    def returning(label: str) -> list[Observed]:
        found = lassos(ready.program, unit.name, label, solver)
        return [observed(unit, ready.program, i, SuggestedChoices(c), LASSO_STEPS) for i, c in found]

    def left() -> bool:
        # A backstop: our own time counts, too, but not that of others on a busy machine.
        return ours.time() and time.monotonic() < latest and not (stopped() or pool.hurried())

    def aside(stopped: Stopped) -> Aside:
        own = Clock(clock.left)
        return Aside(_subject(unit, ready, pool, budget, own, stopped), lambda: clock.spend(max(0.0, clock.left - own.left)))

    ask_z3 = sender(pool, clock)

    def send(script: str) -> str:
        return ask_z3(script) if left() else ""

    solver = Solver(ready.theory, send, left)
    asking = (prove, suffices, send, left, holds, counterexample, reached, returning, pool.spare, aside)
    return Subject(unit, ready.program, component, ready.theory, asked, *asking)


def _candidate(unit: Procedure, known: Sequence[Term], conclusion: Term) -> Goal:
    """Without divisions by variables, of which the solver finds no models."""
    facts, (concluded,) = loosened([Holds(f, Origin.INVARIANT, None) for f in known], [conclusion], DIVISIONS)
    path: Path | None = None
    for fact in facts:
        path = extend(path, fact)
    return Goal("candidate", GoalKind.RECURRENT, unit.name, path, concluded, unit.span, "", Naming({}, {}))


def inferred_reports(inferred: Inferred, unit: Procedure) -> tuple[InferredReport, ...]:
    """What was found, as one would write it."""
    spans = {s.label: s.span for s in statements(unit.body) if isinstance(s, While)} if unit.body else {}
    found: list[InferredReport] = []
    for label, proposal in inferred.proposals.loops.items():
        found += [InferredReport("invariant", f"invariant {term_text(f)}", spans[label]) for f in proposal.invariants]
        found += [InferredReport("assert", f"assert {term_text(f)}", spans[label]) for f in proposal.hints]
        if proposal.recurrent:
            text = term_text(conj(proposal.recurrent))
            found.append(InferredReport("recurrent", f"recurrent {text}", spans[label]))
        if proposal.variant is not None:
            found.append(InferredReport("variant", "variant " + ", ".join(map(term_text, proposal.variant)), spans[label]))
    if inferred.variant is not None:
        found.append(InferredReport("variant", "variant " + ", ".join(map(term_text, inferred.variant)), unit.name_span))
    if inferred.diverges is not None:
        found.append(InferredReport("diverges", f"diverges {term_text(inferred.diverges)}", unit.name_span))
    return tuple(found)
