"""The textbook's weakest preconditions: known ones, their limits, and what the interpreter says to them."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover.kernel.term import Term, free_variables
from prover.semantics.choices import RandomChoices
from prover.semantics.evaluate import Evaluator, Scope
from prover.semantics.outcome import Blocked, Ended, Failed
from prover.semantics.run import run
from prover.semantics.values import Value
from prover.syntax.unparse import term_text
from prover.textbook.outline import assertions, lines, outline
from prover.textbook.steps import step_lines, steps
from prover.textbook.wp import Assertion, Calculus, Options, TooLarge, condition
from tests.semantics.programs import program_of, unit_of


def pre(text: str, options: Options | None = None) -> str:
    program = program_of(text)
    found = assertions(unit_of(program), program, options).pre
    assert not isinstance(found, TooLarge)
    return term_text(found)


def exact(text: str, name: str | None = None, **options: bool | int) -> Assertion:
    program = program_of(text)
    return condition(unit_of(program, name), program, Options(**{"limit": 100_000, **options}))  # type: ignore[arg-type]


def formula(text: str, name: str | None = None, **options: bool | int) -> Term:
    found = exact(text, name, **options)
    assert not isinstance(found, TooLarge)
    return found


@pytest.mark.parametrize(
    ("statements", "post", "expected"),
    [
        ("skip", "x = y", "x = y"),
        ("x := x + 1", "x > 0", "x + 1 > 0"),
        ("x := a; y := x + 1; x := y - 1", "x = y", "a = a + 1"),
        ("x, y := y, x", "x = 2 and y = 1", "y = 2 and x = 1"),
        ("x := y", "forall y :: x = y", "forall y' :: y = y'"),
        ("if x > 0 then y := x else y := -x end", "y > 0", "x <= 0 ==> -x > 0"),
        ("assume x > 0", "x > 1", "x > 0 ==> x > 1"),
        ("assert x > 0", "x > 1", "x > 0 and x > 1"),
        ("x := *", "x > y", "forall x :: x > y"),
        ("if * then x := 1 end", "x = 1", "x = 1"),
        ("x := 1; x := x + 1; x := x + 1", "x = y", "3 = y"),
    ],
)
def test_known_preconditions(statements: str, post: str, expected: str) -> None:
    assert pre(f"triple t {{true}} {statements} {{{post}}}") == expected


def test_arrays_are_stored_into() -> None:
    text = "procedure p(inout a: int[], i: int, j: int) ensures a[i] = 1 begin a[i] := 1; a[j] := 2 end"
    assert pre(text) == "a[i := 1][j := 2][i] = 1"
    same = "procedure p(inout a: int[], i: int) ensures a[i] = 1 and len(a) > i begin a[i] := 1 end"
    assert pre(same) == "len(a) > i"


def test_exits_carry_their_own_postconditions() -> None:
    text = """
procedure p(n: int) returns (x: int)
  ensures x = 1
begin
  x := n;
  while x > 0
    invariant x < 9
  do
    if x = 5 then break end;
    if x = 6 then x := 1; return end;
    if x = 7 then continue end;
    x := x - 1
  end;
  assert x = 3;
  x := 1
end"""
    program = program_of(text)
    shown = {span.text: _text(a) for span, a in outline(unit_of(program), program)}
    assert shown["break"] == "x = 3"
    assert shown["return"] == "x = 1"
    assert shown["continue"] == "x < 9"


def _text(assertion: Assertion) -> str:
    return f"too large ({assertion.nodes})" if isinstance(assertion, TooLarge) else term_text(assertion)


def test_old_values_are_not_touched_by_assignments() -> None:
    text = "procedure p(inout x: int) ensures x = old(x) + 1 begin x := x + 1; x := x + 0 end"
    program = program_of(text)
    found = [_text(a) for _, a in outline(unit_of(program), program)]
    assert found == ["x + 1 = old(x) + 1", "x = old(x) + 1", "x = old(x) + 1"]
    assert pre(text) == "x + 1 = x + 1" or pre(text) == "true"


def test_calls_go_by_contract_with_fresh_names() -> None:
    text = """
procedure inc(inout v: int, d: int) returns (o: int)
  requires d >= 0
  ensures v = old(v) + d and o = old(v)
procedure p(inout x: int) returns (y: int)
  ensures x > y
begin
  y := inc(x, 2 * x)
end"""
    program = program_of(text)
    found = assertions(unit_of(program, "p"), program)
    assert not isinstance(found.pre, TooLarge)
    assert term_text(found.pre) == "2 * x >= 0 and (x' = x + 2 * x and y' = x ==> x' > y')"
    assert [v.name for v in found.fresh] == ["y'", "x'"]


def test_constancy_carries_facts_past_a_loop() -> None:
    text = """
