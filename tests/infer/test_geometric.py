"""Cones that loops never leave: the algebra, and programs that only a cone shows to run for ever."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from itertools import product
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from prover.infer.cones import Cone, Step, Vector, cone, cones, coordinates, dot, plus
from prover.infer.followed import Lost, followed
from prover.infer.geometric import facts, propose
from prover.infer.observe import loops, observe
from prover.kernel.program import Procedure, Program, While
from prover.kernel.sort import INT
from prover.kernel.term import FALSE, Term, Var, conj
from prover.plan import load
from prover.report import Answer
from prover.semantics.evaluate import Evaluator, Scope
from prover.syntax.elaborate import FileLoader
from prover.syntax.read import read_source
from prover.syntax.unparse import term_text
from tests.infer.texts import ended, of_three

NO = {
    "no axis is kept": "while 2 * y > 6 * x + 6 do x, y := 3 * y, 3 * x - 5 end",
    "a choice": "while 2 * y > 6 * x + 6 do if * then x, y := 3 * y, 3 * x - 5 else x := x + 1 end end",
    "one branch of several": "while x != 5 do if 2 * y > 6 * x + 6 then x, y := 3 * y, 3 * x - 5"
    " else if x < 5 then x := x + 1 else x := x - 1 end end end",
    "a flag": "var go: bool := true; while go do x, y := 3 * y, 3 * x - 5; go := 2 * y > 6 * x + 6 end",
    "an inner loop": "z := 0; while z < 10 do while 2 * y > 6 * x + 6 do x, y := 3 * y, 3 * x - 5 end; z := z + 1 end",
    "one start": "x := -2; y := -2; while 2 * y > 6 * x + 6 do z := x; x := 3 * y; y := 3 * z - 5 end",
    "zero lies behind": "if x = -4 and y < 0 then while 2 * y > 6 * x + 6 do x, y := 3 * y, 3 * x - 5 end end",
    "two cones": "while x - 2 * y > 4 or 3 * y - 2 * x > 9 do x, y := y - 3 * x, y + 1 end",
    "two cones, two growths": "while 3 * x + y > 4 or 2 * x + 3 * y < -13 do x, y := -2 * x - y, -5 * y - x end",
    "three cones": "while 3 * y + 2 * z > 11 * x do x, y, z := 2 * y, 2 * z, 2 * x - 9 end",
    "three growths": "while 7 * x + 7 * y + 4 * z > 3 do x, y, z := x + 2 * y - z - 1, 3 * y + 2 * z, z - 5 end",
    "growths that are no integers": "while x - 3 * y > 1 do x, y := -y - 5, 2 * y - 2 * x + 1 end",
}
TOO_MANY = ", ".join(f"inout v{i}: int" for i in range(12))
NOT_NO = {
    "another growth wins": "while 5 * x - 2 * y > 10 and y > 0 do x, y := 2 * x, 3 * y end",
    "falls in the end": "while 5 * x + 3 * y > 10 do x := x + y; y := y - 1 end",
    "turns": "while x + y > 10 do x, y := -y, x - 1 end",
    "a condition inside": "while 2 * y > 6 * x + 6 do if x > -1000 then x, y := 3 * y, 3 * x - 5 else x := x + 1 end end",
    "a choice is none": "while 5 * x > 3 * y do if y > 0 then x := x - y else y := 1 end end",
}


@pytest.mark.parametrize("body", NO.values(), ids=NO.keys())
def test_a_loop_that_never_leaves_a_cone_need_not_end(body: str) -> None:
    found, text = ended(of_three(body), infer=True)
    assert found.terminates is Answer.NO
    assert found.evidence["kind"] == "divergence"
    again, _ = ended(text, infer=False)
    assert again.terminates is Answer.NO


@pytest.mark.parametrize("body", NOT_NO.values(), ids=NOT_NO.keys())
def test_nothing_is_claimed_of_what_ends(body: str) -> None:
    assert ended(of_three(body), infer=True)[0].terminates is not Answer.NO


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("no axis is kept", "2 * y + 4 <= x and 2 * x + 7 <= y"),
        ("a flag", "go and 2 * y + 4 <= x and 2 * x + 7 <= y"),
        ("two cones", "y >= 3 and 2 * x + 421 * y <= 1159 or y >= 4 and 1265 * y <= 2 * x + 4742"),
    ],
)
def test_of_a_cone_that_is_said_which_is_needed(name: str, expected: str) -> None:
    found, _ = ended(of_three(NO[name]), infer=True)
    assert [i.text for i in found.inferred] == [f"recurrent {expected}"]


def _loaded(text: str) -> tuple[Program, Procedure, While]:
    program = load(read_source(text.encode(), "t.proof"), FileLoader(Path()))
    unit = program.units["p"]
    assert isinstance(unit, Procedure)
    return program, unit, loops(unit)[-1]


def _proposed(text: str) -> list[str]:
    """What is proposed where no solver helps to leave anything out."""
    program, unit, _ = _loaded(text)
    seen = observe(unit, program, 60, 400)
    made = propose(unit, program, seen, lambda _given, _wanted: False, lambda _given, _wanted: None)
    return [term_text(conj(p.recurrent)) for proposals in made for p in proposals.loops.values()]


BAD = {
    "products": "while x * y > 3 do x := x * x + y; y := y * x + z end",
    "a product that decides": "while 3 * x > 2 * y do x := x + y * y; y := x * z end",
    "huge numbers": f"while x + {10**40} * y > {-(10**45)} do x := {10**30} * x - {10**50} * y; y := y - {10**60} end",
    "an inner loop that changes things": "while 3 * x > 2 * y do while z < 5 do z := z + 1; x := x + y end; z := 0 end",
    "no condition that is linear": "while x mod 3 = 1 do x := x + 3 end",
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
def test_what_is_not_affine_is_given_up(body: str) -> None:
    assert _proposed(of_three(body)) == []


def test_many_variables_are_given_up() -> None:
    names = [f"v{i}" for i in range(12)]
    body = f"while {' + '.join(names)} > -100 do {', '.join(names)} := {', '.join([*names[1:], '2 * v0'])} end"
    assert _proposed(f"procedure p({TOO_MANY}) begin {body} end") == []


def test_proposals_are_the_same_each_time() -> None:
    assert _proposed(of_three(NO["two cones"])) == _proposed(of_three(NO["two cones"])) != []


def test_a_round_is_followed_on_its_way() -> None:
    body = "while x > 0 or y > 1 do if x = 3 then y := x + 2 * y; x := y - 1 else x := * end end"
    program, _, loop = _loaded(of_three(body))
    way = followed(loop, {"x": 3, "y": 1, "z": 0}, Evaluator(program))
    assert {n: term_text(v) for n, v in way.values.items()} == {"x": "x + 2 * y - 1", "y": "x + 2 * y"}
    state = {"x": 3, "y": 1}
    forms = [{v.name: c for v, c in f.parts.values() if isinstance(v, Var)} for f in way.conditions]
    assert all(sum(c * state[n] for n, c in p.items()) + f.constant >= 0 for p, f in zip(forms, way.conditions, strict=True))
    assert forms == [{"x": 1}, {"x": 1}, {"x": -1}]
    with pytest.raises(Lost):
        followed(loop, {"x": 1, "y": 1, "z": 0}, Evaluator(program))


def test_growths_that_are_no_integers_are_found() -> None:
    """Fibonacci's numbers, whose growth is the golden ratio, and (3 ± √5) / 2, both of which are positive."""
    for matrix in ([(0, 1), (1, 1)], [(2, 1), (1, 1)]):
        assert cone(Step(matrix, (0, 0), [(1, 0), (1, 2)]), (1, 1)) is not None


