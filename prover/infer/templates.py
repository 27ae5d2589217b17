"""Facts about functions and arrays at the head of a loop, after what the unit promises.

From the postcondition (Furia & Meyer 2010), its predicates unfolded: a term in it that the loop does not change is replaced by
what the loop counts with, one or two at a time; what is said of all places is said of those before or after a counter; the
postcondition as it stands is among them.  Elements in a range compared as the program compares one of them; elements of a range
that are as they were at entry.  Calls of functions are related by `equations`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product
from math import prod

from prover.infer.rewrites import calls, element_wise, fixed_terms, has_quantifier, narrowed, renamed, replaced, unfolded
from prover.kernel.depend import statements, terms
from prover.kernel.program import Assert, Assign, Procedure, Program
from prover.kernel.sort import INT, Array, Bool, Int, Nat, is_integer
from prover.kernel.term import (
    OLD,
    TRUE,
    App,
    Call,
    Op,
    Quant,
    Term,
    Var,
    app,
    at,
    children,
    conj,
    conjuncts,
    free_variables,
    implies,
    neg,
    num,
    quant,
    structure,
    walk,
)
from prover.record import replace

MOST_COUNTERS, MOST_FIXED = 4, 3
MOST_CONDITIONS = 2
MOST_CHOICES = 5_000
MOST_MUTANTS, MOST_RANGES, MOST_CALLS = 2_500, 2_500, 200
MOST_NARROWED = 1_200
SIDES = (Op.LT, Op.GE, Op.LE, Op.GT)
COMPARE = (Op.EQ, Op.LT, Op.GT, Op.LE, Op.GE, Op.NE)  # stronger ones first


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """What facts about one loop are made of.  variables: in scope.  changed: names of what the loop changes.
    inout: names of what has an entry value of its own."""

    procedure: Procedure
    program: Program
    variables: Sequence[Var]
    changed: frozenset[str]
    inout: frozenset[str]

    def integers(self) -> list[Var]:
        """Counters first."""
        found = [v for v in self.variables if isinstance(v.sort, Int | Nat)]
        moving = [v for v in found if v.name in self.changed]
        still = [v for v in found if v.name not in self.changed]
        return [*moving[:MOST_COUNTERS], *still[:MOST_FIXED]]

    def arrays(self) -> list[Var]:
        return [v for v in self.variables if isinstance(v.sort, Array)]

    def place(self) -> Var:
        """A bound variable for a place, of which there is no other."""
        taken = {node.name for t in terms(self.procedure) for node in walk(t) if isinstance(node, Var)} | self._names()
        return Var(next(n for n in ("k", "j", "p", *[f"k{i}" for i in range(len(taken) + 1)]) if n not in taken), INT)

    def _names(self) -> set[str]:
        return {v.name for v in self.variables}

    def places(self) -> list[Term]:
        """Terms for places in an array."""
        after = [app(Op.ADD, v, num(1)) for v in self.integers() if v.name in self.changed]
        return [num(0), *self.integers(), *after, *[app(Op.LEN, a) for a in self.arrays()]]

    def promises(self) -> list[Term]:
        """Conjuncts of what must hold at the end, or somewhere on the way."""
        stated = [*[c.formula for c in self.procedure.ensures], *_asserted(self.procedure)]
        place = self.place()
        taken = self._names()
        whole = [renamed(g, taken) for f in stated for g in dict.fromkeys((f, unfolded(f, self.program)))]
        found = [q for f in whole for p in _parts(f) for q in dict.fromkeys((p, element_wise(p, place)))]
        return _distinct(found)

    def kept(self) -> list[Term]:
        """What is required of variables that the loop changes: it may stay true."""
        found = [renamed(p, self._names()) for c in self.procedure.requires for p in conjuncts(c.formula)]
        return [f for f in found if not self.changed.isdisjoint(free_variables(f))]

    def speaks(self, formula: Term) -> bool:
        """Is all that the formula mentions in scope?"""
        names = {v.name for v in self.variables}
        return free_variables(formula).keys() <= names


def _asserted(procedure: Procedure) -> list[Term]:
    return [s.clause.formula for s in statements(procedure.body) if isinstance(s, Assert)] if procedure.body else []


def _parts(formula: Term) -> Iterator[Term]:
    for part in conjuncts(formula):
        yield part
        if isinstance(part, App) and part.op in (Op.IMPLIES, Op.IFF):
            yield from conjuncts(part.args[0])
            yield from conjuncts(part.args[1])
        if isinstance(part, App) and part.op is Op.NOT and isinstance(part.args[0], Quant):
            yield part.args[0]


def _distinct(formulas: Iterable[Term]) -> list[Term]:
    return list({structure(f): f for f in formulas}.values())


def mutants(words: Vocabulary) -> Iterator[Term]:
    """The postcondition's conjuncts, and what they become when places are left out or terms are replaced."""
    promises = words.promises()
    yield from filter(words.speaks, promises)
    yield from islice(_narrower(promises, words), MOST_NARROWED)
    places = words.places()
    made = (m for f in promises if _worth(f) for m in _replacing(f, places))
    yield from filter(words.speaks, islice(made, MOST_MUTANTS))


