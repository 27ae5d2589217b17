"""The output formats of `prover check`, by name.  Each writes a run piece by piece, so that none needs all reports at once."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Protocol, cast

from prover.record import record
from prover.render.finding import Checked
from prover.render.style import PLAIN, Style
from prover.render.tally import Tally

FORMATS = ("text", "concise", "json", "jsonl", "junit", "sarif", "github", "markdown", "html")
# Formats that people read in a terminal: what is written piece by piece there is shown at once.
SPOKEN = ("text", "concise", "jsonl", "github")


@record
class About:
    """prover, solver: versions.  style: for the formats of a terminal.  times: are they asked?"""

    prover: str
    solver: str
    style: Style = PLAIN
    times: bool = False


class Format(Protocol):
    """`start`, then `file` for each in order, then `finish`: the pieces together are the output."""

    def start(self) -> str: ...

    def file(self, file: Checked) -> str: ...

    def finish(self, tally: Tally) -> str: ...


def made(name: str, about: About) -> Format:
    """The format of that name, for one run; only its own module is loaded."""
    module = import_module(f"prover.render.as_{name}")
    return cast(Callable[[About], Format], module.made)(about)
