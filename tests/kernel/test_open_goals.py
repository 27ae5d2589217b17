"""Small programs each with a goal that does not hold: exactly those stay open (open_goals.txt; `pytest --update`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from prover.solve.process import Pool
from tests.kernel.sequents import unproved

TABLE = Path(__file__).with_name("open_goals.txt")
HEAD, *ENTRIES = TABLE.read_text("utf-8").split("\n##")
PROGRAMS = [entry.partition("\n") for entry in ENTRIES]


def test_open_goals(pool: Pool, update: bool) -> None:
    found = [(names.split(), unproved(text, pool), text) for names, _, text in PROGRAMS]
    if update:
        parts = [f"\n##{''.join([f' {n}' for n in opened])}\n{text}" for _, opened, text in found]
        TABLE.write_text(HEAD + "".join(parts), "utf-8")
    for stated, opened, text in found:
        assert opened == stated or update, text


@pytest.mark.parametrize(
    "kind", ["assert", "inv", "ensures", "post", "division", "index", "overflow", "range", "variant", "length"]
)
def test_every_kind_of_goal_is_refused_somewhere(kind: str) -> None:
    assert any(kind in name for names, _, _ in PROGRAMS for name in names.split())
