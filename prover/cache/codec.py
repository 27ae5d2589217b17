"""Values of `report` and `diagnostic` as bytes and back, without loss: JSON in which each list starts with what it is.

Knows the classes by looking at the two modules, so a field that is added there needs nothing here.  No code is run by what is
read: names of classes are places in that list.  Spans and sources are kept as places in a table of sources, whose
texts are given again when reading.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any

import prover.diagnostic
import prover.report
from prover.source import Source, Span

_TUPLE, _LIST, _DICT, _SPAN, _SOURCE, _FIRST = range(6)


class Damaged(ValueError):
    """The bytes are not what `encode` writes."""


@cache
def _classes() -> tuple[type, ...]:
    found = [v for module in (prover.report, prover.diagnostic) for v in vars(module).values() if isinstance(v, type)]
    chosen = {c.__qualname__: c for c in found if is_dataclass(c) or (issubclass(c, Enum) and c is not Enum)}
    return tuple(chosen[name] for name in sorted(chosen))


@cache
def _numbers() -> dict[type, int]:
    return {c: n for n, c in enumerate(_classes(), _FIRST)}


def encode(value: object, sources: list[Source]) -> bytes:
    """sources: the table; those that the value mentions are added to it."""
    return json.dumps(_written(value, sources), separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def decode(data: bytes, sources: Sequence[Source]) -> object:
    """Raises Damaged."""
    try:
        return _read(json.loads(data.decode("utf-8", "surrogatepass")), sources, _classes())
    except (ValueError, TypeError, IndexError, KeyError) as failure:
        raise Damaged(str(failure)) from failure


def _written(value: object, sources: list[Source]) -> object:
    match value:
        case None | bool() | str() | int() | float():
            return value
        case tuple():
            return [_TUPLE, *[_written(v, sources) for v in value]]
        case list():
            return [_LIST, *[_written(v, sources) for v in value]]
        case Mapping():
            return [_DICT, *[_written(part, sources) for item in value.items() for part in item]]
        case Span():
            return [_SPAN, _place(value.source, sources), value.start, value.end]
        case Source():
            return [_SOURCE, _place(value, sources)]
        case Enum():
            return [_numbers()[type(value)], value.value]
        case _:
            parts = [_written(getattr(value, n), sources) for n in _written_fields(value)]
            return [_numbers()[type(value)], *parts]


def _written_fields(value: object) -> Sequence[str]:
    """The fields, without those at the end that have their default: the constructor fills them in."""
    defaults = _defaults(type(value))  # type: ignore[arg-type]
    last = len(defaults)
    while last and defaults[last - 1][1] is not MISSING and getattr(value, defaults[last - 1][0]) == defaults[last - 1][1]:
        last -= 1
    return [name for name, _ in defaults[:last]]


@cache
def _defaults(cls: type[Any]) -> tuple[tuple[str, object], ...]:
    return tuple((f.name, f.default) for f in fields(cls))


def _place(source: Source, sources: list[Source]) -> int:
    for place, known in enumerate(sources):
        if known is source:
            return place
    sources.append(source)
    return len(sources) - 1


def _read(value: object, sources: Sequence[Source], classes: Sequence[type]) -> object:
    if not isinstance(value, list):
        return value
    kind = value[0]
    if kind == _SPAN:
        _, place, start, end = value
        return Span(sources[place], start, end)
    if kind == _SOURCE:
        return sources[value[1]]
    parts = [_read(v, sources, classes) if v.__class__ is list else v for v in value]
    if kind >= _FIRST:
        return classes[kind - _FIRST](*parts[1:])
    del parts[0]
    if kind == _TUPLE:
        return tuple(parts)
    return parts if kind == _LIST else dict(zip(parts[::2], parts[1::2], strict=True))
