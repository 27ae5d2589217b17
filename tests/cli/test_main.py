"""What the command line itself does: help, versions, mistakes in usage, bugs, interruptions."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from prover import __version__
from prover.cli import main as cli
from prover.diagnostic import InputError, error


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Namespace], int]], None]:
    """`command(f)`: the command `prover fake` does `f`."""

    def install(execute: Callable[[Namespace], int]) -> None:
        module = ModuleType("prover.cli.fake")
        module.configure = lambda parser: None  # type: ignore[attr-defined]
        module.execute = execute  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "prover.cli.fake", module)
        monkeypatch.setitem(cli.COMMANDS, "fake", "for tests")

    return install


def raising(failure: BaseException) -> Callable[[Namespace], int]:
    def execute(_: Namespace) -> int:
        raise failure

    return execute


def test_version(capsys: pytest.CaptureFixture[str], root: Path) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"prover {__version__}\n"
    assert tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"] == __version__


def test_help(capsys: pytest.CaptureFixture[str], golden: Callable[[str, str], None]) -> None:
    assert cli.main(["--help"]) == 0
    golden("cli/help.txt", capsys.readouterr().out)


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_help_of_each_command_has_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([name, "--help"]) == 0
    text = capsys.readouterr().out
    assert f"usage: prover {name}" in text
    assert re.search(rf"examples:\n  prover {name} ", text)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "usage: prover"),
        (["chekc"], "there is no command 'chekc'; did you mean `check`?"),
        (["--nothing"], "unrecognized arguments: --nothing"),
        (["explain", "--nothing"], "unrecognized arguments: --nothing"),
        (["\x1b[31m"], "there is no command '\\x1b[31m'"),
    ],
)
def test_wrong_usage(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 2
    assert message in capsys.readouterr().err


def test_status_is_the_commands(command: Callable[[object], None]) -> None:
    command(lambda _: 1)
    assert cli.main(["fake"]) == 1


def test_the_users_mistakes(command: Callable[[object], None], capsys: pytest.CaptureFixture[str]) -> None:
    command(raising(InputError(error("input-a", "first", None), error("input-b", "second", None))))
    assert cli.main(["fake"]) == 2
    assert capsys.readouterr().err == "error[input-a]: first\n\nerror[input-b]: second\n"


def test_a_bug_is_said_to_be_one(
    command: Callable[[object], None], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROVER_DEBUG", raising=False)
    command(raising(RecursionError("deep")))
    assert cli.main(["fake"]) == 3
    text = capsys.readouterr().err
    assert "internal error: RecursionError" in text
    assert "Please report it" in text
    assert "Traceback" not in text


def test_a_bug_shows_its_traceback_when_asked(command: Callable[[object], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVER_DEBUG", "1")
    command(raising(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        cli.main(["fake"])


def test_interruption(command: Callable[[object], None], capsys: pytest.CaptureFixture[str]) -> None:
    command(raising(KeyboardInterrupt()))
    assert cli.main(["fake"]) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error(root: Path) -> None:
    script = f"{sys.executable} -m prover explain --list | {sys.executable} -c 'import sys; sys.stdin.readline()'"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {script}"], capture_output=True, text=True, check=False, cwd=root)
    assert done.stderr == ""
    assert done.returncode in (0, 141)


def test_importing_prover_is_cheap(root: Path) -> None:
    code = "import prover, sys; print(*[m for m in sys.modules if m.startswith('prover') or m in ('lark', 'dataclasses')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.split() == ["prover"]


def test_parsers_can_be_built_without_running() -> None:
    for name in cli.COMMANDS:
        module = __import__(f"prover.cli.{name.replace('-', '_')}", fromlist=["configure"])
        module.configure(ArgumentParser(prog=name))
