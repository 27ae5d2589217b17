"""Expressions and types to documents, with the fewest parentheses that keep the tree.

At the end of a formula, where they need none, quantifiers, `let` and `if` still have parentheses inside arithmetic, and in
formatted files inside `and`, `or`, `not` and comparisons, too.

Long formulas break before `and`, `or` and `==>`, which then begin a line, and after a comparison's operator, which ends one: an
`=` at the beginning of a line would begin a function's body.
"""

from __future__ import annotations

from itertools import groupby
from typing import assert_never

from prover.syntax import surface as s
from prover.syntax.format_comments import Comments, aside
from prover.syntax.layout import HARD, LINE, SOFT, Doc, Group, Join, Nest, join, render
from prover.syntax.style import ASCII, Style

# Levels, loosest to tightest.  An operand is put in parentheses if its own level is lower than the least that its place takes.
UPDATE, IFF, IMPLIES, OR, AND, NOT, COMPARE, SUM, PRODUCT, FACTOR, ATOM = range(11)
_LEVELS = {":=": UPDATE, "<==>": IFF, "==>": IMPLIES, "or": OR, "and": AND, "not": NOT, "-": FACTOR}

# Where open-ended expressions have parentheses even if they need none: with the fewest, and in formatted files.
_FEWEST = frozenset((PRODUCT, FACTOR, ATOM))
_CLEAR = _FEWEST | {AND, NOT, SUM}

_BLOCK = 10**1000
_OPERANDS = {":=": IFF, "<==>": IMPLIES, "==>": OR, "or": AND, "and": NOT}


def expr_text(expr: s.Expr, style: Style = ASCII) -> str:
    """One expression on one line."""
    return render(Expressions(style).doc(expr))


def type_text(type: s.Type) -> str:
    """`T[]`, or `array of T` where the source says so."""
    match type:
        case s.NamedType():
            return type.name
        case s.ArrayType():
            element = type_text(type.element)
            return f"array of {element}" if type.span.text.startswith("array") or element.startswith("array ") else f"{element}[]"
        case _:
            assert_never(type)


def decimal(value: int) -> str:
    """The digits of `value`, of any length (Python refuses to print more than a few thousand at once)."""
    if value < 0:
        return "-" + decimal(-value)
    parts: list[str] = []
    while value >= _BLOCK:
        value, rest = divmod(value, _BLOCK)
        parts.append(f"{rest:01000d}")
    return str(value) + "".join(reversed(parts))


