"""Runs a command as a whole process on one core and says what it cost: wall-clock, processor time, memory."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one command: medians over its runs of seconds, largest of MiB.  Memory is None where it cannot be looked at."""

    runs: int
    wall: float
    cpu: float
    """User and system time, of all its processes."""
    main: float | None
    """Peak resident memory of the command's own process, in MiB."""
    worker: float | None
    """Peak resident memory of the largest process that it started, in MiB."""
    status: int
    """Exit status; negative where a signal ended it, -9 where it ran out of time."""
    output: str
    """Standard output and error of the last run."""


@dataclass(frozen=True, slots=True)
class _Run:
    wall: float
    cpu: float
    status: int
    output: str


def _nothing() -> None:
    pass


def measure(
    command: list[str],
    folder: Path,
    *,
    runs: int,
    limit: float,
    environment: dict[str, str] | None = None,
    before: Callable[[], None] = _nothing,
) -> Cost:
    """The cost of `command`, run in `folder`: `runs` times for time (fewer when slow), once more for memory.

    before: called ahead of each run, not timed.
    A run that takes longer than `limit` seconds is killed with everything that it started.
    """
    took: list[_Run] = []
    spent = 0.0
    while len(took) < runs and (not took or spent < limit):
        before()
        took.append(_timed(command, folder, limit, environment))
        spent += took[-1].wall
        if took[-1].status == -signal.SIGKILL:
            break
    memory: tuple[float | None, float | None] = (None, None)
    if took[-1].status >= 0 and took[-1].wall < limit / 2:
        before()
        memory = _memory(command, folder, limit, environment)
    walls, cpus = [run.wall for run in took], [run.cpu for run in took]
    return Cost(len(took), median(walls), median(cpus), *memory, took[-1].status, took[-1].output)


def _timed(command: list[str], folder: Path, limit: float, environment: dict[str, str] | None) -> _Run:
    with _started(command, folder, limit, environment) as (process, start):
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    return _Run(wall, usage.ru_utime + usage.ru_stime, process.returncode, output)


def _memory(
    command: list[str], folder: Path, limit: float, environment: dict[str, str] | None
) -> tuple[float | None, float | None]:
    """Peak resident memory of the command's process and of the largest one below it, looked at every few milliseconds."""
    if not Path("/proc/self/status").exists():
        return None, None
    peaks: dict[int, float] = {}
    with _started(command, folder, limit, environment) as (process, _):
        assert process.stdout is not None
        drain = threading.Thread(target=process.stdout.read)
        drain.start()
        while process.poll() is None:
            for pid in tree_of(process.pid):
                peaks[pid] = max(peaks.get(pid, 0.0), _peak(pid))
            time.sleep(0.002)
        drain.join()
    own = peaks.pop(process.pid, 0.0)
    return own, max(peaks.values(), default=0.0)


def _peak(pid: int) -> float:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / MIB
    return 0.0


def tree_of(root: int) -> list[int]:
    """`root` and the processes below it that are alive now."""
    found = [root]
    for pid in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                found += map(int, (task / "children").read_text(encoding="ascii").split())
    return found


@contextlib.contextmanager
def _started(
    command: list[str], folder: Path, limit: float, environment: dict[str, str] | None
) -> Iterator[tuple[subprocess.Popen[str], float]]:
    """The command, on one core, in a session of its own that is killed after `limit` seconds."""
    with _one_core():
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    timer = threading.Timer(limit, _kill, [process.pid])
    timer.start()
    try:
        yield process, start
    finally:
        timer.cancel()
        _kill(process.pid)
        if process.stdout is not None:
            process.stdout.close()
        process.wait()


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


@contextlib.contextmanager
def _one_core() -> Iterator[None]:
    """What is started in here stays on one core, where the system can do that; this process itself is set free again."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)
