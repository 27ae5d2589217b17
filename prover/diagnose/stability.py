"""Whether proofs hang by a thread: the goals that are proved, asked again with other seeds, names and order.

What z3 finds can depend on such things.  A goal that is not proved each time is no less true; but its proof may be gone with the
next change of the program, or with another version of z3.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from concurrent.futures import Future

from prover.diagnostic import Diagnostic, warning
from prover.kernel.goal import Goal
from prover.kernel.oracle import Strategy, ask
from prover.kernel.theory import Theory
from prover.record import record, replace
from prover.solve.portfolio import strategies
from prover.solve.process import Ask, Pool
from prover.solve.prove import Budget, Outcome

SECONDS = 10.0  # a question
_SYMBOL = re.compile(r"\|[^|]*\|")
_SEEDED = re.compile(r"smt( |\)|$)")


@record
class Stability:
    """Of one goal: in how many of the variations it was proved."""

    goal: Goal
    proved: int
    variations: int


def stability(
    outcomes: Iterable[Outcome], theory: Theory, opaque: frozenset[str], budget: Budget, pool: Pool, variations: int
) -> list[Stability]:
    """Of the proved goals without a script, in their order."""
    asked: list[tuple[Goal, list[Future[bool]]]] = []
    for outcome in outcomes:
        if outcome.theorem is not None and outcome.answer is not None:
            ways = _ways(outcome, theory)
            tries = [
                pool.run(lambda send, g=outcome.goal, w=ways, s=seed: _proved(g, w, s, theory, opaque, budget, send))  # type: ignore[misc]
                for seed in range(1, variations + 1)
            ]
            asked.append((outcome.goal, tries))
    return [Stability(goal, sum(t.result() for t in tries), variations) for goal, tries in asked]


def warnings(found: Sequence[Stability]) -> list[Diagnostic]:
    """About the goals that were not proved each time."""
    advice = "make the step smaller: an `assert` of something in between, a lemma, or a proof script"
    return [
        warning(
            "goal-unstable",
            f"`{s.goal.name}` is proved, but only in {s.proved} of {s.variations} variations of seed, names and order",
            s.goal.span,
            help=(advice,),
        )
        for s in found
        if s.proved < s.variations
    ]


def _ways(outcome: Outcome, theory: Theory) -> list[Strategy]:
    """The way in which the goal was proved, then the others."""
    ways = list(strategies(outcome.goal, theory))
    return sorted(ways, key=lambda w: w.name != outcome.strategy)


def _proved(
    goal: Goal, ways: Sequence[Strategy], seed: int, theory: Theory, opaque: frozenset[str], budget: Budget, send: Ask
) -> bool:
    for way in ways:
        query = ask([goal], theory, opaque, way, budget.rlimit)
        answer = send(replace(query, script=varied(query.script, seed)), SECONDS)
        if answer.fault is None and answer.output.startswith("unsat") and "(error" not in answer.output:
            return True
    return False


def varied(script: str, seed: int) -> str:
    """The same question: other names, another order of the assertions, another seed for the solver."""
    rng = random.Random(seed)  # noqa: S311 - the same variation for the same seed
    symbols = list(dict.fromkeys(_SYMBOL.findall(script)))
    numbers = list(range(len(symbols)))
    rng.shuffle(numbers)
    names = {symbol: f"|v{number}|" for symbol, number in zip(symbols, numbers, strict=True)}
    lines = _SYMBOL.sub(lambda found: names[found[0]], script).split("\n")
    asserted = [line for line in lines if line.startswith("(assert ")]
    rng.shuffle(asserted)
    check = next(i for i, line in enumerate(lines) if line.startswith("(check-sat"))
    head = [line for line in lines[:check] if not line.startswith("(assert ")]
    seeded = _SEEDED.sub(rf"(using-params smt :random_seed {seed})\1", lines[check], count=1)
    return "\n".join([*head, *asserted, seeded, *lines[check + 1 :]])
