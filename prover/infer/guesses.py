"""What may hold at the head of a loop: facts to be tried, those first that are more likely and cheaper to prove.

Comparisons that occur in the unit, weakened by one round; bounds by numbers of the program; order and equality of two variables;
remainders.  Runs have the first word (`filtered`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from prover.infer.facts import constants, pairs
from prover.infer.linear import distinct, tidy
from prover.infer.observe import loops
from prover.infer.rewrites import replaced
from prover.kernel.depend import terms
from prover.kernel.program import Procedure
from prover.kernel.sort import Array, Bool, Int, Nat, is_integer
from prover.kernel.term import App, Lit, Op, Term, Var, app, free_variables, neg, num, structure, walk

MOST_MODULI, MOST_PAIRS, MOST_SUMS = 4, 15, 6
LARGEST_MODULUS = 16


def comparisons(procedure: Procedure, visible: Iterable[Var]) -> list[Term]:
    """The comparisons of integers in the unit's text, and what is left of them after a step."""
    names = {v.name for v in visible}
    found: list[Term] = []
    atoms = list(_atoms(terms(procedure)))
    for atom in [*atoms, *_met(atoms, procedure)]:
        if free_variables(atom).keys() <= names:
            found += _weakened(atom)
    return distinct(map(tidy, found))


def _met(atoms: Sequence[App], procedure: Procedure) -> Iterator[App]:
    """Comparisons with one side of a loop's guard in place of the other: when the loop ends, these often are the same."""
    for guard in _atoms([c for loop in loops(procedure) if (c := loop.condition) is not None]):
        left, right = guard.args
        for old, new in ((left, right), (right, left)):
            for atom in atoms if not isinstance(old, Lit) else ():
                made = replaced(atom, {structure(old): new})
                if structure(made) != structure(atom) and isinstance(made, App):
                    yield made


def _atoms(formulas: Iterable[Term]) -> Iterator[App]:
    """Comparisons outside of quantifiers."""
    stack = list(formulas)
    while stack:
        match stack.pop():
            case App(op=Op.LT | Op.LE | Op.GT | Op.GE | Op.EQ | Op.NE, args=(left, _)) as atom if is_integer(left.sort):
                yield atom
            case App(args=args):
                stack.extend(args)
            case _:
                pass


def _weakened(atom: App) -> list[Term]:
    left, right = atom.args
    if atom.op in (Op.GT, Op.GE):
        left, right = right, left
    match atom.op:
        case Op.LT | Op.GT:
            return [app(Op.LT, left, right), app(Op.LE, left, right), app(Op.GE, left, right)]
        case Op.LE | Op.GE:
            return [app(Op.LE, left, right), app(Op.GT, left, right), app(Op.LE, left, app(Op.ADD, right, num(1)))]
        case _:
            return [app(op, left, right) for op in (Op.EQ, Op.NE, Op.LE, Op.GE)]


def bounds(procedure: Procedure, visible: Sequence[Var]) -> list[Term]:
    integers = [v for v in visible if isinstance(v.sort, Int | Nat)]
    numbers = constants(terms(procedure))
    found: list[Term] = [app(op, v, num(c)) for v in integers for c in numbers for op in (Op.GE, Op.LE)]
    found += [app(op, a, b) for a, b in pairs(integers) for op in (Op.LE, Op.GE, Op.EQ, Op.NE)]
    lengths = [app(Op.LEN, v) for v in visible if isinstance(v.sort, Array)]
    found += [app(op, v, length) for v in integers for length in lengths for op in (Op.LE, Op.LT, Op.EQ)]
    return found + [f for v in visible if isinstance(v.sort, Bool) for f in (v, neg(v))]


def remainders(procedure: Procedure, visible: Sequence[Var]) -> list[Term]:
    """Remainders, and equality of remainders, by 2 and by small numbers in the unit's text; by the latter of sums, too."""
    integers = [v for v in visible if isinstance(v.sort, Int | Nat)]
    moduli = [2, *[m for m in _numbers(procedure) if 2 < m <= LARGEST_MODULUS]][:MOST_MODULI]
    found: list[Term] = [app(Op.EQ, app(Op.MOD, v, num(m)), num(r)) for v in integers for m in moduli for r in range(m)]
    some = pairs(integers)[:MOST_PAIRS]
    sums = [(app(Op.ADD, a, b), c) for a, b in some[:MOST_SUMS] for c in integers if c.name not in (a.name, b.name)]
    found += [_congruent(a, b, m) for a, b in some for m in moduli]
    return found + [_congruent(a, b, m) for a, b in sums for m in moduli[1:]]


def _congruent(left: Term, right: Term, modulus: int) -> Term:
    return app(Op.EQ, app(Op.MOD, left, num(modulus)), app(Op.MOD, right, num(modulus)))


def _numbers(procedure: Procedure) -> list[int]:
    found = {int(n.value): None for t in terms(procedure) for n in walk(t) if isinstance(n, Lit) and is_integer(n.sort)}
    return list(found)
