"""Facts for all loops of a unit that no run refutes."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from prover.infer import bounded
from prover.infer.annotate import with_unit
from prover.infer.equalities import equalities
from prover.infer.functional import equations
from prover.infer.guesses import bounds, comparisons, remainders
from prover.infer.linear import distinct, linear
from prover.infer.observe import Observed, State, loops, observe, spread
from prover.infer.rewrites import has_quantifier
from prover.infer.scope import visible
from prover.infer.subject import Subject
from prover.infer.templates import Ranged, Vocabulary, guarded, mutants
from prover.infer.widened import machines, narrowed, widened_procedure, widened_variable
from prover.kernel.definedness import defined
from prover.kernel.depend import terms
from prover.kernel.program import Procedure, Program, While
from prover.kernel.sort import is_integer
from prover.kernel.term import (
    FALSE,
    OLD,
    TRUE,
    App,
    Call,
    Lit,
    Op,
    Quant,
    Term,
    Var,
    children,
    free_variables,
    implies,
    quant,
    structure,
    walk,
)
from prover.kernel.vc import assigned
from prover.record import replace
from prover.semantics.evaluate import Evaluator, Scope
from prover.semantics.values import Result, Unknown, Value

NUMERIC = 2
RUNS, STEPS = 300, 1000
DEGREE = 2
MOST_STATES = 160
FEW, FEW_RUNS = 40, 12
SMALL = 20
MOST_SHAPES, MOST_FACTS = 50, 90
MOST_MIXED = 60
MOST_SMALL = 80
MOST_ALIKE = 2
ELEMENTS = 0.25
FUEL, TOTAL_FUEL = 1_000, 300_000
QUICK_FUEL, TOTAL_QUICK_FUEL, PATIENCE = 250, 200_000, 4


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """States at the head of a loop, and the values at the unit's entry of what it changes, for each."""

    states: list[State]
    entries: list[State]

    def some(self) -> list[Scope]:
        """As many as are worth a look, those first that differ most."""
        scopes = [Scope(s, {OLD: e}) for s, e in zip(self.states, self.entries, strict=True)]
        half = MOST_STATES // 2
        rest = scopes[half:]
        return scopes[:half] + rest[:: max(1, len(rest) // half)]

    def small(self) -> list[Scope]:
        """Some with small numbers only, if there are enough of them: ranges of places are short there."""
        scopes = self.some()
        found = [s for s in scopes if all(abs(v) <= SMALL for v in s.values.values() if isinstance(v, int))]
        return found[:: 1 + len(found) // MOST_SMALL] if len(found) >= FEW else scopes

    def mixed(self) -> list[Scope]:
        """States in which little holds but what holds of each variable alone: numbers come from other states, and in every
        second state arrays, too."""
        rng = random.Random(0)  # noqa: S311 - the same for the same states
        made: list[Scope] = []
        for number in range(MOST_MIXED):
            place = rng.randrange(len(self.states))
            state, entry = self.states[place], self.entries[place if number % 2 else rng.randrange(len(self.states))]
            other = {n: self._other(n, v, state, rng) for n, v in state.items() if not (number % 2 and isinstance(v, tuple))}
            made.append(Scope({**state, **other}, {OLD: entry}))
        return made

    def _other(self, name: str, value: Value, state: State, rng: random.Random) -> Value:
        """A value from another state; sometimes an element of an array, which numbers are compared with."""
        elements = [e for v in state.values() if isinstance(v, tuple) for e in v if not isinstance(e, tuple)]
        if elements and type(value) is type(elements[0]) and rng.random() < ELEMENTS:
            return rng.choice(elements)
        return rng.choice(self.states).get(name, value)


def tiers(subject: Subject) -> Iterator[dict[str, list[Term]]]:
    """Facts by loop label, more each time; `NUMERIC` times about numbers, then about functions and arrays, too."""

    def timely(views: Iterable[View]) -> Iterator[View]:
        return takewhile(lambda _: subject.time(), views)

    views = list(timely(_views(subject)))
    known = machines(subject.procedure)

    def said() -> dict[str, list[Term]]:
        return {label: [narrowed(f, known) for f in formulas] for label, formulas in found.items()}

    found: dict[str, list[Term]] = {v.loop.label: v.relations() for v in timely(views)}
    views = [v for v in views if v.loop.label in found]
    for view in timely(views):  # another loop may have been seen more often
        others = [f for label, formulas in found.items() if label != view.loop.label for f in formulas if view.sees(f)]
        found = view.with_more(found, view.filtered(others, found[view.loop.label], False))
    for tier in (View.comparisons, View.bounds):
        for view in timely(views):
            found = view.with_more(found, view.filtered(tier(view), found[view.loop.label], False))
        yield said()
    shapes = {v.loop.label: v.shapes() for v in timely(views)}
    hard = any(not _plain(f) for formulas in shapes.values() for f in formulas)
    for wanted in (_plain, lambda formula: not _plain(formula)) if hard else (_plain,):
        for view in views:
            more = [f for f in shapes.get(view.loop.label, ()) if wanted(f)]
            found = view.with_more(found, view.filtered(more, found[view.loop.label], True))
        yield said()


def _plain(formula: Term) -> bool:
    """Not an equivalence with something quantified: these are hard for the solver."""
    return not any(isinstance(n, App) and n.op is Op.IFF and has_quantifier(n) for n in walk(formula))


def _views(subject: Subject) -> Iterator[View]:
    seen = observe(subject.procedure, subject.program, RUNS, STEPS, time=subject.time)
    loose: list[Observed] = []
    in_scope = visible(subject.procedure)
    wide = widened_procedure(subject.procedure)
    ranges = bounded.bounds(subject.procedure, subject.program)
    for loop in loops(subject.procedure):
        samples = _samples(seen, loop, subject)
        related = [samples] if len(samples.states) >= FEW else []
        if not related or len({repr(o.run.initial) for o in seen if loop.label in o.heads}) < FEW_RUNS:
            loose = loose or _without_requires(subject)
            related.append(_samples([*seen, *loose], loop, subject))
        known = [widened_variable(v) for v in in_scope[loop.label] if all(v.name in s for s in samples.states)]
        whole, elements = assigned(loop, subject.program)
        changed = frozenset({*whole, *elements})
        yield View(wide, subject.program, loop, known, changed, samples, related, ranges[loop.label])


def _without_requires(subject: Subject) -> list[Observed]:
    """Runs from any state: few satisfy what is required, and equalities often do not depend on it."""
    free = replace(subject.procedure, requires=())
    return observe(free, with_unit(subject.program, free), RUNS, STEPS, time=subject.time)


def _samples(seen: Sequence[Observed], loop: While, subject: Subject) -> Samples:
    changing = {p.variable.name for p in subject.procedure.parameters if p.inout}
    entries: dict[int, State] = {}
    for observed in seen:
        entry = {n: v for n, v in observed.run.initial.items() if n in changing}
        entries.update({id(s): entry for s in observed.heads.get(loop.label, [])})
    states = spread([o.heads.get(loop.label, []) for o in seen])
    return Samples(states, [entries[id(s)] for s in states])


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What is known of one loop.  procedure: as engines see it.  variables: seen there, in all states.
    related: sets of states to relate, some of which the unit's `requires` may exclude.  ranges: bounds that were worked out."""

    procedure: Procedure
    program: Program
    loop: While
    variables: list[Var]
    changed: frozenset[str]
    samples: Samples
    related: list[Samples]
    ranges: Sequence[Term]

    def relations(self) -> list[Term]:
        degree = max(DEGREE, 1 + max(map(factors, terms(self.procedure)), default=0))
        among = [r for r in self.related if r.states]
        return distinct([f for r in among for f in equalities(self.variables, self.changed, r.states, r.entries, degree)])

    def comparisons(self) -> list[Term]:
        return comparisons(self.procedure, self.variables)

    def bounds(self) -> list[Term]:
        return [*self.ranges, *bounds(self.procedure, self.variables), *remainders(self.procedure, self.variables)]

    def shapes(self) -> list[Term]:
        """Functions and arrays."""
        if not self.samples.states:
            return []
        words = Vocabulary(self.procedure, self.program, self.variables, self.changed, self.inout)
        evaluator = Evaluator(self.program, fuel=FUEL, total=TOTAL_FUEL)
        scopes = self.samples.small()
        ranges = [r for r in guarded(words) if _holds(r.formula, evaluator, scopes)]
        wide = [r.formula for r in _widest(ranges, evaluator, scopes)]
        patient = Evaluator(self.program, fuel=FUEL, total=TOTAL_FUEL)
        found = [f for f in mutants(words) if _holds(f, patient, scopes)]
        equal = equations(words, Evaluator(self.program, fuel=FUEL, total=TOTAL_FUEL), scopes)
        quick = Evaluator(self.program, fuel=QUICK_FUEL, total=TOTAL_QUICK_FUEL)
        found = _unconditional([*wide, *found])
        kept = [f for f in words.kept() if words.speaks(f) and _holds(f, patient, scopes)]
        return kept + equal + _telling(found, quick, self.samples.mixed())[:MOST_SHAPES]

    def sees(self, formula: Term) -> bool:
        return free_variables(formula).keys() <= {v.name for v in self.variables}

    @property
    def inout(self) -> frozenset[str]:
        return frozenset(p.variable.name for p in self.procedure.parameters if p.inout)

    def with_more(self, found: dict[str, list[Term]], more: Iterable[Term]) -> dict[str, list[Term]]:
        known = found[self.loop.label]
        return {**found, self.loop.label: distinct([*known, *self.with_domain(more)[:MOST_FACTS]])}

    def with_domain(self, formulas: Iterable[Term]) -> list[Term]:
        """Each after what makes it defined, if that is simple; where quantifiers are in it, bounds must do."""
        found: list[Term] = []
        for formula in formulas:
            domain = defined(formula, self.program)
            found += [formula] if structure(domain) == structure(TRUE) or has_quantifier(domain) else [domain, formula]
        return found

    def filtered(self, formulas: Sequence[Term], known: Sequence[Term], tested: bool) -> list[Term]:
        """Those about something that the loop changes which hold in all states seen, and are not said by equalities already."""
        evaluator = Evaluator(self.program, fuel=FUEL, total=TOTAL_FUEL)
        scopes = self.samples.some()
        equal = {_sides(f) for f in known if isinstance(f, App) and f.op is Op.EQ}
        found: list[Term] = []
        for formula in formulas:
            if self.changed.isdisjoint(free_variables(formula)) or _sides(formula) in equal:
                continue
            if tested or all(evaluator.value(formula, s) is True for s in scopes):
                found.append(formula)
                equal |= {_sides(formula)} if isinstance(formula, App) and formula.op is Op.EQ else set()
        return found


def _holds(formula: Term, evaluator: Evaluator, scopes: Sequence[Scope]) -> bool:
    if not all(evaluator.value(formula, s) is True for s in scopes):
        return False
    empty = _emptied(formula)  # says it anything of these states?
    return empty is None or not all(evaluator.value(empty, s) is True for s in scopes)


def _unconditional(formulas: Sequence[Term]) -> list[Term]:
    """Without what is said under a condition and by another formula without."""
    said = {structure(f) for f in formulas}
    return [f for f in formulas if not (isinstance(f, App) and f.op is Op.IMPLIES and structure(f.args[1]) in said)]


def _emptied(formula: Term) -> Term | None:
    """That a `forall` speaks of nothing, perhaps under a condition."""
    match formula:
        case Quant(universal=True, variables=variables, body=App(op=Op.IMPLIES, args=(guard, _))):
            return quant(True, variables, implies(guard, FALSE))
        case App(op=Op.IMPLIES, args=(condition, said)):
            inner = _emptied(said)
            return None if inner is None else implies(condition, inner)
        case _:
            return None


def _telling(formulas: Iterable[Term], evaluator: Evaluator, mixed: Sequence[Scope]) -> list[Term]:
    """Those that exclude some states, what excludes most first; of those that exclude the same states the shortest few.

    An equation of calls must be false in one: those that define functions never are, but often take too long to evaluate."""
    found: dict[tuple[bool, ...], list[Term]] = {}
    for formula in formulas:
        values = _values(formula, evaluator, mixed)
        if any(v is False for v in values) or not (_of_calls(formula) or all(v is True for v in values)):
            found.setdefault(tuple([v is True for v in values]), []).append(formula)
    return [f for truth in sorted(found, key=sum) for f in sorted(found[truth], key=lambda f: f.size)[:MOST_ALIKE]]


def _values(formula: Term, evaluator: Evaluator, mixed: Sequence[Scope]) -> list[Result | None]:
    """None for the states after a few in which it takes too long."""
    found: list[Result | None] = []
    patience = PATIENCE
    for scope in mixed:
        value = evaluator.value(formula, scope) if patience else None
        patience -= isinstance(value, Unknown)
        found.append(value)
    return found


def _of_calls(formula: Term) -> bool:
    return isinstance(formula, App) and formula.op is Op.EQ and any(isinstance(n, Call) for n in walk(formula))


def factors(term: Term) -> int:
    """The most factors that a product in the term has."""
    most = max(map(factors, children(term)), default=0)
    if isinstance(term, App) and term.op is Op.MUL:
        most = max(most, sum(max(1, factors(a)) for a in term.args if not isinstance(a, Lit)))
    return most


def _widest(ranges: Sequence[Ranged], evaluator: Evaluator, scopes: Sequence[Scope]) -> list[Ranged]:
    """Without those that another with the same property covers in all states seen."""
    found: list[tuple[Ranged, list[tuple[int, int]]]] = []
    for item in ranges:
        ends = [(_number(evaluator.value(item.low, s)), _number(evaluator.value(item.high, s))) for s in scopes]
        if any(o.says(item) and _covers(their, ends) for o, their in found):
            continue
        found = [(o, their) for o, their in found if not (o.says(item) and _covers(ends, their))]
        found.append((item, ends))
    return [item for item, _ in found]


def _covers(wide: Sequence[tuple[int, int]], narrow: Sequence[tuple[int, int]]) -> bool:
    return all(c >= d or (a <= c and d <= b) for (a, b), (c, d) in zip(wide, narrow, strict=True))


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _sides(formula: Term) -> object:
    """The same for comparisons that an equality between the same sides decides."""
    match formula:
        case App(op=Op.EQ | Op.NE | Op.LE | Op.LT | Op.GE | Op.GT, args=(left, right)) if is_integer(left.sort):
            form = linear(left).plus(linear(right).scaled(-1))
            counts = {k: c for k, (_, c) in form.parts.items()}
            first = min(counts, key=str, default=None)  # None where the sides cancel
            sign = -1 if first is not None and counts[first] < 0 else 1
            return frozenset((k, c * sign) for k, c in counts.items())
        case _:
            return structure(formula)
