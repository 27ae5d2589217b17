"""Which files a command is about: paths that the user named, folders searched for `*.proof`.

Reads no file's content.  Links are followed where the user named them, and below a folder only as far as they stay in it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from prover.diagnostic import Diagnostic, InputError, error
from prover.record import record

SUFFIX = ".proof"


@record
class Input:
    """One text to check.  name: what messages call it.  content: its bytes, or where they are, or why there are none.
    root: the folder that its imports must stay below."""

    name: str
    content: bytes | Path | Diagnostic
    root: Path


@dataclass(slots=True)
class Found:
    """What paths stand for.  problems: paths that cannot be read, also among the inputs.
    excluded: how many files and folders were left out."""

    inputs: list[Input] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)
    excluded: int = 0

    def refuse(self, name: str, problem: Diagnostic) -> None:
        self.problems.append(problem)
        self.inputs.append(Input(name, problem, Path()))


def gather(paths: Iterable[str]) -> tuple[Input, ...]:
    """The files that `paths` stand for, each once, folders in sorted order.

    Raises InputError with `input-missing` for each path that does not exist, `input-empty` for each folder without proofs, and
    `input-unreadable` for what the system refuses.
    """
    found = search(paths)
    if found.problems:
        raise InputError(*found.problems)
    return tuple(found.inputs)


def search(paths: Iterable[str], excludes: Callable[[Path], bool] | None = None) -> Found:
    """As `gather`, but what cannot be read stops nothing: it takes its place among the inputs, and is listed.

    excludes: whether to leave out a file or folder that was found below one of the folders."""
    found = Found()
    seen: set[str] = set()
    for name in paths:
        try:
            for place, item in _files(name, found, excludes):
                if place not in seen:
                    seen.add(place)
                    found.inputs.append(item)
        except InputError as failure:
            for problem in failure.diagnostics:
                found.refuse(name, problem)
        except (OSError, ValueError) as failure:
            found.refuse(name, _unreadable(name, failure))
    return found


def _files(name: str, found: Found, excludes: Callable[[Path], bool] | None) -> Iterator[tuple[str, Input]]:
    """The files that `name` stands for, each with where it really is.  Raises InputError, OSError, ValueError (a NUL)."""
    path = Path(name)
    if path.is_dir():
        before = found.excluded, len(found.problems)
        empty = True
        for item in _below(path, found, excludes):
            empty = False
            yield item
        if empty and before == (found.excluded, len(found.problems)):
            raise InputError(error("input-empty", f"no {SUFFIX} files below `{name}`", None))
        return
    if "\0" not in name and not os.path.lexists(path):
        raise InputError(error("input-missing", f"`{name}` does not exist", None))
    yield str(path.resolve()), Input(path.as_posix(), path, path.parent)


def _unreadable(name: str, failure: OSError | ValueError) -> Diagnostic:
    why = failure.strerror if isinstance(failure, OSError) else str(failure)
    return error("input-unreadable", f"cannot read `{name}`: {why}", None)


def _below(folder: Path, found: Found, excludes: Callable[[Path], bool] | None) -> Iterator[tuple[str, Input]]:
    """A folder that cannot be listed, or a link in a circle, is a problem of its own; the search goes on."""
    root = folder.resolve()

    def fail(failure: OSError) -> None:
        name = Path(failure.filename or folder).as_posix()
        found.refuse(name, _unreadable(name, failure))

    def wanted(path: Path) -> bool:
        left_out = excludes is not None and excludes(path)
        found.excluded += left_out
        return not left_out

    for directory, folders, files in os.walk(folder, onerror=fail):
        here = Path(directory)
        folders[:] = sorted(f for f in folders if not f.startswith(".") and (excludes is None or wanted(here / f)))
        for file in sorted(f for f in files if f.endswith(SUFFIX)):
            path = here / file
            if excludes is not None and not wanted(path):
                continue
            try:
                target = path.resolve()
                inside = target.is_file() and target.is_relative_to(root)
            except (OSError, RuntimeError) as failure:  # (links in a circle)
                problem = failure if isinstance(failure, OSError) else OSError(0, "links in a circle")
                found.refuse(path.as_posix(), _unreadable(path.as_posix(), problem))
                continue
            if inside:
                yield str(target), Input(path.as_posix(), path, folder)
