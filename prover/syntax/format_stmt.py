"""Statements to lines."""

from __future__ import annotations

from typing import assert_never

from prover.syntax import surface as s
from prover.syntax.format_expr import expr_text, type_text
from prover.syntax.format_script import write_script
from prover.syntax.format_writer import Writer
from prover.syntax.layout import LINE, Doc, Group, Join, Nest, join

Clause = tuple[str, int, s.Labelled | s.VariantClause | None]  # keyword, offset of its text, what follows it


def write_block(w: Writer, block: s.Stmts, limit: int) -> None:
    """The statements and the comments up to `limit`, indented."""
    with w.indented():
        write_statements(w, block.items, limit)


def write_statements(w: Writer, items: tuple[s.Stmt, ...], limit: int) -> None:
    index = 0
    while index < len(items):
        w.before(items[index].span.start)
        w.blank(items[index].span.start)
        last = _write_run(w, items, index)
        if _wants_semicolon(items, last):
            w.append(";")
        w.beside(items[last].span.end, items[last + 1].span.start if last + 1 < len(items) else limit)
        index = last + 1
    w.before(limit)


def _wants_semicolon(items: tuple[s.Stmt, ...], index: int) -> bool:
    """Between two statements; not beside `{ P }`, which needs none, nor after a label."""
    between = items[index : index + 2]
    return len(between) == 2 and not isinstance(between[0], s.PointStmt) and not any([_is_brace(item) for item in between])


def _is_brace(item: s.Stmt) -> bool:
    return isinstance(item, s.AssertStmt) and item.braces


def _write_run(w: Writer, items: tuple[s.Stmt, ...], index: int) -> int:
    """One statement with the labels before it, or simple ones that share its line; the index of the last one written."""
    while isinstance(items[index], s.PointStmt) and _leads(w, items, index):
        w.lead(f"{_label(items[index])}: ")
        index += 1
    line, last = "", index
    while last + 1 < len(items) and _may_share(w, items[last], items[last + 1]):
        longer = w.fits(join(line or simple_doc(w, items[last]), "; ", simple_doc(w, items[last + 1])), 1)
        if longer is None:
            break
        line, last = longer, last + 1
    if line:
        w.emit(line)
    else:
        write_statement(w, items[index])
    return last


def _leads(w: Writer, items: tuple[s.Stmt, ...], index: int) -> bool:
    return index + 1 < len(items) and not w.comments.pending(items[index + 1].span.start)


def _label(item: s.Stmt) -> str:
    assert isinstance(item, s.PointStmt)
    return item.label.text


def _may_share(w: Writer, first: s.Stmt, second: s.Stmt) -> bool:
    plain = all([is_simple(item) and not _is_brace(item) for item in (first, second)])
    return plain and w.same_line(first, second) and not w.comments.pending(second.span.end)


def is_simple(item: s.Stmt) -> bool:
    if isinstance(item, s.AssertStmt):
        return item.script is None
    return not isinstance(item, s.IfStmt | s.WhileStmt | s.ForStmt | s.PointStmt)


def write_statement(w: Writer, item: s.Stmt) -> None:
    line = _compound_line(w, item)
    match item:
        case _ if line is not None:
            w.emit(line)
        case s.IfStmt():
            _write_if(w, item)
        case s.WhileStmt() | s.ForStmt():
            _write_loop(w, item)
        case s.PointStmt():
            w.emit(f"{item.label.text}:")
        case s.AssertStmt(script=s.ProofScript()):
            _write_assert(w, item)
        case _:
            w.emit(simple_doc(w, item))


# Simple statements


def simple_doc(w: Writer, item: s.Stmt) -> Doc:
    assert not isinstance(item, s.IfStmt | s.WhileStmt | s.ForStmt | s.PointStmt)
    match item:
        case s.SkipStmt():
            return "skip"
        case s.AssignStmt():
            targets = _commas([_target(w, t) for t in item.targets])
            return Group(join(targets, f" {w.style.spell(':=')} ", Nest(2, _values(w, item.values))))
        case s.CallStmt():
            return w.expressions.doc(item.call)
        case s.HavocStmt():
            return "havoc " + ", ".join([n.text for n in item.names])
        case s.VarStmt():
            return _variables(w, item)
        case s.AssertStmt():
            before, after = ("{ ", " }") if item.braces else ("assert ", "")
            return join(before, Nest(2, labelled(w, item.assertion)), after)
        case s.AssumeStmt():
            return join("assume ", Nest(2, labelled(w, item.assumption)))
        case s.ReturnStmt():
            return "return"
        case s.BreakStmt():
            return "break"
        case s.ContinueStmt():
            return "continue"
        case s.Gap():
            return "?"
        case _:
            assert_never(item)


