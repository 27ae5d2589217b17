"""Holes of exercise templates, `?`: where they stand, and what belongs there."""

from __future__ import annotations

from collections.abc import Iterator

from prover.diagnostic import Diagnostic, error
from prover.record import record
from prover.source import Span
from prover.syntax import surface as s


@record
class Place:
    """A hole.  kind: `invariant`, `variant`, `assertion`, `expression`, `statement`, …, a word for what belongs there."""

    kind: str
    hole: s.Hole | s.Gap

    @property
    def span(self) -> Span:
        return self.hole.span

    @property
    def wanted(self) -> str:
        return _WANTED[self.kind]


_WANTED = {
    "invariant": "an invariant of the loop",
    "variant": "a variant: an integer that falls in each round and is not negative before it",
    "recurrent": "a recurrent set: a formula that keeps the loop running for ever",
    "requires": "a precondition",
    "ensures": "a postcondition",
    "assertion": "an assertion",
    "condition": "a condition",
    "definition": "the definition",
    "expression": "an expression",
    "statement": "one or more statements",
    "proof": "one or more steps of a proof",
}


def holes(node: object) -> Iterator[Place]:
    """All holes of a tree, in text order within each node."""
    yield from _below(node, "expression")


def unfilled(node: object) -> list[Diagnostic]:
    """What to say of a text that has holes and should have none."""
    return [_unfilled(place) for place in holes(node)]


def _unfilled(place: Place) -> Diagnostic:
    message = f"a hole is left to be filled: {place.wanted} belongs here"
    help = "put it in place of the `?`", "what is put into a template is checked with `prover exercise check TEMPLATE FILE`"
    return error("syntax-hole", message, place.span, help=help)


def _below(node: object, kind: str) -> Iterator[Place]:
    match node:
        case s.Gap():
            yield Place("proof" if kind == "proof" else "statement", node)
        case s.Hole():
            yield Place(kind, node)
        case tuple():
            for part in node:
                yield from _below(part, kind)
        case s.Labelled():
            yield from _below(node.formula, kind)
        case s.VariantClause():
            yield from _below(node.components, "variant" if _is_hole(node.components) else "expression")
        case s.Node():
            for name in node.__slots__:
                part = getattr(node, name)
                yield from _below(part, _kind(node, name, part))
        case _:
            pass


def _is_hole(parts: tuple[s.Expr, ...]) -> bool:
    return len(parts) == 1 and isinstance(parts[0], s.Hole)


_CLAUSES = {"invariants": "invariant", "recurrent": "recurrent", "requires": "requires", "ensures": "ensures"}


def _kind(node: s.Node, name: str, part: object) -> str:
    match node, name:
        case ((s.Annotations() | s.Spec()), _) if name in _CLAUSES:
            return _CLAUSES[name]
        case s.ProofScript(), "steps":
            return "proof"
        case ((s.AssertStmt() | s.TripleDecl()), ("assertion" | "pre" | "post")):
            return "assertion"
        case s.WhileStmt(), "condition":
            return "condition"
        case s.IfStmt(), "branches":
            return "condition"
        case s.FunctionDecl(), "body":
            return "definition"
        case _:
            return "expression"
