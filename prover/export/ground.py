"""Formulas without quantifiers for z3, in the logic that Rocq's `lia` decides: linear integer arithmetic.

A product of unknowns is an unknown of its own, division too, so that what z3 finds here is a proof that `lia` finds as well.
Applications (elements of arrays, recursive functions) are z3's, or with `apart` unknowns of their own too.
"""

from __future__ import annotations

from collections.abc import Mapping

from prover.kernel.sort import Array, Bool, Sort
from prover.kernel.term import App, Call, Lit, Op, Term, Var, app, num

Polynomial = dict[tuple[str, ...], int]
_CONNECTIVES = {Op.AND: "and", Op.OR: "or", Op.IMPLIES: "=>", Op.IFF: "=", Op.NOT: "not", Op.ITE: "ite"}
_COMPARE = {Op.LT: "<", Op.LE: "<=", Op.GT: ">", Op.GE: ">=", Op.EQ: "="}


def polynomial_sum(a: Polynomial, b: Polynomial, factor: int = 1) -> Polynomial:
    result = dict(a)
    for monomial, coefficient in b.items():
        value = result.get(monomial, 0) + factor * coefficient
        if value:
            result[monomial] = value
        else:
            result.pop(monomial, None)
    return result


def polynomial_product(a: Polynomial, b: Polynomial) -> Polynomial:
    result: Polynomial = {}
    for m, c in a.items():
        for n, d in b.items():
            result = polynomial_sum(result, {tuple(sorted((*m, *n))): c * d})
    return result