def labelled(w: Writer, clause: s.Labelled, parentheses: bool = False) -> Doc:
    formula = _in_parentheses(w, clause.formula) if parentheses else w.expressions.doc(clause.formula)
    return formula if clause.label is None else join(f"{clause.label.text}: ", formula)


def _target(w: Writer, target: s.TargetExpr) -> Doc:
    return Join((target.name.text, *[join("[", w.expressions.doc(index), "]") for index in target.indices]))


def _commas(docs: list[Doc]) -> Doc:
    parts = [docs[0]]
    for doc in docs[1:]:
        parts += [",", Group(join(LINE, doc))]
    return Join(tuple(parts))


def _values(w: Writer, values: tuple[s.Expr | s.Star, ...]) -> Doc:
    exprs = tuple([v for v in values if not isinstance(v, s.Star)])
    return w.expressions.listed(exprs) if len(exprs) == len(values) else _commas([_value(w, v) for v in values])


def _value(w: Writer, value: s.Expr | s.Star) -> Doc:
    if not isinstance(value, s.Star):
        return w.expressions.doc(value)
    return "*" if value.choose is None else join("* choose ", w.expressions.doc(value.choose))


def _variables(w: Writer, item: s.VarStmt) -> Doc:
    names = ", ".join([n.text for n in item.names])
    type = "" if item.type is None else f": {type_text(item.type)}"
    head = f"{'ghost ' if item.ghost else ''}var {names}{type}"
    return Group(join(head, f" {w.style.spell(':=')} ", Nest(2, _values(w, item.values)))) if item.values else head


# Compound statements


def _compound_line(w: Writer, item: s.Stmt) -> str | None:
    """`if c then S end` and `while c do S end` on one line, where the source has them so and S is one simple statement."""
    if not isinstance(item, s.IfStmt | s.WhileStmt | s.ForStmt):
        return None
    if not w.one_line_in_source(item) or w.comments.pending(item.span.end):
        return None
    if not all([len(block.items) == 1 and is_simple(block.items[0]) for block in _blocks(item)]):
        return None
    if isinstance(item, s.IfStmt):
        return w.fits(_if_line(w, item), 1)
    if _annotations(item):
        return None
    return w.fits(join(_loop_head(w, item), " do ", _only(w, item.body), " end"), 1)


def _blocks(item: s.IfStmt | s.WhileStmt | s.ForStmt) -> list[s.Stmts]:
    if not isinstance(item, s.IfStmt):
        return [item.body]
    return [block for _, block in item.branches] + ([] if item.orelse is None else [item.orelse])


def _if_line(w: Writer, item: s.IfStmt) -> Doc:
    parts: list[Doc] = []
    for index, (condition, block) in enumerate(item.branches):
        parts += ["elsif " if index else "if ", _value(w, condition), " then ", _only(w, block), " "]
    if item.orelse is not None:
        parts += ["else ", _only(w, item.orelse), " "]
    return Join((*parts, "end"))


def _only(w: Writer, block: s.Stmts) -> Doc:
    (item,) = block.items
    return simple_doc(w, item)


def _write_if(w: Writer, item: s.IfStmt) -> None:
    end = item.span.end - len("end")
    for index, (condition, block) in enumerate(item.branches):
        then = w.find("then", condition.span.end, end) + len("then")
        after = block.items[-1].span.end if block.items else then
        following = "elsif" if index + 1 < len(item.branches) else "else" if item.orelse is not None else "end"
        limit = w.find(following, after, end)
        w.emit(join("elsif " if index else "if ", Nest(4, _value(w, condition)), " then"))
        w.beside(then, _first(block, limit))
        write_block(w, block, limit)
    if item.orelse is not None:
        w.emit("else")
        w.beside(limit + len("else"), _first(item.orelse, end))
        write_block(w, item.orelse, end)
    w.emit("end")


def _first(block: s.Stmts, limit: int) -> int:
    return block.items[0].span.start if block.items else limit


