"""Where the files that are not Python are: the grammar, the standard library, the user's cache folder.

An installed package carries them inside itself (`prover/grammar`, `prover/proofs`); a checkout has them beside `prover/`.
Nothing else in the package knows these places, and none of them depends on the folder that is being checked.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _folder(name: str) -> Path:
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def grammar_text() -> str:
    """The text of `grammar/while.lark`."""
    return (_folder("grammar") / "while.lark").read_text(encoding="utf-8")


def proofs_folder() -> Path:
    """The folder that holds the proofs which come with the package (`stdlib/`, `examples/`, …)."""
    return _folder("proofs")


def packaged_tables() -> Path:
    """Where a built wheel keeps the parser's tables; a checkout has none."""
    return _PACKAGE / "syntax" / "tables.json"


def stdlib_source(name: str) -> str | None:
    """The text of the standard library's file `name` (`arrays` for `import "std:arrays"`), None when there is none."""
    if not re.fullmatch(r"[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*", name):
        return None
    path = proofs_folder() / "stdlib" / f"{name}.proof"
    return path.read_text(encoding="utf-8") if path.is_file() else None


def stdlib_names() -> tuple[str, ...]:
    """The names that `import "std:…"` knows, sorted."""
    return tuple(sorted(path.stem for path in (proofs_folder() / "stdlib").glob("*.proof")))


def cache_folder() -> Path | None:
    """The user's folder for what can be computed again, made when missing; None when there is none that is safe to use.

    Safe is a folder that belongs to this user and that nobody else can write to: others must not be able to plant entries.
    """
    try:
        folder = _cache_place()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder if private(folder.lstat(), stat.S_ISDIR) else None
    except (OSError, RuntimeError):
        return None


def private(status: os.stat_result, kind: object) -> bool:
    """Is this a file or folder (`kind`: `stat.S_ISREG`, `stat.S_ISDIR`) of this user's that no one else may write to?"""
    if not callable(kind) or not kind(status.st_mode):
        return False
    if not hasattr(os, "getuid"):
        return True
    return status.st_uid == os.getuid() and not status.st_mode & 0o022


def _cache_place() -> Path:
    xdg = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(xdg):
        return Path(xdg) / "prover"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "prover"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "prover" / "cache"
    return Path.home() / ".cache" / "prover"
