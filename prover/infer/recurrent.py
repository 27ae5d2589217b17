"""Recurrent sets from runs (after Gupta et al. 2008): facts that held at the head of a loop in a run that went on and on,
weakened until the kernel accepts them as closed (Houdini; Flanagan & Leino 2001).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from prover.infer.annotate import Proposal, Proposals
from prover.infer.facts import candidates, constants, loop_terms, loop_variables
from prover.infer.linear import Linear, comparison, distinct, tidy, total
from prover.infer.observe import Observed, State, loops
from prover.infer.paths import deciding
from prover.kernel.definedness import defined
from prover.kernel.program import Procedure, Program, While
from prover.kernel.recurrence import Angelic
from prover.kernel.sort import Int, Nat
from prover.kernel.term import FALSE, TRUE, At, Lit, Op, Term, Var, app, conj, conjuncts, disj, neg, num, structure, walk
from prover.record import replace
from prover.semantics.evaluate import Evaluator, Scope
from prover.semantics.values import Value

TAIL = 12
MOST_FACTS = 120
MOST_STARTS = 8
MOST_ALONE = 24
MOST_SINGLY = 40

Holds = Callable[[Sequence[Term], Term], bool]
"""Do the first terms entail the last, for all values of the variables?"""

Counterexample = Callable[[Sequence[Term], Term], State | None]
"""A state in which the first terms hold and the last does not; None if none was found."""


def propose(
    procedure: Procedure, program: Program, seen: Sequence[Observed], holds: Holds, counterexample: Counterexample
) -> Iterator[Proposals]:
    """Recurrent sets for single loops, each closed as far as one fact at a time can tell; then cycles of states."""
    evaluator = Evaluator(program)
    endless = list(_endless(procedure, seen))
    known = {loop.label: _Rounds(loop, program) for loop, _ in endless}
    said: set[object] = set()
    for loop, states in endless:
        rounds = known[loop.label]
        facts = [f for f in rounds.facts(states, evaluator) if all(evaluator.value(f, Scope(s)) is True for s in states)]
        found = _closed(rounds, facts[:MOST_FACTS], evaluator, holds, counterexample)
        cycle = _cycle(loop, states) if found is None else None
        claim = (found or [TRUE]) if cycle is None else [cycle]
        key = (loop.label, structure(conj(claim)))
        if (found is not None or cycle is not None) and key not in said:
            said.add(key)
            yield Proposals({loop.label: Proposal(recurrent=tuple(claim))})


def _endless(procedure: Procedure, seen: Sequence[Observed]) -> Iterator[tuple[While, list[State]]]:
    """Loops that were at work when a run was stopped, with the last states at their heads; several runs for each loop."""
    starts: dict[str, set[object]] = {}
    for observed in seen:
        for loop in loops(procedure) if observed.stopped else ():
            states = observed.heads.get(loop.label, [])
            known = starts.setdefault(loop.label, set())
            last = tuple(sorted(states[-1].items(), key=str)) if states else ()
            if len(states) >= TAIL and len(known) < MOST_STARTS and last not in known:
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


class _Rounds:
    """What a loop decides by, and what a round must do so that something holds after it; each worked out once."""

    def __init__(self, loop: While, program: Program) -> None:
        self.loop = loop
        self.guard = TRUE if loop.condition is None else conj([defined(loop.condition, program), loop.condition])
        self._angelic = Angelic(program, FALSE)
        self._forms = deciding(loop)
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
        return (
            FALSE if any(isinstance(n, At) for n in walk(found)) else found
        )  # what inner loops say of their entry is beyond this

    def facts(self, states: Sequence[State], evaluator: Evaluator) -> list[Term]:
        """Candidates: the guard's conjuncts, bounds of what decides, general ones, then the values themselves."""
        loop = self.loop
        guard = list(conjuncts(loop.condition)) if loop.condition is not None else []
        variables = [v for v in loop_variables(loop) if all(v.name in s for s in states)]
        exact = [app(Op.EQ, v, num(_integer(states[-1][v.name]))) for v in variables if isinstance(v.sort, Int | Nat)]
        general = candidates(variables, constants(loop_terms(loop)))
        return distinct([*guard, *self._bounds(states, evaluator), *general, *exact])

    def _bounds(self, states: Sequence[State], evaluator: Evaluator) -> list[Term]:
        """How small, and how large, the forms were that decide how the loop goes on."""
        found: list[Term] = []
        for form in self._forms:
            term = total(Linear(form.parts, 0))
            values = [evaluator.value(term, Scope(s)) for s in states]
            numbers = [v for v in values if isinstance(v, int)]
            if len(numbers) == len(values):
                low, high = min(numbers), max(numbers)
                bounds = [0, 1] if low > 1 else []
                found += [comparison(Op.GE, Linear(form.parts, -c)) for c in (*bounds, low)]
                found += [comparison(Op.LE, Linear(form.parts, -c)) for c in ((0, -1, high) if high < -1 else (high,))]
        return found


def _integer(value: Value) -> int:
    return value if isinstance(value, int) else 0


def _closed(
    rounds: _Rounds, facts: Sequence[Term], evaluator: Evaluator, holds: Holds, counterexample: Counterexample
) -> list[Term] | None:
    """The facts that a round keeps, provided that they imply the guard; None if they do not."""
    pairs = [(f, rounds.before(f)) for f in facts]
    while holds([f for f, _ in pairs], rounds.guard):
        kept = [f for f, _ in pairs]
        state = counterexample(kept, conj([r for _, r in pairs]))
        after = pairs if state is None else [p for p in pairs if evaluator.value(p[1], Scope(state)) is not False]
        if len(after) == len(pairs) and not holds(kept, conj([r for _, r in pairs])):
            if len(pairs) > MOST_SINGLY:
                return None
            after = [p for p in pairs if holds(kept, p[1])]
        if len(after) == len(pairs):
            return _fewest(rounds, distinct([tidy(f) for f in kept]), holds)
        pairs = after
    return None


def _fewest(rounds: _Rounds, facts: list[Term], holds: Holds) -> list[Term]:
    """Without the facts that the others make unnecessary; the guard with one fact beside it is best."""
    condition = rounds.loop.condition
    guard = distinct([tidy(p) for p in conjuncts(condition)]) if condition is not None else []
    known = {structure(f) for f in facts}
    if all(structure(g) in known for g in guard):
        others = [f for f in facts if structure(f) not in {structure(g) for g in guard}]
        for few in (guard, *[[*guard, f] for f in others[:MOST_ALONE]]):
            if _recurs(rounds, few, holds):
                return few
    for fact in sorted(facts, key=_largest)[::-1]:
        rest = [f for f in facts if f is not fact]
        if _recurs(rounds, rest, holds):
            facts = rest
    return facts


def _largest(formula: Term) -> int:
    """The largest number in it: one that a run happened to reach is better left out."""
    return max([abs(int(n.value)) for n in walk(formula) if isinstance(n, Lit)], default=0)


def _recurs(rounds: _Rounds, facts: Sequence[Term], holds: Holds) -> bool:
    """Do the facts together imply the guard, and does some round lead back to them?"""
    return holds(facts, rounds.guard) and holds(facts, rounds.before(conj(facts)))
