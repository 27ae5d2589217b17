"""Faults of the world while the command runs: a solver that is killed, a disk that is full, a cache that is damaged or shared,
signals at any moment.  Nothing wrong is reported, nothing is left running or half-written, and the next run works.
"""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from prover.batch.crew import Crew
from prover.batch.messages import Setup
from prover.check import Options, check_files
from prover.inputs import Input
from prover.report import FileReport, Reason, Status
from prover.solve.process import Pool, Worker
from tests.processes import below, gone

ROOT = Path(__file__).parent.parent.parent
GOOD = "procedure good{n}(x: int) returns (y: int)\n  ensures y = x + {n}\nbegin\n  y := x + {n}\nend\n"
WRONG = "procedure wrong{n}(x: int) returns (y: int)\n  ensures y = x + {n}\nbegin\n  y := x\nend\n"
# Nothing that z3 finishes in the time that it gets here.
HARD = "procedure hard(x, y: int)\n  requires y > 1000\n  ensures x * x * x != 2 * y * y * y + 7\nbegin\n  skip\nend\n"
linux = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at processes in /proc")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Forty files of which each fourth is wrong, and one that takes long."""
    (tmp_path / "in").mkdir()
    (tmp_path / "cache").mkdir(mode=0o700)
    for n in range(1, 41):
        (tmp_path / "in" / f"f{n:02}.proof").write_text((WRONG if n % 4 == 0 else GOOD).format(n=n))
    (tmp_path / "in" / "f10h.proof").write_text(HARD)
    return tmp_path


def command(*arguments: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "prover",
        "check",
        "--format",
        "json",
        "--timeout",
        "1",
        "--jobs",
        "2",
        "--no-infer",
        *arguments,
        "in",
    ]


def begun(folder: Path, *arguments: str, limit: int | None = None) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder / "cache"), "TMPDIR": str(folder)}

    def limited() -> None:
        if limit is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.Popen(
        command(*arguments), cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=limited if limit is not None else None,  # noqa: PLW1509 - this process has no threads that matter here
    )  # fmt: skip


def finished(process: subprocess.Popen[str]) -> tuple[dict[str, str], str]:
    """The statuses by file, and what was said; the run must end by itself and well."""
    out, said = process.communicate(timeout=120)
    assert process.returncode == 1, said
    assert "Traceback" not in said and "internal error" not in said
    return {f["path"].rpartition("/")[2]: f["status"] for f in json.loads(out)["files"]}, said


def expected(name: str) -> set[str]:
    if name == "f10h.proof":
        return {"unknown"}
    return {"refuted"} if int(name[1:3]) % 4 == 0 else {"proved"}


def right(statuses: dict[str, str]) -> None:
    assert len(statuses) == 41
    assert {n: s for n, s in statuses.items() if s not in expected(n)} == {}


# Solvers that are killed


def test_solvers_killed_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whenever a process is killed, its goal is *don't know* at most; what is proved and refuted stays that."""
    rng, workers, stop = random.Random(8), [], threading.Event()
    start = Worker.start

    def noted(worker: Worker) -> subprocess.Popen[bytes]:
        process = start(worker)
        workers.append(process)
        return process

    def murder() -> None:
        while not stop.wait(rng.uniform(0.002, 0.03)):
            if workers:
                workers[-1].kill()

    monkeypatch.setattr(Worker, "start", noted)
    thread = threading.Thread(target=murder)
    thread.start()
    texts = [(GOOD if n % 2 else WRONG).format(n=n) * 1 for n in range(1, 41)]
    inputs = [Input(f"f{n}.proof", text.encode(), Path("/nowhere")) for n, text in enumerate(texts, 1)]
    try:
        reports = list(check_files(inputs, Options(jobs=2, infer=False, timeout=2)))
    finally:
        stop.set()
        thread.join()
    assert len({p.pid for p in workers}) > 5, "some were killed"
    for number, report in enumerate(reports, 1):
        assert report.status in ((Status.PROVED, Status.UNKNOWN) if number % 2 else (Status.REFUTED, Status.UNKNOWN))
    assert any(g.reason is Reason.WORKER_DIED for r in reports for u in r.units for g in u.goals)
    monkeypatch.undo()
    again = list(check_files(inputs, Options(jobs=2, infer=False)))
    assert [r.status for r in again] == [Status.PROVED if n % 2 else Status.REFUTED for n in range(1, 41)]