class Ground:
    """atoms: each application met, by its canonical text (equal up to arithmetic in its arguments)."""

    def __init__(self, apart: bool = False) -> None:
        self.apart = apart
        self.atoms: dict[str, list[Term]] = {}
        self.variables: dict[str, Term] = {}
        self.nonlinear: dict[tuple[str, ...], str] = {}
        self._declared: dict[str, str] = {}
        self._known: dict[int, tuple[Term, str]] = {}
        self._names: dict[str, str] = {}

    def declarations(self) -> str:
        return "(declare-sort A 0)\n" + "\n".join(self._declared.values()) + "\n"

    def text(self, term: Term) -> str:
        known = self._known.get(id(term))
        if known is None:
            known = self._known[id(term)] = (term, self._text(term))
        return known[1]

    def _text(self, term: Term) -> str:
        match term:
            case Lit(value=bool(value)):
                return str(value).lower()
            case App(op=op, args=(a, b)) if op in _COMPARE and not isinstance(a.sort, Bool | Array):
                return self._compared(_COMPARE[op], polynomial_sum(self.polynomial(a), self.polynomial(b), -1))
            case App(op=op, args=args) if op in _CONNECTIVES and isinstance(term.sort, Bool):
                return f"({_CONNECTIVES[op]} {' '.join([self.text(a) for a in args])})"
            case App(op=Op.EQ, args=(a, b)):
                return f"(= {self.text(a)} {self.text(b)})"
            case _ if isinstance(term.sort, Bool | Array):
                return self.atom(term)
            case _:
                return _linear(self.polynomial(term), self._monomial)

    def _compared(self, sign: str, difference: Polynomial) -> str:
        return f"({sign} {_linear(difference, self._monomial)} 0)"

    def _monomial(self, monomial: tuple[str, ...]) -> str:
        if len(monomial) == 1:
            return self._names.get(monomial[0], monomial[0])
        if monomial not in self.nonlinear:
            self.nonlinear[monomial] = self._declare(f"product{len(self.nonlinear)}", "", "Int")
        return self.nonlinear[monomial]

    def polynomial(self, term: Term) -> Polynomial:
        match term:
            case Lit(value=value):
                return {(): int(value)} if value else {}
            case App(op=Op.ADD, args=args):
                total: Polynomial = {}
                for a in args:
                    total = polynomial_sum(total, self.polynomial(a))
                return total
            case App(op=Op.SUB, args=(a, b)):
                return polynomial_sum(self.polynomial(a), self.polynomial(b), -1)
            case App(op=Op.NEG, args=(a,)):
                return polynomial_sum({}, self.polynomial(a), -1)
            case App(op=Op.MUL, args=args):
                product: Polynomial = {(): 1}
                for a in args:
                    product = polynomial_product(product, self.polynomial(a))
                return product
            case _:
                return {(self.key(term),): 1}

    def key(self, term: Term) -> str:
        """The canonical text of what is no sum or product."""
        if isinstance(term, Var):
            self.variables[_quoted(term.name)] = term
            return self._declare(_quoted(term.name), "", _sort(term.sort))
        assert isinstance(term, App | Call)
        args = [self.text(a) for a in term.args]
        name = _quoted(term.function) if isinstance(term, Call) else self._operator(term)
        sorts = " ".join([_sort(a.sort) for a in term.args])
        text = f"({name} {' '.join(args)})" if args else name
        if text not in self.atoms:
            self.atoms[text] = []
            if self.apart:
                self._names[text] = self._declare(f"atom{len(self.atoms)}", "", _sort(term.sort))
            else:
                self._declare(name, sorts, _sort(term.sort))
        self.atoms[text].append(term)
        return text

    def term(self, polynomial: Polynomial) -> Term:
        """A polynomial as a term, constant last."""
        parts = []
        for monomial, coefficient in sorted(polynomial.items(), key=lambda p: (not p[0], p[1] < 0)):
            factors = [self.variables[m] if m in self.variables else self.atoms[m][0] for m in monomial]
            product = factors[0] if len(factors) == 1 else app(Op.MUL, *factors) if factors else num(abs(coefficient))
            parts.append(
                (coefficient, product if abs(coefficient) == 1 or not factors else app(Op.MUL, num(abs(coefficient)), product))
            )
        total: Term | None = None
        for coefficient, part in parts:
            if total is None:
                total = part if coefficient > 0 else num(coefficient) if isinstance(part, Lit) else app(Op.NEG, part)
            else:
                total = app(Op.ADD if coefficient > 0 else Op.SUB, total, part)
        return total or num(0)

    def atom(self, term: Term) -> str:
        text = self.key(term)
        return self._names.get(text, text)

    def _operator(self, term: App) -> str:
        shape = "_".join([_sort(a.sort)[0] for a in term.args])
        return f"{term.op.name.lower()}_{shape}_{_sort(term.sort)[0]}"

    def _declare(self, name: str, args: str, result: str) -> str:
        self._declared.setdefault(name, f"(declare-fun {name} ({args}) {result})")
        return name


def _quoted(name: str) -> str:
    return f"|{name}|"


def _sort(sort: Sort) -> str:
    return "A" if isinstance(sort, Array) else "Bool" if isinstance(sort, Bool) else "Int"


def _linear(polynomial: Polynomial, name: object) -> str:
    assert callable(name)
    parts = [_number(c) if not m else name(m) if c == 1 else f"(* {_number(c)} {name(m)})" for m, c in sorted(polynomial.items())]
    return parts[0] if len(parts) == 1 else f"(+ {' '.join(parts)})" if parts else "0"


def _number(value: int) -> str:
    return str(value) if value >= 0 else f"(- {-value})"


def query(ground: Ground, facts: Mapping[str, Term], refuted: Term, rlimit: int) -> str:
    """Which of the facts contradict `refuted`?"""
    stated = [f"(assert (! {ground.text(f)} :named {n}))" for n, f in facts.items()]
    stated.append(f"(assert {ground.text(refuted)})")
    options = "(set-option :produce-unsat-cores true)\n(set-option :smt.core.minimize true)\n"
    limit = f"(set-option :rlimit {rlimit})\n"
    return f"{options}{limit}{ground.declarations()}" + "\n".join(stated) + "\n(check-sat)\n(get-unsat-core)\n"