def _loop_head(w: Writer, item: s.WhileStmt | s.ForStmt) -> Doc:
    label = "" if item.label is None else f"{item.label.text}: "
    if isinstance(item, s.WhileStmt):
        return join(f"while {label}", Nest(4, _value(w, item.condition)))
    start = w.expressions.doc(item.start)
    to = " downto " if item.down else " to "
    return join(f"for {label}{item.variable.text} {w.style.spell(':=')} ", Nest(4, join(start, to, w.expressions.doc(item.stop))))


def _write_loop(w: Writer, item: s.WhileStmt | s.ForStmt) -> None:
    end = item.span.end - len("end")
    clauses = _annotations(item)
    head_end = item.condition.span.end if isinstance(item, s.WhileStmt) else item.stop.span.end
    do = w.find("do", max([head_end, *[c.span.end for _, _, c in clauses if c is not None]]), end)
    head = _loop_head(w, item)
    if clauses:
        w.emit(head)
        w.beside(head_end, clause_start(w, clauses[0], head_end))
        write_clauses(w, clauses, head_end, do)
        write_comments(w, do)
        w.emit("do")
    else:
        w.emit(join(head, " do"))
    w.beside(do + len("do"), _first(item.body, end))
    write_block(w, item.body, end)
    w.emit("end")


def _annotations(item: s.WhileStmt | s.ForStmt) -> list[Clause]:
    a = item.annotations
    found: list[Clause] = [("invariant", c.span.start, c) for c in a.invariants]
    found += [("variant", v.components[0].span.start, v) for v in a.variants]
    found += [("recurrent", c.span.start, c) for c in a.recurrent]
    return sorted(found, key=lambda clause: clause[1])


def write_clauses(w: Writer, clauses: list[Clause], start: int, limit: int, width: int = 0, shield: bool = False) -> None:
    """Annotations or a contract, a clause a line, in their order, with the comments from `start` up to the end of the last one's
    line, but none from `limit` on.

    width: columns that each keyword takes.   shield: no function's body follows, and none of the clauses may be taken for one."""
    with w.indented():
        for index, (keyword, offset, clause) in enumerate(clauses):
            w.before(w.find(keyword, start, offset) if clause else offset)
            w.emit(_clause_doc(w, keyword.ljust(width if clause else 0), clause, shield))
            start = clause.span.end if clause else offset + len(keyword)
            w.beside(start, clause_start(w, clauses[index + 1], start) if index + 1 < len(clauses) else limit)


def write_comments(w: Writer, limit: int) -> None:
    """Those up to `limit`, indented."""
    with w.indented():
        w.before(limit)


def clause_start(w: Writer, clause: Clause, start: int) -> int:
    """Where its keyword stands, after `start`."""
    keyword, offset, text = clause
    return offset if text is None else w.find(keyword, start, offset)


def _clause_doc(w: Writer, keyword: str, clause: s.Labelled | s.VariantClause | None, shield: bool) -> Doc:
    match clause:
        case None:
            return keyword
        case s.Labelled():
            doc: Doc = labelled(w, clause, shield and _seems_to_define(clause.formula))
        case s.VariantClause() if shield and any([_equates(c) for c in clause.components]):
            doc = _commas([_in_parentheses(w, c) for c in clause.components])
        case s.VariantClause():
            doc = w.expressions.listed(clause.components)
        case _:
            assert_never(clause)
    return join(f"{keyword} ", Nest(2, doc))


def _in_parentheses(w: Writer, formula: s.Expr) -> Doc:
    return join("(", w.expressions.doc(formula), ")")


def _seems_to_define(formula: s.Expr) -> bool:
    """Would an `=` in this `requires` be taken for the one before a body?  The first relation of a formula is not."""
    match formula:
        case s.Comparison(first=first, rest=((_, second),)):
            return _equates(first) or _equates(second)
        case _:
            return _equates(formula)


def _equates(formula: s.Expr) -> bool:
    """Does an `=` show outside brackets?"""
    depth = 0
    for character in expr_text(formula).replace("<=", "").replace(">=", "").replace("==>", "").replace("!=", ""):
        depth += (character in "([") - (character in ")]")
        if character == "=" and depth == 0:
            return True
    return False


def _write_assert(w: Writer, item: s.AssertStmt) -> None:
    assert item.script is not None
    start = w.find("{", w.find("by", item.assertion.span.end, item.span.end), item.span.end) + 1
    head = join("assert ", Nest(2, labelled(w, item.assertion)))
    write_script(w, head, item.script, start, item.span.end - 1, one_line=w.one_line_in_source(item))
