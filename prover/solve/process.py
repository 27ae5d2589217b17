"""One worker process and the pool of them: the only place that starts processes."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from heapq import heappop, heappush
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, TypeVar

from prover.kernel.oracle import Answer, Fault, Query
from prover.solve.ahead import settle

MEGABYTES = 1000
# Seconds that an ending run waits for its threads.  What a signal raises in the main thread can leave a lock held (it may come
# between taking the lock and the body of the `with`); a thread that waits for it then ends with the process.
ENDING = 2.0
T = TypeVar("T")
Ask = Callable[[Query, float], Answer]


class Memory(Protocol):
    """What earlier runs have answered."""

    def recall(self, query: Query) -> Answer | None: ...

    def keep(self, query: Query, answer: Answer) -> None: ...


class NoSolver(Exception):
    """z3's shared library is not installed where it should be."""


def library() -> str:
    """The path of z3's shared library, without importing the z3 package."""
    spec = importlib.util.find_spec("z3")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for name in ("lib/libz3.so", "lib/libz3.dylib", "lib/libz3.dll", "bin/libz3.dll"):
            path = Path(folder, name)
            if path.exists():
                return str(path)
    raise NoSolver("z3's library was not found: install `z3-solver`")


def version() -> str:
    """`z3 5.4.1`: the solver's release, read off its installation."""
    spec = importlib.util.find_spec("z3")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for info in Path(folder).parent.glob("z3_solver-*.dist-info"):
            number = info.name.removeprefix("z3_solver-").removesuffix(".dist-info")
            return "z3 " + ".".join(number.split(".")[:3])
    return "z3"


def command(library: str) -> tuple[str, ...]:
    """How a process of z3 is started."""
    return (sys.executable, "-I", "-S", str(Path(__file__).with_name("worker.py")), library, str(MEGABYTES))


@dataclass(slots=True)
class Worker:
    """A process that answers one query at a time; replaced when it dies or overruns."""

    command: tuple[str, ...]
    _process: subprocess.Popen[bytes] | None = None
    _closed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._closed:
                raise BrokenPipeError("closed")
            if self._process is None:
                self._process = subprocess.Popen(
                    self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
                )
            return self._process

    def ask(self, query: Query, seconds: float) -> Answer:
        """The worker's answer, or why there is none; takes at most about `seconds`."""
        overran = threading.Event()
        started = time.monotonic()
        try:
            process = self.start()
            timer = threading.Timer(seconds, _end, (process, overran))
            timer.start()
            try:
                reply = _exchange(process, query.script.encode())
            finally:
                timer.cancel()
        except (OSError, ValueError):
            self.stop()
            return Answer(query.digest, "", Fault.TIMEOUT if overran.is_set() else Fault.DIED, time.monotonic() - started)
        return Answer(query.digest, reply, None, time.monotonic() - started)

    def stop(self, close: bool = False) -> None:
        with self._lock:
            process, self._process = self._process, None
            self._closed = self._closed or close
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    _close(stream)


def _end(process: subprocess.Popen[bytes], overran: threading.Event) -> None:
    overran.set()
    process.kill()


def _close(stream: object) -> None:
    with suppress(OSError):
        stream.close()  # type: ignore[attr-defined]


