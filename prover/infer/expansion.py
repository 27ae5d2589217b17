"""Terms as sums of products: polynomials in what is neither a sum nor a product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from prover.infer.linear import Linear, is_linear, linear
from prover.infer.polynomial import Monomial
from prover.infer.work import TooMuch, Work
from prover.kernel.term import App, Lit, Op, Term, app, num, structure, substitute

MOST_WORK = 4_000

Polynomial = dict[Monomial, Fraction]
"""Products of atoms, by their numbers, with coefficients."""


class Atoms:
    """What polynomials are made of: variables, and terms that are neither sums nor products, numbered as they are met.

    work: spent on each summand that is made."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.terms: list[Term] = []
        self._numbers: dict[object, int] = {}

    def number(self, term: Term) -> int:
        key = structure(term)
        if key not in self._numbers:
            self._numbers[key] = len(self.terms)
            self.terms.append(term)
        return self._numbers[key]

    def polynomial(self, term: Term, values: Mapping[str, Term]) -> Polynomial:
        """The term after a round with these values.  Raises TooMuch."""
        match term:
            case Lit(value=int(value)):
                return {(): Fraction(value)} if value else {}
            case App(op=Op.ADD | Op.SUB as op, args=(first, *rest)):
                found = dict(self.polynomial(first, values))
                for other in rest:
                    self._add(found, self.polynomial(other, values), 1 if op is Op.ADD else -1)
                return {m: c for m, c in found.items() if c}
            case App(op=Op.NEG, args=(inner,)):
                return plus({}, self.polynomial(inner, values), -1)
            case App(op=Op.MUL, args=(first, *rest)):
                found = self.polynomial(first, values)
                for other in rest:
                    factor = self.polynomial(other, values)
                    self._work.spend(len(found) * len(factor))
                    found = times(found, factor)
                return found
            case _:
                after = substitute(term, values)
                return self.polynomial(after, {}) if after is not term else {(self.number(term),): Fraction(1)}

    def _add(self, found: Polynomial, more: Polynomial, sign: int) -> None:
        self._work.spend(len(more))
        for monomial, count in more.items():
            found[monomial] = found.get(monomial, Fraction(0)) + sign * count

    def product(self, monomial: Monomial) -> Term:
        """The same term for the same factors.  They must not be none."""
        factors = sorted([self.terms[i] for i in monomial], key=lambda t: repr(structure(t)))
        return _product(factors)

    def term(self, polynomial: Polynomial) -> Term:
        """As a person writes it.  The coefficients must be integers."""
        found: Term | None = None
        for monomial, count in sorted(polynomial.items(), key=lambda item: (item[1] < 0, -len(item[0]), item[0])):
            factors = [self.terms[i] for i in monomial]
            part = _product([*([num(int(abs(count)))] if abs(count) != 1 or not factors else []), *factors])
            if found is None:
                found = part if count > 0 else app(Op.NEG, part)
            else:
                found = app(Op.ADD if count > 0 else Op.SUB, found, part)
        return num(0) if found is None else found


def _product(factors: Sequence[Term]) -> Term:
    return factors[0] if len(factors) == 1 else app(Op.MUL, *factors)


def plus(left: Polynomial, right: Polynomial, factor: int | Fraction) -> Polynomial:
    """left + factor * right."""
    found = dict(left)
    for monomial, count in right.items():
        found[monomial] = found.get(monomial, Fraction(0)) + factor * count
    return {m: c for m, c in found.items() if c}


def times(left: Polynomial, right: Polynomial) -> Polynomial:
    found: Polynomial = {}
    for a, m in left.items():
        for b, n in right.items():
            key = tuple(sorted((*a, *b)))
            found[key] = found.get(key, Fraction(0)) + m * n
    return {m: c for m, c in found.items() if c}


def expanded(term: Term) -> Linear:
    """As `linear`, with products of sums multiplied out."""
    if is_linear(term):
        return linear(term)
    atoms = Atoms(Work(MOST_WORK))
    try:
        polynomial = atoms.polynomial(term, {})
    except TooMuch:
        return linear(term)
    products = [(atoms.product(m), int(c)) for m, c in polynomial.items() if m]
    return Linear({structure(p): (p, c) for p, c in products}, int(polynomial.get((), 0)))
