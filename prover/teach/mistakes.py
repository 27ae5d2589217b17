"""What kind of mistake an invariant is: where its conjuncts are false, in runs of the submission on small inputs.

Runs only choose the words of a hint; whether an obligation is proved is the kernel's to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise
from pathlib import Path

from prover.diagnostic import InputError
from prover.infer.observe import loops, observe
from prover.kernel.program import Procedure, Program, While
from prover.kernel.sort import Int, Sort
from prover.kernel.term import App, Op, Term, Var, app, conjuncts, free_variables, num, substitute
from prover.plan import load
from prover.report import FileReport
from prover.semantics.evaluate import Evaluator, Scope
from prover.semantics.values import Value, conforms, show_state
from prover.syntax.elaborate import FileLoader
from prover.syntax.unparse import term_text

RUNS, STEPS, TOTAL, MOST_STATES, MOST_MOVED = 60, 1_000, 20_000, 400, 40
_BOUNDS = frozenset((Op.LT, Op.LE, Op.GT, Op.GE))
State = Mapping[str, Value]


class Pattern(Enum):
    """When a conjunct is false."""

    NEVER = auto()
    ALWAYS = auto()
    AT_EXIT = auto()  # only when the loop ends
    AT_FIRST = auto()  # only before the first round
    BEFORE_EXIT = auto()  # true only when the loop ends
    BY_ONE = auto()  # but true always with a variable one greater or smaller
    AFTER_FIRST = auto()  # true before the first round only
    SOMETIMES = auto()


@dataclass(frozen=True, slots=True)
class Flaw:
    """A conjunct that is false in some run.  entry: a state in which it is false when the loop is reached.  round: the states
    before and after the earliest round that ends with it false.  variable: for `BY_ONE`.  bound: is it a comparison?"""

    conjunct: str
    pattern: Pattern
    entry: str | None
    round: tuple[str, str] | None
    variable: str
    bound: bool


@dataclass(frozen=True, slots=True)
class Lack:
    """What an invariant that is true in all runs does not say.  silent: variables that the loop changes and it does not mention.
    passing: the guard's sides, if the first can pass the second; loose: an invariant bounds it by that, but not tightly.
    bounded: variables that it only bounds."""

    silent: tuple[str, ...] = ()
    passing: tuple[str, str] | None = None
    loose: bool = False
    bounded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """A loop of a unit with what its runs pass through: for each time that it is entered the states at its head."""

    unit: Procedure
    loop: While
    entered: Sequence[Sequence[State]]
    evaluator: Evaluator

    def true(self, term: Term, state: State) -> bool:
        return self.evaluator.value(term, Scope(state)) is True

    def false(self, term: Term, state: State) -> bool:
        """What cannot be evaluated is neither true nor false."""
        return self.evaluator.value(term, Scope(state)) is False

    def ends(self, state: State) -> bool:
        return self.loop.condition is not None and self.evaluator.value(self.loop.condition, Scope(state)) is False


def looked(report: FileReport, unit: str, label: str) -> Looked | None:
    """Raises nothing: None where there is no such loop, or the file cannot be read again."""
    if report.source is None:
        return None
    try:
        program = load(report.source, FileLoader(Path(report.path).parent))
    except InputError:
        return None
    procedure = program.units.get(unit)
    if not isinstance(procedure, Procedure):
        return None
    loop = next((w for w in loops(procedure) if w.label == label), None)
    return None if loop is None else _observed(procedure, loop, program)


def _observed(unit: Procedure, loop: While, program: Program) -> Looked:
    found = Looked(unit, loop, [], Evaluator(program, fuel=20_000, total=200_000))
    entered: list[list[State]] = []
    for seen in observe(unit, program, RUNS, STEPS, TOTAL):
        fresh = True
        for state in seen.heads.get(loop.label, [])[:MOST_STATES]:
            if fresh:
                entered.append([])
            entered[-1].append(state)
            fresh = found.ends(state)
    return Looked(unit, loop, entered, found.evaluator)


def flaws(at: Looked) -> Iterator[Flaw]:
    """Of the conjuncts of the loop's invariants, in order."""
    for clause in at.loop.invariants:
        for conjunct in conjuncts(clause.formula):
            found = _flaw(conjunct, at)
            if found is not None:
                yield found


def _flaw(conjunct: Term, at: Looked) -> Flaw | None:
    pattern = _pattern(conjunct, at)
    if pattern is Pattern.NEVER:
        return None
    variable = "" if pattern in (Pattern.AT_EXIT, Pattern.AT_FIRST) else _neighbour(conjunct, at)
    ways = [(n, states) for states in at.entered for n, s in enumerate(states) if at.false(conjunct, s)]
    entered = next((states[0] for n, states in ways if n == 0), None)
    number, states = min(((n, states) for n, states in ways if n), key=lambda w: w[0], default=(0, ()))
    shown = _shown(conjunct, at)

    def said(state: State) -> str:
        return show_state({n: v for n, v in state.items() if n in shown})

    return Flaw(
        term_text(conjunct),
        Pattern.BY_ONE if variable else pattern,
        None if entered is None else said(entered),
        (said(states[number - 1]), said(states[number])) if number else None,
        variable,
        _is_bound(conjunct),
    )