def _narrower(promises: Sequence[Term], words: Vocabulary) -> Iterator[Term]:
    """With one more condition on a place; then with a second, that it is not one of those that the loop moves."""
    spoken = [p for p in promises if words.speaks(p)]
    integers = words.integers()

    def sides(variable: Var) -> Iterator[tuple[Term, ...]]:
        yield from ((app(op, variable, t),) for t in integers for op in SIDES)

    def holes(variable: Var) -> Iterator[tuple[Term, ...]]:
        moving = [t for t in integers if t.name in words.changed]
        yield from ((*side, app(Op.NE, variable, t)) for side in sides(variable) for t in moving)

    for ways in (sides, holes):
        for promise in spoken:
            yield from narrowed(promise, ways)


def _worth(formula: Term) -> bool:
    """Not a plain comparison of integers: of these there are many already."""
    return any(isinstance(n, Quant | Call) or isinstance(n.sort, Array) for n in walk(formula))


def _replacing(formula: Term, places: Sequence[Term]) -> Iterator[Term]:
    old = fixed_terms(formula)
    for term in old:
        for place in places:
            if structure(place) != structure(term):
                yield replaced(formula, {structure(term): place})
    for first, second in combinations(old, 2):
        for a, b in product(places, repeat=2):
            if structure(a) != structure(first) and structure(b) != structure(second):
                yield replaced(formula, {structure(first): a, structure(second): b})


@dataclass(frozen=True, slots=True, eq=False)
class Ranged:
    """All elements of a range have a property.  body: with `place` for the place of one."""

    place: Var
    low: Term
    high: Term
    body: Term
    condition: Term = TRUE

    @property
    def formula(self) -> Term:
        within = conj([app(Op.LE, self.low, self.place), app(Op.LT, self.place, self.high)])
        return implies(self.condition, quant(True, (self.place,), implies(within, self.body)))

    def says(self, other: Ranged) -> bool:
        """Have both ranges the same property, under the same condition?"""
        return self.body is other.body and self.condition is other.condition


def ranged(words: Vocabulary) -> Iterator[Ranged]:
    """Elements from one place to before another compared as the program compares them, or as they were at entry."""
    place = words.place()
    bodies = list(_bodies(words, place))
    places = words.places()
    found = (Ranged(place, low, high, body) for body in bodies for low, high in product(places, repeat=2) if low is not high)
    for item in islice(found, MOST_RANGES):
        if not (isinstance(item.low, App) and item.low.op is Op.LEN) and structure(item.high) != structure(num(0)):
            yield item


def guarded(words: Vocabulary) -> Iterator[Ranged]:
    """As `ranged`; also under a condition under which the unit promises something."""
    found = list(ranged(words))
    yield from found
    conditions = [p.args[0] for p in words.promises() if isinstance(p, App) and p.op in (Op.IMPLIES, Op.IFF)]
    plain = [c for c in _distinct(conditions) if words.speaks(c) and not has_quantifier(c)][:MOST_CONDITIONS]
    for condition in (c for p in plain for c in (p, neg(p))):
        yield from (replace(r, condition=condition) for r in found)


