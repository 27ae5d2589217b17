"""Programs that are right but lack an invariant: none is called wrong, and the cause that is named is the annotation.

Made from the examples that ship, by leaving out one line with an invariant; where the rest is proved all the same, nothing is
asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from prover.check import Options, check_files
from prover.inputs import Input
from prover.report import Cause, FileReport, Status, Verdict

EXAMPLES = Path(__file__).parents[2] / "proofs" / "examples"
# Those whose proofs are quick, so that many can be tried.
NAMES = (
    "array_maximum array_sum bank_account binary_digits bounded_queue break_and_continue checksum copy_and_fill counting digits "
    "division dot_product factorial fibonacci geometric_series horner is_sorted linear_search logarithm longest_plateau "
    "lower_bound maximum palindrome prefix_sums product_by_addition product_by_halving reversal square_root "
    "sum_of_odd_numbers sum_of_squares sum_to triangle two_phases"
).split()


def weakened() -> Iterator[Input]:
    for name in NAMES:
        lines = (EXAMPLES / f"{name}.proof").read_text(encoding="utf-8").split("\n")
        places = [i for i, line in enumerate(lines) if re.match(r"\s*invariant ", line)]
        for place in places[:2]:
            text = "\n".join(lines[:place] + lines[place + 1 :])
            yield Input(f"{name}:{place + 1}", text.encode(), EXAMPLES)


@pytest.fixture(scope="module")
def reports() -> list[FileReport]:
    return list(check_files(list(weakened()), Options(infer=False, rlimit=300_000, timeout=5, jobs=2)))


def test_none_is_called_wrong(reports: list[FileReport]) -> None:
    assert [r.path for r in reports if r.status is Status.REFUTED] == []
    assert sum(r.status is Status.UNKNOWN for r in reports) >= 40


def test_the_annotation_is_named_as_cause(reports: list[FileReport]) -> None:
    left = [r for r in reports if r.status is Status.UNKNOWN]
    first = {r.path: next(g for u in r.units for g in u.goals if g.verdict is not Verdict.PROVED).cause for r in left}
    others = [path for path, cause in first.items() if cause is not Cause.ANNOTATION]
    assert len(others) <= len(left) // 10, others
