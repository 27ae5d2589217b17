"""Programs that are run: what each statement does, what is checked, how runs end, and that they can be replayed."""

from __future__ import annotations

import time
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover.kernel.program import Program
from prover.semantics.choices import RandomChoices, RecordedChoices
from prover.semantics.needed import needed_inputs
from prover.semantics.outcome import Blocked, Break, BreakKind, Ended, Failed, OutOfSteps, Run, Step, Undetermined
from prover.semantics.run import run
from prover.semantics.values import Failure, FailureKind, Value
from tests.semantics.programs import program_of, run_text, unit_of


def ended(made: Run) -> dict[str, Value]:
    assert isinstance(made.outcome, Ended), made.outcome
    assert made.breaks == ()
    return dict(made.outcome.state)


def failed(made: Run) -> Failure:
    assert isinstance(made.outcome, Failed), made.outcome
    return made.outcome.failure


def only(made: Run) -> Break:
    assert len(made.breaks) == 1, made.breaks
    return made.breaks[0]


def test_factorial() -> None:
    text = """
function fact(n: int): int requires n >= 0 variant n = if n = 0 then 1 else n * fact(n - 1)
procedure factorial(n: int) returns (r: int)
  requires n >= 0
  ensures r = fact(n)
begin
  var i := 0;
  r := 1;
  while i < n invariant bound: 0 <= i <= n invariant r = fact(i) variant n - i do
    i := i + 1;
    r := r * i
  end
end"""
    assert ended(run_text(text, n=6))["r"] == 720
    assert isinstance(run_text(text, n=-1).outcome, Blocked)


def test_assignment_is_simultaneous() -> None:
    state = ended(run_text("triple t {true} x, y := y, x {true}", x=1, y=2))
    assert (state["x"], state["y"]) == (2, 1)


def test_element_writes_happen_from_left_to_right() -> None:
    text = "procedure p(inout a: int[], i: int, j: int) begin a[i], a[j] := a[j], a[i] end"
    assert ended(run_text(text, a=(1, 2, 3), i=0, j=2))["a"] == (3, 2, 1)
    assert ended(run_text(text, a=(1, 2, 3), i=1, j=1))["a"] == (1, 2, 3)
    both = "procedure p(inout a: int[]) begin a[0], a[0] := 1, 2 end"
    assert ended(run_text(both, a=(9,)))["a"] == (2,)


def test_arrays_are_values() -> None:
    state = ended(run_text("procedure p(inout a: int[], inout b: int[]) begin b := a; a[0] := 5 end", a=(1, 2), b=()))
    assert (state["a"], state["b"]) == ((5, 2), (1, 2))


def test_nested_arrays() -> None:
    text = "procedure p(inout a: int[][], i: int, j: int) begin a[i][j] := 7 end"
    assert ended(run_text(text, a=((1, 2), (3,)), i=0, j=1))["a"] == ((1, 7), (3,))
    assert failed(run_text(text, a=((1, 2), (3,)), i=1, j=1)).kind is FailureKind.INDEX


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("x := 1 / x", FailureKind.DIVISION),
        ("x := 1 % x", FailureKind.DIVISION),
        ("a[x + 2] := 1", FailureKind.INDEX),
        ("x := a[-1]", FailureKind.INDEX),
        ("n := x - 1", FailureKind.RANGE),
        ("a := array(x - 1, 0)", FailureKind.LENGTH),
        ("k := k - 1", FailureKind.OVERFLOW),
        ("u := uint8(x - 1)", FailureKind.CONVERSION),
    ],
)
def test_failing_operations_end_a_run_where_they_stand(statement: str, kind: FailureKind) -> None:
    text = f"""procedure p(inout x: int, inout a: int[], inout n: nat, inout k: int8, inout u: uint8)
begin
  {statement};
  x := 99
end"""
    made = run_text(text, x=0, a=(5,), n=0, k=-128, u=0)
    failure = failed(made)
    assert failure.kind is kind and failure.unit == "p"
    assert failure.span is not None and failure.span.first.line == 3
    assert made.refutes("p")


def test_loops_with_break_and_continue() -> None:
    text = """
procedure p(n: int) returns (s: int)
begin
  var i := 0;
  s := 0;
  while true do
    i := i + 1;
    if i > n then break end;
    if i % 2 = 0 then continue end;
    s := s + i
  end
end"""
    assert ended(run_text(text, n=6))["s"] == 9


