"""What inference finds is what the kernel accepts without it, and it never answers wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest

from prover.check import Options, check_files
from prover.inputs import Input
from prover.report import Answer
from tests.infer.texts import checked, written

COUNT = "ensures i = n\nbegin\n  i := 0;\n  while i < n do i := i + 1 end\nend\n"
YES = {
    "count": f"procedure p(n: int) returns (i: int) requires n >= 0 terminates {COUNT}",
    "two phases": "procedure p(inout x: int, inout y: int) terminates begin\n"
    "while x > 0 do if y > 0 then y := y - 1 else x := x - 1; y := * end end end",
    "supported": "procedure p(inout x: int, y: int) requires y >= 1 terminates begin while x > y do x := x - y end end",
}
YES |= {  # what is said of all places is said of those before or after a counter; predicates are unfolded
    "neighbours": "procedure p(a: int[]) returns (yes: bool) ensures yes <==> ordered(a) terminates begin\n"
    "var i := 1; while i < len(a) and a[i - 1] <= a[i] do i := i + 1 end; yes := i >= len(a) end\n"
    "predicate ordered(a: int[]) = forall i, j: int :: 0 <= i <= j < len(a) ==> a[i] <= a[j]",
    "both ends": "procedure p(a: int[]) returns (yes: bool)\n"
    "ensures yes <==> (forall k: int :: 0 <= k < len(a) ==> a[k] = a[len(a) - 1 - k]) terminates begin\n"
    "var i, j := 0, len(a) - 1; yes := true; while i < j do\n"
    "if a[i] != a[j] then yes := false; return end; i := i + 1; j := j - 1 end end",
    "a sum from its end": "procedure p(a: int[]) returns (s: int) ensures s = sum(a, len(a)) terminates begin\n"
    "var i := len(a); s := 0; while i > 0 do i := i - 1; s := s + a[i] end end\n"
    "function sum(a: int[], n: int): int requires 0 <= n <= len(a) variant n\n"
    "= if n = 0 then 0 else sum(a, n - 1) + a[n - 1]",
}
NO = {
    "g2": "procedure p(inout x: int, y: int) terminates begin while x > y do x := x - y end end",
    "up": "procedure p(inout x: int) terminates begin while x > 0 do x := x + 1 end end",
}
NEITHER = {  # one of the answers must not be yes
    "not from everywhere": "procedure p(inout x: int, y: int) terminates begin while x > 0 do x := x - y end end",
    "wrong start": f"procedure p(n: int) returns (i: int) {COUNT}",
    "wrong end": "procedure p(n: int) returns (i: int) requires n >= 0 ensures i > n\n"
    "begin i := 0; while i < n do i := i + 1 end end",
}


@pytest.mark.parametrize("name", YES)
def test_found_annotations_prove_the_file_without_inference(name: str) -> None:
    report = checked(YES[name])
    assert report.units[0].inferred
    assert (report.units[0].correct, report.units[0].terminates) == (Answer.YES, Answer.YES)
    assert checked(YES[name], infer=False).units[0].terminates is not Answer.YES
    again = checked(written(report), infer=False).units[0]
    assert (again.correct, again.terminates) == (Answer.YES, Answer.YES)


@pytest.mark.parametrize("name", NO)
def test_found_recurrent_sets_are_accepted_and_reached(name: str) -> None:
    report = checked(NO[name])
    assert [i.kind for i in report.units[0].inferred] == ["recurrent"]
    assert report.units[0].terminates is Answer.NO
    assert checked(written(report), infer=False).units[0].terminates is Answer.NO


@pytest.mark.parametrize("name", NEITHER)
def test_what_is_not_so_is_not_found(name: str) -> None:
    (unit,) = checked(NEITHER[name]).units
    assert (unit.correct is not Answer.YES) or (unit.terminates is not Answer.YES)


def test_a_claim_of_the_file_is_not_found_again(root: Path) -> None:
    (report,) = check_files([Input("g", root / "proofs/motivation/g2_recurrent.proof", root)], Options(jobs=1))
    assert report.units[0].terminates is Answer.NO
    assert not report.units[0].inferred


def test_a_no_shows_states_at_the_head_that_keep_the_set() -> None:
    evidence = checked(NO["g2"]).units[0].evidence
    states = evidence["prefix"]
    assert isinstance(states, list)
    assert states[0] == evidence["state"]
    assert all(int(s["x"]) > int(s["y"]) and int(s["y"]) <= 0 for s in states)
    assert len(states) > 1


@pytest.mark.parametrize(
    ("loop", "expected"),
    [
        ("while x < y + 38 do x := x + 2 end", "variant y - x + 38"),
        ("while x > 0 do if y > 0 then y := y - 1 else x := x - 1; y := * end end", "variant x, y"),
        ("while x > 0 do x := x - 1 end", "variant x"),
    ],
)
def test_variants_are_readable(loop: str, expected: str) -> None:
    report = checked(f"procedure p(inout x: int, inout y: int) terminates begin {loop} end")
    assert [i.text for i in report.units[0].inferred] == [expected]
