"""Intervals hold the values that they are said to hold, and the bounds that they give prove programs."""

from __future__ import annotations

import random
from functools import reduce
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from prover.check import Options, check_files
from prover.diagnostic import InputError
from prover.infer.annotate import rewritten, with_loops
from prover.infer.bounded import bounds, intervals
from prover.infer.intervals import WHOLE, Interval, add, divide, join, meet, modulo, multiply, negated, point, subtract, widen
from prover.infer.observe import observe
from prover.infer.valued import Reader
from prover.infer.work import Work
from prover.inputs import Input
from prover.kernel.depend import statements
from prover.kernel.program import Assert, Procedure, Program, Statement
from prover.kernel.sort import INT, MACHINE, Machine, Sort
from prover.kernel.term import Op, Term, Var, app, num
from prover.record import replace
from prover.report import Answer, FileReport
from prover.semantics.evaluate import Evaluator, Scope
from prover.syntax.unparse import term_text
from tests.fuzz.generate import generate
from tests.semantics.programs import program_of, unit_of

EMPTY = program_of("")
COMPARISONS = (Op.LT, Op.LE, Op.GT, Op.GE, Op.EQ, Op.NE)
BINARY = {Op.ADD: add, Op.SUB: subtract, Op.MUL: multiply, Op.DIV: divide, Op.MOD: modulo}
FOLDER = Path(__file__).parent / "bounds"
FOUND = sorted(FOLDER.glob("*.proof"))
EDGES = (-(10**100), -129, -128, -1, 0, 1, 127, 255, 256, 10**100)

numbers = st.one_of(st.integers(-20, 20), st.sampled_from(EDGES), st.integers())


@st.composite
def inside(draw: st.DrawFn) -> tuple[Interval, int]:
    """An interval, perhaps without an end, and a value in it."""
    low, value, high = sorted(draw(st.tuples(numbers, numbers, numbers)))
    return Interval(draw(st.sampled_from((low, WHOLE.low))), draw(st.sampled_from((high, WHOLE.high)))), value


@given(inside(), inside(), st.sampled_from(list(BINARY)))
@settings(max_examples=600)
def test_operators(left: tuple[Interval, int], right: tuple[Interval, int], op: Op) -> None:
    value = Evaluator(EMPTY).value(app(op, num(left[1]), num(right[1])), Scope({}))
    assume(isinstance(value, int))
    assert isinstance(value, int)
    assert value in BINARY[op](left[0], right[0])


@pytest.mark.parametrize("op", BINARY)
def test_operators_on_all_small_intervals(op: Op) -> None:
    """The ends are met, too, except where remainders begin anew."""
    span = range(-4, 5)
    every = [(a, b) for a in span for b in span if a <= b]
    for a, b in every:
        for c, d in every:
            pairs = [app(op, num(x), num(y)) for x in range(a, b + 1) for y in range(c, d + 1)]
            values = [v for v in (Evaluator(EMPTY).value(p, Scope({})) for p in pairs) if isinstance(v, int)]
            found = BINARY[op](Interval(a, b), Interval(c, d))
            assert all(v in found for v in values)
            assert op is Op.MOD or not values or (min(values), max(values)) == (found.low, found.high)


@given(inside(), inside(), st.lists(st.integers(-30, 30)).map(sorted))
def test_lattice(left: tuple[Interval, int], right: tuple[Interval, int], thresholds: list[int]) -> None:
    (a, x), (b, y) = left, right
    assert -x in negated(a)
    assert x in join(a, b)
    assert y in join(a, b)
    wide = widen(a, b, thresholds)
    assert x in wide
    assert y in wide
    both = meet(a, b)
    assert (x in b) is (both is not None and x in both)


def test_ends_do_not_grow_without_end() -> None:
    value = Interval(10**100, 10**101)
    for _ in range(40):
        value = multiply(value, value)
    assert value.high == WHOLE.high
    assert reduce(add, [point(10**100)] * 3) == point(3 * 10**100)


# Terms and conditions

SORTS: tuple[Sort, ...] = (INT, MACHINE["uint8"], MACHINE["int8"])
VARIABLES = {sort: [Var(f"{name}_{sort}", sort) for name in "xy"] for sort in SORTS}


