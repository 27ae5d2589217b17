"""The entailments of a derivation: closed by what they say themselves, or by the solver, goal by goal.

An entailment is taken apart by the rules of the sequent calculus for `and`, `==>` and `forall` on the right; what is left are
goals as the kernel's oracle takes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from prover.derive.build import NoTree, derivation
from prover.derive.derivation import Derivation, Entailment, Proof
from prover.derive.formula import TRUE_KEY, instance, key, names_in
from prover.kernel.goal import Conditions, Goal, GoalKind, Holds, Naming, Origin, Path, extend
from prover.kernel.program import Procedure
from prover.kernel.term import App, Op, Quant, Term, Var, conjuncts
from prover.plan import Plan
from prover.record import replace
from prover.solve.process import Pool
from prover.solve.prove import Budget, Outcome, begin

QUICK = 2_000_000  # resource units a goal, for the first try


class Closed(Enum):
    """How an entailment is closed.  `SAID`: what follows is among what is known, by the connectives alone."""

    SAID = "by logic"
    SOLVER = "by the solver"
    OPEN = "open"


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """outcomes: of the goals that were asked."""

    entailment: Entailment
    closed: Closed
    outcomes: tuple[Outcome, ...] = ()


def settle(found: Iterable[Entailment], name: str, ready: Plan, budget: Budget, pool: Pool) -> Mapping[int, Settled]:
    """By the identity of each entailment.  name: of the unit that they are of."""
    asked = [(e, list(_goals(e, number, name))) for number, e in enumerate(found, 1)]
    goals = tuple(g for _, own in asked for g in own)
    made = Conditions(name, goals, (), ready.conditions[name].uses if name in ready.conditions else frozenset(), ())
    answers = begin(made, ready.theory, ready.opaque(name), budget, pool, {}).finish(pool) if goals else []
    outcomes = {o.goal.name: o for o in answers}
    return {id(e): _settled(e, [outcomes[g.name] for g in own]) for e, own in asked}


def _settled(entailment: Entailment, outcomes: Sequence[Outcome]) -> Settled:
    if not outcomes:
        return Settled(entailment, Closed.SAID)
    return Settled(entailment, Closed.SOLVER if all(o.proved for o in outcomes) else Closed.OPEN, tuple(outcomes))


def entailments(tree: Derivation) -> Iterator[Entailment]:
    for node in tree.nodes():
        yield from node.entailments


def _goals(entailment: Entailment, number: int, unit: str) -> Iterator[Goal]:
    """Of what is not said already."""
    known = _Known(_Keys()).and_([entailment.known])
    naming = _naming([entailment.known, entailment.follows])
    for part, (facts, conclusion) in enumerate(_apart(known, entailment.follows), 1):
        path: Path | None = None
        for fact in facts:
            path = extend(path, Holds(fact, Origin.REQUIRES, None))
        name, kind = f"{unit}.entailment{number}.{part}", GoalKind.ASSERTION
        yield Goal(name, kind, unit, path, conclusion, entailment.span, entailment.words, naming)


def _naming(terms: Iterable[Term]) -> Naming:
    """`x@l` is shown as `at(l, x)`."""
    found = {n: n.partition("@")[2] for t in terms for n in names_in(t) if "@" in n}
    return Naming({}, found)


@dataclass(slots=True)
class _Keys:
    """Keys of terms, each made once."""

    made: dict[int, tuple[Term, tuple[object, ...]]] = field(default_factory=dict)

    def of(self, term: Term) -> tuple[object, ...]:
        if id(term) not in self.made:
            self.made[id(term)] = term, key(term)
        return self.made[id(term)][1]


@dataclass(frozen=True, slots=True)
class _Known:
    """Facts, and what they say by modus ponens.  waiting: implications of which not all is known that they want."""

    by: _Keys
    facts: tuple[Term, ...] = ()
    said: frozenset[tuple[object, ...]] = frozenset()
    waiting: tuple[App, ...] = ()

    def says(self, term: Term) -> bool:
        return all(self.by.of(p) in self.said for p in conjuncts(term))

    def and_(self, more: Iterable[Term]) -> _Known:
        facts, said, waiting = list(self.facts), set(self.said), list(self.waiting)
        new = [p for t in more for p in conjuncts(t)]
        while new:
            for fact in new:
                if self.by.of(fact) not in said:
                    said.add(self.by.of(fact))
                    facts.append(fact)
                    if isinstance(fact, App) and fact.op is Op.IMPLIES:
                        waiting.append(fact)
            ready = [w for w in waiting if all(self.by.of(p) in said for p in conjuncts(w.args[0]))]
            waiting = [w for w in waiting if not any(w is r for r in ready)]
            new = [p for w in ready for p in conjuncts(w.args[1])]
        return _Known(self.by, tuple(facts), frozenset(said), tuple(waiting))


def _apart(known: _Known, follows: Term) -> Iterator[tuple[tuple[Term, ...], Term]]:
    """Sequents for the parts of a formula that are not said already; each part may rely on those before it."""
    if known.says(follows) or known.by.of(follows) == TRUE_KEY:
        return
    match follows:
        case App(op=Op.EQ, args=(left, right)) if key(left) == key(right):
            return
        case App(op=Op.AND, args=args):
            for part in args:
                yield from _apart(known, part)
                known = known.and_([part])
        case App(op=Op.IMPLIES, args=(left, right)):
            yield from _apart(known.and_([left]), right)
        case Quant(universal=True, variables=variables, body=body):
            fresh = _fresh(variables, (*known.facts, follows))
            yield from _apart(known, instance(body, {v.name: f for v, f in zip(variables, fresh, strict=True)}))
        case _:
            yield known.facts, follows


def _fresh(variables: Sequence[Var], terms: Iterable[Term]) -> list[Var]:
    used = {n for t in terms for n in names_in(t)}
    found: list[Var] = []
    for variable in variables:
        name = variable.name
        while name in used:
            name += "'"
        used.add(name)
        found.append(replace(variable, name=name))
    return found


def best(unit: Procedure, ready: Plan, total: bool, budget: Budget, pool: Pool) -> tuple[Proof, Mapping[int, Settled]]:
    """A derivation with its entailments settled: if the plain one leaves some open, the one in which loops remember more.

    Raises NoTree."""
    quick = replace(budget, rlimit=min(budget.rlimit, QUICK), thorough=False)
    plain = derivation(unit, ready.program, total)
    found = settle(entailments(plain.tree), unit.name, ready, quick, pool)
    if all(s.closed is not Closed.OPEN for s in found.values()):
        return plain, found
    try:
        more = derivation(unit, ready.program, total, all_values=True)
    except NoTree:
        return plain, found
    settled = settle(entailments(more.tree), unit.name, ready, budget, pool)
    return (more, settled) if _open(settled) < _open(found) else (plain, found)


def _open(found: Mapping[int, Settled]) -> int:
    return sum(s.closed is Closed.OPEN for s in found.values())
