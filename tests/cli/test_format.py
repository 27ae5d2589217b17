"""`prover format`: what it writes, and what it leaves alone."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from prover.cli.main import main

UGLY = "triple   t // why\n{x=1 and y != 2}x:=x+1{x=2}\n"


@pytest.fixture
def ugly(tmp_path: Path) -> Path:
    path = tmp_path / "ugly.proof"
    path.write_text(UGLY)
    path.chmod(0o640)
    return path


def test_rewrites_in_place(ugly: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["format", str(ugly)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 file changed, 0 left as they are"
    text = ugly.read_text()
    assert "// why" in text
    assert "x := x + 1" in text
    assert ugly.stat().st_mode & 0o777 == 0o640
    assert [p.name for p in ugly.parent.iterdir()] == ["ugly.proof"]
    assert main(["format", str(ugly)]) == 0
    assert capsys.readouterr().out == "0 files changed, 1 left as they are\n"
    assert ugly.read_text() == text


def test_check_changes_nothing(ugly: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["format", "--check", str(ugly)]) == 1
    assert ugly.read_text() == UGLY
    assert "would change" in capsys.readouterr().out


def test_unicode_and_back(ugly: Path) -> None:
    assert main(["format", "--unicode", str(ugly)]) == 0
    assert "x = 1 ∧ y ≠ 2" in ugly.read_text(encoding="utf-8")
    assert main(["format", "--ascii", str(ugly)]) == 0
    assert "x = 1 and y != 2" in ugly.read_text()


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(UGLY.encode())))
    assert main(["format", "-"]) == 0
    assert "x := x + 1" in capsys.readouterr().out


def test_a_file_with_mistakes_is_left_alone(ugly: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = ugly.parent / "wrong.proof"
    wrong.write_text("triple t {x = 1} x = 2 {true}")
    assert main(["format", str(ugly.parent)]) == 2
    assert wrong.read_text() == "triple t {x = 1} x = 2 {true}"
    assert ugly.read_text() != UGLY
    assert "syntax-assign" in capsys.readouterr().err


def test_a_link_stays_a_link(ugly: Path, run_link: Callable[[Path], Path]) -> None:
    link = run_link(ugly)
    assert main(["format", str(link)]) == 0
    assert link.is_symlink()
    assert ugly.read_text() != UGLY


@pytest.fixture
def run_link(tmp_path: Path) -> Callable[[Path], Path]:
    def make(target: Path) -> Path:
        link = tmp_path / "link.proof"
        link.symlink_to(target)
        return link

    return make


def test_exercises_keep_their_holes(root: Path, tmp_path: Path) -> None:
    templates = sorted((root / "docs" / "course" / "exercises").rglob("*.proof"))
    assert len(templates) >= 60
    for number, template in enumerate(templates):
        text = template.read_text(encoding="utf-8")
        path = tmp_path / f"{number}.proof"
        path.write_text(text, encoding="utf-8")
        assert main(["format", str(path)]) == 0, template
        once = path.read_text(encoding="utf-8")
        assert once.split() and once.count("?") == text.count("?"), template
        assert main(["format", "--check", str(path)]) == 0, template
