"""Truth values that decide how a loop goes on, as the numbers 1 and 0: of these variants can be made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

from prover.infer.rewrites import replaced
from prover.kernel.depend import statements
from prover.kernel.program import If, While
from prover.kernel.sort import Bool
from prover.kernel.term import App, Lit, Op, Term, Var, app, children, free_variables, num, rebuild, structure

MOST, MOST_FORMS = 3, 12


def flags(loop: While) -> list[Var]:
    """The truth values in its conditions."""
    conditions = [loop.condition, *[s.condition for s in statements(loop.body) if isinstance(s, If | While)]]
    found = {n: v for c in conditions if c is not None for n, v in free_variables(c).items() if isinstance(v.sort, Bool)}
    return list(found.values())[:MOST]


def counted(flag: Var) -> Term:
    return app(Op.ITE, flag, num(1), num(0))


def indicators(loop: While) -> Iterator[Term]:
    """Flags that fall, once and for all, and flags that are raised."""
    for flag in flags(loop):
        yield counted(flag)
        yield app(Op.SUB, num(1), counted(flag))


def while_raised(loop: While, forms: Sequence[Term]) -> Iterator[Term]:
    """`if c then max(0, e) + 1 else 0` for a guard with a flag in it: how large `e` is in the last round does not matter."""
    found = flags(loop)
    if loop.condition is None or free_variables(loop.condition).keys().isdisjoint(v.name for v in found):
        return
    guard = replaced(loop.condition, {structure(v): app(Op.EQ, counted(v), num(1)) for v in found})
    for form in forms[:MOST_FORMS]:
        size = app(Op.ITE, app(Op.GE, form, num(0)), app(Op.ADD, form, num(1)), num(1))
        yield app(Op.ITE, guard, size, num(0))


def by_flag(loop: While, forms: Sequence[Term]) -> Iterator[Term]:
    """`if c then e else f`: what falls while a flag is raised, and what falls after."""
    for flag in flags(loop):
        raised = app(Op.EQ, counted(flag), num(1))
        yield from (app(Op.ITE, raised, *pair) for pair in permutations(forms[:MOST_FORMS], 2))


def in_words(term: Term) -> Term:
    """With `c` for `(if c then 1 else 0) = 1`, and `if c then 0 else 1` for `1 - (if c then 1 else 0)`."""
    match term:
        case App(op=Op.SUB, args=(Lit(value=1), App(op=Op.ITE, args=(Var() as flag, *_)) as number)) if structure(
            number
        ) == structure(counted(flag)):
            return app(Op.ITE, flag, num(0), num(1))
        case App(op=Op.EQ, args=(App(op=Op.ITE, args=(Var() as flag, *_)) as number, _)) if structure(number) == structure(
            counted(flag)
        ):
            return flag
        case App():
            return rebuild(term, tuple([in_words(c) for c in children(term)]))
        case _:
            return term