procedure p(n: int, m: int) returns (i: int)
  ensures i = n and m > 3
begin
  i := 0;
  while i < n invariant i <= n variant n - i do i := i + 1 end
end"""
    assert pre(text) == "0 <= n and m > 3"
    program = program_of(text)
    found = [_text(o.formula) for o in assertions(unit_of(program), program, Options(total=True)).obligations]
    assert found[1].startswith("i <= n and m > 3 and i < n ==> i + 1 <= n")
    assert found[2] == "i <= n and m > 3 and i >= n ==> i = n"


def test_size_is_limited_and_nothing_hangs() -> None:
    branches = "; ".join(["if x > 0 then x := x + y else y := y - x end"] * 40)
    start = time.process_time()
    program = program_of(f"triple t {{true}} {branches} {{x > y}}")
    found = assertions(unit_of(program), program)
    assert isinstance(found.pre, TooLarge)
    assert any("too large to show" in line for line in lines(found))
    assert time.process_time() - start < 10
    squares = "; ".join(["x := x * x"] * 60)
    program = program_of(f"triple t {{true}} {squares} {{x > y}}")
    assert isinstance(assertions(unit_of(program), program).pre, TooLarge)


def test_long_programs_are_fine() -> None:
    program = program_of("triple t {true} " + "; ".join(["x := x + 1"] * 3000) + " {x = y}")
    start = time.process_time()
    found = assertions(unit_of(program), program)
    assert found.pre is not None
    assert time.process_time() - start < 20


PROGRAM = """procedure p(inout x: int, inout y: int, inout a: int[])
  requires {requires}
  ensures {ensures}
begin
  {body}
end"""


def grammar(specification: bool) -> tuple[st.SearchStrategy[str], st.SearchStrategy[str]]:
    """Numbers and conditions; only specifications look back and quantify."""
    names = ["x", "y", "0", "1", "2", "-1", "3", "len(a)"] + (["old(x)"] if specification else [])
    facts = ["true", "x < y", "x = 0", "y >= len(a)", "0 <= x < len(a)"] + (["x = old(x)"] if specification else [])
    numbers, conditions = st.sampled_from(names), st.sampled_from(facts)
    for _ in range(2):
        deeper = st.one_of(
            numbers,
            st.builds("({} {} {})".format, numbers, st.sampled_from(["+", "-", "*", "/", "%"]), numbers),
            st.builds("a[{}]".format, numbers),
            st.builds("(if {} then {} else {})".format, conditions, numbers, numbers),
            st.builds("(let v = {} in v + {})".format, numbers, numbers),
        )
        quantified = st.builds("(forall i: int :: 0 <= i < len(a) ==> a[i] <= {})".format, numbers)
        conditions = st.one_of(
            conditions,
            st.builds("({} {} {})".format, numbers, st.sampled_from(["<", "<=", "=", "!="]), numbers),
            st.builds("({} {} {})".format, conditions, st.sampled_from(["and", "or", "==>", "<==>"]), conditions),
            st.builds("not {}".format, conditions),
            *([quantified] if specification else []),
        )
        numbers = deeper
    return numbers, conditions


_, conditions = grammar(specification=True)
expressions, tests = grammar(specification=False)


def statements(depth: int) -> st.SearchStrategy[str]:
    """Deterministic ones without loops; they nest and follow one another as deep as said."""
    simple = [
        st.just("skip"),
        st.builds("{} := {}".format, st.sampled_from(["x", "y", "a[0]", "a[x]"]), expressions),
        st.builds("x, y := {}, {}".format, expressions, expressions),
        st.builds("a[{}], a[{}] := {}, {}".format, expressions, expressions, expressions, expressions),
        st.builds("if {} then return end".format, tests),
        st.builds("assert {}".format, conditions),
        st.builds("assume {}".format, conditions),
    ]
    if depth == 0:
        return st.one_of(*simple)
    inner = statements(depth - 1)
    branch = st.builds("if {} then {} else {} end".format, tests, inner, inner)
    return st.one_of(*simple, branch, st.builds("{}; {}".format, inner, inner))


programs = statements(2)
states = st.fixed_dictionaries(
    {"x": st.integers(-3, 3), "y": st.integers(-3, 3), "a": st.lists(st.integers(-2, 2), max_size=3).map(tuple)}
)


@settings(max_examples=300, deadline=None)
@given(programs, conditions, states)
def test_the_interpreter_agrees(body: str, ensures: str, state: dict[str, Value]) -> None:
    """Of a deterministic program without loops the wp is true exactly where its run breaks nothing."""
    program = program_of(PROGRAM.format(requires="true", ensures=ensures, body=body))
    unit = unit_of(program)
    found = Calculus(unit, program, Options(exact=True, definedness=True, limit=200_000)).precondition()
    if isinstance(found, TooLarge):
        return
    assert set(free_variables(found)) <= {"x", "y", "a"}
    held = Evaluator(program).value(found, Scope(state))
    made = run(program, "p", state, choices=RandomChoices(0))
    match made.outcome:
        case Ended():
            assert held is (not made.breaks)
        case Failed():
            assert held is False
        case Blocked():
            assert held is (not made.breaks)
        case _:
            raise AssertionError(made.outcome)


@settings(max_examples=200, deadline=None)
@given(programs, conditions, states)
def test_simplification_keeps_the_meaning(body: str, ensures: str, state: dict[str, Value]) -> None:
    program = program_of(PROGRAM.format(requires="true", ensures=ensures, body=body))
    options = Options(definedness=True)
    shown = assertions(unit_of(program), program, options).pre
    plain = Calculus(unit_of(program), program, options).precondition()
    if isinstance(shown, TooLarge) or isinstance(plain, TooLarge):
        return
    evaluator = Evaluator(program)
    assert evaluator.value(shown, Scope(state)) is evaluator.value(plain, Scope(state))


def test_the_exact_condition_of_a_loop() -> None:
    text = """
