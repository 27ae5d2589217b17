"""What a run and its front ends say to each other: pickled values over pipes that nobody else can write to.

To a front end: `Setup` first, then `Work` and `Answered`.  From it: `Ask`, `Done`.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from prover.cache.reports import Entry
from prover.check import Options
from prover.inputs import Input
from prover.kernel.oracle import Answer


@dataclass(frozen=True, slots=True)
class Setup:
    """cache: where it is and of which prover and solver, None where nothing is kept.  own: how many queries a front end leaves
    to its own worker before others may help; None if all go to the run.  memory: a front end's limit, in MiB."""

    options: Options
    cache: tuple[Path, str, str] | None
    own: int | None
    memory: int


@dataclass(frozen=True, slots=True)
class Work:
    item: Input


@dataclass(frozen=True, slots=True)
class Answered:
    number: int
    answer: Answer


@dataclass(frozen=True, slots=True)
class Ask:
    """A query, by its text and digest."""

    number: int
    script: str
    digest: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Done:
    """report: encoded, speaking of `sources` (names and texts).  entry, answers: for the cache.
    trouble: why there is no report."""

    report: bytes
    sources: tuple[tuple[str, str], ...]
    entry: Entry | None = None
    answers: tuple[tuple[str, Answer], ...] = ()
    trouble: str = ""


def send(stream: BinaryIO, message: object) -> None:
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    stream.write(len(data).to_bytes(8, "big") + data)
    stream.flush()


def receive(stream: BinaryIO) -> object:
    """The next message.  Raises EOFError when the other side has gone."""
    head = stream.read(8)
    data = stream.read(int.from_bytes(head, "big")) if len(head) == 8 else b""
    if not data or len(data) != int.from_bytes(head, "big"):
        raise EOFError
    return pickle.loads(data)  # noqa: S301 - from our own process, over a pipe that nobody else has
