"""Commands of the prompt that ask what the batch commands ask."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TEXT = """procedure count(n: int) returns (i: int)
  requires n >= 0
  ensures  i = n
begin
  i := 0;
  while i < n do
    i := i + 1
  end
end

procedure wrong(x: int) returns (y: int)
  ensures y > x
begin
  y := x
end
"""


def typed(folder: Path, *lines: str) -> tuple[int, str]:
    (folder / "a.proof").write_text(TEXT, encoding="utf-8")
    command = [sys.executable, "-m", "prover", "repl", "a.proof", *[w for line in lines for w in ("-c", line)]]
    environment = {
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "XDG_STATE_HOME": str(folder),
        "NO_COLOR": "1",
        "PYTHONUTF8": "1",
    }
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=100)
    return done.returncode, done.stdout


def test_infer_adds_what_is_missing(tmp_path: Path) -> None:
    _, out = typed(tmp_path, "infer count", "infer add count", "save")
    assert "`infer add` puts them into the text" in out and "1 annotation added" in out
    assert "    invariant i <= n\n" in (tmp_path / "a.proof").read_text(encoding="utf-8")


def test_terminates_and_trust(tmp_path: Path) -> None:
    _, out = typed(tmp_path, "terminates count", "trust")
    assert "count: yes" in out and "variant n - i" in out
    assert "partial correctness only" in out and "every answer rests on" in out


def test_test_shows_the_run_that_breaks(tmp_path: Path) -> None:
    status, out = typed(tmp_path, "test count", "test wrong")
    assert status == 1
    assert "nothing was broken; that proves nothing" in out and "wrong from x = 0" in out


def test_an_unknown_unit_is_said(tmp_path: Path) -> None:
    status, out = typed(tmp_path, "infer nothing", "test nothing", "terminates nothing")
    assert status == 1 and out.count("there is no") == 3


def test_conjuncts(tmp_path: Path) -> None:
    assert "there is no procedure, triple or lemma `wrong` with a loop" in typed(tmp_path, "conjuncts wrong")[1]
    shown = typed(tmp_path, "invariant loop1 0 <= i and i <= n", "conjuncts count")[1]
    assert "loop1, conjunct by conjunct" in shown
    assert "inv1.2  i <= n\n          on entry: yes; kept: yes by itself; needed for count.ensures1" in shown


def test_settings_are_set_and_used(tmp_path: Path) -> None:
    status, shown = typed(tmp_path, "set rlimit 100000", "set timeout 3", "set", "status")
    assert status == 0
    assert shown.startswith("rlimit is 100000\ntimeout is 3\nrlimit 100000  (solver steps a goal)\ntimeout 3  (seconds a unit)\n")


def test_an_assertion_stands_where_a_statement_can(tmp_path: Path) -> None:
    assert "error[session-edit]: in line 3 no statement begins and no block ends" in typed(tmp_path, "assert 3 n >= 0")[1]
    assert "the next such line is 5: `i := 0;`" in typed(tmp_path, "assert 4 n >= 0")[1]
    assert "assertion put before line 9" in typed(tmp_path, "assert 9 i >= n")[1]
