"""The built wheel works on its own: installed into a fresh environment, it proves something in another folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WORDS = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PROVER_"))}

PROGRAM = """// expected: all yes
import "std:arrays"

procedure total_to(n: int) returns (s: int)
  requires n >= 0
  ensures 2 * s = n * (n + 1)
begin
  var i := 0;
  s := 0;
  while i < n
    invariant 0 <= i <= n and 2 * s = i * (i + 1)
    variant n - i
  do
    i := i + 1;
    s := s + i
  end
end

procedure a_pair() returns (a: int[])
  ensures sorted(a)
begin
  a := [1, 2]
end
"""


def run(command: Sequence[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, env=WORDS, capture_output=True, encoding="utf-8", timeout=300)


def build(source: Path, folder: Path, target: str) -> Path:
    """The `target` (wheel or sdist) of the project in `source`, built into `folder`; uses this environment's tools."""
    done = run([sys.executable, "-m", "hatchling", "build", "-t", target, "-d", folder], source)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = folder.glob("*.whl" if target == "wheel" else "*.tar.gz")
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("wheel"), "wheel")


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a fresh environment that has the wheel, and sees the dependencies of this one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = [sys.executable, "-m", "pip", "--python", programs / "python", "install", "--quiet", "--no-deps", "--no-index", wheel]
    done = run(pip, folder)
    assert done.returncode == 0, done.stderr
    here = run([programs / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], folder).stdout.strip()
    # A .pth file inside a folder that a .pth file adds is not read: this environment's own prover stays unseen.
    Path(here, "dependencies.pth").write_text(sysconfig.get_path("platlib") + "\n", encoding="utf-8")
    return programs


def test_holds_grammar_tables_proofs_and_catalogue(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"prover/grammar/while.lark", "prover/syntax/tables.json", "prover/py.typed"} <= names
    beside = list((ROOT / "proofs").rglob("*.proof"))
    assert {f"prover/{path.relative_to(ROOT).as_posix()}" for path in beside} <= names
    pages = list((ROOT / "prover" / "catalogue").rglob("*.md"))
    assert pages
    assert {path.relative_to(ROOT).as_posix() for path in pages} <= names
    assert not [name for name in names if not name.startswith(("prover/", "prover-"))]


def test_proves_in_another_folder(programs: Path, tmp_path: Path) -> None:
    (tmp_path / "sum.proof").write_text(PROGRAM, encoding="utf-8")
    done = run([programs / "prover", "check", "--expected", "sum.proof"], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    where = run([programs / "python", "-c", "import prover; print(prover.__file__)"], tmp_path).stdout.strip()
    assert Path(where).is_relative_to(programs.parent)
    assert [path.name for path in tmp_path.iterdir()] == ["sum.proof"]


def test_explains_and_tells_its_version(programs: Path, tmp_path: Path) -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    told = run([programs / "prover", "--version"], tmp_path)
    assert re.search(rf"\b{re.escape(declared)}\b", told.stdout), told.stdout + told.stderr
    page = sorted((ROOT / "prover" / "catalogue" / "codes").glob("*.md"))[0]
    done = run([programs / "python", "-m", "prover", "explain", page.stem], tmp_path)
    assert done.returncode == 0, done.stderr
    assert page.stem in done.stdout or page.read_text(encoding="utf-8").splitlines()[0].lstrip("# ") in done.stdout


def test_lexer_is_announced(programs: Path, tmp_path: Path) -> None:
    code = "from pygments.lexers import get_lexer_by_name as named; print(named('proof').__class__.__name__)"
    done = run([programs / "python", "-c", code], tmp_path)
    assert done.stdout.strip() == "ProofLexer", done.stderr


def test_source_distribution_builds_the_same(wheel: Path, tmp_path: Path) -> None:
    archive = build(ROOT, tmp_path, "sdist")
    assert run([sys.executable, "-m", "tarfile", "-e", archive, tmp_path], tmp_path).returncode == 0
    again = build(tmp_path / archive.name.removesuffix(".tar.gz"), tmp_path, "wheel")
    assert zipfile.ZipFile(again).namelist() == zipfile.ZipFile(wheel).namelist()
