"""Outlines forwards: known strongest postconditions, and what the interpreter says to them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings

from prover.kernel.term import OLD
from prover.semantics.choices import RandomChoices
from prover.semantics.evaluate import Evaluator, Scope
from prover.semantics.outcome import Ended
from prover.semantics.run import run
from prover.semantics.values import Value
from prover.textbook.forward import forwards
from prover.textbook.outline import Shown, lines, text_of
from prover.textbook.wp import Assertion, TooLarge
from tests.semantics.programs import program_of, unit_of
from tests.textbook.test_wp import OUTLINES, PROGRAM, conditions, programs, states


def known_at_the_end(text: str, exact: bool = False) -> Assertion:
    program = program_of(text)
    shown = [e.assertion for e in forwards(unit_of(program), program, exact).entries if isinstance(e, Shown) and e.depth == 0]
    return shown[-2]


@pytest.mark.parametrize(
    ("requires", "body", "expected"),
    [
        ("x = 1", "x := x + 1", "x = 2"),
        ("x = y", "x := 3", "x = 3"),
        ("x > y", "x := x + y", "x - y > y"),
        ("x > 0", "x := 2 - x", "2 - x > 0"),
        ("x > 0", "x := x * x", "exists x' :: x' > 0 and x = x' * x'"),
        ("x = 1 and y = 2", "x, y := y, x", "x = 2 and y = 1"),
        ("true", "if x > 0 then y := 1 else y := 2 end", "x > 0 and y = 1 or x <= 0 and y = 2"),
        ("x > 5", "assert x > 3; y := x", "x > 5 and x > 3 and y = x"),
        ("x = y", "x := *", "true"),
    ],
)
def test_known_postconditions(requires: str, body: str, expected: str) -> None:
    procedure = "procedure p(inout x: int, inout y: int)\n  requires {}\n  ensures x = x\nbegin\n  {}\nend"
    assert text_of(known_at_the_end(procedure.format(requires, body))) == expected


def test_nothing_is_eliminated_when_it_is_to_be_exact() -> None:
    text = "triple t { x = 1 } x := x + 1 { x = 2 }"
    assert text_of(known_at_the_end(text, exact=True)) == "exists x' :: x' = 1 and x = x' + 1"


@settings(max_examples=200, deadline=None)
@given(programs, conditions, states)
def test_the_interpreter_agrees(body: str, ensures: str, state: dict[str, Value]) -> None:
    """A run that ends ends in a state of the strongest postcondition."""
    program = program_of(PROGRAM.format(requires="true", ensures=ensures, body=body))
    made = run(program, "p", state, choices=RandomChoices(0), check=True)
    if not isinstance(made.outcome, Ended) or made.breaks:
        return
    for exact in (False, True):
        outline = forwards(unit_of(program), program, exact)
        known = [e.assertion for e in outline.entries if isinstance(e, Shown) and e.depth == 0][-2]
        if isinstance(known, TooLarge) or outline.fresh or "return" in body:
            continue
        end = {n: made.outcome.state[n] for n in state}
        assert Evaluator(program).value(known, Scope(end, {OLD: state})) is not False


@pytest.mark.parametrize("name", [n for n in OUTLINES if n != "calls"])
def test_outlines_read_well(name: str, golden: Callable[[str, str], None]) -> None:
    program = program_of(OUTLINES[name], f"{name}.proof")
    golden(f"textbook/{name}-forward.txt", "\n".join(lines(forwards(unit_of(program), program))) + "\n")


PLACES = """procedure p(inout x: int) returns (r: int)
  ensures r = 1 and x >= old(x) + 1
begin
  l: x := x + 1;
  assert x = at(l, x) + 1;
  r := 1;
  while * invariant x >= at(loop1, x) and r = 1 do
    k: x := x + 1;
    assert x > at(k, x)
  end
end
"""


def test_places_are_followed(golden: Callable[[str, str], None]) -> None:
    """`at` speaks of values when control was last there, and a loop that may end at any time leaves its invariant."""
    program = program_of(PLACES, "places.proof")
    text = "\n".join(lines(forwards(unit_of(program), program))) + "\n"
    assert "false" not in text
    golden("textbook/places-forward.txt", text)


def test_an_inner_place_does_not_keep_its_first_value() -> None:
    program = program_of(
        "triple t { x = 0 } while * invariant x >= 0 do l: x := x + 1; assert x = at(l, x) + 1 end { x >= 0 }", "t.proof"
    )
    for exact in (False, True):
        text = "\n".join(lines(forwards(unit_of(program), program, exact)))
        assert "at(l, x) = 0" not in text
