"""In what ways z3 is asked, in a fixed order: the first `unsat` wins, so that a verdict never depends on timing."""

from __future__ import annotations

from prover.kernel.goal import Goal
from prover.kernel.oracle import Strategy
from prover.kernel.sort import Array, Machine, is_integer
from prover.kernel.term import App, Call, Lit, Op, Quant, Term, walk
from prover.kernel.theory import Theory, goal_terms

# Quantifiers by matching only, which gives up soon, and z3's older arithmetic, which is faster on most programs.
_QUICK = "(using-params smt :auto_config false :mbqi false :arith.solver 2)"

TOGETHER = Strategy("together", 1, _QUICK)
QUICK = Strategy("quick", 1, _QUICK, 0.25)
MATCHING = Strategy("matching", 1, "(using-params smt :auto_config false :mbqi false)", 0.5)
AUTOMATIC = Strategy("automatic", 1, "smt")
DEEPER = Strategy("deeper", 3, _QUICK, 0.5)
NONLINEAR = Strategy("nonlinear", 1, "(then simplify solve-eqs qfnra-nlsat)", 0.5)
# Products of sums multiplied out, after a look at each branch of one `if`: what is left to do for identities of polynomials is
# linear, or reduction of polynomials by each other.  Equations are not solved for what stands in sums: that raises degrees.
_SUMS = "(using-params simplify :som true :som_blowup 1000)"
_BRANCH = f"{_SUMS} elim-term-ite {_SUMS} (or-else split-clause skip) {_SUMS} propagate-values"
EXPANDED = Strategy("expanded", 1, f"(then {_BRANCH} (using-params solve-eqs :theory_solver false) {_SUMS} {_QUICK})", 0.25)
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
    chosen = [QUICK, *([EXPANDED] if nonlinear and of_polynomials(goal) else []), MATCHING, AUTOMATIC]
    chosen += [DEEPER] if recursive else []
    if nonlinear and not quantified and not recursive:  # that a product is 0 because a factor is, it sees at once
        chosen.insert(1 if _is_zero_product(goal.conclusion) else len(chosen), NONLINEAR)
    chosen += [MODELS] if quantified else []
    return tuple(chosen)


def few(ways: tuple[Strategy, ...]) -> tuple[Strategy, ...]:
    """Those to begin with."""
    return ways[:2]


def of_polynomials(goal: Goal) -> bool:
    """Does it say that numbers are equal, where something is known of products of what is not known?"""
    equations = (n for n in walk(goal.conclusion) if isinstance(n, App) and n.op is Op.EQ and is_integer(n.args[0].sort))
    return any(equations) and any(_is_product(n) for t in goal_terms([goal]) for n in walk(t))


def _is_product(term: Term) -> bool:
    return isinstance(term, App) and term.op is Op.MUL and sum(not isinstance(a, Lit) for a in term.args) > 1


def _is_zero_product(formula: Term) -> bool:
    match formula:
        case App(op=Op.EQ, args=(left, Lit(value=0))):
            return _is_product(left)
        case _:
            return False


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
