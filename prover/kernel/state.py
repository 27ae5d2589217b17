"""Symbolic states: what the variables are at a place in a program, and the facts on the way there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from prover.kernel.goal import Assumption, Defines, Fact, Goal, GoalKind, Holds, Joins, Naming, Origin, Path, ancestor, extend
from prover.kernel.program import Clause, Script
from prover.kernel.sort import Sort
from prover.kernel.term import OLD, At, Term, Var, free_variables, substitute, walk
from prover.record import record, replace
from prover.source import Span

# A value larger than this gets a name of its own, which keeps conditions linear where a program squares or doubles.
LARGE = 60


@record
class State:
    """env: the value of each variable that can change.  latest: for each, its newest value that has a name.
    points: the env at entry (`old`), at the last entry of each loop, at each labelled point."""

    env: Mapping[str, Term]
    path: Path | None
    latest: Mapping[str, str]
    points: Mapping[str, Mapping[str, Term]]

    def knowing(self, fact: Fact) -> State:
        return replace(self, path=extend(self.path, fact))

    def at(self, label: str) -> State:
        return replace(self, points={**self.points, label: self.env})


@dataclass(slots=True)
class Builder:
    """Collects the goals of one unit.  The only mutable thing in the making of conditions."""

    unit: str
    variables: Mapping[str, Var]
    goals: list[Goal] = field(default_factory=list)
    termination: list[Goal] = field(default_factory=list)
    assumptions: list[Assumption] = field(default_factory=list)
    _sites: dict[str, str] = field(default_factory=dict)
    _names: dict[str, int] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)
    _values: int = 0

    def fresh(self, name: str, sort: Sort, site: str) -> Var:
        """A new value of the variable `name`, made at `site`; like every value of a sort, it is in the sort's range."""
        base = name.split("@", maxsplit=1)[0]
        self._values += 1
        value = Var(f"{base}@{self._values}", sort)
        self._sites[value.name] = site
        return value

    def value(self, term: Term, state: State) -> Term:
        """What `term` is in `state`, in terms of values."""
        return self.evaluate(term, state.env, state.points)

    def evaluate(self, term: Term, env: Mapping[str, Term], points: Mapping[str, Mapping[str, Term]]) -> Term:
        missing = {n.label for n in walk(term) if isinstance(n, At)} - points.keys()
        for label in sorted(missing):
            # A place that no run on this path has passed: nothing is known of the values there.
            points = {**points, label: {v.name: self.fresh(v.name, v.sort, label) for v in self.variables.values()}}
        return substitute(term, env, points)

    def havoc(self, state: State, variables: Iterator[Var] | tuple[Var, ...], site: str) -> State:
        """Give the variables new values of which only the sort is known."""
        env, latest = dict(state.env), dict(state.latest)
        for v in variables:
            value = self.fresh(v.name, v.sort, site)
            env[v.name] = value
            latest[v.name] = value.name
        return replace(state, env=env, latest=latest)

    def assign(self, state: State, variable: Var, value: Term, span: Span) -> State:
        if value.size <= LARGE:
            return replace(state, env={**state.env, variable.name: value})
        named = self.fresh(variable.name, variable.sort, f"line{span.first.line}")
        known = state.knowing(Defines(named, value, span))
        return replace(known, env={**state.env, variable.name: named}, latest={**state.latest, variable.name: named.name})

    def assume(self, state: State, clause: Clause, origin: Origin) -> State:
        return state.knowing(Holds(self.value(clause.formula, state), origin, clause.span, clause.label))

    def name(self, stem: str) -> str:
        """A goal's name; a second goal of the same stem gets a number."""
        return self._unused(stem, lambda count: stem if count == 1 else f"{stem}'{count}")

    def numbered(self, stem: str) -> str:
        """`index1`, `index2`, … in the order that goals are made."""
        return self._unused(stem, lambda count: f"{stem}{count}")

    def _unused(self, stem: str, spelled: Callable[[int], str]) -> str:
        """Names are unique in a unit, whatever labels the user chose (`index1`, say): outcomes are told apart by them."""
        while True:
            count = self._names[stem] = self._names.get(stem, 0) + 1
            name = f"{self.unit}.{spelled(count)}"
            if name not in self._taken:
                self._taken.add(name)
                return name

    def goal(
        self,
        name: str,
        kind: GoalKind,
        state: State,
        conclusion: Term,
        span: Span,
        words: str,
        *,
        script: Script | None = None,
        missing: bool = False,
        termination: bool = False,
        clause: str = "",
        induction: frozenset[str] = frozenset(),
    ) -> None:
        naming = Naming(state.latest, self._sites)
        made = Goal(name, kind, self.unit, state.path, conclusion, span, words, naming, script, missing, clause, induction)
        (self.termination if termination else self.goals).append(made)

    def join(self, states: list[State], site: str, span: Span) -> State | None:
        """One state for several that meet; None when none arrives.

        Variables on whose value the states disagree get a new one, defined in each branch."""
        if len(states) <= 1:
            return states[0] if states else None
        base = states[0].path
        for state in states[1:]:
            base = ancestor(base, state.path)
        first = states[0]
        changed = [n for n in first.env if any(s.env.get(n) is not first.env[n] for s in states[1:])]
        values = {n: self.fresh(n, self.variables[n].sort, site) for n in changed}
        branches = tuple([(s.path, tuple([Defines(v, s.env[n], None) for n, v in values.items() if n in s.env])) for s in states])
        return State(
            env={**first.env, **values},
            path=extend(base, Joins(base, branches, span)),
            latest={**first.latest, **{n: v.name for n, v in values.items()}},
            points={label: env for label, env in first.points.items() if all(s.points.get(label) is env for s in states[1:])},
        )


def entry(builder: Builder, changing: tuple[Var, ...]) -> State:
    """The state at entry: the variables that can change have their entry values."""
    values = {v.name: builder.fresh(v.name, v.sort, OLD) for v in changing}
    return State(env=values, path=None, latest={n: v.name for n, v in values.items()}, points={OLD: values})


def names_in(terms: tuple[Term, ...]) -> frozenset[str]:
    return frozenset(n for t in terms for n in free_variables(t))
