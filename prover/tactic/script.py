"""Proof scripts: steps that refine a goal into goals for the solver.

A script yields a tree of refinements, each made by a primitive rule of the kernel; what is left at its leaves is `auto`'s.
Nothing here is trusted: `theorem` combines theorems for the leaves by the kernel's own rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from prover.diagnostic import Diagnostic, InputError, error
from prover.kernel.goal import Goal
from prover.kernel.oracle import Theorem, combine
from prover.kernel.program import Procedure, Script, Step
from prover.kernel.rules import NotApplicable, Refinement, have
from prover.kernel.theory import Theory
from prover.record import factory, record, replace
from prover.tactic.steps import STEPS, Situation

CLOSING = ("auto", "compute")
EACH, TRY, REPEAT, CALC = "each", "try", "repeat", "calc"
MOST_REPEATS = 20
MOST_STEPS = 1_000

Place = tuple[tuple[int, str], ...]


@record
class Tree:
    """A goal, and how it was refined; a leaf (`refinement` None) is left to the solver.

    place: where in the script the steps for this goal go: through which branches of which steps.  closed: a leaf that the
    script says is the solver's (`auto`)."""

    goal: Goal
    refinement: Refinement | None
    branches: tuple[Tree, ...]
    place: Place = ()
    closed: bool = False

    def leaves(self) -> list[Goal]:
        return [leaf.goal for leaf in self.ends()]

    def ends(self) -> list[Tree]:
        return [self] if self.refinement is None else [t for b in self.branches for t in b.ends()]

    def theorem(self, proved: Mapping[Goal, Theorem]) -> Theorem | None:
        """The theorem for the root from theorems for leaves; None while one is missing."""
        if self.refinement is None:
            return proved.get(self.goal)
        below = [b.theorem(proved) for b in self.branches]
        found = [t for t in below if t is not None]
        return combine(self.refinement, found) if len(found) == len(below) else None


@dataclass(slots=True)
class Left:
    """How many steps a script may still make, what `try` and `repeat` try in vain among them."""

    steps: int = MOST_STEPS


@record
class Setting:
    """What a script may speak of.  lemmas: those that it may use."""

    theory: Theory
    opaque: frozenset[str]
    lemmas: Mapping[str, Procedure] = factory(default_factory=dict)
    left: Left = factory(default_factory=Left)


class TooMany(InputError):
    """A script makes more than `MOST_STEPS` steps."""


def apply(script: Script, goal: Goal, setting: Setting) -> Tree:
    """Run a script on a goal.  Raises InputError with what is wrong with the step that does not fit."""
    return _steps(script.steps, 0, goal, replace(setting, left=Left()), ())


def _steps(steps: tuple[Step, ...], index: int, goal: Goal, setting: Setting, place: Place) -> Tree:
    """The steps from `index` on, of the script at `place`."""
    if index < len(steps) and steps[index].name == EACH:
        raise InputError(_complaint(steps[index], "`each` follows a step that leaves several goals"))
    if index >= len(steps) or steps[index].name in CLOSING:
        if index + 1 < len(steps):
            raise InputError(_complaint(steps[index + 1], f"nothing is left to do after `{steps[index].name}`"))
        return Tree(goal, None, (), place, index < len(steps))
    step = steps[index]
    setting.left.steps -= 1
    if setting.left.steps < 0:
        raise TooMany(_complaint(step, f"a script makes at most {MOST_STEPS} steps, those that are repeated counted each time"))
    if step.name in (TRY, REPEAT):
        return _tried(steps, index, 1 if step.name == TRY else MOST_REPEATS, goal, setting, place)
    if step.name == CALC:
        return _chain(steps, index, goal, setting, place)
    try:
        refinement = _refine(step, goal, setting)
    except NotApplicable as why:
        raise InputError(_complaint(step, str(why))) from None
    return Tree(goal, refinement, _branches(steps, index, refinement, setting, place), place)


