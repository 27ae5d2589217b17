"""Engines side by side find what they find one after another."""

from __future__ import annotations

from pathlib import Path

import pytest

from prover import check
from prover.check import Options, check_files
from prover.infer import portfolio
from prover.inputs import Input
from prover.report import FileReport

PROGRAMS = {
    "phases": "while x > 0 do x := x + y; y := y + z; z := z - 1 end",
    "distance": "while x != 0 do if x > 0 then x := x - 1 else x := x + 1 end end",
    "growth": "while x >= 0 do x := x + y; y := y + z end",
    "alternation": "while x != 0 do if x < 0 then x := 2 - x else x := -2 - x end end",
    "a choice": "while x > 0 do y := *; x := x + y end",
    "a sum": "var s: int := 0; x := 0; if y >= 0 then while x < y do x := x + 1; s := s + x end;"
    " assert 2 * s = y * (y + 1); while s > 0 do s := s - 2 end end",
    "a false sum": "var s: int := 0; x := 0; if y >= 0 then while x < y do x := x + 1; s := s + x end; assert s = y end",
    "unknown": "if x > 0 then while x != 1 do if x mod 2 = 0 then x := x / 2 else x := 3 * x + 1 end end end",
}


def _checked(text: str, jobs: int) -> FileReport:
    (report,) = check_files([Input("t.proof", text.encode(), Path())], Options(total=True, jobs=jobs, timeout=60))
    return report


def _said(report: FileReport) -> list[object]:
    return [(u.name, u.correct, u.terminates, [(i.kind, i.text) for i in u.inferred], u.evidence) for u in report.units]


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever may go on beside something else does so at once."""
    monkeypatch.setattr(portfolio, "PATIENCE", 0.0)
    monkeypatch.setattr(check, "PATIENCE", 0.0)


@pytest.mark.parametrize("body", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_two_solvers_find_what_one_finds(body: str, eager: None) -> None:
    text = f"procedure p(inout x: int, inout y: int, inout z: int) begin {body} end"
    assert _said(_checked(text, 1)) == _said(_checked(text, 2))


def test_units_side_by_side(eager: None) -> None:
    text = "\n".join(
        f"procedure p{n}(inout x: int, inout y: int, inout z: int) begin {body} end"
        for n, body in enumerate(PROGRAMS.values())
        if "unknown" not in body
    )
    one, two = _checked(text, 1), _checked(text, 2)
    assert _said(one) == _said(two)
    assert [g.verdict for u in one.units for g in u.goals] == [g.verdict for u in two.units for g in u.goals]
