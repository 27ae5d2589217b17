"""What a command is: a word with arguments that makes a new session and something to show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from prover.diagnostic import InputError, error
from prover.render.style import Style
from prover.session.engine import Engine
from prover.session.session import Session


@dataclass(frozen=True, slots=True)
class Context:
    """patience: how many seconds a command waits for the solver before it says that work goes on; None: until it is done."""

    engine: Engine
    style: Style
    patience: float | None = None
    width: int = 100


@dataclass(frozen=True, slots=True)
class Result:
    """ok: whether the command did what it was asked; a run without a terminal ends with status 1 where one was not."""

    session: Session
    text: str = ""
    ok: bool = True
    quit: bool = False


Act = Callable[[Session, str, Context], Result]
Words = Callable[[Session], Sequence[str]]


def nothing(_session: Session) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Command:
    """group: `look`, `run`, `supply`, `prove` or `steer`.  synopsis: how it is written.  summary: one line.
    effect, failure, example: what `help NAME` says further.  words: what may come next, for completion.
    terminal: it hands the terminal to another program."""

    name: str
    short: tuple[str, ...]
    group: str
    synopsis: str
    summary: str
    effect: str
    failure: str
    example: str
    act: Act
    words: Words = nothing
    terminal: bool = False


def usage(message: str, *help: str) -> InputError:
    """A mistake in how a command was written."""
    return InputError(error("session-usage", message, None, help=help))
