"""Terms that may fall from round to round: what the loop compares, and piecewise terms made of it.

Phases (`max(0, e)`: Leike & Heizmann 2014; Ben-Amram & Genaim 2014, for one phase at a time), disjunctive arguments (`max(e, f)`,
`min(e, f)`), and conditions that become false for good (`if c then 1 else 0`), all written with `if`, so that the kernel can
check them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain, combinations, islice, permutations, product

from prover.infer.flags import indicators
from prover.infer.linear import Linear, comparison, distinct, each_once, linear, total
from prover.infer.paths import after, comparisons, deciding, paths
from prover.infer.work import TooMuch
from prover.kernel.depend import statements
from prover.kernel.program import If, While
from prover.kernel.sort import is_integer
from prover.kernel.term import App, Lit, Op, Term, app, free_variables, num, walk

MOST = 700
MOST_PIECES = 10
MOST_SUMMED = 5
MOST_RESIDUES = 3


def plain(loop: While) -> list[Term]:
    """Linear forms, in both directions: first the differences of what is compared, as it stands."""
    differences = [linear(c.args[0]).plus(linear(c.args[1]).scaled(-1)).scaled(_direction(c)) for c in _conditions(loop)]
    compared = [total(f.scaled(sign)) for sign in (1, -1) for f in differences]
    forms = [g for f in deciding(loop) for g in (f, f.scaled(-1), Linear(f.parts, 0))]
    return distinct([*compared, *_sums(loop), *[_plus(f, c) for f in forms for c in (0, 1)], *indicators(loop)])


def _sums(loop: While) -> list[Term]:
    """Of two forms that the guard bounds, so bounded too (as Farkas' lemma has it: Podelski & Rybalchenko 2004)."""
    forms = [f for f in comparisons(loop) if f.parts][:MOST_SUMMED]
    pairs = combinations(forms, 2)
    return [total(a.scaled(m).plus(b.scaled(n))) for a, b in pairs for m, n in ((1, 1), (2, 1), (1, 2))]


def _direction(comparison: App) -> int:
    """-1 where the right side is the larger one."""
    return -1 if comparison.op in (Op.LT, Op.LE) else 1


def piecewise(loop: While) -> list[Term]:
    """Terms with cases, short ones first."""
    forms = deciding(loop)
    pieces = _pieces(loop, forms)
    found = chain(_indicators(loop, forms), _positive([*forms, *_later(loop)]), _extremes(pieces), _cases(loop, pieces))
    return list(islice(each_once(found), MOST))


def periodic(loop: While) -> Iterator[Term]:
    """Where the loop looks at a remainder: how far it is from its ends, and terms that depend on it; 0 once the guard is false,
    so that the last round may do as it likes."""
    if (guard := loop.condition) is None:
        return
    for rest, modulus in _remainders(loop):
        numbers = [v for v in free_variables(rest).values() if is_integer(v.sort)]
        terms = [app(Op.SUB, num(modulus), rest), rest]
        for variable, value in product(numbers, range(min(modulus, MOST_RESIDUES))):
            more = [app(Op.ADD, variable, num(c)) for c in (modulus, 1)]
            terms += [app(Op.ITE, app(Op.EQ, rest, num(value)), *pair) for m in more for pair in ((variable, m), (m, variable))]
        yield from (app(Op.ITE, guard, term, num(0)) for term in terms)


def _remainders(loop: While) -> list[tuple[Term, int]]:
    """`e mod m` in the loop's conditions, with the number m."""
    guard = [] if loop.condition is None else [loop.condition]
    inner = [s.condition for s in statements(loop.body) if isinstance(s, If) and s.condition is not None]
    found = each_once(n for t in (*guard, *inner) for n in walk(t) if isinstance(n, App) and n.op is Op.MOD)
    return [
        (n, m.value)
        for n in found
        if isinstance(n, App) and isinstance(m := n.args[1], Lit) and type(m.value) is int and m.value > 0
    ]


def _plus(form: Linear, count: int) -> Term:
    return total(Linear(form.parts, form.constant + count))


def _conditions(loop: While) -> list[App]:
    """The comparisons of integers that decide where a round goes."""
    guard = [] if loop.condition is None else [loop.condition]
    inner = [s.condition for s in statements(loop.body) if isinstance(s, If) and s.condition is not None]
    nodes = [n for t in (*inner, *guard) for n in walk(t) if isinstance(n, App) and n.op in _COMPARE]
    return [n for n in distinct(nodes) if isinstance(n, App) and is_integer(n.args[0].sort)]


_COMPARE = (Op.LT, Op.LE, Op.GT, Op.GE, Op.EQ, Op.NE)


def _indicators(loop: While, forms: Sequence[Linear]) -> Iterator[Term]:
    """1 while a condition holds, 0 after, and the other way round."""
    conditions = _conditions(loop)
    signs = [comparison(op, f) for f in forms for op in (Op.GE, Op.GT, Op.EQ)]
    for condition in distinct([*conditions, *signs]):
        yield app(Op.ITE, condition, num(1), num(0))
        yield app(Op.ITE, condition, num(0), num(1))


def _positive(forms: Sequence[Linear]) -> Iterator[Term]:
    """`max(0, e)`."""
    for form in [g for f in forms for g in (f, f.scaled(-1))]:
        for count in (0, 1, 2):
            term = Linear(form.parts, form.constant + count)
            yield app(Op.ITE, comparison(Op.GE, term), total(term), num(0))


def _later(loop: While) -> Iterator[Linear]:
    """What is compared, as it is after a round."""
    ways = paths(loop, guess=True)
    for form in comparisons(loop):
        for values in ways:
            with suppress(TooMuch):
                yield linear(after(total(form), values))


def _extremes(pieces: Sequence[Linear]) -> Iterator[Term]:
    """`max(e, f)` and `min(e, f)` of what is compared, and of what rounds make of it."""
    for first, second in permutations(pieces, 2):
        if first.constant == second.constant or first.parts.keys() != second.parts.keys():
            above = comparison(Op.GE, first.plus(second.scaled(-1)))
            yield app(Op.ITE, above, total(first), total(second))
    for first, second in permutations([f.scaled(-1) for f in pieces], 2):
        difference = first.plus(second.scaled(-1))
        if difference.parts:
            yield app(Op.ITE, comparison(Op.GE, difference), total(first), total(second))


def _cases(loop: While, pieces: Sequence[Linear]) -> Iterator[Term]:
    """`if c then e else f` for a condition of the body."""
    for condition in _conditions(loop)[:4]:
        for first, second in permutations(pieces, 2):
            yield app(Op.ITE, condition, total(first), total(second))


def _pieces(loop: While, forms: Sequence[Linear]) -> list[Linear]:
    """What is compared comes first; a piece is >= 0 where its comparison holds."""
    found = [f for f in comparisons(loop) if f.parts]
    found += [g for f in forms for g in (f, f.scaled(-1))]
    return [linear(t) for t in distinct([total(f) for f in found])][:MOST_PIECES]
