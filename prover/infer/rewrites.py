"""Formulas with some of their terms replaced by others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from itertools import count

from prover.kernel.program import Function, Program
from prover.kernel.sort import Array, Bool, is_integer
from prover.kernel.term import (
    App,
    At,
    Call,
    Lit,
    Op,
    Quant,
    Term,
    Var,
    app,
    children,
    conj,
    free_variables,
    implies,
    num,
    quant,
    rebuild,
    structure,
    substitute,
    walk,
)

Structure = tuple[object, ...]

MOST_UNFOLDINGS = 3


def replaced(term: Term, by: Mapping[Structure, Term]) -> Term:
    """With what stands for each term of a structure in `by`; earlier states are left as they are."""
    found = by.get(structure(term)) if not isinstance(term, Quant) else None
    if found is not None:
        return found
    if isinstance(term, At) or not children(term):
        return term
    return rebuild(term, tuple([replaced(c, by) for c in children(term)]))


def fixed_terms(formula: Term) -> list[Term]:
    """The integer terms in a formula that a loop variable may stand for: variables, numbers, lengths, entry values."""
    found: dict[Structure, Term] = {}
    _collect(formula, frozenset(), found)
    return list(found.values())


def _collect(term: Term, bound: frozenset[str], found: dict[Structure, Term]) -> None:
    match term:
        case Quant():
            _collect(term.body, bound | {v.name for v in term.variables}, found)
        case Var() | Lit() | App(op=Op.LEN) | At() if is_integer(term.sort) and bound.isdisjoint(free_variables(term)):
            found[structure(term)] = term
        case At():
            pass
        case _:
            for child in children(term):
                _collect(child, bound, found)


def calls(term: Term) -> Iterator[Call]:
    """Calls of functions outside of quantifiers."""
    match term:
        case Quant():
            return
        case Call():
            yield term
        case _:
            pass
    for child in children(term):
        yield from calls(child)


def has_quantifier(term: Term) -> bool:
    return any(isinstance(node, Quant) for node in walk(term))


def element_wise(formula: Term, place: Var) -> Term:
    """With equalities of arrays as what they say of the elements of the first."""
    match formula:
        case App(op=Op.EQ, args=(left, right)) if isinstance(left.sort, Array):
            within = conj([app(Op.LE, num(0), place), app(Op.LT, place, app(Op.LEN, left))])
            return quant(True, (place,), implies(within, app(Op.EQ, app(Op.SELECT, left, place), app(Op.SELECT, right, place))))
        case App(op=Op.AND | Op.OR | Op.NOT | Op.IMPLIES | Op.IFF):
            return rebuild(formula, tuple([element_wise(a, place) for a in formula.args]))
        case _:
            return formula


def renamed(formula: Term, taken: Set[str]) -> Term:
    """With other names for bound variables that are called as something in `taken`."""
    match formula:
        case Quant(universal=universal, variables=variables):
            inside = {node.name for node in walk(formula.body) if isinstance(node, Var)}
            fresh = (n for n in _names() if n not in taken and n not in inside)
            others = tuple([Var(next(fresh), v.sort) if v.name in taken else v for v in variables])
            body = substitute(formula.body, {v.name: o for v, o in zip(variables, others, strict=True) if o is not v})
            return quant(universal, others, renamed(body, taken))
        case _ if children(formula) and not isinstance(formula, At):
            return rebuild(formula, tuple([renamed(c, taken) for c in children(formula)]))
        case _:
            return formula


def _names() -> Iterator[str]:
    yield from "pqkjlmuvwz"
    yield from (f"p{number}" for number in count())


def unfolded(formula: Term, program: Program, depth: int = MOST_UNFOLDINGS) -> Term:
    """With predicates that do not call themselves as what they stand for."""
    match formula:
        case Call(function=name, args=args) if isinstance(formula.sort, Bool) and depth:
            match program.units.get(name):
                case Function(variant=None, body=body, parameters=parameters) if body is not None:
                    meaning = {p.name: a for p, a in zip(parameters, args, strict=True)}
                    return unfolded(substitute(body, meaning), program, depth - 1)
                case _:
                    return formula
        case Quant():
            return quant(formula.universal, formula.variables, unfolded(formula.body, program, depth))
        case App(op=Op.AND | Op.OR | Op.NOT | Op.IMPLIES | Op.IFF):
            return rebuild(formula, tuple([unfolded(a, program, depth) for a in formula.args]))
        case _:
            return formula


Conditions = Callable[[Var], Iterable[tuple[Term, ...]]]
"""Conditions on a bound variable, in addition to those that there are."""


def narrowed(formula: Term, conditions: Conditions) -> Iterator[Term]:
    """With what one `forall` in it says said only where in addition one of the conditions holds."""
    match formula:
        case Quant(universal=True, variables=variables, body=body):
            guard, said = body.args if isinstance(body, App) and body.op is Op.IMPLIES else (None, body)
            known = [] if guard is None else [guard]
            for variable in variables:
                for more in conditions(variable) if is_integer(variable.sort) else ():
                    yield quant(True, variables, implies(conj([*known, *more]), said))
            for less in narrowed(said, conditions):
                yield quant(True, variables, less if guard is None else implies(guard, less))
        case App(op=Op.AND | Op.OR | Op.NOT | Op.IMPLIES | Op.IFF, args=args):
            for number, part in enumerate(args):
                for less in narrowed(part, conditions):
                    yield rebuild(formula, (*args[:number], less, *args[number + 1 :]))
        case _:
            return
