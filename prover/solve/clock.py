"""A unit's seconds: what solvers take, and what is computed around them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Clock:
    """What is left of a unit's seconds; shared by the threads that work on it.  whole: what this is a part of."""

    _left: float
    whole: Clock | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def left(self) -> float:
        return self._left if self.whole is None else min(self._left, self.whole.left)

    def spend(self, seconds: float) -> None:
        with self._lock:
            self._left -= seconds
        if self.whole is not None:
            self.whole.spend(seconds)

    @contextmanager
    def counted(self) -> Iterator[None]:
        """What this thread takes of its processor meanwhile is spent: for one that works alone on what is asked next."""
        started = time.thread_time()
        try:
            yield
        finally:
            self.spend(time.thread_time() - started)

    def part(self, seconds: float) -> Clock:
        """A clock for at most so many of the seconds that are left."""
        return Clock(seconds, self)


class Stopwatch:
    """Counts on a clock what this process computes, beside what solvers take, which counts already.

    Of the whole process, not of a thread: an engine waits while another one beside it computes.  Never more than has passed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._mark()

    def _mark(self) -> None:
        self._passed, self._computed, self._left = time.monotonic(), time.process_time(), self._clock.left

    def count(self) -> None:
        """What was computed since the last time."""
        passed, computed = time.monotonic() - self._passed, time.process_time() - self._computed
        solved = self._left - self._clock.left
        self._clock.spend(max(0.0, min(passed - solved, computed)))
        self._mark()

    def time(self) -> bool:
        """Is any left?"""
        self.count()
        return self._clock.left > 0