class Expressions:
    """Makes documents of expressions; takes the comments that stand inside them as it goes."""

    def __init__(self, style: Style = ASCII, comments: Comments | None = None, clear: bool = False) -> None:
        """clear: parentheses as in formatted files."""
        self.style = style
        self._enclosed = _CLEAR if clear else _FEWEST
        self.comments = comments or Comments()

    def doc(self, expr: s.Expr, least: int = UPDATE, followed: bool = False) -> Doc:
        """least: the lowest level that needs no parentheses.  followed: more of the same formula stands to the right, which an
        open-ended expression (a quantifier, `let`, `if`) would swallow."""
        remarks = self.comments.take_inline(expr.span.start)
        if _level(expr) < least or (_is_open(expr) and (followed or least in self._enclosed)):
            return join("(" + remarks, Nest(1, self._bare(expr, False)), ")")
        body = self._bare(expr, followed)
        return join(remarks, body) if remarks else body

    def _bare(self, expr: s.Expr, followed: bool) -> Doc:
        match expr:
            case s.Number():
                return decimal(expr.value)
            case s.Truth():
                return "true" if expr.value else "false"
            case s.Ident():
                return expr.name
            case s.Hole():
                return "?"
            case s.Unary():
                return self._unary(expr, followed)
            case s.Nary() | s.Binary():
                return self._logical(expr, followed)
            case s.Chain():
                return self._chain(expr)
            case s.Comparison():
                return self._comparison(expr, followed)
            case s.Conditional():
                return self._conditional(expr)
            case s.LetIn():
                value = join(f"let {expr.name.text} = ", Nest(2, self.doc(expr.value)), " in")
                return Group(join(value, self._gap(expr.body), self.doc(expr.body)))
            case s.Quantified():
                head = f"{self.style.spell(expr.quantifier)} {binders_text(expr.binders)} ::"
                return Group(join(head, Nest(2, join(self._gap(expr.body), self.doc(expr.body)))))
            case _:
                return self._atom(expr)

    def _atom(self, expr: s.Index | s.Apply | s.AtLabel | s.WrapTo | s.ArrayLiteral) -> Doc:
        match expr:
            case s.Index():
                return join(self.doc(expr.array, ATOM), "[", self.doc(expr.index), "]")
            case s.Apply():
                return join(expr.function.text, self.bracketed("(", expr.arguments, ")"))
            case s.AtLabel():
                return join(f"at({expr.label.text}, ", self.doc(expr.body), ")")
            case s.WrapTo():
                return join(f"wrap {expr.type.name}(", self.doc(expr.operand), ")")
            case s.ArrayLiteral():
                return self.bracketed("[", expr.elements, "]")
            case _:
                assert_never(expr)

    # Lists

    def bracketed(self, before: str, exprs: tuple[s.Expr, ...], after: str) -> Doc:
        if not exprs:
            return before + after
        return Group(join(before, Nest(2, join(SOFT, self.listed(exprs))), SOFT, after))

    def listed(self, exprs: tuple[s.Expr, ...]) -> Doc:
        """Separated by commas, as many on a line as fit."""
        parts = [self.doc(exprs[0])]
        for expr in exprs[1:]:
            parts += [",", self._item("", expr, UPDATE, False)]
        return Join(tuple(parts))

    def _item(self, operator: str, expr: s.Expr, least: int, followed: bool) -> Doc:
        """The next of a list that fills lines."""
        gap = self._gap(expr)
        body = join(gap, operator, self.doc(expr, least, followed))
        return Group(body) if gap is LINE else body

    def _gap(self, following: s.Expr) -> Doc:
        """A place to break; the comments before `following` go there, if they cannot stay on its line."""
        remarks = aside(self.comments.take_aside(following.span.start))
        return join(remarks, HARD) if remarks else LINE

    # Operators

    def _unary(self, expr: s.Unary, followed: bool) -> Doc:
        if expr.operator == "-":
            return join("-", self.doc(expr.operand, ATOM))
        sign = self.style.spell("not")
        if sign.isascii():
            return join(sign, " ", self.doc(expr.operand, NOT, followed))
        doubled = isinstance(expr.operand, s.Unary)
        return join(sign, self.doc(expr.operand, NOT if doubled else ATOM, followed))

    def _logical(self, expr: s.Nary | s.Binary, followed: bool) -> Doc:
        operands = _operands(expr)
        least = _OPERANDS[expr.operator]
        sign = self.style.spell(expr.operator)
        parts: list[Doc] = []
        for index, operand in enumerate(operands):
            if index:
                parts += [self._gap(operand), sign, " "]
            parts.append(Nest(2, self.doc(operand, least, followed or index + 1 < len(operands))))
        return Group(Join(tuple(parts)))

    def _chain(self, expr: s.Chain) -> Doc:
        least = _level(expr) + 1
        parts = [self.doc(expr.first, least)]
        for operator, operand in expr.rest:
            parts.append(self._item(self.style.spell(operator) + " ", operand, least, False))
        return Nest(2, Join(tuple(parts)))

    def _comparison(self, expr: s.Comparison, followed: bool) -> Doc:
        parts = [self.doc(expr.first, SUM, True)]
        for index, (operator, operand) in enumerate(expr.rest, 1):
            parts += [" ", self.style.spell(operator), self._item("", operand, SUM, followed or index < len(expr.rest))]
        return Nest(2, Join(tuple(parts)))

    def _conditional(self, expr: s.Conditional) -> Doc:
        """`else if` goes on with the same layout."""
        parts: list[Doc] = []
        lead = "if "
        orelse: s.Expr = expr
        while isinstance(orelse, s.Conditional):
            condition = self.doc(orelse.condition)
            then = join(self._gap(orelse.then), "then ", self.doc(orelse.then))
            gap = self._gap(orelse.orelse)
            parts += [Group(Nest(2, join(lead, condition, then))), gap]
            lead = "else if "
            orelse = orelse.orelse
        return Group(Join((*parts, "else ", Nest(2, self.doc(orelse)))))


def binders_text(binders: tuple[s.Binder, ...]) -> str:
    """`i, j: int, b: bool`; neighbours of one type share it."""
    groups = []
    for type, group in groupby(binders, key=lambda b: b.type):
        names = ", ".join([b.name.text for b in group])
        groups.append(names if type is None else f"{names}: {type_text(type)}")
    return ", ".join(groups)


def _operands(expr: s.Nary | s.Binary) -> tuple[s.Expr, ...]:
    """Of one operator; `==>` is collected to the right, `<==>` to the left, without recursion."""
    if isinstance(expr, s.Nary):
        return expr.operands
    if expr.operator == ":=":
        return expr.left, expr.right
    found: list[s.Expr] = []
    node: s.Expr = expr
    right = expr.operator == "==>"
    while isinstance(node, s.Binary) and node.operator == expr.operator:
        found.append(node.left if right else node.right)
        node = node.right if right else node.left
    found.append(node)
    return tuple(found if right else reversed(found))


def _is_open(expr: s.Expr) -> bool:
    return isinstance(expr, s.Quantified | s.LetIn | s.Conditional)


def _level(expr: s.Expr) -> int:
    match expr:
        case s.Nary() | s.Binary() | s.Unary():
            return _LEVELS[expr.operator]
        case s.Comparison():
            return COMPARE
        case s.Chain():
            return SUM if expr.rest[0][0] in ("+", "-") else PRODUCT
        case s.Quantified() | s.LetIn() | s.Conditional():
            return FACTOR
        case _:
            return ATOM
