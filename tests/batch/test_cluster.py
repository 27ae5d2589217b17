"""`--scheduler`: a cluster on this machine gives the same output, and losing it, or a part of it, changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

from prover.batch.cluster import connected
from prover.cli.main import main
from prover.diagnostic import InputError

pytestmark = pytest.mark.filterwarnings("ignore")


class Local:
    """A scheduler and two workers, each a process."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.environment = {**os.environ, "PYTHONPATH": str(root), "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "10s"}
        self.folder = folder
        file = folder / "scheduler.json"
        self.scheduler = self.start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)
        )
        for _ in range(300):
            if file.exists() and file.read_text().strip().endswith("}"):
                break
            time.sleep(0.1)
        import json

        self.address = json.loads(file.read_text())["address"]
        how = (self.address, "--nthreads", "1", "--no-dashboard", "--no-nanny", "--local-directory")
        self.workers = [self.start("worker", *how, str(folder / f"w{n}")) for n in range(2)]

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-W", "ignore", "-m", "dask", *arguments]
        return subprocess.Popen(
            command, cwd=self.folder, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path, root: Path) -> Iterator[Local]:
    found = Local(tmp_path, root)
    try:
        for _ in range(100):
            try:
                with connected(found.address) as cluster:
                    if cluster.jobs == 2:
                        break
            except InputError:
                pass
            time.sleep(0.2)
        yield found
    finally:
        found.close()


def files(folder: Path, count: int) -> str:
    (folder / "files").mkdir()
    for n in range(count):
        wrong = n % 10 == 3
        text = f"triple add {{ x = {n} }} x := x + 1 {{ x = {n + 1 + wrong} }}\n"
        (folder / "files" / f"f{n:03}.proof").write_text(text)
    return str(folder / "files")


def test_the_same_output_and_lost_workers(cluster: Local, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = files(tmp_path, 40)
    assert main(["check", "--no-cache", "--no-infer", path]) == 1
    here = capsys.readouterr().out
    assert main(["check", "--no-cache", "--no-infer", "--scheduler", cluster.address, path]) == 1
    written = capsys.readouterr()
    assert (written.out, written.err) == (here, "")
    cluster.workers[0].kill()
    assert main(["check", "--no-cache", "--no-infer", "--scheduler", cluster.address, path]) == 1
    written = capsys.readouterr()
    assert (written.out, written.err) == (here, "")
    command = [sys.executable, "-m", "prover", "check", "--no-cache", "--no-infer", "--scheduler", cluster.address, path]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=cluster.environment, text=True)
    with process:
        assert process.stdout is not None
        first = process.stdout.readline()
        cluster.close()
        out, err = process.communicate()
    assert process.returncode == 1
    assert first + out == here
    assert "is lost" in err or not err, "all may have been answered before"


def test_none_there(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prover.batch.cluster.CONNECT_SECONDS", 1)
    (tmp_path / "a.proof").write_text("triple t { true } skip { true }\n")
    for address in ("tcp://127.0.0.1:9", "nonsense://x"):
        assert main(["check", "--scheduler", address, str(tmp_path)]) == 2
        assert "error[input-cluster]: the cluster at" in capsys.readouterr().err
