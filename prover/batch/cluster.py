"""Queries answered by a Dask cluster (the extra `cluster`): front ends and kernel stay here, z3 runs there.

The workers of the cluster need prover and the same release of z3.  A query whose worker is lost goes to another one; when the
cluster itself is lost, the rest is answered here.  What the cluster sends is believed like what a process of this machine does:
see docs/trust.md.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from prover.diagnostic import InputError, error
from prover.kernel.oracle import Answer, Fault, Query
from prover.solve.process import Worker, command, library, version

CONNECT_SECONDS = 10
GRACE = 20.0  # seconds beyond a query's own, for the way there and back
_local = threading.local()


def answer(script: str, digest: str, seconds: float) -> tuple[str, str | None, float]:
    """What runs on the cluster: output, fault, seconds.  Each thread of a worker keeps a solver process."""
    if not hasattr(_local, "worker"):
        _local.worker = Worker(command(library()))
    found = _local.worker.ask(Query((), script, digest), seconds)
    return found.output, found.fault.value if found.fault is not None else None, found.seconds


@dataclass(slots=True)
class Cluster:
    """jobs: how many queries it answers at once.  trouble: why it was given up, in a sentence."""

    client: Any
    address: str
    jobs: int
    trouble: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, query: Query, seconds: float) -> Answer:
        """The cluster's answer, or, once it is lost, this machine's."""
        if not self.trouble:
            try:
                return self._asked(query, seconds)
            except Exception as failure:  # noqa: BLE001 - whatever is wrong with a cluster, the run goes on without it
                self._lose(failure)
        output, fault, took = answer(query.script, query.digest, seconds)
        return Answer(query.digest, output, Fault(fault) if fault else None, took)

    def _asked(self, query: Query, seconds: float) -> Answer:
        from distributed import TimeoutError as Late

        future = self.client.submit(answer, query.script, query.digest, seconds, pure=False, retries=2)
        ends = time.monotonic() + seconds + GRACE
        while True:
            try:
                output, fault, took = future.result(timeout=1.0)
                return Answer(query.digest, output, Fault(fault) if fault else None, took)
            except Late:
                if self.client.status != "running" or time.monotonic() > ends:
                    with suppress(Exception):
                        future.cancel()
                    raise

    def _lose(self, failure: Exception) -> None:
        with self._lock:
            why = str(failure).split("\n")[0] or type(failure).__name__
            self.trouble = self.trouble or f"the cluster at {self.address} is lost ({why}); the rest was solved on this machine"


@contextmanager
def connected(address: str) -> Iterator[Cluster]:
    """Raises InputError (`input-cluster`) if there is none, or one that would not give the same answers."""
    try:
        from distributed import Client
    except ImportError:
        raise _refused("the package `distributed` is missing", "install it: `pip install 'prover[cluster]'`") from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        connect: Any = Client
        client = connect(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as failure:
        raise _refused(f"the cluster at {address} cannot be reached: {str(failure).splitlines()[0]}") from None
    try:
        yield Cluster(client, address, _jobs(client, address))
    finally:
        with suppress(Exception):
            client.close(timeout=2)


def _jobs(client: Any, address: str) -> int:
    threads = sum(client.nthreads().values())
    if not threads:
        raise _refused(f"the cluster at {address} has no workers")
    answers = list(client.run(version, on_error="return").values())
    versions = {a for a in answers if isinstance(a, str)}
    if not versions:  # (one that has just gone is no matter while others are there)
        raise _refused(f"the workers of {address} cannot run prover: {answers[0]}", "install prover on them")
    if versions != {version()}:
        found = ", ".join(sorted(versions))
        raise _refused(f"the workers of {address} have {found}, not {version()}: answers might differ")
    return int(threads)


def _refused(why: str, *advice: str) -> InputError:
    return InputError(error("input-cluster", why, None, help=advice))
