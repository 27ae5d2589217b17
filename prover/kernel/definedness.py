"""Definedness as a formula: true where evaluating a term fails nowhere.

The same rules as `defined` turns into goals, for the places that need one formula: recurrent sets, where definedness stands
under quantifiers over choices.
"""

from __future__ import annotations

from prover.kernel.program import Function, Program
from prover.kernel.sort import Array, Machine, Nat, Sort
from prover.kernel.term import (
    ARITHMETIC,
    TRUE,
    App,
    At,
    Call,
    Let,
    Lit,
    Op,
    Quant,
    Term,
    app,
    children,
    conj,
    eq,
    implies,
    let,
    neg,
    num,
    quant,
    substitute,
)


def defined(term: Term, program: Program) -> Term:
    match term:
        case App(op=Op.AND | Op.OR, args=args):
            return _guarded(args, term.op is Op.AND, program)
        case App(op=Op.IMPLIES, args=(left, right)):
            return conj([defined(left, program), _under(left, defined(right, program))])
        case App(op=Op.ITE, args=(condition, then, orelse)):
            branches = [_under(condition, defined(then, program)), _under(neg(condition), defined(orelse, program))]
            return conj([defined(condition, program), *branches])
        case Quant(variables=variables, body=body):
            inner = defined(body, program)
            return TRUE if inner is TRUE else quant(True, variables, inner)
        case Let(variable=variable, value=value, body=body):
            inner = defined(body, program)
            stored = _stored(value, variable.sort)
            return conj([defined(value, program), stored, TRUE if inner is TRUE else let(variable, value, inner)])
        case At(label=label, body=body):
            inner = defined(body, program)
            return TRUE if inner is TRUE else At(label, inner, term.span, inner.size + 1)
        case _:
            return conj([*[defined(c, program) for c in children(term)], *_operation(term, program)])


def _under(guard: Term, formula: Term) -> Term:
    return TRUE if formula is TRUE else implies(guard, formula)


def _guarded(parts: tuple[Term, ...], positive: bool, program: Program) -> Term:
    found: Term = TRUE
    for part in reversed(parts):
        found = conj([defined(part, program), _under(part if positive else neg(part), found)])
    return found


def _operation(term: Term, program: Program) -> list[Term]:
    match term:
        case App(op=Op.DIV | Op.MOD, args=(_, divisor)) if not (isinstance(divisor, Lit) and divisor.value != 0):
            return [app(Op.NE, divisor, num(0, divisor.sort)), *_overflow(term)]
        case App(op=Op.SELECT, args=(array, index)):
            return [app(Op.AND, app(Op.LE, num(0), index), app(Op.LT, index, app(Op.LEN, array)))]
        case App(op=Op.FILL, args=(length, element), sort=Array(element=sort)):
            return [app(Op.GE, length, num(0)), _stored(element, sort)]
        case App(op=Op.LITERAL, args=elements, sort=Array(element=sort)):
            return [_stored(e, sort) for e in elements]
        case App(op=Op.CONVERT, args=(value,), sort=Machine() as sort):
            return [_within(app(Op.VALUE, value), sort)]
        case App():
            return _overflow(term)
        case Call():
            return _call(term, program)
        case _:
            return []


def _overflow(term: App) -> list[Term]:
    sort = term.sort
    if term.op not in ARITHMETIC or not isinstance(sort, Machine) or not sort.signed or term.op is Op.MOD:
        return []
    args = [app(Op.VALUE, a) for a in term.args]
    if term.op is Op.DIV:
        return [neg(app(Op.AND, eq(args[0], num(sort.low)), eq(args[1], num(-1))))]
    counts = range(min(2, len(args)), len(args) + 1)
    return [_within(app(term.op, *args[:count]), sort) for count in counts]


def _call(term: Call, program: Program) -> list[Term]:
    unit = program.units.get(term.function)
    if not isinstance(unit, Function):
        return []
    fits = [_stored(a, p.sort) for p, a in zip(unit.parameters, term.args, strict=True)]
    mapping = {p.name: a for p, a in zip(unit.parameters, term.args, strict=True)}
    return [*fits, *[substitute(c.formula, mapping) for c in unit.requires]]


def _stored(value: Term, sort: Sort) -> Term:
    return app(Op.GE, value, num(0)) if isinstance(sort, Nat) and not isinstance(value.sort, Nat) else TRUE


def _within(number: Term, sort: Machine) -> Term:
    return app(Op.AND, app(Op.LE, num(sort.low), number), app(Op.LE, number, num(sort.high)))
