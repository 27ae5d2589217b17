"""Formulas with some of their terms replaced by others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prover.kernel.sort import Array, is_integer
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
    walk,
)

Structure = tuple[object, ...]


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
