"""What a sort is in SMT-LIB, and small texts of it.

A value of a scalar sort is one SMT term, an array of sort T[] is several: its length, and for each part of T an SMT array from
Int to it.  What such an SMT array holds out of range is a free choice (0, say, for every array that a program makes); so the
ranges of elements can be stated for all indices, and equality of arrays speaks of the range only.
"""

from __future__ import annotations

from collections.abc import Sequence

from prover.kernel.sort import Array, Bool, Machine, Sort, bounds

Parts = tuple[str, ...]


def parts_of(sort: Sort) -> Parts:
    """The SMT sorts that represent a sort."""
    match sort:
        case Bool():
            return ("Bool",)
        case Array(element):
            return ("Int", *[f"(Array Int {p})" for p in parts_of(element)])
        case _:
            return ("Int",)


def number(value: int) -> str:
    return str(value) if value >= 0 else f"(- {-value})"


def symbol(name: str, part: int, count: int) -> str:
    return f"|{name}|" if count == 1 else f"|{name}.{part}|"


def at_index(data: Sequence[str], index: str) -> Parts:
    return tuple([f"(select {d} {index})" for d in data])


def element_of(sort: str) -> str:
    return sort.removeprefix("(Array Int ").removesuffix(")")


def wrapped(value: str, sort: Machine) -> str:
    modulus = 1 << sort.width
    if not sort.signed:
        return f"(mod {value} {modulus})"
    return f"(- (mod (+ {value} {modulus // 2}) {modulus}) {modulus // 2})"


def all_of(parts: list[str]) -> str:
    return "true" if not parts else parts[0] if len(parts) == 1 else f"(and {' '.join(parts)})"


def any_of(parts: list[str]) -> str:
    return "false" if not parts else parts[0] if len(parts) == 1 else f"(or {' '.join(parts)})"


def implied(hypotheses: list[str], conclusions: list[str]) -> str:
    return f"(=> {all_of(hypotheses)} {all_of(conclusions)})" if hypotheses else all_of(conclusions)


def in_range(parts: Parts, sort: Sort, depth: int = 0) -> list[str]:
    """What is known of every value of a sort.  depth: of the arrays that the parts are an element of."""
    if isinstance(sort, Array):
        return [f"(>= {parts[0]} 0)", *_elements_in_range(parts[1:], sort.element, depth)]
    low, high = bounds(sort)
    facts = [] if low is None else [f"(>= {parts[0]} {number(low)})"]
    return facts + ([] if high is None else [f"(<= {parts[0]} {number(high)})"])


def _elements_in_range(data: Parts, sort: Sort, depth: int) -> list[str]:
    # No name of a user's variable, nor one of those bound around it: the data of an array may mention either.
    k = f"|k range {depth}|"
    facts = in_range(at_index(data, k), sort, depth + 1)
    return [f"(forall (({k} Int)) (! {all_of(facts)} :pattern ({at_index(data, k)[0]})))"] if facts else []
