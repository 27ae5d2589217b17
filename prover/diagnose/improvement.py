"""What became of a unit's goals after all that was tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from prover.record import factory, record
from prover.solve.prove import Outcome

if TYPE_CHECKING:
    from prover.diagnose.refute import Found
    from prover.diagnose.rounds import BrokenRound
    from prover.diagnose.suggest import Suggestion
    from prover.infer.subject import Inferred


@record
class Improvement:
    """outcomes: of the goals as they stand at last.  found: a run that breaks the unit.  inferred: what was added.
    entrance: a run that reaches a recurrent set of the unit, when that is a proof that it never ends.
    states: where goals fail, as the solver says, by the goal's name.  rounds: that break invariants, likewise.
    suggestions: what an invariant could say.  roots: for goals that are open because of an earlier one, the name of that.
    bug: a mistake of ours that ended what was tried beside proving, in words."""

    outcomes: tuple[Outcome, ...]
    found: Found | None = None
    inferred: Inferred | None = None
    entrance: Found | None = None
    states: Mapping[str, Mapping[str, str]] = factory(default_factory=dict)
    rounds: Mapping[str, BrokenRound] = factory(default_factory=dict)
    suggestions: Mapping[str, Suggestion] = factory(default_factory=dict)
    roots: Mapping[str, str] = factory(default_factory=dict)
    bug: str = ""
