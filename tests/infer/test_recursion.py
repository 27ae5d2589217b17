"""What calls itself: variants where it ends, claims where it does not, and both are written back."""

from __future__ import annotations

from pathlib import Path

import pytest

import prover
from prover.cli.main import main
from prover.report import Answer

ENDS = {
    "n": "procedure p(n: int) terminates begin if n > 0 then p(n - 1) end end",
    "n - i": "procedure p(i: int, n: int) terminates begin if i < n then p(i + 1, n) end end",
    "hi - lo": "procedure p(lo: int, hi: int) terminates\nbegin\n"
    "  if hi - lo > 1 then p(lo, (lo + hi) / 2); p((lo + hi) / 2, hi) end\nend",
    "m, n": "procedure p(m: int, n: int) requires m >= 0 and n >= 0 terminates\nbegin\n"
    "  if m > 0 and n > 0 then p(m, n - 1); p(m - 1, n + 7)\n"
    "  elsif m > 0 then p(m - 1, 3) end\nend",
    "len(a) - i": "procedure p(a: int[], i: int) requires i >= 0 terminates\n  begin if i < len(a) then p(a, i + 1) end end",
    "int(n)": "procedure p(n: uint8) terminates begin if n > 0 then p(n / 2) end end",
    "x": "procedure p(inout x: int) terminates begin if x > 0 then x := x - 1; p(x) end end",
    "a + b": "procedure p(a: int, b: int) requires a >= 0 and b >= 0 terminates begin if a > 0 then p(b, a - 1) end end",
    "k": "lemma p(k: int) requires k >= 0 ensures k * (k + 1) mod 2 = 0 begin if k > 0 then p(k - 1) end end",
}
ENDLESS = {
    "the same again": "procedure p(n: int) terminates begin if n > 0 then p(n) end end",
    "away from the bound": "procedure p(n: int) terminates begin if n > 0 then p(n + 1) end end",
    "no bound": "procedure p(n: int) terminates begin p(n - 1) end",
    "past the bound": "procedure p(n: int) terminates begin if n != 0 then p(n - 2) end end",
    "wraps around": "procedure p(n: uint8) terminates begin p(n - 1) end",
    "swaps for ever": "procedure p(a: int, b: int) terminates begin if a > 0 then p(b, a) end end",
    "by choice": "procedure p(n: int) terminates begin var m: int; m := *; if m > n then p(m) end end",
    "after a call that does not end": "procedure p(n: int) returns (r: int) terminates\n"
    "begin if n = 0 then r := 0 else r := p(n + 2); r := r + 1 end end",
    "what it is given back": "procedure p(inout x: int) terminates begin if x > 7 then x := x + 1; p(x) end end",
}


@pytest.mark.parametrize("variant", ENDS)
def test_it_ends(variant: str) -> None:
    report = prover.check_text(ENDS[variant])
    (unit,) = report.files[0].units
    assert (unit.correct, unit.terminates) == (Answer.YES, Answer.YES)
    assert len(unit.inferred) == 1
    assert unit.inferred[0].kind == "variant"


@pytest.mark.parametrize("name", ENDLESS)
def test_it_never_ends(name: str, tmp_path: Path) -> None:
    """The claim goes into the file, and is proved from there."""
    path = tmp_path / "p.proof"
    path.write_text(ENDLESS[name] + "\n")
    (unit,) = prover.check_paths([path], timeout=5).files[0].units
    assert unit.terminates is Answer.NO
    assert [i.kind for i in unit.inferred] == ["diverges"]
    assert main(["infer", "--write", str(path)]) == 1
    (again,) = prover.check_paths([path], infer=False).files[0].units
    assert (again.terminates, again.inferred) == (Answer.NO, ())
    assert again.evidence["diverges"] in path.read_text()


def test_nothing_is_found_for_a_lemma_that_uses_itself() -> None:
    (unit,) = prover.check_text("lemma p(k: int) ensures k > 0 begin p(k) end", timeout=3).files[0].units
    assert unit.terminates is not Answer.YES
    assert unit.inferred == ()


TOGETHER = {
    "one lower on each call": "procedure p(n: int) requires n >= 0 terminates begin if n > 0 then q(n - 1) end end\n"
    "procedure q(k: int) requires k >= 0 terminates begin if k > 0 then p(k - 1) end end",
    "lower on every second call": "procedure p(n: int) terminates begin if n > 0 then q(n) end end\n"
    "procedure q(k: int) requires k > 0 terminates begin p(k - 1) end",
    "three": "procedure p(i: int, n: int) terminates begin if i < n then q(i, n) end end\n"
    "procedure q(i: int, n: int) requires i < n terminates begin r(n, i) end\n"
    "procedure r(n: int, i: int) requires i < n terminates begin p(i + 1, n) end",
    "lemmas": "function sum(n: int): int requires n >= 0 variant n = if n = 0 then 0 else n + sum(n - 1)\n"
    "lemma p(n: int) requires n >= 0 ensures 2 * sum(n) = n * (n + 1) begin if n > 0 then q(n - 1) end end\n"
    "lemma q(n: int) requires n >= 0 ensures 2 * sum(n) = n * (n + 1) begin if n > 0 then p(n - 1) end end",
}
ENDLESS_TOGETHER = {
    "the same again": "procedure p(n: int) terminates begin q(n) end procedure q(n: int) terminates begin p(n) end",
    "one of both": "procedure p(n: int) terminates begin if n > 0 then q(n - 1) end end\n"
    "procedure q(n: int) terminates begin p(n + 1) end",
    "a lemma for another": "lemma p(n: int) ensures n > 0 begin q(n) end lemma q(n: int) ensures n > 0 begin p(n) end",
}


@pytest.mark.parametrize("name", TOGETHER)
def test_those_that_call_each_other_end(name: str, tmp_path: Path) -> None:
    path = tmp_path / "p.proof"
    path.write_text(TOGETHER[name] + "\n")
    units = [u for u in prover.check_paths([path]).files[0].units if u.kind != "function"]
    assert {(u.correct, u.terminates) for u in units} == {(Answer.YES, Answer.YES)}
    assert all([i.kind for i in u.inferred] == ["variant"] for u in units)
    assert main(["infer", "--write", str(path)]) == 0
    again = prover.check_paths([path], infer=False).files[0].units
    assert all(u.terminates in (Answer.YES, None) for u in again)


@pytest.mark.parametrize("name", ENDLESS_TOGETHER)
def test_nothing_is_found_for_those_that_call_each_other_for_ever(name: str) -> None:
    units = prover.check_text(ENDLESS_TOGETHER[name], timeout=3).files[0].units
    assert all(u.terminates is not Answer.YES and u.inferred == () for u in units)


@pytest.mark.parametrize("variant", ENDS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_is_found_is_written(variant: str, newline: str, tmp_path: Path) -> None:
    path = tmp_path / "p.proof"
    path.write_bytes(f"// before\n{ENDS[variant]}\n// after\n".replace("\n", newline).encode())
    assert main(["infer", "--write", str(path)]) == 0
    text = path.read_bytes().decode()
    assert "variant" in text
    assert text.count("\r\n") == (text.count("\n") if newline == "\r\n" else 0)
    assert prover.check_paths([path], infer=False).files[0].units[0].terminates is Answer.YES
