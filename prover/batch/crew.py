"""The front ends of a run: processes that are given files, the largest first, and whose queries go to the run's pool.

A thread drives each.  A process that ends early is replaced, and its file given once more; then the file is given up.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from heapq import heappop, heappush

from prover.batch.messages import Answered, Ask, Done, Setup, Work, receive, send
from prover.inputs import Input
from prover.kernel.oracle import Answer, Query
from prover.solve.process import ENDING, Pool

# The same modules as here, wherever they were found, and nothing of the current folder.
_START = "import sys; sys.path[:] = {path!r}; from prover.batch.frontend import main; main()"
ATTEMPTS = 2
DIED = "the process that worked on it ended early, twice"


@dataclass(slots=True)
class Crew:
    """size: how many front ends.  done: called, from their threads, with a file's number and what became of it."""

    size: int
    setup: Setup
    pool: Pool
    done: Callable[[int, Done], None]
    _files: list[tuple[int, int, Input]] = field(default_factory=list)
    _ready: threading.Condition = field(default_factory=threading.Condition)
    _threads: list[threading.Thread] = field(default_factory=list)
    _processes: set[subprocess.Popen[bytes]] = field(default_factory=set)
    _closed: bool = False

    def submit(self, number: int, item: Input, weight: int) -> None:
        with self._ready:
            heappush(self._files, (-weight, number, item))
            if len(self._threads) < self.size:
                self._threads.append(threading.Thread(target=self._drive, name="front end", daemon=True))
                self._threads[-1].start()
            self._ready.notify()

    def close(self) -> None:
        with self._ready:
            self._closed = True
            self._ready.notify_all()
            for process in self._processes:
                process.kill()
        for thread in self._threads:
            thread.join(ENDING)

    def _drive(self) -> None:
        process: subprocess.Popen[bytes] | None = None
        while (taken := self._next()) is not None:
            number, item = taken
            result = Done(b"", (), trouble=DIED)
            for _ in range(ATTEMPTS):
                process = process or self._start()
                found = self._checked(process, item) if process is not None else None
                if found is not None:
                    result = found
                    break
                self._end(process)
                process = None
            self.done(number, result)
        self._end(process)

    def _next(self) -> tuple[int, Input] | None:
        with self._ready:
            while not self._closed and not self._files:
                self._ready.wait()
            if self._closed:
                return None
            _, number, item = heappop(self._files)
            return number, item

    def _start(self) -> subprocess.Popen[bytes] | None:
        command = [sys.executable, "-I", "-S", "-c", _START.format(path=sys.path)]
        with self._ready:
            if self._closed:
                return None
            try:
                process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            except OSError:
                return None
            self._processes.add(process)
        assert process.stdin is not None
        with suppress(OSError):
            send(process.stdin, self.setup)  # type: ignore[arg-type]
        return process

    def _end(self, process: subprocess.Popen[bytes] | None) -> None:
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        with self._ready:
            self._processes.discard(process)

    def _checked(self, process: subprocess.Popen[bytes], item: Input) -> Done | None:
        """What the process makes of the file; None if it ends."""
        assert process.stdin is not None and process.stdout is not None
        lock = threading.Lock()
        try:
            with lock:
                send(process.stdin, Work(item))  # type: ignore[arg-type]
            while True:
                match receive(process.stdout):  # type: ignore[arg-type]
                    case Ask() as ask:
                        self._answer(ask, process, lock)
                    case Done() as done:
                        return done
                    case other:
                        raise TypeError(f"a front end sends no {type(other).__name__}")
        except (OSError, EOFError, ValueError, RuntimeError):
            return None

    def _answer(self, ask: Ask, process: subprocess.Popen[bytes], lock: threading.Lock) -> None:
        query = Query((), ask.script, ask.digest)

        def reply(future: Future[Answer]) -> None:
            if future.cancelled():
                return
            with lock, suppress(OSError, ValueError):
                send(process.stdin, Answered(ask.number, future.result()))  # type: ignore[arg-type]

        self.pool.run(lambda send: send(query, ask.seconds), len(ask.script)).add_done_callback(reply)
