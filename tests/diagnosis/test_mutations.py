"""A sample of the examples' mutants: none that a run breaks is proved, and nearly all are refuted."""

from __future__ import annotations

from tests.diagnosis.mutations import checked, chosen, tally


def test_broken_mutants_are_refuted() -> None:
    found = chosen(10, seed=3)
    counts = tally(found, checked(found))
    assert counts["yes"] == 0
    assert counts["no"] >= 0.9 * sum(counts.values())
