"""The solver's answers, kept by the digest of the query.

A query's text holds the goal, all that it may use, the strategy and the budget, so an answer is kept for exactly these.  What
comes back is an `Answer` like one of a worker's, and goes through the same gate: `kernel.oracle.conclude`.  Kept is only what z3
itself decided: an answer that a clock, a lack of memory or a dead process has ended is asked again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from prover.cache.store import Kind, Store
from prover.kernel.oracle import Answer, Query

_VERDICTS = ("unsat", "sat", "unknown")
_PASSING = ("(error", "timeout", "mem", "interrupt")


@dataclass(frozen=True, slots=True)
class Answers:
    """solver: the fingerprint of the one that answers."""

    store: Store
    solver: str

    def recall(self, query: Query) -> Answer | None:
        value = self.store.get(Kind.ANSWER, self._key(query))
        if value is None:
            return None
        seconds, _, output = value.decode("utf-8", "replace").partition("\n")
        return Answer(query.digest, output, None, float(seconds))

    def keep(self, query: Query, answer: Answer) -> None:
        first = answer.output.split("\n", 1)[0]
        if answer.fault is None and first in _VERDICTS and not any(w in answer.output for w in _PASSING):
            self.store.put(Kind.ANSWER, self._key(query), f"{answer.seconds:.6f}\n{answer.output}".encode())

    def _key(self, query: Query) -> bytes:
        return hashlib.sha256(f"answer\0{self.solver}\0{query.digest}".encode()).digest()