procedure p(n: int) returns (i: int)
  requires n >= 0
  ensures i = n
begin
  i := 0;
  while i < n invariant i <= n {variant} do i := i + 1 end
end"""
    good = formula(text.replace("{variant}", "variant n - i"), total=True)
    bad = formula(text.replace("{variant}", "variant i"), total=True)
    missing = formula(text.replace("{variant}", ""), total=True)
    partial = formula(text.replace("{variant}", ""))
    assert holds_everywhere(good) and holds_everywhere(partial)
    assert not holds_everywhere(bad) and not holds_everywhere(missing)
    assert not holds_everywhere(formula(text.replace("{variant}", "").replace("i <= n", "i <= n + 1")))


def holds_everywhere(term: Term, values: range = range(-3, 5)) -> bool:
    """Under all small values of its free (integer) variables."""
    evaluator = Evaluator(program_of("axiom a: true"))
    names = list(free_variables(term))

    def all_of(left: list[str], chosen: dict[str, Value]) -> bool:
        if not left:
            return evaluator.value(term, Scope(chosen)) is True
        return all([all_of(left[1:], {**chosen, left[0]: v}) for v in values])

    return all_of(names, {})


def test_frames_of_loops() -> None:
    text = """
procedure p(n: int, inout a: int[])
  requires n >= 3
  ensures n >= 3 and len(a) = old(len(a))
begin
  var i := 0;
  while i < len(a) invariant 0 <= i do a[i] := 0; i := i + 1 end
end"""
    found = formula(text, definedness=True)
    names = free_variables(found)
    assert {"n", "a"} <= set(names) and len(names) == 4


def test_recursion_needs_its_variant() -> None:
    text = "procedure f(n: int) {variant} requires n >= 0 ensures true begin if n > 0 then f(n - 1) end end"
    assert holds_everywhere(formula(text.replace("{variant}", "variant n"), total=True))
    assert not holds_everywhere(formula(text.replace("{variant}", "variant -n"), total=True))
    assert not holds_everywhere(formula(text.replace("{variant}", ""), total=True))
    assert holds_everywhere(formula(text.replace("{variant}", "")))


LOOP = """procedure p(n: int, inout y: int)
  requires 0 <= y < 5
  ensures {ensures}
begin
  var i := 0;
  while i < n
    invariant {first}
    invariant {second}
    variant {variant}
  do
    {body};
    i := i + 1
  end
