"""One worker process and the pool of them: the only place that starts processes."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol, TypeVar

from prover.kernel.oracle import Answer, Fault, Query

MEGABYTES = 1000
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


@dataclass(slots=True)
class Worker:
    """A process that answers one query at a time; replaced when it dies or overruns."""

    library: str
    _process: subprocess.Popen[bytes] | None = None
    _closed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._closed:
                raise BrokenPipeError("closed")
            if self._process is None:
                script = str(Path(__file__).with_name("worker.py"))
                command = [sys.executable, "-I", "-S", script, self.library, str(MEGABYTES)]
                self._process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
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
    """`jobs` workers, each driven by a thread of its own; a context manager.  memory: asked before a worker is."""

    jobs: int
    memory: Memory | None = None
    _workers: list[Worker] = field(default_factory=list)
    _threads: ThreadPoolExecutor | None = None
    _warm: bool = False
    _local: threading.local = field(default_factory=threading.local)

    def __enter__(self) -> Pool:
        found = library()
        self._workers = [Worker(found) for _ in range(self.jobs)]
        free = iter(self._workers)
        lock = threading.Lock()

        def adopt() -> None:
            with lock:
                self._local.worker = next(free)

        self._threads = ThreadPoolExecutor(self.jobs, "solver", adopt)
        return self

    def run(self, task: Callable[[Ask], T]) -> Future[T]:
        """Run `task` in a worker's thread; it is given the function that asks that worker."""
        assert self._threads is not None
        return self._threads.submit(lambda: task(self._ask))

    def _ask(self, query: Query, seconds: float) -> Answer:
        known = self.memory.recall(query) if self.memory is not None else None
        if known is not None:
            return known
        answer: Answer = self._local.worker.ask(query, seconds)
        if self.memory is not None:
            self.memory.keep(query, answer)
        return answer

    def warm(self) -> None:
        """Start a process early, so that it loads while the caller goes on; once."""
        assert self._threads is not None
        if self._warm:
            return
        self._warm = True
        self._threads.submit(self._start)

    def _start(self) -> None:
        self._local.worker.start()

    def interrupt(self) -> None:
        """End what the workers are doing; they start again when asked."""
        for worker in self._workers:
            worker.stop()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for worker in self._workers:
            worker.stop(close=True)
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
