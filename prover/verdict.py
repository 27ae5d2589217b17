"""From outcomes of goals to answers about units.

*correct* is yes when all of a unit's goals are theorems and everything it uses is yes or trusted.  A recursive component stands
or falls as a whole: its members rely on each other's contracts (Hoare's rule of recursion; for lemmas and functions the goals
include a falling variant on every call around).  *terminates* is yes when the termination goals are theorems too, under
annotations that are, and everything called terminates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from prover.kernel.depend import closure, functions_in, statements, terms, uses
from prover.kernel.goal import Assumption, Conditions, GoalKind
from prover.kernel.program import Axiom, Function, Kind, Procedure, ProcedureCall, Program, While
from prover.kernel.term import Call, walk
from prover.record import record, replace
from prover.report import Answer, Reason
from prover.solve.prove import Outcome


@record
class Verdict:
    """depends: names of units that this one rests on and that are not yes.
    further: those it rests on, directly or not, that only axioms and scripts bring in."""

    correct: Answer
    terminates: Answer | None
    correct_reason: Reason | None
    terminates_reason: Reason | None
    depends: tuple[str, ...]
    further: frozenset[str] = frozenset()


def asked(program: Program, total: bool) -> frozenset[str]:
    """The procedures whose termination is asked: where the file does, and of everything that those call."""
    found: set[str] = set()
    todo = [n for n, u in program.units.items() if isinstance(u, Procedure) and (total or u.terminates or claims_divergence(u))]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo.extend(called(program.units[name], program))
    return frozenset(found)


def claims_divergence(unit: Procedure) -> bool:
    """Does the file say that the procedure may not end?"""
    loops = statements(unit.body) if unit.body else ()
    return bool(unit.diverges) or any(isinstance(s, While) and s.recurrent for s in loops)


def called(unit: object, program: Program) -> list[str]:
    """The procedures (not lemmas) that a procedure calls."""
    if not isinstance(unit, Procedure) or unit.body is None:
        return []
    names = dict.fromkeys(s.name for s in statements(unit.body) if isinstance(s, ProcedureCall))
    return [n for n in names if getattr(program.units[n], "kind", None) is Kind.PROCEDURE]


def verdicts(
    program: Program,
    components: Mapping[str, frozenset[str]],
    conditions: Mapping[str, Conditions],
    outcomes: Mapping[str, Sequence[Outcome]],
    termination: frozenset[str],
    further: Mapping[str, frozenset[str]],
) -> dict[str, Verdict]:
    """A verdict for each unit that has conditions.  further: what a unit rests on without naming it (axioms and scripts do)."""
    found: dict[str, Verdict] = {}
    rests = {n: (uses(program.units[n], program) | further[n]) - components[n] for n in conditions}
    for component in _in_order(dict.fromkeys(components[n] for n in components if n in conditions), rests):
        correct = _correct(component, program, outcomes, found, rests)
        ends = _terminates(component, program, outcomes, found, rests, termination)
        for member in component:
            brought = further[member].union(*[found[u].further for u in rests[member] if u in found])
            found[member] = replace(_verdict(program.units[member], correct[member], ends.get(member)), further=brought)
    return found


def _in_order(components: Iterable[frozenset[str]], rests: Mapping[str, frozenset[str]]) -> Iterator[frozenset[str]]:
    """What others rest on first.  Those that rest on each other by way of axioms and scripts come last and find no verdict of
    the other, which does not count as *yes*."""
    done: set[str] = set()
    todo = list(components)
    while todo:
        later: list[frozenset[str]] = []
        for component in todo:
            if all(rests[m] <= done for m in component):
                done |= component
                yield component
            else:
                later.append(component)
        if len(later) == len(todo):
            yield from later
            return
        todo = later


DIVERGENCE = (GoalKind.RECURRENT, GoalKind.DIVERGES)
_GOOD = (Answer.YES, Answer.TRUSTED)
Answers = tuple[Answer, Reason | None, tuple[str, ...]]


def _verdict(unit: object, correct: Answers, ends: Answers | None) -> Verdict:
    answer, reason, depends = correct
    if isinstance(unit, Procedure) and unit.kind is Kind.LEMMA:
        ends = correct  # that a lemma ends is part of its being correct
    if ends is None:
        return Verdict(answer, None, reason, None, depends)
    return Verdict(answer, ends[0], reason, ends[1], tuple(dict.fromkeys((*depends, *ends[2]))))


def _correct(
    component: frozenset[str],
    program: Program,
    outcomes: Mapping[str, Sequence[Outcome]],
    found: Mapping[str, Verdict],
    rests: Mapping[str, frozenset[str]],
) -> dict[str, Answers]:
    own = {m: [o for o in outcomes[m] if not _termination_only(o, program.units[m])] for m in component}
    failing = [m for m in sorted(component) if not all(o.proved for o in own[m])]
    answers: dict[str, Answers] = {}
    for member in component:
        bad = [u for u in sorted(rests[member]) if not _good(u, found)]
        bad += [m for m in failing if m != member]
        if member in failing:
            answers[member] = (Answer.UNKNOWN, None, tuple(bad))
        elif bad:
            answers[member] = (Answer.UNKNOWN, Reason.DEPENDS, tuple(bad))
        else:
            answers[member] = (Answer.TRUSTED if _trusted(program.units[member]) else Answer.YES, None, ())
    # A member may be sound only because another is; what one rests on, all that are recursive with it rest on.
    weak = [m for m, (a, _, _) in answers.items() if a not in _GOOD]
    if weak:
        for member, (answer, _, _) in list(answers.items()):
            if answer in _GOOD:
                answers[member] = (Answer.UNKNOWN, Reason.DEPENDS, tuple(sorted(weak)))
    return answers


def _termination_only(outcome: Outcome, unit: object) -> bool:
    if outcome.goal.kind in DIVERGENCE:
        return True
    ghost = isinstance(unit, Function) or (isinstance(unit, Procedure) and unit.kind is Kind.LEMMA)
    return outcome.termination and not ghost


def _trusted(unit: object) -> bool:
    return isinstance(unit, Axiom) or getattr(unit, "body", True) is None


def _terminates(
    component: frozenset[str],
    program: Program,
    outcomes: Mapping[str, Sequence[Outcome]],
    found: Mapping[str, Verdict],
    rests: Mapping[str, frozenset[str]],
    termination: frozenset[str],
) -> dict[str, Answers]:
    members = [m for m in sorted(component) if m in termination]
    if not members:
        return {}
    recursive = len(component) > 1 or members[0] in uses(program.units[members[0]], program)
    needed = [o for m in members for o in outcomes[m] if o.goal.kind not in DIVERGENCE]
    needed = [o for o in needed if recursive or o.goal.kind is not GoalKind.ENSURES]
    opens = not all(o.proved for o in needed)
    bad = sorted({u for m in members for u in rests[m] if not _good(u, found)})
    calls = {c for m in members for c in called(program.units[m], program)} - component
    bad += sorted(c for c in calls if not _ends(found.get(c)))
    trusting = [m for m in members if _trusted(program.units[m])]
    answer: dict[str, Answers] = {}
    for member in members:
        unit = program.units[member]
        if member in trusting:
            declared = isinstance(unit, Procedure) and (unit.terminates or unit.variant is not None)
            answer[member] = (Answer.TRUSTED, None, ()) if declared else (Answer.UNKNOWN, Reason.DEPENDS, ())
        elif opens or bad:
            reason = None if opens else Reason.DEPENDS
            answer[member] = (Answer.UNKNOWN, _self_reference(unit) or reason, tuple(bad))
        else:
            answer[member] = (Answer.YES, None, ())
    return answer


def _good(name: str, found: Mapping[str, Verdict]) -> bool:
    return name in found and found[name].correct in _GOOD


def _ends(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.terminates in _GOOD


def _self_reference(unit: object) -> Reason | None:
    if isinstance(unit, Procedure) and any(
        isinstance(n, Call) and n.function.startswith("terminates(") for t in terms(unit) for n in walk(t)
    ):
        return Reason.SELF_REFERENCE
    return None


def assumptions(
    name: str, program: Program, conditions: Mapping[str, Conditions], further: frozenset[str]
) -> tuple[Assumption, ...]:
    """What a unit's verdict takes on trust: its own assumptions and those of all it uses, with the axioms in force."""
    found: dict[int, Assumption] = {}
    for unit in sorted(_reached([name, *further], program)):
        for assumption in conditions[unit].assumptions if unit in conditions else ():
            if assumption.kind != "uninterpreted" or unit == name:
                found[id(assumption)] = assumption
    return tuple(found.values())


def _reached(names: Iterable[str], program: Program) -> frozenset[str]:
    """The units, what they use, and the axioms about functions among these with what the axioms use."""
    reached = closure(names, program)
    rest = {n: functions_in(u.formula) for n, u in program.units.items() if isinstance(u, Axiom)}
    while near := [n for n, own in rest.items() if not own or own & reached]:
        reached |= closure(near, program)
        rest = {n: own for n, own in rest.items() if n not in near}
    return reached