def test_chains_of_equal_growths_are_found() -> None:
    step = Step([(1, 1, 0), (0, 1, 1), (0, 0, 1)], (0, 0, 1), [(1, 0, 0)])
    assert cone(step, (-50, 0, 0)) is not None
    assert cone(step, (-50, -9, 1)) is None  # first it falls


def test_no_cone_falls_below_a_condition() -> None:
    assert cone(Step([(2, 0), (0, 3)], (0, 0), [(1, -1)]), (9, 1)) is None
    assert cone(Step([(2, 0), (0, 3)], (0, 0), [(-1, 1)]), (1, 9)) is not None


def test_what_turns_round_has_cones_at_each_of_its_rounds() -> None:
    step = Step([(-3, 0), (0, 2)], (0, 0), [])
    assert cones([step], (1, 1)) == []
    assert len(cones([step, step], (1, 1))) == 2


SMALL = st.integers(-3, 3)


@st.composite
def steps(draw: st.DrawFn) -> tuple[Step, Vector]:
    size = draw(st.integers(1, 4))
    vector = st.tuples(*[SMALL] * size)
    matrix = draw(st.lists(vector, min_size=size, max_size=size))
    return Step(matrix, draw(vector), draw(st.lists(vector, max_size=2))), draw(vector)


def _inside(found: Cone, point: Vector) -> bool:
    parts = coordinates(found.directions, plus(point, found.apex, -1))
    return parts is not None and min(parts, default=Fraction(0)) >= 0


def _terms(found: Cone) -> tuple[Term, list[Var]]:
    variables = [Var(f"v{i}", INT) for i in range(len(found.apex))]
    return conj(facts(found, variables)), variables


@given(steps(), st.integers(1, 3), st.lists(st.integers(0, 9), min_size=4, max_size=4))
def test_points_of_a_cone_stay_in_the_cones_and_keep_the_conditions(
    made: tuple[Step, Vector], count: int, parts: list[int]
) -> None:
    step, apex = made
    found = cones([step] * count, apex)
    assume(found)
    assert len(found) == count
    point = reduce(lambda p, part: plus(p, part[1], part[0]), zip(parts, found[0].directions, strict=False), apex)
    for here in [*found, *found]:
        assert _inside(here, point)
        assert all(dot(n, point) >= dot(n, here.apex) for n in step.normals)
        point = step.after(point)


@given(steps())
def test_the_formula_of_a_cone_is_true_in_it_and_nowhere_else(made: tuple[Step, Vector]) -> None:
    step, apex = made
    found = cone(step, apex)
    assume(found is not None)
    assert found is not None
    formula, variables = _terms(found)
    evaluator = Evaluator(_loaded(of_three("while false do skip end"))[0])
    for offset in product((-2, 0, 1), repeat=len(apex)):
        point = plus(apex, offset)
        scope = Scope({v.name: c for v, c in zip(variables, point, strict=True)})
        assert evaluator.value(formula, scope) is _inside(found, point)
    assert formula is not FALSE
