"""A program and what has to be proved about it: the conditions of its units, and the scripts that refine their goals."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from prover.diagnostic import Diagnostic, InputError, Severity, note, warning
from prover.kernel.depend import closure, components, dependents, script_lemmas, statements
from prover.kernel.functionvc import axiom_conditions, function_conditions
from prover.kernel.goal import Conditions, Goal
from prover.kernel.program import Assert, Axiom, Function, Kind, Procedure, Program, Proof, Script, Unit
from prover.kernel.theory import Theory, theory
from prover.kernel.vc import conditions
from prover.record import record, replace
from prover.solve.prove import Refined
from prover.source import Source
from prover.syntax.elaborate import FileLoader, elaborate
from prover.syntax.parser import parse
from prover.verdict import asked

if TYPE_CHECKING:
    from prover.syntax.surface import File
    from prover.tactic.script import Setting, Tree

RECURSION = 10_000


def load(source: Source, loader: FileLoader) -> Program:
    """The typed program of a text.  Raises InputError."""
    return elaborated(parse(source), source, loader)


def elaborated(tree: File, source: Source, loader: FileLoader) -> Program:
    """The typed program of a text that was parsed.  Raises InputError."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION))
    return elaborate(tree, source, loader)


@record
class Plan:
    """A program with the conditions of all units that matter for it."""

    program: Program
    components: Mapping[str, frozenset[str]]
    theory: Theory
    conditions: Mapping[str, Conditions]
    termination: frozenset[str]

    def opaque(self, name: str) -> frozenset[str]:
        """The functions whose equations may not be used for `name`: what rests on a function does not help to make it exist.

        Only axioms and scripts bring functions into a goal that the function itself does not use."""
        if not isinstance(self.program.units[name], Function):
            return frozenset()
        component = self.components[name]
        return dependents(component, self.program) if self.theory.axioms or self.program.proofs else component

    def setting(self, name: str) -> Setting:
        """What scripts for goals of `name` may speak of.  Lemmas of its own component are not among it: that one uses the other
        would be no proof."""
        used = script_lemmas(self.program.units[name], self.program) - self.components[name]
        lemmas = {n: u for n in used if isinstance(u := self.program.units[n], Procedure) and u.kind is Kind.LEMMA}
        from prover.tactic.script import Setting  # most files hold no script

        return Setting(self.theory, self.opaque(name), lemmas)

    def brought_in(self, name: str, goals: Sequence[Goal], scripts: Iterable[Refined | None]) -> frozenset[str]:
        """The functions that axioms and scripts bring into the goals of `name`."""
        leaves = [g for tree in scripts if tree is not None for g in tree.leaves()]
        if not (leaves or self.theory.axioms):
            return frozenset()
        return self.theory.brought_in([*goals, *leaves]) - self.opaque(name)


def plan(program: Program, total: bool = False, names: Iterable[str] | None = None) -> Plan:
    """Conditions of the named units (all of the file's own by default) and of everything that they use."""
    found = components(program)
    termination = asked(program, total)
    needed = closure([*(program.own if names is None else names), *_at_large(program)], program)
    made = {n: unit_conditions(program.units[n], program, found[n], n in termination) for n in found if n in needed}
    return Plan(program, found, theory(program, found), made, termination)


def _at_large(program: Program) -> list[str]:
    """What goals may rest on without naming it: axioms, and where there are scripts any function."""
    blocks = [u.body for u in program.units.values() if isinstance(u, Procedure) and u.body is not None]
    scripted = bool(program.proofs) or any(isinstance(s, Assert) and s.script for b in blocks for s in statements(b))
    return [n for n, u in program.units.items() if isinstance(u, Axiom) or (scripted and isinstance(u, Function))]


def unit_conditions(unit: Unit, program: Program, component: frozenset[str], total: bool) -> Conditions:
    match unit:
        case Procedure():
            return conditions(unit, program, component, total)
        case Function():
            return function_conditions(unit, program, component)
        case Axiom():
            return axiom_conditions(unit)


def proofs(ready: Plan) -> dict[str, Proof]:
    """The `proof` for each goal that has one, by the goal's name."""
    if not ready.program.proofs:
        return {}
    from prover.tactic.placing import placed

    return placed(ready.program.proofs, [g for made in ready.conditions.values() for g in made.all()])


def refine(ready: Plan) -> tuple[dict[str, dict[str, Tree | None]], list[Diagnostic]]:
    """Run the scripts of a file on their goals: refinements by unit and goal, and what is wrong with scripts that do not fit.

    A script that does not fit is a warning; its goal is then not proved."""
    blocks = proofs(ready)
    found: dict[str, dict[str, Tree | None]] = {}
    problems: list[Diagnostic] = []
    for name, made in ready.conditions.items():
        found[name] = {}
        for goal in made.all():
            block = blocks.get(goal.name)
            script = block.script if block else goal.script
            if script is not None and not goal.missing:
                found[name][goal.name], wrong = _refined(script, goal, ready.setting(name))
                problems += wrong
    return found, [*problems, *_strayed(ready, blocks)]


def _strayed(ready: Plan, blocks: Mapping[str, Proof]) -> Iterator[Diagnostic]:
    """About the proofs whose goals are gone, of the units that are looked at."""
    places = {proof.goal: goal for goal, proof in blocks.items()}
    for proof in ready.program.proofs:
        unit = proof.goal.split(".", maxsplit=1)[0]
        if unit in ready.program.units and unit not in ready.conditions:
            continue
        if proof.goal not in places:
            yield warning("goal-detached", f"there is no goal `{proof.goal}`: its proof is not used", proof.span)
        elif (now := places[proof.goal]) != proof.goal:
            message = f"`{proof.goal}` is called `{now}` now: its proof was found by the goal's digest"
            yield note("goal-moved", message, proof.span, help=(f"write `proof {now}`",))


def _refined(script: Script, goal: Goal, setting: Setting) -> tuple[Tree | None, list[Diagnostic]]:
    from prover.tactic.script import apply

    try:
        return apply(script, goal, setting), []
    except InputError as bad:
        return None, [replace(d, severity=Severity.WARNING) for d in bad.diagnostics]
