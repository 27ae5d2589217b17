"""The terminal as the commands see it: two streams, how they look, and a line that shows progress."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TextIO

from prover.render.escape import escape, width
from prover.render.style import Style

QUIET_SECONDS = 0.5  # how long a command may take before it shows progress
REDRAW_SECONDS = 0.05
_SIGNS = "✓✗…"


def wants_colour(choice: str, stream: TextIO, environment: Mapping[str, str]) -> bool:
    """choice: `always`, `never`, or `auto`: then FORCE_COLOR, NO_COLOR (both count if not empty), and what the stream is."""
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return stream.isatty() and environment.get("TERM") != "dumb"


def shows_unicode(stream: TextIO) -> bool:
    try:
        _SIGNS.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def style_for(stream: TextIO, choice: str = "auto", environment: Mapping[str, str] = os.environ) -> Style:
    return Style(wants_colour(choice, stream, environment), shows_unicode(stream))


def prepare(stream: TextIO) -> None:
    """Characters that the stream's encoding lacks are written as escapes, never as an error."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def give_up(stream: TextIO) -> None:
    """The reader has gone, or there is no room: what is left in the buffer goes nowhere, so that nobody complains at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@dataclass(slots=True)
class Progress:
    """One line on a terminal's standard error, drawn once a command takes longer than a moment, erased at the end."""

    stream: TextIO = field(default_factory=lambda: sys.stderr)
    started: float = field(default_factory=time.monotonic)
    drawn: bool = False
    last: float = 0.0

    def update(self, done: int, total: int, what: str) -> None:
        now = time.monotonic()
        if not self.stream.isatty() or now - self.started < QUIET_SECONDS or now - self.last < REDRAW_SECONDS:
            return
        self.last = now
        self._draw(f"{_bar(done, total, shows_unicode(self.stream))} {done}/{total} {escape(what)}")

    def _draw(self, line: str) -> None:
        room = max(20, _terminal_width(self.stream) - 1)
        while width(line) > room:
            line = line[:-1]
        self.stream.write(f"\r{line}\x1b[K")
        self.stream.flush()
        self.drawn = True

    def clear(self) -> None:
        """Erase the line, so that other output may be written."""
        if self.drawn:
            self.stream.write("\r\x1b[K")
            self.stream.flush()
            self.drawn = False


def _terminal_width(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return 80


def _bar(done: int, total: int, unicode: bool, size: int = 24) -> str:
    filled = size * done // max(1, total)
    full, empty = ("█", "░") if unicode else ("#", ".")
    return full * filled + empty * (size - filled)
