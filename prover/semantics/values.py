"""Values of the language, and the two ways in which an evaluation can have none.

An integer (of every sort) is a Python int, a truth value a bool, an array a tuple: immutable, so assignment copies by
construction and equality is equal length and equal elements.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from prover.kernel.sort import Array, Bool, Int, Machine, Nat, Sort
from prover.source import Span

Value = int | bool | tuple["Value", ...]

# Beyond these a value is *undetermined*, so that a run cannot eat the machine's memory.
LARGEST_BITS = 50_000
LARGEST_ARRAY = 1_000_000

_SHOWN_BITS = 4_000
_SHOWN_ELEMENTS = 200


class FailureKind(Enum):
    """Operations that fail; the values are those of the kernel's goals of the same name."""

    DIVISION = "division"
    INDEX = "index"
    OVERFLOW = "overflow"
    CONVERSION = "conversion"
    LENGTH = "length"
    RANGE = "range"
    REQUIRES = "requires"


@dataclass(frozen=True, slots=True)
class Failure:
    """An operation has no value.  unit: the unit whose text holds it, and so the obligation (None: the one being evaluated).

    message: a sentence without a full stop that shows the values."""

    kind: FailureKind
    span: Span | None
    message: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """The interpreter cannot tell the value, nor whether there is one.  reason: in the user's terms."""

    reason: str


Result = Value | Failure | Unknown


def conforms(value: Value, sort: Sort) -> bool:
    """Is `value` one of `sort`'s values?"""
    match sort:
        case Bool():
            return isinstance(value, bool)
        case Int():
            return isinstance(value, int) and not isinstance(value, bool)
        case Nat():
            return isinstance(value, int) and not isinstance(value, bool) and value >= 0
        case Machine():
            return isinstance(value, int) and not isinstance(value, bool) and sort.low <= value <= sort.high
        case Array(element=element):
            return isinstance(value, tuple) and all([conforms(v, element) for v in value])
        case _:
            assert_never(sort)


def default(sort: Sort) -> Value:
    """The plainest value of a sort: 0, false, the empty array."""
    match sort:
        case Bool():
            return False
        case Array():
            return ()
        case Int() | Nat() | Machine():
            return 0
        case _:
            assert_never(sort)


def weight(value: Value, limit: int = LARGEST_ARRAY) -> int:
    """The number of scalars in a value; stops counting somewhere above `limit`."""
    count, stack = 0, [value]
    while stack and count <= limit:
        item = stack.pop()
        if isinstance(item, tuple):
            count += len(item)
            if count <= limit and item and isinstance(item[0], tuple):
                stack.extend(item)
        else:
            count += 1
    return count


def show(value: Value) -> str:
    """A value as the language writes it; enormous ones are described instead."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if value.bit_length() > _SHOWN_BITS:
            return f"({'negative ' if value < 0 else ''}integer of {value.bit_length()} bits)"
        return str(value)
    shown = ", ".join([show(v) for v in value[:_SHOWN_ELEMENTS]])
    more = f", … {len(value)} elements" if len(value) > _SHOWN_ELEMENTS else ""
    return f"[{shown}{more}]"


def display_name(name: str) -> str:
    """What a message calls a variable: without the marks that make names unique."""
    for mark in "#@":
        name = name.partition(mark)[0]
    return name.rstrip("~")


def show_state(state: Mapping[str, Value]) -> str:
    """`x = 1, a = [2, 3]`; of variables displayed alike the later ones keep their marks.

    Names that the user did not write (they hold a dot) are left out."""
    parts: dict[str, str] = {}
    for name, value in state.items():
        shown = display_name(name)
        if "." not in shown:
            parts[name if shown in parts else shown] = show(value)
    return ", ".join([f"{n} = {v}" for n, v in parts.items()])
