"""Terms and conditions in intervals (Cousot & Cousot 1977): what a term may be, and what a condition leaves of its variables.

A comparison is read as a linear inequality, in which each variable is bounded by what the others may be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from math import isqrt

from prover.infer.intervals import (
    NATURAL,
    WHOLE,
    Interval,
    Ranges,
    add,
    divide,
    fitted,
    join,
    joined,
    made,
    meet,
    modulo,
    multiply,
    negated,
    point,
    put,
    put_all,
    range_of,
    subtract,
    within,
)
from prover.infer.linear import OPPOSITE, Linear, linear
from prover.infer.work import Work
from prover.kernel.program import Function, Program
from prover.kernel.sort import Machine, is_numeric
from prover.kernel.term import ARITHMETIC, App, Call, Let, Lit, Op, Term, Var, conjuncts, structure, walk

DEEPEST_CALL, LARGEST_BODY = 2, 60


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """calls: how deep calls of functions are looked into.  Raises TooMuch."""

    program: Program
    work: Work
    calls: int = DEEPEST_CALL

    def value(self, term: Term, ranges: Ranges) -> Interval:
        """An interval that holds whatever value a numeric term has."""
        self.work.spend()
        match term:
            case Lit():
                return point(int(term.value))
            case Var():
                return ranges.get(term.name) or range_of(term.sort)
            case App():
                return fitted(self._applied(term, ranges), term.sort, _wraps(term))
            case Call():
                return self._called(term, ranges)
            case Let():
                inner = put(ranges, term.variable, self.value(term.value, ranges))
                return range_of(term.sort) if inner is None else self.value(term.body, inner)
            case _:
                return range_of(term.sort)

    def _applied(self, term: App, ranges: Ranges) -> Interval:
        """Before it is fitted to the term's sort."""
        match term.op, term.args:
            case (Op.ADD, args):
                return reduce(add, [self.value(a, ranges) for a in args])
            case (Op.MUL, (Var(name=left), Var(name=right))) if left == right:
                value = self.value(term.args[0], ranges)
                return meet(multiply(value, value), NATURAL) or NATURAL
            case (Op.MUL, args):
                return reduce(multiply, [self.value(a, ranges) for a in args])
            case (Op.SUB | Op.DIV | Op.MOD as op, (left, right)):
                made_of = {Op.SUB: subtract, Op.DIV: divide, Op.MOD: modulo}[op]
                return made_of(self.value(left, ranges), self.value(right, ranges))
            case (Op.NEG, (inner,)):
                return negated(self.value(inner, ranges))
            case (Op.ITE, (condition, then, orelse)):
                sides = [(then, self._narrowed(condition, ranges, True)), (orelse, self._narrowed(condition, ranges, False))]
                values = [self.value(t, r) for t, r in sides if r is not None]
                return reduce(join, values) if values else range_of(term.sort)
            case (Op.LEN, _):
                return NATURAL
            case (Op.VALUE | Op.CONVERT | Op.WRAP, (inner,)):
                return self.value(inner, ranges)
            case _:
                return range_of(term.sort)

    def _called(self, term: Call, ranges: Ranges) -> Interval:
        function = self.program.units.get(term.function)
        everything = range_of(term.sort)
        if not (isinstance(function, Function) and function.body and self.calls and function.body.size <= LARGEST_BODY):
            return everything
        pairs = [(p, a) for p, a in zip(function.parameters, term.args, strict=True) if is_numeric(p.sort)]
        inner = put_all({}, [(p, self.value(a, ranges)) for p, a in pairs])
        deeper = Reader(self.program, self.work, self.calls - 1)
        return (None if inner is None else meet(deeper.value(function.body, inner), everything)) or everything

    # Conditions

    def under(self, conditions: Iterable[Term], ranges: Ranges | None, holds: bool = True) -> Ranges | None:
        """Where the conditions hold, or do not.  Several are read once more: later ones may bound earlier ones."""
        every = [p for c in conditions for p in (conjuncts(c) if holds else (c,))]
        for _ in range(min(len(every), 2)):
            before = ranges
            for condition in every:
                ranges = None if ranges is None else self._narrowed(condition, ranges, holds)
            if ranges is before:
                break
        return ranges

    def _narrowed(self, condition: Term, ranges: Ranges, holds: bool) -> Ranges | None:
        self.work.spend()
        match condition:
            case Lit():
                return ranges if bool(condition.value) is holds else None
            case App(op=Op.NOT, args=(inner,)):
                return self._narrowed(inner, ranges, not holds)
            case App(op=Op.AND | Op.OR as op, args=args):
                return self._each([(a, holds) for a in args], ranges, (op is Op.AND) is holds)
            case App(op=Op.IMPLIES, args=(left, right)):
                return self._each([(left, not holds), (right, holds)], ranges, not holds)
            case App(op=op, args=(left, right)) if op in OPPOSITE and is_numeric(left.sort):
                return self._compared(op if holds else OPPOSITE[op], left, right, ranges)
            case _:
                return ranges

    def _each(self, parts: list[tuple[Term, bool]], ranges: Ranges, every: bool) -> Ranges | None:
        """Where every part is as it says, or some part."""
        found: Ranges | None = ranges if every else None
        for part, holds in parts:
            if every:
                found = None if found is None else self._narrowed(part, found, holds)
            else:
                found = joined(found, self._narrowed(part, ranges, holds))
        return found

    def _compared(self, op: Op, left: Term, right: Term, ranges: Ranges) -> Ranges | None:
        form = self._form(left, ranges).plus(self._form(right, ranges).scaled(-1))
        if op in (Op.LT, Op.GT):
            form = Linear(form.parts, form.constant + (1 if op is Op.LT else -1))
        found: Ranges | None = ranges
        if op in (Op.LT, Op.LE, Op.EQ):
            found = self._at_most_zero(form, ranges)
        if op in (Op.GT, Op.GE, Op.EQ) and found is not None:
            found = self._at_most_zero(form.scaled(-1), found)
        return self._not_zero(form, ranges) if op is Op.NE else found

    def _form(self, term: Term, ranges: Ranges) -> Linear:
        """An atom where machine integers may wrap around."""
        sums = [n for n in walk(term) if isinstance(n, App) and n.op in ARITHMETIC] if isinstance(term.sort, Machine) else []
        if all(within(self._applied(n, ranges), range_of(n.sort)) for n in sums):
            return linear(term)
        return Linear({structure(term): (term, 1)}, 0)

    def _at_most_zero(self, form: Linear, ranges: Ranges) -> Ranges | None:
        lows = [(t, c, multiply(point(c), self.value(t, ranges)).low) for t, c in form.parts.values()]
        least = sum([low for _, _, low in lows if isinstance(low, int)]) + form.constant
        unbounded = sum(not isinstance(low, int) for _, _, low in lows)
        found: Ranges | None = ranges if unbounded or least <= 0 else None
        for term, count, low in lows:
            if found is None or unbounded > (not isinstance(low, int)):
                continue
            others = least - low if isinstance(low, int) else least
            most = int(-others) // abs(count)
            found = self._in(term, made(-WHOLE.high, most) if count > 0 else made(-most, WHOLE.high), found)
        return found

    def _not_zero(self, form: Linear, ranges: Ranges) -> Ranges | None:
        values = [(t, c, self.value(t, ranges)) for t, c in form.parts.values()]
        loose = [v for v in values if v[2].low != v[2].high]
        rest = int(sum([c * v.low for _, c, v in values if v.low == v.high])) + form.constant
        if not loose:
            return None if rest == 0 else ranges
        if len(loose) > 1 or rest % loose[0][1]:
            return ranges
        term, count, value = loose[0]
        other = -rest // count
        low = value.low + 1 if value.low == other else value.low
        high = value.high - 1 if value.high == other else value.high
        return self._in(term, made(low, high), ranges)

    def _in(self, term: Term, value: Interval, ranges: Ranges) -> Ranges | None:
        """Where the value of a term is in the interval."""
        both = meet(self.value(term, ranges), value)
        if both is None:
            return None
        match term:
            case Var():
                return put(ranges, term, both)
            case App(op=Op.VALUE, args=(inner,)):
                return self._between(inner, both, ranges)
            case App(op=Op.MUL, args=(left, right)) if not isinstance(term.sort, Machine):
                return self._factors(left, right, both, ranges)
            case App(op=Op.DIV, args=(inner, Lit(value=divisor))) if divisor > 0:
                return self._between(inner, add(multiply(both, point(int(divisor))), Interval(0, int(divisor) - 1)), ranges)
            case _:
                return ranges

    def _factors(self, left: Term, right: Term, product: Interval, ranges: Ranges) -> Ranges | None:
        if isinstance(left, Var) and isinstance(right, Var) and left.name == right.name:
            root = isqrt(product.high) if isinstance(product.high, int) else product.high
            return self._in(left, made(-root, root), ranges)
        found: Ranges | None = ranges
        for one, other in ((left, right), (right, left)):
            value = self.value(other, ranges)
            if found is not None and not (0 in value and 0 in product):
                found = self._in(one, divide(product, value), found)
        return found

    def _between(self, term: Term, value: Interval, ranges: Ranges) -> Ranges | None:
        form = self._form(term, ranges)
        found: Ranges | None = ranges
        for bound in _sides(form, value):
            found = None if found is None else self._at_most_zero(bound, found)
        return found


def _wraps(term: App) -> bool:
    return isinstance(term.sort, Machine) and (term.op is Op.WRAP or not (term.sort.signed or term.op is Op.CONVERT))


def _sides(form: Linear, value: Interval) -> Iterator[Linear]:
    """What is at most zero where the form is in the interval."""
    if isinstance(value.high, int):
        yield Linear(form.parts, form.constant - value.high)
    if isinstance(value.low, int):
        yield Linear(form.scaled(-1).parts, value.low - form.constant)
