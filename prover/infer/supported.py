"""Linear variants together with the linear invariants that they need (Bradley, Manna & Sipma 2005).

One that falls in all rounds is quick to find or to do without.  Several, one after another, take longer: each rises in no round
that is left, and falls in some way through it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from prover.infer.affine import MOST_IMPLICATIONS, Setting, form, merged, setting_of
from prover.infer.annotate import Proposal, Proposals, annotated
from prover.infer.falling import falling, sides
from prover.infer.farkas import MOST_INEQUALITIES, Coefficients, Found, Problem, instantiated, solved, under
from prover.infer.horn import Unknown, unknowns
from prover.infer.implications import Implication, Round, TooMany
from prover.infer.linear import total
from prover.infer.observe import loops
from prover.infer.sexpr import Unreadable
from prover.infer.simple import entailed, simple
from prover.infer.subject import Inferred, Subject
from prover.infer.widened import narrowed, widened_procedure
from prover.kernel.depend import statements
from prover.kernel.program import Procedure, Program, While
from prover.kernel.sort import INT
from prover.kernel.term import At, Call, Var, at, call
from prover.kernel.vc import assigned

MOST_COMPONENTS = 3
MOST_ROUNDS = 8


def ranked(subject: Subject, before: Inferred, several: bool) -> Proposals | None:
    """For loops that lack one a variant, with invariants under which it is one; up to one for which none is found."""
    found = Proposals()
    for loop in reversed(loops(before.procedure)):  # inner ones before those around them
        if loop.variant is None and subject.time():
            try:
                new = _ranked(subject, annotated(before.procedure, found), loop, several)
            except (TooMany, Unreadable):
                new = None
            if new is None:
                break
            found = found.merged(new)
    return found if found.loops else None


def _ranked(subject: Subject, procedure: Procedure, loop: While, several: bool) -> Proposals | None:
    setting = setting_of(subject, procedure, _unknowns(procedure, subject.program))
    if setting is None:
        return None
    own = next(u for u in setting.made if u.label == loop.label)
    measured = tuple([t for t in own.arguments if not isinstance(t, At)])
    unknown = call(f"variant of {loop.label}", measured, INT)
    goals, termination = setting.goals({loop.label: Proposal(variant=(unknown,))})
    kept = setting.kept(goals)
    rounds = [r for g in falling(termination, procedure, loop) for r in setting.reader.rounds(g, *sides(g, unknown.function))]
    if not rounds or len(kept) + 2 * len(rounds) > MOST_IMPLICATIONS:
        return None
    found = _Search(setting, kept, unknown, several).components(rounds)
    if found is None:
        return None
    variant = tuple([narrowed(total(form(row, measured)), setting.reader.machines) for row in found[0]])
    return setting.proposals(found[1]).merged(Proposals({loop.label: Proposal(variant=variant)}))


def _unknowns(procedure: Procedure, program: Program) -> list[Unknown]:
    """They speak of variables now and, for a loop in a loop, at its entry: outer ones are about the difference."""
    inner = {s.label: s for loop in loops(procedure) for s in statements(loop.body) if isinstance(s, While)}
    changing = {label: assigned(loop, program)[0] for label, loop in inner.items()}
    made: list[Unknown] = []
    for unknown in unknowns(widened_procedure(procedure)):
        now = [a for a in unknown.arguments if not isinstance(a, At)]
        entry = [at(unknown.label, a) for a in now if isinstance(a, Var) and a.name in changing.get(unknown.label, ())]
        made.append(Unknown(unknown.label, (*now, *entry)))
    return made


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """unknown: the variant; kept: what the unknown invariants satisfy; several: variants one after another are wanted."""

    setting: Setting
    kept: Sequence[Implication]
    unknown: Call
    several: bool

    def components(self, rounds: Sequence[Round]) -> tuple[list[Coefficients], Found] | None:
        """Those under which each round counts, and the invariants for it."""
        known = simple(self.setting.subject, self.setting.made, self.kept)
        components: list[Coefficients] = []
        while rounds and len(components) < MOST_COMPONENTS:
            found = self._component(rounds, known)
            if found is None:
                return None
            components.append(next(iter(found.get(self.unknown.function, ())), (0,) * (1 + len(self.unknown.args))))
            known = merged(known, {n: rows for n, rows in found.items() if n != self.unknown.function})
            rounds = self._left(rounds, components[-1], known)
        return None if rounds else (components, known)

    def _component(self, rounds: Sequence[Round], known: Found) -> Found | None:
        widths = {**self.setting.widths, self.unknown.function: 1 + len(self.unknown.args)}
        problem = Problem(widths, [under(i, known) for i in self.kept], self.unknown.function)
        for chosen, most in self._choices(rounds):
            asked = [i for r in rounds for i in ((r.bounded, r.falls) if r in chosen else (r.steady,))]
            targets = [under(i, known) for i in asked]
            found = solved(problem, targets, self.setting.subject.send, self.setting.subject.time, most)
            if found is not None:
                return found
        return None

    def _choices(self, rounds: Sequence[Round]) -> Iterator[tuple[Sequence[Round], int]]:
        """Which rounds are to count, and with how many inequalities for each loop: all, else any."""
        yield rounds, 1 if self.several else MOST_INEQUALITIES
        if self.several and 1 < len(rounds) <= MOST_ROUNDS:
            yield from [([r], most) for most in (0, 1) for r in rounds]

    def _left(self, rounds: Sequence[Round], component: Coefficients, known: Found) -> list[Round]:
        """The rounds that do not count."""
        asked = [under(i, known) for r in rounds for i in (r.bounded, r.falls)]
        holds = entailed(self.setting.subject.send, [(i.rows, [instantiated(component, i.head)]) for i in asked if i.head])
        counts = [bounded and falls for bounded, falls in zip(holds[::2], holds[1::2], strict=True)]
        return [r for r, counted in zip(rounds, counts, strict=True) if not counted]