def test_for_counts_after_continue_too_and_its_bounds_are_evaluated_once() -> None:
    text = """
procedure p(n: int) returns (s: int, i2: int)
begin
  var h := n;
  s := 0;
  for i := 1 to h invariant s >= 0 do
    h := 0;
    if i = 2 then continue end;
    s := s + i
  end;
  i2 := h
end
procedure down(n: int) returns (s: int)
begin
  s := 0;
  for i := n downto 1 do s := 10 * s + i end
end"""
    assert ended(run_text(text, n=4))["s"] == 8
    assert ended(run_text(text, n=-3))["s"] == 0
    assert ended(run_text(text, "down", n=3))["s"] == 321
    assert ended(run_text(text, "down", n=0))["s"] == 0


def test_return_checks_ensures_at_each_exit() -> None:
    text = """
procedure p(x: int) returns (r: int)
  ensures r > 0
begin
  r := x;
  if x > 5 then return end;
  r := -1
end"""
    assert ended(run_text(text, x=6))["r"] == 6
    found = only(run_text(text, x=1))
    assert found.kind is BreakKind.ENSURES and found.label == "ensures1" and found.state["r"] == -1


def test_calls_copy_in_and_out() -> None:
    text = """
procedure add(inout x: int, y: int) returns (before: int)
  requires y >= 0
  ensures x = old(x) + y and before = old(x)
begin
  before := x;
  x := x + y
end
procedure main(n: int) returns (a: int, b: int)
begin
  a := 10;
  b := add(a, n + 1)
end"""
    state = ended(run_text(text, "main", n=4))
    assert (state["a"], state["b"]) == (15, 10)
    found = only(run_text(text, "main", n=-5))
    assert (found.kind, found.unit, found.label) == (BreakKind.REQUIRES, "main", "call1.requires1")


def test_a_broken_ensures_belongs_to_the_callee() -> None:
    text = """
procedure q() returns (r: int) ensures r = 1 begin r := 2 end
procedure p() returns (r: int) begin r := q() end"""
    made = run_text(text, "p")
    assert only(made).unit == "q"
    assert made.refutes("q") and not made.refutes("p")


def test_recursion_is_deep_and_limited() -> None:
    text = """
procedure count(n: int) returns (r: int)
  requires n >= 0
  variant n
begin
  if n = 0 then r := 0 else r := count(n - 1); r := r + 1 end
end
procedure forever(n: int) begin forever(n) end"""
    assert ended(run_text(text, "count", n=3000))["r"] == 3000
    assert isinstance(run_text(text, "forever", max_steps=10**6, n=0).outcome, OutOfSteps)


def test_a_variant_that_does_not_fall_around_a_recursion() -> None:
    text = "procedure p(n: int) variant n begin if n > 0 then p(n) end end"
    made = run_text(text, n=1)
    assert only(made).kind is BreakKind.RECURSION
    assert made.wrong is None and made.wrong_annotation is not None


def test_annotations_are_told_apart_from_the_program_and_end_nothing() -> None:
    text = """
procedure p(n: int) returns (i: int)
  ensures i = n
begin
  i := 0;
  while i != n invariant small: i <= 1 variant n do
    i := i + 1
  end
end"""
    made = run_text(text, n=3)
    assert isinstance(made.outcome, Ended) and made.outcome.state["i"] == 3
    assert [(b.kind, b.label) for b in made.breaks] == [
        (BreakKind.VARIANT, "loop1"),
        (BreakKind.INVARIANT_PRESERVED, "loop1.small"),
    ]
    assert made.wrong is None and not made.refutes("p")


def test_invariants_hold_on_entry_and_in_ranges() -> None:
    text = "procedure p() begin var i := 5; while i < 9 invariant i < 5 do i := i + 1 end end"
    assert [b.kind for b in run_text(text).breaks] == [BreakKind.INVARIANT_ENTRY, BreakKind.INVARIANT_PRESERVED]


def test_lexicographic_variants() -> None:
    text = """
procedure p(n: int, m: int)
begin
  var i := n; var j := m;
  while i > 0 variant i, j do
    if j > 0 then j := j - 1 else i := i - 1; j := m end
  end
end"""
    ended(run_text(text, n=3, m=2))
    rises = text.replace("variant i, j", "variant j, i")
    assert only(run_text(rises, n=3, m=2)).kind is BreakKind.VARIANT


