"""Walking surface trees: all nodes below one, in text order."""

from __future__ import annotations

from collections.abc import Iterator

from prover.syntax import surface as s


def parts(node: s.Node) -> Iterator[object]:
    """What a node says: its fields without places and comments."""
    for name in node.__slots__:
        if name not in ("span", "head", "arguments_span", "comments"):
            yield getattr(node, name)


def below(node: object) -> Iterator[s.Node]:
    """The node and all nodes below it."""
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, s.Node):
            yield item
            stack.extend(reversed(list(parts(item))))
        elif isinstance(item, tuple):
            stack.extend(reversed(item))
