"""Settings of a project: where they are looked for, what they may say, and whom they do not concern."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from prover.cli.main import main
from prover.configuration import SETTINGS, configuration
from prover.diagnostic import InputError

PROVED = "triple add { x = 1 } x := x + 1 { x = 2 }\n"
WRONG = "triple sub { x = 1 } x := x - 1 { x = 2 }\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with good.proof and drafts/bad.proof."""
    folder = tmp_path / "project"
    (folder / "drafts").mkdir(parents=True)
    (folder / "good.proof").write_text(PROVED)
    (folder / "drafts/bad.proof").write_text(WRONG)
    monkeypatch.chdir(folder)
    return folder


def codes(text: str, folder: Path, name: str = "prover.toml") -> list[str]:
    (folder / name).write_text(text)
    with pytest.raises(InputError) as refused:
        configuration(folder)
    return [d.code for d in refused.value.diagnostics]


def test_paths_and_excludes(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "prover.toml").write_text('paths = ["."]\nexclude = ["drafts/"]\n')
    assert main(["check"]) == 0
    written = capsys.readouterr()
    assert written.out.splitlines()[-1] == "1 file: 1 proved; 1 goal proved"
    assert written.err == f"prover: 1 left out, by `exclude` in {project / 'prover.toml'}\n"
    assert main(["check", "drafts/bad.proof"]) == 1, "what is named is checked"
    assert main(["check", "--isolated", "."]) == 1


@pytest.mark.parametrize(
    ("pattern", "left_out"),
    [("drafts", True), ("drafts/*", True), ("bad.proof", True), ("*.proof", True), ("draft", False), ("*/good.proof", False)],
)
def test_patterns(project: Path, pattern: str, left_out: bool) -> None:
    (project / "prover.toml").write_text(f'exclude = ["{pattern}"]\n')
    found = configuration(project)
    assert any(found.excludes(project / p) for p in ("drafts", "drafts/bad.proof")) == left_out


def test_pyproject_and_folders_above(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text('[tool.prover]\npaths = ["good.proof"]\ntotal = true\n')
    monkeypatch.chdir(project / "drafts")
    (project / "drafts/pyproject.toml").write_text("[tool.other]\nx = 1\n")
    assert main(["check"]) == 0
    assert capsys.readouterr().out.startswith("✓ proved   ../good.proof: 1 unit")


def test_prover_toml_comes_before_pyproject(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.prover]\nrlimit = 1\n")
    (project / "prover.toml").write_text("rlimit = 2\n")
    assert configuration(project).count("rlimit") == 2


def test_the_folder_of_a_checked_file_is_not_asked(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "drafts/prover.toml").write_text('exclude = ["*"]\nrlimit = 1\nnonsense = 1\n')
    assert main(["check", "drafts"]) == 1
    assert capsys.readouterr().err == ""


def test_mistakes(project: Path) -> None:
    assert (
        codes("rlimt = 3\njobs = 0\nstrict = 1\npaths = [1]\ntimeout = true\n", project) == ["config-key"] + ["config-value"] * 4
    )
    assert codes("x = = 1\n", project) == ["config-syntax"]
    (project / "prover.toml").write_bytes(b"\xff")
    with pytest.raises(InputError):
        configuration(project)
    (project / "prover.toml").unlink()
    assert codes("[tool]\nprover = 3\n", project, "pyproject.toml") == ["config-value"]
    (project / "pyproject.toml").write_text("somebody else's = mistake\n")
    assert configuration(project).file is None or configuration(project).file != project / "pyproject.toml"


def test_mistakes_are_shown(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "prover.toml").write_text("strct = true\n")
    assert main(["check", "good.proof"]) == 2
    err = capsys.readouterr().err
    assert f"--> {project / 'prover.toml'}:1:1" in err
    assert "did you mean `strict`?" in err


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no owners of files")
def test_a_file_that_others_may_write_is_ignored(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "prover.toml").write_text('exclude = ["*"]\n')
    (project / "prover.toml").chmod(0o666)
    assert main(["check", "."]) == 1
    assert "prover.toml is ignored: others may write to it" in capsys.readouterr().err


def test_the_command_line_comes_first(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from prover.cli import check

    seen: list[object] = []
    monkeypatch.setattr(check, "check_all", lambda _f, options, *_: seen.append(options) or [])
    (project / "prover.toml").write_text("rlimit = 5\njobs = 1\nstrict = true\ninfer = false\ntimeout = 2\n")
    main(["check", "--rlimit", "7", "good.proof"])
    (options,) = seen
    found = {n: getattr(options, n) for n in ("rlimit", "jobs", "strict", "infer", "timeout")}
    assert found == {"rlimit": 7, "jobs": 1, "strict": True, "infer": False, "timeout": 2}


def test_no_setting_reaches_the_api(project: Path) -> None:
    """Whoever grades with it is not touched by what lies in the current folder."""
    import prover

    (project / "prover.toml").write_text('exclude = ["*"]\nrlimit = 1\n')
    assert prover.check_paths([project / "good.proof"]).files[0].status.value == "proved"
    assert len(prover.check_paths([project]).files) == 2


def test_config_says_what_is_in_force(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "prover.toml").write_text("strict = true\n")
    assert main(["config"]) == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == f"# {project / 'prover.toml'}"
    assert len(lines) == len(SETTINGS)
    assert [line.split()[0:5] for line in lines if line.startswith("strict")] == [["strict", "=", "true", "#", "prover.toml:"]]
    assert all(": " in line for line in lines)


def test_without_paths(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--isolated"]) == 2
    assert "the following arguments are required: PATH" in capsys.readouterr().err


def test_what_cannot_be_read_stops_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "circle.proof").symlink_to("circle.proof")
    assert main(["check", "gone.proof", "good.proof", "."]) == 2
    out = capsys.readouterr().out
    assert "error[input-missing]: `gone.proof` does not exist" in out
    assert "✓ proved   good.proof" in out
    assert main(["check", "gone.proof"]) == 2
    assert capsys.readouterr().out == ""


def test_names_that_are_not_utf8(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        Path(os.fsdecode(b"b\xff.proof")).write_text(PROVED)
    except OSError:
        pytest.skip("the file system takes UTF-8 only")
    files = [f"--output-file={n}=out.{n}" for n in ("json", "jsonl", "junit", "sarif", "html", "markdown", "github", "concise")]
    assert main(["check", *files, "."]) == 1
    assert "b\\udcff.proof: 1 unit" in capsys.readouterr().out
    assert len(list(project.glob("out.*"))) == 8
