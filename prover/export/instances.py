"""What a proof may need of universal facts: instances at terms that stand in it, and laws of the operators that it applies.

Nothing here is trusted: each fact comes with the tactic by which Rocq proves it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, islice, product

from prover.export.ground import Ground, Polynomial, polynomial_sum
from prover.export.plain import Plain, ground
from prover.kernel.sort import BOOL, Bool, Int
from prover.kernel.term import (
    App,
    Call,
    Lit,
    Op,
    Quant,
    Term,
    Var,
    app,
    conj,
    disj,
    eq,
    implies,
    neg,
    num,
    substitute,
    walk,
)  # fmt: skip
from prover.record import record

MOST = 160  # instances of one universal fact at a time
MOST_PRODUCTS = 200
MOST_ALONE = 24  # terms for one variable


@record
class Fact:
    """proof: a tactic.  uses: the hypothesis that it comes from."""

    formula: Term
    proof: str
    uses: str = ""


@record
class Universal:
    """A formula without quantifiers under `forall` and premises.  proof: with `{0}`, `{1}`, … for the values of the variables."""

    variables: tuple[Var, ...]
    formula: Term
    proof: str
    uses: str


def universals(name: str, term: Term) -> list[Universal]:
    """All that a hypothesis says of all values."""
    return list(_universals(term, (), (), name, name, []))


def _universals(
    term: Term, variables: tuple[Var, ...], premises: tuple[Term, ...], proof: str, name: str, binders: list[str]
) -> Iterator[Universal]:
    match term:
        case _ if ground(term):
            if variables or premises:
                formula = term
                for premise in reversed(premises):
                    formula = implies(premise, formula)
                lambdas = f"fun {' '.join(binders)} => " if binders else ""
                yield Universal(variables, formula, f"exact ({lambdas}{proof})", name)
            elif proof != name:
                yield Universal((), term, f"exact ({proof})", name)
        case Quant(universal=True):
            places = [f"{{{len(variables) + n}}}" for n in range(len(term.variables))]
            yield from _universals(
                term.body, (*variables, *term.variables), premises, f"({' '.join([proof, *places])})", name, binders
            )
        case App(op=Op.IMPLIES, args=(a, b)) if ground(a):
            own = f"P{len(binders)}"
            yield from _universals(b, variables, (*premises, a), f"({proof} {own})", name, [*binders, own])
        case App(op=Op.AND, args=args):
            for index, part in enumerate(args):
                chosen = proof
                for _ in range(index):
                    chosen = f"(proj2 {chosen})"
                chosen = chosen if index == len(args) - 1 else f"(proj1 {chosen})"
                yield from _universals(part, variables, premises, chosen, name, binders)
        case App(op=Op.IFF, args=(a, b)):
            yield from _universals(implies(a, b), variables, premises, f"(proj1 {proof})", name, binders)
            yield from _universals(implies(b, a), variables, premises, f"(proj2 {proof})", name, binders)
        case _:
            pass


Head = tuple[str, int]


def _heads(term: Term) -> Iterator[tuple[Head, Term]]:
    """Integer arguments of applications, with whose argument each is."""
    for node in walk(term):
        match node:
            case App(op=Op.SELECT, args=(_, index)):
                yield ("select", 1), index
            case App(op=Op.DIV | Op.MOD, args=args) | Call(args=args):
                name = node.function if isinstance(node, Call) else node.op.name
                for place, argument in enumerate(args):
                    if isinstance(argument.sort, Int):
                        yield (name, place), argument
            case _:
                pass


class Pool:
    """The terms that stand in formulas without quantifiers.  skolems: variables that the proof has introduced."""

    def __init__(self, formulas: Iterable[Term], skolems: Sequence[Var]) -> None:
        self.canon = Ground()
        self.nodes: dict[str, Term] = {}
        self.by_head: dict[Head, dict[str, Polynomial]] = {}
        self.integers: dict[str, Polynomial] = {}
        for skolem in skolems:
            if isinstance(skolem.sort, Int):
                self._integer(skolem)
        for formula in formulas:
            self._take(formula)

    def _integer(self, term: Term) -> Polynomial:
        polynomial = self.canon.polynomial(term)
        self.integers.setdefault(self.canon.text(term), polynomial)
        return polynomial

    def _take(self, formula: Term) -> None:
        for node in walk(formula):
            if (isinstance(node, App) and node.op in (Op.SELECT, Op.DIV, Op.MOD, Op.ITE)) or isinstance(node, Call):
                self.nodes.setdefault(self.canon.text(node), node)
            if isinstance(node.sort, Int) and isinstance(node, Var | Lit | Call | App):
                self._integer(node)
        for head, argument in _heads(formula):
            self.by_head.setdefault(head, {}).setdefault(self.canon.text(argument), self.canon.polynomial(argument))

    def candidates(self, variable: Var, formula: Term) -> list[Term]:
        if isinstance(variable.sort, Bool):
            return [Lit(True, BOOL), Lit(False, BOOL)]
        found: dict[str, Term] = {}
        canon = Ground()
        own = canon.polynomial(variable)
        (monomial,) = own
        for head, argument in _heads(formula):
            polynomial = canon.polynomial(argument)
            if polynomial.get(monomial) != 1:
                continue
            offset = polynomial_sum(polynomial, own, -1)
            if any(m for m in offset):
                continue
            for value in self.by_head.get(head, {}).values():
                self._add(found, polynomial_sum(value, offset, -1))
        if not found:
            for value in self.integers.values():
                self._add(found, value)
        return list(found.values())[:MOST_ALONE]

    def _add(self, found: dict[str, Term], value: Polynomial) -> None:
        term = self.canon.term(value)
        found.setdefault(self.canon.text(term), term)


def instances(universal: Universal, pool: Pool) -> Iterator[tuple[tuple[Term, ...], Term]]:
    """Values for the variables, and what the formula says of them."""
    choices = [pool.candidates(v, universal.formula) for v in universal.variables]
    for values in islice(product(*choices), MOST):
        yield values, substitute(universal.formula, {v.name: t for v, t in zip(universal.variables, values, strict=True)})


@record
class Equation:
    """A recursive function's: `formula` of its parameters holds under `needs`."""

    parameters: tuple[Var, ...]
    formula: Term
    lemma: str


