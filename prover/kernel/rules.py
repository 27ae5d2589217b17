"""Primitive rules of interactive proof: from a goal to goals that together entail it.

A `Refinement` is made by the functions below only; `oracle.combine` turns theorems for its subgoals into one for its goal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from prover.kernel.goal import Fact, Goal, Holds, Origin, extend
from prover.kernel.term import App, Call, Op, Term, conj, eq, implies, neg, range_of, substitute
from prover.kernel.theory import Theory
from prover.source import Span


class NotApplicable(Exception):
    """A rule does not fit the goal; the message says why."""


@dataclass(frozen=True, slots=True, eq=False)
class Refinement:
    """`goal` holds if all `subgoals` do."""

    goal: Goal
    subgoals: tuple[Goal, ...]


def unfold(goal: Goal, call: Call, theory: Theory, opaque: frozenset[str], span: Span) -> Refinement:
    #   G, requires ==> f(e) = body[e/x] |- C
    #   -------------------------------------  (f's equation is available)
    #                 G |- C
    function = theory.functions.get(call.function)
    if function is None or call.function in opaque:
        raise NotApplicable(f"`{call.function}` has no equation that may be used here")
    body = theory.equation(call)
    if body is None:
        raise NotApplicable(f"`{call.function}` has no definition")
    mapping = {p.name: a for p, a in zip(function.parameters, call.args, strict=True)}
    ranges = [substitute(range_of(p), mapping) for p in function.parameters]
    equation = implies(conj([*ranges, *theory.requires(call)]), eq(call, body))
    return Refinement(goal, (_knowing(goal, Holds(equation, Origin.VALUE, span), ""),))


def have(goal: Goal, formula: Term, label: str, span: Span) -> Refinement:
    #   G |- P    G, P |- C
    #   -------------------
    #        G |- C
    first = replace(goal, name=f"{goal.name}.{label or 'have'}", conclusion=formula, span=span, script=None)
    return Refinement(goal, (first, _knowing(goal, Holds(formula, Origin.ASSERTION, span, label), "")))


def cases(goal: Goal, formula: Term, span: Span) -> Refinement:
    #   G, P |- C    G, not P |- C
    #   --------------------------
    #            G |- C
    yes = _knowing(goal, Holds(formula, Origin.GUARD, span), ".yes")
    no = _knowing(goal, Holds(neg(formula), Origin.GUARD, span), ".no")
    return Refinement(goal, (yes, no))


def split(goal: Goal) -> Refinement:
    #   G |- P    G |- Q
    #   ----------------
    #     G |- P and Q
    match goal.conclusion:
        case App(op=Op.AND, args=parts):
            named = enumerate(parts, 1)
            return Refinement(goal, tuple([replace(goal, name=f"{goal.name}.{n}", conclusion=p, script=None) for n, p in named]))
        case _:
            raise NotApplicable("the goal is not a conjunction")


def intro(goal: Goal, span: Span) -> Refinement:
    #   G, P |- Q
    #   -------------
    #   G |- P ==> Q
    match goal.conclusion:
        case App(op=Op.IMPLIES, args=(left, right)):
            weaker = replace(goal, conclusion=right)
            return Refinement(goal, (_knowing(weaker, Holds(left, Origin.GUARD, span), ""),))
        case _:
            raise NotApplicable("the goal is not an implication")


def _knowing(goal: Goal, fact: Fact, suffix: str) -> Goal:
    return replace(goal, name=goal.name + suffix, path=extend(goal.path, fact), script=None)


