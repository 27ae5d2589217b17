"""Goals and outcomes in words: the part of a report that is about one goal."""

from __future__ import annotations

from prover.kernel.goal import Defines, Fact, Goal, Holds, Joins
from prover.kernel.term import Term
from prover.report import GoalReport, Hypothesis, Reason
from prover.report import Verdict as GoalVerdict
from prover.solve.prove import Outcome
from prover.verdict import Verdict

_REASONS = {"countermodel": Reason.UNCONFIRMED}
_LARGEST = 400
MOST_FACTS = 60


def goal_report(outcome: Outcome, verdict: Verdict, timings: bool, facts: bool = True) -> GoalReport:
    """facts: with the hypotheses of a goal that is not proved, which take time to put in words."""
    goal = outcome.goal
    report = GoalReport(
        name=goal.name,
        kind=goal.kind.value,
        verdict=GoalVerdict.PROVED if outcome.proved else GoalVerdict.UNKNOWN,
        reason=None if outcome.proved else _reason(outcome, verdict),
        cause=None,
        span=goal.span,
        description=goal.words,
        hypotheses=() if outcome.proved or not facts else hypotheses(goal, MOST_FACTS),
        conclusion="" if outcome.proved else conclusion(goal),
        seconds=outcome.seconds if timings else None,
    )
    return report


def _reason(outcome: Outcome, verdict: Verdict) -> Reason:
    if verdict.terminates_reason is Reason.SELF_REFERENCE and outcome.termination:
        return Reason.SELF_REFERENCE
    found = outcome.reason or "incomplete"
    return _REASONS.get(found) or Reason(found)


def conclusion(goal: Goal) -> str:
    return show(goal.conclusion, goal)


def hypotheses(goal: Goal, most: int | None = None) -> tuple[Hypothesis, ...]:
    """What a goal may use, earliest first, in source terms; of more than `most` facts the last."""
    facts = goal.facts()
    return tuple([h for fact in facts[-most if most else 0 :] if (h := _hypothesis(fact, goal)) is not None])


def _hypothesis(fact: Fact, goal: Goal) -> Hypothesis | None:
    match fact:
        case Holds():
            return Hypothesis(show(fact.formula, goal), fact.origin.value, fact.label, fact.span)
        case Defines():
            return Hypothesis(_definition(fact, goal), "value", "", fact.span)
        case Joins():
            return Hypothesis(_join(fact, goal), "branches", "", fact.span)


def _definition(fact: Defines, goal: Goal) -> str:
    return f"{show(fact.variable, goal)} = {show(fact.term, goal)}"


def _join(fact: Joins, goal: Goal) -> str:
    branches = []
    for path, defines in fact.branches:
        inner = path.facts(fact.base) if path is not None else []
        parts = [h.text for f in inner if (h := _hypothesis(f, goal)) is not None]
        branches.append(" and ".join([*parts, *[_definition(d, goal) for d in defines]]) or "true")
    text = " or ".join(f"({b})" for b in branches)
    return text if len(text) <= 4 * _LARGEST else "one of the branches was taken"


def show(term: Term, goal: Goal) -> str:
    """A term of the goal as text that parses again in the goal's naming."""
    if term.size > _LARGEST:
        return f"(a term of {term.size} nodes)"
    from prover.syntax.unparse import term_text  # a file that is proved needs no text

    return term_text(term, names=lambda name, sort: goal.naming.show(name))