def laws(pool: Pool, equations: Mapping[str, Equation], plain: Plain, show: Callable[[Term], str]) -> Iterator[Fact]:
    for node in list(pool.nodes.values()):
        match node:
            case Call(function=name, args=args) if name in equations:
                equation = equations[name]
                env = {p.name: a for p, a in zip(equation.parameters, args, strict=True)}
                formula = plain.of(equation.formula, env)
                if ground(formula):
                    yield Fact(formula, f"exact ({' '.join([equation.lemma, *[show(a) for a in args]])})")
            case App(op=Op.DIV | Op.MOD, args=(a, b)):
                yield Fact(_euclid(a, b), f"by_division {show(a)} {show(b)}")
            case App(op=Op.ITE, args=(c, a, b)):
                yes, no = conj([c, eq(node, a)]), conj([neg(c), eq(node, b)])
                yield Fact(disj([yes, no]), "by_cases_")
            case App(op=Op.SELECT, args=(App(op=Op.STORE, args=(array, i, value)), j)):
                other = app(Op.SELECT, array, j)
                yes, no = conj([eq(j, i), _same(node, value)]), conj([neg(eq(j, i)), _same(node, other)])
                yield Fact(disj([yes, no]), "by_cases_")
            case App(op=Op.SELECT, args=(App(op=Op.LITERAL, args=items), j)):
                for index, value in enumerate(items):
                    yield Fact(implies(eq(j, num(index)), _same(node, value)), "intros ->; reflexivity")
            case _:
                pass


def _same(a: Term, b: Term) -> Term:
    return app(Op.IFF if isinstance(a.sort, Bool) else Op.EQ, a, b)


