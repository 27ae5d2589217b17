"""Programs that are too large for the engines: given up in time, never with a bug."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from prover.check import Options, check_files, load_plan
from prover.diagnose.refute import RUNS, Effort, Solver, refutation
from prover.infer.guessing import _sides
from prover.infer.observe import weight
from prover.infer.together import MOST_TRIED, _places
from prover.inputs import Input
from prover.kernel.program import Procedure
from prover.kernel.sort import INT
from prover.kernel.term import Op, Var, app, num
from prover.plan import load
from prover.report import Answer
from prover.semantics.outcome import Run
from prover.semantics.run import run
from prover.solve.clock import Clock, Stopwatch
from prover.syntax.elaborate import FileLoader
from prover.syntax.read import read_source

MANY = 120


def _chain(count: int) -> str:
    """A loop in which each variable grows by the one before it, so that a round's values get long."""
    parameters = ", ".join(f"a{i}: int" for i in range(count))
    declared = "\n".join(f"  var x{i} := a{i};" for i in range(count))
    changed = ";\n".join(f"    x{i} := x{i} + x{i - 1}" for i in range(1, count))
    loop = f"  while r < x0 do\n{changed};\n    r := r + 1\n  end\nend\n"
    return (
        f"procedure p({parameters}) returns (r: int)\n  requires a0 >= 0\n  ensures r <= a0\nbegin\n{declared}\n  r := 0;\n{loop}"
    )


def _nested(depth: int, bound: str) -> str:
    """Loops in loops, each with products in its condition."""
    text = "skip"
    for i in range(depth):
        text = f"while i{i} * i{i} * r < n - {bound} * i{i} do\n{text};\ni{i} := i{i} + r * n\nend"
    declared = "\n".join(f"  var i{i} := 0;" for i in range(depth))
    return f"procedure p(n: int) returns (r: int)\n  ensures r * 0 = 0\nbegin\n{declared}\n  r := n * n;\n{text}\nend\n"


def _around(count: int) -> str:
    """Procedures that all call each other, of which none has a variant."""
    calls = [f"if x > y then q{(i + 1) % count}(x - y, y + {i}) end; q{i * 7 % count}(y, x)" for i in range(count)]
    return "\n".join(f"procedure q{i}(x: int, y: int) begin {body} end" for i, body in enumerate(calls))


def _ring(count: int) -> str:
    """Sums around, of which no linear term falls."""
    changed = ";\n".join(f"    v{i} := v{i} + v{(i + 1) % count}" for i in range(count))
    parameters = ", ".join(f"inout v{i}: int" for i in range(count))
    return f"procedure p({parameters})\nbegin\n  while v0 < v1 + v2 do\n{changed}\n  end\nend\n"


@pytest.mark.parametrize(
    "text",
    [_around(24), _ring(MANY), _chain(MANY), _chain(40), _nested(5, "1"), _nested(5, str(2**63)), _nested(2, str(10**100))],
    ids=["around", "ring", "chain", "shorter", "nested", "2^63", "10^100"],
)
def test_given_up(text: str) -> None:
    (report,) = check_files([Input("large.proof", text.encode(), Path())], Options(total=True, jobs=1, timeout=3))
    assert [d.message for d in report.diagnostics if d.severity.value == "error"] == []
    assert all(u.correct in (Answer.YES, Answer.UNKNOWN) for u in report.units)


def test_a_refutation_without_time_asks_no_solver() -> None:
    def asked(_: str) -> str:
        raise AssertionError("asked")

    text = "procedure p(n: int) returns (r: int)\n  ensures r <> 1000003\nbegin\n  r := n\nend\n"
    ready, _ = load_plan(Input("late.proof", text.encode(), Path()), Options())
    assert refutation(ready.program, "p", Solver(ready.theory, asked, lambda: False)) is None
    with pytest.raises(AssertionError, match="asked"):
        refutation(ready.program, "p", Solver(ready.theory, asked, lambda: True))


def test_what_is_computed_counts_on_the_clock_but_never_more_than_has_passed() -> None:
    clock = Clock(10.0)
    ours = Stopwatch(clock)
    sum(i * i for i in range(300_000))
    assert ours.time()
    assert clock.left < 10.0
    before = clock.left
    clock.spend(5.0)  # by a solver, in no time at all
    sum(i * i for i in range(300_000))
    ours.count()
    assert clock.left == before - 5.0


