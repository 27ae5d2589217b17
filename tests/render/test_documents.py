"""Outlines and derivations as documents: HTML is balanced and loads nothing, LaTeX compiles where pdflatex is installed, and
Chromium, where it is, opens each page without an error."""

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


COMMANDS = ("outline", "derive")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def _document(
    format: str, name: str, root: Path, capsys: pytest.CaptureFixture[str], *extra: str, command: str = "outline"
) -> str:
    path = root / "proofs" / "examples" / f"{name}.proof"
    assert main([command, "--format", format, *extra, str(path)]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("name", PROGRAMS)
def test_html_is_balanced_and_self_contained(name: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for extra in ((), ("--exact",)):
        text = _document("html", name, root, capsys, *extra)
        tags = _Tags()
        tags.feed(text)
        assert (tags.open, tags.wrong) == ([], [])
        assert not re.search(r"<script|<link|src=|url\(|@import", text)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_latex_compiles(name: str, command: str, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = shutil.which("pdflatex")
    if program is None:
        pytest.skip("pdflatex is not installed")
    (tmp_path / "outline.tex").write_text(_document("latex", name, root, capsys, command=command), encoding="utf-8")
    arguments = [program, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "outline.tex"]
    done = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    if "bussproofs.sty' not found" in done.stdout:
        pytest.skip("LaTeX's bussproofs is not installed")
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.parametrize("command", [*COMMANDS, "check"])
def test_a_browser_opens_it(command: str, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("no Chromium is installed")
    text = _document("html", "sum_to", root, capsys, command=command)
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    arguments = [
        program,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--enable-logging=stderr",
        f"--user-data-dir={tmp_path / 'user'}",
    ]
    page = (tmp_path / "page.html").as_uri()
    done = subprocess.run([*arguments, "--dump-dom", page], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0
    assert "sum_up" in done.stdout
    assert not re.search(r"CONSOLE|Uncaught|ERR_", done.stderr)
    shot = [*arguments, "--window-size=1000,1400", f"--screenshot={tmp_path / 'page.png'}", page]
    subprocess.run(shot, cwd=tmp_path, capture_output=True, timeout=60, check=True)
    assert (tmp_path / "page.png").stat().st_size > 20_000, "a page with text on it"
