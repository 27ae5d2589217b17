"""Goals to outcomes: the whole unit in one query first, then goal by goal through the portfolio."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from concurrent.futures import Future
from itertools import groupby
from typing import Protocol

from prover.kernel.goal import Conditions, Goal
from prover.kernel.oracle import Answer, Query, Theorem, ask, conclude, reason
from prover.kernel.theory import Theory
from prover.record import record, replace
from prover.solve.clock import Clock
from prover.solve.dial import Dial
from prover.solve.portfolio import TOGETHER, decidable, few, strategies
from prover.solve.process import Ask, Pool

TOGETHER_AT_MOST = 60
BRIEF_RLIMIT = 1_000_000
LEAST, SHARE = 0.05, 0.5  # seconds for a query, and its part of what is left: there are other ways to ask
HARD = 1 << 30  # the weight of what a first attempt has not settled
MISSING, SKIPPED, SCRIPT, LATE, AUTOMATION = "missing", "skipped", "script", "timeout", "automation"


@record
class Budget:
    """rlimit: z3 resource units a goal.  seconds: solver time a unit.  thorough: ask a goal in more than the quickest ways.
    dial: how much the solver may close by itself."""

    rlimit: int = 8_000_000
    seconds: float = 30.0
    thorough: bool = True
    dial: Dial = Dial.FULL

    @property
    def quick(self) -> Budget:
        """For goals that need not be proved now."""
        return replace(self, thorough=False)

    @property
    def brief(self) -> Budget:
        """As `quick`, and with fewer resources."""
        return replace(self.quick, rlimit=min(BRIEF_RLIMIT, self.rlimit))


@record
class Outcome:
    """What became of a goal: a theorem, or the reason why there is none.  answer: the last one that z3 gave."""

    goal: Goal
    theorem: Theorem | None
    reason: str | None
    strategy: str
    answer: Answer | None
    seconds: float
    termination: bool = False

    @property
    def proved(self) -> bool:
        return self.theorem is not None


class Refined(Protocol):
    """A goal that a script has refined into others (`tactic.script.Tree`)."""

    def leaves(self) -> list[Goal]: ...

    def theorem(self, proved: Mapping[Goal, Theorem]) -> Theorem | None: ...


@record
class Job:
    """One unit on its way: its batches are being asked."""

    conditions: Conditions
    theory: Theory
    opaque: frozenset[str]
    budget: Budget
    clock: Clock
    batches: tuple[tuple[Query, Future[Answer]], ...]
    scripts: Mapping[str, Refined | None]

    def left(self) -> list[Goal]:
        """The goals that are no theorems without a look at them alone.  Waits for the batches."""
        proved = {g for query, future in self.batches if conclude(query, future.result()) is not None for g in query.goals}
        return [g for g in self.conditions.all() if g not in proved]

    def finish(self, pool: Pool, budget: Budget | None = None) -> list[Outcome]:
        """Outcomes in the order of the goals; goals of a batch that failed are asked one by one.

        budget: what these may take, if not all of the unit's."""
        budget = budget or self.budget
        found: dict[Goal, Outcome] = {}  # by the goal itself: of two with one name, one must not answer for the other
        scripted = [
            (n, t, [self._start(g, pool, self.budget) for g in t.leaves()]) for n, t in self.scripts.items() if t is not None
        ]
        singles = [(g, self._start(g, pool, budget)) for g in self._apart()]
        for asked, future in self.batches:
            answer = future.result()
            theorem = conclude(asked, answer)
            for goal in asked.goals:
                if theorem is not None:
                    found[goal] = Outcome(goal, theorem, None, TOGETHER.name, answer, answer.seconds / len(asked.goals))
                else:
                    singles.append((goal, self._start(goal, pool, budget)))
        for goal, outcome in singles:
            found[goal] = outcome.result()
        by_name = {g.name: g for g in self.conditions.all()}
        for name, tree, leaves in scripted:
            found[by_name[name]] = combined(by_name[name], tree, [leaf.result() for leaf in leaves])
        ending = set(self.conditions.termination)
        return [replace(self._outcome(g, found), termination=g in ending) for g in self.conditions.all()]

    def again(self, pool: Pool, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """The same outcomes; goals that were asked and are open are asked in all ways, if there is time."""
        asked = {o.goal: self._start(o.goal, pool, self.budget) for o in outcomes if not o.proved and o.answer is not None}
        later = {goal: outcome.result() for goal, outcome in asked.items()}
        # An attempt for which no time was left knows less than the first one.
        better = {goal: o for goal, o in later.items() if o.proved or o.answer is not None}
        return [replace(better[o.goal], termination=o.termination) if o.goal in better else o for o in outcomes]

    def _apart(self) -> list[Goal]:
        """Goals that are not asked together, because each is looked at before."""
        unasked = [g for g in self.conditions.all() if not g.missing and g.name not in self.scripts]
        return unasked if self.budget.dial is not Dial.FULL else []

    def _outcome(self, goal: Goal, found: dict[Goal, Outcome]) -> Outcome:
        why = MISSING if goal.missing else SCRIPT if goal.name in self.scripts else LATE if self.clock.left <= 0 else SKIPPED
        return found.get(goal) or Outcome(goal, None, why, "", None, 0.0)

    def _start(self, goal: Goal, pool: Pool, budget: Budget) -> Future[Outcome]:
        return pool.run(lambda send: attempt(goal, self.theory, self.opaque, budget, self.clock, send))


def attempt(goal: Goal, theory: Theory, opaque: frozenset[str], budget: Budget, clock: Clock, send: Ask) -> Outcome:
    """Ask one goal in all the ways of the portfolio until one proves it.  The clock counts the writing of queries, too."""
    seconds, last, why, first = 0.0, None, "timeout", ""
    if clock.left <= 0:
        return Outcome(goal, None, why, first, last, seconds)
    if budget.dial is not Dial.FULL:
        return _dialled(goal, theory, opaque, budget, clock, send)
    with clock.counted():
        ways = strategies(goal, theory)
    ways = ways if budget.thorough else few(ways)
    for strategy in ways:
        if clock.left <= 0:
            return Outcome(goal, None, "timeout", strategy.name, last, seconds)
        with clock.counted():
            asked = ask([goal], theory, opaque, strategy, budget.rlimit)
        last = send(asked, max(LEAST, SHARE * clock.left))
        clock.spend(last.seconds)
        seconds += last.seconds
        theorem = conclude(asked, last)
        if theorem is not None:
            return Outcome(goal, theorem, None, strategy.name, last, seconds)
        why = _worse(why if first else "", reason(last))
        first = first or strategy.name
        if why == "countermodel" and decidable(goal, theory):
            break
    return Outcome(goal, None, why, first, last, seconds)


def _dialled(goal: Goal, theory: Theory, opaque: frozenset[str], budget: Budget, clock: Clock, send: Ask) -> Outcome:
    from prover.solve.automation import concluded, within  # for exercises: an ordinary check does not pay for it

    steps = within(goal, budget.dial)
    if steps is None:
        return Outcome(goal, None, AUTOMATION, "", None, 0.0)
    asked = steps[-1].subgoals[0] if steps else goal
    found = attempt(asked, theory, opaque, replace(budget, dial=Dial.FULL), clock, send)
    return replace(found, goal=goal, theorem=None if found.theorem is None else concluded(steps, found.theorem))


def combined(goal: Goal, tree: Refined, leaves: Sequence[Outcome]) -> Outcome:
    """The outcome of a goal with a script from those of its leaves."""
    theorem = tree.theorem({o.goal: o.theorem for o in leaves if o.theorem is not None})
    why = None if theorem is not None else next((o.reason for o in leaves if not o.proved), SCRIPT)
    return Outcome(goal, theorem, why, SCRIPT, None, sum(o.seconds for o in leaves))


def _worse(before: str, now: str) -> str:
    """The reason to report of two attempts: a countermodel, then what ran out, then incompleteness."""
    order = ("countermodel", "resources", "timeout", "worker-died", "incomplete", "")
    return min(before, now, key=order.index)


def begin(
    conditions: Conditions,
    theory: Theory,
    opaque: frozenset[str],
    budget: Budget,
    pool: Pool,
    scripts: Mapping[str, Refined | None],
    clock: Clock | None = None,
) -> Job:
    """Send off the queries for a unit's goals, those together that may be asked together.

    scripts: how goals with a script were refined, by name; None where the script does not fit."""
    clock = clock or Clock(budget.seconds)
    together = budget.dial is Dial.FULL
    asked = list(_asked(conditions, theory, opaque, budget, scripts, clock)) if together else []
    futures = [(q, pool.run(lambda send, q=q: _timed(send, q, clock), len(q.script))) for q in asked]  # type: ignore[misc]
    return Job(conditions, theory, opaque, budget, clock, tuple(futures), scripts)


def _asked(
    conditions: Conditions, theory: Theory, opaque: frozenset[str], budget: Budget, scripts: Container[str], clock: Clock
) -> Iterator[Query]:
    """The queries, as far as the clock goes: of ten thousand clauses each may rely on all those before it."""
    for batch in _batches(conditions, scripts):
        if clock.left <= 0:
            return
        with clock.counted():
            query = ask(batch, theory, opaque, TOGETHER, budget.rlimit)
        yield query


def _timed(send: Ask, query: Query, clock: Clock) -> Answer:
    answer = send(query, max(LEAST, SHARE * clock.left))
    clock.spend(answer.seconds)
    return answer


def _batches(conditions: Conditions, scripts: Container[str]) -> Iterator[Sequence[Goal]]:
    goals = [g for g in conditions.all() if not g.missing and g.name not in scripts]
    for _, group in groupby(goals, key=lambda g: g.induction):
        members = list(group)
        for start in range(0, len(members), TOGETHER_AT_MOST):
            yield members[start : start + TOGETHER_AT_MOST]
