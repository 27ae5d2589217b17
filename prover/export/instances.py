"""What a proof may need of universal facts: instances at terms that stand in it, and laws of the operators that it applies.

Nothing here is trusted: each fact comes with the tactic by which Rocq proves it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, product

from prover.export.ground import Ground, Polynomial, polynomial_sum
from prover.export.plain import Plain, element, ground, length
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
KEPT = frozenset({Op.SELECT, Op.STORE, Op.DIV, Op.MOD, Op.ITE, Op.PERM})
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
            if (isinstance(node, App) and node.op in KEPT) or isinstance(node, Call):
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
    yield from _permutations(pool)
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
                yes, no = conj([eq(j, i), equal(node, value)]), conj([neg(eq(j, i)), equal(node, other)])
                yield Fact(disj([yes, no]), "by_cases_")
            case App(op=Op.SELECT, args=(App(op=Op.LITERAL, args=items), j)):
                for index, value in enumerate(items):
                    yield Fact(implies(eq(j, num(index)), equal(node, value)), "intros ->; reflexivity")
            case _:
                pass


def _permutations(pool: Pool) -> Iterator[Fact]:
    """What the laws of permutations say of those that are spoken of, and of arrays in which two elements are exchanged."""
    found = [(n, *n.args) for n in pool.nodes.values() if isinstance(n, App) and n.op is Op.PERM]
    if not found:
        return
    for node in list(pool.nodes.values()):
        match node:
            case App(op=Op.STORE, args=(App(op=Op.STORE, args=(a, i, x)), j, y)):
                inside = [c for k in (i, j) for c in (app(Op.LE, num(0), k), app(Op.LT, k, length(a)))]
                exchanged = [equal(x, element(a, j)), equal(y, element(a, i))]
                yield Fact(_under([*inside, *exchanged], app(Op.PERM, node, a)), "intros; apply perm_swap; auto")
            case _:
                pass
    for whole, a, b in found:
        yield Fact(_under([whole], eq(length(a), length(b))), "apply perm_length")
        yield Fact(_under([whole], app(Op.PERM, b, a)), "apply perm_sym")
        if pool.canon.text(a) == pool.canon.text(b):
            yield Fact(whole, "apply perm_refl")
        for other, c, d in found:
            if pool.canon.text(b) == pool.canon.text(c):
                yield Fact(_under([whole, other], app(Op.PERM, a, d)), "apply perm_trans")


def _under(premises: Sequence[Term], conclusion: Term) -> Term:
    for premise in reversed(premises):
        conclusion = implies(premise, conclusion)
    return conclusion


def equal(a: Term, b: Term) -> Term:
    """`a = b`, written as an equivalence between truth values."""
    return app(Op.IFF if isinstance(a.sort, Bool) else Op.EQ, a, b)


def _euclid(a: Term, b: Term) -> Term:
    q, r = app(Op.DIV, a, b), app(Op.MOD, a, b)
    whole = [eq(a, app(Op.ADD, app(Op.MUL, b, q), r)), app(Op.LE, num(0), r)]
    if isinstance(b, Lit) and b.value:
        return conj([*whole, app(Op.LT, r, num(abs(int(b.value))))])
    above = implies(app(Op.LT, num(0), b), conj([*whole, app(Op.LT, r, b)]))
    return conj([above, implies(app(Op.LT, b, num(0)), conj([*whole, app(Op.LT, r, app(Op.NEG, b))]))])
