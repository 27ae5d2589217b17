"""What stays the same while the conditions of one procedure are made."""

from __future__ import annotations

from prover.kernel.defined import Definedness
from prover.kernel.program import Procedure, Program
from prover.kernel.state import Builder, State
from prover.record import record


@record
class Context:
    """What stays the same within a procedure.  asked: termination is asked.  component: the units it is recursive with."""

    procedure: Procedure
    program: Program
    component: frozenset[str]
    asked: bool
    builder: Builder
    first: State

    @property
    def checker(self) -> Definedness:
        return Definedness(self.builder, self.program, self.procedure.name_span)
