"""Ctrl-C while there is something to search for: what was found so far is told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COUNT = """procedure count(n: int)
  terminates
begin
  var x := n;
  while x > 0 do x := x - 1 end
end
"""
HARD = """procedure collatz{0}(n: int)
  requires n > {0}
  terminates
begin
  var x := n;
  while x != 1 do
    if x mod 2 = 0 then x := x / 2 else x := 3 * x + 1 end
  end
end
"""
MANY = COUNT + "".join(HARD.format(n) for n in range(12))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "many.proof"
    path.write_text(MANY)
    return path


def interrupted(root: Path, seconds: float, *arguments: str) -> tuple[int, str, str]:
    """Ctrl-C in a terminal goes to all processes of its group.  Status, output, errors."""
    process = subprocess.Popen(
        [sys.executable, "-m", "prover", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(root), "PYTHONIOENCODING": "utf-8"},
        start_new_session=True,
    )
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    return process.returncode, output, errors


def found(root: Path, *arguments: str) -> tuple[str, str]:
    """Output and errors of a run that was interrupted once the first unit was done, however slow the machine is."""
    for seconds in (2.0, 4.0, 8.0):
        status, output, errors = interrupted(root, seconds, *arguments)
        assert status == 130
        assert "Traceback" not in errors
        if "variant x" in output:
            break
    return output, errors


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs groups of processes")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "--no-cache", "--jobs", "1"], "found for 5:3: variant x"),
        (["check", "--no-cache", "--jobs", "2"], "warning[input-interrupted]"),
        (["terminates"], "interrupted: what was not settled"),
        (["infer"], "      variant x"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_what_was_found_is_told(arguments: list[str], said: str, file: Path, root: Path) -> None:
    output, errors = found(root, *arguments, str(file))
    assert said in output
    assert "variant x" in output
    assert errors.endswith("prover: interrupted\n")


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs groups of processes")
@pytest.mark.parametrize("command", ["check", "terminates", "infer"])
def test_json_is_whole(command: str, file: Path, root: Path) -> None:
    output, _ = found(root, command, "--format", "json", str(file))
    (report,) = json.loads(output)["files"]
    assert [d["code"] for d in report["diagnostics"]] == ["input-interrupted"]
    answers = [u["terminates"] for u in report["units"] if u["terminates"] is not None]
    assert answers[0] == "yes"
    assert set(answers[1:]) == {"unknown"}


def test_nothing_is_remembered_and_nothing_written(
    file: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    prover(root, "check", "--no-cache", str(file), "--timeout", "0.1", "--filter", "count")  # the first run makes tables
    found(root, "infer", "--write", str(file))
    assert file.read_text() == MANY
    found(root, "check", str(file))
    assert prover(root, "cache", "info").splitlines()[1].startswith("0 reports of files")


def prover(root: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "prover", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment).stdout
