"""In what ways z3 is asked, in a fixed order: the first `unsat` wins, so that a verdict never depends on timing."""

from __future__ import annotations

from prover.kernel.goal import Goal
from prover.kernel.oracle import Strategy
from prover.kernel.sort import Array, Machine
from prover.kernel.term import App, Call, Lit, Op, Quant, walk
from prover.kernel.theory import Theory, goal_terms

# Quantifiers by matching only, which gives up soon, and z3's older arithmetic, which is faster on most programs.
_QUICK = "(using-params smt :auto_config false :mbqi false :arith.solver 2)"

TOGETHER = Strategy("together", 1, _QUICK)
QUICK = Strategy("quick", 1, _QUICK, 0.25)
MATCHING = Strategy("matching", 1, "(using-params smt :auto_config false :mbqi false)", 0.5)
AUTOMATIC = Strategy("automatic", 1, "smt")
DEEPER = Strategy("deeper", 3, _QUICK, 0.5)
NONLINEAR = Strategy("nonlinear", 1, "(then simplify solve-eqs qfnra-nlsat)", 0.5)
MODELS = Strategy("models", 2, "(using-params smt :mbqi true)", 0.5)


def strategies(goal: Goal, theory: Theory) -> tuple[Strategy, ...]:
    """The ways worth trying for one goal, cheapest first."""
    quantified = recursive = nonlinear = False
    for term in goal_terms([goal]):
        for node in walk(term):
            match node:
                case Quant():
                    quantified = True
                case Call(function=name):
                    recursive = recursive or name in theory.recursive
                    quantified = quantified or name in theory.functions
                case App(op=Op.DIV | Op.MOD, args=(_, divisor)):
                    nonlinear = True
                    quantified = quantified or not isinstance(divisor, Lit)
                case App(op=Op.MUL):
                    nonlinear = True
                case App(op=Op.EQ | Op.NE, args=(left, _)):
                    quantified = quantified or isinstance(left.sort, Array)
                case App(sort=Machine()):
                    nonlinear = True
                case _:
                    pass
    chosen = [QUICK, MATCHING, AUTOMATIC]
    chosen += [DEEPER] if recursive else []
    chosen += [NONLINEAR] if nonlinear and not quantified and not recursive else []
    chosen += [MODELS] if quantified else []
    return tuple(chosen)


def decidable(goal: Goal, theory: Theory) -> bool:
    """Whether `sat` means that the goal fails for some values: nothing in it is known to the solver in part only."""
    for term in goal_terms([goal]):
        for node in walk(term):
            match node:
                case Quant() | App(op=Op.PERM):
                    return False
                case Call(function=name) if name in theory.stated:
                    return False
                case App(op=Op.EQ | Op.NE, args=(left, _)) if isinstance(left.sort, Array):
                    return False
                case _:
                    pass
    return True