@st.composite
def numerics(draw: st.DrawFn, sort: Sort, depth: int) -> Term:
    kind = draw(st.integers(0, 9)) if depth else draw(st.integers(0, 1))
    low, high = (sort.low, sort.high) if isinstance(sort, Machine) else (-40, 40)
    below = numerics(sort, depth - 1)
    match kind:
        case 0:
            return num(draw(st.integers(low, high)), sort)
        case 1 | 2:
            return draw(st.sampled_from(VARIABLES[sort]))
        case 3:
            return app(Op.ITE, draw(conditions(depth - 1)), draw(below), draw(below))
        case 4:
            other = draw(numerics(draw(st.sampled_from(SORTS)), depth - 1))
            return app(draw(st.sampled_from((Op.CONVERT, Op.WRAP))), other, sort=sort) if sort != INT else app(Op.VALUE, other)
        case 5:
            variable = draw(st.sampled_from(VARIABLES[sort]))
            return app(Op.MUL, variable, variable)
        case 6:
            return app(Op.NEG, draw(below))
        case _:
            return app(draw(st.sampled_from(list(BINARY))), draw(below), draw(below))


@st.composite
def conditions(draw: st.DrawFn, depth: int) -> Term:
    if depth <= 0 or draw(st.booleans()):
        sort = draw(st.sampled_from(SORTS))
        return app(draw(st.sampled_from(COMPARISONS)), draw(numerics(sort, depth)), draw(numerics(sort, depth)))
    op = draw(st.sampled_from((Op.AND, Op.OR, Op.IMPLIES, Op.NOT)))
    parts = [draw(conditions(depth - 1)) for _ in range(1 if op is Op.NOT else 2)]
    return app(op, *parts)


@st.composite
def states(draw: st.DrawFn) -> tuple[dict[str, Interval], dict[str, int]]:
    ranges, values = {}, {}
    for sort, variables in VARIABLES.items():
        for variable in variables:
            low, high = (sort.low, sort.high) if isinstance(sort, Machine) else (-60, 60)
            a, value, b = sorted(draw(st.tuples(*[st.integers(low, high)] * 3)))
            values[variable.name] = value
            if draw(st.booleans()):
                ranges[variable.name] = Interval(a, b)
    return ranges, values


@given(st.sampled_from(SORTS).flatmap(lambda s: numerics(s, 3)), states())
@settings(max_examples=400)
def test_values_of_terms(term: Term, state: tuple[dict[str, Interval], dict[str, int]]) -> None:
    value = Evaluator(EMPTY).value(term, Scope(state[1]))
    assume(isinstance(value, int))
    assert isinstance(value, int)
    assert value in Reader(EMPTY, Work(10_000)).value(term, state[0])


@given(conditions(3), states())
@settings(max_examples=800)
def test_a_condition_leaves_the_states_in_which_it_holds(
    condition: Term, state: tuple[dict[str, Interval], dict[str, int]]
) -> None:
    ranges, values = state
    holds = Evaluator(EMPTY).value(condition, Scope(values))
    assume(isinstance(holds, bool))
    left = Reader(EMPTY, Work(50_000)).under([condition], ranges, holds is True)
    assert left is not None
    assert all(values[name] in interval for name, interval in left.items())


def said(text: str) -> dict[str, str]:
    program = program_of(text)
    return {k: "; ".join(map(term_text, found)) for k, found in bounds(unit_of(program, "p"), program).items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x := 0; while x < 10 do x := x + 7 end", "x >= 0; x <= 16"),
        ("x := 2; while 3 * x + 1 <= 2 * 50 do x := x * 2 end", "x >= 2; x <= 66"),
        ("x := 9; while x * x > 0 do x := x / 2 end", "x >= 0; x <= 9"),
        ("x := 100; while x != 3 do x := x - 1; if x < 50 then break end end", "x >= 50; x <= 100"),
        ("x := 5; while * do if x > 90 then x := 1; continue end; x := 2 * x; assert x < 1000 end", "x >= 1; x <= 180"),
        ("x := 0; while * do if x < 90 then x := x + 7 end end", "x >= 0; x <= 96"),
        ("x := 7; while n > 0 do x := (x * n) % 10; n := n - 1 end", "x >= 0; x <= 9"),
        ("x := 1; while * invariant 1 <= x <= 9 do x := 10 - x end", ""),
        ("x := 4; while * do x := if n > 3 then x else 8 - x end", "x = 4"),
        ("x := 0; while x * k < 50 do x := x + k end", "x >= 0; x <= 19"),
        ("x := 0; while * do x := *; assume -3 < x <= 8; if x % 2 = 0 then return end end", "x >= -2; x <= 8"),
        ("x := 0; while n < 3 or n > 9 and n < 20 do n := n + 1; x := n * n end", "n >= -7; n <= 20; x >= 0; x <= 400"),
    ],
)
def test_bounds(text: str, expected: str) -> None:
    whole = f"procedure p(inout n: int, k: int) returns (x: int) requires n >= -7 and n < 11 and 3 <= k <= 3 begin {text} end"
    found = said(whole)["loop1"].split("; ")
    assert [f for f in found if not f.startswith("n") or expected.startswith("n")] == expected.split("; ")


