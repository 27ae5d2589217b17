"""What every entry depends on beside its own text: the prover's own files, and the solver's."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

from prover.resources import grammar_text, proofs_folder

_PACKAGE = Path(__file__).resolve().parents[1]


@cache
def solver_fingerprint(library: str, version: str) -> str:
    """z3's release, and size and date of its library: one built from other sources has others."""
    status = Path(library).stat()
    return f"{version} {status.st_size} {status.st_mtime_ns}"


@cache
def prover_fingerprint(version: str) -> str:
    """A digest of names, sizes and dates of the package's files and the standard library, and of the grammar.

    In a checkout the version stays the same while the code changes; no entry may outlive such a change.
    """
    found = hashlib.sha256(version.encode())
    for folder in (_PACKAGE, proofs_folder() / "stdlib"):
        for line in sorted(_listed(str(folder), "")):
            found.update(line.encode("utf-8", "surrogatepass"))
    found.update(grammar_text().encode())
    return found.hexdigest()


def _listed(folder: str, below: str) -> list[str]:
    lines: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in ("__pycache__", "codes", "proofs", "grammar"):
                    lines += _listed(entry.path, f"{below}{entry.name}/")
            elif not entry.name.endswith(".pyc"):
                status = entry.stat()
                lines.append(f"{below}{entry.name} {status.st_size} {status.st_mtime_ns}\n")
    return lines
