"""Does a term fit where it stands?  Literals take the type of their context, `int` and `nat` mix, nothing else does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prover.diagnostic import Label
from prover.kernel.sort import INT, Array, Bool, Machine, Sort, is_integer, is_numeric, same
from prover.kernel.term import ARITHMETIC, App, Lit, Op, Term, Var, app, rebuild
from prover.source import Span

if TYPE_CHECKING:
    from prover.syntax.elaborate.expressions import Expressions

_LITERAL_OPS = ARITHMETIC | {Op.LITERAL, Op.FILL}


def is_literal(term: Term) -> bool:
    """Is this built from number literals alone, so that the context may choose its type?  False of most at the first leaf."""
    match term:
        case Lit():
            return not isinstance(term.sort, Bool)
        case App(op=Op.FILL):
            return is_literal(term.args[1])
        case App(op=op) if op in _LITERAL_OPS:
            return all(is_literal(a) for a in term.args)
        case App(op=Op.ITE):
            return is_literal(term.args[1]) and is_literal(term.args[2])
        case _:
            return False


def adapted(x: Expressions, term: Term, want: Sort) -> Term | None:
    """`term` as one of sort `want`, where its literals or the shape of an array literal allow it; None where they do not."""
    if same(term.sort, want):
        return term
    match term, want:
        case App(op=Op.LITERAL), Array(element):
            parts = [adapted(x, a, element) for a in term.args]
            kept = [p for p in parts if p is not None]
            return app(Op.LITERAL, *kept, sort=want, span=term.span) if len(kept) == len(parts) else None
        case App(op=Op.FILL), Array(element):
            value = adapted(x, term.args[1], element)
            return app(Op.FILL, term.args[0], value, sort=want, span=term.span) if value is not None else None
        case _:
            return _retyped(x, term, want) if is_numeric(want) and is_numeric(term.sort) and is_literal(term) else None


def _retyped(x: Expressions, term: Term, want: Sort) -> Term:
    match term:
        case Lit():
            return literal(x, int(term.value), want, term.span)
        case App(op=Op.ITE):
            return app(Op.ITE, term.args[0], *[_retyped(x, a, want) for a in term.args[1:]], span=term.span)
        case App():
            return app(term.op, *[_retyped(x, a, want) for a in term.args], span=term.span)
        case _:
            return rebuild(term, ())


def literal(x: Expressions, value: int, want: Sort | None, span: Span | None) -> Lit:
    """A number as a literal of the type that its context wants, `int` where it wants none; reports one that is out of range."""
    if not isinstance(want, Machine):
        return Lit(value, INT, span)
    if not want.low <= value <= want.high:
        message = f"{value} is out of the range of {want}, which is {want.low} to {want.high}"
        x.problems.error("type-literal-range", message, span, f"`wrap {want}({value})` is {value} modulo 2^{want.width}")
        return Lit(0, want, span)
    return Lit(value, want, span)


def fit(x: Expressions, term: Term | None, want: Sort | None, what: str, *labels: Label) -> Term | None:
    """`term` where a term of sort `want` is wanted; None, with an error, when it does not fit.

    what: names the place in messages (`the condition of \\`if\\``).  labels: where `want` comes from."""
    if term is None or want is None:
        return None
    fitting = adapted(x, term, want)
    if fitting is None:
        message = f"{what} must be {want}, but this is {term.sort}"
        where, why = (*labels, *origin(x, term)), _why(term.sort, want)
        x.problems.error("type-mismatch", message, term.span, *conversion(term, want), labels=where, notes=why)
    return fitting


def origin(x: Expressions, term: Term) -> tuple[Label, ...]:
    """Where a variable got its type."""
    if isinstance(term, Var) and (label := x.declared.get(term.name)) is not None:
        return (label,)
    return ()


def conversion(term: Term, want: Sort) -> tuple[str, ...]:
    """How to make a `want` of this term, where that is likely what is meant."""
    if isinstance(term, Lit):
        return ()
    text = term.span.text if term.span is not None and term.size < 30 else "…"
    match term.sort, want:
        case Machine(), _ if is_integer(want):
            return (f"`int({text})` is its value",)
        case have, Machine() if is_numeric(have):
            return (f"`{want}({text})` converts it, and must be in range; `wrap {want}({text})` takes it modulo 2^{want.width}",)
        case have, Bool() if is_numeric(have):
            return (f"compare it with something, such as `{text} != 0`",)
        case Bool(), _ if is_numeric(want):
            return (f"`if {text} then 1 else 0` is a number",)
        case Array(), _ if is_integer(want):
            return (f"`len({text})` is its length, `{text}[i]` an element",)
        case _:
            return ()


def _why(have: Sort, want: Sort) -> tuple[str, ...]:
    if isinstance(have, Array) and isinstance(want, Array):
        return (f"element types do not mix: {have} and {want} are different types",)
    return ()
