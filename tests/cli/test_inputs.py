"""Which files a command is about."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from prover.diagnostic import InputError
from prover.inputs import gather, search


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("b.proof", "a.proof", "sub/c.proof", "sub/notes.txt", ".hidden/d.proof"):
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return tmp_path / "tree"


def names(*paths: str | Path) -> list[str]:
    return [item.name for item in gather(map(str, paths))]


def test_folders_are_searched_in_order(tree: Path) -> None:
    assert names(tree) == [f"{tree.as_posix()}/{n}" for n in ("a.proof", "b.proof", "sub/c.proof")]
    assert [i.root for i in gather([str(tree)])] == [tree] * 3


def test_each_file_once(tree: Path) -> None:
    assert names(tree / "b.proof", tree) == [f"{tree.as_posix()}/{n}" for n in ("b.proof", "a.proof", "sub/c.proof")]


def test_links_out_of_the_folder_are_not_followed(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.proof").write_text("")
    (tree / "out.proof").symlink_to(tmp_path / "secret.proof")
    (tree / "in.proof").symlink_to(tree / "sub/c.proof")
    (tree / "broken.proof").symlink_to(tree / "nowhere")
    (tree / "loop").symlink_to(tree)
    assert [Path(n).name for n in names(tree)] == ["a.proof", "b.proof", "in.proof"]


def test_any_file_may_be_named(tree: Path) -> None:
    assert names(tree / "sub/notes.txt") == [(tree / "sub/notes.txt").as_posix()]


def test_all_mistakes_at_once(tree: Path) -> None:
    (tree / "empty").mkdir()
    with pytest.raises(InputError) as refused:
        gather([str(tree / "gone.proof"), str(tree / "empty"), str(tree), "nul\0"])
    assert [d.code for d in refused.value.diagnostics] == ["input-missing", "input-empty", "input-unreadable"]


@pytest.fixture
def closed() -> Iterator[Path]:
    """A folder that this process may search, but for `closed` in it; root gives up its rights meanwhile."""
    folder = Path(tempfile.mkdtemp())
    for name in ("closed/a.proof", "open/b.proof"):
        path = folder / name
        path.parent.mkdir()
        path.write_text("")
    folder.chmod(0o755)
    (folder / "open").chmod(0o755)
    (folder / "closed").chmod(0)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    yield folder
    if root:
        os.seteuid(0)
    (folder / "closed").chmod(0o700)
    shutil.rmtree(folder)


def test_a_folder_that_cannot_be_listed_stops_nothing(closed: Path) -> None:
    found = search([str(closed)])
    assert [p.code for p in found.problems] == ["input-unreadable"]
    assert "Permission denied" in found.problems[0].message
    assert [Path(i.name).name for i in found.inputs] == ["closed", "b.proof"]  # the folder has its place among the answers
