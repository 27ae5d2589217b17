"""Candidate facts about the variables of a loop: bounds by numbers of the program, comparisons of two variables, parities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations, islice

from prover.infer.linear import distinct
from prover.kernel.depend import statements, terms_of
from prover.kernel.program import Assign, Havoc, While
from prover.kernel.sort import BOOL, Bool, Int, Nat
from prover.kernel.term import Lit, Op, Term, Var, app, free_variables, neg, num, walk

MOST_CONSTANTS = 8
MOST_PAIRS = 2_000
_LARGE = 1 << 32


def loop_terms(loop: While) -> list[Term]:
    inner = [t for block in (loop.body, loop.step) for s in statements(block) for t in terms_of(s)]
    return inner + ([] if loop.condition is None else [loop.condition])


def loop_variables(loop: While) -> list[Var]:
    """The scalar variables that a loop looks at or changes, in the order they occur."""
    found: dict[str, Var] = {}
    if loop.condition is not None:
        found.update(free_variables(loop.condition))
    for term in loop_terms(loop):
        found.update(free_variables(term))
    for statement in statements(loop.body):
        match statement:
            case Assign():
                found.update({t.name: t for t in statement.targets if isinstance(t, Var)})
            case Havoc():
                found.update({v.name: v for v in statement.variables})
            case _:
                pass
    return [v for v in found.values() if isinstance(v.sort, Int | Nat | Bool)]


def constants(terms: Iterable[Term], most: int = MOST_CONSTANTS) -> list[int]:
    """Numbers that the terms mention, their neighbours, and -1, 0, 1; smallest first, `most` of them."""
    numbers = {int(n.value) for t in terms for n in walk(t) if isinstance(n, Lit) and n.sort != BOOL}
    near = {c for n in numbers if abs(n) < _LARGE for c in (n, n - 1, n + 1)}
    return sorted({0, 1, -1, *near}, key=lambda c: (abs(c), c))[:most]


def pairs(variables: Sequence[Var]) -> list[tuple[Var, Var]]:
    """Any two, those of the first variables first, of very many only some."""
    return list(islice(combinations(variables, 2), MOST_PAIRS))


def candidates(variables: list[Var], numbers: list[int]) -> list[Term]:
    integers = [v for v in variables if isinstance(v.sort, Int | Nat)]
    found: list[Term] = [app(op, v, num(c)) for v in integers for c in numbers for op in (Op.GE, Op.LE)]
    found += [app(op, a, b) for a, b in pairs(integers) for op in (Op.EQ, Op.GE, Op.LE)]
    found += [app(Op.EQ, app(Op.MOD, v, num(2)), num(r)) for v in integers for r in (0, 1)]
    found += [f for v in variables if isinstance(v.sort, Bool) for f in (v, neg(v))]
    return distinct(found)
