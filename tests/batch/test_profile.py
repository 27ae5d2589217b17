"""`check --profile`: where the time went."""

from __future__ import annotations

from pathlib import Path

import pytest

from prover.cli.main import main
from prover.render.profile import MOST, PHASES, Profile
from prover.report import FileReport, Status


def test_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.proof").write_text("triple add { x = 1 } x := x + 1 { x = 2 }\n")
    assert main(["check", "a.proof"]) == 0
    plain = capsys.readouterr().out
    assert main(["check", "--profile", "a.proof"]) == 0
    written = capsys.readouterr()
    assert written.out == plain
    cells = [line.split() for line in written.err.splitlines()]
    rows = {c[0]: float(c[1]) for c in cells if c and c[0] in PHASES}
    assert rows.keys() == set(PHASES)
    assert all(seconds >= 0 for seconds in rows.values())


def test_the_slowest_come_first_and_advice_follows() -> None:
    profile = Profile()
    for number in range(3 * MOST):
        phases = {"parse": 0.01, "solve": float(number), "report": 0.0}
        profile.add(FileReport(f"f{number}.proof", Status.PROVED, (), (), phases=phases))
    lines = profile.text(1.0).splitlines()
    files = [line.split()[-1] for line in lines if line.endswith(".proof")]
    assert files == [f"f{n}.proof" for n in range(3 * MOST - 1, 2 * MOST - 1, -1)]
    assert lines[-1].startswith("advice: most of the time is the solver's")
