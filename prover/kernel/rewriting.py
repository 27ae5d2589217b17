"""One term in place of another inside a third."""

from __future__ import annotations

from prover.kernel.term import Let, Quant, Term, children, free_variables, rebuild, structure


def replaced(term: Term, old: Term, new: Term) -> Term:
    """`term` with every occurrence of `old` as `new`, except under binders that either mentions; `term` itself if there is none."""
    return _inside(term, structure(old), new, {**free_variables(old), **free_variables(new)}.keys() | set())


def _inside(term: Term, key: tuple[object, ...], new: Term, names: set[str]) -> Term:
    if structure(term) == key:
        return new
    match term:
        case Quant(variables=variables) if any(v.name in names for v in variables):
            return term
        case Let(variable=variable) if variable.name in names:
            return term
        case _:
            return rebuild(term, tuple([_inside(c, key, new, names) for c in children(term)]))
