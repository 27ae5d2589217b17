"""A variant in a sentence: by how much it falls in a round, and what bounds it.

Amounts are worked out from the assignments of the body, path by path; where that is too much they are left out.  Nothing is
claimed that the kernel has not proved or that does not follow from the text alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from prover.infer.linear import linear, tidy, total
from prover.infer.paths import after, paths
from prover.infer.work import TooMuch
from prover.kernel.program import While
from prover.kernel.sort import is_integer
from prover.kernel.term import App, Op, Term, app, conjuncts, free_variables, num, structure

Show = Callable[[Term], str]


def sentence(loop: While, variant: Sequence[Term], show: Show) -> str:
    """Why the loop ends, given that `variant` (not empty) is one.  The loop holds the invariants that the proof uses."""
    if len(variant) == 1:
        return f"each round {show(variant[0])} {_falls(loop, variant[0], show)} and {_bounded(loop, variant[0], show)}"
    names = [show(v) for v in variant]
    ways = [f"{names[0]} falls", *[f"{n} falls while {_list(names[:i])} not rise" for i, n in enumerate(names[1:], 1)]]
    return f"each round {', or '.join(ways)}; what falls was at least 0"


def _list(names: Sequence[str]) -> str:
    return f"{names[0]} does" if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]} do"


def _falls(loop: While, variant: Term, show: Show) -> str:
    try:
        drops = [linear(variant).plus(linear(after(variant, values)).scaled(-1)) for values in paths(loop)]
    except TooMuch:
        return "falls"
    if not drops:
        return "falls"
    constants = [d.constant for d in drops if not d.parts]
    if len(constants) == len(drops):
        least = min(constants)
        return f"falls by {'at least ' if least < max(constants) else ''}{least}" if least > 0 else "falls"
    texts = {show(total(d)) for d in drops}
    if len(texts) > 1:
        return "falls"
    amount = total(drops[0])
    return f"falls by {show(amount)}" + (" > 0" if _known_positive(loop, amount) else "")


def _known_positive(loop: While, amount: Term) -> bool:
    """Does an invariant, or the guard, say so?"""
    known = {structure(tidy(p)) for f in _facts(loop) for p in conjuncts(f)}
    return any(structure(tidy(app(op, amount, bound))) in known for op, bound in ((Op.GT, num(0)), (Op.GE, num(1))))


def _bounded(loop: While, variant: Term, show: Show) -> str:
    """By what the guard compares it with, or else by 0, as the kernel has shown for every round that goes on."""
    for part in conjuncts(loop.condition) if loop.condition is not None else []:
        match part:
            case App(op=Op.GT | Op.GE, args=(left, right)) if structure(left) == structure(variant):
                return _below(right, loop, show)
            case App(op=Op.LT | Op.LE, args=(left, right)) if structure(right) == structure(variant):
                return _below(left, loop, show)
            case App(op=Op.LT | Op.LE | Op.GT | Op.GE as op, args=(left, right)) if is_integer(left.sort):
                low, high = (left, right) if op in (Op.LT, Op.LE) else (right, left)
                rest = linear(variant).plus(linear(high).plus(linear(low).scaled(-1)).scaled(-1))
                if not rest.parts:
                    return f"is bounded below by {rest.constant}"
            case _:
                pass
    return "was at least 0 before"


def _below(bound: Term, loop: While, show: Show) -> str:
    if not free_variables(bound):
        return f"is bounded below by {show(bound)}"
    try:
        changes = [linear(after(bound, values)).plus(linear(bound).scaled(-1)) for values in paths(loop)]
        fixed = not any(c.parts or c.constant for c in changes)
    except TooMuch:
        fixed = False
    return f"is bounded below by {show(bound)}" if fixed else "was at least 0 before"


def _facts(loop: While) -> list[Term]:
    return [*[c.formula for c in loop.invariants], *([] if loop.condition is None else [loop.condition])]
