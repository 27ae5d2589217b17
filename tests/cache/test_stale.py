"""What must not be recalled: anything after a change of the prover or of z3; and nothing for those who grade."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import prover
from prover.cache import fingerprint
from prover.cache.fingerprint import prover_fingerprint, solver_fingerprint
from prover.cli.main import main

TEMPLATE = "procedure p(x: int) returns (y: int)\n  ensures y > x\nbegin\n  y := ?\nend\n"
CHANGES: dict[str, Callable[[Path], object]] = {
    "the text of a module": lambda f: (f / "package/kernel/vc.py").write_text("x = 12\n"),
    "the date of a module": lambda f: os.utime(f / "package/kernel/vc.py", (1, 1)),
    "another module": lambda f: (f / "package/new.py").write_text(""),
    "the standard library": lambda f: (f / "proofs/stdlib/arrays.proof").write_text("lemma l()\n"),
    "the grammar": lambda f: (f / "while.lark").write_text("file: NAME\n"),
}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small prover: what its fingerprint looks at."""
    for name in ("package/kernel/vc.py", "proofs/stdlib/arrays.proof", "while.lark"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    monkeypatch.setattr(fingerprint, "_PACKAGE", tmp_path / "package")
    monkeypatch.setattr(fingerprint, "proofs_folder", lambda: tmp_path / "proofs")
    monkeypatch.setattr(fingerprint, "grammar_text", (tmp_path / "while.lark").read_text)
    return tmp_path


def seen(version: str = "1") -> str:
    return prover_fingerprint.__wrapped__(version)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_the_prover_is_seen(installed: Path, change: str) -> None:
    before = seen()
    assert seen() == before != seen("2")
    CHANGES[change](installed)
    assert seen() != before


def test_a_change_of_the_solver_is_seen(tmp_path: Path) -> None:
    library = tmp_path / "libz3.so"
    library.write_bytes(b"z3")
    look = solver_fingerprint.__wrapped__
    before = look(str(library), "z3 5")
    assert look(str(library), "z3 5") == before != look(str(library), "z3 6")
    os.utime(library, (1, 1))
    assert look(str(library), "z3 5") != before
    dated = look(str(library), "z3 5")
    library.write_bytes(b"z3 ")
    os.utime(library, (1, 1))
    assert look(str(library), "z3 5") != dated


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file and an exercise; whoever opens the cache fails."""

    def refuse(*_: object) -> None:
        raise AssertionError("the cache is opened")

    (tmp_path / "a.proof").write_text(TEMPLATE.replace("?", "x + 1"))
    (tmp_path / "t.proof").write_text(TEMPLATE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("prover.cache.open_cache", refuse)
    monkeypatch.delenv("PROVER_DEBUG", raising=False)
    return tmp_path


def test_who_reads_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "a.proof"]) == 3
    assert "internal error: AssertionError" in capsys.readouterr().err


def test_the_second_opinion_does_not(folder: Path) -> None:
    pytest.importorskip("cvc5")
    assert main(["check", "--certify", "a.proof"]) == 0


def test_grading_does_not(folder: Path) -> None:
    assert main(["grade", "--template", "t.proof", "a.proof"]) == 0


def test_the_api_does_not(folder: Path) -> None:
    assert prover.check_paths(["a.proof"]).exit_status == 0
    assert prover.check_text(TEMPLATE.replace("?", "x + 1")).exit_status == 0
