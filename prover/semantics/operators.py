"""Built-in operators on values.

Each function gets the node and the values of all its arguments; what has no value raises `Failed`, what is too large to be
worked out raises `Stuck`.  Connectives and `if` are not here, because they guard their arguments (see `evaluate`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from prover.kernel.sort import Array, Machine, Nat, Sort
from prover.kernel.term import App, Op, Term
from prover.semantics.values import LARGEST_ARRAY, LARGEST_BITS, Failure, FailureKind, Unknown, Value, show, weight
from prover.source import Span


class Failed(Exception):
    """Evaluation met an operation that fails."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure


class Stuck(Exception):
    """Evaluation met something that cannot be told."""

    def __init__(self, unknown: Unknown) -> None:
        self.unknown = unknown


def fail(kind: FailureKind, span: Span | None, message: str) -> Failed:
    return Failed(Failure(kind, span, message))


def stuck(reason: str) -> Stuck:
    return Stuck(Unknown(reason))


def store_range(value: Value, sort: Sort, span: Span | None) -> None:
    """The obligation of putting `value` where `sort` is expected; raises Failed."""
    if isinstance(sort, Nat) and value < 0:  # type: ignore[operator]
        raise fail(FailureKind.RANGE, span, f"{show(value)} is stored in a `nat`")


# Values of one sort come in by construction of the term, so what the operators do to them is not checked again.
_Values = list[Any]


def _fit(value: int, sort: Sort, term: App) -> int:
    if isinstance(sort, Machine):
        if not sort.signed:
            return value & sort.high
        if not sort.low <= value <= sort.high:
            raise fail(FailureKind.OVERFLOW, term.span, f"{value} does not fit `{sort}`")
    return value


def _add(term: App, values: _Values) -> Value:
    if not isinstance(term.sort, Machine):
        return sum(values)
    total = values[0]
    for value in values[1:]:
        total = _fit(total + value, term.sort, term)
    return int(total)


def _sub(term: App, values: _Values) -> Value:
    return _fit(values[0] - values[1], term.sort, term)


def _mul(term: App, values: _Values) -> Value:
    product = values[0]
    for value in values[1:]:
        if product.bit_length() + value.bit_length() > LARGEST_BITS:
            raise stuck("a number grows too large")
        product = _fit(product * value, term.sort, term)
    return int(product)


def _neg(term: App, values: _Values) -> Value:
    return _fit(-values[0], term.sort, term)


def euclidean(dividend: int, divisor: int) -> tuple[int, int]:
    """Quotient and remainder with 0 <= remainder < |divisor|, as in SMT-LIB (Boute 1992)."""
    quotient, remainder = divmod(dividend, divisor)
    # Python's remainder has the divisor's sign.
    return (quotient + 1, remainder - divisor) if remainder < 0 else (quotient, remainder)


def _div(term: App, values: _Values) -> Value:
    if values[1] == 0:
        raise fail(FailureKind.DIVISION, term.span, f"{show(values[0])} is divided by 0")
    return _fit(euclidean(*values)[0], term.sort, term)


def _mod(term: App, values: _Values) -> Value:
    if values[1] == 0:
        raise fail(FailureKind.DIVISION, term.span, f"the remainder of {show(values[0])} by 0 is asked")
    return euclidean(*values)[1]


def check_index(array: tuple[Value, ...], index: int, span: Span | None) -> None:
    """Raises Failed where `index` is out of range."""
    if not 0 <= index < len(array):
        raise fail(FailureKind.INDEX, span, f"index {show(index)} in an array of length {len(array)}")


def _select(term: App, values: _Values) -> Value:
    array, index = values
    check_index(array, index, term.span)
    element: Value = array[index]
    return element


def _store(term: App, values: _Values) -> Value:
    array: tuple[Value, ...] = values[0]
    index: int = values[1]
    # Outside the range nothing of the array changes: terms made from programs have an index obligation beside them.
    if not 0 <= index < len(array):
        return array
    changed = list(array)
    changed[index] = values[2]
    return tuple(changed)


def _literal(term: App, values: _Values) -> Value:
    assert isinstance(term.sort, Array)
    for value, argument in zip(values, term.args, strict=True):
        store_range(value, term.sort.element, argument.span or term.span)
    return tuple(values)


def _fill(term: App, values: _Values) -> Value:
    assert isinstance(term.sort, Array)
    length: int = values[0]
    element: Value = values[1]
    if length < 0:
        raise fail(FailureKind.LENGTH, term.span, f"an array of length {show(length)} is made")
    store_range(element, term.sort.element, term.span)
    if length > LARGEST_ARRAY or length * weight(element) > LARGEST_ARRAY:
        raise stuck("an array grows too large")
    return (element,) * length


def _convert(term: App, values: _Values) -> Value:
    sort, value = term.sort, values[0]
    assert isinstance(sort, Machine)
    if not sort.low <= value <= sort.high:
        raise fail(FailureKind.CONVERSION, term.span, f"{show(value)} does not fit `{sort}`")
    return int(value)


def _wrap(term: App, values: _Values) -> Value:
    sort = term.sort
    assert isinstance(sort, Machine)
    low: int = values[0] & ((1 << sort.width) - 1)
    return low - (1 << sort.width) if low > sort.high else low


OPERATORS: Mapping[Op, Callable[[App, _Values], Value]] = {
    Op.ADD: _add,
    Op.SUB: _sub,
    Op.MUL: _mul,
    Op.NEG: _neg,
    Op.DIV: _div,
    Op.MOD: _mod,
    Op.LT: lambda _, v: v[0] < v[1],
    Op.LE: lambda _, v: v[0] <= v[1],
    Op.GT: lambda _, v: v[0] > v[1],
    Op.GE: lambda _, v: v[0] >= v[1],
    Op.EQ: lambda _, v: v[0] == v[1],
    Op.NE: lambda _, v: v[0] != v[1],
    Op.NOT: lambda _, v: not v[0],
    Op.IFF: lambda _, v: v[0] is v[1],
    Op.SELECT: _select,
    Op.STORE: _store,
    Op.LEN: lambda _, v: len(v[0]),
    Op.LITERAL: _literal,
    Op.FILL: _fill,
    Op.PERM: lambda _, v: Counter(v[0]) == Counter(v[1]),
    Op.VALUE: lambda _, v: v[0],
    Op.CONVERT: _convert,
    Op.WRAP: _wrap,
}


def is_partial(term: Term) -> bool:
    """Can the node itself (its arguments having values) fail, or be too large?"""
    if not isinstance(term, App):
        return False
    if term.op in (Op.DIV, Op.MOD, Op.SELECT, Op.FILL, Op.CONVERT):
        return True
    if term.op is Op.LITERAL:
        return isinstance(term.sort, Array) and isinstance(term.sort.element, Nat)
    return term.op in (Op.ADD, Op.SUB, Op.MUL, Op.NEG) and isinstance(term.sort, Machine) and term.sort.signed
