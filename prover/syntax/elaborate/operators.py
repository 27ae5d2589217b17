"""Operators: operands of one type, chains of one direction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from prover.diagnostic import Label
from prover.kernel.sort import INT, Array, Sort, is_integer, is_numeric, same
from prover.kernel.term import App, Op, Term, app
from prover.source import Span
from prover.syntax import surface as s
from prover.syntax.elaborate.fitting import adapted, conversion, fit, is_literal, literal, origin

if TYPE_CHECKING:
    from prover.syntax.elaborate.expressions import Expressions

# How often a run of one level may change its operator: each change is one level of nesting.
MAX_CHANGES = 200

_ARITHMETIC = {"+": Op.ADD, "-": Op.SUB, "*": Op.MUL, "/": Op.DIV, "div": Op.DIV, "%": Op.MOD, "mod": Op.MOD}
_UP, _DOWN = frozenset({"<", "<=", "="}), frozenset({">", ">=", "="})


def operands(x: Expressions, parts: Sequence[s.Expr], hint: Sort | None, what: str) -> tuple[list[Term], Sort] | None:
    """The operands brought to one sort (int where that is open); None, with an error, where they do not mix.

    Literals come last: they take the sort of the others."""
    found: list[Term | None] = [None] * len(parts)
    common: Sort | None = None
    leading: Term | None = None
    for i in sorted(range(len(parts)), key=lambda i: _is_soft(parts[i])):
        term = found[i] = x.term(parts[i], common or hint)
        if term is not None and common is None and not is_literal(term):
            common, leading = term.sort, term
    terms = [t for t in found if t is not None]
    if len(terms) < len(found):
        return None
    if common is None:
        common = terms[0].sort
    fitted = [adapted(x, t, common) for t in terms]
    for term, fits in zip(terms, fitted, strict=True):
        if fits is None:
            _do_not_mix(x, what, leading or terms[0], term)
            return None
    return [t for t in fitted if t is not None], common


def _is_soft(e: s.Expr) -> int:
    """0 for what has a type of its own, 1 for what may take one from its context, 2 for `[]`."""
    match e:
        case s.Number():
            return 1
        case s.Unary(operator="-", operand=inner):
            return _is_soft(inner)
        case s.ArrayLiteral():
            return 1 if e.elements else 2
        case s.Apply() if e.function.text == "array":
            return 1
        case s.Conditional():
            return max(_is_soft(e.then), _is_soft(e.orelse))
        case _:
            return 0


def _do_not_mix(x: Expressions, what: str, first: Term, second: Term) -> None:
    message = f"{what} does not mix {first.sort} and {second.sort}"
    labels = [Label(t.span, f"this is {t.sort}") for t in (first, second) if t.span is not None]
    help = conversion(second, first.sort) or conversion(first, second.sort)
    if is_numeric(first.sort) and is_integer(second.sort):
        help = conversion(first, second.sort)
    x.problems.error("type-mismatch", message, second.span, *help, labels=(*labels, *origin(x, first), *origin(x, second)))


def _need_numbers(x: Expressions, what: str, sort: Sort, term: Term) -> bool:
    if is_numeric(sort):
        return True
    help = conversion(term, INT)
    x.problems.error("type-mismatch", f"{what} takes numbers, but this is {sort}", term.span, *help, labels=origin(x, term))
    return False


# Arithmetic


def chain(x: Expressions, e: s.Chain, hint: Sort | None) -> Term | None:
    wanted = hint if hint is not None and is_numeric(hint) else None
    what = f"`{e.rest[0][0]}`"
    mixed = operands(x, [e.first, *[part for _, part in e.rest]], wanted, what)
    if mixed is None:
        return None
    terms, sort = mixed
    if not _need_numbers(x, what, sort, terms[0]):
        return None
    return _fold(x, [_ARITHMETIC[op] for op, _ in e.rest], terms, e)


def _fold(x: Expressions, ops: list[Op], terms: list[Term], e: s.Chain) -> Term | None:
    """Left-associative, with a flat node for each run of one `+` or `*`."""
    runs: list[tuple[Op, list[Term]]] = []
    for op, term in zip(ops, terms[1:], strict=True):
        if runs and runs[-1][0] is op and op in (Op.ADD, Op.MUL):
            runs[-1][1].append(term)
        else:
            runs.append((op, [term]))
    if len(runs) > MAX_CHANGES:
        return _long(x, ops, terms, e)
    result = terms[0]
    for op, run in runs:
        last = run[-1].span
        span = result.span.to(last) if result.span is not None and last is not None else e.span
        left = result.args if isinstance(result, App) and result.op is op and op in (Op.ADD, Op.MUL) else (result,)
        result = app(op, *left, *run, span=span)
    return _with_span(result, e.span)


def _with_span(term: Term, span: Span) -> Term:
    """The whole has the span of its text, parentheses around its ends included."""
    return App(term.op, term.args, term.sort, span, term.size) if isinstance(term, App) else term


def _long(x: Expressions, ops: list[Op], terms: list[Term], e: s.Chain) -> Term | None:
    if set(ops) <= {Op.ADD, Op.SUB} and is_integer(terms[0].sort):
        signed = [t if op is Op.ADD else app(Op.NEG, t, span=t.span) for op, t in zip(ops, terms[1:], strict=True)]
        return app(Op.ADD, terms[0], *signed, span=e.span)
    message = f"this changes its operator more than {MAX_CHANGES} times"
    x.problems.error("syntax-nesting", message, e.span, "name a part of it, and use the name")
    return None


def unary(x: Expressions, e: s.Unary, hint: Sort | None) -> Term | None:
    if e.operator == "not":
        operand = x.formula(e.operand, "what `not` negates")
        return None if operand is None else app(Op.NOT, operand, span=e.span)
    if isinstance(e.operand, s.Number):
        return literal(x, -e.operand.value, hint, e.span)
    term = x.term(e.operand, hint if hint is not None and is_numeric(hint) else None)
    if term is None or not _need_numbers(x, "`-`", term.sort, term):
        return None
    return app(Op.NEG, term, span=e.span)


# Comparisons


def comparison(x: Expressions, e: s.Comparison) -> Term | None:
    names = [op for op, _ in e.rest]
    one_way = len(names) == 1 or set(names) <= _UP or set(names) <= _DOWN
    if not one_way:
        _two_ways(x, names, e)
    what = f"`{names[0]}`"
    mixed = operands(x, [e.first, *[part for _, part in e.rest]], None, what)
    if mixed is None or not one_way:
        return None
    terms, sort = mixed
    ordering = next((n for n in names if n not in ("=", "!=")), None)
    if ordering is not None and not _need_numbers(x, f"`{ordering}`", sort, terms[0]):
        return None
    return _compared([Op(n) for n in names], terms, e.span)


def _compared(ops: list[Op], terms: list[Term], whole: Span) -> Term:
    if len(ops) == 1:
        return app(ops[0], terms[0], terms[1], span=whole)
    parts = []
    for op, left, right in zip(ops, terms, terms[1:], strict=False):
        span = left.span.to(right.span) if left.span is not None and right.span is not None else whole
        parts.append(app(op, left, right, span=span))
    return app(Op.AND, *parts, span=whole)


def _two_ways(x: Expressions, names: list[str], e: s.Comparison) -> None:
    if "!=" in names:
        message = "`!=` does not chain"
    else:
        message = f"this chain of comparisons changes its direction: {' '.join(f'`{n}`' for n in dict.fromkeys(names))}"
    x.problems.error("type-chain", message, e.span, "write the comparisons one by one, with `and` between them")


# Truth values


def connective(x: Expressions, op: Op, name: str, parts: Sequence[s.Expr], span: Span) -> Term | None:
    terms = [x.formula(p, f"what `{name}` connects") for p in parts]
    found = [t for t in terms if t is not None]
    return app(op, *found, span=span) if len(found) == len(terms) else None


def conditional(x: Expressions, e: s.Conditional, hint: Sort | None) -> Term | None:
    condition = x.formula(e.condition, "the condition of `if`")
    mixed = operands(x, (e.then, e.orelse), hint, "`if … then … else`")
    if condition is None or mixed is None:
        return None
    return app(Op.ITE, condition, *mixed[0], span=e.span)


# Arrays


def array_literal(x: Expressions, e: s.ArrayLiteral, hint: Sort | None) -> Term | None:
    wanted = hint.element if isinstance(hint, Array) else None
    if not e.elements:
        if wanted is None:
            message = "the type of the elements of `[]` is not known here"
            x.problems.error("type-unknown", message, e.span, "give it to a variable with a type: `var a: int[] := []`")
            return None
        return app(Op.LITERAL, sort=hint, span=e.span)
    mixed = operands(x, e.elements, wanted, "an array literal")
    if mixed is None:
        return None
    terms, sort = mixed
    if wanted is not None and all(same(t.sort, wanted) for t in terms):
        return app(Op.LITERAL, *terms, sort=hint, span=e.span)
    element = sort if all(t.sort == sort for t in terms) else INT
    return app(Op.LITERAL, *terms, sort=Array(element), span=e.span)


def fill(x: Expressions, e: s.Apply, hint: Sort | None) -> Term | None:
    wanted = hint.element if isinstance(hint, Array) else None
    length = fit(x, x.term(e.arguments[0], INT), INT, "the length of an array")
    element = x.term(e.arguments[1], wanted)
    if length is None or element is None:
        return None
    sort = hint if wanted is not None and same(element.sort, wanted) else Array(element.sort)
    return app(Op.FILL, length, element, sort=sort, span=e.span)
