"""`prover terminates` and `prover infer`, whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from prover.cli.main import main

TWO = """procedure a(inout x: int)
begin
  while x > 0 do x := x - 1 end
end

procedure b(inout x: int)
begin
  while true do skip end
end
"""
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def prover(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)
    Path("two.proof").write_text(TWO)

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(arguments)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def test_the_founding_questions(prover: Run, root: Path, golden: Callable[[str, str], None]) -> None:
    printed = []
    for name, expected in (("g", 0), ("g2", 1), ("g2_recurrent", 1), ("h", 1), ("collatz", 1)):
        status, out, err = prover("terminates", str(root / "proofs" / "motivation" / f"{name}.proof"))
        assert (status, err) == (expected, "")
        printed.append(f"{name}.proof\n{out}")
    golden("cli/terminates.txt", "\n".join(printed))


def test_names_choose_what_is_asked(prover: Run) -> None:
    status, out, _ = prover("terminates", "two.proof", "a")
    assert status == 0
    assert out.startswith("a: yes\n")
    status, out, _ = prover("terminates", "two.proof")
    assert status == 1
    assert "\nb: no\n" in out


def test_an_unknown_name_is_a_mistake(prover: Run) -> None:
    status, out, err = prover("terminates", "two.proof", "c")
    assert (status, out) == (2, "")
    assert "error[name-unit]" in err


def test_json_answers_for_every_procedure(prover: Run) -> None:
    status, out, _ = prover("terminates", "--format", "json", "two.proof")
    units = json.loads(out)["files"][0]["units"]
    assert status == 1
    assert {u["name"]: u["terminates"] for u in units} == {"a": "yes", "b": "no"}
    assert units[0]["evidence"]["loops"][0]["variant"] == ["x"]


def test_a_file_with_mistakes(prover: Run) -> None:
    Path("bad.proof").write_text("procedure p() begin x := end")
    assert prover("terminates", "bad.proof")[0] == 2
    assert prover("infer", "bad.proof")[0] == 2


def test_infer_prints_and_leaves_the_file(prover: Run) -> None:
    status, out, _ = prover("infer", "--total", "two.proof")
    assert status == 1
    assert "  3:3 while x > 0\n      variant x\n" in out
    assert Path("two.proof").read_text() == TWO


def test_infer_writes_what_is_then_proved_without_inference(prover: Run) -> None:
    text = "// kept\nprocedure a(inout x: int)\n  terminates\nbegin\n  while x > 0 do // here\n    x := x - 1\n  end\nend\n"
    Path("one.proof").write_text(text)
    assert prover("check", "--no-infer", "one.proof")[0] == 1
    status, out, _ = prover("infer", "--write", "one.proof")
    assert status == 0
    assert out.endswith("1 annotation written\n")
    assert Path("one.proof").read_text() == text.replace(" do //", "\n    variant x\n  do //")
    assert prover("check", "--no-infer", "one.proof")[0] == 0
    before = Path("one.proof").read_text()
    assert prover("infer", "--write", "one.proof")[1].endswith("0 annotations written\n")
    assert Path("one.proof").read_text() == before
