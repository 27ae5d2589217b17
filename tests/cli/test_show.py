"""`prover goals` and `prover wp`: what is to be proved, and the textbook's way to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from prover.cli.main import main

PROGRAM = """procedure fill(inout a: int[], v: int)
  ensures forall k: int :: 0 <= k < len(a) ==> a[k] = v
begin
  var i := 0;
  while i < len(a)
    invariant bound: 0 <= i <= len(a)
    invariant done: forall k: int :: 0 <= k < i ==> a[k] = v
    variant len(a) - i
  do
    a[i] := v;
    i := i + 1
  end
end

triple swap
{ x = p and y = q }
  t := x;
  if x != y then x := y; y := t end
{ x = q and y = p }

axiom zero: 0 = 0
"""


@pytest.fixture
def show(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    (tmp_path / "fill.proof").write_text(PROGRAM)
    monkeypatch.chdir(tmp_path)

    def execute(command: str, *arguments: str) -> tuple[int, str]:
        status = main([command, "--color", "never", "fill.proof", *arguments])
        written = capsys.readouterr()
        return status, written.out + written.err

    return execute


CASES = {
    "goals-all": ("goals",),
    "goals-prefix": ("goals", "fill.loop1.done"),
    "goals-unknown": ("goals", "fill.loop7"),
    "wp-swap": ("wp", "swap"),
    "wp-fill-total": ("wp", "--total", "--unicode", "fill"),
    "wp-axiom": ("wp", "zero"),
}


@pytest.mark.parametrize("name", CASES)
def test_show(name: str, show: Callable[..., tuple[int, str]], golden: Callable[[str, str], None]) -> None:
    status, text = show(*CASES[name])
    assert status == (2 if name in ("goals-unknown", "wp-axiom") else 0)
    golden(f"cli/{name}.txt", text)
