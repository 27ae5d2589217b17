"""Verification conditions of functions, predicates and constants: defined, terminating, in range.

All three are shown without the function's own equation (nor that of any it is recursive with), so that nothing rests on the
existence of the function before it is known to exist.  The range of a recursive call's result may be used for the range of the
result: that is induction along the variant.
"""

from __future__ import annotations

from prover.kernel.defined import Definedness, Recursion, clauses
from prover.kernel.depend import functions_in, terms
from prover.kernel.goal import Assumption, Conditions, GoalKind, Origin
from prover.kernel.program import Axiom, Function, Program
from prover.kernel.sort import Nat
from prover.kernel.state import Builder, State, entry
from prover.kernel.term import Op, app, num


def function_conditions(function: Function, program: Program, component: frozenset[str]) -> Conditions:
    builder = Builder(function.name, {p.name: p for p in function.parameters})
    checker = Definedness(builder, program, function.name_span, Recursion(component, function.variant))
    state = clauses(checker, function.requires, entry(builder, ()), Origin.REQUIRES)
    for variant in function.variant or ():
        checker.check(variant, state)
    if function.body is None:
        builder.assumptions.append(Assumption("uninterpreted", f"{function.kind} {function.name}", function.name_span))
    else:
        checker.check(function.body, state)
        _result_in_range(function, builder, state, component)
    uses = frozenset(f for term in terms(function) for f in functions_in(term))
    return Conditions(function.name, tuple(builder.goals), (), uses, tuple(builder.assumptions), entry=state.path)


def _result_in_range(function: Function, builder: Builder, state: State, component: frozenset[str]) -> None:
    body = function.body
    if body is None or not isinstance(function.result, Nat) or isinstance(body.sort, Nat):
        return
    condition = app(Op.GE, builder.value(body, state), num(0))
    name, words = builder.name("result"), "the result is at least 0"
    builder.goal(name, GoalKind.RANGE, state, condition, body.span or function.span, words, induction=component)


def axiom_conditions(axiom: Axiom) -> Conditions:
    """None: it is trusted, and says so."""
    assumption = Assumption("axiom", f"{axiom.name}: {axiom.formula.span.text if axiom.formula.span else ''}", axiom.span)
    return Conditions(axiom.name, (), (), functions_in(axiom.formula), (assumption,))
