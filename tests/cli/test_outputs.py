"""`--format` and `--output-file`: several formats of one run, whole or not at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from prover.cli.main import main
from prover.render.formats import FORMATS

PROVED = "triple add { x = 1 } x := x + 1 { x = 2 }\n"
WRONG = "triple sub { x = 1 } x := x - 1 { x = 2 }\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.proof").write_text(PROVED)
    (tmp_path / "b.proof").write_text(WRONG)
    return tmp_path


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_holds_what_standard_output_would(name: str, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--format", name, "a.proof", "b.proof"]) == 1
    spoken = capfd.readouterr().out
    assert main(["check", "--output-file", f"{name}=out", "--jobs", "1", "a.proof", "b.proof"]) == 1
    assert (folder / "out").read_text(encoding="utf-8") == spoken
    assert sorted(p.name for p in folder.iterdir()) == ["a.proof", "b.proof", "out"]
    assert (folder / "out").stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_several_at_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [f"--output-file={name}=out.{name}" for name in FORMATS]
    assert main(["check", *files, "a.proof"]) == 0
    assert capsys.readouterr().out.endswith("1 file: 1 proved; 1 goal proved\n")
    assert json.loads((folder / "out.json").read_text())["summary"]["proved"] == 1
    assert len(list(folder.glob("out.*"))) == len(FORMATS)


def test_one_that_cannot_be_written_stops_no_other(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--output-file=json=gone/out.json", "--output-file=junit=out.xml", "a.proof"]) == 2
    written = capsys.readouterr()
    assert written.err == "prover: cannot write `gone/out.json`: No such file or directory\n"
    assert written.out.endswith("1 file: 1 proved; 1 goal proved\n")
    assert (folder / "out.xml").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--output-file=json=/dev/full", "--output-file=junit=out.xml", "a.proof"]) == 2
    assert capsys.readouterr().err == "prover: cannot write `/dev/full`: No space left on device\n"
    assert (folder / "out.xml").exists()


def test_what_was_there_stays_where_a_run_is_interrupted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "out.json").write_text("old")

    def stop(*_: object, **__: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr("prover.cli.check.check_all", stop)
    assert main(["check", "--output-file=json=out.json", "a.proof"]) == 130
    assert (folder / "out.json").read_text() == "old"
    assert sorted(p.name for p in folder.iterdir()) == ["a.proof", "b.proof", "out.json"]


@pytest.mark.parametrize("target", ["json", "yaml=x", "json="])
def test_usage(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--output-file", target, "a.proof"]) == 2
    assert "is not FMT=PATH with one of the formats text, concise, json" in capsys.readouterr().err


def test_a_reader_that_goes_away(folder: Path, root: Path) -> None:
    for number in range(40):
        (folder / f"c{number:02}.proof").write_text(PROVED)
    command = [sys.executable, "-m", "prover", "check", "."]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(root)}
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 141
    process.stderr.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_standard_output_on_a_full_disk(root: Path) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "prover", "check", "a.proof"]
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(root)}
        )
    assert (done.returncode, done.stderr) == (2, "prover: cannot write the output: No space left on device\n")
