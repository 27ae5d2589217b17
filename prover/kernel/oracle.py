"""The one gate to *proved*: z3's `unsat` for a query that states the goals.

A `Theorem` is made by `conclude` alone.  Whoever runs the solver (worker processes, one in this process, a cluster) hands back
an `Answer`, which names the query that it answers by its digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from prover.kernel.goal import Goal
from prover.kernel.query import query
from prover.kernel.theory import Theory
from prover.record import record

if TYPE_CHECKING:
    from prover.kernel.rules import Refinement


class Fault(Enum):
    """Why there is no answer."""

    TIMEOUT = "timeout"
    DIED = "worker-died"


@record
class Strategy:
    """How z3 is asked.  fuel: unfoldings of recursive functions.  tactic: z3's, with its parameters (`set-option` would keep
    them for the queries that the same process answers later).  share: of the goal's budget."""

    name: str
    fuel: int
    tactic: str
    share: float = 1.0


@record
class Query:
    """A script whose `unsat` proves `goals`."""

    goals: tuple[Goal, ...]
    script: str
    digest: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What z3 printed (empty when there is a fault), for the query with this digest.  seconds: wall-clock."""

    digest: str
    output: str
    fault: Fault | None
    seconds: float


@record
class Theorem:
    """The goals hold.  Made by `conclude` only."""

    goals: tuple[Goal, ...]
    digest: str


def ask(goals: Sequence[Goal], theory: Theory, opaque: frozenset[str], strategy: Strategy, rlimit: int) -> Query:
    """The query for goals of one unit that share `induction`.  rlimit: z3's resource units, the same on every machine."""
    assert goals and not any(g.missing for g in goals) and len({g.induction for g in goals}) == 1
    head = f"(set-option :rlimit {max(1, int(rlimit * strategy.share))})"
    asserted = query(goals, theory, opaque, strategy.fuel)
    script = f"{head}\n{asserted}\n(check-sat-using {strategy.tactic})\n(get-info :reason-unknown)\n"
    return Query(tuple(goals), script, hashlib.sha256(script.encode()).hexdigest())


def conclude(query: Query, answer: Answer) -> Theorem | None:
    """The theorem, if z3 said `unsat` to exactly this query and complained of nothing."""
    lines = answer.output.split("\n")
    if answer.fault is None and answer.digest == query.digest and lines[0] == "unsat" and "(error" not in answer.output:
        return Theorem(query.goals, query.digest)
    return None


def reason(answer: Answer) -> str:
    """Why an answer that proves nothing does not: `timeout`, `resources`, `worker-died`, `incomplete`, or `countermodel` (z3
    found values for which the goal, as it was asked, fails)."""
    if answer.fault is not None:
        return answer.fault.value
    first = answer.output.split("\n")[0]
    if first == "sat":
        return "countermodel"
    if first == "timeout" or "timeout" in answer.output:
        return "timeout"
    if any(word in answer.output for word in ("resource", "max. memory", "memout", "out of memory", "canceled")):
        return "resources"
    return "incomplete"


def combine(refinement: Refinement, theorems: Sequence[Theorem]) -> Theorem:
    """The theorem for a refined goal from theorems for its subgoals.  Raises ValueError if one is missing."""
    proved = {g for t in theorems for g in t.goals}
    if not all(g in proved for g in refinement.subgoals):
        raise ValueError("a subgoal has no theorem")
    return Theorem((refinement.goal,), " ".join(sorted({t.digest for t in theorems})))
