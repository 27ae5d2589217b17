"""Which script is for which goal: by the goal's name, or, where that is gone, by the digest of what the goal says.

A digest decides nothing but where a script is tried; the kernel checks its steps on the goal that it is tried on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

from prover.kernel.goal import Fact, Goal, Holds, Joins
from prover.kernel.program import Proof
from prover.kernel.term import Term
from prover.syntax.unparse import term_text

_DIGITS = 16


def digest(goal: Goal) -> str:
    """Of the facts and the conclusion, in source terms: the same wherever the goal stands and whatever it is called."""

    def lines(facts: Iterable[Fact]) -> Iterator[str]:
        for fact in facts:
            match fact:
                case Holds():
                    yield shown(fact.formula)
                case Joins():
                    for path, defines in fact.branches:
                        yield "branch"
                        yield from lines([*(path.facts(fact.base) if path is not None else ()), *defines])
                    yield "joined"
                case _:
                    yield f"{shown(fact.variable)} := {shown(fact.term)}"

    def shown(term: Term) -> str:
        return term_text(term, names=lambda name, _sort: goal.naming.show(name))

    statement = [goal.kind.value, *lines(goal.facts()), "|-", shown(goal.conclusion)]
    return sha256("\n".join(statement).encode()).hexdigest()[:_DIGITS]


def placed(proofs: Iterable[Proof], goals: Sequence[Goal]) -> dict[str, Proof]:
    """The proof for each goal that has one, by the goal's name.

    A proof whose goal is gone goes to the one goal of the same unit that has its digest and no script.  Of the same unit: what
    a script uses counts as used by the unit in its goal's name, and circles of lemmas are found by that."""
    named = {g.name: g for g in goals}
    found = {p.goal: p for p in proofs if p.goal in named}
    lost = [p for p in proofs if p.goal not in named and p.digest is not None]
    for proof in lost:
        fitting = [g for g in goals if _unit(g.name) == _unit(proof.goal) and not (g.name in found or g.script or g.missing)]
        same = [g for g in fitting if digest(g) == proof.digest]
        if len(same) == 1:
            found[same[0].name] = proof
    return found


def _unit(goal: str) -> str:
    return goal.split(".", maxsplit=1)[0]
