"""Proof scripts in the text: a step added where the goal in front is, the rest as a person wrote it."""

from __future__ import annotations

import re

from prover.kernel.goal import Goal
from prover.kernel.program import Script, Step
from prover.session.edit import Edit, append, refused
from prover.session.session import Text
from prover.tactic.placing import digest
from prover.tactic.script import CLOSING, Place, Tree
from prover.tactic.steps import STEPS


def add_step(text: Text, goal: Goal, leaf: Tree, step: str) -> Edit:
    """The edit that puts `step` (`cases x = 0`, `auto`) at a leaf of the goal's script, which is begun where there is none."""
    script = text.script(goal)
    if script is None:
        return append(text, f"proof {goal.name}\n  {step}\nqed")
    return _at(script, leaf.place, step, text, goal)


def drop_script(text: Text, goal: Goal) -> Edit:
    """The edit that takes the goal's whole script away."""
    block = text.proofs.get(goal.name)
    if block is None:
        raise refused(f"`{goal.name}` has no `proof` of its own to take away")
    whole = text.source.text
    start = len(whole[: block.span.start].rstrip())
    return Edit(start, block.span.end, "")


_HEADER = re.compile(r'proof\s+(?P<goal>[^\s"]+)(?P<digest>\s+digest\s+"[^"\n]*")?')


def stamped(text: Text) -> str:
    """The text with the digest of its goal written beside each script that fits it, under the name that the goal has now."""
    whole = text.source.text
    marked = [(p, text.goals[g]) for g, p in text.proofs.items() if text.trees.get(g) is not None and g in text.goals]
    for proof, goal in sorted(marked, key=lambda pair: -pair[0].span.start):
        header = _HEADER.match(whole, proof.span.start)
        if header is not None and header["goal"] == proof.goal:
            whole = f'{whole[: header.start("goal")]}{goal.name} digest "{digest(goal)}"{whole[header.end() :]}'
    return whole


def _at(script: Script, place: Place, step: str, text: Text, goal: Goal) -> Edit:
    if place:
        (index, branch), rest = place[0], place[1:]
        return _in_branch(script.steps[index], branch, rest, step, text, goal)
    if not script.steps:
        return _into_empty(script, step, text, goal)
    last = script.steps[-1]
    if last.name in CLOSING:
        return Edit(last.span.start, last.span.end, step)
    return Edit(last.span.end, last.span.end, f";\n{_column(text, last)}{step}")


def _in_branch(outer: Step, branch: str, rest: Place, step: str, text: Text, goal: Goal) -> Edit:
    inner = dict(outer.branches).get(branch)
    if inner is not None:
        return _at(inner, rest, step, text, goal)
    assert not rest, "a branch that is not written holds no steps"
    written = f"{branch}: {step}" if branch else step
    if outer.branches:
        return Edit(outer.span.end - 1, outer.span.end - 1, f"{STEP_INDENT}{written}\n{_column(text, outer)}")
    if not branch:
        return Edit(outer.span.end, outer.span.end, f" {{ {written} }}")
    column = _column(text, outer)
    return Edit(outer.span.end, outer.span.end, f" {{\n{column}{STEP_INDENT}{written}\n{column}}}")


STEP_INDENT = "  "


def _into_empty(script: Script, step: str, text: Text, goal: Goal) -> Edit:
    block = next((p for p in text.plan.program.proofs if p.script is script), None)
    if block is not None:
        end = block.span.end - len("qed")
        return Edit(end, end, f"{STEP_INDENT}{step}\n")
    at = script.span.start
    return Edit(at, at, f" {step} ")


def _column(text: Text, step: Step) -> str:
    return " " * (step.span.first.column - 1)


def with_branches(step: str) -> str:
    """`cases P` with its branches written out, each left to the solver, so that later steps find their place."""
    name = step.split(maxsplit=1)[0]
    known = STEPS.get(name)
    if known is None or not known.branches or "{" in step:
        return step
    return f"{step} {{ {' '.join(f'{b}: auto' for b in known.branches)} }}"
