"""Terminal sessions in the documentation: found, run again, written back.

A session is a fenced block marked `console`.  A line `$ command` is what a person types, the lines up to the next one are what
they see.  Three commands are known: `cat FILE` shows a file, and thereby makes it; `prover …` is run; `echo $?` is the status
of the one before.  All sessions of a page share one folder.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Exchange:
    command: str
    output: str


def exchanges(block: str) -> Iterator[Exchange]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield Exchange(command, output)


def replayed(page: str, folder: Path) -> str:
    """`page` (Markdown) with the output of each session's commands as it is now, run in `folder`."""
    status = 0

    def again(block: re.Match[str]) -> str:
        nonlocal status
        text = "```console\n"
        for exchange in exchanges(block[1]):
            output, status = _run(exchange, folder, status)
            text += f"$ {exchange.command}\n{output}"
        return text + "```"

    return _BLOCK.sub(again, page)


def _run(exchange: Exchange, folder: Path, status: int) -> tuple[str, int]:
    """What the command prints now, and its exit status."""
    match shlex.split(exchange.command):
        case ["cat", name]:
            (folder / name).write_text(exchange.output.rstrip("\n") + "\n", encoding="utf-8")
            return exchange.output, 0
        case ["echo", "$?"]:
            return f"{status}\n", 0
        case ["prover", *arguments]:
            environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "PYTHONUTF8": "1", "COLUMNS": "100"}
            done = subprocess.run(
                [sys.executable, "-m", "prover", *arguments],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                timeout=120,
            )
            return done.stdout, done.returncode
        case _:
            raise ValueError(f"a session in the documentation cannot run: {exchange.command}")
