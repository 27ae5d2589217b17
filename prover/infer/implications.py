"""Goals as implications between linear inequalities, with unknown ones among them.

A goal becomes one implication for each way through its branches and disjunctions.  What is not linear is left out of what is
known, so that an implication may be stronger than its goal: good enough for a proposal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from math import prod

from prover.infer.linear import OPPOSITE, Linear
from prover.kernel.goal import Defines, Fact, Goal, Holds, Joins
from prover.kernel.sort import Machine, Nat, is_integer
from prover.kernel.term import EQUALITY, ORDER, App, Call, Let, Lit, Op, Term, Var, app, structure, substitute
from prover.kernel.theory import Theory
from prover.record import replace

MOST_CASES = 60
MOST_STEPS = 20_000


class TooMany(Exception):
    """More ways through a goal than are worth a look."""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """`form >= 0`, or `form = 0`."""

    form: Linear
    equal: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """The unknown inequality `name` of these arguments: `c0*a0 + c1*a1 + … + offset >= 0`."""

    name: str
    arguments: tuple[Linear, ...]
    offset: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Implication:
    """Rows and instances entail the head, or are contradictory; without a head they must be."""

    rows: tuple[Row, ...]
    given: tuple[Instance, ...]
    head: Instance | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Round:
    """One way through a round.  bounded: that the unknown form is at least 0 before it; falls: that it is less after it."""

    bounded: Implication
    falls: Implication

    @property
    def steady(self) -> Implication:
        """That the form does not rise."""
        assert self.falls.head is not None
        return replace(self.falls, head=replace(self.falls.head, offset=0))


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One way through the facts of a goal.  values: what variables are defined as."""

    rows: tuple[Row, ...] = ()
    given: tuple[Instance, ...] = ()
    forms: Mapping[str, Linear] = field(default_factory=dict)
    terms: Mapping[str, Term] = field(default_factory=dict)


