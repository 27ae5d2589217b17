"""Who uses whom: the call graph of a program's units and its strongly connected components.

Functions and axioms use functions; procedures and lemmas use functions, lemmas and procedures.  Nothing uses a procedure but
procedures, nor a lemma but procedures and lemmas, so every component is of one kind, proof scripts aside: a script uses the
lemmas that it names for whatever unit the goal is of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from prover.kernel.program import (
    Assert,
    Assign,
    Assume,
    Axiom,
    Block,
    Clause,
    Element,
    Function,
    Havoc,
    If,
    Procedure,
    ProcedureCall,
    Program,
    Script,
    Statement,
    Unit,
    While,
)
from prover.kernel.term import Call, Term, walk


def statements(block: Block) -> Iterator[Statement]:
    """Every statement in a block, nested ones included, in text order; iterative."""
    stack = [iter(block.statements)]
    while stack:
        statement = next(stack[-1], None)
        if statement is None:
            stack.pop()
            continue
        yield statement
        match statement:
            case If():
                stack.append(iter((*statement.then.statements, *statement.orelse.statements)))
            case While():
                stack.append(iter((*statement.body.statements, *statement.step.statements)))
            case _:
                pass


def terms_of(statement: Statement) -> Iterator[Term]:
    """The terms that stand in a statement itself, not those in its blocks."""
    match statement:
        case Assign():
            yield from statement.values
            for target in statement.targets:
                if isinstance(target, Element):
                    yield from target.indices
        case Havoc(choose=choose) if choose is not None:
            yield choose
        case If(condition=condition) if condition is not None:
            yield condition
        case While():
            yield from () if statement.condition is None else (statement.condition,)
            yield from _formulas(statement.invariants)
            yield from statement.variant or ()
            yield from _formulas(statement.recurrent)
        case ProcedureCall():
            yield from statement.args
        case Assert() | Assume():
            yield statement.clause.formula
        case _:
            pass


def _formulas(clauses: Iterable[Clause]) -> Iterator[Term]:
    return (c.formula for c in clauses)


def terms(unit: Unit) -> Iterator[Term]:
    """Every term of a unit's text."""
    match unit:
        case Axiom():
            yield unit.formula
        case Function():
            yield from _formulas(unit.requires)
            yield from unit.variant or ()
            yield from () if unit.body is None else (unit.body,)
        case Procedure():
            for clauses in (unit.requires, unit.ensures, unit.diverges):
                yield from _formulas(clauses)
            yield from unit.variant or ()
            for statement in statements(unit.body) if unit.body else ():
                yield from terms_of(statement)


def functions_in(term: Term) -> frozenset[str]:
    return frozenset(node.function for node in walk(term) if isinstance(node, Call))


def uses(unit: Unit, program: Program) -> frozenset[str]:
    """The units that `unit` names, itself included when it calls itself."""
    known = program.named.get(id(unit))
    if known is None or known[0] is not unit:
        known = program.named[id(unit)] = (unit, _names(unit))
    return frozenset([name for name in known[1] | script_lemmas(unit, program) if name in program.units])


def _names(unit: Unit) -> frozenset[str]:
    found = {f for term in terms(unit) for f in functions_in(term)}
    if isinstance(unit, Procedure) and unit.body is not None:
        found |= {s.name for s in statements(unit.body) if isinstance(s, ProcedureCall)}
    return frozenset(found)


def script_lemmas(unit: Unit, program: Program) -> frozenset[str]:
    """The lemmas that proof scripts for goals of `unit` use (`use lemma(e)`)."""
    found = [p.script for p in program.proofs if p.goal.split(".")[0] == unit.name]
    if isinstance(unit, Procedure) and unit.body is not None:
        found += [s.script for s in statements(unit.body) if isinstance(s, Assert) and s.script is not None]
    return frozenset(name for script in found for name in _used(script) if name in program.units)


def _used(script: Script) -> Iterator[str]:
    todo = [script]
    while todo:
        for step in todo.pop().steps:
            todo += [branch for _, branch in step.branches]
            if step.name == "use" and (name := lemma_name(step.arguments)):
                yield name


def lemma_name(arguments: str) -> str:
    """The lemma in the arguments of `use`; empty where there is none."""
    found = re.match(r"\s*([A-Za-z_][A-Za-z0-9_']*)", arguments)
    return found[1] if found else ""


def components(program: Program) -> Mapping[str, frozenset[str]]:
    """For each unit the strongly connected component that it lies in (Tarjan 1972, iterative), callees' components first."""
    graph = {name: sorted(uses(unit, program)) for name, unit in program.units.items()}
    found: dict[str, frozenset[str]] = {}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    for root, first in graph.items():
        if root in index:
            continue
        work = [(root, iter(first))]
        index[root] = low[root] = len(index)
        stack.append(root)
        while work:
            node, successors = work[-1]
            successor = next(successors, None)
            if successor is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    members = stack[stack.index(node) :]
                    del stack[-len(members) :]
                    found.update(dict.fromkeys(members, frozenset(members)))
            elif successor not in index:
                index[successor] = low[successor] = len(index)
                stack.append(successor)
                work.append((successor, iter(graph[successor])))
            elif successor not in found:
                low[node] = min(low[node], index[successor])
    return found


def closure(names: Iterable[str], program: Program) -> frozenset[str]:
    """The named units and all that they use, directly or not."""
    found: set[str] = set()
    todo = [n for n in names if n in program.units]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo.extend(uses(program.units[name], program))
    return frozenset(found)


def dependents(component: frozenset[str], program: Program) -> frozenset[str]:
    """The component and every unit that uses one of it, directly or not."""
    users: dict[str, list[str]] = {}
    for name, unit in program.units.items():
        for used in uses(unit, program):
            users.setdefault(used, []).append(name)
    found: set[str] = set()
    todo = list(component)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo.extend(users.get(name, ()))
    return frozenset(found)
