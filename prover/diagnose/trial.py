"""Small values that show formulas to be satisfiable, without a solver and without the interpreter.

The values: numbers from a short list, and for arrays those of one length whose elements are all zero (or false).  What these
do not show may still be so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from prover.kernel.fold import fold
from prover.kernel.sort import BOOL, Array, Bool, Int, Nat, Sort
from prover.kernel.term import FALSE, TRUE, App, Call, Lit, Op, Quant, Term, Var, children, free_variables, num, rebuild
from prover.kernel.theory import Theory

_NUMBERS = ((0,), (1,), (1, 2, 3, 4, 5, 6), (6, 5, 4, 3, 2, 1), (5, 6, 1), (10,), (-1,), (100, 10), (10, 100))
_LENGTHS = (0, 1, 4, 12)


def satisfiable(formulas: Sequence[Term], theory: Theory) -> bool:
    """Do a few small values show that all the formulas can hold?"""
    variables: dict[str, Var] = {}
    for formula in formulas:
        variables.update(free_variables(formula))
    arrays = any(isinstance(v.sort, Array) for v in variables.values())
    for length in _LENGTHS if arrays else (0,):
        for values in _values([v for v in variables.values() if not isinstance(v.sort, Array)]):
            if all(_certainly(_instance(f, values, length, theory), True) for f in formulas):
                return True
    return False


def _values(variables: Sequence[Var]) -> Iterator[dict[str, Term]]:
    for numbers in _NUMBERS:
        if min(numbers) >= 0 or all(isinstance(v.sort, Int | Bool) for v in variables):
            yield {v.name: _literal(v.sort, numbers[place % len(numbers)]) for place, v in enumerate(variables)}


def _literal(sort: Sort, value: int) -> Term:
    if isinstance(sort, Bool):
        return Lit(value > 1, BOOL)
    return num(value) if isinstance(sort, Int | Nat) else Lit(value, sort)


def _instance(term: Term, values: Mapping[str, Term], length: int, theory: Theory) -> Term:
    """The term with the values put in; functions that are no recursion are replaced by their bodies."""
    match term:
        case Var():
            return values.get(term.name, term)
        case App(op=Op.LEN, args=(Var() | App(op=Op.SELECT),)):
            return num(length)
        case App(op=Op.SELECT) if not isinstance(term.sort, Array):
            return _literal(term.sort, 0)
        case App(op=Op.PERM):
            return TRUE
        case App(op=Op.EQ, args=(left, _)) if isinstance(left.sort, Array):
            return TRUE
        case App(op=Op.NE, args=(left, _)) if isinstance(left.sort, Array):
            return FALSE
        case Call(function=name) if name in theory.functions and name not in theory.recursive:
            body = theory.equation(term)
            return term if body is None else _instance(body, values, length, theory)
        case _:
            return rebuild(term, tuple([_instance(c, values, length, theory) for c in children(term)]))


def _certainly(formula: Term, wanted: bool) -> bool:
    """Is the formula certainly as wanted, whatever its variables are?"""
    match formula:
        case App(op=Op.AND | Op.OR, args=args):
            every = (formula.op is Op.AND) == wanted
            return all(_certainly(a, wanted) for a in args) if every else any(_certainly(a, wanted) for a in args)
        case App(op=Op.IMPLIES, args=(left, right)):
            if wanted:
                return _certainly(left, False) or _certainly(right, True)
            return _certainly(left, True) and _certainly(right, False)
        case App(op=Op.NOT, args=(inner,)):
            return _certainly(inner, not wanted)
        case Quant(body=body):
            return _certainly(body, wanted)
        case _:
            folded = fold(formula)
            return isinstance(folded, Lit) and folded.value is wanted
