"""What a change touches, what git says has changed, and watching."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from prover.batch.touched import Imports, changed_since
from prover.cli.main import main
from prover.diagnostic import InputError
from prover.inputs import gather

BASE = "procedure one() returns (x: int)\n  ensures x = 1\nbegin\n  x := 1\nend\n"
MIDDLE = 'import "base.proof"\nprocedure two() returns (x: int)\n  ensures x = 1\nbegin\n  x := one()\nend\n'
TOP = 'import "middle.proof"\ntriple t { true } x := two() { x = 1 }\n'
OTHER = "triple add { x = 1 } x := x + 1 { x = 2 }\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: top imports middle, that imports base; other stands alone."""
    for name, text in (("base", BASE), ("middle", MIDDLE), ("top", TOP), ("other", OTHER)):
        (tmp_path / f"{name}.proof").write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def git(*arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(folder: Path) -> Path:
    git("init")
    git("add", "-A")
    git("commit", "-m", "first")
    return folder


@pytest.mark.parametrize(
    ("changed", "touched"),
    [("base", ["base", "middle", "top"]), ("middle", ["middle", "top"]), ("top", ["top"]), ("other", ["other"])],
)
def test_importers_are_touched(folder: Path, changed: str, touched: list[str]) -> None:
    found = Imports().touched(gather(["."]), [os.path.realpath(f"{changed}.proof")])
    assert [i.name.removesuffix(".proof") for i in found] == touched


def test_a_file_that_is_gone_touches_its_importers(folder: Path) -> None:
    (folder / "base.proof").unlink()
    found = Imports().touched(gather(["."]), [os.path.realpath("base.proof")])
    assert [i.name for i in found] == ["middle.proof", "top.proof"]


def test_circles_end(folder: Path) -> None:
    (folder / "base.proof").write_text('import "top.proof"\n')
    assert len(Imports().touched(gather(["."]), [os.path.realpath("top.proof")])) == 3


def test_since(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--since", "HEAD", "."]) == 0
    assert capsys.readouterr().out == "0 files: nothing to check; 0 goals proved\n"
    (repository / "middle.proof").write_text(MIDDLE + "// changed\n")
    (repository / "new one.proof").write_text(OTHER)
    assert main(["check", "--since", "HEAD", "."]) == 0
    names = [line.split("proved   ")[1].split(":")[0] for line in capsys.readouterr().out.splitlines()[:-1]]
    assert names == ["middle.proof", "new one.proof", "top.proof"]
    git("add", "-A")
    git("commit", "-m", "second")
    assert len(changed_since("HEAD")) == 0
    assert {Path(p).name for p in changed_since("HEAD~1")} == {"middle.proof", "new one.proof"}


def test_since_runs_nothing_of_the_repository(repository: Path) -> None:
    for name in ("diff.external", "core.fsmonitor", "diff.x.textconv"):
        git("config", name, "touch ran; false")
    (repository / ".gitattributes").write_text("*.proof diff=x\n")
    (repository / "base.proof").write_text(BASE + "\n")
    assert any(p.endswith("base.proof") for p in changed_since("HEAD"))
    assert not (repository / "ran").exists()


@pytest.mark.parametrize("revision", ["nope", "--output=x", "HEAD:base.proof", ""])
def test_revisions_that_are_none(repository: Path, revision: str) -> None:
    with pytest.raises(InputError) as refused:
        changed_since(revision)
    assert [d.code for d in refused.value.diagnostics] == ["input-since"]
    assert not (repository / "x").exists()


def test_no_repository(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
    with pytest.raises(InputError):
        changed_since("HEAD")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(InputError, match="git is not installed"):
        changed_since("HEAD")


# Watching


class Watcher:
    """`check --watch` as a process, and what it has written."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.path = folder.parent / f"{folder.name}.out"
        self.stream = self.path.open("w")
        command = [sys.executable, "-u", "-m", "prover", "check", "--watch", "--jobs", "1", "--no-infer", "."]
        self.process = subprocess.Popen(
            command, cwd=folder, stdout=self.stream, stderr=subprocess.STDOUT, env={**os.environ, "PYTHONPATH": str(root)}
        )

    def round(self, number: int) -> str:
        """What is printed in the round of that number (from 1), once it has ended."""
        for _ in range(300):
            parts = self.path.read_text().split("for changes; Ctrl-C ends\n")
            if len(parts) > number:
                return parts[number - 1]
            time.sleep(0.1)
        raise AssertionError(self.path.read_text())

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait()
        self.stream.close()
        return status


def test_watching(folder: Path, root: Path) -> None:
    watcher = Watcher(root, folder)
    try:
        assert "4 files: 4 proved" in watcher.round(1)
        (folder / "base.proof").write_text(BASE.replace("x = 1", "x >= 1"))
        text = watcher.round(2)
        assert "changed: base.proof, middle.proof, top.proof" in text
        assert "✓ proved   base.proof" in text and "✗ refuted  middle.proof" not in text.split("3 files:")[1]
        assert "other.proof" not in text
        (folder / "base.proof").write_text("procedure one(")
        assert "! invalid  base.proof" in watcher.round(3)
        (folder / "base.proof").unlink()
        assert "! invalid  middle.proof" in watcher.round(4)
        (folder / "other.proof").unlink()
        assert "a file is gone" in watcher.round(5)
        (folder / "base.proof").write_text(BASE)
        assert "3 files: 3 proved" in watcher.round(6)
    finally:
        status = watcher.end()
    assert status == 0
    assert "Traceback" not in watcher.path.read_text()


def test_watching_goes_with_few_formats(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--watch", "--format", "json", "."]) == 2
    assert "`--watch` goes with the formats text and concise" in capsys.readouterr().err