def _euclid(a: Term, b: Term) -> Term:
    q, r = app(Op.DIV, a, b), app(Op.MOD, a, b)
    whole = [eq(a, app(Op.ADD, app(Op.MUL, b, q), r)), app(Op.LE, num(0), r)]
    if isinstance(b, Lit) and b.value:
        return conj([*whole, app(Op.LT, r, num(abs(int(b.value))))])
    above = implies(app(Op.LT, num(0), b), conj([*whole, app(Op.LT, r, b)]))
    return conj([above, implies(app(Op.LT, b, num(0)), conj([*whole, app(Op.LT, r, app(Op.NEG, b))]))])


# Products


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
    yield from _congruent(wanted, canon)
    yield from islice(_multiplied([*formulas, neg(goal)], wanted, canon), MOST_PRODUCTS)
    yield from islice(_nonnegative([*formulas, neg(goal)], wanted, canon), MOST_PRODUCTS)


def _nonnegative(formulas: Sequence[Term], wanted: set[tuple[str, ...]], canon: Ground) -> Iterator[Fact]:
    relations = _relations(formulas, canon)
    seen: set[tuple[str, str]] = set()
    for text, (relation, a, b) in relations.items():
        for other, (second, c, d) in relations.items():
            if (other, text) in seen:
                continue
            seen.add((text, other))
            left, right = app(Op.SUB, b, a), app(Op.SUB, d, c)
            whole = app(Op.MUL, left, right)
            if _speaks(canon.polynomial(whole), wanted):
                said = implies(relation, implies(second, app(Op.LE, num(0), whole)))
                yield Fact(said, "intros; apply Z.mul_nonneg_nonneg; lia")


def _multiplied(formulas: Sequence[Term], wanted: set[tuple[str, ...]], canon: Ground) -> Iterator[Fact]:
    atoms = {a for m in wanted for a in m}
    for a, b in _equations(formulas, canon).values():
        for atom in sorted(atoms):
            x = canon.term({(atom,): 1})
            left, right = app(Op.MUL, a, x), app(Op.MUL, b, x)
            if _speaks(polynomial_sum(canon.polynomial(left), canon.polynomial(right), -1), wanted):
                yield Fact(implies(eq(a, b), eq(left, right)), "let E := fresh in intro E; rewrite E; reflexivity")


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
    """Products that differ in one factor are equal where the factors are."""
    for m, n in combinations(sorted(wanted), 2):
        common = tuple((Counter(m) & Counter(n)).elements())
        if len(m) == len(n) == len(common) + 1:
            (x,), (y,) = (Counter(m) - Counter(common)), (Counter(n) - Counter(common))
            a, b = canon.term({(x,): 1}), canon.term({(y,): 1})
            said = implies(eq(a, b), eq(canon.term({m: 1}), canon.term({n: 1})))
            yield Fact(said, "let E := fresh in intro E; rewrite E; ring")


def _speaks(polynomial: Polynomial, wanted: set[tuple[str, ...]]) -> bool:
    products = {m for m in polynomial if len(m) > 1}
    return bool(products) and bool(products & wanted) and len(products - wanted) <= 1


def _relations(formulas: Sequence[Term], canon: Ground) -> dict[str, tuple[Term, Term, Term]]:
    """Comparisons as `a <= b` or `a < b`, with the sides."""
    found: dict[str, tuple[Term, Term, Term]] = {}
    for formula in formulas:
        for node in walk(formula):
            match node:
                case App(op=Op.LE | Op.LT | Op.GE | Op.GT as op, args=(a, b)):
                    for turned in (False, True):
                        sign = {Op.LE: Op.LE, Op.LT: Op.LT, Op.GE: Op.LE, Op.GT: Op.LT}[op]
                        low, high = (a, b) if op in (Op.LE, Op.LT) else (b, a)
                        if turned:
                            sign, low, high = Op.LT if sign is Op.LE else Op.LE, high, low
                        relation = app(sign, low, high)
                        if sign is Op.LT:
                            low = app(Op.ADD, low, num(1))
                        found.setdefault(canon.text(relation), (relation, low, high))
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