Valued = tuple[Case, Linear]


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """unknown: predicates that stand for unknown inequalities.  machines: variables of which a range is known, by name.
    steps: how many terms may still be looked at; cases nest, so that few long ones are not all that takes long."""

    theory: Theory
    unknown: frozenset[str]
    machines: Mapping[str, Var]
    steps: Iterator[int] = field(default_factory=lambda: iter(range(MOST_STEPS)))

    def implications(self, goal: Goal) -> list[Implication]:
        """Those that prove the goal.  Raises TooMany."""
        cases = self._after([Case()], goal.facts())
        match goal.conclusion:
            case Call(function=name, args=args) if name in self.unknown:
                found = [(case, _instance(name, forms)) for c in cases for case, forms in self._values(c, args)]
                return [self._closed(case, head) for case, head in found]
            case conclusion:
                denied = [d for c in cases for d in self._known(c, conclusion, positive=False)]
                return [self._closed(d, None) for d in denied]

    def rounds(self, goal: Goal, before: Call, after: Call) -> Iterator[Round]:
        """The ways through the round of a goal, of which an unknown form is told before and after it.  Raises TooMany."""
        for case in self._after([Case()], goal.facts()):
            for valued, forms in self._values(case, (*before.args, *after.args)):
                old, new = forms[: len(before.args)], forms[len(before.args) :]
                fall = [a.plus(b.scaled(-1)) for a, b in zip(old, new, strict=True)]
                falls = Instance(before.function, (Linear({}, 0), *fall), -1)
                yield Round(self._closed(valued, _instance(before.function, old)), self._closed(valued, falls))

    def _closed(self, case: Case, head: Instance | None) -> Implication:
        """With the ranges of what is spoken of."""
        forms = [r.form for r in case.rows]
        forms += [a for i in (*case.given, *([] if head is None else [head])) for a in i.arguments]
        atoms = {k: t for f in forms for k, (t, _) in f.parts.items()}
        ranges = [row for k, t in atoms.items() for row in self._range(k, t)]
        return Implication((*case.rows, *ranges), case.given, head)

    def _range(self, key: object, atom: Term) -> list[Row]:
        """Of sorts the lower bound only: what uses the upper one is seldom good to read."""
        least = 0 if isinstance(atom.sort, Nat) or (isinstance(atom, App) and atom.op is Op.LEN) else None
        if isinstance(atom, Var) and isinstance(sort := self.machines.get(atom.name.split("@")[0], atom).sort, Machine):
            least = sort.low
        return [] if least is None else [Row(Linear({key: (atom, 1)}, -least))]

    def _after(self, cases: list[Case], facts: Iterable[Fact]) -> list[Case]:
        for fact in facts:
            cases = [after for c in cases for after in self._fact(c, fact)]
            if len(cases) > MOST_CASES:
                raise TooMany
        return cases

    def _fact(self, case: Case, fact: Fact) -> list[Case]:
        match fact:
            case Holds(formula=formula):
                return self._known(case, formula, positive=True)
            case Defines(variable=variable, term=term) if is_integer(variable.sort):
                return [replace(c, forms={**c.forms, variable.name: f}) for c, f in self._value(case, term)]
            case Defines(variable=variable, term=term):
                return [replace(case, terms={**case.terms, variable.name: term})]
            case Joins(base=base, branches=branches):
                paths = [([] if path is None else path.facts(base), defines) for path, defines in branches]
                return [after for facts, defines in paths for after in self._after([case], [*facts, *defines])]

    def _known(self, case: Case, formula: Term, positive: bool) -> list[Case]:
        """The ways in which the formula is true, or false."""
        self._step()
        match formula:
            case Lit(value=value):
                return [case] if value == positive else []
            case Var(name=name) if name in case.terms:
                return self._known(case, case.terms[name], positive)
            case App(op=Op.NOT, args=(inner,)):
                return self._known(case, inner, not positive)
            case App(op=Op.AND | Op.OR as op, args=args):
                return self._joined(case, [(a, positive) for a in args], every=(op is Op.AND) == positive)
            case App(op=Op.IMPLIES, args=(left, right)):
                return self._joined(case, [(left, not positive), (right, positive)], every=not positive)
            case App(op=Op.IFF, args=(left, right)):
                return self._either(case, left, (right, positive), (right, not positive))
            case App(op=Op.ITE, args=(condition, then, orelse)):
                return self._either(case, condition, (then, positive), (orelse, positive))
            case App(op=op, args=(left, right)) if (op in ORDER or op in EQUALITY) and is_integer(left.sort):
                return self._compared(case, op if positive else OPPOSITE[op], (left, right))
            case Call(function=name, args=args) if name in self.unknown:
                return [replace(c, given=(*c.given, _instance(name, forms))) for c, forms in self._values(case, args)]
            case Call() if (meaning := self._meaning(formula)) is not None:
                return self._known(case, meaning, positive)
            case Let(variable=variable, value=value, body=body):
                return self._known(case, substitute(body, {variable.name: value}), positive)
            case _:
                return [case]

    def _step(self) -> None:
        if next(self.steps, None) is None:
            raise TooMany

    def _joined(self, case: Case, parts: Sequence[tuple[Term, bool]], every: bool) -> list[Case]:
        if not every:
            return [c for part, positive in parts for c in self._known(case, part, positive)]
        cases = [case]
        for part, positive in parts:
            cases = [after for c in cases for after in self._known(c, part, positive)]
            if len(cases) > MOST_CASES:
                raise TooMany
        return cases

    def _either(self, case: Case, condition: Term, then: tuple[Term, bool], orelse: tuple[Term, bool]) -> list[Case]:
        yes, no = self._known(case, condition, True), self._known(case, condition, False)
        return [a for c in yes for a in self._known(c, *then)] + [a for c in no for a in self._known(c, *orelse)]

    def _compared(self, case: Case, op: Op, sides: tuple[Term, Term]) -> list[Case]:
        found: list[Case] = []
        for valued, (left, right) in self._values(case, sides):
            up, down = right.plus(left.scaled(-1)), left.plus(right.scaled(-1))
            least = {Op.LE: [up], Op.LT: [_less(up)], Op.GE: [down], Op.GT: [_less(down)]}
            least |= {Op.EQ: [up], Op.NE: [_less(up), _less(down)]}
            rows = [Row(form, op is Op.EQ) for form in least[op]]
            found += [replace(valued, rows=(*valued.rows, row)) for row in rows if _possible(row)]
        return found

    def _values(self, case: Case, terms: Sequence[Term]) -> list[tuple[Case, tuple[Linear, ...]]]:
        found: list[tuple[Case, tuple[Linear, ...]]] = [(case, ())]
        for term in terms:
            found = [(after, (*forms, form)) for c, forms in found for after, form in self._value(c, term)]
            if len(found) > MOST_CASES:
                raise TooMany
        return found

    def _value(self, case: Case, term: Term) -> list[Valued]:
        """The linear forms of an integer term, one for each way through its conditionals."""
        self._step()
        match term:
            case Lit(value=value):
                return [(case, Linear({}, int(value)))]
            case Var(name=name) if name in case.forms:
                return [(case, case.forms[name])]
            case App(op=Op.ADD | Op.SUB | Op.NEG | Op.MUL as op, args=args):
                return [(c, _combined(op, term, forms)) for c, forms in self._values(case, args)]
            case App(op=Op.ITE, args=(condition, then, orelse)):
                yes = [v for c in self._known(case, condition, True) for v in self._value(c, then)]
                return yes + [v for c in self._known(case, condition, False) for v in self._value(c, orelse)]
            case App(op=Op.DIV | Op.MOD as op, args=(inner, Lit(value=int(divisor)))) if divisor > 0:
                return [_divided(c, op, term, form, divisor) for c, form in self._value(case, inner)]
            case App(op=Op.LEN, args=(array,)):
                return self._length(case, array)
            case Call() if (meaning := self._meaning(term)) is not None:
                return self._value(case, meaning)
            case Let(variable=variable, value=value, body=body):
                return self._value(case, substitute(body, {variable.name: value}))
            case _:
                return [(case, _atom(term))]

    def _length(self, case: Case, array: Term) -> list[Valued]:
        match array:
            case Var(name=name) if name in case.terms:
                return self._length(case, case.terms[name])
            case App(op=Op.STORE, args=(inner, _, _)):
                return self._length(case, inner)
            case App(op=Op.FILL, args=(length, _)):
                return self._value(case, length)
            case _:
                return [(case, _atom(app(Op.LEN, array)))]

    def _meaning(self, term: Call) -> Term | None:
        """What a function that is not recursive is defined as."""
        known = term.function in self.theory.functions and term.function not in self.theory.recursive
        return self.theory.equation(term) if known else None