def test_a_broken_assertion_is_recorded_and_the_run_goes_on() -> None:
    text = "procedure p(inout x: int) begin assert positive: x > 0; x := 7; assert x = 7 end"
    made = run_text(text, x=0)
    assert only(made).label == "positive" and made.refutes("p")
    assert isinstance(made.outcome, Ended) and made.outcome.state["x"] == 7


def test_an_assertion_without_value_is_broken() -> None:
    found = only(run_text("procedure p(x: int) begin assert 1 / x = 1 end", x=0))
    assert found.failure is not None and found.failure.kind is FailureKind.DIVISION


def test_a_false_assume_is_no_run() -> None:
    text = "procedure p(x: int) ensures false begin assert x = 1; assume x = 1 end"
    made = run_text(text, x=0)
    assert isinstance(made.outcome, Blocked) and not made.is_evidence and not made.refutes("p")


def test_an_unknown_assume_is_no_evidence() -> None:
    text = """
predicate odd_perfect(n: int)
procedure p(x: int) begin assume odd_perfect(x); assert false end"""
    made = run_text(text, x=0)
    assert only(made).kind is BreakKind.ASSERTION
    assert not made.is_evidence and [d.needed for d in made.doubts] == [True]


def test_old_and_at() -> None:
    text = """
procedure p(inout a: int[], n: int)
  requires len(a) > 0
  ensures a[0] = old(a)[0] + n
begin
  here: a[0] := a[0] + 1;
  assert a[0] = at(here, a[0]) + 1;
  var i := 1;
  while around: i < n
    invariant a[0] = at(around, a[0]) + i - 1
  do
    a[0] := a[0] + 1;
    i := i + 1
  end
end"""
    assert ended(run_text(text, a=(5,), n=4))["a"] == (9,)


def test_choices_are_recorded_and_replayed() -> None:
    text = """
procedure p() returns (x: int, s: int)
begin
  x := *; s := 0;
  while * do s := s + 1; if * then s := s * 2 end end
end"""
    program = program_of(text)
    for seed in range(20):
        made = run(program, "p", {}, choices=RandomChoices(seed), max_steps=500)
        again = run(program, "p", {}, choices=RecordedChoices([c.value for c in made.choices]), max_steps=500)
        assert (again.outcome, again.steps, again.choices) == (made.outcome, made.steps, made.choices)
    assert isinstance(run(program, "p", {}, choices=RecordedChoices([])).outcome, Undetermined)


def test_a_witness_can_be_followed() -> None:
    text = "procedure p(y: int) returns (x: int) begin x := * choose y + 1 end"
    made = run(program_of(text), "p", {"y": 41}, choices=RandomChoices(0, follow_witness=True))
    assert ended(made)["x"] == 42


def test_bodiless_procedures_are_chosen_within_their_contract() -> None:
    text = """
procedure pick(n: int) returns (r: bool)
  ensures n > 0 ==> r
procedure p() returns (r: bool) ensures r begin r := pick(1) end"""
    made = run_text(text, "p")
    assert ended(made)["r"] is True and [c.what for c in made.choices] == ["r of pick"]


def test_lemmas_are_not_run_but_their_contracts_are_held() -> None:
    text = """
lemma wrong(x: int) requires x > 0 ensures x > 1
procedure p(x: int) begin wrong(x) end"""
    assert run_text(text, "p", x=2).breaks == ()
    assert (only(run_text(text, "p", x=1)).unit, only(run_text(text, "p", x=1)).kind) == ("wrong", BreakKind.ENSURES)
    assert run_text(text, "p", x=0).breaks[0].unit == "p"


def test_reading_termination_is_no_evidence() -> None:
    made = run_text("procedure h() begin if terminates(h) then while true do skip end end end")
    assert isinstance(made.outcome, Undetermined) and not made.is_evidence


def test_recurrent_sets_are_noticed() -> None:
    text = """
procedure g(x: int, y: int) returns (z: int)
begin
  z := x;
  while z > 0 recurrent y <= 0 and z > 0 do z := z - y end
end"""
    made = run_text(text, x=1, y=0)
    assert isinstance(made.outcome, OutOfSteps)
    assert [(r.label, r.state["z"]) for r in made.recurred] == [("loop1", 1)]
    assert run_text(text, x=5, y=1).recurred == ()


def test_machine_arithmetic() -> None:
    text = "procedure p(inout x: uint8) begin while x != 0 do x := x + 50 end end"
    assert ended(run_text(text, x=6))["x"] == 0


