"""Hints about an obligation that is not proved, by level; none gives the answer away.

1: which of entry, kept, enough fails, and what kind of mistake that is.  2: a concrete round or state that shows it.
3: what shape a missing clause has: the variables it is about and the relations between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from prover.report import GoalReport, Reason
from prover.teach.grade import Grade, Obligation, State, gave_up

LEVELS = 3
_ADVICE = re.compile(r"`invariant (.+?)`")
_NAMES = re.compile(r"[A-Za-z_][A-Za-z0-9_']*")
_WORDS = frozenset("and or not forall exists int nat bool true false if then else let in div mod old at len implies iff".split())


def hints(grade: Grade, level: int = LEVELS) -> Iterator[tuple[Obligation, tuple[str, ...]]]:
    """For each obligation that is not proved, the lines to say."""
    for obligation in grade.obligations:
        if obligation.state is not State.PROVED:
            yield obligation, tuple(_lines(grade, obligation, level))


def _lines(grade: Grade, obligation: Obligation, level: int) -> Iterator[str]:
    if obligation.state is State.WITHHELD:
        yield "proved, but it counts only once the rest of its unit is proved"
        return
    if obligation.state is State.UNDECIDED:
        yield "the prover could not decide this within its budget: that is not counted as wrong, but reported apart"
        return
    yield _mistake(grade, obligation)
    for goal in obligation.goals:
        if level >= 2:
            yield from _round(goal)
        if level >= LEVELS and not gave_up(goal):
            yield from _shape(goal)


def _open_classes(grade: Grade, unit: str) -> set[str]:
    return {o.name.rsplit(".", 1)[1] for o in grade.obligations if o.state is State.OPEN and o.name.startswith(unit + ".")}


def _mistake(grade: Grade, obligation: Obligation) -> str:
    unit, part = obligation.name.split(".")[0], obligation.name.rsplit(".", 1)[1]
    failing = _open_classes(grade, unit)
    if part == "entry":
        if "kept" in failing:
            return "ENTRY and KEPT fail: neither true at first nor kept: does the invariant talk of the right variables?"
        if _by_one(obligation):
            return "ENTRY fails, by one: a strict bound is met exactly before the first round; compare `<` with `<=`"
        return "ENTRY fails: the invariant is not true when the loop is first reached (before the first round, not after it)"
    if part == "kept":
        if _by_one(obligation):
            return "KEPT fails in the last round, by one: compare `<` with `<=`; where does the counter stand after the round?"
        if failing <= {"kept"}:
            return "KEPT fails: the invariant claims too much; a round that starts with it true can end with it false"
        return "KEPT fails: a round can end with the invariant false; it may lack a fact that the round relies on"
    if part == "variant":
        return "VARIANT fails: in some round it does not fall, or it is negative before the round"
    if not failing & {"entry", "kept"} and any(n.startswith(unit + ".") and n.endswith(".kept") for n in _names(grade)):
        return "ENOUGH fails: the invariant is true at first and kept, but too weak: at the loop's end it does not give this"
    return "ENOUGH fails: what is known at the end does not give this"


def _names(grade: Grade) -> Iterator[str]:
    return (o.name for o in grade.obligations)


def _by_one(obligation: Obligation) -> bool:
    """Is a strict bound met exactly after the round that breaks it?"""
    for goal in obligation.goals:
        after = goal.after or goal.state or {}
        for left, relation, right in re.findall(r"([\w']+) (<|>) ([\w']+)", goal.conclusion):
            if relation and left in after and after.get(left) == after.get(right, right):
                return True
    return False


def _round(goal: GoalReport) -> Iterator[str]:
    if goal.state:
        state = ", ".join(f"{n} = {v}" for n, v in goal.state.items())
        if goal.after:
            after = ", ".join(f"{n} = {v}" for n, v in goal.after.items())
            yield f"a round that shows it: before {state}; after {after}"
        else:
            yield f"a state that shows it: {state}"
    if goal.reason is Reason.BROKEN:
        yield "a run of the program gets there"


def _shape(goal: GoalReport) -> Iterator[str]:
    """What a suggestion is about, without its text."""
    for line in goal.help:
        found = _ADVICE.search(line)
        if found is None:
            continue
        names = sorted(set(_NAMES.findall(found[1])) - _WORDS)
        listed = " and ".join(f"`{n}`" for n in names) or "the variables"
        relation = "an equation" if re.search(r"(?<![<>!=])=(?!=)", found[1]) else "a bound"
        every = ", for every index" if "forall" in found[1] else ""
        yield f"the shape that is missing: {relation} about {listed}{every}"
        return
