"""States in which goals fail, as the solver gives them: where invariants and contracts allow too much, they show what.

Such a state need not be one that a run gets to.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

from prover.kernel.goal import Goal
from prover.kernel.oracle import Query, ask
from prover.kernel.sort import Array
from prover.kernel.term import Var, free_variables
from prover.kernel.theory import Theory, goal_terms
from prover.solve.clock import Clock
from prover.solve.portfolio import AUTOMATIC
from prover.solve.process import Pool
from prover.solve.prove import Outcome

RLIMIT, SECONDS, TOGETHER_SECONDS = 1_000_000, 2.0, 5.0
MOST_GOALS = 10
_VALUE = re.compile(r"\(\|([^|]+)\|\s+(\(- \d+\)|\d+|true|false)\)")
State = Mapping[str, str]


def failing_states(
    outcomes: Sequence[Outcome], theory: Theory, opaque: frozenset[str], pool: Pool, clock: Clock
) -> dict[str, State]:
    """For goals of which the solver has a countermodel: values of scalars, as the goal's text names them, by the goal's name."""
    chosen = [o.goal for o in outcomes if o.reason == "countermodel"][:MOST_GOALS]
    clock = clock.part(TOGETHER_SECONDS)
    found = {g.name: _state(g, theory, opaque, pool, clock) for g in chosen}
    return {name: state for name, state in found.items() if state}


def _state(goal: Goal, theory: Theory, opaque: frozenset[str], pool: Pool, clock: Clock) -> State:
    values = [v for v in values_of(goal) if not isinstance(v.sort, Array)]
    if not values or clock.left <= 0:
        return {}
    script = ask([goal], theory, opaque, AUTOMATIC, RLIMIT).script + f"(get-value ({' '.join(f'|{v.name}|' for v in values)}))\n"
    query = Query((), script, hashlib.sha256(script.encode()).hexdigest())
    answer = pool.run(lambda send: send(query, min(SECONDS, clock.left))).result()
    clock.spend(answer.seconds)
    if not answer.output.startswith("sat\n"):
        return {}
    given = {name: value.replace("(- ", "-").rstrip(")") for name, value in _VALUE.findall(answer.output)}
    return {goal.naming.show(v.name): given[v.name] for v in values if v.name in given}


def values_of(goal: Goal) -> list[Var]:
    """What the goal speaks of, in the order that its facts do."""
    found: dict[str, Var] = {}
    for term in (*list(goal_terms([goal]))[1:], goal.conclusion):
        found.update(free_variables(term))
    return list(found.values())
