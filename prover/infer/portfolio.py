"""Engines side by side: while one is waited for and a solver is idle, the next one is at work.

Results are taken in the order of the engines, and each works on what the one before the portfolio has found: so what is found
does not depend on which is quicker, nor on how many solvers there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from prover.infer.subject import Aside, Subject
from prover.solve.ahead import Stopped, in_order

T = TypeVar("T")
Engine = Callable[[Subject], T]

AT_ONCE = 2
PATIENCE = 0.2
"""Seconds that an engine is waited for before the next begins: most have found something by then."""


def in_turn(subject: Subject, engines: Sequence[Engine[T]]) -> Iterator[T]:
    """What each engine finds, if there is time; it is told to stop when nobody takes more."""
    if not subject.time():
        return
    attempts = [partial(_aside, subject, engine) for engine in engines]
    for aside, found in in_order(attempts, lambda working: working < AT_ONCE and subject.spare(), PATIENCE):
        aside.join()
        yield found


def _aside(subject: Subject, engine: Engine[T], stopped: Stopped) -> tuple[Aside, T]:
    made = subject.aside(stopped)
    return made, engine(replace(made.subject, procedure=subject.procedure))
