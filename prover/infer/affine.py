"""Linear invariants for what is open, and linear variants together with the invariants that they need (Colón, Sankaranarayanan &
Sipma 2003; Bradley, Manna & Sipma 2005).

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
from prover.infer.observe import loops
from prover.infer.sexpr import Unreadable
from prover.infer.simple import simple
from prover.infer.subject import Inferred, Subject, still_open
from prover.infer.widened import machines, narrowed, widened_procedure
from prover.kernel.goal import Goal, GoalKind
from prover.kernel.program import Procedure, While
from prover.kernel.sort import INT, is_integer
from prover.kernel.term import At, Call, Op, Term, app, call, num, structure, walk
from prover.kernel.vc import conditions

MOST_VARIABLES = 16
MOST_IMPLICATIONS = 60
MOST_FAILURES = 2


def invariants(subject: Subject, before: Inferred) -> Proposals | None:
    """Invariants that make open goals hold, as far as they are linear; None if there are none."""
    setting = _setting(subject, subject.procedure)
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
        found = _merged(found, more or {})
    return found if useful else {}


def ranked(subject: Subject, before: Inferred) -> Proposals | None:
    """For each loop that lacks one a linear variant, with invariants under which it is one, as far as they are found."""
    found = Proposals()
    for loop in loops(before.procedure):
        if loop.variant is None and subject.time():
            try:
                new = _ranked(subject, annotated(before.procedure, found), loop)
            except (TooMany, Unreadable):
                continue
            found = found if new is None else found.merged(new)
    return found if found.loops else None


def _ranked(subject: Subject, procedure: Procedure, loop: While) -> Proposals | None:
    setting = _setting(subject, procedure)
    if setting is None:
        return None
    own = next(u for u in setting.made if u.label == loop.label)
    measured = tuple([t for t in own.arguments if not isinstance(t, At)])
    variant = call(f"variant of {loop.label}", measured, INT)
    goals, termination = setting.goals({loop.label: Proposal(variant=(variant,))})
    stem = f"{procedure.name}.{loop.label}.variant"
    rounds = [g for g in termination if g.kind is GoalKind.VARIANT and g.name.startswith(stem)]
    kept = setting.kept(goals)
    falling = [i for g in rounds for i in setting.reader.falling(g, *_sides(g, variant.function))]
    if len(kept) + len(falling) > MOST_IMPLICATIONS:
        return None
    known = simple(subject, setting.made, kept)
    problem = Problem({**setting.widths, variant.function: 1 + len(measured)}, [under(i, known) for i in kept], variant.function)
    found = solved(problem, [under(i, known) for i in falling], subject.send, subject.time)
    if found is None:
        return None
    (row,) = found.get(variant.function, [(0,) * (1 + len(measured))])
    shown = Proposal(variant=(narrowed(total(_form(row, measured)), setting.reader.machines),))
    return setting.proposals(_merged(known, found)).merged(Proposals({loop.label: shown}))


def _sides(goal: Goal, name: str) -> tuple[Call, Call]:
    """The variant before the round, and after it."""
    calls = [n for n in walk(goal.conclusion) if isinstance(n, Call) and n.function == name]
    return calls[0], next((c for c in calls if c is not calls[0]), calls[0])  # the same, where a round changes nothing


def _merged(found: Found, more: Found) -> Found:
    return {n: [*found.get(n, ()), *more.get(n, ())] for n in dict.fromkeys([*found, *more])}


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
            forms = [total(_form(row, unknown.arguments)) for row in found.get(unknown.name, ())]
            formulas = [narrowed(tidy(app(Op.GE, f, num(0))), self.reader.machines) for f in forms]
            loops |= {unknown.label: Proposal(tuple(distinct(formulas)))} if formulas else {}
        return Proposals(loops)


def _setting(subject: Subject, procedure: Procedure) -> Setting | None:
    """None if it has no loops, or too many variables."""
    wide = widened_procedure(procedure)
    made = [Unknown(u.label, tuple([a for a in u.arguments if is_integer(a.sort)])) for u in unknowns(wide)]
    if not made or max(len(u.arguments) for u in made) > MOST_VARIABLES:
        return None
    return Setting(subject, wide, made, Reader(subject.theory, frozenset([u.name for u in made]), machines(procedure)))


def _form(row: Coefficients, arguments: Sequence[Term]) -> Linear:
    return Linear({structure(t): (t, c) for c, t in zip(row[1:], arguments, strict=True) if c}, row[0])
