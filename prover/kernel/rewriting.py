"""One term in place of another inside a third."""

from __future__ import annotations

from prover.kernel.term import Let, Quant, Term, children, free_variables, rebuild, structure


def replaced(term: Term, old: Term, new: Term) -> Term:
    """`term` with each `old` in it as `new`, except under binders of what either mentions; `term` itself if there is none."""
    names = frozenset(free_variables(old)) | frozenset(free_variables(new))
    return _inside(term, old.size, structure(old), new, names)


def _inside(term: Term, size: int, key: tuple[object, ...], new: Term, names: frozenset[str]) -> Term:
    if term.size == size and structure(term) == key:
        return new
    match term:
        case Quant(variables=variables) if any(v.name in names for v in variables):
            return term
        case Let(variable=variable) if variable.name in names:
            return term
        case _:
            return rebuild(term, tuple([_inside(c, size, key, new, names) for c in children(term)]))
