"""Linear invariants for what is open (Colón, Sankaranarayanan & Sipma 2003).

Each loop gets an unknown linear inequality between its variables.  The kernel's goals are then implications between linear
inequalities, for `farkas` to solve.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from prover.infer.annotate import Proposal, Proposals, annotated, with_unit
from prover.infer.farkas import Coefficients, Found, Problem, solved, under
from prover.infer.horn import Unknown, unknowns
from prover.infer.implications import Implication, Reader, TooMany
from prover.infer.linear import Linear, distinct, tidy, total
from prover.infer.sexpr import Unreadable
from prover.infer.simple import simple
from prover.infer.subject import Inferred, Subject, still_open
from prover.infer.widened import machines, narrowed, widened_procedure
from prover.kernel.goal import Goal
from prover.kernel.program import Procedure
from prover.kernel.sort import is_integer
from prover.kernel.term import Call, Op, Term, app, num, structure
from prover.kernel.vc import conditions

MOST_VARIABLES = 16
MOST_IMPLICATIONS = 60
MOST_FAILURES = 2


def invariants(subject: Subject, before: Inferred) -> Proposals | None:
    """Invariants that make open goals hold, as far as they are linear; None if there are none."""
    setting = setting_of(subject, subject.procedure, unknowns(widened_procedure(subject.procedure)))
    if setting is None:
        return None
    goals = setting.goals({})[0]
    wanted = {o.goal.name for o in still_open(before.outcomes, termination=False)}
    try:
        kept = setting.kept(goals)
        targets = [i for g in goals if g.name in wanted for i in setting.reader.implications(g)]
        found = _each(subject, setting, kept, targets) if targets and max(len(kept), len(targets)) <= MOST_IMPLICATIONS else {}
    except (TooMany, Unreadable):
        return None
    return setting.proposals(found) if found else None


def _each(subject: Subject, setting: Setting, kept: Sequence[Implication], targets: Sequence[Implication]) -> Found:
    """What makes the targets hold, one after another, under what was found for those before."""
    found = simple(subject, setting.made, kept)
    useful, failures = False, 0
    for target in targets:
        problem = Problem(setting.widths, [under(i, found) for i in kept])
        more = solved(problem, [under(target, found)], subject.send, subject.time)
        useful |= more is not None
        failures += more is None
        if failures == MOST_FAILURES:
            break
        found = merged(found, more or {})
    return found if useful else {}


def merged(found: Found, more: Found) -> Found:
    return {n: list(dict.fromkeys([*found.get(n, ()), *more.get(n, ())])) for n in dict.fromkeys([*found, *more])}


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """made: the unknown inequality of each loop, and what it speaks of."""

    subject: Subject
    procedure: Procedure
    made: Sequence[Unknown]
    reader: Reader

    @property
    def widths(self) -> dict[str, int]:
        return {u.name: 1 + len(u.arguments) for u in self.made}

    def goals(self, more: Mapping[str, Proposal]) -> tuple[Sequence[Goal], Sequence[Goal]]:
        """Those of the procedure with the unknown invariants, and those of its termination."""
        wanted = Proposals({u.label: Proposal((u.formula,)) for u in self.made}).merged(Proposals(more))
        changed = annotated(self.procedure, wanted)
        made = conditions(changed, with_unit(self.subject.program, changed), self.subject.component, bool(more))
        return made.goals, made.termination

    def kept(self, goals: Sequence[Goal]) -> list[Implication]:
        """That the unknown invariants are invariants."""
        own = [g for g in goals if isinstance(g.conclusion, Call) and g.conclusion.function in self.reader.unknown]
        return [i for g in own for i in self.reader.implications(g)]

    def proposals(self, found: Found) -> Proposals:
        loops: dict[str, Proposal] = {}
        for unknown in self.made:
            forms = [total(form(row, unknown.arguments)) for row in found.get(unknown.name, ())]
            formulas = [narrowed(tidy(app(Op.GE, f, num(0))), self.reader.machines) for f in forms]
            loops |= {unknown.label: Proposal(tuple(distinct(formulas)))} if formulas else {}
        return Proposals(loops)


def setting_of(subject: Subject, procedure: Procedure, wanted: Sequence[Unknown]) -> Setting | None:
    """None if it has no loops, or too many variables."""
    made = [Unknown(u.label, tuple([a for a in u.arguments if is_integer(a.sort)])) for u in wanted]
    if not made or max(len(u.arguments) for u in made) > MOST_VARIABLES:
        return None
    reader = Reader(subject.theory, frozenset([u.name for u in made]), machines(procedure))
    return Setting(subject, widened_procedure(procedure), made, reader)


def form(row: Coefficients, arguments: Sequence[Term]) -> Linear:
    return Linear({structure(t): (t, c) for c, t in zip(row[1:], arguments, strict=True) if c}, row[0])
