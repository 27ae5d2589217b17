"""Declarations to lines."""

from __future__ import annotations

from typing import assert_never

from prover.syntax import surface as s
from prover.syntax.format_comments import aside
from prover.syntax.format_expr import type_text
from prover.syntax.format_script import write_steps
from prover.syntax.format_stmt import (
    Clause,
    clause_start,
    is_simple,
    labelled,
    simple_doc,
    write_block,
    write_clauses,
    write_comments,
)
from prover.syntax.format_writer import Writer
from prover.syntax.layout import HARD, LINE, Doc, Group, Join, Nest, join


def write_declaration(w: Writer, declaration: s.Decl) -> None:
    match declaration:
        case s.ProcedureDecl():
            _write_procedure(w, declaration)
        case s.FunctionDecl():
            _write_function(w, declaration)
        case s.AxiomDecl():
            w.emit(join(f"axiom {declaration.name.text}: ", Nest(2, w.expressions.doc(declaration.formula))))
        case s.TripleDecl():
            _write_triple(w, declaration)
        case s.ImportDecl():
            w.emit(f'import "{declaration.path}"')
        case s.ProofDecl():
            _write_proof(w, declaration)
        case _:
            assert_never(declaration)


# Procedures and functions


def _write_procedure(w: Writer, d: s.ProcedureDecl) -> None:
    head = join(f"{d.keyword} {d.name.text}", _parameters(w, d.parameters))
    w.emit(Group(join(head, Nest(2, join(LINE, "returns ", _parameters(w, d.results))))) if d.results else head)
    last = (d.results or d.parameters or (d.name,))[-1]
    head_end = w.find(")", last.span.end, d.span.end) + 1
    end = d.span.end - len("end")
    clauses, spec_end = _contract(w, d.spec, head_end, end if d.body is not None else d.span.end)
    if d.body is None:
        _write_contract(w, clauses, head_end, d.span.end)
        return
    begin = w.find("begin", spec_end, end)
    _write_contract(w, clauses, head_end, begin)
    write_comments(w, begin)
    w.emit("begin")
    w.beside(begin + len("begin"), d.body.items[0].span.start if d.body.items else end)
    write_block(w, d.body, end)
    w.emit("end")


def _write_contract(w: Writer, clauses: list[Clause], head_end: int, limit: int, shield: bool = False) -> None:
    w.beside(head_end, clause_start(w, clauses[0], head_end) if clauses else limit)
    width = max([len(keyword) for keyword, _, text in clauses if text is not None], default=0)
    write_clauses(w, clauses, head_end, limit, width, shield)


def _contract(w: Writer, spec: s.Spec, start: int, limit: int) -> tuple[list[Clause], int]:
    """The clauses in the order of the source, and where the last one ends."""
    found: list[Clause] = [("requires", c.span.start, c) for c in spec.requires]
    found += [("ensures", c.span.start, c) for c in spec.ensures]
    found += [("variant", v.components[0].span.start, v) for v in spec.variants]
    found += [("diverges", c.span.start, c) for c in spec.diverges]
    found.sort(key=lambda clause: clause[1])
    end = max([start, *[c.span.end for _, _, c in found if c is not None]])
    if spec.terminates:
        index, at = _place_of_terminates(w, found, start, limit)
        found.insert(index, ("terminates", at, None))
        end = max(end, at + len("terminates"))
    return found, end


def _place_of_terminates(w: Writer, clauses: list[Clause], start: int, limit: int) -> tuple[int, int]:
    """Between which clauses, and the offset: the tree does not say; within a formula the word asks about a procedure."""
    for index, (keyword, offset, clause) in enumerate(clauses):
        following = w.find(keyword, start, offset)
        at = w.find("terminates", start, following)
        if at < following:
            return index, at
        start = clause.span.end if clause is not None else start
    return len(clauses), w.find("terminates", start, limit)


def _parameters(w: Writer, parameters: tuple[s.Param, ...]) -> Doc:
    """`x, y: int` where the source declares them together."""
    if not parameters:
        return "()"
    parts: list[Doc] = []
    for index, p in enumerate(parameters):
        remarks = aside(w.comments.take_aside(p.span.start)) if index else ""
        text = w.comments.take_inline(p.span.start) + _parameter(p, index == 0 or not _together(parameters[index - 1], p))
        following = parameters[index + 1] if index + 1 < len(parameters) else None
        type = "" if following is not None and _together(p, following) else f": {type_text(p.type)}"
        comma = ")" if following is None else ","
        if index == 0:
            parts.append(f"({text}{type}{comma}")
        else:
            parts.append(join(remarks, HARD, text + type + comma) if remarks else Group(join(LINE, text + type + comma)))
    return Nest(4, Join(tuple(parts)))


