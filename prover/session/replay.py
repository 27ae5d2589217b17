"""Scripts made again: does each still close the goal that it was written for?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum

from prover.kernel.goal import Goal
from prover.kernel.program import Proof
from prover.record import record
from prover.session.session import Text
from prover.solve.prove import Outcome
from prover.tactic.placing import digest


class Replay(Enum):
    """SAME: the goal says what it said, and is proved.  DIFFERENT: it has changed, or is open now.  DETACHED: it is gone."""

    SAME = "same"
    DIFFERENT = "different"
    DETACHED = "detached"


@record
class Replayed:
    """One script.  goal: its goal's name in the file.  now: where it was tried, None if nowhere.  proved: does it close that?
    why: what differs, in words."""

    goal: str
    proof: Proof
    result: Replay
    now: str | None
    proved: bool
    why: tuple[str, ...] = ()


def replayed(text: Text, outcome: Callable[[Goal], Outcome | None]) -> Iterator[Replayed]:
    """Each `proof` of the text, in its order.  outcome: what became of a goal with its script."""
    places = {proof.goal: goal for goal, proof in text.proofs.items()}
    for proof in text.plan.program.proofs:
        now = places.get(proof.goal)
        if now is None:
            yield Replayed(proof.goal, proof, Replay.DETACHED, None, False, ("there is no such goal; the script is kept",))
            continue
        goal = text.goals[now]
        found = outcome(goal)
        proved = found is not None and found.proved
        why = tuple(_differences(proof, goal, text, proved))
        yield Replayed(proof.goal, proof, Replay.DIFFERENT if why else Replay.SAME, now, proved, why)


def _differences(proof: Proof, goal: Goal, text: Text, proved: bool) -> Iterator[str]:
    if goal.name != proof.goal:
        yield f"the goal is called {goal.name} now"
    if proof.digest is not None and proof.digest != digest(goal):
        yield "the goal has changed since it was saved"
    if text.trees.get(goal.name) is None:
        wrong = [d for d in text.findings if d.span is not None and _within(proof, d.span.start)]
        for diagnostic in wrong:
            line = diagnostic.span.first.line if diagnostic.span is not None else 0
            yield f"a step does not fit (line {line}): {diagnostic.message}"
    elif not proved:
        yield "the steps fit, and the solver does not close what they leave"


def _within(proof: Proof, position: int) -> bool:
    return proof.span.start <= position < proof.span.end
