"""Rewriting a user's file."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from prover.diagnostic import InputError, error


def replace_file(path: Path, content: bytes) -> None:
    """Write the file whole or not at all, keeping its permissions; a link keeps pointing to the file it pointed to.

    Raises InputError (`input-unwritable`)."""
    target = path.resolve()
    try:
        mode = stat.S_IMODE(target.stat().st_mode)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".new")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            Path(temporary).chmod(mode)
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as failure:
        raise InputError(error("input-unwritable", f"cannot write `{path}`: {failure.strerror}", None)) from None
