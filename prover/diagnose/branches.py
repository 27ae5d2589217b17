"""Code that no run reaches: branches whose condition contradicts what is known there.

All conditions of a unit are asked about in one query, since most are reached; what is reported is a theorem of the kernel each
time.  The end of a loop that never ends is worth a note, the rest a warning.  An `if` around ghost code alone is a case of a
proof, and may well be one that cannot be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from prover.diagnose.trial import possible
from prover.diagnostic import Diagnostic, note, warning
from prover.kernel.depend import statements
from prover.kernel.goal import Goal, GoalKind, Holds, Joins, Naming, Origin, Path
from prover.kernel.oracle import ask
from prover.kernel.program import Assert, If, Kind, Procedure, ProcedureCall, Program, Skip, While
from prover.kernel.sort import BOOL
from prover.kernel.term import App, Lit, Op, Term, Var, neg
from prover.kernel.theory import Theory
from prover.record import record
from prover.solve.portfolio import TOGETHER
from prover.source import Span

MOST_PLACES, RLIMIT = 24, 400_000


@record
class Place:
    """Where a branch begins.  positive: its condition is true there.  loop: the condition is a loop's."""

    path: Path
    span: Span
    positive: bool
    loop: bool


@record
class Questions:
    """How to ask about one unit.  send: a script to what z3 prints.  unreachable: is it a theorem that no run gets to a path's
    end?"""

    theory: Theory
    opaque: frozenset[str]
    send: Callable[[str], str]
    unreachable: Callable[[Path], bool]


def unreached(unit: Procedure, program: Program, goals: Iterable[Goal], questions: Questions) -> list[Diagnostic]:
    """Findings about branches of a (proved) unit that no run takes."""
    places = list(_places(unit, program, goals))
    if not 0 < len(places) <= MOST_PLACES:
        return []
    found: list[Place] = []
    for place in _doubtful(places, questions):
        if not any(_extends(place.path, p.path) for p in found) and questions.unreachable(place.path):
            found.append(place)
    return [_finding(p) for p in found]


def _places(unit: Procedure, program: Program, goals: Iterable[Goal]) -> Iterator[Place]:
    """In the order of the text; places in paths of goals, and in branches that have joined again."""
    conditions: dict[int, tuple[Term, bool]] = {}
    for statement in statements(unit.body) if unit.body is not None else ():
        if isinstance(statement, If | While) and (condition := statement.condition) is not None and _real(statement, program):
            conditions[id(condition.span)] = (condition, isinstance(statement, While))
    for node in sorted(all_nodes(goals), key=lambda n: n.depth):
        fact = node.fact
        if isinstance(fact, Holds) and fact.origin is Origin.GUARD and fact.span is not None and id(fact.span) in conditions:
            condition, loop = conditions[id(fact.span)]
            yield Place(node, fact.span, _positive(condition, fact.formula), loop)


def _real(statement: If | While, program: Program) -> bool:
    if isinstance(statement, While):
        return not statement.ghost
    inside = [s for b in (statement.then, statement.orelse) for s in statements(b)]
    return not all(isinstance(s, Assert | Skip) or (isinstance(s, ProcedureCall) and _is_lemma(s, program)) for s in inside)


def _is_lemma(call: ProcedureCall, program: Program) -> bool:
    callee = program.units[call.name]
    return isinstance(callee, Procedure) and callee.kind is Kind.LEMMA


def _positive(condition: Term, formula: Term) -> bool:
    """Is the formula the condition, or its negation (`neg` never makes two negations)?"""
    if isinstance(condition, Lit):
        return isinstance(formula, Lit) and formula.value == condition.value
    return _is_negation(formula) == _is_negation(condition)


def _is_negation(term: Term) -> bool:
    return isinstance(term, App) and term.op is Op.NOT


def all_nodes(goals: Iterable[Goal]) -> Iterator[Path]:
    """All that is known at the goals, what is known in branches included."""
    seen: set[Path] = set()
    todo = [g.path for g in goals]
    while todo:
        node = todo.pop()
        while node is not None and node not in seen:
            seen.add(node)
            yield node
            if isinstance(node.fact, Joins):
                todo += [branch for branch, _ in node.fact.branches]
            node = node.parent


def _doubtful(places: Sequence[Place], questions: Questions) -> list[Place]:
    """The places that the solver believes to be out of reach, all asked about in one script; what a few small values show to be
    possible is not asked about."""
    places = _not_shown(places, questions.theory)
    if not places:
        return []
    marks = [Var(f"place {i}", BOOL) for i in range(len(places))]
    goals = [_goal(p, neg(m)) for p, m in zip(places, marks, strict=True)]
    head, tail = ask(goals, questions.theory, questions.opaque, TOGETHER, RLIMIT).script.split("\n(check-sat-using", 1)
    check = "(check-sat-using" + tail.split("\n", 1)[0]
    alone = ["\n".join(["(push)", *[f"(assert {_literal(m, m is mark)})" for m in marks], check, "(pop)"]) for mark in marks]
    answers = [
        line for line in questions.send("\n".join([head, *alone]) + "\n").split("\n") if line in ("sat", "unsat", "unknown")
    ]
    if len(answers) != len(places):
        return []
    return [p for p, answer in zip(places, answers, strict=True) if answer == "unsat"]


def _not_shown(places: Sequence[Place], theory: Theory) -> list[Place]:
    """The places that no few small values show to be possible.  Deep ones first: the way to a place that is possible is, too."""
    shown: set[Path] = set()
    for place in sorted(places, key=lambda p: -p.path.depth):
        if place.path not in shown and possible(list(place.path.facts()), theory):
            node: Path | None = place.path
            while node is not None and node not in shown:
                shown.add(node)
                node = node.parent
    return [p for p in places if p.path not in shown]


def _literal(mark: Var, positive: bool) -> str:
    return f"|{mark.name}|" if positive else f"(not |{mark.name}|)"


def _goal(place: Place, conclusion: Term) -> Goal:
    return Goal("reach", GoalKind.ASSERTION, "", place.path, conclusion, place.span, "", Naming({}, {}))


def _extends(path: Path | None, base: Path) -> bool:
    while path is not None and path.depth > base.depth:
        path = path.parent
    return path is base


_WORDS: Mapping[tuple[bool, bool], str] = {
    (False, True): "this condition is never true here: no run takes the branch behind it",
    (False, False): "this condition is never false here: no run takes the other branch",
    (True, True): "this condition is never true here: the loop's body is never executed",
}


def _finding(place: Place) -> Diagnostic:
    if place.loop and not place.positive:
        return note(
            "goal-endless",
            "this loop never ends by its condition: what follows it is reached by `break` alone, if at all",
            place.span,
        )
    return warning("goal-unreachable", _WORDS[place.loop, place.positive], place.span)
