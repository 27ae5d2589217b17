"""Names in textbook assertions: values of earlier states, and fresh ones.

While an assertion is carried backwards, `old(x)` and `at(l, x)` must not be touched by assignments to x.  So they are frozen
to variables of their own, `x@old` and `x@l`; going backwards past the labelled place makes them plain `x` again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from prover.kernel.program import Procedure
from prover.kernel.sort import Sort
from prover.kernel.term import At, Term, Var, at, free_variables, substitute, walk


def variables_of(procedure: Procedure) -> dict[str, Var]:
    """Every variable of the unit that an assertion can mention freely."""
    held = (*procedure.parameters, *procedure.results, *procedure.locals)
    return {p.variable.name: p.variable for p in held}


def displayed(name: str) -> str:
    return name.partition("#")[0].partition("@")[0].rstrip("~")


@dataclass(slots=True)
class Names:
    """Of one unit.  fixed: parameters that never change, whose earlier values are today's."""

    variables: Mapping[str, Var]
    fixed: frozenset[str]
    taken: set[str]
    fresh: list[Var] = field(default_factory=list)

    def freeze(self, term: Term) -> Term:
        """`term` with frozen variables for what is inside `old` and `at`."""
        labels = {n.label for n in walk(term) if isinstance(n, At)}
        if not labels:
            return term
        inside = free_variables(term)
        points = {label: {n: self._frozen(v, label) for n, v in inside.items()} for label in labels}
        return substitute(term, {}, points)

    def _frozen(self, variable: Var, label: str) -> Var:
        name = variable.name
        return variable if name in self.fixed or name not in self.variables else Var(f"{name}@{label}", variable.sort)

    def arrive(self, term: Term, label: str) -> Term:
        """Backwards past the place that `label` names: its values are those of now."""
        suffix = f"@{label}"
        found = {n: self.variables[n.removesuffix(suffix)] for n in free_variables(term) if n.endswith(suffix)}
        return substitute(term, found)

    def thaw(self, term: Term) -> Term:
        """For showing: frozen variables as `old(x)` and `at(l, x)` again."""
        found: dict[str, Term] = {}
        for name in free_variables(term):
            base, mark, label = name.partition("@")
            if mark and base in self.variables:
                found[name] = at(label, self.variables[base])
        return substitute(term, found)

    def new(self, like: str, sort: Sort, *, plain: bool = False) -> Var:
        """A variable that nothing else is displayed as: `x'`, `x''`, …; with `plain` first of all `x` itself."""
        name = displayed(like) + ("" if plain else "'")
        while name in self.taken:
            name += "'"
        self.taken.add(name)
        self.fresh.append(variable := Var(name, sort))
        return variable


def names_of(procedure: Procedure, terms: Iterable[Term]) -> Names:
    """terms: the unit's, so that fresh names differ from bound ones in them, too."""
    variables = variables_of(procedure)
    fixed = frozenset([p.variable.name for p in procedure.parameters if not p.inout])
    taken = {displayed(n) for n in variables}
    for term in terms:
        taken.update([displayed(n.name) for n in walk(term) if isinstance(n, Var)])
    return Names(variables, fixed, taken)
