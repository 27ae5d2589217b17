"""Which goals intervals decide: whether it is worth asking the solver about bounds that were worked out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from prover.infer.annotate import annotated, with_unit
from prover.infer.elimination import Facts, proposals
from prover.infer.intervals import Ranges, joined, put_all
from prover.infer.subject import Inferred, Subject, still_open
from prover.infer.valued import Reader
from prover.infer.work import TooMuch, Work
from prover.kernel.goal import Defines, Fact, Goal, Holds, Joins
from prover.kernel.sort import is_numeric
from prover.kernel.vc import conditions

MOST_WORK = 10_000


def some_decided(subject: Subject, facts: Facts, before: Inferred) -> bool:
    """Whether intervals show a goal that is open, once the facts are invariants."""
    if not any(facts.values()):
        return False
    changed = annotated(subject.procedure, proposals(facts))
    wanted = {o.goal.name for o in still_open(before.outcomes, termination=False)}
    made = conditions(changed, with_unit(subject.program, changed), subject.component, False)
    reading = _Reading(Reader(subject.program, Work(MOST_WORK)))
    try:
        return any(reading.decides(g) for g in made.goals if g.name in wanted)
    except TooMuch:
        return False


@dataclass(frozen=True, slots=True, eq=False)
class _Reading:
    reader: Reader

    def decides(self, goal: Goal) -> bool:
        return self.reader.under([goal.conclusion], self.ends(goal.facts(), {}), False) is None

    def ends(self, facts: Sequence[Fact], ranges: Ranges | None) -> Ranges | None:
        """The intervals of values where all the facts hold."""
        for fact in facts:
            if ranges is None:
                break
            match fact:
                case Holds(formula=formula):
                    ranges = self.reader.under([formula], ranges)
                case Defines(variable=variable, term=term):
                    known = [(variable, self.reader.value(term, ranges))] if is_numeric(variable.sort) else []
                    ranges = put_all(ranges, known)
                case Joins():
                    ranges = self._joined(fact, ranges)
        return ranges

    def _joined(self, fact: Joins, ranges: Ranges) -> Ranges | None:
        found: Ranges | None = None
        for path, defined in fact.branches:
            facts = [] if path is None else path.facts(fact.base)
            found = joined(found, self.ends([*facts, *defined], ranges))
        return found
