"""What goals may rely on beside their hypotheses: functions by their equations, and axioms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from prover.kernel.depend import functions_in
from prover.kernel.fold import fold
from prover.kernel.goal import Defines, Goal, Holds, Joins, Path, nodes
from prover.kernel.program import Axiom, Function, Program
from prover.kernel.sort import Array, Machine, Nat
from prover.kernel.term import Call, Term, substitute
from prover.record import record


@record
class Theory:
    """recursive: functions known by instances of their equation.  stated: those and the uninterpreted ones whose results
    have a range, of which instances are stated."""

    functions: Mapping[str, Function]
    recursive: frozenset[str]
    stated: frozenset[str]
    axioms: tuple[Axiom, ...]

    def requires(self, term: Call) -> list[Term]:
        """What the arguments of a call must satisfy for the function's equation to speak of it, ranges of sorts aside."""
        function = self.functions[term.function]
        mapping = {p.name: a for p, a in zip(function.parameters, term.args, strict=True)}
        return [substitute(c.formula, mapping) for c in function.requires]

    def equation(self, term: Call) -> Term | None:
        """The function's body for the arguments of a call; None when it has none."""
        function = self.functions[term.function]
        if function.body is None:
            return None
        return fold(substitute(function.body, {p.name: a for p, a in zip(function.parameters, term.args, strict=True)}))

    def axioms_for(self, goals: Iterable[Goal]) -> list[Axiom]:
        """The axioms that share a function with the goals, with another such axiom, or that mention none at all."""
        if not self.axioms:
            return []
        reached = self.closure({f for t in goal_terms(goals) for f in functions_in(t)})
        chosen: list[Axiom] = []
        rest = list(self.axioms)
        while near := [a for a in rest if not (own := functions_in(a.formula)) or own & reached]:
            chosen += near
            rest = [a for a in rest if a not in near]
            reached = self.closure(reached | {f for a in near for f in functions_in(a.formula)})
        return [a for a in self.axioms if a in chosen]

    def brought_in(self, goals: Sequence[Goal]) -> frozenset[str]:
        """The functions that the solver hears of in these goals, those that axioms and scripts bring in included."""
        named = {f for t in goal_terms(goals) for f in functions_in(t)}
        return self.closure(named | {f for a in self.axioms_for(goals) for f in functions_in(a.formula)})

    def closure(self, names: Iterable[str]) -> frozenset[str]:
        """The functions named, and those that their equations and `requires` bring in."""
        found: set[str] = set()
        todo = list(names)
        while todo:
            name = todo.pop()
            function = self.functions.get(name)
            if name in found or function is None:
                continue
            found.add(name)
            inside = [c.formula for c in function.requires] + ([function.body] if function.body is not None else [])
            todo += [f for t in inside for f in functions_in(t)]
        return frozenset(found)


def goal_terms(goals: Iterable[Goal]) -> Iterable[Term]:
    """Every term of the goals, facts on shared paths once."""
    seen: set[Path] = set()
    for goal in goals:
        yield goal.conclusion
        yield from _path_terms(goal.path, seen)


def _path_terms(path: Path | None, seen: set[Path]) -> Iterable[Term]:
    for node in nodes(path):
        if node in seen:
            continue
        seen.add(node)
        match node.fact:
            case Holds(formula=formula):
                yield formula
            case Defines(term=term):
                yield term
            case Joins(branches=branches):
                for branch, defines in branches:
                    yield from _path_terms(branch, seen)
                    yield from (d.term for d in defines)


def theory(program: Program, components: Mapping[str, frozenset[str]]) -> Theory:
    functions = {n: u for n, u in program.units.items() if isinstance(u, Function)}
    calls = {n: {f for t in ([u.body] if u.body is not None else []) for f in functions_in(t)} for n, u in functions.items()}
    recursive = frozenset(n for n in functions if len(components[n]) > 1 or n in calls[n])
    ranged = frozenset(n for n, u in functions.items() if u.body is None and isinstance(u.result, Nat | Machine | Array))
    return Theory(functions, recursive, recursive | ranged, tuple(u for u in program.units.values() if isinstance(u, Axiom)))
