"""The Python API."""

from __future__ import annotations

from pathlib import Path

import pytest

import prover
from prover.diagnostic import InputError
from prover.report import Answer, Status


def test_check_text() -> None:
    report = prover.check_text("triple t {x = 1} x := x + 1 {x = 2}")
    assert report.exit_status == 0
    assert report.summary == {"proved": 1, "refuted": 0, "unknown": 0, "invalid": 0}
    (unit,) = report.files[0].units
    assert (unit.name, unit.kind, unit.correct, unit.terminates) == ("t", "triple", Answer.YES, None)


def test_a_mistake_is_no_exception() -> None:
    report = prover.check_text("triple t {x = 1} x = 2 {x = 2}", name="mine")
    assert report.files[0].status is Status.INVALID
    assert report.files[0].diagnostics[0].span is not None
    assert report.files[0].diagnostics[0].span.source.name == "mine"
    assert report.exit_status == 2


def test_lone_surrogates_are_a_mistake_of_the_text() -> None:
    assert prover.check_text("// \ud800").files[0].status is Status.INVALID


def test_check_paths(tmp_path: Path) -> None:
    (tmp_path / "a.proof").write_text("triple t {true} skip {false}")
    report = prover.check_paths([tmp_path], jobs=1)
    assert [f.status for f in report.files] == [Status.REFUTED]
    with pytest.raises(InputError):
        prover.check_paths([tmp_path / "gone"])