end"""
leaf = st.sampled_from(["y", "i", "n", "0", "1", "2", "old(y)", "at(loop1, y)"])
small = st.one_of(leaf, st.builds("({} {} {})".format, leaf, st.sampled_from(["+", "-"]), leaf))
facts = st.one_of(
    st.sampled_from(["0 <= i <= n", "0 <= y", "i <= n", "i >= 0", "true", "0 <= i and (i <= n or i = 0)"]),
    st.builds("{} {} {}".format, small, st.sampled_from(["<=", "=", "!="]), small),
)
EXITS = ["break", "continue", "return", "y := 3; break"]
plain_bodies = st.one_of(
    st.just("skip"),
    st.builds("y := {} % 5".format, small.map(lambda t: t.replace("old(y)", "y").replace("at(loop1, y)", "y"))),
    st.builds("y := 10 / {}; y := y % 5".format, st.sampled_from(["y", "n", "i", "1"])),
    st.builds("if y = {} then {} end".format, st.integers(0, 4), st.sampled_from(EXITS)),
    st.builds("assert {}".format, facts),
)
bodies = st.one_of(
    plain_bodies,
    st.builds("if {} then {} end".format, st.sampled_from(["y = 1", "i = 1", "y < i"]), plain_bodies),
    st.builds("{}; {}".format, plain_bodies, plain_bodies),
)


@settings(max_examples=300, deadline=None)
@given(bodies, facts, facts, facts, st.sampled_from(["n - i", "y", "n - i, y", "n - i + y"]))
def test_a_run_of_a_loop_that_breaks_anything_refutes_the_exact_condition(
    body: str, first: str, second: str, ensures: str, variant: str
) -> None:
    ensures = ensures.replace("at(loop1, y)", "y").replace("i", "y")
    program = program_of(LOOP.format(body=body, first=first, second=second, ensures=ensures, variant=variant))
    found = condition(unit_of(program), program, Options(total=True, definedness=True, limit=100_000))
    assert not isinstance(found, TooLarge)
    fresh = [name for name in free_variables(found) if name not in ("n", "y")]
    evaluator = Evaluator(program)
    for n, y in product(range(-1, 4), range(5)):
        made = run(program, "p", {"n": n, "y": y}, choices=RandomChoices(0), max_steps=100)
        if made.breaks or isinstance(made.outcome, Failed):
            rounds = product(range(-2, 8), repeat=len(fresh))
            states = [{"n": n, "y": y, **dict(zip(fresh, r, strict=True))} for r in rounds]
            assert any([evaluator.value(found, Scope(s)) is False for s in states]), (n, y, made)
            return


OUTLINES = {
    "swap": "triple swap {x = a and y = b} t := x; x := y; y := t {x = b and y = a}",
    "factorial": """
function fact(n: int): int requires n >= 0 variant n = if n = 0 then 1 else n * fact(n - 1)
procedure factorial(n: int) returns (r: int)
  requires n >= 0
  ensures r = fact(n)
begin
  var i := 0;
  r := 1;
  while i < n
    invariant bound: 0 <= i <= n
    invariant r = fact(i)
    variant n - i
  do
    i := i + 1;
    r := r * i
  end
end""",
    "exits": """
procedure find(a: int[], x: int) returns (at: int)
  ensures at >= 0 ==> at < len(a) and a[at] = x
begin
  at := -1;
  for i := 0 to len(a) - 1
    invariant at = -1
  do
    if a[i] = x then
      at := i;
      break
    end
  end;
  if at < 0 then return else skip end
end""",
    "calls": """
procedure inc(inout v: int, d: int) returns (o: int)
  requires d >= 0
  ensures v = old(v) + d and o = old(v)
procedure twice(inout x: int) returns (y: int)
  ensures x = old(x) + 2
begin
  y := inc(x, 1);
  here: y := inc(x, 1);
  assert x = at(here, x) + 1
end""",
}


@pytest.mark.parametrize("name", list(OUTLINES))
def test_outlines_read_well(name: str, golden: Callable[[str, str], None]) -> None:
    program = program_of(OUTLINES[name], f"{name}.proof")
    unit = unit_of(program, {"calls": "twice"}.get(name))
    golden(f"textbook/{name}.txt", "\n".join(lines(assertions(unit, program, Options(total=name == "factorial")))) + "\n")


@pytest.mark.parametrize("name", list(OUTLINES))
def test_exact_outlines_simplify_nothing(name: str, golden: Callable[[str, str], None]) -> None:
    program = program_of(OUTLINES[name], f"{name}.proof")
    unit = unit_of(program, {"calls": "twice"}.get(name))
    exact = "\n".join(lines(assertions(unit, program, Options(simplified=False)))) + "\n"
    golden(f"textbook/{name}-exact.txt", exact)


@pytest.mark.parametrize("name", list(OUTLINES))
def test_steps_read_well(name: str, golden: Callable[[str, str], None]) -> None:
    program = program_of(OUTLINES[name], f"{name}.proof")
    unit = unit_of(program, {"calls": "twice"}.get(name))
    found = [line for step in steps(unit, program) for line in step_lines(step)]
    golden(f"textbook/{name}-steps.txt", "\n".join(found) + "\n")