def test_of_many_procedures_around_few_combinations_are_tried() -> None:
    places = _places([8] * 200)
    assert len(places) <= MOST_TRIED
    assert places[:8] == [(i,) * 200 for i in range(8)]
    assert set(_places([2, 2])) == {(0, 0), (0, 1), (1, 0), (1, 1)}


def _tried(text: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """The runs of `p`, which has no wrong one, that are made to refute it."""
    made = 0

    def counted(*args: Any, **given: Any) -> Run:
        nonlocal made
        made += 1
        return run(*args, **given)

    with monkeypatch.context() as patch:
        patch.setattr("prover.diagnose.refute.run", counted)
        assert refutation(load(read_source(text.encode(), "p.proof"), FileLoader(Path())), "p", None) is None
    return made


def test_of_a_procedure_with_many_clauses_fewer_runs_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def runs(clauses: int) -> int:
        text = f"procedure p(x: int) returns (r: int)\n{'  ensures r = x' * clauses}\nbegin\n  r := x\nend\n"
        return _tried(text, monkeypatch)

    assert runs(1) == RUNS
    assert runs(20_000) < RUNS // 10


def test_what_has_one_run_is_not_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def runs(value: str) -> int:
        return _tried(f"procedure p() returns (x: int) ensures x = x begin x := {value} end", monkeypatch)

    assert runs("1") == len(Effort)
    assert runs("*") == RUNS


def test_steps_of_large_terms_count_for_more() -> None:
    def weighed(condition: str) -> int:
        text = f"procedure p(x: int) begin var y := x; skip; while {condition} do y := y - 1 end end"
        unit = load(read_source(text.encode(), "p.proof"), FileLoader(Path())).units["p"]
        assert isinstance(unit, Procedure)
        return weight(unit)

    assert weighed("y > 0") == 1
    assert weighed(" or ".join(f"y = {n}" for n in range(10, 100))) > 4


def test_arrays_of_arrays_are_guessed_about() -> None:
    text = """
predicate rows(a: int[][], n: int) = forall k :: 0 <= k < len(a) ==> len(a[k]) = n

procedure clear(inout a: int[][], n: int)
  requires n >= 0 and rows(a, n)
  ensures rows(a, n)
begin
  var i := 0;
  while i < len(a) do
    a[i] := array(n, 0);
    i := i + 1
  end
end
"""
    (report,) = check_files([Input("rows.proof", text.encode(), Path())], Options(jobs=1, timeout=8))
    assert report.units


def test_sides_that_cancel_say_nothing_of_a_variable() -> None:
    x = Var("x", INT)
    assert _sides(app(Op.LE, app(Op.ADD, x, num(1)), app(Op.ADD, x, num(2)))) == frozenset()


def test_a_bug_in_the_search_for_common_variants_costs_that_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("prover.diagnose.together.varied", broken)
    monkeypatch.delenv("PROVER_DEBUG")
    text = "procedure p(n: int) ensures n = n begin q(n) end procedure q(n: int) begin p(n) end procedure r() begin end"
    (report,) = check_files([Input("bug.proof", text.encode(), Path())], Options(total=True, jobs=1, timeout=3))
    assert [d.code for d in report.diagnostics] == ["input-bug"]
    assert {u.name: u.terminates for u in report.units}["r"] is Answer.YES
    assert {u.name: u.terminates for u in report.units}["p"] is Answer.UNKNOWN


def test_a_bug_in_the_search_costs_the_search_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("prover.diagnose.improve.infer", broken)
    monkeypatch.delenv("PROVER_DEBUG")
    text = """procedure p(n: int) returns (i: int)
  requires n >= 0
  ensures i = n
begin
  i := 0;
  while i < n do i := i + 1 end
end
triple t { x = 1 } x := x + 1 { x = 2 }"""
    (report,) = check_files([Input("bug.proof", text.encode(), Path())], Options(jobs=1))
    assert [d.code for d in report.diagnostics] == ["input-bug"]
    assert "ZeroDivisionError: oh" in report.diagnostics[0].message
    assert [u.correct for u in report.units] == [Answer.UNKNOWN, Answer.YES]
