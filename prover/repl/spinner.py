"""A sign of life while a command works: what is being tried, on the terminal's last line, gone when the command is done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import TextIO

DELAY, BEAT = 0.5, 0.1
_FRAMES, _PLAIN = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "|/-\\"
_ERASE = "\r\x1b[K"


@dataclass(slots=True)
class Spinner:
    """A context manager.  words: what is going on, asked anew at each beat.  width: columns of the terminal `out`."""

    out: TextIO
    words: Callable[[], str]
    unicode: bool = True
    width: int = 80
    shown: bool = True
    _done: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Spinner:
        if not self.shown:
            return self
        self._thread = threading.Thread(target=self._turn, name="spinner", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._done.set()
        if self._thread is not None:
            self._thread.join()

    def _turn(self) -> None:
        frames, beat = _FRAMES if self.unicode else _PLAIN, 0
        while not self._done.wait(DELAY if beat == 0 else BEAT):
            line = f"{frames[beat % len(frames)]} {self.words()} (Ctrl-C stops it)"
            self.out.write(_ERASE + line[: self.width - 1])
            self.out.flush()
            beat += 1
        if beat:
            self.out.write(_ERASE)
            self.out.flush()
