"""A closer look at goals that are left open: states in which they fail, rounds that break invariants, root causes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prover.diagnose.asking import QUICK_RLIMIT, changed_prover, goals_prover, sender
from prover.diagnose.countermodel import failing_states
from prover.diagnose.improvement import Improvement
from prover.diagnose.laboratory import Laboratory
from prover.diagnose.model import model
from prover.diagnose.roots import roots
from prover.diagnose.rounds import BrokenRound, broken_round
from prover.diagnose.suggest import Suggestion, suggestion
from prover.infer.observe import Observed, observe
from prover.kernel.program import Procedure
from prover.plan import Plan
from prover.record import replace
from prover.solve.clock import Clock, Stopwatch
from prover.solve.portfolio import decidable
from prover.solve.process import Pool
from prover.solve.prove import Budget, Outcome

SECONDS = 5.0
MOST_ROUNDS = 4
RUNS, STEPS = 60, 400
MODEL_RLIMIT = 1_000_000


def examined(improved: Improvement, name: str, ready: Plan, pool: Pool, budget: Budget, clock: Clock) -> Improvement:
    """With what can be told about the goals of unit `name` that are not proved."""
    unit = ready.program.units[name] if improved.inferred is None else improved.inferred.procedure
    if not isinstance(unit, Procedure) or unit.body is None:
        return replace(improved, states=failing_states(improved.outcomes, ready.theory, ready.opaque(name), pool, clock))
    at = laboratory(unit, ready, pool, budget, clock.part(SECONDS))
    time = Stopwatch(clock).time
    improved = replace(improved, outcomes=tuple([_settled(o, at) if time() else o for o in improved.outcomes]))
    found = roots(improved.outcomes, lambda goal: time() and at.proves(goal))
    if improved.found is not None:
        return replace(improved, roots=found)  # the run says it all
    states = failing_states(improved.outcomes, ready.theory, ready.opaque(name), pool, clock)
    wanted = [o for o in improved.outcomes if o.reason == "countermodel" and o.goal.name not in found] if time() else []
    seen = observe(unit, at.with_unit(unit), RUNS, STEPS, time=time) if wanted else []
    suggestions, found = _suggestions(wanted, found, improved.outcomes, seen, at)
    rounds = _rounds([o for o in wanted if o.goal.name not in found], seen, at)
    return replace(improved, states=states, rounds=rounds, roots=found, suggestions=suggestions)


def _settled(outcome: Outcome, at: Laboratory) -> Outcome:
    """A goal on which the solver gave up may still have a model in which it fails, which is another matter."""
    gave_up = outcome.reason in ("resources", "incomplete", "timeout")
    if outcome.proved or not gave_up or outcome.goal.missing or not decidable(outcome.goal, at.theory):
        return outcome
    fails = model([outcome.goal], {}, at.theory, MODEL_RLIMIT, at.send) is not None
    return replace(outcome, reason="countermodel") if fails else outcome


def _suggestions(
    wanted: Sequence[Outcome],
    found: Mapping[str, str],
    outcomes: Sequence[Outcome],
    seen: Sequence[Observed],
    at: Laboratory,
) -> tuple[dict[str, Suggestion], dict[str, str]]:
    """For the first goals; others that the same suggestion closes rest on those."""
    opens = frozenset(o.goal.name for o in outcomes if not o.proved)
    suggestions: dict[str, Suggestion] = {}
    resting = dict(found)
    for outcome in wanted:
        name = outcome.goal.name
        if name in resting or len(suggestions) >= MOST_ROUNDS:
            continue
        made = suggestion(outcome.goal, opens, seen, at)
        if made is not None:
            suggestions[name] = made
            resting |= {n: name for n in made.closes if n not in resting and n not in suggestions}
    return suggestions, resting


def laboratory(unit: Procedure, ready: Plan, pool: Pool, budget: Budget, clock: Clock) -> Laboratory:
    quick = replace(budget, rlimit=min(budget.rlimit, QUICK_RLIMIT), thorough=False)
    proves = goals_prover(ready, unit.name, quick, pool, clock)
    return Laboratory(
        unit,
        ready.program,
        ready.components[unit.name],
        ready.theory,
        sender(pool, clock),
        changed_prover(ready, quick, pool, clock),
        lambda goal: proves([goal])[0],
    )


def _rounds(wanted: Sequence[Outcome], seen: Sequence[Observed], at: Laboratory) -> dict[str, BrokenRound]:
    found = {o.goal.name: broken_round(o.goal, at, seen) for o in wanted[:MOST_ROUNDS]}
    return {name: round_ for name, round_ in found.items() if round_ is not None}
