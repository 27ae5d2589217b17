"""What became of a unit's goals after all that was tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prover.record import record
from prover.solve.prove import Outcome

if TYPE_CHECKING:
    from prover.infer.search import Inferred
    from prover.refute import Found


@record
class Improvement:
    """outcomes: of the goals as they stand at last.  found: a run that breaks the unit.  inferred: what was added."""

    outcomes: tuple[Outcome, ...]
    found: Found | None = None
    inferred: Inferred | None = None
