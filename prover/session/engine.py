"""Solving in the background: verdicts of goals by what is asked, kept as long as the session lasts.

The store is keyed by the digest of a query, which is the goal's whole statement for the solver; so a goal that a change does
not touch is known at once, and one that it touches is asked again.  What a time limit decided is not kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from concurrent.futures import CancelledError, Future, wait
from dataclasses import dataclass, field, replace
from types import TracebackType

from prover.kernel.goal import Goal
from prover.kernel.oracle import Answer, Query
from prover.session.session import Text
from prover.solve.clock import Clock
from prover.solve.process import Ask, Pool, cores
from prover.solve.prove import MISSING, SCRIPT, SKIPPED, Budget, Outcome, attempt, combined
from prover.verdict import Verdict, verdicts

REMEMBERED = 16


class _NotStored(Exception):
    """The store does not know the answer."""


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """What is being asked about one text."""

    text: Text
    futures: Mapping[Goal, Future[Outcome]]

    def outcome(self, goal: Goal) -> Outcome | None:
        """What became of a leaf; None while it is being tried."""
        future = self.futures.get(goal)
        if future is None:
            return Outcome(goal, None, MISSING if goal.missing else SKIPPED, "", None, 0.0)
        if not future.done():
            return None
        try:
            return future.result()
        except CancelledError:
            return Outcome(goal, None, SKIPPED, "", None, 0.0)

    def of(self, goal: Goal) -> Outcome | None:
        """What became of a goal, whose script may have refined it; None while it is being tried."""
        tree = self.text.tree(goal)
        if tree is None:
            return Outcome(goal, None, SCRIPT, "", None, 0.0)
        leaves = [self.outcome(leaf) for leaf in tree.leaves()]
        found = [o for o in leaves if o is not None]
        if len(found) < len(leaves):
            return None
        return found[0] if tree.refinement is None else combined(goal, tree, found)

    def pending(self) -> int:
        return sum(not f.done() for f in self.futures.values())

    def wait(self, seconds: float | None, goals: Iterable[Goal] | None = None) -> bool:
        """Wait until all (or these) are answered, at most `seconds`; whether they are."""
        chosen = self.futures.values() if goals is None else [self.futures[g] for g in goals if g in self.futures]
        return not wait(chosen, seconds).not_done

    def verdicts(self) -> dict[str, Verdict]:
        """Answers about units; what is still being tried counts as not proved."""
        ready = self.text.plan
        outcomes = {n: [self._settled(g, n) for g in c.all()] for n, c in ready.conditions.items()}
        trees = {n: [self.text.trees.get(g.name) for g in c.all()] for n, c in ready.conditions.items()}
        further = {n: ready.brought_in(n, [o.goal for o in found], trees[n]) for n, found in outcomes.items()}
        return verdicts(ready.program, ready.components, ready.conditions, outcomes, ready.termination, further)

    def _settled(self, goal: Goal, unit: str) -> Outcome:
        found = self.of(goal) or Outcome(goal, None, SKIPPED, "", None, 0.0)
        ending = any(g is goal for g in self.text.plan.conditions[unit].termination)
        return Outcome(found.goal, found.theorem, found.reason, found.strategy, found.answer, found.seconds, ending)


@dataclass(slots=True)
class Engine:
    """A pool of workers and what they have answered; a context manager."""

    budget: Budget = field(default_factory=Budget)
    jobs: int = field(default_factory=cores)
    asked: int = 0
    _pool: Pool | None = None
    _store: dict[str, Answer] = field(default_factory=dict)
    _works: OrderedDict[int, Work] = field(default_factory=OrderedDict)

    def __enter__(self) -> Engine:
        self._pool = Pool(self.jobs).__enter__()
        self._pool.warm()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.__exit__(kind, error, trace)

    @property
    def pool(self) -> Pool:
        assert self._pool is not None, "the engine is not started"
        return self._pool

    def work(self, text: Text) -> Work:
        """The work on a text, begun if it is new; what was being asked about others ends."""
        known = self._works.get(id(text))
        if known is not None:
            self._works.move_to_end(id(text))
            return known
        self._drop_others()
        made = self._works[id(text)] = self._begin(text)
        while len(self._works) > REMEMBERED:
            self._works.popitem(last=False)
        return made

    def trying(self) -> list[str]:
        """Names of the goals that are being tried or wait for it."""
        return [g.name for work in list(self._works.values()) for g, f in work.futures.items() if not f.done()]

    def again(self, text: Text) -> Work:
        """The work on a text begun anew, where it was stopped or a time limit ended it."""
        self._works.pop(id(text), None)
        return self.work(text)

    def interrupt(self) -> None:
        """Stop what is being tried.  What is stopped counts as not tried."""
        for work in self._works.values():
            for future in work.futures.values():
                future.cancel()
        self.pool.interrupt()

    def probe(self, text: Text) -> Work:
        """The work on a text that is only tried out: nothing else stops for it."""
        return self._begin(text)

    def _drop_others(self) -> None:
        running = [w for w in self._works.values() if w.pending()]
        for work in running:
            for future in work.futures.values():
                future.cancel()
            del self._works[id(work.text)]
        if running:
            self.pool.interrupt()

    def _begin(self, text: Text) -> Work:
        futures: dict[Goal, Future[Outcome]] = {}
        for name, made in text.plan.conditions.items():
            clock = Clock(self.budget.seconds)
            opaque = text.plan.opaque(name)
            for goal in made.all():
                tree = None if goal.missing else text.tree(goal)
                for leaf in tree.leaves() if tree is not None else ():
                    futures[leaf] = self._start(leaf, text, opaque, clock)
        return Work(text, futures)

    def _start(self, goal: Goal, text: Text, opaque: frozenset[str], clock: Clock) -> Future[Outcome]:
        theory, budget = text.plan.theory, self.budget
        try:
            known: Future[Outcome] = Future()
            known.set_result(attempt(goal, theory, opaque, budget, clock, self._recall))
            return known
        except _NotStored:
            return self.pool.run(lambda send: attempt(goal, theory, opaque, budget, clock, self._remembering(send)))

    def _recall(self, query: Query, _seconds: float) -> Answer:
        if query.digest not in self._store:
            raise _NotStored
        return replace(self._store[query.digest], seconds=0.0)

    def _remembering(self, send: Ask) -> Ask:
        def ask(query: Query, seconds: float) -> Answer:
            known = self._store.get(query.digest)
            if known is not None:
                return replace(known, seconds=0.0)
            self.asked += 1
            answer = send(query, seconds)
            if answer.fault is None:
                self._store[query.digest] = answer
            return answer

        return ask
