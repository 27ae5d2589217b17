"""Proof scripts: steps that refine a goal into goals for the solver.

A script yields a tree of refinements, each made by a primitive rule of the kernel; what is left at its leaves is `auto`'s.
Nothing here is trusted: `theorem` combines theorems for the leaves by the kernel's own rule.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from prover.diagnostic import Diagnostic, InputError, error
from prover.kernel.goal import Goal
from prover.kernel.oracle import Theorem, combine
from prover.kernel.program import Script, Step
from prover.kernel.rules import NotApplicable, Refinement, cases, have, intro, split, unfold
from prover.kernel.sort import BOOL, Sort
from prover.kernel.term import Call, Term, Var, free_variables
from prover.kernel.theory import Theory, goal_terms
from prover.source import Source
from prover.syntax.elaborate import elaborate_expression
from prover.syntax.parser import parse_expression

CLOSING = ("auto", "compute")
STEPS = ("auto", "cases", "compute", "have", "intro", "split", "unfold")


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """A goal, and how it was refined; a leaf (`refinement` None) is left to the solver."""

    goal: Goal
    refinement: Refinement | None
    branches: tuple[Tree, ...]

    def leaves(self) -> list[Goal]:
        return [self.goal] if self.refinement is None else [g for b in self.branches for g in b.leaves()]

    def theorem(self, proved: Mapping[Goal, Theorem]) -> Theorem | None:
        """The theorem for the root from theorems for leaves; None while one is missing."""
        if self.refinement is None:
            return proved.get(self.goal)
        below = [b.theorem(proved) for b in self.branches]
        found = [t for t in below if t is not None]
        return combine(self.refinement, found) if len(found) == len(below) else None


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """What a script may speak of."""

    theory: Theory
    opaque: frozenset[str]


def apply(script: Script, goal: Goal, setting: Setting) -> Tree:
    """Run a script on a goal.  Raises InputError with what is wrong with the step that does not fit."""
    return _steps(script.steps, goal, setting)


def _steps(steps: tuple[Step, ...], goal: Goal, setting: Setting) -> Tree:
    if not steps or steps[0].name in CLOSING:
        if len(steps) > 1:
            raise InputError(_complaint(steps[1], f"nothing is left to do after `{steps[0].name}`"))
        return Tree(goal, None, ())
    step, rest = steps[0], steps[1:]
    try:
        refinement = _refine(step, goal, setting)
    except NotApplicable as why:
        raise InputError(_complaint(step, str(why))) from None
    return Tree(goal, refinement, _branches(step, rest, refinement, setting))


def _branches(step: Step, rest: tuple[Step, ...], refinement: Refinement, setting: Setting) -> tuple[Tree, ...]:
    *side, main = refinement.subgoals
    if step.name == "have":
        proof = step.branches[0][1].steps if step.branches else ()
        return (*[_steps(proof, g, setting) for g in side], _steps(rest, main, setting))
    if len(refinement.subgoals) == 1 and not step.branches:
        return (_steps(rest, main, setting),)
    names = [g.name.rsplit(".", 1)[-1] for g in refinement.subgoals]
    if rest:
        raise InputError(
            _complaint(rest[0], f"`{step.name}` leaves {len(names)} goals: each step belongs in one of its branches")
        )
    given = dict(step.branches)
    if unknown := [n for n in given if n not in names]:
        raise InputError(_complaint(step, f"`{step.name}` has no branch `{unknown[0]}`; its branches are {', '.join(names)}"))
    return tuple(
        [_steps(given[n].steps if n in given else (), g, setting) for n, g in zip(names, refinement.subgoals, strict=True)]
    )


def _refine(step: Step, goal: Goal, setting: Setting) -> Refinement:
    match step.name:
        case "unfold":
            term = _term(step, step.arguments, goal, setting, None)
            if not isinstance(term, Call):
                raise NotApplicable("`unfold` takes the call of a function, for example `unfold fact(n)`")
            return unfold(goal, term, setting.theory, setting.opaque, step.span)
        case "have":
            label, text = _labelled(step.arguments)
            return have(goal, _term(step, text, goal, setting, BOOL), label, step.span)
        case "cases":
            return cases(goal, _term(step, step.arguments, goal, setting, BOOL), step.span)
        case "split":
            return split(goal)
        case "intro":
            return intro(goal, step.span)
        case _:
            raise NotApplicable(f"there is no step `{step.name}`; there are {', '.join(STEPS)}")


def _labelled(text: str) -> tuple[str, str]:
    found = re.match(r"\s*([A-Za-z_][A-Za-z0-9_']*)\s*:(?![:=])", text)
    return (found[1], text[found.end() :]) if found else ("", text)


def _term(step: Step, text: str, goal: Goal, setting: Setting, expected: Sort | None) -> Term:
    """A term written in a script, in the names that the goal is shown in."""
    if not text.strip():
        raise NotApplicable(f"`{step.name}` needs an argument")
    try:
        parsed = parse_expression(Source(f"the argument of `{step.name}`", text.strip()))
        return elaborate_expression(parsed, scope(goal), setting.theory.functions, expected)
    except InputError as bad:
        raise NotApplicable(bad.diagnostics[0].message) from None


def scope(goal: Goal) -> dict[str, Term]:
    """What the names that a goal is shown in stand for: `x`, `old(x)`, `at(loop1, x)`."""
    found: dict[str, Var] = {}
    for term in goal_terms([goal]):
        found.update(free_variables(term))
    return {goal.naming.show(name): variable for name, variable in found.items()}


def _complaint(step: Step, message: str) -> Diagnostic:
    return error("goal-script", message, step.span)
