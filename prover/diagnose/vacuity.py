"""Answers that rest on a contradiction: a *yes* because nothing can happen is no promise.

Where goals are proved, a contradiction can only come from what is believed without proof: `requires`, `assume`, axioms, the
contracts of procedures without a body.  (Invariants hold on entry to their loop, so some state satisfies them.)  So nothing is
asked about units that believe nothing, and `requires` that a few small values satisfy need no solver.  The rest is a goal with
conclusion false, which holds exactly where no run can be; only a theorem of it is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from prover.diagnose.asking import sender
from prover.diagnose.branches import Questions, all_nodes, unreached
from prover.diagnose.trial import possible
from prover.diagnose.weaken import without
from prover.diagnostic import Diagnostic, Label, warning
from prover.kernel.depend import statements
from prover.kernel.goal import Conditions, Goal, GoalKind, Holds, Naming, Origin, Path, extend, nodes
from prover.kernel.oracle import ask, conclude
from prover.kernel.program import Axiom, If, Kind, Procedure, Program, While
from prover.kernel.term import FALSE
from prover.kernel.theory import Theory
from prover.plan import Plan
from prover.record import record, replace
from prover.solve.clock import Clock
from prover.solve.portfolio import TOGETHER
from prover.solve.process import Ask, Pool
from prover.solve.prove import Budget, attempt
from prover.source import Span

BUDGET = Budget(1_000_000, 2.0)
SECONDS = 5.0  # a unit, at most
MOST_CANDIDATES = 30
T = TypeVar("T")
_WITH = {Origin.REQUIRES: "with this", Origin.ENSURES: "with this", Origin.ASSUMPTION: "with this `assume`"}
_HELP = "the proof says nothing until this is mended: nothing that happens is covered by it"


@record
class _Asking:
    """How goals of one unit are asked."""

    unit: str
    span: Span
    theory: Theory
    opaque: frozenset[str]
    pool: Pool
    clock: Clock

    def unreachable(self, path: Path | None, axioms: tuple[Axiom, ...], thorough: bool = False) -> bool:
        """Is it a theorem that no run gets to the end of `path`?"""
        goal = Goal(f"{self.unit}.reach", GoalKind.ASSERTION, self.unit, path, FALSE, self.span, "", Naming({}, {}))
        theory = replace(self.theory, axioms=axioms)
        return self.pool.run(lambda send: self._proved(goal, theory, thorough, send)).result()

    def _proved(self, goal: Goal, theory: Theory, thorough: bool, send: Ask) -> bool:
        if thorough:
            return attempt(goal, theory, self.opaque, BUDGET, self.clock, send).proved
        if self.clock.left <= 0:
            return False
        query = ask([goal], theory, self.opaque, TOGETHER, BUDGET.rlimit // 4)
        answer = send(query, min(BUDGET.seconds, max(0.05, self.clock.left)))
        self.clock.spend(answer.seconds)
        return conclude(query, answer) is not None


def unreachable_branches(ready: Plan, clocks: Mapping[str, Clock], pool: Pool) -> list[Diagnostic]:
    """Findings about branches of the (proved) units that no run takes.  clocks: of these units, by name."""
    found: list[Diagnostic] = []
    for name, clock in clocks.items():
        unit = ready.program.units[name]
        if (
            not isinstance(unit, Procedure)
            or unit.body is None
            or not any(isinstance(s, If | While) for s in statements(unit.body))
        ):
            continue
        asking = _asking(name, ready, pool, clock)

        def proved(path: Path, asking: _Asking = asking) -> bool:
            return asking.unreachable(path, ready.theory.axioms)

        questions = Questions(ready.theory, ready.opaque(name), sender(pool, asking.clock), proved)
        found += unreached(unit, ready.program, ready.conditions[name].all(), questions)
    return found


def vacuities(ready: Plan, clocks: Mapping[str, Clock], pool: Pool) -> dict[str, Diagnostic]:
    """A warning for each of the (proved) units whose answer rests on a contradiction.  clocks: of these units, by name."""
    found: dict[str, Diagnostic] = {}
    wrong = _axioms(ready, pool, max(clocks.values(), key=lambda c: c.left)) if clocks else ()
    for name, clock in clocks.items():
        if isinstance(ready.program.units[name], Axiom):
            continue
        made = ready.conditions[name]
        if wrong and set(wrong) <= set(ready.theory.axioms_for(made.all())):
            found[name] = _about_axioms(name, wrong)
        elif places := list(_places(made, ready.program, ready.theory)):
            warned = _first(name, places, ready, _asking(name, ready, pool, clock))
            if warned is not None:
                found[name] = warned
    return found


def _asking(name: str, ready: Plan, pool: Pool, clock: Clock) -> _Asking:
    return _Asking(name, ready.program.units[name].span, ready.theory, ready.opaque(name), pool, clock.part(SECONDS))


def _axioms(ready: Plan, pool: Pool, clock: Clock) -> tuple[Axiom, ...]:
    """A smallest set of axioms that contradict each other; empty if none is found."""
    axioms = ready.theory.axioms
    if not axioms:
        return ()
    asking = _asking(axioms[0].name, ready, pool, clock)

    def contradictory(chosen: Sequence[Axiom]) -> bool:
        path: Path | None = None
        for axiom in chosen:  # as facts, too: which axioms a query states depends on the functions that its goals mention
            path = extend(path, Holds(axiom.formula, Origin.ASSUMPTION, axiom.span))
        return asking.unreachable(path, tuple(chosen), thorough=True)

    return tuple(_smallest(axioms, contradictory)) if contradictory(axioms) else ()


def _smallest(items: Sequence[T], contradictory: Callable[[Sequence[T]], bool]) -> list[T]:
    """A part of the items that is still contradictory, and none of whose parts is shown to be."""
    kept = list(items)
    for item in items if len(items) <= MOST_CANDIDATES else ():
        rest = [k for k in kept if k is not item]
        if contradictory(rest):
            kept = rest
    return kept


def _places(made: Conditions, program: Program, theory: Theory) -> Iterator[Path]:
    """Where something believed has just been added to what is known, earlier ones first."""
    if made.entry is not None and not possible([f for f in made.entry.facts() if isinstance(f, Holds)], theory):
        yield made.entry
    callees = [program.units.get(n) for n in sorted(made.uses)]
    trusted = {c.span for u in callees if isinstance(u, Procedure) and u.body is None for c in u.ensures}
    if not trusted and not any(a.kind == "assume" for a in made.assumptions):
        return
    for node in sorted(all_nodes(made.all()), key=lambda n: n.depth):
        if isinstance(node.fact, Holds) and _believed(node.fact, trusted):
            yield node


def _believed(fact: Holds, trusted: set[Span]) -> bool:
    return fact.origin is Origin.ASSUMPTION or (fact.origin is Origin.ENSURES and fact.span in trusted)


def _first(name: str, places: Sequence[Path], ready: Plan, asking: _Asking) -> Diagnostic | None:
    """About the first of the places that contradicts what is known before it."""
    unit = ready.program.units[name]
    assert not isinstance(unit, Axiom)
    axioms = ready.theory.axioms
    entry = ready.conditions[name].entry
    for place in places:
        if asking.unreachable(place, axioms) and (place is entry or not asking.unreachable(place.parent, axioms)):
            return _about(name, unit.kind, place, entry, _together(place, asking))
    return None


def _together(place: Path, asking: _Asking) -> list[Holds]:
    """A smallest set of facts on the way to `place` that contradict each other."""
    facts = [n.fact for n in nodes(place) if isinstance(n.fact, Holds)]

    def contradictory(chosen: Sequence[Holds]) -> bool:
        return asking.unreachable(without(place, {f for f in facts if f not in chosen}.__contains__), asking.theory.axioms)

    return _smallest(facts, contradictory)


def _about(name: str, kind: Kind | str, place: Path, entry: Path | None, facts: Sequence[Holds]) -> Diagnostic:
    last = place.fact
    assert isinstance(last, Holds)
    if place is entry:
        what = "precondition" if kind is Kind.TRIPLE else "`requires`"
        message = f"`{name}` is proved vacuously: nothing satisfies its {what}"
    elif last.origin is Origin.ASSUMPTION:
        message = f"`{name}` is proved vacuously: no run gets past an `assume`"
    else:
        message = f"`{name}` is proved vacuously: nothing satisfies the `ensures` of a procedure without a body that it calls"
    shown = [f for f in (last, *facts) if f in facts and f.span is not None]
    span, *rest = dict.fromkeys(f.span for f in shown) or [last.span]
    words = {f.span: _WITH.get(f.origin, f"with this {f.origin.value}") for f in shown}
    labels = tuple([Label(s, words[s]) for s in rest if s is not None])
    return warning("goal-vacuous", message, span, labels=labels, help=(_HELP,))


def _about_axioms(name: str, axioms: Sequence[Axiom]) -> Diagnostic:
    first, *rest = axioms
    what = "an axiom cannot hold" if not rest else "axioms contradict each other"
    labels = tuple([Label(a.span, "with this axiom") for a in rest])
    return warning("goal-vacuous", f"`{name}` is proved vacuously: {what}", first.span, labels=labels, help=(_HELP,))
