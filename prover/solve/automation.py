"""What the solver may be asked under a dial below `FULL`: goals of a kind, or goals after hypotheses were forgotten.

That only keeps goals from being asked, or asks stronger ones: what is proved is proved.
"""

from __future__ import annotations

from collections.abc import Iterator

from prover.kernel.goal import Defines, Goal, Holds, Joins, nodes
from prover.kernel.oracle import Theorem, combine
from prover.kernel.rules import NotApplicable, Refinement, forget
from prover.kernel.term import App, Call, Lit, Op, Quant, Term, conjuncts, structure, substitute, walk
from prover.solve.dial import Dial

_PRODUCTS = frozenset((Op.MUL, Op.DIV, Op.MOD))
_LARGEST = 20_000  # nodes of a term whose definitions are put in


def within(goal: Goal, dial: Dial) -> tuple[Refinement, ...] | None:
    """The steps after which the goal may be asked (the goal itself, if there are none); None where that is above the dial."""
    match dial:
        case Dial.FULL:
            return ()
        case Dial.ARITHMETIC:
            return _linear(goal)
        case Dial.NONE:
            return () if _said(goal) else None


def concluded(steps: tuple[Refinement, ...], theorem: Theorem) -> Theorem:
    """The theorem for the first goal from one for the last."""
    for step in reversed(steps):
        theorem = combine(step, [theorem])
    return theorem


def _linear(goal: Goal) -> tuple[Refinement, ...] | None:
    """Without the hypotheses that are more than linear arithmetic."""
    steps: list[Refinement] = []
    if not _plain(goal.conclusion):
        return None
    for fact in goal.facts():
        match fact:
            case Holds(formula=formula) if not _plain(formula):
                plain = [c for c in conjuncts(formula) if _plain(c)]
                try:
                    steps.append(forget(steps[-1].subgoals[0] if steps else goal, fact, plain))
                except NotApplicable:
                    return None
            case Defines(term=term) if not _plain(term):
                return None
            case Joins() if not all(_plain(t) for t in _joined(fact)):
                return None
            case _:
                pass
    return tuple(steps)


def _joined(fact: Joins) -> Iterator[Term]:
    for path, values in fact.branches:
        yield from (v.term for v in values)
        for node in nodes(path, fact.base):
            match node.fact:
                case Holds(formula=term) | Defines(term=term):
                    yield term
                case Joins():
                    yield from _joined(node.fact)


def _plain(term: Term) -> bool:
    return all(_is_plain(t) for t in walk(term))


def _is_plain(term: Term) -> bool:
    match term:
        case Quant() | Call():
            return False
        case App(op=Op.PERM):
            return False
        case App(op=op, args=args) if op in _PRODUCTS:
            factors = args[1:] if op is not Op.MUL else args
            return sum(not isinstance(a, Lit) for a in factors) <= (op is Op.MUL)
        case _:
            return True


def _said(goal: Goal) -> bool:
    """Is each part of the conclusion a hypothesis, or `e = e`, once definitions are put in?"""
    values: dict[str, Term] = {}
    said: set[object] = {structure(Lit(True, goal.conclusion.sort))}
    for fact in goal.facts():
        match fact:
            case Defines(variable=variable, term=term):
                values[variable.name] = _put_in(term, values)
            case Holds(formula=formula):
                said |= {structure(p) for p in conjuncts(_put_in(formula, values))}
            case _:
                pass
    return all(structure(p) in said or _same_sides(p) for p in conjuncts(_put_in(goal.conclusion, values)))


def _put_in(term: Term, values: dict[str, Term]) -> Term:
    made = substitute(term, values)
    return made if made.size <= _LARGEST else term


def _same_sides(term: Term) -> bool:
    return isinstance(term, App) and term.op is Op.EQ and structure(term.args[0]) == structure(term.args[1])