def _exchange(process: subprocess.Popen[bytes], message: bytes) -> str:
    """Send a message, read the reply; OSError or ValueError when the process ends meanwhile."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(b"%d\n" % len(message) + message)
    process.stdin.flush()
    header = process.stdout.readline()
    length = int(header)
    reply = process.stdout.read(length)
    if len(reply) != length:
        raise ValueError("truncated")
    return reply.decode("utf-8", "replace")


@dataclass(slots=True)
class Pool:
    """`jobs` threads, each with a worker, that take the heaviest task that waits; a context manager.

    memory: asked before a worker is.  distant: who answers instead of worker processes of this machine.
    own: with `distant`, the first thread has a worker all the same, and the others take only what waits beyond `own` tasks.
    """

    jobs: int
    memory: Memory | None = None
    distant: Ask | None = None
    own: int | None = None
    _workers: list[Worker] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)
    _queue: list[tuple[int, int, Future[Any], Callable[[Ask], Any]]] = field(default_factory=list)
    _ready: threading.Condition = field(default_factory=threading.Condition)
    _serial: int = 0
    _idle: int = 0
    _held: bool = False
    _closed: bool = False
    _hurried: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Pool:
        found = library() if self.distant is None or self.own is not None else ""
        self._workers = [Worker(command(found)) for _ in range(self.jobs)]
        return self

    def run(self, task: Callable[[Ask], T], weight: int = 0) -> Future[T]:
        """Run `task` in a thread; it is given the function that asks.  Heavier tasks come first, equal ones as they came."""
        future: Future[T] = Future()
        with self._ready:
            if self._closed:
                raise RuntimeError("the pool is closed")
            self._serial += 1
            heappush(self._queue, (-weight, self._serial, future, task))
            self._wake()
        return future

    def _wake(self) -> None:
        if self._held:
            return
        place = len(self._threads)
        if self._idle < len(self._queue) and place < self.jobs and len(self._queue) > self._left(place):
            self._begin()
        if self.own is None:
            self._ready.notify()
        else:
            self._ready.notify_all()  # it may be another's turn

    def _begin(self, early: bool = False) -> None:
        thread = threading.Thread(target=self._work, args=(len(self._threads), early), name="solver", daemon=True)
        self._threads.append(thread)
        self._idle += early  # it takes what comes next
        thread.start()

    def _left(self, place: int) -> int:
        """How many waiting tasks this thread leaves to the first one."""
        return self.own if self.own is not None and place > 0 else 0

    def _work(self, place: int, early: bool) -> None:
        if early:
            with suppress(OSError):
                self._workers[place].start()
            with self._ready:
                self._idle -= 1
        left = self._left(place)
        ask = self._workers[place].ask if self.distant is None or (self.own is not None and place == 0) else self.distant

        def send(query: Query, seconds: float) -> Answer:
            return self._ask(ask, query, seconds)

        while True:
            with self._ready:
                while not self._closed and (self._held or len(self._queue) <= left):
                    self._idle += 1
                    self._ready.wait()
                    self._idle -= 1
                if self._closed:
                    return
                _, _, future, task = heappop(self._queue)
            if future.set_running_or_notify_cancel():
                settle(future, lambda task=task: task(send))  # type: ignore[misc]

    def _ask(self, ask: Ask, query: Query, seconds: float) -> Answer:
        known = self.memory.recall(query) if self.memory is not None else None
        if known is not None:
            return known
        if self.hurried():
            return Answer(query.digest, "", Fault.TIMEOUT, 0.0)
        answer = ask(query, seconds)
        if self.hurried() and answer.fault is not None:
            return Answer(query.digest, "", Fault.TIMEOUT, answer.seconds)
        if self.memory is not None:
            self.memory.keep(query, answer)
        return answer

    def warm(self) -> None:
        """Start a process early, so that it loads while the caller goes on.

        By the thread that will ask it: Linux ends a process that is to die with its parent when the thread that started it ends.
        """
        with self._ready:
            if not self._threads and (self.distant is None or self.own is not None):
                self._begin(early=True)

    def hold(self) -> None:
        """Start no task until `release`."""
        with self._ready:
            self._held = True

    def release(self) -> None:
        with self._ready:
            self._held = False
            for _ in self._queue:
                self._wake()

    def interrupt(self) -> None:
        """End what the workers are doing; they start again when asked."""
        for worker in self._workers:
            worker.stop()

    def hurry(self) -> None:
        """Answer nothing any more: whoever works with this pool comes to an end with what there is, as if time had run out."""
        self._hurried.set()
        self.interrupt()

    def hurried(self) -> bool:
        return self._hurried.is_set()

    def spare(self) -> bool:
        """Is one of several workers of this machine without work?"""
        with self._ready:
            return (
                self.jobs > 1 and self.distant is None and not self._queue and (self._idle > 0 or len(self._threads) < self.jobs)
            )

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._ready:
            self._closed = True
            waiting, self._queue = self._queue, []
            self._ready.notify_all()
        for _, _, future, _ in waiting:
            future.cancel()
        for worker in self._workers:
            worker.stop(close=True)
        if self.distant is None:
            for thread in self._threads:
                thread.join(ENDING)


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
