"""Laws of multiplication that a proof may need: the logic in which it is sought takes a product for an unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations, combinations_with_replacement, islice

from prover.export.ground import Ground, Polynomial
from prover.export.instances import Fact
from prover.kernel.sort import Int
from prover.kernel.term import App, Op, Term, app, eq, implies, neg, num, walk

MOST_PRODUCTS = 300
MULTIPLY = "let E := fresh in intro E; match goal with |- ?r * _ = _ => exact (f_equal (Z.mul r) E) end"


def products(formulas: Sequence[Term], goal: Term) -> Iterator[Fact]:
    """Laws of multiplication for comparisons that stand in the formulas, as far as their products speak of products there."""
    canon = Ground()
    for formula in (*formulas, goal):
        canon.text(formula)
    wanted = set(canon.nonlinear)
    atoms = {a for m in wanted for a in m}
    for atom in sorted(atoms):
        if (atom, atom) in wanted:
            x = canon.term({(atom,): 1})
            yield Fact(app(Op.LE, num(0), app(Op.MUL, x, x)), "apply Z.square_nonneg")
    yield from _squares(wanted, canon)
    found = list(islice(_multiplied([*formulas, neg(goal)], wanted, canon), MOST_PRODUCTS))
    found += islice(_nonnegative([*formulas, neg(goal)], wanted, canon), MOST_PRODUCTS)
    for fact in found:
        canon.text(fact.formula)
    yield from found
    yield from islice(_congruent(set(canon.nonlinear), canon), MOST_PRODUCTS)
    yield from islice(_units(list(canon.nonlinear), canon), MOST_PRODUCTS)


def _units(monomials: Sequence[tuple[str, ...]], canon: Ground) -> Iterator[Fact]:
    """Products with 0 and 1."""
    for monomial in monomials:
        for index, factor in enumerate(monomial):
            x, rest = canon.term({(factor,): 1}), canon.term({monomial[:index] + monomial[index + 1 :]: 1})
            yield from [_times(rest, x, num(value)) for value in (0, 1)]


def _nonnegative(formulas: Sequence[Term], wanted: set[tuple[str, ...]], canon: Ground) -> Iterator[Fact]:
    relations = _relations(formulas, canon) | _signs(wanted, canon)
    for most in (0, 1):  # products that are new
        for (relation, a, b), (second, c, d) in combinations_with_replacement(relations.values(), 2):
            whole = app(Op.MUL, app(Op.SUB, b, a), app(Op.SUB, d, c))
            if _new(canon.polynomial(whole), wanted) == most:
                said = implies(relation, implies(second, app(Op.LE, num(0), whole)))
                yield Fact(said, "intros; apply Z.mul_nonneg_nonneg; lia")


def _multiplied(formulas: Sequence[Term], wanted: set[tuple[str, ...]], canon: Ground) -> Iterator[Fact]:
    atoms = {a for m in wanted for a in m}
    for a, b in _equations(formulas, canon).values():
        for atom in sorted(atoms):
            x = canon.term({(atom,): 1})
            if _new(canon.polynomial(app(Op.SUB, app(Op.MUL, x, a), app(Op.MUL, x, b))), wanted) in (0, 1):
                yield _times(x, a, b)


def _squares(wanted: set[tuple[str, ...]], canon: Ground) -> Iterator[Fact]:
    """Squares of sums and differences, whose mixed term is a product that is spoken of."""
    for monomial in sorted(wanted):
        half = len(monomial) // 2
        if len(monomial) % 2 or half > 2:
            continue
        for chosen in combinations(range(1, len(monomial)), half - 1):
            left = tuple([monomial[i] for i in (0, *chosen)])
            right = tuple([m for i, m in enumerate(monomial) if i not in (0, *chosen)])
            for op in (Op.SUB, Op.ADD):
                if left != right:
                    root = app(op, canon.term({left: 1}), canon.term({right: 1}))
                    yield Fact(app(Op.LE, num(0), app(Op.MUL, root, root)), "apply Z.square_nonneg")


def _congruent(wanted: set[tuple[str, ...]], canon: Ground) -> Iterator[Fact]:
    """Products that differ in one factor, once or several times, are equal where the factors are."""
    for m, n in combinations(sorted(wanted), 2):
        left, right = Counter(m) - Counter(n), Counter(n) - Counter(m)
        if len(left) == len(right) == 1 and left.total() == right.total():
            (x,), (y,) = left, right
            a, b = canon.term({(x,): 1}), canon.term({(y,): 1})
            if left.total() == 1:
                yield _times(canon.term({tuple(sorted((Counter(m) & Counter(n)).elements())): 1}), a, b)
            else:
                whole = eq(canon.term({m: 1}), canon.term({n: 1}))
                yield Fact(implies(eq(a, b), whole), "let E := fresh in intro E; rewrite E; ring")


def _times(factor: Term, a: Term, b: Term) -> Fact:
    return Fact(implies(eq(a, b), eq(app(Op.MUL, factor, a), app(Op.MUL, factor, b))), MULTIPLY)


def _new(polynomial: Polynomial, wanted: set[tuple[str, ...]]) -> int | None:
    """How many products in it are not wanted; None if it says nothing of those that are."""
    products = {m for m in polynomial if len(m) > 1}
    return len(products - wanted) if products & wanted else None


Relation = tuple[Term, Term, Term]


def _signs(wanted: set[tuple[str, ...]], canon: Ground) -> dict[str, Relation]:
    """Each factor is positive or not."""
    found = {}
    for atom in sorted({a for m in wanted for a in m}):
        x = canon.term({(atom,): 1})
        for relation in (app(Op.LT, num(0), x), app(Op.LE, x, num(0))):
            found[canon.text(relation)] = _sides(relation)
    return found


def _sides(relation: App) -> Relation:
    """A comparison `a <= b` or `a < b`, with what is at most what."""
    low, high = relation.args
    return relation, app(Op.ADD, low, num(1)) if relation.op is Op.LT else low, high


def _relations(formulas: Sequence[Term], canon: Ground) -> dict[str, Relation]:
    """The comparisons in the formulas, and after them their opposites."""
    found: dict[str, Relation] = {}
    for opposite in (False, True):
        for node in [n for f in formulas for n in walk(f)]:
            match node:
                case App(op=Op.LE | Op.LT | Op.GE | Op.GT as op, args=(a, b)):
                    strict = (op in (Op.LT, Op.GT)) is not opposite
                    low, high = (a, b) if (op in (Op.LE, Op.LT)) is not opposite else (b, a)
                    relation = app(Op.LT if strict else Op.LE, low, high)
                    found.setdefault(canon.text(relation), _sides(relation))
                case _:
                    pass
    return found


def _equations(formulas: Sequence[Term], canon: Ground) -> dict[str, tuple[Term, Term]]:
    found: dict[str, tuple[Term, Term]] = {}
    for formula in formulas:
        for node in walk(formula):
            if isinstance(node, App) and node.op is Op.EQ and isinstance(node.args[0].sort, Int):
                found.setdefault(canon.text(node), (node.args[0], node.args[1]))
    return found