def _bodies(words: Vocabulary, place: Var) -> Iterator[Term]:
    for promise in words.promises():
        body = _of_all(promise, place)
        if body is not None and words.speaks(quant(True, (place,), body)):
            yield body
    for array in words.arrays():
        if array.name in words.inout and array.name in words.changed:
            yield app(Op.EQ, app(Op.SELECT, array, place), app(Op.SELECT, at(OLD, array), place))
    compared = [(a, b) for a, b in _compared(words) if words.speaks(a) and words.speaks(b)]
    for select, other in compared:
        element = _element(select, place)
        for op in COMPARE if is_integer(other.sort) else (Op.EQ, Op.NE):
            yield app(op, element, other)


def _of_all(promise: Term, place: Var) -> Term | None:
    """What a quantified formula says of each place, or denies of each."""
    match promise:
        case Quant(universal=True, variables=(variable,), body=App(op=Op.IMPLIES, args=(_, body))):
            return replaced(body, {structure(variable): place})
        case Quant(universal=False, variables=(variable,), body=App(op=Op.AND, args=args)):
            rest = [a for a in args if not _bounds(a, variable)]
            return neg(replaced(conj(rest), {structure(variable): place})) if rest else None
        case _:
            return None


def _bounds(formula: Term, variable: Var) -> bool:
    """Does it only say where the place is?"""
    sides = formula.args if isinstance(formula, App) and formula.op in COMPARE else ()
    return any(structure(s) == structure(variable) for s in sides) and not any(isinstance(s.sort, Array) for s in sides)


def _compared(words: Vocabulary) -> list[tuple[Term, Term]]:
    """Elements of arrays, or their values, with what they are compared with or stored in, in the text of the unit."""
    found: dict[object, tuple[Term, Term]] = {}
    for select, other in _pairs(words.procedure):
        match select:
            case (
                App(op=Op.SELECT, args=(Var() as array, _))
                | App(op=Op.VALUE, args=(App(op=Op.SELECT, args=(Var() as array, _)),))
            ):
                found.setdefault((structure(array), structure(other)), (select, other))
            case _:
                pass
    return list(found.values())


def _element(select: Term, place: Term) -> Term:
    """The same of another place."""
    match select:
        case App(op=Op.SELECT, args=(array, _)):
            return app(Op.SELECT, array, place)
        case _:
            return app(Op.VALUE, *[_element(c, place) for c in children(select)])


def _pairs(procedure: Procedure) -> Iterator[tuple[Term, Term]]:
    for term in terms(procedure):
        for node in walk(term):
            if isinstance(node, App) and node.op in COMPARE:
                left, right = node.args
                yield left, right
                yield right, left
    for statement in statements(procedure.body) if procedure.body else ():
        if isinstance(statement, Assign):
            for target, value in zip(statement.targets, statement.values, strict=True):
                if isinstance(target, Var):
                    yield value, target
                elif len(target.indices) == 1:
                    yield app(Op.SELECT, target.array, target.indices[0]), value


def applications(words: Vocabulary) -> list[Call]:
    """Calls of the functions in what the unit promises, with what the loop counts with for their arguments."""
    found: dict[object, Call] = {}
    for promise in words.promises():
        for call in calls(promise):
            if isinstance(call.sort, Int | Nat | Bool) and words.speaks(call):
                for made in islice(_applied(call, words), MOST_CALLS):
                    found.setdefault(structure(made), made)
    return list(found.values())


def _applied(call: Call, words: Vocabulary) -> Iterator[Call]:
    """The call itself, then with variables for arguments, then with their neighbours as well."""
    choices = [_arguments(a, words) for a in call.args]
    if prod(map(len, choices)) > MOST_CHOICES:
        choices = [[c for c in found if c[0] <= 1] for found in choices]
    for picks in sorted(islice(product(*choices), MOST_CHOICES), key=lambda picks: sum(far for far, _ in picks)):
        args = tuple([argument for _, argument in picks])
        yield Call(call.function, args, call.sort, None, 1 + sum(a.size for a in args))


def _arguments(argument: Term, words: Vocabulary) -> list[tuple[int, Term]]:
    """What may stand for an argument, with how far it is from it."""
    match argument.sort:
        case Int() | Nat():
            plain = [(1, v) for v in words.integers()]
            near = [(3, t) for v in words.integers() for t in (app(Op.ADD, v, num(1)), app(Op.SUB, v, num(1)))]
            return [(0, argument), *plain, *near]
        case Array():
            return [(0, argument), *[(1, a) for a in words.arrays() if a.sort == argument.sort]]
        case _:
            return [(0, argument)]
