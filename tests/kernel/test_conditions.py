"""Conditions: linear in the text, with names that are stable, and values that are shown under the right names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from prover.kernel.goal import Goal, GoalKind, Holds, Joins, Naming, nodes
from prover.kernel.goal import Path as Facts
from prover.kernel.oracle import ask
from prover.kernel.program import Block, ProcedureCall
from prover.kernel.term import free_variables
from prover.kernel.theory import goal_terms
from prover.kernel.vc import conditions
from prover.plan import Plan, plan
from prover.record import replace
from prover.solve.portfolio import TOGETHER
from tests.kernel.sequents import procedure
from tests.semantics.programs import program_of

EVERY = Path(__file__).with_name("every.proof")


def made(text: str) -> Plan:
    return plan(program_of(text), True)


def goals(text: str) -> list[Goal]:
    return [g for c in made(text).conditions.values() for g in c.all()]


def size(text: str) -> int:
    """Nodes of all terms of all goals, and of the query that asks them, facts on shared paths counted once."""
    found = goals(text)
    return sum(t.size for t in goal_terms(found))


def query_length(text: str) -> int:
    ready = made(text)
    return sum(
        len(ask([g for g in c.all() if not g.missing], ready.theory, frozenset(), TOGETHER, 1000).script)
        for c in ready.conditions.values()
    )


def repeated(part: str, count: int, end: str = "assert x = 1") -> str:
    body = " ".join([part.replace("#", str(k)) + ";" for k in range(count)])
    return f"procedure p(b: bool, n: int) begin var x: int := n; {body} {end} end"


@pytest.mark.parametrize(
    "part",
    [
        "x := x + x",
        "x := x * x + n",
        "if x > # then x := x + 1 else x := x - 1 end",
        "if b then x := x + x end",
        "while x > # invariant x >= # variant x do x := x - 1 end",
        "assert x > #",
        "assume x > #",
        "havoc x",
        "if x = # then if b then x := 1 else x := 2 end end",
    ],
)
def test_conditions_are_linear(part: str) -> None:
    for measure in (size, query_length):
        one, two, four = [measure(repeated(part, count)) for count in (40, 80, 160)]
        assert two <= 2.3 * one
        assert four <= 2.3 * two


def test_goal_names_are_unique_and_stable(golden: Callable[[str, str], None]) -> None:
    found = goals(EVERY.read_text("utf-8"))
    names = [g.name for g in found]
    assert len(set(names)) == len(names)
    golden("kernel/goals.txt", "".join([f"{g.name:34} {g.kind.value:20} {g.words}\n" for g in found]))


def test_labels_like_default_names_stay_apart() -> None:
    text = "procedure p(x: int) begin assert division1: x = x; assert index1: 1 / 1 = 1; var y := 1 / x; var z := 2 / x end"
    names = [g.name for g in goals(text)]
    assert len(set(names)) == len(names) == 4


def test_names_do_not_depend_on_what_stands_elsewhere() -> None:
    text = EVERY.read_text("utf-8")
    assert [g.name for g in goals(text)] == [g.name for g in goals(text.replace("\n", "\n  // a comment\n"))]


def test_naming() -> None:
    naming = Naming({"x": "x@3", "y": "y@2"}, {"x@1": "old", "x@2": "loop1", "y@2": "old"})
    shown = {n: naming.show(n) for n in ("x@3", "x@2", "x@1", "y@2", "n", "x#2@9", "k~", "z#2")}
    assert shown == {
        "x@3": "x", "x@2": "at(loop1, x)", "x@1": "old(x)", "y@2": "y", "n": "n", "x#2@9": "old(x)", "k~": "k", "z#2": "z",
    }  # fmt: skip


def test_values_are_new_each_time() -> None:
    (goal,) = goals("procedure p(x: int) begin var y: int; havoc y; var z := y; havoc y; havoc z; assert y = z end")
    assert len(set(goal.naming.latest.values())) == len(goal.naming.latest)


def test_results_that_a_call_drops_are_no_variables_of_the_caller() -> None:
    """The parser refuses such a call, but who makes programs otherwise may have one."""
    called = "procedure q() returns (m: int) ensures m = 1 begin m := 1 end"
    program = program_of(f"{called} procedure p(m: int) ensures m = 1 begin var k := q() end")
    unit = procedure(program, "p")
    assert unit.body is not None
    body = [replace(s, targets=()) if isinstance(s, ProcedureCall) else s for s in unit.body.statements]
    changed = replace(unit, body=Block(tuple(body)))
    (goal,) = conditions(changed, replace(program, units={**program.units, "p": changed}), frozenset({"p"}), False).goals
    (said,) = [f.formula for f in goal.facts() if isinstance(f, Holds)]
    assert "m" in free_variables(goal.conclusion)
    assert not free_variables(goal.conclusion).keys() & free_variables(said).keys()


@pytest.mark.parametrize(
    ("here", "there", "missing"),
    [
        ("variant n", "variant n", False),
        ("variant n, 0", "variant n, 1", False),
        ("variant n", "", True),
        ("", "variant n", True),
        ("variant n", "variant n, 0", True),
        ("variant n, 0", "variant n", True),
    ],
)
def test_variants_that_cannot_be_compared_are_missing(here: str, there: str, missing: bool) -> None:
    text = "".join([
        f"procedure {name}(n: int) {variant} begin if n > 0 then {other}(n - 1) end end\n"
        for name, variant, other in (("a", here, "b"), ("b", there, "a"))
    ])  # fmt: skip
    assert [g.missing for g in goals(text) if g.kind is GoalKind.RECURSION] == [missing, missing]


def test_joins_start_where_their_branches_do() -> None:
    for goal in goals(EVERY.read_text("utf-8")):
        for node in nodes(goal.path):
            if isinstance(node.fact, Joins):
                assert node.fact.base is node.parent
                assert all(_starts(path, node.fact.base) for path, _ in node.fact.branches)


def _starts(path: Facts | None, base: Facts | None) -> bool:
    while path is not base and path is not None:
        path = path.parent
    return path is base
