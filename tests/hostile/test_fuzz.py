"""Mutated programs, 1,000 on each change; `make fuzz-hostile N=…` tries more."""

from __future__ import annotations

from tests.hostile.fuzz import fuzz, mutant, trouble


def test_nothing_but_complaints() -> None:
    *_, found = fuzz(range(1_000), checked=25)
    assert found.failures == []
    assert found.outcomes["not read"] >= 200
    assert found.outcomes["not typed"] >= 20
    assert found.outcomes["goals made"] >= 50


def test_the_same_seed_gives_the_same_text() -> None:
    assert [mutant(n) for n in range(50)] == [mutant(n) for n in range(50)]


def test_what_raises_or_takes_long_is_noticed() -> None:
    assert "ZeroDivisionError" in trouble(lambda: str(1 // 0), 1.0)[1]
    assert trouble(lambda: str(sum(range(1_000_000))), 0.001)[1].startswith("took")
    assert trouble(lambda: "fine", 1.0) == ("fine", "")
