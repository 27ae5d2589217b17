"""Goals made by hand, and z3 asked about them."""

from __future__ import annotations

from collections.abc import Sequence

from prover.kernel.goal import Fact, Goal, GoalKind, Holds, Naming, Origin, Path, extend
from prover.kernel.oracle import Answer, Strategy, Theorem, ask, conclude
from prover.kernel.program import Function, Procedure, Program
from prover.kernel.term import Term
from prover.kernel.theory import Theory, theory
from prover.plan import plan
from prover.solve.portfolio import AUTOMATIC, TOGETHER
from prover.solve.process import Pool, Worker
from prover.solve.prove import Budget, Outcome, begin
from prover.source import Source, Span
from tests.semantics.programs import program_of

HERE = Span(Source("test", "a formula"), 0, 9)
BUDGET = Budget(rlimit=300_000, seconds=4.0, thorough=False)
EMPTY = Theory({}, frozenset(), frozenset(), ())


def holds(formula: Term) -> Holds:
    return Holds(formula, Origin.REQUIRES, HERE)


def goal(conclusion: Term, *facts: Term | Fact, name: str = "t.goal", induction: frozenset[str] = frozenset()) -> Goal:
    path: Path | None = None
    for fact in facts:
        path = extend(path, fact if isinstance(fact, Fact) else holds(fact))
    return Goal(name, GoalKind.ENSURES, "t", path, conclusion, HERE, "it holds", Naming({}, {}), induction=induction)


def reply(
    worker: Worker,
    goals: Sequence[Goal],
    given: Theory = EMPTY,
    opaque: frozenset[str] = frozenset(),
    strategy: Strategy = TOGETHER,
    rlimit: int = 2_000_000,
) -> tuple[Theorem | None, Answer]:
    asked = ask(goals, given, opaque, strategy, rlimit)
    answer = worker.ask(asked, 10.0)
    return conclude(asked, answer), answer


def theory_of(*functions: Function) -> Theory:
    program = Program({f.name: f for f in functions}, tuple([f.name for f in functions]), ())
    return theory(program, {f.name: frozenset({f.name}) for f in functions})


def outcomes(text: str, pool: Pool, total: bool = False) -> dict[str, Outcome]:
    """What became of the goals of all units of a program, by name."""
    ready = plan(program_of(text), total)
    jobs = [begin(c, ready.theory, ready.opaque(n), BUDGET, pool, {}) for n, c in ready.conditions.items()]
    return {o.goal.name: o for job in jobs for o in job.finish(pool)}


def unproved(text: str, pool: Pool, total: bool = False) -> list[str]:
    return [name for name, outcome in outcomes(text, pool, total).items() if not outcome.proved]


def procedure(program: Program, name: str) -> Procedure:
    unit = program.units[name]
    assert isinstance(unit, Procedure)
    return unit


__all__ = ["AUTOMATIC", "EMPTY", "HERE", "goal", "holds", "outcomes", "procedure", "reply", "theory_of", "unproved"]
