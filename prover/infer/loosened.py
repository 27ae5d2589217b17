"""Facts with unknown numbers in place of products, quotients and remainders of variables, and with what is linear of these.

The solver decides what is left; what it says of it holds of the facts themselves, too, as these say more.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field

from prover.kernel.goal import Defines, Fact, Holds, Joins, Origin, Path, extend, nodes
from prover.kernel.sort import Int, Nat
from prover.kernel.term import (
    App,
    At,
    Lit,
    Op,
    Quant,
    Term,
    Var,
    app,
    children,
    conj,
    disj,
    implies,
    neg,
    num,
    rebuild,
    structure,
)

DIVISIONS = frozenset((Op.DIV, Op.MOD))
PRODUCTS = frozenset((Op.MUL, *DIVISIONS))


def loosened(
    facts: Sequence[Fact], terms: Sequence[Term], unknown: Set[Op] = PRODUCTS
) -> tuple[tuple[Fact, ...], tuple[Term, ...]]:
    """The same facts and terms, linear in what is `unknown`."""
    loosening = _Loosening(unknown)
    made = tuple([loosening.fact(f) for f in facts]), tuple([loosening.term(t) for t in terms])
    return (*made[0], *[Holds(f, Origin.VALUE, None) for f in loosening.linear]), made[1]


@dataclass(slots=True)
class _Loosening:
    unknown: Set[Op]
    linear: list[Term] = field(default_factory=list)
    _unknown: dict[object, Var] = field(default_factory=dict)

    def fact(self, fact: Fact) -> Fact:
        match fact:
            case Holds(formula=formula):
                made = self.term(formula)
                return fact if made is formula else Holds(made, fact.origin, fact.span, fact.label)
            case Defines(term=term):
                made = self.term(term)
                return fact if made is term else Defines(fact.variable, made, fact.span)
            case Joins():
                return self._joins(fact)

    def _joins(self, fact: Joins) -> Joins:
        """Each branch as a path of its own: what it has in common with others is known anyway."""
        branches = []
        changed = False
        for path, values in fact.branches:
            held = [n.fact for n in nodes(path, fact.base)]
            kept, given = [self.fact(f) for f in held], [self.fact(v) for v in values]
            changed |= any(a is not b for a, b in zip((*kept, *given), (*held, *values), strict=True))
            branches.append((_path(kept), tuple([v for v in given if isinstance(v, Defines)])))
        return Joins(None, tuple(branches), fact.span) if changed else fact

    def term(self, term: Term) -> Term:
        if isinstance(term, Quant | At) or not children(term):
            return term
        parts = tuple([self.term(c) for c in children(term)])
        made = term if all(a is b for a, b in zip(parts, children(term), strict=True)) else rebuild(term, parts)
        return self._number(made) if isinstance(made, App) and self._is_unknown(made) else made

    def _is_unknown(self, term: App) -> bool:
        if term.op not in self.unknown or not isinstance(term.sort, Int | Nat):
            return False
        variable = [a for a in term.args if not isinstance(a, Lit)]
        return len(variable) > 1 if term.op is Op.MUL else not isinstance(term.args[1], Lit)

    def _number(self, term: App) -> Term:
        if term.op is Op.MUL:
            first, *rest = sorted(term.args, key=lambda a: isinstance(a, Lit))  # numbers last: these are factors
            for factor in rest:
                first = app(Op.MUL, factor, first) if isinstance(factor, Lit) else self._named(app(Op.MUL, first, factor))
            return first
        return self._named(term)

    def _named(self, term: Term) -> Var:
        assert isinstance(term, App)
        found = self._unknown.get(structure(term))
        if found is None:
            found = self._unknown[structure(term)] = Var(f"unknown {len(self._unknown)}", term.sort)
            self.linear += _known(term.op, found, *term.args)
        return found


def _path(facts: Sequence[Fact]) -> Path | None:
    path: Path | None = None
    for fact in facts:
        path = extend(path, fact)
    return path


def _known(op: Op, result: Term, left: Term, right: Term) -> list[Term]:
    """What is linear of `result = left op right`; division is Euclid's."""
    match op:
        case Op.MUL:
            return _of_product(result, left, right)
        case Op.MOD:
            small = conj([_least(result, 0), disj([app(Op.LT, result, right), app(Op.LT, result, app(Op.NEG, right))])])
            return [
                implies(app(Op.NE, right, num(0)), small),
                implies(_least(left, 0), app(Op.LE, result, left)),
            ]
        case _:
            known = conj([_least(left, 0), _least(right, 1)])
            return [
                implies(app(Op.EQ, right, num(1)), app(Op.EQ, result, left)),
                implies(known, conj([_least(result, 0), app(Op.LE, result, left)])),
                implies(conj([_least(left, 1), _least(right, 2)]), app(Op.LT, result, left)),
                implies(conj([known, app(Op.LE, right, left)]), _least(result, 1)),
                implies(conj([known, app(Op.LT, left, right)]), app(Op.EQ, result, num(0))),
                implies(conj([neg(_least(left, 0)), _least(right, 1)]), conj([app(Op.LE, left, result), neg(_least(result, 0))])),
            ]


def _of_product(result: Term, left: Term, right: Term) -> list[Term]:
    """Where a or b is 0, so is a * b; else |a * b| >= |a| + |b| - 1, with the sign that it has."""
    found = [implies(app(Op.EQ, a, num(0)), app(Op.EQ, result, num(0))) for a in (left, right)]
    for a, a_is in _signs(left):
        for b, b_is in _signs(right):
            size = result if (a is left) is (b is right) else app(Op.NEG, result)
            found.append(implies(conj([a_is, b_is]), app(Op.GE, size, app(Op.SUB, app(Op.ADD, a, b), num(1)))))
    return found


def _signs(term: Term) -> tuple[tuple[Term, Term], tuple[Term, Term]]:
    """The size of the term where it is positive, and where it is negative, and when that is."""
    opposite = app(Op.NEG, term)
    return (term, _least(term, 1)), (opposite, _least(opposite, 1))


def _least(term: Term, number: int) -> Term:
    return app(Op.GE, term, num(number))