def _tried(steps: tuple[Step, ...], index: int, times: int, goal: Goal, setting: Setting, place: Place) -> Tree:
    """`try { … }` makes its steps if they fit, `repeat { … }` as long as they do; then the rest follows."""
    step, rest = steps[index], steps[index + 1 :]
    if not step.branches or step.arguments.strip():
        raise InputError(_complaint(step, f"write `{step.name} {{ steps }}`"))
    inner = step.branches[0][1].steps
    for count in range(times, 0, -1):
        try:
            return _steps((*steps[:index], *inner * count, *rest), index, goal, setting, place)
        except TooMany:
            raise
        except InputError:
            pass
    return _steps(steps, index + 1, goal, setting, place)


def _chain(steps: tuple[Step, ...], index: int, goal: Goal, setting: Setting, place: Place) -> Tree:
    """`calc e1 = e2 = …`: each link is proved (in a branch of its number, or by the solver) and known from then on."""
    step = steps[index]
    given = dict(step.branches)
    try:
        links, whole = Situation(step, goal, setting.theory, setting.opaque, setting.lemmas).chain(step.arguments)
    except NotApplicable as why:
        raise InputError(_complaint(step, str(why))) from None
    if unknown := [n for n in given if n not in map(str, range(1, len(links) + 1))]:
        raise InputError(_complaint(step, f"`calc` has no branch `{unknown[0]}`; its links are numbered from 1 to {len(links)}"))

    def link(number: int, goal: Goal) -> Tree:
        if number > len(links) + 1:
            return _steps(steps, index + 1, goal, setting, place)
        refinement = have(goal, links[number - 1] if number <= len(links) else whole, "", step.span)
        side, main = refinement.subgoals
        inner = given[str(number)].steps if str(number) in given else ()
        proof = _steps(inner, 0, side, setting, (*place, (index, str(number))))
        return Tree(goal, refinement, (proof, link(number + 1, main)), place)

    return link(1, goal)


def _branches(steps: tuple[Step, ...], index: int, refinement: Refinement, setting: Setting, place: Place) -> tuple[Tree, ...]:
    step, rest = steps[index], steps[index + 1 :]
    *side, main = refinement.subgoals
    if step.name in ("have", "use"):
        proof = step.branches[0][1].steps if step.branches else ()
        name = step.branches[0][0] if step.branches else ""
        before = [_steps(proof, 0, g, setting, (*place, (index, name))) for g in side]
        return (*before, _steps(steps, index + 1, main, setting, place))
    if len(refinement.subgoals) == 1 and not step.branches:
        return (_steps(steps, index + 1, main, setting, place),)
    names = [branch_name(g) for g in refinement.subgoals]
    given = dict(step.branches)
    for_each: tuple[Step, ...] = ()
    if [s.name for s in rest] == [EACH] and rest[0].branches:
        for_each = rest[0].branches[0][1].steps
    elif rest:
        raise InputError(
            _complaint(rest[0], f"`{step.name}` leaves {len(names)} goals: each step belongs in one of its branches")
        )
    if unknown := [n for n in given if n not in names]:
        raise InputError(_complaint(step, f"`{step.name}` has no branch `{unknown[0]}`; its branches are {', '.join(names)}"))
    found = []
    for name, goal in zip(names, refinement.subgoals, strict=True):
        inner, where = (
            (given[name].steps if name in given else (), (index, name))
            if name in given or not for_each
            else (for_each, (index + 1, ""))
        )
        found.append(_steps(inner, 0, goal, setting, (*place, where)))
    return tuple(found)


def branch_name(goal: Goal) -> str:
    """What the branch for a subgoal is called: the last part of its name."""
    return goal.name.rsplit(".", 1)[-1]


def _refine(step: Step, goal: Goal, setting: Setting) -> Refinement:
    known = STEPS.get(step.name)
    if known is None:
        raise NotApplicable(
            f"there is no step `{step.name}`; there are {', '.join(sorted([*CLOSING, EACH, TRY, REPEAT, *STEPS]))}"
        )
    return known.refine(step, goal, setting.theory, setting.opaque, setting.lemmas)


def _complaint(step: Step, message: str) -> Diagnostic:
    return error("goal-script", message, step.span)
