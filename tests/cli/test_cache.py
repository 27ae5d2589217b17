"""`prover cache`, and what `prover check` does with the cache."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from prover.cli.main import main

TEXT = "triple add { x = 1 } x := x + 1 { x = 2 }\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an empty cache; the current folder holds a.proof."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.proof").write_text(TEXT)
    return tmp_path / "home" / "prover"


def test_info_and_clear(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "a.proof"]) == 0
    first = capsys.readouterr().out
    assert main(["check", "a.proof"]) == 0
    assert capsys.readouterr().out == first
    assert main(["cache", "info"]) == 0
    place, entries, _ = capsys.readouterr().out.splitlines()
    assert place == str(home / "cache.sqlite")
    assert entries == "1 report of a file, 1 answer of the solver"
    assert main(["cache", "clear"]) == 0
    assert capsys.readouterr().out == "2 entries removed\n"


def test_without(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--no-cache", "a.proof"]) == 0
    assert not (home / "cache.sqlite").exists()


def test_one_that_cannot_be_used_is_said(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home.mkdir(parents=True)
    home.chmod(0o777)
    assert main(["check", "a.proof"]) == 0
    written = capsys.readouterr()
    assert written.out == "✓ proved   a.proof: 1 unit, 1 goal\n1 file: 1 proved; 1 goal proved\n"
    assert written.err == "prover: there is no cache: the user's cache folder cannot be made, or others may write to it\n"
    assert main(["cache", "info"]) == 1


def test_beside_the_file_it_is_not_looked_for(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("cache.sqlite", ".cache/prover/cache.sqlite", "prover/cache.sqlite"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"planted")
    assert main(["check", "a.proof"]) == 0
    assert capsys.readouterr().err == ""
    assert (tmp_path / "cache.sqlite").read_bytes() == b"planted"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_read_only(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home.mkdir(parents=True)
    home.chmod(0o500)
    assert main(["check", "a.proof"]) == 0
    assert "is not used" in capsys.readouterr().err


def test_without_a_hit_no_more_is_loaded(home: Path, root: Path) -> None:
    """Engines, interpreter and the renderers of other formats stay out of a run that proves or recalls."""
    code = "import sys; from prover.cli.main import main; main(['check', 'a.proof']); print(*sys.modules)"
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(root)}
        )
        loaded = done.stdout.split()
        assert "prover.cache.store" in loaded, done.stderr
        assert not {"z3", "prompt_toolkit", "prover.infer.search", "prover.render.json", "asyncio"} & set(loaded)
