"""A front end: a process that checks whole files with a solver of its own, and has the run that started it help with long ones.

From the cache it only reads; what is to be kept goes back with the report.  What a file does to it (memory, a crash) costs that
file alone.
"""

from __future__ import annotations

import gc
import os
import queue
import signal
import sys
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import BinaryIO

from prover.batch.messages import Answered, Ask, Done, Setup, Work, receive, send
from prover.cache import Cache
from prover.cache.answers import Answers
from prover.cache.codec import encode
from prover.cache.reports import Reports
from prover.cache.store import opened
from prover.check import Options, begin_file, finish_file
from prover.inputs import Input
from prover.kernel.oracle import Answer, Query
from prover.record import replace
from prover.solve.process import Pool
from prover.solve.worker import die_with_parent, limit_memory
from prover.source import Source

AT_ONCE = 16  # queries of a file that may be on their way


@dataclass(slots=True)
class Line:
    """The way to the run: queries go out, answers come back to those who wait for them."""

    incoming: BinaryIO
    outgoing: BinaryIO
    work: queue.SimpleQueue[Input | None] = field(default_factory=queue.SimpleQueue)
    _waiting: dict[int, Future[Answer]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _number: int = 0

    def ask(self, query: Query, seconds: float) -> Answer:
        future: Future[Answer] = Future()
        with self._lock:
            self._number += 1
            self._waiting[self._number] = future
            send(self.outgoing, Ask(self._number, query.script, query.digest, seconds))
        return future.result()

    def done(self, message: Done) -> None:
        with self._lock:
            send(self.outgoing, message)

    def listen(self) -> None:
        """Take in what comes, until the run has gone."""
        try:
            while True:
                match receive(self.incoming):
                    case Work(item=item):
                        self.work.put(item)
                    case Answered(number=number, answer=answer):
                        self._waiting.pop(number).set_result(answer)
                    case other:
                        raise TypeError(f"a run sends no {type(other).__name__}")
        except (EOFError, OSError):
            os._exit(0)


@dataclass(slots=True)
class Found:
    """The cache as a front end uses it: recalls from the store, and collects what is new."""

    answers: Answers
    new: dict[str, Answer] = field(default_factory=dict)

    def recall(self, query: Query) -> Answer | None:
        known = self.new.get(query.digest)
        return known if known is not None and known.fault is None else self.answers.recall(query)

    def keep(self, query: Query, answer: Answer) -> None:
        self.new[query.digest] = answer


def check_one(item: Input, options: Options, reports: Reports | None, pool: Pool) -> Done:
    """Queries are held back until the file is ready, so that the hardest go first, and one job keeps one core busy."""
    pool.hold()
    try:
        begun = begin_file(item, options, pool)
    finally:
        pool.release()
    report = finish_file(begun, options, pool)
    sources: list[Source] = []
    data = encode(report, sources)
    entry = reports.entry(report, begun.loader) if reports is not None else None
    return Done(data, tuple([(s.name, s.text) for s in sources]), entry)


def _trouble(failure: Exception) -> str:
    if isinstance(failure, MemoryError):
        return "it needs more memory than a process may use"
    trace = failure.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" in {trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}" if trace is not None else ""
    return f"a bug in prover: {type(failure).__name__}{place}"


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints does not get among the messages
    sys.setrecursionlimit(10_000)
    gc.set_threshold(200_000, 20, 50)
    setup = receive(incoming)
    assert isinstance(setup, Setup)
    limit_memory(setup.memory)
    line = Line(incoming, outgoing)
    threading.Thread(target=line.listen, daemon=True).start()
    cache = None if setup.cache is None else Cache(opened(setup.cache[0]), *setup.cache[1:])
    kept = cache.reports(setup.options) if cache is not None else None
    found = Found(cache.answers) if cache is not None else None
    with Pool(AT_ONCE, found, line.ask, setup.own) as pool:
        while (item := line.work.get()) is not None:
            try:
                done = check_one(item, setup.options, kept, pool)
            except Exception as failure:  # noqa: BLE001 - it costs this file alone
                done = Done(b"", (), trouble=_trouble(failure))
            if found is not None:
                done, found.new = replace(done, answers=tuple(found.new.items())), {}
            line.done(done)
