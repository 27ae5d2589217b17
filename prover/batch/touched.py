"""Which files a change touches: those that changed, and those that import one of them, directly or not.

Imports are looked for in the text without parsing it, in comments, too: that finds too many rather than too few.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from prover.diagnostic import InputError, error
from prover.inputs import Input

_IMPORT = re.compile(rb'\bimport\s+"([^"\n]+)"')
_GIT = ("git", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false")
Stamp = tuple[int, int, int] | None


@dataclass(slots=True)
class Imports:
    """Remembers what each file imports while the file stays as it is."""

    _known: dict[str, tuple[Stamp, tuple[str, ...]]] = field(default_factory=dict)

    def of(self, path: str) -> tuple[str, ...]:
        """Real paths of the files that the one at this real path may import."""
        now = stamp(path)
        before, found = self._known.get(path, (None, ()))
        if now is None or now != before:
            found = _imported(path) if now is not None else ()
            self._known[path] = now, found
        return found

    def reach(self, paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The files, and all that they import, each with its imports."""
        found: dict[str, tuple[str, ...]] = {}
        todo = list(paths)
        while todo:
            path = todo.pop()
            if path not in found:
                found[path] = self.of(path)
                todo += found[path]
        return found

    def touched(self, inputs: Sequence[Input], changed: Iterable[str]) -> list[Input]:
        """Those inputs that are among the changed files (real paths), or rest on one.  Inputs without a file always count."""
        places = {item.name: real(item) for item in inputs}
        graph = self.reach(p for p in places.values() if p is not None)
        hit = _resting_on(set(changed), graph)
        return [item for item in inputs if (place := places[item.name]) is None or place in hit]


def _resting_on(changed: set[str], graph: Mapping[str, Sequence[str]]) -> set[str]:
    users: dict[str, list[str]] = {}
    for path, imported in graph.items():
        for other in imported:
            users.setdefault(other, []).append(path)
    found: set[str] = set()
    todo = list(changed)
    while todo:
        path = todo.pop()
        if path not in found:
            found.add(path)
            todo += users.get(path, ())
    return found


def real(item: Input) -> str | None:
    return os.path.realpath(item.content) if isinstance(item.content, Path) else None


def stamp(path: str) -> Stamp:
    """What changes when a file does; None for none."""
    try:
        status = Path(path).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _imported(path: str) -> tuple[str, ...]:
    try:
        if not Path(path).is_file():
            return ()
        text = Path(path).read_bytes()
    except OSError:
        return ()
    names = [os.fsdecode(n) for n in _IMPORT.findall(text) if not n.startswith(b"std:") and b"\0" not in n]
    return tuple(dict.fromkeys(os.path.realpath(Path(path).parent / n) for n in names))


def changed_since(revision: str, folder: Path | None = None) -> frozenset[str]:
    """Real paths of the files that differ from a git revision, and of those that git does not know yet.

    Nothing that the repository configures is run.  Raises InputError (`input-since`)."""
    where = str(folder or Path.cwd())
    top = _git(where, "rev-parse", "--show-toplevel").rstrip(b"\n")
    commit = _git(where, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", revision=revision)
    options = ("--name-only", "-z", "--no-ext-diff", "--no-textconv", "--no-renames", "--ignore-submodules")
    known = _git(where, "diff", *options, commit.decode().strip(), "--")
    new = _git(os.fsdecode(top), "ls-files", "--others", "--exclude-standard", "-z")
    names = {name for name in (known + new).split(b"\0") if name}
    return frozenset(os.path.realpath(os.path.join(os.fsdecode(top), os.fsdecode(name))) for name in names)  # noqa: PTH118


def _git(folder: str, *arguments: str, revision: str = "") -> bytes:
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run([*_GIT, "-C", folder, *arguments], capture_output=True, check=False, env=environment, timeout=60)
    except FileNotFoundError:
        raise _refused("git is not installed") from None
    except subprocess.TimeoutExpired:
        raise _refused("git does not answer") from None
    if done.returncode != 0:
        told = done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
        raise _refused(told or f"git knows no revision `{revision}`")
    return done.stdout


def _refused(why: str) -> InputError:
    return InputError(error("input-since", f"what changed cannot be found out: {why}", None))
