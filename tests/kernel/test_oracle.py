"""The gate: nothing but `unsat`, to this very query, without a complaint, is a theorem."""

from __future__ import annotations

import pytest

from prover.kernel.goal import Goal
from prover.kernel.oracle import Answer, Fault, Query, Theorem, ask, combine, conclude, reason
from prover.kernel.rules import Refinement
from prover.kernel.sort import INT
from prover.kernel.term import FALSE, TRUE, Op, Var, app, num
from prover.record import replace
from prover.solve.portfolio import TOGETHER
from prover.solve.process import Worker
from tests.kernel.sequents import EMPTY, goal, reply

x = Var("x", INT)


def query() -> Query:
    return ask([goal(app(Op.EQ, x, x))], EMPTY, frozenset(), TOGETHER, 1000)


@pytest.mark.parametrize("output", ['unsat\n(:reason-unknown "")\n', "unsat", "unsat\n"])
def test_unsat_is_a_theorem(output: str) -> None:
    asked = query()
    theorem = conclude(asked, Answer(asked.digest, output, None, 0.1))
    assert theorem is not None
    assert theorem.goals == asked.goals


@pytest.mark.parametrize(
    "output",
    [
        "", "\n", "sat", "sat\n", "unknown\n(:reason-unknown \"unsat\")", "un", "unsa", "unsatisfiable", " unsat", "\nunsat",
        "unsat (error", "sat\nunsat", "timeout", "(error \"line 1\")\nunsat\n", "unsat\n(error \"line 3: unknown constant\")\n",
        "unknown\nunsat", "UNSAT",
    ],
)  # fmt: skip
def test_nothing_else_is(output: str) -> None:
    asked = query()
    assert conclude(asked, Answer(asked.digest, output, None, 0.1)) is None


@pytest.mark.parametrize("fault", Fault)
def test_a_fault_is_no_theorem(fault: Fault) -> None:
    asked = query()
    assert conclude(asked, Answer(asked.digest, "unsat", fault, 0.1)) is None
    assert reason(Answer(asked.digest, "unsat", fault, 0.1)) == fault.value


def test_the_answer_to_another_query_is_no_theorem() -> None:
    asked = query()
    other = ask([goal(app(Op.EQ, x, num(1)))], EMPTY, frozenset(), TOGETHER, 1000)
    assert asked.digest != other.digest
    assert conclude(asked, Answer(other.digest, "unsat", None, 0.1)) is None
    assert conclude(asked, Answer("", "unsat", None, 0.1)) is None


def test_the_digest_is_of_the_whole_script() -> None:
    digests = {
        ask([goal(c)], EMPTY, frozenset(), strategy, rlimit).digest
        for c in (app(Op.EQ, x, num(1)), app(Op.EQ, x, num(2)))
        for strategy in (TOGETHER, replace(TOGETHER, tactic="smt"))
        for rlimit in (1000, 2000)
    }
    assert len(digests) == 8


@pytest.mark.parametrize(
    ("output", "why"),
    [
        ("sat", "countermodel"), ("timeout", "timeout"), ("unknown\n(:reason-unknown \"timeout\")", "timeout"),
        ("unknown\n(:reason-unknown \"max. resource limit exceeded\")", "resources"),
        ("unknown", "incomplete"), ("", "incomplete"),
    ],
)  # fmt: skip
def test_reasons(output: str, why: str) -> None:
    assert reason(Answer("", output, None, 0.0)) == why


def test_a_query_of_several_goals_asks_them_all(worker: Worker) -> None:
    true, false = app(Op.LE, x, app(Op.ADD, x, num(1))), app(Op.LE, x, num(5))
    assert reply(worker, [goal(true), goal(true)])[0] is not None
    for goals in ([goal(true), goal(false)], [goal(false), goal(true)], [goal(true), goal(false), goal(true)]):
        assert reply(worker, goals)[0] is None


def test_goals_with_facts_of_their_own(worker: Worker) -> None:
    known = app(Op.GE, x, num(3))
    assert reply(worker, [goal(app(Op.GE, x, num(0)), known), goal(app(Op.GE, x, num(2)), known)])[0] is not None
    for goals in ([goal(known), goal(known, known)], [goal(known, known), goal(known)], [goal(TRUE, FALSE), goal(FALSE)]):
        assert reply(worker, goals)[0] is None


def refinement(parts: list[Goal]) -> Refinement:
    return Refinement(goal(TRUE, name="t.whole"), tuple(parts))


def test_combining_needs_every_subgoal() -> None:
    parts = [goal(TRUE, name=f"t.{n}") for n in range(3)]
    theorems = [Theorem((p,), str(n)) for n, p in enumerate(parts)]
    whole = refinement(parts)
    assert combine(whole, theorems).goals == (whole.goal,)
    assert combine(whole, [Theorem(tuple(parts), "all")]).goals == (whole.goal,)
    for missing in range(3):
        with pytest.raises(ValueError, match="subgoal"):
            combine(whole, theorems[:missing] + theorems[missing + 1 :])


def test_a_goal_of_the_same_name_is_not_the_same_goal() -> None:
    with pytest.raises(ValueError, match="subgoal"):
        combine(refinement([goal(FALSE)]), [Theorem((goal(FALSE),), "other")])


def test_what_is_missing_is_never_asked() -> None:
    with pytest.raises(AssertionError):
        ask([replace(goal(TRUE), missing=True)], EMPTY, frozenset(), TOGETHER, 1000)
