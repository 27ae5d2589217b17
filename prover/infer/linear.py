"""Linear forms, for printing and comparing what engines find: `x + -1*y <= -1` is shown as `x < y`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from math import gcd

from prover.kernel.sort import Bool, is_integer
from prover.kernel.term import FALSE, TRUE, App, Lit, Op, Term, app, neg, num, structure, walk


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """The sum of coefficient * atom, and a constant; atoms by their structure."""

    parts: dict[object, tuple[Term, int]]
    constant: int

    def scaled(self, factor: int) -> Linear:
        return Linear({k: (t, c * factor) for k, (t, c) in self.parts.items() if c * factor}, self.constant * factor)

    def plus(self, other: Linear) -> Linear:
        parts = dict(self.parts)
        for key, (atom, count) in other.parts.items():
            total = parts[key][1] + count if key in parts else count
            parts[key] = (atom, total)
        return Linear({k: v for k, v in parts.items() if v[1]}, self.constant + other.constant)


def linear(term: Term) -> Linear:
    """The linear form of an integer term; what is not linear is an atom."""
    match term:
        case Lit(value=int(value)):
            return Linear({}, value)
        case App(op=Op.ADD, args=args):
            return reduce(Linear.plus, [linear(a) for a in args])
        case App(op=Op.SUB, args=(left, right)):
            return linear(left).plus(linear(right).scaled(-1))
        case App(op=Op.NEG, args=(inner,)):
            return linear(inner).scaled(-1)
        case App(op=Op.MUL, args=(left, right)):
            a, b = linear(left), linear(right)
            if not a.parts:
                return b.scaled(a.constant)
            if not b.parts:
                return a.scaled(b.constant)
        case _:
            pass
    return Linear({structure(term): (term, 1)}, 0)


def is_linear(formula: Term) -> bool:
    """Without products of variables, and divisions by them."""
    for node in walk(formula):
        match node:
            case App(op=Op.MUL, args=args) if sum(not isinstance(a, Lit) for a in args) > 1:
                return False
            case App(op=Op.DIV | Op.MOD, args=(_, divisor)) if not isinstance(divisor, Lit):
                return False
            case _:
                pass
    return True


def total(form: Linear) -> Term:
    """The form as a term with positive summands first."""
    items = sorted(form.parts.values(), key=lambda p: p[1] < 0)
    result: Term | None = None
    for atom, count in items:
        result = _added(result, atom, count)
    if result is None:
        return num(form.constant)
    if form.constant:
        result = app(Op.ADD if form.constant > 0 else Op.SUB, result, num(abs(form.constant)))
    return result


def _added(result: Term | None, atom: Term, count: int) -> Term:
    factors = atom.args if isinstance(atom, App) and atom.op is Op.MUL else (atom,)
    part = atom if abs(count) == 1 else app(Op.MUL, num(abs(count)), *factors)
    if result is None:
        return part if count > 0 else app(Op.NEG, part)
    return app(Op.ADD if count > 0 else Op.SUB, result, part)


def tidy(formula: Term) -> Term:
    """The same formula with linear comparisons as a person writes them, and negations pushed inwards."""
    match formula:
        case App(op=Op.NOT, args=(App(op=Op.LE | Op.LT | Op.GE | Op.GT | Op.EQ | Op.NE as op, args=args),)):
            return tidy(app(OPPOSITE[op], *args)) if not isinstance(args[0].sort, Bool) else formula
        case App(op=Op.NOT, args=(App(op=Op.AND | Op.OR as op, args=args),)):
            return tidy(app(Op.OR if op is Op.AND else Op.AND, *[neg(a) for a in args]))
        case App(op=Op.AND | Op.OR | Op.IMPLIES | Op.IFF | Op.NOT as op, args=args):
            return app(op, *[tidy(a) for a in args])
        case App(op=Op.LE | Op.LT | Op.GE | Op.GT | Op.EQ | Op.NE as op, args=(left, right)) if is_integer(left.sort):
            return comparison(op, linear(left).plus(linear(right).scaled(-1)))
        case _:
            return formula


OPPOSITE = {Op.LE: Op.GT, Op.GT: Op.LE, Op.LT: Op.GE, Op.GE: Op.LT, Op.EQ: Op.NE, Op.NE: Op.EQ}


def comparison(op: Op, form: Linear) -> Term:
    """`form op 0`, with coefficients divided by what they share, and each summand on the side where it is positive."""
    if not form.parts:
        holds = {Op.LE: form.constant <= 0, Op.LT: form.constant < 0, Op.GE: form.constant >= 0, Op.GT: form.constant > 0}
        holds |= {Op.EQ: form.constant == 0, Op.NE: form.constant != 0}
        return TRUE if holds[op] else FALSE
    if op in (Op.LT, Op.GT):  # over the integers
        form = Linear(form.parts, form.constant + (1 if op is Op.LT else -1))
        op = Op.LE if op is Op.LT else Op.GE
    if op is Op.GE:
        form, op = form.scaled(-1), Op.LE
    shared = gcd(*[c for _, c in form.parts.values()])
    if op is Op.LE:
        form = Linear({k: (t, c // shared) for k, (t, c) in form.parts.items()}, -((-form.constant) // shared))
    elif form.constant % shared == 0:
        form = Linear({k: (t, c // shared) for k, (t, c) in form.parts.items()}, form.constant // shared)
    return _sides(op, form)


def _sides(op: Op, form: Linear) -> Term:
    left = Linear({k: p for k, p in form.parts.items() if p[1] > 0}, max(form.constant, 0))
    right = Linear({k: (t, -c) for k, (t, c) in form.parts.items() if c < 0}, max(-form.constant, 0))
    if op is Op.LE and left.constant == 1 and left.parts:
        return app(Op.LT, total(Linear(left.parts, 0)), total(right))
    if op is Op.LE and not left.parts:
        return app(Op.GE, total(right), total(left))
    if not left.parts:
        left, right = right, left
    if not right.parts and left.constant:
        left, right = Linear(left.parts, 0), Linear({}, right.constant - left.constant)
    return app(op, total(left), total(right))


def distinct(formulas: Iterable[Term]) -> list[Term]:
    """Each once, in order."""
    return list(each_once(formulas))


def each_once(formulas: Iterable[Term]) -> Iterator[Term]:
    """As `distinct`, one at a time."""
    seen: set[object] = set()
    for formula in formulas:
        if (key := structure(formula)) not in seen:
            seen.add(key)
            yield formula
