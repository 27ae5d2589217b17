"""`prover test`: many runs, or all inputs of a range, and an estimate where those are too many."""

from __future__ import annotations

from pathlib import Path

import pytest

from prover.cli.main import main

TEXT = """procedure half(x: uint32, y: uint32, b: bool) returns (z: uint32)
  requires y > 0
  ensures  z <= x
begin
  z := x / y
end

procedure sum(x: uint32, y: uint32) returns (z: uint32)
  ensures z >= x
begin
  z := x + y
end

procedure first(a: int[]) returns (z: int)
  requires len(a) > 0
begin
  z := a[0]
end

procedure endless(x: int)
begin
  while true do skip end
end

procedure slow(n: nat)
begin
  for i := 1 to 800 do skip end;
  while n > 4 do skip end
end

procedure helped(n: nat) returns (i: nat)
begin
  i := 0;
  while i < n invariant i < n do i := i + 1 end
end
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("NO_COLOR", "1")
    (tmp_path / "a.proof").write_text(TEXT)
    return str(tmp_path / "a.proof")


@pytest.mark.parametrize(
    "words, status, said",
    [
        (["half", "--exhaustive", "0..9"], 0, "half: 180 runs (exhaustive), 20 inputs outside `requires`: nothing was broken\n"),
        (["half", "--exhaustive=-5..1"], 0, "half: 4 runs (exhaustive), 4 inputs outside `requires`: nothing was broken\n"),
        (["half", "--exhaustive=-5..-1"], 0, "half: 0 runs (exhaustive): nothing was broken\n"),
        (["half", "--exhaustive", "0..4294967295"], 1, "would take centuries; none was tried\n"),
        (["sum", "--exhaustive", "4294967290..4294967300"], 1, "from x = 4294967290, y = 4294967290, breaks this"),
        (["sum", "--seed", "3"], 1, "breaks this"),
        (["first", "--runs", "50"], 0, "nothing was broken"),
        (["slow", "--runs", "80"], 0, "80 runs (seed 0), 75 stopped before"),
        (["slow", "--exhaustive", "0..19"], 0, "slow: 20 runs (exhaustive), 15 stopped before"),
        (["endless", "--runs", "3"], 0, "endless: 3 runs (seed 0), 3 stopped before their end: nothing was broken"),
        (["helped"], 1, "run-invariant"),
    ],
)
def test_what_is_said(file: str, words: list[str], status: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", file, *words]) == status
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [["sum", "--exhaustive", "5..4"], ["sum", "--exhaustive", "x"], ["first", "--exhaustive", "0..1"], []]
)
def test_usage(file: str, words: list[str]) -> None:
    assert main(["test", file, *words]) == 2


def test_same_seed_same_runs(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = [(main(["test", file, "sum", "--seed", seed]), capsys.readouterr().out)[1] for seed in ("1", "1", "2")]
    assert said[0] == said[1] != said[2]
