"""Unsaved work, kept in the user's state folder until it is saved or given up: what a killed session leaves behind."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

from prover.session.session import Session


def state_folder() -> Path | None:
    """The user's folder for history and unsaved work, made when missing; None when there is no place for it."""
    base = os.environ.get("XDG_STATE_HOME", "")
    try:
        folder = (Path(base) if os.path.isabs(base) else Path.home() / ".local" / "state") / "prover"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return None
    return folder


def _place(session: Session) -> Path | None:
    folder = state_folder()
    if folder is None:
        return None
    name = str(session.path.absolute()) if session.path is not None else ""
    return folder / f"unsaved-{hashlib.sha256(name.encode()).hexdigest()[:16]}.proof"


def keep(session: Session) -> None:
    """Keep the text where it is not saved, and nothing where it is.  A full disk is no reason to stop."""
    place = _place(session)
    if place is None:
        return
    try:
        if session.unsaved:
            beside = place.with_suffix(".new")
            beside.write_text(session.text.source.text, encoding="utf-8", newline="")
            beside.replace(place)
        else:
            place.unlink(missing_ok=True)
    except OSError:
        pass


def drop(session: Session) -> None:
    place = _place(session)
    if place is not None:
        with contextlib.suppress(OSError):
            place.unlink(missing_ok=True)


def kept(session: Session) -> str | None:
    """What an earlier session on the same file left, if it differs from the text."""
    place = _place(session)
    try:
        text = place.read_bytes().decode("utf-8") if place is not None and place.is_file() else None
    except (OSError, UnicodeDecodeError):
        return None
    return None if text is None or text == session.text.source.text else text
