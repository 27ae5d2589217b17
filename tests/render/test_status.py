"""From answers to statuses and exit codes: the worst decides, at every level."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

import prover
from prover.cli.main import main
from prover.diagnostic import error, warning
from prover.render.finding import Checked
from prover.render.tally import Tally
from prover.report import Answer, FileReport, Report, Status, UnitReport, Verdict, file_status
from prover.source import Source, Span

SPAN = Span(Source("x", "x"), 0, 1)
GOOD = "procedure good(x: int) returns (y: int)\n  ensures y = x\nbegin\n  y := x\nend\n"
OPEN = "procedure open(x, y: int)\n  requires y > 0\n  ensures x * x != 61 * y * y + 1\nbegin\n  skip\nend\n"
WRONG = GOOD.replace("good", "wrong").replace("y := x", "y := x + 1")
GOES_ON = "procedure ends(x: int)\n  terminates\nbegin\n  while x = x do skip end\nend\n"
UNTOLD = "procedure untold() returns (y: int)\n  ensures y = 5\nbegin\n  y := 0;\n  while y < 5 do y := y + 1 end\nend\n"
NEVER = GOOD.replace("good", "never").replace("  ensures y = x", "  requires x != x\n  ensures y != y")
BAD = "procedure\n"
QUICK = {"rlimit": 100_000, "timeout": 1.0}


def unit(correct: Answer, terminates: Answer | None) -> UnitReport:
    return UnitReport("u", "procedure", SPAN, correct, terminates, False, ())


def expected(correct: Answer, terminates: Answer | None) -> Status:
    answers = {correct, terminates}
    return Status.REFUTED if Answer.NO in answers else Status.UNKNOWN if Answer.UNKNOWN in answers else Status.PROVED


PAIRS = list(itertools.product(Answer, (*Answer, None)))


def test_a_unit() -> None:
    for pair in PAIRS:
        assert unit(*pair).status is expected(*pair)


def test_a_file_is_its_worst_unit() -> None:
    for two in itertools.product(PAIRS, PAIRS):
        statuses = {expected(*p) for p in two}
        worst = next(s for s in (Status.REFUTED, Status.UNKNOWN, Status.PROVED) if s in statuses)
        units = [unit(*p) for p in two]
        assert file_status(units, ()) is worst
        assert file_status(units, (warning("x", "x", None),)) is worst
        assert file_status(units, (warning("x", "x", None), error("x", "x", None))) is Status.INVALID


def test_a_run_is_good_if_all_files_are() -> None:
    for found in itertools.chain.from_iterable(itertools.product(Status, repeat=n) for n in (1, 2, 3)):
        files = tuple(FileReport("f", s, (), ()) for s in found)
        wanted = 2 if Status.INVALID in found else 0 if set(found) == {Status.PROVED} else 1
        assert Report(files, "0", "z3").exit_status == wanted
        tally = Tally()
        for file in files:
            tally = tally.with_file(Checked(file))
        assert tally.exit_status == wanted


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        (GOOD, Status.PROVED, 0),
        (OPEN, Status.UNKNOWN, 1),
        (WRONG, Status.REFUTED, 1),
        (GOES_ON, Status.UNKNOWN, 1),
        (UNTOLD, Status.UNKNOWN, 1),
        (BAD, Status.INVALID, 2),
        (GOOD + WRONG, Status.REFUTED, 1),
        (OPEN + GOOD, Status.UNKNOWN, 1),
    ],
    ids=["good", "open", "wrong", "goes-on", "untold", "bad", "good-and-wrong", "open-and-good"],
)
def test_from_text_to_exit_code(text: str, status: Status, code: int, tmp_path: Path) -> None:
    (tmp_path / "a.proof").write_text(text)
    assert main(["check", "--no-cache", "--no-infer", "--rlimit", "100000", "--timeout", "1", str(tmp_path)]) == code
    report = prover.check_text(text, infer=False, **QUICK)  # type: ignore[arg-type]
    assert report.files[0].status is status
    for found in report.files[0].units:
        proved = all(g.verdict is Verdict.PROVED for g in found.goals)
        assert (found.status is Status.PROVED) == proved


def test_several_files(tmp_path: Path) -> None:
    for name, text in (("a", GOOD), ("b", WRONG), ("c", GOOD)):
        (tmp_path / f"{name}.proof").write_text(text)
    assert main(["check", "--no-cache", "--no-infer", str(tmp_path)]) == 1
    (tmp_path / "d.proof").write_text(BAD)
    assert main(["check", "--no-cache", "--no-infer", str(tmp_path)]) == 2


def test_a_yes_from_nothing_is_named_and_with_strict_is_none() -> None:
    (found,) = prover.check_text(NEVER).files[0].units
    assert (found.correct, found.vacuous) == (Answer.YES, True)
    (strict,) = prover.check_text(NEVER, strict=True).files[0].units
    assert (strict.correct, strict.vacuous, strict.status) == (Answer.UNKNOWN, True, Status.UNKNOWN)


NOT_THERE = """procedure p(x: int)
  requires x < 0
  diverges x < 0
begin
  while x > 0 recurrent x > 0 do skip end
end
"""
LEAVES = """procedure p(inout x: int)
begin
  while x > 0 recurrent x > 0 do if x > 0 then x := x - 1 else x := 5 end end
end
"""


def test_half_a_recurrent_set_is_none() -> None:
    """That the set implies the guard is proved, that the body keeps it is not: no run is known to go on."""
    (found,) = prover.check_text(LEAVES, infer=False).files[0].units
    goals = {g.name: g.verdict for g in found.goals}
    assert goals["p.loop1.recurrent.guard"] is Verdict.PROVED
    assert found.terminates is Answer.UNKNOWN


def test_one_claim_of_two_is_not_both() -> None:
    """The loop would go on, but nobody gets there; that the procedure goes on is not proved."""
    (found,) = prover.check_text(NOT_THERE, infer=False).files[0].units
    assert {g.verdict for g in found.goals if "recurrent" in g.name} == {Verdict.PROVED}
    assert found.terminates is Answer.UNKNOWN
