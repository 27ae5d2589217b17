"""Annotations go in and come out where a person would have put them, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from prover.diagnostic import InputError
from prover.kernel.program import Procedure
from prover.session import edit, scripts
from prover.session.session import Text, prepared
from prover.source import Source

PROGRAM = """\
// A comment.
procedure p(n: int) returns (r: int)
begin
  r := 0;   // start
  while r < n  // go on
    invariant r >= 0  // kept
  do
    r := r + 1
  end;
  while r > n do r := r - 1 end
end
"""


def text(program: str = PROGRAM) -> Text:
    return prepared(Source("t", program), Path())


def applied(one: edit.Edit, to: Text) -> str:
    made = one.apply(to.source.text)
    prepared(Source("t", made), Path())
    return made


def lines_changed(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = before.split("\n"), after.split("\n")
    return [line for line in old if line not in new], [line for line in new if line not in old]


def test_an_invariant_goes_after_the_others_and_their_comments() -> None:
    given = text()
    _, loop = edit.find_loop(given, "loop1", None)
    made = applied(edit.add_to_loop(given, loop, "invariant r < 10"), given)
    assert "    invariant r >= 0  // kept\n    invariant r < 10\n  do\n" in made
    assert lines_changed(PROGRAM, made) == ([], ["    invariant r < 10"])


def test_a_loop_in_one_line_is_opened_up() -> None:
    given = text()
    _, loop = edit.find_loop(given, "p.loop2", None)
    made = applied(edit.add_to_loop(given, loop, "invariant true"), given)
    assert "  while r > n\n    invariant true\n  do r := r - 1 end\n" in made


def test_a_variant_is_replaced_by_the_next() -> None:
    given = text()
    _, loop = edit.find_loop(given, "loop1", None)
    once = text(applied(edit.set_variant(given, loop, "n - r"), given))
    _, loop = edit.find_loop(once, "loop1", None)
    twice = applied(edit.set_variant(once, loop, "n - r + 1"), once)
    assert twice.count("variant") == 2  # of them one in `invariant`
    assert "variant n - r + 1" in twice


def test_what_is_added_and_removed_leaves_the_text_as_it_was() -> None:
    given = text()
    _, loop = edit.find_loop(given, "loop1", None)
    made = text(applied(edit.add_to_loop(given, loop, "invariant mine: r < 10"), given))
    assert applied(edit.find_annotation(made, "mine"), made) == PROGRAM


def test_line_ends_stay() -> None:
    given = text(PROGRAM.replace("\n", "\r\n"))
    _, loop = edit.find_loop(given, "loop1", None)
    made = applied(edit.add_to_loop(given, loop, "invariant r < 10"), given)
    assert made.count("\r\n") == made.count("\n") == PROGRAM.count("\n") + 1


def test_contracts_go_to_the_head() -> None:
    given = text()
    unit = given.plan.program.units["p"]
    assert isinstance(unit, Procedure)
    made = text(applied(edit.add_to_head(given, unit, "ensures", "r = n"), given))
    unit = made.plan.program.units["p"]
    assert isinstance(unit, Procedure)
    both = applied(edit.add_to_head(made, unit, "requires", "n >= 0"), made)
    assert "returns (r: int)\n  requires n >= 0\n  ensures r = n\nbegin" in both


@pytest.mark.parametrize("name", ["loop3", "q.loop1", ""])
def test_a_loop_that_is_not_there(name: str) -> None:
    with pytest.raises(InputError, match="there is no loop"):
        edit.find_loop(text(), name, None)


def test_an_assertion_stands_in_the_column_of_its_line() -> None:
    given = text()
    (first, *_) = [applied(e, given) for e in [next(iter(edit.assertion_before(given, 8, "r >= 0")))]]
    assert "  do\n    assert r >= 0;\n    r := r + 1\n" in first


def test_steps_go_where_their_goal_is() -> None:
    program = "lemma l(n: int)\n  ensures n * n >= 0\n\nproof l.ensures1\n  cases n > 0 { // two\n    yes: auto\n  }\nqed\n"
    given = text(program)
    goal = given.goals["l.ensures1"]
    tree = given.tree(goal)
    assert tree is not None
    yes, no = tree.ends()
    assert "yes: have n >= 1\n" in scripts.add_step(given, goal, yes, "have n >= 1").apply(program)
    made = scripts.add_step(given, goal, no, "have n <= 0").apply(program)
    again = text(made).tree(text(made).goals["l.ensures1"])
    assert "// two" in made
    assert again is not None and len(again.ends()) == 3


def test_a_have_gets_a_proof_of_its_own() -> None:
    program = "lemma l(n: int)\n  ensures n * n >= 0\nproof l.ensures1\n  have a: n * n > 0 - 1; auto\nqed\n"
    given = text(program)
    goal = given.goals["l.ensures1"]
    tree = given.tree(goal)
    assert tree is not None
    side, _ = tree.ends()
    made = text(scripts.add_step(given, goal, side, "cases n > 0").apply(program))
    again = made.tree(made.goals["l.ensures1"])
    assert "have a: n * n > 0 - 1 { cases n > 0 }; auto" in made.source.text
    assert again is not None and len(again.ends()) == 3
