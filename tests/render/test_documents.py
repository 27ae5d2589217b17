"""Outlines as documents: HTML is balanced and loads nothing, LaTeX compiles where pdflatex is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from prover.cli.main import main

PROGRAMS = ("sum_to", "swap_elements", "binary_search", "hanoi", "saturating_arithmetic")
_VOID = ("meta", "br", "hr")


class _Tags(HTMLParser):
    """What is open, and what was closed in the wrong order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def _document(format: str, name: str, root: Path, capsys: pytest.CaptureFixture[str], *extra: str) -> str:
    path = root / "proofs" / "examples" / f"{name}.proof"
    assert main(["outline", "--format", format, *extra, str(path)]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("name", PROGRAMS)
def test_html_is_balanced_and_self_contained(name: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for extra in ((), ("--exact",)):
        text = _document("html", name, root, capsys, *extra)
        tags = _Tags()
        tags.feed(text)
        assert (tags.open, tags.wrong) == ([], [])
        assert not re.search(r"<script|<link|src=|url\(|@import", text)


@pytest.mark.parametrize("name", PROGRAMS)
def test_latex_compiles(name: str, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = shutil.which("pdflatex")
    if program is None:
        pytest.skip("pdflatex is not installed")
    (tmp_path / "outline.tex").write_text(_document("latex", name, root, capsys), encoding="utf-8")
    command = [program, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "outline.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
