"""Frozen, slotted records: what `@dataclass(frozen=True, slots=True, eq=False)` makes, in a fifth of the time.

The trees of the language are some hundred classes.  `dataclasses` writes and compiles half a dozen methods for each, which
was a third of a cold start; here one `__init__` is compiled and the rest is shared.  Equality is identity, unless a base class
defines another.  Supported: annotated fields in order, defaults, `factory(...)` for mutable ones; fields are not inherited.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import get_annotations
from typing import Any, TypeVar, cast, dataclass_transform

C = TypeVar("C")
T = TypeVar("T")


class Factory:
    """Makes the default of a field anew for each record."""

    def __init__(self, make: Callable[[], object]) -> None:
        self.make = make


def factory(*, default_factory: Callable[[], T]) -> T:
    return cast(T, Factory(default_factory))


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(factory,))
def record(cls: type[C]) -> type[C]:
    """The class with its annotated fields as slots, an `__init__`, and attributes that cannot be set."""
    names = tuple(get_annotations(cls))
    space: dict[str, Any] = {k: v for k, v in cls.__dict__.items() if k not in (*names, "__dict__", "__weakref__")}
    defaults = {n: cls.__dict__[n] for n in names if n in cls.__dict__}
    space |= {"__slots__": names, "__match_args__": names, "__init__": _initializer(names, defaults)}
    space |= {"__setattr__": _refuse, "__delattr__": _refuse, "__reduce__": _parts}
    if "__repr__" not in space and cls.__repr__ is object.__repr__:
        space["__repr__"] = _shown
    return cast(type[C], type(cls.__name__, cls.__bases__, space))


def replace(item: T, **changes: object) -> T:
    """The record (or dataclass) with some fields changed.  Raises TypeError for a field that it has not."""
    names = type(item).__match_args__  # type: ignore[attr-defined]
    return type(item)(**{**{n: getattr(item, n) for n in names}, **changes})


def _initializer(names: tuple[str, ...], defaults: dict[str, object]) -> Callable[..., None]:
    scope: dict[str, Any] = {f"default_{n}": v for n, v in defaults.items()} | {"put": object.__setattr__}
    parameters = ", ".join([f"{n}=default_{n}" if n in defaults else n for n in names])
    body = [f"    put(self, {n!r}, {_given(n, defaults)})\n" for n in names]
    source = f"def __init__(self, {parameters}):\n{''.join(body) or '    pass'}"
    exec(source, scope)  # noqa: S102 - names of fields from our own class bodies
    return cast(Callable[..., None], scope["__init__"])


def _given(name: str, defaults: dict[str, object]) -> str:
    made = isinstance(defaults.get(name), Factory)
    return f"default_{name}.make() if {name} is default_{name} else {name}" if made else name


def _refuse(self: object, name: str, *value: object) -> None:
    raise AttributeError(f"cannot set `{name}`: a {type(self).__name__} does not change")


def _parts(self: object) -> tuple[type, tuple[object, ...]]:
    """For `pickle`: the class, called with the values of the fields, makes an equal record."""
    return type(self), tuple([getattr(self, n) for n in type(self).__match_args__])  # type: ignore[attr-defined]


def _shown(self: object) -> str:
    parts = [f"{n}={getattr(self, n)!r}" for n in type(self).__slots__ if not n.endswith("span")]  # type: ignore[attr-defined]
    return f"{type(self).__name__}({', '.join(parts)})"
