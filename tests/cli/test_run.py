"""`prover run`: executing programs."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from prover.cli.main import main

SUM = """procedure sum(n: int) returns (s: int)
  requires n >= 0
  ensures 2 * s = n * (n + 1)
begin
  var i := 0;
  s := 0;
  while i < n
    invariant i <= n
    variant n - i
  do
    i := i + 1;
    s := s + i
  end
end

procedure wrong(a: int[], k: int) returns (r: int)
  ensures r > 0
begin
  r := a[k];
  while k > 0 and r = 7
    invariant r != 7
    variant k
  do
    r := 8
  end
end

procedure forever() returns (x: int)
begin
  x := 0;
  while true do x := x + 1 end
end

procedure walk() returns (x: int)
begin
  x := *;
  if * then x := 0 end
end
"""


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    (tmp_path / "sum.proof").write_text(SUM)
    monkeypatch.chdir(tmp_path)

    def execute(*arguments: str) -> tuple[int, str]:
        status = main(["run", "--color", "never", "sum.proof", *arguments])
        written = capsys.readouterr()
        return status, written.out + written.err

    return execute


CASES = {
    "ended": (("sum", "n=4"), 0),
    "trace": (("sum", "--trace", "n=2"), 0),
    "requires": (("sum", "n=-1"), 2),
    "ensures": (("wrong", "a=[-5]", "k=0"), 1),
    "index": (("wrong", "a=[1, 2]", "k=2"), 1),
    "annotation": (("wrong", "a=[7, 7]", "k=1"), 1),
    "steps": (("forever", "--max-steps", "50"), 1),
    "choices": (("walk", "--seed", "3"), 0),
    "inputs": (("sum", "n=true", "m=1"), 2),
    "which": ((), 2),
    "name": (("summ", "n=1"), 2),
}


@pytest.mark.parametrize("name", CASES)
def test_run(name: str, run: Callable[..., tuple[int, str]], golden: Callable[[str, str], None]) -> None:
    arguments, status = CASES[name]
    found, text = run(*arguments)
    assert found == status, text
    golden(f"cli/run-{name}.txt", text)


def test_interruption(tmp_path: Path, root: Path) -> None:
    (tmp_path / "sum.proof").write_text(SUM)
    command = [
        sys.executable,
        "-m",
        "prover",
        "run",
        str(tmp_path / "sum.proof"),
        "forever",
        "--trace",
        "--max-steps",
        "100000000",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors.strip() == "prover: interrupted"


def test_a_run_remembers_where_it_started(tmp_path: Path) -> None:
    from prover.cli.load import load
    from prover.semantics.choices import RandomChoices
    from prover.semantics.run import run as execute

    (tmp_path / "inc.proof").write_text("procedure inc(inout x: int) begin var i := 1; x := x + i end")
    made = execute(load(str(tmp_path / "inc.proof")), "inc", {"x": 5}, choices=RandomChoices(0))
    assert made.initial == {"x": 5}
