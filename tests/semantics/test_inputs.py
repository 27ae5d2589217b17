"""Inputs as words, made-up inputs, and sources of choices."""

from __future__ import annotations

import random
import re
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prover.kernel.program import Block, Kind, Parameter, Procedure
from prover.kernel.sort import BOOL, INT, MACHINE, NAT, Array, Sort
from prover.kernel.term import Var
from prover.semantics.choices import NoChoice, RandomChoices, RecordedChoices, any_value
from prover.semantics.inputs import Aim, BadInput, read_inputs, read_value, small_inputs
from prover.semantics.values import Value, conforms, show
from prover.source import Source, Span
from tests.semantics.programs import program_of, unit_of

HERE = Span(Source("test", "unit"), 0, 4)
SORTS: list[Sort] = [INT, NAT, BOOL, *MACHINE.values(), Array(INT), Array(BOOL), Array(Array(NAT)), Array(MACHINE["int8"])]


def unit(**sorts: Sort) -> Procedure:
    parameters = tuple([Parameter(Var(name, sort)) for name, sort in sorts.items()])
    body = Block(())
    return Procedure(Kind.PROCEDURE, "p", parameters, (), (), (), (), None, False, (), body, HERE, HERE, HERE)


def triple(**sorts: Sort) -> Procedure:
    held = tuple([Parameter(Var(name, sort)) for name, sort in sorts.items()])
    return Procedure(Kind.TRIPLE, "t", (), (), held, (), (), None, False, (), Block(()), HERE, HERE, HERE)


@pytest.mark.parametrize(
    ("text", "sort", "expected"),
    [
        ("5", INT, 5),
        (" -3 ", INT, -3),
        ("0", NAT, 0),
        ("true", BOOL, True),
        ("255", MACHINE["uint8"], 255),
        ("-128", MACHINE["int8"], -128),
        ("[]", Array(INT), ()),
        ("[1, -2,3]", Array(INT), (1, -2, 3)),
        ("[[1], [], [2, 3]]", Array(Array(INT)), ((1,), (), (2, 3))),
        ("[true,false]", Array(BOOL), (True, False)),
    ],
)
def test_values_are_read(text: str, sort: Sort, expected: Value) -> None:
    assert read_value(text, sort) == expected


@pytest.mark.parametrize(
    ("text", "sort", "part"),
    [
        ("-1", NAT, "negative"),
        ("256", MACHINE["uint8"], "does not fit `uint8`, whose values are 0 to 255"),
        ("true", INT, "`true` is no `int`"),
        ("1", BOOL, "neither true nor false"),
        ("1", Array(INT), "write [ ]"),
        ("[1", Array(INT), "missing"),
        ("[1 2]", Array(INT), "missing"),
        ("[1,", Array(INT), "a value is missing"),
        ("1 2", INT, "`2` is not expected"),
        ("", INT, "a value is missing"),
        ("x", INT, "`x` is no `int`"),
        ("1.5", INT, "is no value"),
        ("9" * 5000, INT, "digits"),
        ("٣", INT, "is no `int`"),
        ("[" * 100_000, Array(INT), "is no `int`"),
    ],
)
def test_what_is_no_value_is_refused_in_words(text: str, sort: Sort, part: str) -> None:
    with pytest.raises(ValueError, match=re.escape(part)):
        read_value(text, sort)


@given(st.sampled_from(SORTS), st.randoms(use_true_random=False))
def test_what_is_shown_reads_back(sort: Sort, rng: random.Random) -> None:
    value = any_value(sort, rng)
    assert conforms(value, sort)
    assert read_value(show(value), sort) == value


def test_inputs_by_name() -> None:
    assert read_inputs(unit(x=INT, a=Array(INT)), ["a=[1,2]", "x = -5"]) == {"x": -5, "a": (1, 2)}
    assert read_inputs(triple(x=INT), ["x=1"]) == {"x": 1}
    assert read_inputs(triple(x=INT), []) == {"x": 0}  # its body is empty: nothing reads x


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        read_inputs(unit(x=INT, y=MACHINE["uint8"], z=BOOL), ["y=300", "w=1", "y=2", "5"])
    assert caught.value.problems == (
        "`y`: 300 does not fit `uint8`, whose values are 0 to 255",
        "`p` has no input `w`; its inputs are: `x`, `y`, `z`",
        "`y` is given twice",
        "`5` is no input: write name=value",
        "no value is given for `x`, of type `int`: add x=5",
        "no value is given for `z`, of type `bool`: add z=true",
    )


@given(st.lists(st.sampled_from(SORTS), max_size=4), st.integers(0, 50), st.integers(0, 99))
def test_small_inputs_fit_and_are_the_same_again(sorts: list[Sort], count: int, seed: int) -> None:
    made = unit(**{f"v{i}": s for i, s in enumerate(sorts)})
    found = list(small_inputs(made, seed, count))
    assert found == list(small_inputs(made, seed, count))
    assert len(found) == (count if sorts else min(count, 1))
    for values in found:
        assert [conforms(values[f"v{i}"], s) for i, s in enumerate(sorts)] == [True] * len(sorts)


def test_small_inputs_hold_the_boundary() -> None:
    found = [v["x"] for v in small_inputs(unit(x=MACHINE["int8"]), 0, 100)]
    assert {0, 1, -1, 127, -128} <= set(found)
    lengths = {len(v["a"]) for v in small_inputs(triple(a=Array(INT)), 0, 200) if isinstance(v["a"], tuple)}
    assert lengths == {0, 1, 2, 3, 4, 5}
    pairs = {(v["x"], v["y"]) for v in small_inputs(unit(x=INT, y=INT), 0, 100)}
    assert {(0, 0), (1, -1), (-2, 3)} <= pairs


def test_made_up_inputs_aim_at_requires() -> None:
    text = "procedure p(a: int[], i: int, n: int) requires n = len(a) and 0 <= i < n begin skip end"
    program = program_of(text)
    found = list(small_inputs(unit_of(program), 0, 50, program))
    met = [v for v in found if isinstance(v["a"], tuple) and v["n"] == len(v["a"]) and 0 <= int(str(v["i"])) < len(v["a"])]
    assert len(met) > 40


def test_of_many_parameters_few_inputs_are_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def tries(many: int) -> int:
        looked = 0

        def met(_: Aim, values: dict[str, Value]) -> bool:
            nonlocal looked
            looked += 1
            return False

        monkeypatch.setattr(Aim, "met", met)
        program = program_of(f"procedure p({', '.join(f'x{n}: int' for n in range(many))}) requires x0 > x0 begin skip end")
        assert len(list(small_inputs(unit_of(program), 0, 300, program))) == 300
        return looked

    assert tries(10) > 20 * 200
    assert tries(500) < 2 * 300


def test_choices_are_reproducible_and_recorded_ones_run_out() -> None:
    first, second = RandomChoices(3), RandomChoices(3)
    drawn = [first.take(INT, None) for _ in range(20)]
    assert drawn == [second.take(INT, None) for _ in range(20)]
    assert RandomChoices(3, follow_witness=True).take(INT, 77) == 77
    recorded = RecordedChoices([1, True])
    assert recorded.take(INT, None) == 1
    with pytest.raises(NoChoice):
        recorded.take(INT, None)
    with pytest.raises(NoChoice):
        recorded.take(BOOL, None)


def test_enormous_values_are_described() -> None:
    assert show(10**5000) == "(integer of 16610 bits)"
    assert list(islice(show(tuple(range(1000))).split(","), 2)) == ["[0", " 1"]
    assert "1000 elements" in show(tuple(range(1000)))
