"""Facts that let a loop end around another: what the inner one only raises, only lowers, or keeps, since it was entered.

`x >= at(inner, x)` says nothing about the program as a whole, so no run or postcondition suggests it; but a variant of the outer
loop that is measured before the inner one falls only if the inner one does not undo it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations, islice

from prover.infer.facts import loop_variables
from prover.infer.linear import linear, total
from prover.infer.observe import loops
from prover.infer.paths import paths
from prover.infer.widened import machines, narrowed, widened_loop
from prover.infer.work import TooMuch
from prover.kernel.depend import statements
from prover.kernel.program import Procedure, Program, While
from prover.kernel.sort import is_integer
from prover.kernel.term import Op, Term, Var, app, at
from prover.kernel.vc import assigned

MOST_FACTS = 40


def facts(procedure: Procedure, program: Program) -> Mapping[str, list[Term]]:
    """Candidates by the label of the inner loop, for the loops inside of loops that lack a variant."""
    inner = {id(s): s for loop in loops(procedure) if loop.variant is None for s in statements(loop.body) if isinstance(s, While)}
    known = machines(procedure)
    return {
        loop.label: [narrowed(f, known) for f in islice(_kept(widened_loop(loop), program), MOST_FACTS)]
        for loop in inner.values()
    }


def _kept(loop: While, program: Program) -> Iterator[Term]:
    changed = assigned(loop, program)[0]
    variables = [v for v in loop_variables(loop) if is_integer(v.sort) and v.name in changed]
    for variable in variables:
        yield app(Op.GE, variable, at(loop.label, variable))
        yield app(Op.LE, variable, at(loop.label, variable))
    if loop.condition is not None:
        entered = at(loop.label, loop.condition)
        yield from (app(Op.OR, entered, app(Op.EQ, v, at(loop.label, v))) for v in variables)
    for pair in combinations(variables, 2):
        for term in dict.fromkeys([app(op, *pair) for op in (Op.ADD, Op.SUB)] + _conserved(loop, *pair)):
            yield app(Op.EQ, term, at(loop.label, term))


def _conserved(loop: While, first: Var, second: Var) -> list[Term]:
    """What a round keeps if it changes the two variables by fixed amounts: `2 * x + y` for `x := x + 1; y := y - 2`."""
    try:
        for values in paths(loop, guess=True):
            a, b = (linear(values.get(v.name, v)).plus(linear(v).scaled(-1)) for v in (first, second))
            if not (a.parts or b.parts) and a.constant and b.constant and abs(a.constant) != abs(b.constant):
                return [total(linear(first).scaled(b.constant).plus(linear(second).scaled(-a.constant)))]
    except TooMuch:
        pass
    return []
