"""Where reports are written: standard output in one format, files in others, all fed with the same reports as they come."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from prover import __version__
from prover.cli.console import Progress, give_up, style_for
from prover.render.escape import escape
from prover.render.finding import Checked
from prover.render.formats import FORMATS, SPOKEN, About, Format, made
from prover.render.tally import Tally


def add_formats(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format", choices=FORMATS, default="text", metavar="FMT", help=f"how to report: {', '.join(FORMATS)} (default: text)"
    )
    parser.add_argument(
        "--output-file",
        type=_target,
        action="append",
        default=[],
        metavar="FMT=PATH",
        help="write another format to a file, too; may be given several times",
    )


def _target(text: str) -> tuple[str, Path]:
    """An argparse type: a format and where to write it."""
    name, equals, path = text.partition("=")
    if not equals or not path or name not in FORMATS:
        raise argparse.ArgumentTypeError(f"{text!a} is not FMT=PATH with one of the formats {', '.join(FORMATS)}")
    return name, Path(path)


@dataclass(slots=True)
class Outputs:
    """Use as a context manager; `take` each file's report, then `finish`.  failures: what could not be written, in words."""

    sinks: list[_File]
    spoken: Format
    progress: Progress
    at_once: bool
    tally: Tally = field(default_factory=Tally)
    failures: list[str] = field(default_factory=list)

    def start(self) -> None:
        sys.stdout.write(self.spoken.start())
        for sink in self.sinks:
            self._try(sink, sink.format.start)

    def take(self, file: Checked) -> None:
        self.tally = self.tally.with_file(file)
        text = self.spoken.file(file)
        if text:
            self.progress.clear()
            sys.stdout.write(text)
        if self.at_once:
            sys.stdout.flush()
        for sink in self.sinks:
            self._try(sink, lambda sink=sink: sink.format.file(file))

    def finish(self, tally: Tally) -> None:
        self.progress.clear()
        sys.stdout.write(self.spoken.finish(tally))
        sys.stdout.flush()
        for sink in self.sinks:
            self._try(sink, lambda sink=sink: sink.format.finish(tally))
            if not sink.broken:
                try:
                    sink.keep()
                except OSError as failure:
                    self._break(sink, failure)

    def interrupted(self) -> None:
        """Say what there is; files are not written."""
        self.progress.clear()
        if self.tally.files or not self.at_once:
            self._last_words(self.spoken.finish(self.tally))

    def _last_words(self, text: str) -> None:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            give_up(sys.stdout)

    def close(self) -> None:
        for sink in self.sinks:
            sink.drop()

    def _try(self, sink: _File, text: object) -> None:
        if sink.broken:
            return
        assert callable(text)
        try:
            sink.write(text())
        except OSError as failure:
            self._break(sink, failure)

    def _break(self, sink: _File, failure: OSError) -> None:
        sink.drop()
        self.failures.append(f"cannot write `{escape(str(sink.path))}`: {failure.strerror or failure}")


@dataclass(slots=True)
class _File:
    """A format's file, written beside its place and moved there when it is whole."""

    format: Format
    path: Path
    broken: bool = False
    _stream: TextIO | None = None
    _temporary: str = ""

    def write(self, text: str) -> None:
        if self._stream is None:
            if self.path.exists() and not self.path.is_file():  # a pipe, /dev/stdout: there is nothing to move
                self._stream = self.path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n")
            else:
                import tempfile  # most runs write no file

                handle, self._temporary = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=self.path.parent)
                self._stream = open(handle, "w", encoding="utf-8", errors="backslashreplace", newline="\n")  # noqa: PTH123, SIM115
        self._stream.write(text)

    def keep(self) -> None:
        assert self._stream is not None
        self._stream.close()
        if self._temporary:
            mask = os.umask(0)
            os.umask(mask)
            Path(self._temporary).chmod(0o666 & ~mask)
            os.replace(self._temporary, self.path)
        self._temporary, self.broken = "", True

    def drop(self) -> None:
        self.broken = True
        with suppress(OSError):
            if self._stream is not None:
                self._stream.close()
        with suppress(OSError):
            if self._temporary:
                os.unlink(self._temporary)
        self._temporary = ""


def opened(arguments: argparse.Namespace, solver: str, progress: Progress) -> Outputs:
    """The outputs that were asked for.  solver: its version."""
    style = style_for(sys.stdout, arguments.color)
    about = About(__version__, solver, style, arguments.timings)
    plain = About(__version__, solver, times=arguments.timings)
    sinks = [_File(made(name, plain), path) for name, path in arguments.output_file]
    return Outputs(sinks, made(arguments.format, about), progress, arguments.format in SPOKEN)
