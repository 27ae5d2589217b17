"""When a term has a value: the condition that each operation in it is given what it can work on.

`and`, `or`, `==>` and `if` guard from left to right (McCarthy's connectives).  Written apart from the kernel's definedness, so
that one can be tested with the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import assert_never

from prover.kernel.program import Clause, Function, Program
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
    Var,
    app,
    at,
    conj,
    implies,
    let,
    neg,
    num,
    quant,
    substitute,
)


def defined(term: Term, program: Program) -> Term:
    """The condition under which `term` has a value; TRUE if it always has.  Recursion's variants are not looked at."""
    match term:
        case Lit() | Var():
            return TRUE
        case App():
            return _application(term, program)
        case Call():
            return conj([*[defined(a, program) for a in term.args], _call(term, program)])
        case Quant():
            body = defined(term.body, program)
            return TRUE if body is TRUE else quant(True, term.variables, body)
        case Let(variable=variable, value=value, body=body):
            inner = defined(body, program)
            rest = TRUE if inner is TRUE else let(variable, value, inner)
            return conj([defined(value, program), fits(value, variable.sort), rest])
        case At(label=label, body=body):
            inner = defined(body, program)
            return TRUE if inner is TRUE else at(label, inner)
        case _:
            assert_never(term)


def _application(term: App, program: Program) -> Term:
    match term.op, term.args:
        case Op.AND, parts:
            return _guarded(parts, program, positive=True)
        case Op.OR, parts:
            return _guarded(parts, program, positive=False)
        case Op.IMPLIES, (left, right):
            return conj([defined(left, program), _under(left, defined(right, program))])
        case Op.ITE, (test, then, orelse):
            yes, no = _under(test, defined(then, program)), _under(neg(test), defined(orelse, program))
            return conj([defined(test, program), yes, no])
        case _:
            return conj([*[defined(a, program) for a in term.args], _operation(term)])


def _under(guard: Term, condition: Term) -> Term:
    return TRUE if condition is TRUE else implies(guard, condition)


def _guarded(parts: Sequence[Term], program: Program, *, positive: bool) -> Term:
    result: Term = TRUE
    for part in reversed(parts):
        result = conj([defined(part, program), _under(part if positive else neg(part), result)])
    return result


def clauses_defined(clauses: Iterable[Clause], program: Program) -> Term:
    """Each clause may rely on those before it."""
    return _guarded([c.formula for c in clauses], program, positive=True)


def fits(value: Term, sort: Sort) -> Term:
    """The obligation of putting `value` where `sort` is expected."""
    free = not isinstance(sort, Nat) or isinstance(value.sort, Nat) or (isinstance(value, Lit) and value.value >= 0)
    return TRUE if free else app(Op.LE, num(0), value)


def within(array: Term, index: Term) -> Term:
    return conj([app(Op.LE, num(0), index), app(Op.LT, index, app(Op.LEN, array))])


def _operation(term: App) -> Term:
    match term:
        case App(op=Op.DIV | Op.MOD, args=(dividend, divisor)):
            nonzero = TRUE if isinstance(divisor, Lit) and divisor.value != 0 else app(Op.NE, divisor, num(0, divisor.sort))
            return conj([nonzero, _exact(dividend, divisor, term.sort) if term.op is Op.DIV else TRUE])
        case App(op=Op.SELECT, args=(array, index)):
            return within(array, index)
        case App(op=Op.FILL, args=(length, element), sort=Array(element=sort)):
            return conj([app(Op.LE, num(0), length), fits(element, sort)])
        case App(op=Op.LITERAL, args=elements, sort=Array(element=sort)):
            return conj([fits(e, sort) for e in elements])
        case App(op=Op.CONVERT, args=(value,), sort=Machine() as sort):
            return _in_range(app(Op.VALUE, value), sort)
        case App(sort=Machine() as sort) if sort.signed and term.op in ARITHMETIC:
            return _no_overflow(term, sort)
        case _:
            return TRUE


def _exact(dividend: Term, divisor: Term, sort: Sort) -> Term:
    """MIN / -1 is the one quotient that does not fit."""
    if not (isinstance(sort, Machine) and sort.signed):
        return TRUE
    lowest, minus_one = num(sort.low, sort), num(-1, sort)
    return neg(conj([app(Op.EQ, dividend, lowest), app(Op.EQ, divisor, minus_one)]))


def _in_range(number: Term, sort: Machine) -> Term:
    return conj([app(Op.LE, num(sort.low), number), app(Op.LE, number, num(sort.high))])


def _no_overflow(term: App, sort: Machine) -> Term:
    numbers = [app(Op.VALUE, a) for a in term.args]
    if term.op is Op.NEG:
        return _in_range(app(Op.NEG, numbers[0]), sort)
    if term.op not in (Op.ADD, Op.SUB, Op.MUL):
        return TRUE
    parts: list[Term] = []
    result: Term = numbers[0]
    for number in numbers[1:]:
        result = app(term.op, result, number)
        parts.append(_in_range(result, sort))
    return conj(parts)


def _call(term: Call, program: Program) -> Term:
    function = program.units.get(term.function)
    if not isinstance(function, Function):
        return TRUE
    pairs = list(zip(function.parameters, term.args, strict=True))
    arguments = {p.name: a for p, a in pairs}
    ranges = [fits(a, p.sort) for p, a in pairs]
    return conj([*ranges, *[substitute(c.formula, arguments) for c in function.requires]])
