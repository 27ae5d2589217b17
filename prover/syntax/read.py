"""From bytes, or a file, to a `Source`: what is not a text of ours is refused before anything looks at it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from prover.diagnostic import Diagnostic, InputError, error
from prover.source import Source, Span

MAX_BYTES = 16 * 1024 * 1024
_BYTE_ORDER_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


def read_source(content: bytes | Path | str | Diagnostic, name: str | None = None) -> Source:
    """The text in `content`, or in the regular file at that path, named `name` (the path itself where none is given).
    A diagnostic says why there is none.

    Raises InputError: `input-missing`, `input-unreadable`, `input-not-file`, `input-size`, `input-encoding`.
    """
    if isinstance(content, Diagnostic):
        raise InputError(content)
    if isinstance(content, bytes):
        return decode(content, name or "<input>")
    name = name or str(content)
    return decode(_read(Path(content), name), name)


def decode(data: bytes, name: str) -> Source:
    """UTF-8 bytes as a source; a byte order mark is left out."""
    if len(data) > MAX_BYTES:
        raise _too_large(name)
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            raise _bad("encoding", f"{name} is encoded in {encoding}", "save it as UTF-8")
    try:
        return Source(name, data.removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
    except UnicodeDecodeError as bad:
        raise _undecodable(data, name, bad.start) from None


def _read(path: Path, name: str) -> bytes:
    """Opened without waiting, so that a FIFO cannot hang it, and looked at once open, so that nothing can be put in its place."""
    try:
        handle = os.open(
            path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        )
    except FileNotFoundError:
        raise _bad("missing", f"there is no file {name}") from None
    except (OSError, ValueError) as bad:
        raise _bad("unreadable", f"{name} cannot be read: {_reason(bad)}") from None
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        raise _bad("not-file", f"{name} is no regular file")
    with os.fdopen(handle, "rb") as file:
        if status.st_size > MAX_BYTES:
            raise _too_large(name)
        try:
            return file.read(MAX_BYTES + 1)
        except OSError as bad:
            raise _bad("unreadable", f"{name} cannot be read: {_reason(bad)}") from None


def _reason(bad: OSError | ValueError) -> str:
    return (bad.strerror if isinstance(bad, OSError) and bad.strerror else str(bad)).lower()


def _too_large(name: str) -> InputError:
    return _bad("size", f"{name} is larger than {MAX_BYTES // 1024 // 1024} MiB")


def _undecodable(data: bytes, name: str, at: int) -> InputError:
    """A place in what can be decoded; bytes of a program or picture are called that."""
    if b"\0" in data:
        return _bad("encoding", f"{name} is a binary file", "check a `.proof` file, which is text in UTF-8")
    source = Source(name, data.decode("utf-8", "replace"))
    start = len(data[:at].decode("utf-8", "replace"))
    span = Span(source, start, start + 1)
    return InputError(error("input-encoding", f"the byte 0x{data[at]:02X} is not UTF-8", span, help=("save the file as UTF-8",)))


def _bad(code: str, message: str, *help: str) -> InputError:
    return InputError(error(f"input-{code}", message, None, help=help))
