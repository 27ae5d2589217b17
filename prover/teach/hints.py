"""Hints about an obligation that is not proved, by level; none gives the answer away.

1: which of entry, kept, enough fails, and what kind of mistake that is.  2: a concrete round or state that shows it.
3: what shape a missing clause has: the variables it is about and the relations between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from prover.report import GoalReport, Reason
from prover.teach.grade import Grade, Obligation, State, gave_up
from prover.teach.mistakes import Flaw, Looked, Pattern, flaws, lack, looked

LEVELS = 3
Seen = dict[tuple[str, str], Looked | None]  # loops whose runs were looked at
_ADVICE = re.compile(r"`invariant (.+?)`")
_NAMES = re.compile(r"[A-Za-z_][A-Za-z0-9_']*")
_WORDS = frozenset("and or not forall exists int nat bool true false if then else let in div mod old at len implies iff".split())


def hints(grade: Grade, level: int = LEVELS) -> Iterator[tuple[Obligation, tuple[str, ...]]]:
    """For each obligation that is not proved, the lines to say."""
    seen: Seen = {}
    for obligation in grade.obligations:
        if obligation.state is not State.PROVED:
            yield obligation, tuple(_lines(grade, obligation, level, seen))


def _lines(grade: Grade, obligation: Obligation, level: int, seen: Seen) -> Iterator[str]:
    if obligation.empty:
        yield "it earns nothing: the invariant says nothing of what the loop changes"
        return
    if obligation.state is State.WITHHELD:
        yield "proved, but it counts only once the rest of its unit is proved"
        return
    if obligation.state is State.UNDECIDED:
        yield "the prover could not decide this within its budget: that is not counted as wrong, but reported apart"
        return
    loop = _loop(grade, obligation, seen)
    wrong = tuple(flaws(loop)) if loop is not None else ()
    yield _mistake(grade, obligation, loop, wrong)
    for goal in obligation.goals:
        if level >= 2:
            yield from _round(goal) if goal.state else _run(obligation, wrong)
        if level >= LEVELS and not gave_up(goal):
            yield from _shape(goal)


def _loop(grade: Grade, obligation: Obligation, seen: Seen) -> Looked | None:
    """The loop that an obligation is about: its own, or the unit's only one."""
    unit, *parts = obligation.name.split(".")
    labels = [parts[0]] if len(parts) > 1 else [n.split(".")[1] for n in _names(grade) if _is_kept(n, unit)]
    if grade.report is None or len(labels) != 1:
        return None
    place = unit, labels[0]
    if place not in seen:
        seen[place] = looked(grade.report, *place)
    return seen[place]


def _is_kept(name: str, unit: str) -> bool:
    return name.startswith(unit + ".") and name.endswith(".kept")


def _open_classes(grade: Grade, unit: str) -> set[str]:
    return {o.name.rsplit(".", 1)[1] for o in grade.obligations if o.state is State.OPEN and o.name.startswith(unit + ".")}


def _names(grade: Grade) -> Iterator[str]:
    return (o.name for o in grade.obligations)


def _mistake(grade: Grade, obligation: Obligation, loop: Looked | None, wrong: Sequence[Flaw]) -> str:
    unit, part = obligation.name.split(".")[0], obligation.name.rsplit(".", 1)[1]
    if any(g.reason is Reason.AUTOMATION for g in obligation.goals):
        return "the solver may not close this by itself in this exercise: prove it in smaller steps"
    failing = _open_classes(grade, unit)
    if any(g.reason is Reason.SCRIPT for g in obligation.goals) and grade.report is not None:
        wrong_steps = [d.message for d in grade.report.diagnostics if d.code == "goal-script"]
        return "the proof does not close it" + (f": {wrong_steps[0]}" if wrong_steps else "")
    if part == "entry":
        return "ENTRY fails: " + (
            _entry(wrong) or "the invariant is not true when the loop is first reached, before the first round"
        )
    if part == "kept":
        lacking = "a round can end with the invariant false; it may lack a fact that the round relies on"
        return "KEPT fails: " + (_kept(wrong) or lacking)
    if part == "variant":
        return "VARIANT fails: in some round it does not fall, or it is negative before the round"
    if any(g.kind == "assertion" for g in obligation.goals):
        return "the assertion fails: it is not true whenever a run gets there"
    if not failing & {"entry", "kept"} and any(_is_kept(n, unit) for n in _names(grade)):
        return "ENOUGH fails: the invariant is true at first and kept, but too weak: " + _weak(obligation, loop)
    if obligation.name.endswith((".entry", ".kept")) or not _asserts(grade):
        return "ENOUGH fails: what is known at the end does not give this"
    return "ENOUGH fails: what follows an assertion must follow from what it says, and it does not"