def _parameter(p: s.Param, flags: bool) -> str:
    return f"{'ghost ' if p.ghost and flags else ''}{'inout ' if p.inout and flags else ''}{p.name.text}"


def _together(first: s.Param, second: s.Param) -> bool:
    """Declared by one `x, y: T`?  Then the parser gives each the span of its name."""
    alone = [p.span.start != p.name.span.start or p.span.end != p.name.span.end for p in (first, second)]
    return not any(alone) and (first.ghost, first.inout, first.type) == (second.ghost, second.inout, second.type)


def _write_function(w: Writer, d: s.FunctionDecl) -> None:
    parameters = "" if d.keyword == "const" else _parameters(w, d.parameters)
    result = "" if d.result is None else f": {type_text(d.result)}"
    head = join(f"{d.keyword} {d.name.text}", parameters, result)
    last = (d.parameters or (d.name,))[-1]
    head_end = d.result.span.end if d.result is not None else w.find(")", last.span.end, d.span.end) + 1
    clauses, spec_end = _contract(w, d.spec, head_end, d.span.end)
    if d.body is None:
        w.emit(head)
        _write_contract(w, clauses, head_end, d.span.end, shield=True)
        return
    if clauses or w.comments.pending(d.body.span.start):
        equal = w.find("=", spec_end, d.body.span.start)
        w.emit(head)
        _write_contract(w, clauses, head_end, equal)
        write_comments(w, equal)
        with w.indented():
            w.above(d.body.span.start)
            w.emit(join("= ", Nest(2, w.expressions.doc(d.body))))
        return
    body = w.expressions.doc(d.body)
    line = None if w.breaks(head_end, d.body.span.start) else w.fits(join(head, " = ", body))
    if line is not None:
        w.emit(line)
        return
    w.emit(head)
    with w.indented():
        w.emit(join("= ", Nest(2, body)))


# Triples


def _write_triple(w: Writer, d: s.TripleDecl) -> None:
    head = "" if d.span.text.startswith("{") else f"{'total ' if d.total else ''}triple{f' {d.name.text}' if d.name else ''}"
    line = _triple_line(w, d, head)
    if line is not None:
        w.emit(line)
        return
    if head:
        brace = w.find("{", d.span.start, d.span.end)
        w.emit(head)
        w.beside(brace, brace)
    w.emit(join("{ ", Nest(2, labelled(w, d.pre)), " }"))
    pre_end = w.find("}", d.pre.span.end, d.span.end) + 1
    body_end = d.body.items[-1].span.end if d.body.items else pre_end
    post = w.find("{", body_end, d.span.end)
    w.beside(pre_end, d.body.items[0].span.start if d.body.items else post)
    write_block(w, d.body, post)
    w.emit(join("{ ", Nest(2, labelled(w, d.post)), " }"))


def _triple_line(w: Writer, d: s.TripleDecl, head: str) -> str | None:
    """`{ P } S { Q }` on one line, if it is so in the source."""
    simple = all([is_simple(item) for item in d.body.items])
    if not simple or not w.one_line_in_source(d) or w.comments.pending(d.span.end):
        return None
    parts: list[Doc] = [head, " "] if head else []
    parts += ["{ ", labelled(w, d.pre), " } "]
    for index, item in enumerate(d.body.items):
        following = d.body.items[index + 1] if index + 1 < len(d.body.items) else None
        braced = [isinstance(i, s.AssertStmt) and i.braces for i in (item, following)]
        parts += [simple_doc(w, item), " " if following is None or any(braced) else "; "]
    return w.fits(Join((*parts, "{ ", labelled(w, d.post), " }")))


# Proofs


def _write_proof(w: Writer, d: s.ProofDecl) -> None:
    digest = "" if d.digest is None else f' digest "{d.digest}"'
    end = d.span.end - len("qed")
    steps = d.script.steps
    w.emit(f"proof {d.goal}{digest}")
    head_end = d.span.start + len("proof ") + len(d.goal)
    w.beside(head_end, steps[0].span.start if steps else end)
    with w.indented():
        write_steps(w, d.script, end)
    w.emit("qed")