def _instance(name: str, forms: Sequence[Linear]) -> Instance:
    return Instance(name, (Linear({}, 1), *forms))


def _less(form: Linear) -> Linear:
    """`form > 0`, over the integers."""
    return form.plus(Linear({}, -1))


def _possible(row: Row) -> bool:
    constant = row.form.constant
    return bool(row.form.parts) or constant == 0 or (constant > 0 and not row.equal)


def _atom(term: Term) -> Linear:
    return Linear({structure(term): (term, 1)}, 0)


def _combined(op: Op, term: Term, forms: Sequence[Linear]) -> Linear:
    first, *rest = forms
    match op:
        case Op.NEG:
            return first.scaled(-1)
        case Op.MUL:
            varying = [f for f in forms if f.parts]
            factor = prod([f.constant for f in forms if not f.parts])
            return Linear({}, factor) if not varying else varying[0].scaled(factor) if len(varying) == 1 else _atom(term)
        case _:
            sign = -1 if op is Op.SUB else 1
            return reduce(Linear.plus, [f.scaled(sign) for f in rest], first)


def _divided(case: Case, op: Op, term: Term, form: Linear, divisor: int) -> Valued:
    """The quotient q is an atom with `0 <= form - divisor * q < divisor`."""
    quotient = _atom(app(Op.DIV, *term.args)) if isinstance(term, App) else form
    left = form.plus(quotient.scaled(-divisor))
    rows = (Row(left), Row(_less(Linear({}, divisor).plus(left.scaled(-1)))))
    return replace(case, rows=(*case.rows, *rows)), quotient if op is Op.DIV else left
