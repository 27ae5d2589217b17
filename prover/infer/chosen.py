"""A procedure whose loops make their choices by a rule, so that its runs are some of the runs there are: one of them may go on
for ever where random choices end soon.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product

from prover.infer.annotate import rewritten
from prover.infer.facts import loop_variables
from prover.infer.observe import loops
from prover.kernel.depend import statements
from prover.kernel.program import Assign, Havoc, If, Procedure, Statement
from prover.kernel.sort import INT, Bool, is_integer
from prover.kernel.term import FALSE, TRUE, Op, Term, Var, app, num
from prover.record import replace

MOST_WAYS = 16
MOST_TERMS = 10

Rule = dict[int, Term]
"""By the place in the text of a choice in a loop: what is chosen, for `if *` a truth value."""


def chosen(procedure: Procedure) -> Iterator[Procedure]:
    """The procedure under several rules for the choices in its loops; nothing if there are none."""
    places = _places(procedure)
    if not places or procedure.body is None:
        return
    for number, terms in enumerate(_diagonal([options for _, options in places])):
        if number >= MOST_WAYS:
            return
        rule = {start: term for (start, _), term in zip(places, terms, strict=True)}
        yield replace(procedure, body=rewritten(procedure.body, partial(_followed, rule=rule)))


def _diagonal(options: Sequence[Sequence[Term]]) -> Iterator[tuple[Term, ...]]:
    """All combinations, those first whose members stand early."""
    indexed = product(*[range(len(o)) for o in options[:3]])
    for indices in sorted(indexed, key=lambda i: (sum(i), i)):
        padded = (*indices, *[0] * (len(options) - len(indices)))
        yield tuple([o[min(i, len(o) - 1)] for o, i in zip(options, padded, strict=True)])


def _places(procedure: Procedure) -> list[tuple[int, list[Term]]]:
    found: dict[int, list[Term]] = {}
    for loop in loops(procedure):
        variables = [v for v in loop_variables(loop) if is_integer(v.sort)]
        for statement in statements(loop.body):
            match statement:
                case Havoc(variables=(variable,)):
                    found.setdefault(statement.span.start, _options(variable, variables))
                case If(condition=None):
                    found.setdefault(statement.span.start, [TRUE, FALSE])
                case _:
                    pass
    return list(found.items())


def _options(variable: Var, variables: Sequence[Var]) -> list[Term]:
    """Terms that a choice might follow: simple numbers, the variables, those moved by one or doubled."""
    if isinstance(variable.sort, Bool):
        return [TRUE, FALSE]
    if not is_integer(variable.sort) or variable.sort != INT:
        return [num(1), num(0)]
    others = [v for v in variables if v.name != variable.name]
    make: list[Callable[[Var], Term]] = [
        lambda v: v,
        lambda v: app(Op.ADD, v, num(1)),
        lambda v: app(Op.MUL, num(2), v),
        lambda v: app(Op.SUB, v, num(1)),
    ]
    return [num(1), num(0), num(-1), *[f(v) for f in make for v in others]][:MOST_TERMS]


def _followed(statement: Statement, rule: Rule) -> Statement:
    match statement:
        case Havoc(variables=(variable,), span=span) if span.start in rule:
            return Assign((variable,), (rule[span.start],), span)
        case If(condition=None):
            return replace(statement, condition=rule.get(statement.span.start))
        case _:
            return statement
