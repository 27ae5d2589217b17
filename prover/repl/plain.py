"""The session without a terminal: commands from the command line or from a file, output as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TextIO

from prover.render.escape import escape_lines
from prover.repl.command import Context
from prover.repl.table import cleaned, declares, execute, incomplete
from prover.session.session import Session

PROMPT = "prover> "


@dataclass(frozen=True, slots=True)
class Played:
    session: Session
    ok: bool


def play(lines: Iterable[str], session: Session, context: Context, out: TextIO, echo: bool) -> Played:
    """Do what the lines say, one command after the other.  echo: show each as if it had been typed."""
    ok = True
    for command in complete(lines):
        if not cleaned(command):
            continue
        if echo:
            out.write(escape_lines(PROMPT + cleaned(command).replace("\n", "\n...     ")) + "\n")
        result = execute(command, session, context)
        if result.text:
            out.write(result.text + "\n")
        out.flush()
        session, ok = result.session, ok and result.ok
        if result.quit:
            break
    return Played(session, ok)


def complete(lines: Iterable[str]) -> Iterator[str]:
    """Lines put together to whole commands."""
    begun = ""
    for line in map(str.rstrip, lines):
        if begun and not incomplete(begun) and not (declares(begun) and line[:1] in (" ", "\t")):
            yield begun
            begun = line
        else:
            begun = f"{begun}\n{line}" if begun else line
    if begun:
        yield begun
