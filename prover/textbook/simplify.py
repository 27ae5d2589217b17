"""The simplifications that a person makes while writing an assertion down, and no more.

Truth values and constants are worked out, an element is read off a changed array where the indices say so.  Equivalent where
every operation is defined; not for the kernel, which takes formulas as they come.
"""

from __future__ import annotations

from collections.abc import Sequence

from prover.kernel.sort import INT, Machine
from prover.kernel.term import (
    FALSE,
    TRUE,
    App,
    Let,
    Lit,
    Op,
    Quant,
    Term,
    app,
    children,
    conj,
    disj,
    neg,
    num,
    rebuild,
    structure,
)

_SMALL = 60


def simplify(term: Term) -> Term:
    """An equivalent term, usually shorter."""
    parts = tuple([simplify(c) for c in children(term)])
    match term:
        case App():
            return _application(term, parts)
        case Quant() | Let() if isinstance(parts[-1], Lit) and parts[-1].value is True:
            return TRUE
        case _:
            return rebuild(term, parts)


def _application(term: App, parts: tuple[Term, ...]) -> Term:
    match term.op, parts:
        case Op.AND, _:
            return FALSE if any([_is(p, False) for p in parts]) else conj(_distinct(parts))
        case Op.OR, _:
            return TRUE if any([_is(p, True) for p in parts]) else disj(_distinct(parts))
        case Op.NOT, (inner,):
            return _negated(inner)
        case Op.IMPLIES, (left, right):
            return _implication(left, right)
        case Op.ITE, (Lit(value=chosen), then, orelse):
            return then if chosen else orelse
        case (Op.LEN, (App(op=Op.STORE, args=(array, _, _)),)):
            return simplify(app(Op.LEN, array))
        case Op.SELECT, (App(op=Op.STORE) as changed, index):
            return _read(changed, index)
        case ((Op.LT | Op.LE | Op.GT | Op.GE | Op.EQ | Op.NE), (left, right)):
            return _comparison(rebuild(term, parts), left, right)
        case ((Op.ADD | Op.SUB | Op.MUL | Op.NEG), _) if term.sort == INT:
            return _arithmetic(rebuild(term, parts), parts)
        case _:
            return rebuild(term, parts)


def _is(term: Term, value: bool) -> bool:
    return isinstance(term, Lit) and term.value is value


def _alike(left: Term, right: Term) -> bool:
    return left is right or (left.size == right.size <= _SMALL and structure(left) == structure(right))


def _distinct(parts: Sequence[Term]) -> list[Term]:
    """Without what has been said already."""
    kept: list[Term] = []
    seen: set[tuple[object, ...]] = set()
    for part in parts:
        if part.size <= _SMALL:
            key = structure(part)
            if key in seen:
                continue
            seen.add(key)
        kept.append(part)
    return kept


_OPPOSITE = {Op.LT: Op.GE, Op.LE: Op.GT, Op.GT: Op.LE, Op.GE: Op.LT, Op.EQ: Op.NE, Op.NE: Op.EQ}


def _negated(inner: Term) -> Term:
    if isinstance(inner, App) and inner.op in _OPPOSITE:
        return app(_OPPOSITE[inner.op], *inner.args)
    return neg(inner)


def _implication(left: Term, right: Term) -> Term:
    if _is(left, False) or _is(right, True) or _alike(left, right):
        return TRUE
    if _is(left, True):
        return right
    if _is(right, False):
        return _negated(left)
    if isinstance(right, App) and right.op is Op.IMPLIES:
        both = _distinct([*_conjuncts(left), *_conjuncts(right.args[0])])
        return TRUE if _contradictory(both) else app(Op.IMPLIES, conj(both), right.args[1])
    return app(Op.IMPLIES, left, right)


def _contradictory(parts: Sequence[Term]) -> bool:
    """Does one of them say the opposite of another?"""
    small = [p for p in parts if p.size <= _SMALL]
    said = {structure(p) for p in small}
    return any([structure(_negated(p)) in said for p in small])


def _conjuncts(term: Term) -> tuple[Term, ...]:
    return term.args if isinstance(term, App) and term.op is Op.AND else (term,)


def _read(changed: App, index: Term) -> Term:
    array, place, value = changed.args
    if _alike(place, index):
        return value
    if isinstance(place, Lit) and isinstance(index, Lit):
        return simplify(app(Op.SELECT, array, index))
    return app(Op.SELECT, changed, index)


def _comparison(term: Term, left: Term, right: Term) -> Term:
    assert isinstance(term, App)
    if isinstance(left, Lit) and isinstance(right, Lit):
        return TRUE if _holds(term.op, int(left.value), int(right.value)) else FALSE
    if _alike(left, right):
        return TRUE if term.op in (Op.LE, Op.GE, Op.EQ) else FALSE
    return term


def _holds(op: Op, left: int, right: int) -> bool:
    match op:
        case Op.LT:
            return left < right
        case Op.LE:
            return left <= right
        case Op.GT:
            return left > right
        case Op.GE:
            return left >= right
        case Op.EQ:
            return left == right
        case _:
            return left != right


def _arithmetic(term: Term, parts: tuple[Term, ...]) -> Term:
    assert isinstance(term, App)
    match term.op, parts:
        case Op.NEG, (Lit(value=int(value)),):
            return num(-value)
        case Op.SUB, (left, Lit(value=int(value))):
            return _sum([left], -value)
        case Op.SUB, (left, right) if _alike(left, right):
            return num(0)
        case Op.ADD, _:
            return _sum(parts, 0)
        case Op.MUL, _:
            return _product(term, parts)
        case _:
            return term


def _sum(parts: Sequence[Term], constant: int) -> Term:
    """Constants are added up and put last: `x + 1 + 1` is `x + 2`, `x + 1 - 1` is x."""
    kept: list[Term] = []
    stack = list(reversed(parts))
    while stack:
        part = stack.pop()
        match part:
            case Lit(value=int(value)):
                constant += value
            case App(op=Op.ADD, args=args, sort=sort) if not isinstance(sort, Machine):
                stack.extend(reversed(args))
            case App(op=Op.SUB, args=(left, Lit(value=int(value))), sort=sort) if not isinstance(sort, Machine):
                constant -= value
                stack.append(left)
            case _:
                kept.append(part)
    if not kept:
        return num(constant)
    total = kept[0] if len(kept) == 1 else app(Op.ADD, *kept)
    if constant < 0:
        return app(Op.SUB, total, num(-constant))
    return app(Op.ADD, *kept, num(constant)) if constant else total


def _product(term: App, parts: tuple[Term, ...]) -> Term:
    if any([isinstance(p, Lit) and p.value == 0 for p in parts]):
        return num(0)
    kept = [p for p in parts if not (isinstance(p, Lit) and p.value == 1)]
    if len(kept) == len(parts):
        return _product_of_constants(term, parts)
    return kept[0] if len(kept) == 1 else app(Op.MUL, *kept) if kept else num(1)


def _product_of_constants(term: App, parts: tuple[Term, ...]) -> Term:
    match parts:
        case (Lit(value=int(left)), Lit(value=int(right))):
            return num(left * right)
        case _:
            return term