def test_traces_tell_each_step() -> None:
    program = program_of("procedure p() returns (x: int) begin x := 1; if x = 1 then x := 2 end end")
    seen: list[Step] = []
    made = run(program, "p", {}, choices=RandomChoices(0), observer=seen.append)
    traced = run(program, "p", {}, choices=RandomChoices(0), trace=True)
    assert [(s.span.text, s.state["x"]) for s in seen][::2] == [("x := 1", 1), ("x := 2", 2)]
    assert traced.trace == tuple(seen) and made.steps == 3


def test_bad_inputs_are_refused() -> None:
    program = program_of("procedure p(x: int, b: uint8) begin skip end\nlemma l(x: int) ensures true\naxiom a: true")
    wrong: list[tuple[dict[str, Value], str]] = [
        ({}, "no value is given for `x`"),
        ({"x": 1, "b": 256}, "is no `uint8`"),
        ({"x": True, "b": 1}, "is no `int`"),
    ]
    for inputs, words in wrong:
        with pytest.raises(ValueError, match=words):
            run(program, "p", inputs, choices=RandomChoices(0))
    with pytest.raises(ValueError, match="no body"):
        run(program, "a", {}, choices=RandomChoices(0))


def test_a_triple_needs_what_it_reads_first() -> None:
    text = """
triple t {x = a}
  s := 0;
  if x > 0 then u := 1 else u := 2 end;
  if x > 5 then w := 1; return end;
  for i := 0 to x do s := s + i; v := s end;
  w := v
{w >= 0 and u = u and s = s}"""
    assert [v.name for v in needed_inputs(unit_of(program_of(text)))] == ["x", "a", "v"]
    assert ended(run_text(text, x=3, a=3, v=0))["w"] == 6
    with pytest.raises(ValueError, match="`v`"):
        run_text(text, x=3, a=3)


def test_long_runs_are_fast() -> None:
    text = """
procedure p(n: int) returns (s: int)
begin
  var i := 0; s := 0;
  while i < n invariant 0 <= i <= n variant n - i do i := i + 1; s := s + i end
end"""
    start = time.process_time()
    made = run_text(text, max_steps=200_000, n=33_000)
    assert ended(made)["s"] == 33_000 * 33_001 // 2
    assert time.process_time() - start < 10


SORT = """
predicate sorted(a: int[], n: int) = forall i, j: int :: 0 <= i <= j < n ==> a[i] <= a[j]
procedure sort(inout a: int[])
  ensures sorted(a, len(a)) and perm(a, old(a))
begin
  var i := 0;
  while i < len(a)
    invariant 0 <= i <= len(a) and perm(a, old(a))
    invariant sorted(a, i)
    variant len(a) - i
  do
    var j := i;
    while j > 0 and a[j - 1] > a[j]
      invariant 0 <= j <= i and perm(a, old(a))
      variant j
    do
      a[j - 1], a[j] := a[j], a[j - 1];
      j := j - 1
    end;
    i := i + 1
  end
end"""


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-5, 5), max_size=8))
def test_sorting_sorts(items: list[int]) -> None:
    made = run(sorting(), "sort", {"a": tuple(items)}, choices=RandomChoices(0))
    assert ended(made)["a"] == tuple(sorted(items))


@cache
def sorting() -> Program:
    return program_of(SORT)


WRITES = {
    "an element": "var a := array(LENGTH, 0); for i := 0 to 9 do a[i] := i end",
    "a row": "var a := array(5, array(LENGTH, 0)); for i := 0 to 9 do a[0][i] := i end",
    "two": "var a := array(1, 0); var b := a; for i := 0 to 9 do a, b := array(LENGTH, i), array(LENGTH, i + 1) end",
    "all": "var a := array(1, 0); for i := 0 to 9 do a := array(LENGTH, i) end",
}


@pytest.mark.parametrize("name", WRITES)
def test_writing_to_a_large_array_counts_for_more_steps(name: str) -> None:
    text, few = [f"procedure p() begin {WRITES[name].replace('LENGTH', length)} end" for length in ("5000", "10")]
    small, large = [run_text(t) for t in (few, text)]
    assert isinstance(small.outcome, Ended) and isinstance(large.outcome, Ended)
    assert small.steps < 50 and large.steps > 100
    assert isinstance(run_text(text, max_steps=large.steps).outcome, Ended)
    assert isinstance(run_text(text, max_steps=60).outcome, OutOfSteps)
