"""Constant folding: arithmetic and comparisons of numerals, and choices that they decide.

Used on instances of recursive equations, so that `fact(5)` unfolds to numbers and stops where the recursion stops.  Every rule
is an equation of the language's arithmetic on `int`; anything else is left alone.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

from prover.kernel.sort import BOOL, is_integer
from prover.kernel.term import App, Lit, Op, Term, children, conj, disj, num, rebuild

_COMPARE: dict[Op, Callable[[int, int], bool]] = {
    Op.LT: operator.lt, Op.LE: operator.le, Op.GT: operator.gt, Op.GE: operator.ge, Op.EQ: operator.eq, Op.NE: operator.ne,
}  # fmt: skip


def fold(term: Term) -> Term:
    folded = rebuild(term, tuple([fold(c) for c in children(term)]))
    return _step(folded) if isinstance(folded, App) else folded


def _step(term: App) -> Term:
    match term.op, term.args:
        case Op.ITE, (Lit(value=bool() as value), then, orelse):
            return then if value else orelse
        case Op.NOT, (Lit(value=bool() as value),):
            return Lit(not value, BOOL)
        case Op.AND, args if any(isinstance(a, Lit) for a in args):
            return Lit(False, BOOL) if any(isinstance(a, Lit) and a.value is False for a in args) else conj(args)
        case Op.OR, args if any(isinstance(a, Lit) for a in args):
            return Lit(True, BOOL) if any(isinstance(a, Lit) and a.value is True for a in args) else disj(args)
        case _, args if all(isinstance(a, Lit) and is_integer(a.sort) for a in args):
            return _numerals(term, [int(a.value) for a in args if isinstance(a, Lit)])
        case _:
            return term


def _numerals(term: App, values: list[int]) -> Term:
    if term.op in _COMPARE:
        return Lit(_COMPARE[term.op](values[0], values[1]), BOOL)
    if any(abs(v) > 1 << 64 for v in values):
        return term
    match term.op:
        case Op.ADD:
            return num(sum(values))
        case Op.SUB:
            return num(values[0] - values[1])
        case Op.NEG:
            return num(-values[0])
        case Op.MUL if len(values) == 2:
            return num(values[0] * values[1])
        case Op.DIV if values[1] > 0:
            return num(values[0] // values[1])
        case Op.MOD if values[1] > 0:
            return num(values[0] % values[1])
    return term
