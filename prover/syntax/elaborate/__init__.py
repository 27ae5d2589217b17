"""Elaboration: from the parser's tree to the typed core.

Resolves names and imports, checks and infers types, desugars `for`, chains and `elsif`, and refuses what breaks the static rules:
read-only variables, ghost code, definite assignment.  All mistakes of a file are reported together.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from prover.kernel.program import Function, Program, Proof
from prover.kernel.program import Unit as CoreUnit
from prover.kernel.sort import Sort
from prover.kernel.term import Term, free_variables
from prover.source import Source
from prover.syntax import surface as s
from prover.syntax.elaborate.declarations import add_signature, check_recursion, named, names_of, signature, unit
from prover.syntax.elaborate.expected import expected as stated
from prover.syntax.elaborate.expressions import Expressions
from prover.syntax.elaborate.fitting import fit
from prover.syntax.elaborate.ghost import reason
from prover.syntax.elaborate.imports import FileLoader, Loader, collect
from prover.syntax.elaborate.problems import Problems
from prover.syntax.elaborate.scope import Entry, Formal, Names, Role, Scope, Signature
from prover.syntax.elaborate.unit import script

__all__ = ["FileLoader", "Loader", "elaborate", "elaborate_expression"]

RECURSION = 10_000


def elaborate(file: s.File, source: Source, load: Loader) -> Program:
    """The typed program of a file and of all that it imports.  Raises InputError with every mistake found."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION))
    problems = Problems()
    files = collect(file, source, load, problems)
    problems.raise_if_any()
    signatures: dict[str, Signature] = {}
    todo = []
    for its_source, tree in files:
        declarations = named(tree.declarations)
        for d, name in zip(declarations, names_of(declarations, its_source.name, set(signatures)), strict=True):
            made = signature(d, name, problems)
            add_signature(signatures, made, problems)
            todo.append((d, made))
    units: dict[str, CoreUnit] = {}
    for d, made in todo:
        units.setdefault(made.name, unit(d, made, signatures, problems))
    check_recursion([u for u in units.values() if isinstance(u, Function)], problems)
    proofs = tuple([p for _, tree in files for p in _proofs(tree, problems)])
    problems.raise_if_any()
    own = tuple([made.name for d, made in todo if made.span.source is source])
    return Program(units, own, proofs, stated(file))


def _proofs(tree: s.File, problems: Problems) -> list[Proof]:
    found: dict[str, Proof] = {}
    for d in tree.declarations:
        if not isinstance(d, s.ProofDecl):
            continue
        if d.goal in found:
            problems.error("decl-proof", f"there is a proof of `{d.goal}` already", d.span)
        found[d.goal] = Proof(d.goal, script(d.script), d.digest, d.span)
    return list(found.values())


def elaborate_expression(
    expr: s.Expr, scope: Mapping[str, Term], functions: Mapping[str, Function], expected: Sort | None, specification: bool = True
) -> Term:
    """An expression that stands outside of a file: a hint, an argument of a proof step, an input.

    scope: what the names mean; `old(x)` and `at(l, x)` are looked up as `"old(x)"` and `"at(l, x)"`, and a variable without such
    an entry is taken as it is where it never changes.  specification: may it use `old`, `at`, quantifiers and `perm`?
    Raises InputError."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION))
    problems = Problems()
    names = Names({n for t in scope.values() for n in free_variables(t)})
    visible = Scope()
    for name, known in scope.items():
        visible.add(Entry(name, known, Role.GIVEN, False, None))
    signatures = {n: _signature(f) for n, f in functions.items()}
    x = Expressions(signatures, problems, names, visible, results=None, given=scope)
    term: Term | None = x.term(expr, expected)
    if term is not None and not specification:
        _executable(term, problems)
    if expected is not None:
        term = fit(x, term, expected, "this")
    problems.raise_if_any()
    assert term is not None, "an error was reported"
    return term


def _executable(term: Term, problems: Problems) -> None:
    why = reason(term, ())
    if why is not None:
        problems.error("flow-ghost", f"this is for specifications only: {why.text}", why.span)


def _signature(function: Function) -> Signature:
    formals = tuple([Formal(p.name, p.sort, p.span or function.name_span) for p in function.parameters])
    return Signature(function.kind, function.name, formals, function.result, (), function.name_span)
