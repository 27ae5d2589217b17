"""Which files a command is about: paths that the user named, folders searched for `*.proof`.

Reads no file's content.  Links are followed where the user named them, and below a folder only as far as they stay in it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from prover.diagnostic import Diagnostic, InputError, error

SUFFIX = ".proof"


@dataclass(frozen=True, slots=True)
class Input:
    """One text to check.  name: what messages call it.  content: its bytes, or where they are.
    root: the folder that its imports must stay below."""

    name: str
    content: bytes | Path
    root: Path


def gather(paths: Iterable[str]) -> tuple[Input, ...]:
    """The files that `paths` stand for, each once, folders in sorted order.

    Raises InputError with `input-missing` for each path that does not exist and `input-empty` for each folder without proofs.
    """
    found: dict[Path, Input] = {}
    problems: list[Diagnostic] = []
    for name in paths:
        try:
            for place, item in _files(name):
                found.setdefault(place, item)
        except InputError as failure:
            problems += failure.diagnostics
        except (OSError, ValueError) as failure:
            problems.append(_unreadable(name, failure))
    if problems:
        raise InputError(*problems)
    return tuple(found.values())


def _files(name: str) -> list[tuple[Path, Input]]:
    """The files that `name` stands for, each with where it really is.  Raises InputError, OSError, ValueError (a NUL)."""
    path = Path(name)
    if path.is_dir():
        below = list(_below(path))
        if not below:
            raise InputError(error("input-empty", f"no {SUFFIX} files below `{name}`", None))
        return below
    if "\0" not in name and not os.path.lexists(path):
        raise InputError(error("input-missing", f"`{name}` does not exist", None))
    return [(path.resolve(), Input(path.as_posix(), path, path.parent))]


def _unreadable(name: str, failure: OSError | ValueError) -> Diagnostic:
    why = failure.strerror if isinstance(failure, OSError) else str(failure)
    return error("input-unreadable", f"cannot read `{name}`: {why}", None)


def _below(folder: Path) -> Iterator[tuple[Path, Input]]:
    root = folder.resolve()
    for directory, folders, files in os.walk(folder, onerror=_fail):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for file in sorted(f for f in files if f.endswith(SUFFIX)):
            path = Path(directory) / file
            target = path.resolve()
            if target.is_file() and target.is_relative_to(root):
                yield target, Input(path.as_posix(), path, folder)


def _fail(failure: OSError) -> None:
    raise failure
