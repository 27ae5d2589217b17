"""One worker for all the kernel's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from prover.solve.process import Pool, Worker, command, library


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    made = Worker(command(library()))
    yield made
    made.stop(close=True)


@pytest.fixture(scope="session")
def pool() -> Iterator[Pool]:
    with Pool(1) as made:
        yield made