@linux
def test_a_front_end_is_killed(folder: Path) -> None:
    """Its file is given to another; nothing is said that is not so."""
    process = begun(folder, "--no-cache")
    seen: set[int] = set()
    for _ in range(200):
        fresh = [p for p in below(process.pid) if p not in seen and b"frontend" in _line(p)]
        seen.update(fresh)
        if fresh:
            time.sleep(0.2)
            os.kill(fresh[0], signal.SIGKILL)
            break
        time.sleep(0.02)
    statuses, _ = finished(process)
    assert {n: s for n, s in statuses.items() if s not in (*expected(n), "unknown")} == {}
    assert gone(list(seen))


def _line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


# The cache


def test_a_full_disk_under_the_cache(folder: Path) -> None:
    """No file may grow beyond a few blocks: the cache is given up with a sentence, the answers are the same."""
    for limit in (0, 4_096, 40_000):
        statuses, said = finished(begun(folder, limit=limit))
        right(statuses)
        assert "cache" in said
    statuses, said = finished(begun(folder))
    right(statuses)
    statuses, said = finished(begun(folder))
    right(statuses)
    assert said == ""


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_cache(folder: Path, seed: int) -> None:
    """Bytes are changed anywhere in its files, or in entries; no damaged entry is believed."""
    rng = random.Random(seed)
    first, _ = finished(begun(folder))
    right(first)
    path = folder / "cache" / "prover" / "cache.sqlite"
    if seed < 3:
        data = bytearray(path.read_bytes())
        for _ in range(200):
            at = rng.randrange(100, len(data))
            data[at : at + 8] = rng.randbytes(8)
        path.write_bytes(data[: len(data) - (seed * 5_000)])
    else:
        # Of a wrong file's report and a right one's, each is put in the other's place.
        with sqlite3.connect(path) as raw:
            rows = list(raw.execute("SELECT key, value FROM entries ORDER BY key"))
            for (key, _), (_, value) in zip(rows, rows[1:] + rows[:1], strict=True):
                raw.execute("UPDATE entries SET value = ? WHERE key = ?", (value, key))
        raw.close()
    for _ in range(2):
        statuses, _ = finished(begun(folder))
        right(statuses)


def test_two_runs_at_once(folder: Path) -> None:
    for _ in range(2):
        for process in [begun(folder) for _ in range(3)]:
            statuses, said = finished(process)
            right(statuses)
            assert said == ""


# Signals


@linux
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_at_any_moment(folder: Path, number: signal.Signals) -> None:
    """Stopped early and late, with a cache: no child goes on, nothing lies around, and the next run is right."""
    rng = random.Random(int(number))
    target = folder / "out.json"
    for moment in (0.02, 0.15, *[rng.uniform(0.1, 2.0) for _ in range(3)]):
        process = begun(folder, "--output-file", f"json={target}")
        time.sleep(moment)
        children = below(process.pid)
        process.send_signal(number)
        _, said = process.communicate(timeout=30)  # (standard output is a stream, and may break off)
        assert process.returncode in (1, 128 + number, -number), said
        # Before our own code runs, Python itself says that it was interrupted.
        assert process.returncode == -number or "Traceback" not in said or moment < 0.1
        assert gone(children)
        if target.exists():
            json.loads(target.read_text())
    left = {p.name for p in folder.iterdir()} - {"in", "cache", "out.json"}
    assert not left or number is signal.SIGKILL  # (after which nobody can take away what is not yet in its place)
    statuses, said = finished(begun(folder))
    right(statuses)
    assert "damaged" not in said


def reports_of(texts: list[str]) -> list[FileReport]:
    inputs = [Input(f"f{n}.proof", text.encode(), Path("/nowhere")) for n, text in enumerate(texts)]
    return list(check_files(inputs, Options(jobs=1, infer=False)))


def test_no_solver_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when there are too many processes: all is *don't know*, but for what a run shows to be wrong."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    good, wrong = reports_of([GOOD.format(n=1), WRONG.format(n=1)])
    assert good.status is Status.UNKNOWN
    assert wrong.status in (Status.REFUTED, Status.UNKNOWN)


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_signal_between_taking_a_lock_and_the_body() -> None:
    """What is raised just there leaves the lock held for good; the run ends all the same, and so do its processes."""
    finished: list[int] = []
    with Pool(1) as pool:
        crew = Crew(1, Setup(Options(jobs=1, infer=False), None, None, 2_000), pool, lambda number, _: finished.append(number))
        crew.submit(0, Input("a.proof", GOOD.format(n=1).encode(), Path("/nowhere")), 1)
        while not crew._processes:
            time.sleep(0.01)
        processes = list(crew._processes)
        for held in (crew._ready, pool._ready):
            held.acquire()
        began = time.monotonic()
        crew.close()
    assert time.monotonic() - began < 60
    assert gone([p.pid for p in processes])
    for held in (crew._ready, pool._ready):
        held.release()
    for thread in (*crew._threads, *pool._threads):
        thread.join(30)
        assert not thread.is_alive()
