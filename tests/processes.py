"""Processes of this machine, as /proc shows them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path


def below(pid: int) -> list[int]:
    """The processes that `pid` has started, and those that they have."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir() if Path(f"/proc/{pid}/task").exists() else ():
        try:
            found += map(int, (task / "children").read_text().split())
        except OSError:  # a thread that has just ended
            continue
    return found + [c for child in found for c in below(child)]


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(pids: Iterable[int], seconds: float = 10) -> bool:
    """Are none of them running, after so many seconds at most?"""
    latest = time.monotonic() + seconds
    while any(running(p) for p in pids):
        if time.monotonic() > latest:
            return False
        time.sleep(0.05)
    return True
