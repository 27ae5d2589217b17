"""How long a person waits at the prompt: until the first one, and for verdicts after a change of one annotation."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from statistics import median

from prover.session.engine import Engine
from prover.session.session import opened

ROOT = Path(__file__).parents[2]
CLASSICS = ROOT / "tests" / "bench" / "classics"
CHANGED = "09_binsearch"
BEFORE, AFTER = "-1 <= r < len(a)\n    invariant", "r >= -1 and r < len(a)\n    invariant"
LINES, RUNS, LIMIT = 100, 5, 20.0


def hundred_lines(folder: Path) -> Path:
    """Classics put together to a file of a hundred lines or a few more."""
    text = ""
    for file in sorted(CLASSICS.glob("*.proof")):
        if text.count("\n") < LINES:
            text += file.read_text(encoding="utf-8") + "\n"
    path = folder / "hundred.proof"
    path.write_text(text, encoding="utf-8")
    return path


def first_prompt(path: Path, folder: Path) -> float:
    """Seconds from the command to its first prompt, in a terminal."""
    start = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        environment = {**os.environ, "TERM": "xterm", "XDG_STATE_HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache")}
        os.chdir(ROOT)
        os.execve(sys.executable, [sys.executable, "-m", "prover", "repl", str(path)], environment)
    shown = b""
    try:
        while b"prover>" not in shown and time.perf_counter() - start < LIMIT:
            if select.select([terminal], [], [], 0.2)[0]:
                shown += os.read(terminal, 65536)
                if b"\x1b[6n" in shown:  # it asks where the cursor is, as it does of any terminal
                    os.write(terminal, b"\x1b[1;1R")
        return time.perf_counter() - start
    finally:
        os.kill(child, signal.SIGKILL)
        with suppress(OSError):
            os.close(terminal)
        os.waitpid(child, 0)


def after_a_change() -> tuple[float, int]:
    """Seconds until all verdicts are back when one conjunct of an invariant is written otherwise, and the queries it took."""
    took, asked = [], 0
    for _ in range(RUNS):
        with Engine() as engine:
            session = opened(CLASSICS / f"{CHANGED}.proof")
            engine.work(session.text).wait(LIMIT)
            before, start = engine.asked, time.perf_counter()
            changed = session.with_text(session.text.source.text.replace(BEFORE, AFTER, 1))
            engine.work(changed.text).wait(LIMIT)
            took.append(time.perf_counter() - start)
            asked = engine.asked - before
    return median(took), asked


def table(folder: Path) -> str:
    """What was measured beside what is to be reached, as lines."""
    path = hundred_lines(folder)
    first_prompt(path, folder)  # saves the parser's tables
    prompt = median(first_prompt(path, folder) for _ in range(RUNS))
    change, asked = after_a_change()
    rows = [
        (f"first prompt, {path.read_text(encoding='utf-8').count(chr(10))} lines", f"{prompt:.2f} s", "", "<= 0.4 s"),
        ("one annotation changed", f"{change * 1000:.0f} ms", f"{asked} queries", "<= 50 ms"),
    ]
    return "\n".join(["at the prompt", *[f"{name:<28}{took:>10}  {figure:<24}{reach}" for name, took, figure, reach in rows]])
