"""Whole sessions, mistakes included: `transcripts/NAME.txt` is typed, `golden/repl/NAME.txt` is what was seen.

A transcript may start on a file, `NAME.proof` beside it.  What is left at the end is checked as `prover check` does.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import prover
from tests.repl.play import played

FOLDER = Path(__file__).parent / "transcripts"
SCRIPTS = sorted(FOLDER.glob("*.txt"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_transcript(script: Path, golden: Callable[[str, str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.delenv("VISUAL", raising=False)
    given = script.with_suffix(".proof")
    file = None
    if given.exists():
        file = Path(given.name)
        file.write_bytes(given.read_bytes())
    session, seen = played(script.read_text(encoding="utf-8").splitlines(), file)
    left = session.text.source.text
    report = prover.check_text(left, name=session.name, infer=False)
    answers = [f"{u.name}: {u.status.value}" for f in report.files for u in f.units]
    golden(
        f"repl/{script.stem}.txt", "\n".join([f"{seen}--- the text", f"{left}--- what `prover check` says of it", *answers, ""])
    )
