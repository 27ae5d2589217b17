"""The campaign's table: what is missed is said, and is the exit status."""

from __future__ import annotations

import pytest

from tests.belief import run
from tests.belief.run import Row, main, table

GOOD = Row("false corpus", "0", "0 of 384", True)
BAD = Row("true corpus", "≥ 98 %", "3 %", False)


def test_the_table() -> None:
    assert table([GOOD, BAD]).splitlines() == [
        "goal          figure  reached",
        "------------  ------  --------",
        "false corpus  0       0 of 384  yes",
        "true corpus   ≥ 98 %  3 %       NO",
    ]


@pytest.mark.parametrize(("rows", "status"), [([GOOD], 0), ([GOOD, BAD], 1)])
def test_the_exit_status(
    rows: list[Row], status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[bool] = []

    def part(quick: bool) -> list[Row]:
        asked.append(quick)
        return rows

    monkeypatch.setattr(run, "PARTS", {"part": part})
    assert main(["--quick", "part"]) == status
    assert asked == [True]
    assert table(rows) in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["other"])
    assert "there is no part other; there are part" in capsys.readouterr().err


def test_solvers_stay_stable_and_agree() -> None:
    """One example, as the campaign does with many."""
    assert all(row.good for row in (*run.stability(quick=True), *run.second_opinion(quick=True)))
