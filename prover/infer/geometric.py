"""Recurrent sets that are cones (geometric nontermination arguments; Leike & Heizmann 2018).

Each is worked out exactly from a few states that a run passed through, one after another; `cones` has the algebra.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from math import lcm

from prover.infer.annotate import Proposal, Proposals
from prover.infer.closed import Counterexample, Holds, closed
from prover.infer.cones import Cone, Step, Vector, cones, dot, inverted
from prover.infer.facts import loop_variables
from prover.infer.followed import Lost, Way, followed
from prover.infer.linear import Linear, comparison, distinct, linear
from prover.infer.observe import Observed, State, loops
from prover.infer.recurrent import LARGEST, Rounds
from prover.infer.widened import machines, narrowed
from prover.kernel.program import Procedure, Program, While
from prover.kernel.sort import is_integer
from prover.kernel.term import Lit, Op, Term, Var, conj, disj, structure, walk
from prover.semantics.evaluate import Evaluator

MOST_VARIABLES = 8
MOST_ROUNDS = 3
MOST_RUNS = 12
MOST_STATES = 12
MOST_CLAIMS = 3


def propose(
    procedure: Procedure, program: Program, seen: Sequence[Observed], holds: Holds, counterexample: Counterexample
) -> Iterator[Proposals]:
    """A few cones for each loop; of the sides of one, and of the guard, only what is needed."""
    evaluator, machine = Evaluator(program), machines(procedure)
    for loop in loops(procedure):
        rounds = Rounds(loop, program, machine)
        needed = partial(closed, rounds, evaluator=evaluator, holds=holds, counterexample=counterexample)
        runs = [o.heads.get(loop.label, []) for o in seen if o.stopped]
        for claim in _claims(rounds.wide, runs, evaluator):
            cone = [narrowed(f, machine) for f in claim]
            lean = needed(cone) if len(cone) == 1 else None
            lean = lean or needed(distinct([*rounds.guard, *cone])) or cone
            yield Proposals({loop.label: Proposal(recurrent=tuple(lean))})


def _claims(loop: While, runs: Iterable[Sequence[State]], evaluator: Evaluator) -> Iterator[list[Term]]:
    """Conjunctions, those first that need fewer rounds, then the shorter ones, then those with smaller numbers."""
    passages = [_Passage(loop, r, evaluator) for r in [r for r in runs if len(r) > MOST_ROUNDS][:MOST_RUNS]]
    for count in range(1, MOST_ROUNDS + 1):
        found = [c for p in passages if (c := p.claim(count)) is not None]
        once = {structure(conj(c)): c for c in sorted(found, key=_length)}
        yield from list(once.values())[:MOST_CLAIMS]


def _length(claim: Sequence[Term]) -> tuple[int, int]:
    return sum([f.size for f in claim]), sum([abs(int(n.value)) for f in claim for n in walk(f) if isinstance(n, Lit)])


class _Passage:
    """The states at the loop's head in one run, and the ways from each to the next."""

    def __init__(self, loop: While, states: Sequence[State], evaluator: Evaluator) -> None:
        self._loop, self._states, self._evaluator = loop, states, evaluator
        self._variables = [v for v in loop_variables(loop) if is_integer(v.sort)]
        self._ways: dict[int, Way | None] = {}

    def starts(self) -> list[int]:
        """The first few and the last few."""
        places = range(len(self._states) - MOST_ROUNDS)
        return sorted({*places[:MOST_STATES], *places[-MOST_STATES:]})

    def claim(self, count: int) -> list[Term] | None:
        """That a state is in a cone that `count` rounds lead back to, or in the cones at the rounds between; the first that
        there is."""
        claims = (self._claim(start, count) for start in self.starts())
        return next((c for c in claims if c is not None), None)

    def _claim(self, start: int, count: int) -> list[Term] | None:
        ways = [w for i in range(count) if (w := self._way(start + i)) is not None]
        variables = _relevant(ways, self._variables) if len(ways) == count else []
        points = [p for i in range(count + 1) if (p := _point(self._states[start + i], variables)) is not None]
        if not 0 < len(variables) <= MOST_VARIABLES or len(points) <= count:
            return None
        steps = [_step(w, variables) for w in ways]
        passed = all(s.after(p) == q for s, p, q in zip(steps, points[:-1], points[1:], strict=True))
        parts = [facts(c, variables) for c in cones(steps, points[0])] if passed else []
        return [disj([conj(p) for p in parts])] if len(parts) > 1 else next(iter(parts), None)

    def _way(self, place: int) -> Way | None:
        if place not in self._ways:
            try:
                self._ways[place] = followed(self._loop, self._states[place], self._evaluator)
            except Lost:
                self._ways[place] = None
        return self._ways[place]


def _relevant(ways: Sequence[Way], variables: Sequence[Var]) -> list[Var]:
    """Those on which the conditions depend, as far as they are linear; none where what happens to them is not."""
    known: dict[object, Var] = {structure(v): v for v in variables}
    found: dict[object, Var] = {}
    new = {k for w in ways for c in w.conditions if c.parts.keys() <= known.keys() for k in c.parts}
    while new:
        if not new <= known.keys():
            return []
        found |= {k: known[k] for k in new}
        changed = [w.values[found[k].name] for w in ways for k in new if found[k].name in w.values]
        new = {k for value in changed for k in linear(value).parts} - found.keys()
    return [v for k, v in known.items() if k in found]


def _step(way: Way, variables: Sequence[Var]) -> Step:
    keys = [structure(v) for v in variables]
    forms = [linear(way.values.get(v.name, v)) for v in variables]
    conditions = [c for c in way.conditions if c.parts.keys() <= set(keys)]
    rows, normals = ([tuple([f.parts[k][1] if k in f.parts else 0 for k in keys]) for f in g] for g in (forms, conditions))
    return Step(rows, tuple([f.constant for f in forms]), normals)


def _point(state: State, variables: Sequence[Var]) -> Vector | None:
    values = [state.get(v.name) for v in variables]
    numbers = [v for v in values if type(v) is int and abs(v) <= LARGEST]
    return tuple(numbers) if len(numbers) == len(values) else None


def facts(found: Cone, variables: Sequence[Var]) -> list[Term]:
    """The cone's sides, and equations where it is flat."""
    inverse, rest = inverted(found.directions, len(variables))
    rows = [(Op.EQ, row) for row in rest] + [(Op.GE, row) for row in inverse]
    return distinct([comparison(op, _form(row, found.apex, variables)) for op, row in rows])


def _form(row: Sequence[Fraction], apex: Vector, variables: Sequence[Var]) -> Linear:
    """A multiple of row * (variables - apex) with integer coefficients."""
    counts = [int(c * lcm(*[c.denominator for c in row])) for c in row]
    parts: dict[object, tuple[Term, int]] = {structure(v): (v, c) for c, v in zip(counts, variables, strict=True) if c}
    return Linear(parts, -dot(counts, apex))
