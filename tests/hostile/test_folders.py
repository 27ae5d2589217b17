"""Folders that mean harm: imports that lead elsewhere, things that are no files, and settings, caches and modules that lie there.

The command itself is run, in a folder of its own; what it leaves behind is looked at.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.attacks import ADD

ROOT = Path(__file__).parent.parent.parent
USES = 'import "{}"\n' + ADD.replace("add", "main")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """`checked` is the folder that is checked; beside it a secret, a home and a cache folder."""
    for name in ("checked", "home", "cache", "tmp"):
        (tmp_path / name).mkdir(mode=0o700)
    (tmp_path / "secret.proof").write_text("lemma secret()\n  ensures 1 = 2\n")
    before = listing(tmp_path)
    yield tmp_path
    after = {n: v for n, v in listing(tmp_path).items() if n.parts[0] not in ("cache", "checked")}
    assert after == {n: v for n, v in before.items() if n.parts[0] not in ("cache", "checked")}, "something was written elsewhere"


def listing(folder: Path) -> dict[Path, bytes]:
    return {p.relative_to(folder): p.read_bytes() if p.is_file() else b"" for p in folder.rglob("*") if not p.is_symlink()}


def check(place: Path, *arguments: str, name: str = ".") -> tuple[int, dict[str, object], str]:
    """Exit status, the report, and what was said; fails on a traceback, or where the folder is another afterwards."""
    folder = place / "checked"
    before = listing(folder)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(place / "home"), "TMPDIR": str(place / "tmp"),
                   "XDG_CACHE_HOME": str(place / "cache"), "PYTHONUTF8": "1"}  # fmt: skip
    command = [sys.executable, "-m", "prover", "check", "--format", "json", "--timeout", "2", "--no-infer", *arguments, name]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode in (0, 1, 2), done.stderr
    assert "Traceback" not in done.stderr
    assert listing(folder) == before, "the folder was written to"
    return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr


def codes(report: dict[str, object]) -> set[str]:
    files = report["files"]
    assert isinstance(files, list)
    return {d["code"] for f in files for d in f["diagnostics"]}


def test_links_out(place: Path) -> None:
    folder = place / "checked"
    (folder / "secret.proof").symlink_to(place / "secret.proof")
    (folder / "outside").symlink_to(place)
    (folder / "passwd.proof").symlink_to("/etc/passwd")
    (folder / "a.proof").write_text(USES.format("secret.proof"))
    (folder / "b.proof").write_text(USES.format("outside/secret.proof"))
    (folder / "c.proof").write_text(USES.format("passwd.proof"))
    status, report, _ = check(place)
    assert (status, codes(report)) == (2, {"import-refused"})
    assert "root:" not in json.dumps(report)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="makes a FIFO")
def test_what_is_no_file(place: Path) -> None:
    folder = place / "checked"
    os.mkfifo(folder / "fifo.proof")
    (folder / "folder.proof").mkdir()
    (folder / "zero.proof").symlink_to("/dev/zero")
    (folder / "stdin.proof").symlink_to("/dev/stdin")
    (folder / "memory.proof").symlink_to("/proc/self/mem")
    bound = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(folder)
    bound.bind("socket.proof")
    os.chdir(here)
    for name in ("fifo", "folder", "zero", "stdin", "memory", "socket", "nothing"):
        (folder / f"main-{name}.proof").write_text(USES.format(f"{name}.proof"))
    status, report, _ = check(place)
    bound.close()
    assert status == 2
    assert codes(report) <= {"import-refused", "import-missing", "input-not-file", "input-unreadable", "input-missing"}
    for name in ("fifo", "zero", "socket"):
        status, report, said = check(place, name=f"{name}.proof")
        assert status == 2, said


def test_cycles(place: Path) -> None:
    folder = place / "checked"
    (folder / "self.proof").write_text(USES.format("self.proof"))
    (folder / "other.proof").write_text(USES.format("./other.proof"))
    for n in range(50):
        (folder / f"c{n}.proof").write_text(f'import "c{(n + 1) % 50}.proof"\n')
    (folder / "round").symlink_to(folder)
    (folder / "round.proof").write_text(USES.format("round/round/round/round.proof"))
    loop = folder / "loop.proof"
    loop.symlink_to("loop.proof")
    (folder / "loops.proof").write_text(USES.format("loop.proof"))
    status, report, _ = check(place)
    assert status == 2
    assert codes(report) <= {"import-cycle", "import-refused", "import-missing", "input-unreadable"}


def test_many_imports(place: Path) -> None:
    """A chain longer than the limit, and one that would double at each step."""
    folder = place / "checked"
    for n in range(1_100):
        (folder / f"c{n}.proof").write_text(f'import "c{n + 1}.proof"\n' if n < 1_099 else ADD)
    status, report, _ = check(place, name="c0.proof")
    assert (status, codes(report)) == (2, {"import-refused"})
    for n in range(60):
        (folder / f"d{n}.proof").write_text(f'import "d{n + 1}.proof"\n' * 2 if n < 59 else ADD)
    assert check(place, name="d0.proof")[0] == 0


def test_settings_caches_and_modules_that_lie_there(place: Path) -> None:
    """Nothing of the folder that is checked is run, believed or taken for settings."""
    folder = place / "checked" / "sub"
    folder.mkdir()
    trap = f"open({str(place / 'home' / 'run')!r}, 'w').close()\n"
    for name in (
        "sitecustomize.py",
        "usercustomize.py",
        "z3.py",
        "lark.py",
        "json.py",
        "sqlite3.py",
        "conftest.py",
        "prover.py",
        "setup.py",
    ):
        (folder / name).write_text(trap)
    for name in ("prover", "z3", "encodings"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(trap)
    (folder / "prover.toml").write_text('rlimit = 1\nstrict = false\nexclude = ["*"]\nplugins = ["z3"]\n')
    (folder / "pyproject.toml").write_text("[tool.prover]\nexclude = ['*']\n")
    (folder / "cache.sqlite").write_bytes(b"SQLite format 3\0" + b"x" * 5_000)
    (folder / "tables.json").write_text("{}")
    (folder / "false.proof").write_text(ADD.replace("y = x + 1", "y = x"))
    status, report, _ = check(place, name="sub")
    files = report["files"]
    assert status == 1 and isinstance(files, list) and [f["status"] for f in files] == ["refuted"]
    assert not (place / "home" / "run").exists()


def test_names_of_files(place: Path) -> None:
    """Names that steer a terminal or look like options are shown and never obeyed."""
    folder = place / "checked"
    names = ["\x1b[31mred.proof", "a\nb.proof", "--help.proof", "-.proof", "✓ proved.proof", "'; rm -rf x.proof", "$(id).proof",
             "<b>.proof", "x" * 240 + ".proof", "\udcff.proof"]  # fmt: skip
    for name in names:
        (folder / name).write_text(ADD.replace("y = x + 1", "y = x"))
    status, report, _ = check(place)
    files = report["files"]
    assert status == 1 and isinstance(files, list) and len(files) == len(names)
    assert {f["status"] for f in files} == {"refuted"}
    for form in ("text", "concise", "markdown", "html", "junit", "github", "sarif", "jsonl"):
        done = subprocess.run([sys.executable, "-m", "prover", "check", "--format", form, "--timeout", "2", "."], cwd=folder,
                              env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, timeout=60)  # fmt: skip
        assert done.returncode == 1, done.stderr
        assert b"\x1b[31mred" not in done.stdout
        assert b"Traceback" not in done.stderr
