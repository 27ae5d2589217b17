"""A process of z3 for the search for proofs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prover.export.search import Ask
from prover.kernel.oracle import Query
from prover.solve.process import Worker, command, library

SECONDS = 20.0  # for one question; its budget of resources ends most of them long before


@contextmanager
def asking() -> Iterator[Ask]:
    worker = Worker(command(library()))
    try:
        yield lambda text: worker.ask(Query((), text, ""), SECONDS).output
    finally:
        worker.stop(close=True)
