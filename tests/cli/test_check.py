"""`prover check`, whole: what it prints, what it returns."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from prover.cli.main import main
from tests.render.schema import problems

PROVED = "// expected: all yes\ntriple add { x = 1 } x := x + 1 { x = 2 }\n"
OPEN = """// expected: down: correct yes, terminates null
procedure down(x: int) returns (r: int)
  ensures r <= 0
begin
  r := x;
  while r > 0 do
    r := r - 1
  end
end

total triple collatz
{ n > 0 }
  while n != 1
    invariant n > 0
  do
    if n % 2 = 0 then n := n / 2 else n := 3 * n + 1 end
  end
{ n = 1 }
"""
WRONG = "triple add\n{ x = 1 }\n  x = x + 1;\n  y := true + 1\n{ x = 2 }\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a file of each kind."""
    for name, text in (("proved", PROVED), ("open", OPEN), ("wrong", WRONG)):
        (tmp_path / "files" / f"{name}.proof").parent.mkdir(exist_ok=True)
        (tmp_path / "files" / f"{name}.proof").write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def prover(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> tuple[int, str, str]:
        status = main([arguments[0], "--no-infer", *arguments[1:]])
        written = capsys.readouterr()
        return status, written.out, written.err

    return run


@pytest.mark.parametrize(("name", "status"), [("proved", 0), ("open", 1), ("wrong", 2)])
def test_text(name: str, status: int, prover: Run, golden: Callable[[str, str], None]) -> None:
    found, out, err = prover("check", f"files/{name}.proof")
    assert (found, err) == (status, "")
    golden(f"cli/check-{name}.txt", out)


def test_a_folder(prover: Run) -> None:
    status, out, _ = prover("check", "files")
    assert status == 2
    assert [line.split()[2] for line in out.splitlines() if line[:2] in ("✓ ", "? ", "! ")] == [
        "files/open.proof:",
        "files/proved.proof:",
        "files/wrong.proof:",
    ]
    assert out.splitlines()[-1].startswith("3 files: 1 proved, 1 unknown, 1 invalid; ")


def test_json(prover: Run, root: Path) -> None:
    schema = json.loads((root / "docs" / "report.schema.json").read_text(encoding="utf-8"))
    status, out, err = prover("check", "--format", "json", "files")
    assert (status, err) == (2, "")
    value = json.loads(out)
    assert list(problems(value, schema)) == []
    assert value["summary"] == {"proved": 1, "refuted": 0, "unknown": 1, "invalid": 1}
    assert value["solver"].startswith("z3 ")
    assert [u["terminates"] for u in value["files"][0]["units"]] == [None, "unknown"]
    assert prover("check", "--format", "json", "--jobs", "1", "files")[1] == out
    assert '"seconds"' in prover("check", "--format", "json", "--timings", "files")[1]


def test_total(prover: Run) -> None:
    _, out, _ = prover("check", "--format", "json", "--total", "files/open.proof")
    assert [u["terminates"] for u in json.loads(out)["files"][0]["units"]] == ["unknown", "unknown"]


def test_filter(prover: Run) -> None:
    status, out, _ = prover("check", "--format", "json", "--filter", "down", "files/open.proof")
    assert status == 0
    assert [u["name"] for u in json.loads(out)["files"][0]["units"]] == ["down"]


def test_fail_fast(prover: Run) -> None:
    status, out, _ = prover("check", "--fail-fast", "files")
    assert status == 1
    assert out.splitlines()[-1].startswith("1 file: 1 unknown")


def test_standard_input(prover: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(WRONG.encode())))
    status, out, _ = prover("check", "-", "files/proved.proof", "--stdin-filename", "made.proof")
    assert status == 2
    assert out.startswith("! invalid  made.proof: ")
    assert " --> made.proof:3:" in out


def test_expected(prover: Run, folder: Path) -> None:
    status, out, _ = prover("check", "--expected", "files/proved.proof")
    assert status == 0
    assert out == "✓ proved   files/proved.proof: 1 unit, 1 goal, as stated\n1 file: 1 proved; 1 goal proved; 1 of 1 as stated\n"
    status, out, _ = prover("check", "--expected", "files/open.proof")
    assert status == 1
    assert "error[expected-mismatch]: `collatz`: terminates is unknown, stated yes" in out
    (folder / "files/open.proof").write_text(OPEN.replace("terminates null", "terminates null; collatz: terminates unknown"))
    (folder / "files/wrong.proof").write_text("// expected: invalid\n" + WRONG)
    status, out, _ = prover("check", "--expected", "files")
    assert status == 0, out
    assert len(out.splitlines()) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("check", "gone.proof"), "error[input-missing]: `gone.proof` does not exist"),
        (("check",), "the following arguments are required: PATH"),
        (("check", "--jobs", "0", "files"), "argument --jobs/-j: must be at least 1"),
        (("check", "--timeout", "nan", "files"), "must be a positive number of seconds"),
    ],
)
def test_usage(arguments: tuple[str, ...], message: str, prover: Run) -> None:
    status, out, err = prover(*arguments)
    assert (status, out) == (2, "")
    assert message in err


def test_hostile_names(prover: Run, folder: Path) -> None:
    name = "a\x1b[31mb\u202ec.proof"
    (folder / name).write_text("// \x1b[2J\ntriple t { x = \x1b } skip { true }\n")
    _, out, _ = prover("check", name)
    assert all(line.isprintable() for line in out.splitlines())


def test_cold_start_loads_only_what_it_needs(folder: Path, root: Path) -> None:
    file = str(folder / "files/proved.proof")
    code = f"import sys; from prover.cli.main import main; main(['check', {file!r}]); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    loaded = set(done.stdout.splitlines()[-1].split())
    unwanted = {
        "pygments",
        "prompt_toolkit",
        "z3",
        "asyncio",
        "unittest",
        "difflib",
        "hypothesis",
        "prover.textbook",
        "prover.semantics",
    }
    assert loaded & unwanted == set()
