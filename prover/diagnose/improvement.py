"""What became of a unit's goals after all that was tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from prover.record import factory, record
from prover.solve.prove import Outcome

if TYPE_CHECKING:
    from prover.diagnose.refute import Found
    from prover.infer.subject import Inferred


@record
class Improvement:
    """outcomes: of the goals as they stand at last.  found: a run that breaks the unit.  inferred: what was added.
    states: where goals fail, as the solver says, by the goal's name."""

    outcomes: tuple[Outcome, ...]
    found: Found | None = None
    inferred: Inferred | None = None
    states: Mapping[str, Mapping[str, str]] = factory(default_factory=dict)
