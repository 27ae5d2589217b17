"""The sessions that README.md and docs/ show are what the commands print today, and the pages' links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.console_session import replayed

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_sessions_are_as_shown(page: Path, tmp_path: Path, update: bool) -> None:
    shown = page.read_text(encoding="utf-8")
    now = replayed(shown, tmp_path)
    if update and now != shown:
        page.write_text(now, encoding="utf-8")
        return
    assert shown == now, f"{page.name} is out of date: `make update`, then read the difference"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target).exists(), f"{page.name} links to {target}, which is not there"