def _pattern(conjunct: Term, at: Looked) -> Pattern:
    """By the visits of the loop's head, each with its number since the loop was entered and whether the loop ends there."""
    visits = [(n, s) for states in at.entered for n, s in enumerate(states)]
    wrong = [(n, at.ends(s)) for n, s in visits if at.false(conjunct, s)]
    right = [(n, at.ends(s)) for n, s in visits if at.true(conjunct, s)]
    if not wrong:
        return Pattern.NEVER
    if not right:
        return Pattern.ALWAYS
    if all(ends for _, ends in wrong):
        return Pattern.AT_EXIT
    if all(number == 0 for number, _ in wrong):
        return Pattern.AT_FIRST
    if all(ends for _, ends in right):
        return Pattern.BEFORE_EXIT
    return Pattern.AFTER_FIRST if all(number == 0 for number, _ in right) else Pattern.SOMETIMES


def _neighbour(conjunct: Term, at: Looked) -> str:
    """A variable of the loop for which the conjunct is true in all runs once 1 is added to or taken from it."""
    changed = _changed(at)
    for name, variable in free_variables(conjunct).items():
        if name not in changed or not isinstance(variable.sort, Int):
            continue
        for step in (1, -1):
            moved = substitute(conjunct, {name: app(Op.ADD, variable, num(step))})
            if all(at.true(moved, s) for states in at.entered for s in states):
                return name
    return ""


def _changed(at: Looked) -> frozenset[str]:
    """Variables that a round changes in some run."""
    pairs = [(a, b) for states in at.entered for a, b in pairwise(states)]
    return frozenset(n for a, b in pairs for n in a if n in b and a[n] != b[n])


def _shown(conjunct: Term, at: Looked) -> set[str]:
    return {*free_variables(conjunct), *_guard(at), *_changed(at)}


def _guard(at: Looked) -> set[str]:
    return set(free_variables(at.loop.condition)) if at.loop.condition is not None else set()


def says_something(at: Looked) -> bool:
    """Would the invariants be false if a variable that the loop changes had another value?  In doubt, yes."""
    clauses = [c.formula for c in at.loop.invariants]
    tried = [s for states in at.entered for s in states][:MOST_MOVED]
    changed = _changed(at)
    if not clauses or not changed:
        return True
    sorts = {p.variable.name: p.variable.sort for p in (*at.unit.parameters, *at.unit.results, *at.unit.locals)}
    moving = {n: sorts[n] for n in sorted(changed) if n in sorts}
    return any(not at.true(c, moved) for s in tried for moved in _moved(s, moving) for c in clauses)


def _moved(state: State, moving: Mapping[str, Sort]) -> Iterator[State]:
    for name, sort in moving.items():
        yield from ({**state, name: value} for value in _others(state[name]) if conforms(value, sort))


def _others(value: Value) -> Iterator[Value]:
    match value:
        case bool():
            yield not value
        case int():
            yield from (value + step for step in (-1_000_003, -2, -1, 1, 2, 1_000_003))
        case tuple() if value:
            yield from ((other, *value[1:]) for other in _others(value[0]))
        case _:
            pass


def lack(at: Looked, state: Mapping[str, str] | None) -> Lack:
    """state: one that the invariants allow at the loop's end, and in which something else fails."""
    parts = [c for clause in at.loop.invariants for c in conjuncts(clause.formula)]
    changed = sorted(_changed(at))
    said = [(c, set(free_variables(c))) for c in parts]
    silent = tuple(n for n in changed if not any(n in names for _, names in said))
    passing = _passing(at, state or {})
    loose = passing is not None and any(_is_bound(c) and names >= set(passing) for c, names in said)
    free = set(changed) - set(silent) - _guard(at)
    bounded = tuple(sorted(n for n in free if all(_is_bound(c) for c, names in said if n in names)))
    return Lack(silent, passing, loose, bounded)


def _is_bound(term: Term) -> bool:
    return isinstance(term, App) and term.op in _BOUNDS


def _passing(at: Looked, state: Mapping[str, str]) -> tuple[str, str] | None:
    """The guard's two sides, if they are equal whenever the loop ends in a run, and are not in the state."""
    match at.loop.condition:
        case App(op=op, args=(Var(name=left), Var(name=right))) if op in _BOUNDS | {Op.NE}:
            exits = [s for states in at.entered for s in states if at.ends(s) and len(states) > 1]
            if exits and all(s.get(left) == s.get(right) for s in exits) and left in state and right in state:
                return (left, right) if state[left] != state[right] else None
        case _:
            pass
    return None