def test_machine_integers_are_not_taken_to_wrap_where_they_do_not() -> None:
    text = "procedure p(n: uint8) returns (i: uint8) begin i := 0; while i + 1 < n and i < 20 do i := i + 3 end end"
    assert said(text) == {"loop1": "i <= 22"}
    text = "procedure p(n: uint8) returns (i: uint8) begin i := 0; while i != n do i := i + 3 end end"
    assert said(text) == {"loop1": ""}


# Runs


def stripped(program: Program) -> Program:
    """Without annotations, which runs do not heed."""

    def bare(statement: Statement) -> Statement | None:
        return None if isinstance(statement, Assert) else statement

    units = dict(program.units)
    for name, unit in units.items():
        if isinstance(unit, Procedure) and unit.body is not None:
            body = rewritten(unit.body, bare)
            units[name] = with_loops(replace(unit, body=body, ensures=()), lambda loop: replace(loop, invariants=()))
    return replace(program, units=units)


@pytest.mark.parametrize("seed", range(80))
def test_runs_stay_in_the_intervals(seed: int) -> None:
    try:
        program = stripped(program_of(generate(random.Random(seed))))
    except InputError:
        return
    for unit in program.units.values():
        if isinstance(unit, Procedure) and unit.body is not None:
            assert_within(unit, program)


def assert_within(unit: Procedure, program: Program) -> None:
    heads = intervals(unit, program)
    for seen in observe(unit, program, 12, 400, 3_000):
        for label, states in seen.heads.items():
            ranges = heads.get(label, {})
            assert ranges is not None
            assert all(state[name] in interval for state in states for name, interval in ranges.items() if name in state)


@pytest.mark.parametrize("path", FOUND, ids=lambda p: p.stem)
def test_runs_of_the_programs_stay_in_the_intervals(path: Path) -> None:
    program = stripped(program_of(path.read_text(encoding="utf-8")))
    unit = unit_of(program, "main")
    assert any(intervals(unit, program).values())
    assert_within(unit, program)


# Programs


def checked(text: str, timeout: float = 20) -> FileReport:
    (report,) = check_files([Input("t.proof", text.encode(), Path())], Options(jobs=1, timeout=timeout))
    return report


def answer(report: FileReport) -> Answer | None:
    return next(u.correct for u in report.units if u.name == "main")


@pytest.mark.parametrize("path", FOUND, ids=lambda p: p.stem)
def test_proved(path: Path) -> None:
    """Of each of these other engines prove nothing, or not within a minute."""
    assert answer(checked(path.read_text(encoding="utf-8"))) is Answer.YES


def test_nothing_false_is_proved() -> None:
    text = (FOLDER / "squares.proof").read_text(encoding="utf-8")
    assert answer(checked(text.replace("6400", "6000"))) is not Answer.YES


# What is too much


def test_many_variables() -> None:
    names = [f"v{i}" for i in range(300)]
    lines = "; ".join(f"{a} := {b} + 1" for a, b in zip(names, [*names[1:], "n"], strict=True))
    text = f"procedure p(n: int) begin var {' := 0; var '.join(names)} := 0; while * do {lines} end end"
    program = program_of(text)
    assert "loop1" in intervals(unit_of(program, "p"), program) or not intervals(unit_of(program, "p"), program)


def test_large_numbers() -> None:
    text = f"procedure p() returns (x: int) begin x := 2; while x < {10**100} do x := x * x * x * x * x * x end end"
    assert said(text) == {"loop1": f"x >= 2; x <= {(10**100 - 1) ** 6}"}
    text = f"procedure p() returns (x: int) begin x := {10**100}; while * do {'x := x * x; ' * 60} end end"
    assert said(text) == {"loop1": "x >= 0"}


def test_nested_loops() -> None:
    body = "x := x + 1; y := y + x; if y > 40 then y := 0 end"
    for depth in range(5):
        body = f"while z{depth} < {50 + depth} do z{depth} := z{depth} + {1 + depth}; {body} end"
    text = f"procedure p() begin var x := 0; var y := 0; {''.join(f'var z{d} := 0; ' for d in range(5))} {body} end"
    program = program_of(text)
    unit = unit_of(program, "p")
    assert len(list(statements(unit.body or pytest.fail()))) > 10
    found = intervals(unit, program)
    assert not found or found["loop1"] is not None
