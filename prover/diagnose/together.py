"""Variants for units that call each other and have none, put in before their goals are asked."""

from __future__ import annotations

from collections.abc import Sequence

from prover.diagnose.asking import goals_prover
from prover.infer.annotate import with_unit
from prover.infer.together import with_variants
from prover.kernel.goal import GoalKind
from prover.kernel.program import Kind, Procedure, Program
from prover.plan import Plan, unit_conditions
from prover.record import record, replace
from prover.report import InferredReport
from prover.solve.clock import Clock, Stopwatch
from prover.solve.process import Pool
from prover.solve.prove import Budget
from prover.syntax.unparse import term_text

SECONDS = 5.0


def varied(ready: Plan, scripted: frozenset[str], budget: Budget, pool: Pool) -> Plan:
    """The plan with variants for those that lack them, as far as they are found.  scripted: units that are left alone, because
    they have scripts."""
    for component in dict.fromkeys(ready.components.values()):
        members = _lacking(component, ready)
        if members and not component & scripted:
            clock = Clock(min(SECONDS, budget.seconds))
            changed = with_variants(members, _Around(ready, budget.quick, pool, clock, Stopwatch(clock)).all_fall)
            ready = ready if changed is None else _with(changed, ready)
    return ready


def reports(before: Program, after: Program) -> dict[str, InferredReport]:
    """The variants that were put in, by unit."""
    found: dict[str, InferredReport] = {}
    for name, unit in after.units.items():
        if unit is not before.units[name] and isinstance(unit, Procedure) and unit.variant is not None:
            found[name] = InferredReport("variant", "variant " + ", ".join(map(term_text, unit.variant)), unit.name_span)
    return found


@record
class _Around:
    ready: Plan
    budget: Budget
    pool: Pool
    clock: Clock
    ours: Stopwatch

    def all_fall(self, members: Sequence[Procedure]) -> bool:
        """Are the goals of all calls around theorems?"""
        if not self.ours.time():
            return False
        changed = _with(members, self.ready)
        goals = [g for made in changed.conditions.values() for g in made.all() if g.kind is GoalKind.RECURSION]
        named = [g for g in goals if g.unit in {m.name for m in members}]
        if any(g.missing for g in named):
            return False
        proves = goals_prover(self.ready, members[0].name, self.budget, self.pool, self.clock)
        return bool(named) and all(proves([g])[0] for g in named)


def _with(members: Sequence[Procedure], ready: Plan) -> Plan:
    program = ready.program
    for member in members:
        program = with_unit(program, member)
    made = {m.name: unit_conditions(m, program, ready.components[m.name], m.name in ready.termination) for m in members}
    return replace(ready, program=program, conditions={**ready.conditions, **made})


def _lacking(component: frozenset[str], ready: Plan) -> list[Procedure]:
    """The members, if they call each other, none has a variant, and that they end is asked of all."""
    units = [ready.program.units[n] for n in sorted(component)]
    found = [
        u for u in units if isinstance(u, Procedure) and u.body is not None and u.variant is None and u.name in ready.conditions
    ]
    asked = all(u.name in ready.termination or u.kind is Kind.LEMMA for u in found)
    return found if len(units) > 1 and len(found) == len(units) and asked else []
