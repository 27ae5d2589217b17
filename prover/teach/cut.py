"""Assertions that students fill in are cuts: what follows must follow from them alone, as in an outline.

The verifier knows more about a point than the assertion there says, so `{ true }` would do everywhere.  After an assertion that
fills a hole the variables that the unit assigns therefore get any values that satisfy it (Hoare's rule of sequence, and what the
rule for loops does with an invariant).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prover.source import Source
from prover.syntax import surface as s
from prover.syntax.format_expr import expr_text
from prover.teach.match import Filled
from prover.teach.trees import below

Scope = frozenset[str]


def cut(source: Source, file: s.File, filled: Iterable[Filled]) -> str:
    """The text of a submission in which what is known is forgotten after each assertion that fills a hole; lines stay lines."""
    mine = frozenset(id(node) for f in filled for node in f.nodes)
    text = source.text
    inout = {d.name.text: [p.inout for p in d.parameters] for d in file.declarations if isinstance(d, s.ProcedureDecl)}
    places = [found for unit in file.declarations for found in _cuts(unit, mine, inout)]
    label = "cut"
    while label in source.text:  # what is filled in may not speak of it
        label += "_"
    for number, (place, names, elements) in reversed(list(enumerate(places))):
        end = place.span.end
        text = text[:end] + _forgotten(place, f"{label}{number}", names, elements) + text[end:]
    return text


def _forgotten(place: s.AssertStmt, label: str, names: Scope, elements: Scope) -> str:
    """elements: arrays of which only elements are assigned, so that their lengths stay."""
    if not names:
        return ""
    kept = "".join(f" assume len({a}) = at({label}, len({a}));" for a in sorted(elements & names))
    said = " ".join(expr_text(place.assertion.formula).split())
    return f"; {label}: havoc {', '.join(sorted(names))};{kept} assume {said} {{ true }} "


def _cuts(unit: s.Decl, mine: frozenset[int], inout: dict[str, list[bool]]) -> Iterator[tuple[s.AssertStmt, Scope, Scope]]:
    """The assertions, each with the assigned variables that are in scope there, and those assigned by elements only."""
    match unit:
        case s.ProcedureDecl(body=s.Stmts() as body) | s.TripleDecl(body=body):
            targets = [t for t in below(body) if isinstance(t, s.TargetExpr)]
            whole = {t.name.text for t in targets if not t.indices} | _passed(body, inout)
            elements = frozenset(t.name.text for t in targets) - whole
            declared = {n.text for v in below(body) if isinstance(v, s.VarStmt) for n in v.names}
            assigned = frozenset(whole | elements)
            for place, inner in _walk(body, frozenset()):
                if id(place.assertion.formula) in mine:
                    names = assigned - (declared - inner)
                    yield place, names, elements
        case _:
            pass


def _passed(body: s.Stmts, inout: dict[str, list[bool]]) -> set[str]:
    """Variables that get values from `havoc`, `var` and calls."""
    found: set[str] = set()
    for node in below(body):
        match node:
            case s.HavocStmt() | s.VarStmt():
                found |= {n.text for n in node.names}
            case s.Apply(function=name, arguments=arguments) if name.text in inout:
                pairs = zip(arguments, inout[name.text], strict=False)
                found |= {a.name for a, changed in pairs if changed and isinstance(a, s.Ident)}
            case _:
                pass
    return found


def _walk(block: s.Stmts, inner: Scope) -> Iterator[tuple[s.AssertStmt, Scope]]:
    """Assertions with the names that `var` has declared before them."""
    for item in block.items:
        match item:
            case s.AssertStmt():
                yield item, inner
            case s.VarStmt():
                inner |= {n.text for n in item.names}
            case s.IfStmt():
                for _, branch in item.branches:
                    yield from _walk(branch, inner)
                if item.orelse is not None:
                    yield from _walk(item.orelse, inner)
            case s.WhileStmt() | s.ForStmt():
                yield from _walk(item.body, inner)
            case _:
                pass
