"""Recurrent sets from runs (after Gupta et al. 2008): facts that held at the head of a loop in a run that went on and on,
weakened until they are closed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from prover.infer.annotate import Proposal, Proposals
from prover.infer.closed import Counterexample, Holds, closed
from prover.infer.facts import candidates, constants, loop_terms, loop_variables
from prover.infer.linear import Linear, comparison, distinct, is_linear, total
from prover.infer.observe import Observed, State, loops, weight
from prover.infer.paths import comparisons, deciding
from prover.infer.widened import machines, narrowed, widened_loop
from prover.kernel.definedness import defined
from prover.kernel.program import Procedure, Program, While
from prover.kernel.recurrence import Angelic
from prover.kernel.sort import Int, Nat
from prover.kernel.term import FALSE, TRUE, At, Op, Term, Var, app, conj, conjuncts, disj, neg, num, structure, walk
from prover.record import replace
from prover.semantics.evaluate import Evaluator, Scope
from prover.semantics.values import Value

TAIL = 12
MOST_FACTS, FEWEST_FACTS = 120, 8
MOST_STARTS = 8
LARGEST = 1 << 64  # a bound beyond that is one that a run of products or doublings happened to reach


def propose(
    procedure: Procedure, program: Program, seen: Sequence[Observed], holds: Holds, counterexample: Counterexample
) -> Iterator[Proposals]:
    """Recurrent sets for single loops, each closed as far as one fact at a time can tell; then cycles of states."""
    evaluator = Evaluator(program)
    endless = list(endless_loops(procedure, seen))
    machine = machines(procedure)
    known = {loop.label: Rounds(loop, program, machine) for loop, _ in endless}
    most = max(FEWEST_FACTS, MOST_FACTS // weight(procedure))  # each is taken through a round
    said: set[object] = set()
    for loop, states in endless:
        rounds = known[loop.label]
        facts = [f for f in rounds.facts(states, evaluator) if all(evaluator.value(f, Scope(s)) is True for s in states)]
        found = closed(rounds, facts[:most], evaluator, holds, counterexample)
        cycle = _cycle(rounds.wide, states) if found is None else None
        claim = (found or [TRUE]) if cycle is None else [narrowed(cycle, machine)]
        key = (loop.label, structure(conj(claim)))
        if (found is not None or cycle is not None) and key not in said:
            said.add(key)
            yield Proposals({loop.label: Proposal(recurrent=tuple(claim))})


def endless_loops(procedure: Procedure, seen: Sequence[Observed], least: int = TAIL) -> Iterator[tuple[While, list[State]]]:
    """Loops that were at work when a run was stopped, with the last states at their heads, of which there must be some; several
    runs for each loop."""
    starts: dict[str, set[object]] = {}
    for observed in seen:
        for loop in loops(procedure) if observed.stopped else ():
            states = observed.heads.get(loop.label, [])
            known = starts.setdefault(loop.label, set())
            if len(states) < least or len(known) >= MOST_STARTS:
                continue
            last = frozenset(states[-1].items())
            if last not in known:
                known.add(last)
                yield loop, states[-TAIL:]


def _cycle(loop: While, states: Sequence[State]) -> Term | None:
    """The states of the loop's variables, if they are few that come again and again."""
    variables = loop_variables(loop)
    tuples = list(dict.fromkeys([tuple([s.get(v.name) for v in variables]) for s in states]))
    if len(tuples) > TAIL // 2 or any(not isinstance(x, int) for t in tuples for x in t):
        return None
    return disj([conj([_equal(v, x) for v, x in zip(variables, t, strict=True)]) for t in tuples])


def _equal(variable: Var, value: Value | None) -> Term:
    if isinstance(value, bool):
        return variable if value else neg(variable)
    assert isinstance(value, int)
    return app(Op.EQ, variable, num(value))


def _manageable(loop: While) -> list[Linear]:
    """What decides how the loop goes on; of what multiplies variables only what stands in its text."""
    stated = [f for f in comparisons(loop) if f.parts]
    return [*stated, *[f for f in deciding(loop) if is_linear(total(f))]]


class Rounds:
    """What a loop decides by, and what a round must do so that something holds after it; each worked out once."""

    def __init__(self, loop: While, program: Program, machine: Mapping[str, Var]) -> None:
        self.loop, self.wide, self._machine = loop, widened_loop(loop), machine
        self.needed: Term = TRUE if loop.condition is None else conj([defined(loop.condition, program), loop.condition])
        self.guard: Sequence[Term] = [] if loop.condition is None else list(conjuncts(loop.condition))
        self._angelic = Angelic(program, FALSE)
        self._forms = _manageable(self.wide)
        self._before: dict[object, Term] = {}

    def before(self, after: Term) -> Term:
        """Where some round leads to `after`."""
        key = structure(after)
        if key not in self._before:
            self._before[key] = self._round(after)
        return self._before[key]

    def _round(self, after: Term) -> Term:
        again = self._angelic.block(self.loop.step, after)
        found = replace(self._angelic, again=again).block(self.loop.body, again)
        # What inner loops say of their entry is beyond this.
        return FALSE if any(isinstance(n, At) for n in walk(found)) else found

    def facts(self, states: Sequence[State], evaluator: Evaluator) -> list[Term]:
        """Candidates: the guard's conjuncts, bounds of what decides, general ones, then the values themselves."""
        loop = self.wide
        variables = [v for v in loop_variables(loop) if all(v.name in s for s in states)]
        exact = [app(Op.EQ, v, num(_integer(states[-1][v.name]))) for v in variables if isinstance(v.sort, Int | Nat)]
        general = candidates(variables, constants(loop_terms(loop)))
        found = [*self._bounds(states, evaluator), *general, *exact]
        return distinct([*self.guard, *[narrowed(f, self._machine) for f in found]])

    def _bounds(self, states: Sequence[State], evaluator: Evaluator) -> list[Term]:
        """How small, and how large, the forms were that decide how the loop goes on."""
        found: list[Term] = []
        for form in self._forms:
            term = total(Linear(form.parts, 0))
            values = [evaluator.value(term, Scope(s)) for s in states]
            numbers = [v for v in values if isinstance(v, int)]
            if len(numbers) == len(values):
                low, high = min(numbers), max(numbers)
                above = ([0, 1] if low > 1 else []) + [low]
                below = ([0, -1] if high < -1 else []) + [high]
                found += [comparison(Op.GE, Linear(form.parts, -c)) for c in above if abs(c) <= LARGEST]
                found += [comparison(Op.LE, Linear(form.parts, -c)) for c in below if abs(c) <= LARGEST]
        return found


def _integer(value: Value) -> int:
    return value if isinstance(value, int) else 0
