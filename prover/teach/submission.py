"""Is a submission fit to be graded?  It is its template, filled in, with nothing that proves without proof."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from prover.diagnostic import Diagnostic, InputError, Label, error
from prover.inputs import Input
from prover.plan import elaborated
from prover.syntax import surface as s
from prover.syntax.elaborate import FileLoader
from prover.syntax.parser import parse
from prover.syntax.read import read_source
from prover.teach.cut import cut
from prover.teach.match import Difference, Filled, match
from prover.teach.template import Template
from prover.teach.trees import below

_LEAVING = {s.ReturnStmt: "return", s.BreakStmt: "break", s.ContinueStmt: "continue"}


def admitted(template: Template, item: Input) -> Input | tuple[Diagnostic, ...]:
    """The submission as it is to be checked, or why nothing of it counts."""
    try:
        source = read_source(item.content, item.name)
        file = parse(source)
    except InputError as bad:
        return bad.diagnostics
    found = match(template.file, file)
    if isinstance(found, Difference):
        return (_changed(found, item.name),)
    if refused := tuple(_forbidden(template, found)):
        return refused
    text = cut(source, file, found)
    if text != source.text:  # it must stand without what is added, too, which gives values to variables that have none yet
        try:
            elaborated(file, source, FileLoader(Path(item.root)))
        except InputError as bad:
            return bad.diagnostics
    return Input(item.name, text.encode("utf-8", "surrogatepass"), Path(item.root))


def _changed(difference: Difference, name: str) -> Diagnostic:
    labels = (Label(difference.wanted, "what the template says"),) if difference.wanted else ()
    what = "differs from the template" if difference.found else "lacks something that the template has"
    help = "only what stands in place of `?` is yours; copy the rest from the template again"
    return error("exercise-locked", f"{name} {what}", difference.found, labels=labels, help=(help,))


def _forbidden(template: Template, found: Iterable[Filled]) -> Iterator[Diagnostic]:
    protected = _protected(template)
    for filled in found:
        for node in filled.nodes:
            yield from _in_hole(node, protected, template)


def _in_hole(node: s.Node, protected: _Protected, template: Template) -> Iterator[Diagnostic]:
    for part in below(node):
        match part:
            case s.AssumeStmt():
                yield _no("`assume` proves nothing, so it is not allowed here", part)
            case s.ReturnStmt() | s.BreakStmt() | s.ContinueStmt():
                yield _no(f"`{_LEAVING[type(part)]}` would pass over what the template fixes", part)
            case s.Apply() if part.function.text == "terminates":
                yield _no("`terminates(…)` may not be asked here", part)
            case s.TargetExpr() if part.name.text in protected.values:
                yield _no(f"`{part.name.text}` may not be assigned here: the specification speaks of its value", part)
            case s.HavocStmt() if any(n.text in protected.values for n in part.names):
                yield _no("a variable that the specification speaks of may not be assigned here", part)
            case s.VarStmt() if any(n.text in protected.declared for n in part.names):
                yield _no("a name that the template uses may not be declared anew", part)
            case _:
                pass


def _no(message: str, node: s.Node) -> Diagnostic:
    span = getattr(node, "span", None)
    return error("exercise-forbidden", message, span)


@dataclass(frozen=True, slots=True)
class _Protected:
    """values: variables that fills may not assign.  declared: names that they may not declare."""

    values: frozenset[str]
    declared: frozenset[str]


def _protected(template: Template) -> _Protected:
    """Of triples the variables that the specification mentions, the template does not assign, and its author does not release."""
    values: set[str] = set()
    declared: set[str] = set()
    for triple in template.file.declarations:
        if isinstance(triple, s.TripleDecl):
            said = {n.name for clause in (triple.pre, triple.post) for n in below(clause) if isinstance(n, s.Ident)}
            declared |= said
            values |= said - {n.name.text for n in below(triple.body) if isinstance(n, s.TargetExpr)}
    for node in below(template.file):
        match node:
            case s.Param():
                declared.add(node.name.text)
            case s.VarStmt():
                declared |= {n.text for n in node.names}
            case s.ForStmt():
                declared.add(node.variable.text)
            case _:
                pass
    return _Protected(frozenset(values) - template.settings.assigns, frozenset(declared))