def _entry(wrong: Sequence[Flaw]) -> str:
    for flaw in wrong:
        if flaw.entry is not None:
            return _words(flaw) or f"`{flaw.conjunct}` is not true when the loop is first reached, before the first round"
    return ""


def _kept(wrong: Sequence[Flaw]) -> str:
    for flaw in wrong:
        if flaw.round is not None:
            return _words(flaw) or f"`{flaw.conjunct}` claims too much: a round that starts with it true can end with it false"
    return "" if wrong else "it is true in all runs tried, but it lacks a fact that the round relies on"


def _words(flaw: Flaw) -> str:
    said = f"`{flaw.conjunct}`"
    match flaw.pattern:
        case Pattern.AT_EXIT:
            last = ": by one? compare `<` with `<=`" if flaw.bound else ""
            return f"{said} is true before each round, but false when the loop ends (it may end at once){last}"
        case Pattern.AT_FIRST:
            return f"{said} is true after each round, but not before the first one, where it must hold, too"
        case Pattern.BEFORE_EXIT:
            return f"{said} is true only when the loop ends: say how far the work has come in every round, not what it comes to"
        case Pattern.BY_ONE:
            return f"{said} is wrong by one: it fits the values of `{flaw.variable}` one round earlier or later"
        case Pattern.ALWAYS:
            return f"{said} is false each time that the loop's head is reached"
        case Pattern.AFTER_FIRST if not flaw.bound:
            return f"{said} is true only before the first round: does it relate the right variables?"
        case Pattern.SOMETIMES if not flaw.bound:
            return f"{said} is true in some rounds only: does it relate the right variables?"
        case _:
            return ""


def _weak(obligation: Obligation, loop: Looked | None) -> str:
    """What the invariant lacks, judged by the state that shows that it does."""
    if loop is None:
        return "at the loop's end it does not give this"
    missing = lack(loop, next((g.state for g in obligation.goals if g.state), None))
    if missing.silent:
        return f"it says nothing of {_listed(missing.silent)}, which the loop changes"
    if missing.passing is not None:
        left, right = missing.passing
        how = "its bound lets" if missing.loose else "no bound keeps it from letting"
        return f"{how} `{left}` pass `{right}`, which no run does"
    if missing.bounded:
        return f"it only bounds {_listed(missing.bounded)}, and does not say what the value is"
    return "at the loop's end it does not give this"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(f"`{n}`" for n in names)


def _asserts(grade: Grade) -> bool:
    """Is an assertion among what was asserted in the unit?"""
    return grade.report is not None and any(g.kind == "assertion" for u in grade.report.units for g in u.goals)


def _run(obligation: Obligation, wrong: Sequence[Flaw]) -> Iterator[str]:
    """Of a run that was made on small inputs."""
    for flaw in wrong:
        if obligation.name.endswith(".entry") and flaw.entry is not None:
            yield f"a run gets there with {flaw.entry}"
            return
        if obligation.name.endswith(".kept") and flaw.round is not None:
            yield f"a round of a run that shows it: before {flaw.round[0]}; after {flaw.round[1]}"
            return


def _round(goal: GoalReport) -> Iterator[str]:
    assert goal.state is not None
    state = ", ".join(f"{n} = {v}" for n, v in goal.state.items())
    if goal.after:
        after = ", ".join(f"{n} = {v}" for n, v in goal.after.items())
        yield f"a round that shows it: before {state}; after {after}"
    else:
        yield f"a state that shows it: {state}"


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
