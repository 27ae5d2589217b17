"""Where it runs: the hooks, the workflow of the documentation, the container file."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

import pytest
import yaml

from prover.cli.main import COMMANDS, main

PROVED = "triple add { x = 1 } x := x + 1 { x = 2 }\n"


def accepts(command: str) -> None:
    """The command line is one that prover understands."""
    from importlib import import_module

    words = shlex.split(command, comments=True)
    assert words[0] == "prover" and words[1] in COMMANDS
    parser = argparse.ArgumentParser(exit_on_error=False)
    import_module(f"prover.cli.{words[1]}").configure(parser)
    parser.parse_intermixed_args(words[2:])


def test_hooks(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    hooks = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text())
    assert [h["id"] for h in hooks] == ["prover", "prover-format"]
    monkeypatch.chdir(tmp_path)
    Path("a.proof").write_text(PROVED)
    for hook in hooks:
        assert hook.keys() >= {"id", "name", "entry", "language"} and hook["language"] == "python"
        assert re.search(hook["files"], "a.proof") and not re.search(hook["files"], "a.proof.txt")
        accepts(f"{hook['entry']} a.proof")
    assert main([*shlex.split(hooks[0]["entry"])[1:], "a.proof"]) == 0


def blocks(root: Path, language: str) -> list[str]:
    text = (root / "docs/batch.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_documented_configuration(root: Path, tmp_path: Path) -> None:
    from prover.configuration import SETTINGS, configuration

    (block,) = blocks(root, "toml")
    (tmp_path / "prover.toml").write_text(block)
    assert configuration(tmp_path).values.keys() == SETTINGS.keys()


def test_documented_workflow(root: Path) -> None:
    hooks, workflow = map(yaml.safe_load, blocks(root, "yaml"))
    assert {h["id"] for h in hooks["repos"][0]["hooks"]} == {"prover", "prover-format"}
    (job,) = workflow["jobs"].values()
    steps = job["steps"]
    assert all(("uses" in s) != ("run" in s) for s in steps)
    for line in (s["run"] for s in steps if s.get("run", "").startswith("prover ")):
        accepts(line)


def test_documented_commands(root: Path) -> None:
    lines = [line for block in blocks(root, "sh") for line in block.splitlines() if line.startswith("prover ")]
    assert len(lines) >= 3
    for line in lines:
        accepts(line)


def test_the_container_has_no_root(root: Path) -> None:
    lines = (root / ".ci/Containerfile").read_text().splitlines()
    stages = "\n".join(lines).split("FROM ")
    assert "USER 1000" in stages[-1]
    assert stages[-1].index("USER") < stages[-1].index("ENTRYPOINT")
    assert not re.search(r"sudo|--privileged", "\n".join(lines))
