"""Quick questions to the solver about one unit, which share a clock."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from prover.infer.annotate import with_unit
from prover.kernel.goal import Conditions, Goal
from prover.kernel.oracle import Answer, Query
from prover.kernel.program import Procedure
from prover.kernel.vc import conditions
from prover.plan import Plan
from prover.solve.clock import Clock
from prover.solve.process import Pool
from prover.solve.prove import Budget, Outcome, begin

QUICK_RLIMIT = 2_000_000
QUERY_SECONDS = 5.0


def sender(pool: Pool, clock: Clock) -> Callable[[str], str]:
    """Sends scripts to z3, until the clock has run out; then the answer is empty."""

    def send(script: str) -> str:
        if clock.left <= 0:
            return ""
        return sent(Query((), script, hashlib.sha256(script.encode()).hexdigest()), pool, clock).output

    return send


def sent(query: Query, pool: Pool, clock: Clock) -> Answer:
    answer = pool.run(lambda ask: ask(query, max(0.05, min(QUERY_SECONDS, clock.left)))).result()
    clock.spend(answer.seconds)
    return answer


def changed_prover(ready: Plan, budget: Budget, pool: Pool, clock: Clock) -> Callable[[Procedure], list[Outcome]]:
    """Proves the goals of changed versions of a unit."""

    def prove(changed: Procedure) -> list[Outcome]:
        made = conditions(
            changed, with_unit(ready.program, changed), ready.components[changed.name], changed.name in ready.termination
        )
        return begin(made, ready.theory, frozenset(), budget, pool, {}, clock).finish(pool)

    return prove


def goals_prover(ready: Plan, unit: str, budget: Budget, pool: Pool, clock: Clock) -> Callable[[Sequence[Goal]], list[bool]]:
    """Proves single goals that belong to a unit but to no conditions of it."""

    def proves(goals: Sequence[Goal]) -> list[bool]:
        made = Conditions(unit, tuple(goals), (), frozenset(), ())
        return [o.proved for o in begin(made, ready.theory, ready.opaque(unit), budget, pool, {}, clock).finish(pool)]

    return proves
