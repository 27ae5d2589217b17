"""The second solver, cvc5: its processes, and in what ways it is asked.  Its answers prove nothing; they are compared."""

from __future__ import annotations

import importlib.util
import queue
import sys
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path
from types import TracebackType

from prover.kernel.oracle import Answer, Query
from prover.solve.process import MEGABYTES, Worker

# In this order; the first `unsat` or `sat` counts.  Milliseconds are what each way gets.
WAYS = (
    ("", 1_000),
    ("(set-option :enum-inst true)\n", 2_000),
    ("(set-option :nl-ext-tplanes true)\n(set-option :decision justification)\n", 2_000),
    ("(set-option :cegqi-all true)\n(set-option :full-saturate-quant true)\n", 2_000),
)


class NoSecond(Exception):
    """cvc5 is not installed."""


def version() -> str:
    """`cvc5 1.4.2`.  Raises NoSecond."""
    if importlib.util.find_spec("cvc5") is None:
        raise NoSecond(
            "--certify asks a second solver, cvc5, which is not installed: `pip install 'prover[certify]'` (or `cvc5`)"
        )
    try:
        return f"cvc5 {installed('cvc5')}"
    except PackageNotFoundError:
        return "cvc5"


@dataclass(slots=True)
class Second:
    """`jobs` processes of cvc5, started when asked; a context manager."""

    jobs: int
    _free: queue.SimpleQueue[Worker] = field(default_factory=queue.SimpleQueue)
    _all: list[Worker] = field(default_factory=list)

    def __enter__(self) -> Second:
        version()
        command = (sys.executable, "-I", str(Path(__file__).with_name("second_worker.py")), str(MEGABYTES))
        self._all = [Worker(command) for _ in range(self.jobs)]
        for worker in self._all:
            self._free.put(worker)
        return self

    def ask(self, query: Query, seconds: float) -> Answer:
        worker = self._free.get()
        try:
            return worker.ask(query, seconds)
        finally:
            self._free.put(worker)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for worker in self._all:
            worker.stop(close=True)
