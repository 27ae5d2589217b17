"""Just enough of JSON Schema (2020-12) to hold output to docs/report.schema.json; refuses keywords that it does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_KNOWN = {
    "$schema", "$defs", "$ref", "title", "description", "type", "required", "additionalProperties", "properties", "items",
    "const", "enum", "pattern", "minimum", "anyOf",
}  # fmt: skip


def problems(value: Any, schema: dict[str, Any], root: dict[str, Any] | None = None, path: str = "$") -> Iterator[str]:
    """What does not fit, with its place."""
    root = schema if root is None else root
    unknown = schema.keys() - _KNOWN
    assert not unknown, unknown
    if "$ref" in schema:
        yield from problems(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, path)
        return
    if "anyOf" in schema and not any(not list(problems(value, s, root, path)) for s in schema["anyOf"]):
        yield f"{path}: {value!r} fits none"
    yield from _scalar(value, schema, path)
    if isinstance(value, dict):
        yield from _members(value, schema, root, path)
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from problems(item, schema["items"], root, f"{path}[{index}]")


def _scalar(value: Any, schema: dict[str, Any], path: str) -> Iterator[str]:
    kind = schema.get("type")
    if kind and (not isinstance(value, _TYPES[kind]) or (kind in ("integer", "number") and isinstance(value, bool))):
        yield f"{path}: {value!r} is no {kind}"
        return
    if "const" in schema and value != schema["const"]:
        yield f"{path}: {value!r} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is not among {schema['enum']}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{path}: {value!r} does not match"
    if "minimum" in schema and value < schema["minimum"]:
        yield f"{path}: {value!r} is too small"


def _members(value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any], path: str) -> Iterator[str]:
    known = schema.get("properties", {})
    for name in schema.get("required", []):
        if name not in value:
            yield f"{path}: {name} is missing"
    for name, member in value.items():
        if name in known:
            yield from problems(member, known[name], root, f"{path}.{name}")
        elif schema.get("additionalProperties", True) is False:
            yield f"{path}: {name} is not in the schema"
