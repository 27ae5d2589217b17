"""Text to surface tree.  Every mistake that is found is reported, not just the first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from prover.diagnostic import Diagnostic, InputError, error
from prover.source import Source, Span
from prover.syntax import surface
from prover.syntax.build import Builder
from prover.syntax.machine import Machine, TooDeep
from prover.syntax.marks import mark, mark_script
from prover.syntax.scanner import Tokens, scan
from prover.syntax.tables import tables

MAX_NESTING = 256


def parse(source: Source) -> surface.File:
    """The tree of a `.proof` file.  Raises `InputError` with every syntax error found."""
    tokens = scan(source, tables().words)
    mark(tokens)
    file = _run(tokens, "file")
    assert isinstance(file, surface.File)
    return replace(file, comments=tokens.comments)


def parse_expression(source: Source) -> surface.Expr:
    """The tree of one expression or formula.  Raises `InputError`."""
    expression: surface.Expr = _run(scan(source, tables().words), "expr")
    return expression


def parse_statements(source: Source) -> surface.Stmts:
    """The tree of statements as between `begin` and `end`.  Raises `InputError`."""
    tokens = scan(source, tables().words)
    mark(tokens)
    statements = _run(tokens, "block")
    assert isinstance(statements, surface.Stmts)
    return statements


def parse_script(source: Source) -> surface.ProofScript:
    """The tree of a proof script as between `proof GOAL` and `qed`.  Raises `InputError`."""
    tokens = scan(source, tables().words)
    mark_script(tokens)
    script = _run(tokens, "script")
    assert isinstance(script, surface.ProofScript)
    return script


def _run(tokens: Tokens, start: str) -> Any:
    source = tokens.source
    builder = Builder(source)
    machine = Machine(tables(), tokens, start, MAX_NESTING)
    try:
        failed = machine.run(builder.methods(tables()), 0)
    except TooDeep as deep:
        raise InputError(_too_deep(source, deep)) from None
    if failed is not None:
        raise InputError(error("syntax-unexpected", f"unexpected `{tokens.text(failed)}`, expected one of {sorted(machine.fitting())}", tokens.span(failed)))
    if builder.complaints:
        raise InputError(*builder.complaints)
    return machine.values[-1]


def _too_deep(source: Source, deep: TooDeep) -> Diagnostic:
    span = Span(source, deep.start, deep.end)
    return error("syntax-nesting", f"this nests more than {MAX_NESTING} levels deep", span, help=("name a part of it, and use the name",))
