"""One session in a real terminal: tmux types and shows."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")]

Tmux = Callable[..., str]


@pytest.fixture
def tmux(tmp_path: Path, root: Path) -> Iterator[Tmux]:
    def run(*arguments: str) -> str:
        command = ["tmux", "-S", str(tmp_path / "socket"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=20).stdout

    (tmp_path / "t.proof").write_text("triple t { x = 1 } x := x + 1 { x = 3 }\n", encoding="utf-8")
    (tmp_path / "tmux.conf").write_text("", encoding="utf-8")
    environment = f"env PYTHONPATH={root} XDG_STATE_HOME={tmp_path} PYTHONUTF8=1 TERM=screen-256color"
    program = f"cd {tmp_path} && {environment} {sys.executable} -m prover repl t.proof"
    run("-f", str(tmp_path / "tmux.conf"), "new-session", "-d", "-x", "100", "-y", "40", program)
    yield run
    run("kill-server")


def seen(tmux: Tmux, wanted: str) -> str:
    """The screen, once it shows what is waited for."""
    for _ in range(100):
        screen = tmux("capture-pane", "-p")
        if wanted in screen:
            return screen
        time.sleep(0.2)
    raise AssertionError(f"{wanted!r} is not on the screen:\n{tmux('capture-pane', '-p')}")


@pytest.mark.skipif(os.name != "posix", reason="tmux")
def test_a_person_at_a_terminal(tmux: Tmux) -> None:
    seen(tmux, "prover>")
    seen(tmux, "1 of 1 goals open")
    tmux("send-keys", "stauts", "Enter")
    seen(tmux, "did you mean status")
    tmux("send-keys", "cou", "Tab", "Enter")
    seen(tmux, "run-ensures")
    tmux("send-keys", "C-c")
    tmux("send-keys", "assert 1 true", "Enter")
    seen(tmux, "error[")
    tmux("send-keys", "quit", "Enter")
    for _ in range(50):
        if not tmux("list-sessions"):
            return
        time.sleep(0.2)
    raise AssertionError("it did not leave")
