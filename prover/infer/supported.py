"""Linear variants together with the linear invariants that they need (Bradley, Manna & Sipma 2005).

First one that falls in all rounds is looked for; else several, one after another: each rises in no round that is left, and falls
in some way through it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from prover.infer.affine import MOST_IMPLICATIONS, Setting, form, merged, setting_of
from prover.infer.annotate import Proposal, Proposals, annotated
from prover.infer.farkas import MOST_INEQUALITIES, Coefficients, Found, Problem, instantiated, solved, under
from prover.infer.horn import Unknown, unknowns
from prover.infer.implications import Implication, Round, Row, TooMany
from prover.infer.linear import Linear, total
from prover.infer.observe import loops
from prover.infer.sexpr import Unreadable
from prover.infer.simple import simple
from prover.infer.subject import Inferred, Subject
from prover.infer.widened import narrowed, widened_procedure
from prover.kernel.depend import statements
from prover.kernel.goal import Goal, GoalKind
from prover.kernel.program import Procedure, Program, While
from prover.kernel.sort import INT
from prover.kernel.term import At, Call, Var, at, call, walk
from prover.kernel.vc import assigned
from prover.record import replace

MOST_COMPONENTS = 3


def ranked(subject: Subject, before: Inferred) -> Proposals | None:
    """For each loop that lacks one a variant, with invariants under which it is one, as far as they are found."""
    found = Proposals()
    for loop in reversed(loops(before.procedure)):  # inner ones before those around them
        if loop.variant is None and subject.time():
            try:
                new = _ranked(subject, annotated(before.procedure, found), loop)
            except (TooMany, Unreadable):
                continue
            found = found if new is None else found.merged(new)
    return found if found.loops else None


def _ranked(subject: Subject, procedure: Procedure, loop: While) -> Proposals | None:
    setting = setting_of(subject, procedure, _unknowns(procedure, subject.program))
    if setting is None:
        return None
    own = next(u for u in setting.made if u.label == loop.label)
    measured = tuple([t for t in own.arguments if not isinstance(t, At)])
    unknown = call(f"variant of {loop.label}", measured, INT)
    goals, termination = setting.goals({loop.label: Proposal(variant=(unknown,))})
    kept = setting.kept(goals)
    rounds = [r for g in _falling(termination, procedure, loop) for r in setting.reader.rounds(g, *_sides(g, unknown.function))]
    if not rounds or len(kept) + 2 * len(rounds) > MOST_IMPLICATIONS:
        return None
    found = _Search(setting, kept, unknown).components(rounds)
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


def _falling(goals: Sequence[Goal], procedure: Procedure, loop: While) -> list[Goal]:
    stem = f"{procedure.name}.{loop.label}.variant"
    return [g for g in goals if g.kind is GoalKind.VARIANT and g.name.startswith(stem)]


def _sides(goal: Goal, name: str) -> tuple[Call, Call]:
    """The variant before the round, and after it."""
    calls = [n for n in walk(goal.conclusion) if isinstance(n, Call) and n.function == name]
    return calls[0], next((c for c in calls if c is not calls[0]), calls[0])  # the same, where a round changes nothing


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """unknown: the variant; kept: what the unknown invariants satisfy."""

    setting: Setting
    kept: Sequence[Implication]
    unknown: Call

    def components(self, rounds: Sequence[Round]) -> tuple[list[Coefficients], Found] | None:
        """Those under which each round counts, and the invariants for it."""
        known = simple(self.setting.subject, self.setting.made, self.kept)
        components: list[Coefficients] = []
        while rounds:
            found = self._component(rounds, known) if len(components) < MOST_COMPONENTS else None
            if found is None:
                return None
            component = next(iter(found.get(self.unknown.function, ())), (0,) * (1 + len(self.unknown.args)))
            components.append(component)
            known = merged(known, {n: rows for n, rows in found.items() if n != self.unknown.function})
            rounds = [r for r in rounds if len(rounds) > 1 and not self._counts(r, component, known)]
        return components, known

    def _component(self, rounds: Sequence[Round], known: Found) -> Found | None:
        problem = Problem(
            {**self.setting.widths, self.unknown.function: 1 + len(self.unknown.args)}, self.kept, self.unknown.function
        )
        for chosen, most in _choices(rounds):
            asked = [i for r in rounds for i in ((r.bounded, r.falls) if r in chosen else (r.steady,))]
            found = self._solved(problem.under(known), [under(i, known) for i in asked], most)
            if found is not None:
                return found
        return None

    def _counts(self, round_: Round, component: Coefficients, known: Found) -> bool:
        asked = [_refuted(under(i, known), component) for i in (round_.bounded, round_.falls)]
        return self._solved(Problem({}, []), asked, 0) is not None

    def _solved(self, problem: Problem, targets: Sequence[Implication], most: int) -> Found | None:
        return solved(problem, targets, self.setting.subject.send, self.setting.subject.time, most)


def _choices(rounds: Sequence[Round]) -> Iterator[tuple[Sequence[Round], int]]:
    """Which rounds are to count, and with how many inequalities for each loop: all, else any."""
    yield rounds, MOST_INEQUALITIES
    if len(rounds) > 1:
        yield from [([r], most) for most in (0, 1) for r in rounds]


def _refuted(implication: Implication, component: Coefficients) -> Implication:
    """That the head, which is known, cannot fail."""
    assert implication.head is not None
    denied = instantiated(component, implication.head).scaled(-1).plus(Linear({}, -1))
    return replace(implication, rows=(*implication.rows, Row(denied)), head=None)
