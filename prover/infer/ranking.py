"""Variants: candidates from the guards of a loop (what it compares gets closer), and lexicographic pairs of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations, product

from prover.infer.annotate import Proposal, Proposals
from prover.infer.linear import distinct, linear, total
from prover.kernel.depend import statements, terms_of
from prover.kernel.program import If, Procedure, Program, While
from prover.kernel.sort import is_integer
from prover.kernel.term import App, Op, Quant, Term, app, walk

MOST = 60


def candidates(procedure: Procedure, program: Program) -> Iterator[Proposals]:
    """Proposals for all loops without a variant together: first one measure a loop, then pairs."""
    loops = [s for s in statements(procedure.body) if isinstance(s, While) and s.variant is None] if procedure.body else []
    measures = [_measures(loop) for loop in loops]
    if not loops or not all(measures):
        return
    singles = [[(m,) for m in found] for found in measures]
    pairs = [[*s, *permutations(m, 2)] for s, m in zip(singles, measures, strict=True)]
    for choice in _bounded(product(*singles), MOST):
        yield Proposals({loop.label: Proposal(variant=v) for loop, v in zip(loops, choice, strict=True)})
    for choice in _bounded(product(*pairs), 2 * MOST):
        yield Proposals({loop.label: Proposal(variant=v) for loop, v in zip(loops, choice, strict=True)})


def _bounded(items: Iterator[tuple[tuple[Term, ...], ...]], most: int) -> Iterator[tuple[tuple[Term, ...], ...]]:
    for _, item in zip(range(most), items, strict=False):
        yield item


def _measures(loop: While) -> list[Term]:
    """`hi - lo` for each comparison `lo < hi` in the guard first, then in the body."""
    guard = [] if loop.condition is None else [loop.condition]
    inner = [t for block in (loop.body,) for s in statements(block) if isinstance(s, If) for t in terms_of(s)]
    return distinct([m for t in (*guard, *inner) for m in _differences(t)])


def _differences(term: Term) -> Iterator[Term]:
    for node in walk(term):
        match node:
            case Quant():
                return
            case App(op=Op.LT | Op.LE, args=(low, high)) if is_integer(low.sort):
                yield _gap(high, low, node.op is Op.LE)
            case App(op=Op.GT | Op.GE, args=(high, low)) if is_integer(low.sort):
                yield _gap(high, low, node.op is Op.GE)
            case App(op=Op.NE, args=(left, right)) if is_integer(left.sort):
                yield _gap(left, right, False)
                yield _gap(right, left, False)
            case _:
                pass


def _gap(high: Term, low: Term, closed: bool) -> Term:
    """At least 0 while low < high (or low <= high, when closed)."""
    return total(linear(app(Op.SUB, high, low)))


