"""What is known on a path through a program, in step with the prelude's `wp`: values of variables as terms, and hypotheses.

A state that `wp` speaks of for all (after a loop's rounds, a call, a `havoc`) gets a name, and the variables that may have
changed get new values, which are variables of the sequents that come of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from prover.export.plain import Env, Plain, base, in_sort
from prover.kernel.term import TRUE, Term, Var, conjuncts
from prover.record import record


@record
class Hypothesis:
    """ground: how Rocq comes by it, where it does not stand in the context as it is."""

    formula: Term
    because: str = ""


@record
class Sequent:
    """actual: what each free variable is in the condition's own terms.  intros: how the condition's premises are introduced."""

    hypotheses: tuple[Hypothesis, ...]
    goal: Term
    actual: Mapping[str, str]
    intros: str


@record
class Condition:
    """One of the list that `wp` makes.  sequent: what it says on a path that leads there.  proof: a tactic, where it is known."""

    name: str
    sequent: Callable[[Path], Sequent]
    proof: str = ""


@record
class Scope:
    """The variables of a unit with their names in Rocq; labels: of places, by what the source calls them."""

    variables: Mapping[str, tuple[Var, str]]
    labels: Mapping[str, str]
    plain: Plain


@record
class Path:
    scope: Scope
    states: int
    cur: Env
    sav: Mapping[str, Env]
    hypotheses: tuple[Hypothesis, ...]
    actual: Mapping[str, str]
    intros: tuple[str, ...]

    def _with(
        self,
        *,
        cur: Env | None = None,
        sav: Mapping[str, Env] | None = None,
        more: Sequence[Hypothesis] = (),
        actual: Mapping[str, str] | None = None,
        intros: Sequence[str] = (),
        states: int = 0,
    ) -> Path:
        self.scope.plain.spend(1 + (len(self.hypotheses) + len(self.actual)) // 10)
        return Path(
            self.scope,
            self.states + states,
            self.cur if cur is None else cur,
            self.sav if sav is None else sav,
            (*self.hypotheses, *more),
            {**self.actual, **(actual or {})},
            (*self.intros, *intros),
        )

    def term(self, term: Term) -> Term:
        return self.scope.plain.of(term, self.cur, self.sav)

    def assuming(self, formula: Term) -> Path:
        """Under one premise, which is this."""
        found = [Hypothesis(part) for part in conjuncts(formula) if part is not TRUE]
        return self._with(more=found, intros=("?",))

    def given(self, formulas: Iterable[Term]) -> Path:
        """With more that the last premise has said."""
        return self._with(more=[Hypothesis(part) for f in formulas for part in conjuncts(f) if part is not TRUE])

    def assigned(self, values: Env) -> Path:
        return self._with(cur={**self.cur, **values})

    def saved(self, label: str) -> Path:
        return self._with(sav={**self.sav, label: self.cur})

    def state(self) -> str:
        return f"s{self.states}"

    def entered(self, changed: Sequence[str], labels: Iterable[str], intros: str) -> Path:
        """In some state that is this one but for what is `changed` and for the places; intros: with `S` for its name."""
        state = f"s{self.states + 1}"
        cur, more, actual = self._values(changed, state)
        sav = dict(self.sav)
        for label in labels:
            self.scope.plain.spend(1 + len(self.scope.variables))
            sav[label], places = self.scope_at(label, state)
            actual.update(places)
        pattern = intros.replace("S", state)
        return self._with(cur={**self.cur, **cur}, sav=sav, more=more, actual=actual, intros=(pattern,), states=1)

    def _values(self, names: Sequence[str], state: str) -> tuple[Env, list[Hypothesis], dict[str, str]]:
        cur, more, actual = {}, [], {}
        for name in dict.fromkeys(names):
            variable, text = self.scope.variables[name]
            held = Var(f"{name}@{state}", base(variable.sort))
            cur[name], actual[held.name] = held, f"(cur {state} {text})"
            more += ranges(variable, held, f"(T{state} {text})", self.scope.plain)
        return cur, more, actual

    def scope_at(self, label: str, state: str) -> tuple[Env, dict[str, str]]:
        env, actual = {}, {}
        for name, (variable, text) in self.scope.variables.items():
            held = Var(f"{name}@{state}_{label}", base(variable.sort))
            env[name], actual[held.name] = held, f"(sav {state} {self.scope.labels[label]} {text})"
        return env, actual

    def sequent(self, goal: Term) -> Sequent:
        return Sequent(self.hypotheses, goal, self.actual, " ".join(self.intros))

    def others(self, values: Sequence[tuple[Var, str]]) -> tuple[Path, list[Term]]:
        """In a callee's last state, of which these are the results."""
        state = f"s{self.states + 1}"
        actual: dict[str, str] = {}
        more: list[Hypothesis] = []
        held: list[Term] = []
        for index, (variable, text) in enumerate(values):
            result = Var(f"result{index}@{state}", base(variable.sort))
            held.append(result)
            actual[result.name] = f"(cur {state} {text})"
            more += ranges(variable, result, f"(T{state} {text})", self.scope.plain)
        return self._with(more=more, actual=actual, intros=(f"{state} T{state} ?",), states=1), held


def ranges(variable: Var, held: Term, because: str, plain: Plain) -> list[Hypothesis]:
    said = in_sort(variable.sort, held, plain)
    return [Hypothesis(part, because) for part in conjuncts(said) if part is not TRUE]


def first(scope: Scope) -> Path:
    """Where a procedure starts."""
    empty = Path(scope, 0, {}, {}, (), {}, ())
    cur, more, actual = empty._values(list(scope.variables), "s0")
    sav = {}
    for label in scope.labels:
        sav[label], places = empty.scope_at(label, "s0")
        actual.update(places)
    sav["old"] = cur
    return Path(scope, 0, cur, sav, tuple(more), actual, ())
