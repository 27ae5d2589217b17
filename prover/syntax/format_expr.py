"""Expressions and types to documents, with the fewest parentheses that keep the tree.

Long formulas break before `and`, `or` and `==>`, which then begin a line, and after a comparison's operator, which ends one: an `=` at
the beginning of a line would begin a function's body.
"""

from __future__ import annotations

from typing import assert_never

from prover.syntax import surface as s
from prover.syntax.format_comments import Comments, aside
from prover.syntax.layout import LINE, SOFT, Doc, Group, Join, Nest, fill, join, separated
from prover.syntax.style import ASCII, Style

# Levels, loosest to tightest.  An operand is put in parentheses if its own level is lower than the least that its place takes.
UPDATE, IFF, IMPLIES, OR, AND, NOT, COMPARE, SUM, PRODUCT, FACTOR, ATOM = range(11)
_LEVELS = {":=": UPDATE, "<==>": IFF, "==>": IMPLIES, "or": OR, "and": AND, "not": NOT, "-": FACTOR}
_SUMS = frozenset("+-")


def expr_text(expr: s.Expr, style: Style = ASCII) -> str:
    """One expression on one line."""
    from prover.syntax.layout import render

    return render(Expressions(style).doc(expr))


class Expressions:
    """Makes documents of expressions; takes the comments that stand inside them as it goes."""

    def __init__(self, style: Style = ASCII, comments: Comments | None = None) -> None:
        self.style = style
        self.comments = comments or Comments()

    def doc(self, expr: s.Expr, least: int = UPDATE, followed: bool = False) -> Doc:
        """least: the lowest level that needs no parentheses.  followed: more of the same formula stands to the right, which an
        open-ended expression (a quantifier, `let`, `if`) would swallow."""
        remarks = self.comments.take_inline(expr.span.start)
        if _level(expr) < least or (_is_open(expr) and (followed or least >= PRODUCT)):
            body: Doc = join("(", Nest(1, self._bare(expr, False)), ")")
        else:
            body = self._bare(expr, followed)
        return join(remarks, body) if remarks else body

    def listed(self, exprs: tuple[s.Expr, ...]) -> Doc:
        """Separated by commas."""
        if not exprs:
            return ""
        first = self.doc(exprs[0])
        return fill(first, self._after_commas(exprs[1:]))

    def _after_commas(self, exprs: tuple[s.Expr, ...]) -> list[Doc]:
        return [self.doc(e) for e in exprs]

    def _bare(self, expr: s.Expr, followed: bool) -> Doc:
        match expr:
            case s.Number():
                return decimal(expr.value)
            case s.Truth():
                return "true" if expr.value else "false"
            case s.Ident():
                return expr.name
            case s.Unary():
                return self._unary(expr, followed)
            case s.Nary() | s.Binary():
                return self._logical(expr, followed)
            case s.Chain() | s.Comparison():
                return self._run(expr, followed)
            case s.Conditional() | s.LetIn() | s.Quantified():
                return self._open(expr)
            case s.Index():
                return join(self.doc(expr.array, ATOM), "[", self.doc(expr.index), "]")
            case s.Apply():
                return join(expr.function.text, self._brackets("(", expr.arguments, ")"))
            case s.AtLabel():
                return join(f"at({expr.label.text}, ", self.doc(expr.body), ")")
            case s.WrapTo():
                return join(f"wrap {expr.type.name}(", self.doc(expr.operand), ")")
            case s.ArrayLiteral():
                return self._brackets("[", expr.elements, "]")
            case _:
                assert_never(expr)
