"""Text to surface tree.  Every mistake that is found is reported, not just the first."""

from __future__ import annotations

from typing import Any

from prover.diagnostic import Diagnostic, InputError, error
from prover.record import replace
from prover.source import Source, Span
from prover.syntax import surface
from prover.syntax.build import Builder
from prover.syntax.machine import Machine, TooDeep
from prover.syntax.marks import mark, mark_script
from prover.syntax.scanner import MANY_FLAWS, Tokens, scan
from prover.syntax.tables import tables

MAX_NESTING = 256
MAX_FLAWS = 20


def parse(source: Source) -> surface.File:
    """The tree of a `.proof` file.  Raises `InputError` with every syntax error found."""
    tokens = scan(source, tables().words)
    mark(tokens)
    file = _run(tokens, "file")
    assert isinstance(file, surface.File)
    return replace(file, comments=tokens.comments)


def parse_template(source: Source) -> surface.File:
    """The tree of an exercise template, which may have holes, `?`.  Raises `InputError` with every syntax error found."""
    tokens = scan(source, tables().words)
    mark(tokens)
    file = _run(tokens, "file", template=True)
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


def _run(tokens: Tokens, start: str, template: bool = False) -> Any:
    builder = Builder(tokens.source)
    methods = builder.methods(tables())
    machine = Machine(tables(), tokens, start, MAX_NESTING)
    found: list[Diagnostic] = []
    try:
        failed = machine.run(methods, 0)
        if failed is not None:
            from prover.syntax.recover import complaints  # wanted only for what does not parse

            found = complaints(machine, methods, failed)
    except TooDeep as deep:
        found = [_too_deep(tokens.source, deep)]
    found = _merge(tokens, found + builder.complaints)
    if found:
        raise InputError(*found)
    tree = machine.values[-1]
    if builder.holes and not template:
        from prover.syntax.holes import unfilled

        raise InputError(*unfilled(tree))
    return tree


def _merge(tokens: Tokens, found: list[Diagnostic]) -> list[Diagnostic]:
    """The flaws of the characters and the complaints about tokens, in their order, without the complaints that flaws explain."""
    if not tokens.flaws:
        return sorted(found, key=_place)
    from prover.syntax.characters import flawed

    source = tokens.source
    flaws = tokens.flaws[:MAX_FLAWS]
    lines = {source.position(flaw.start).line for flaw in tokens.flaws}
    cut = next((flaw.start for flaw in tokens.flaws if flaw.kind == "comment"), len(source.text) + 1)
    if len(tokens.flaws) >= MANY_FLAWS:
        found = []  # they are about a text that was cut off
    kept = [d for d in found if d.span is None or (d.span.start < cut and d.span.first.line not in lines)]
    return sorted([flawed(source, flaw) for flaw in flaws] + kept, key=_place)


def _place(diagnostic: Diagnostic) -> int:
    return diagnostic.span.start if diagnostic.span else 0


def _too_deep(source: Source, deep: TooDeep) -> Diagnostic:
    span = Span(source, deep.start, deep.end)
    return error(
        "syntax-nesting", f"this nests more than {MAX_NESTING} levels deep", span, help=("name a part of it, and use the name",)
    )
