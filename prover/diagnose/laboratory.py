"""A unit under examination: the unit, what it stands in, and how to ask about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from prover.diagnose.model import Send
from prover.kernel.goal import Goal
from prover.kernel.program import Procedure, Program
from prover.kernel.theory import Theory
from prover.record import record, replace
from prover.solve.prove import Outcome


@record
class Laboratory:
    """send: a script to what z3 prints.  prove: outcomes of the goals of a changed version of the unit.
    proves: whether the solver proves a goal at the first attempt."""

    unit: Procedure
    program: Program
    component: frozenset[str]
    theory: Theory
    send: Send
    prove: Callable[[Procedure], Sequence[Outcome]]
    proves: Callable[[Goal], bool]

    def with_unit(self, unit: Procedure) -> Program:
        return replace(self.program, units={**self.program.units, unit.name: unit})
