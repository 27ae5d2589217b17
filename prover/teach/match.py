"""Is a submission its template with the holes filled in?  Trees are compared, so layout and comments are free.

A hole for a clause takes one or more clauses of its kind, a hole for statements one or more statements, any other hole one
expression.  What else differs is a `Difference`, with the place in the submission.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from prover.source import Span
from prover.syntax import surface as s
from prover.syntax.holes import unfilled
from prover.teach.trees import parts

_MOST_TRIES = 20_000


@dataclass(frozen=True, slots=True)
class Filled:
    """A hole with what was put into it.  For a hole of statements several nodes, else one."""

    hole: s.Hole | s.Gap
    nodes: tuple[s.Node, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """wanted, found: the places in the template and in the submission, None where the text has nothing there."""

    wanted: Span | None
    found: Span | None


@dataclass(slots=True)
class _Matching:
    filled: list[Filled] = field(default_factory=list)
    difference: Difference | None = None
    depth: int = -1
    tries: int = 0

    def fail(self, wanted: object, found: object, depth: int) -> bool:
        if depth > self.depth:
            self.depth = depth
            self.difference = Difference(_span(wanted), _span(found))
        return False

    def same(self, wanted: object, found: object, depth: int = 0) -> bool:
        match wanted, found:
            case s.Hole(), s.Node():
                return self._fill(wanted, found, depth)
            case tuple(), tuple():
                return self._sequence(wanted, found, depth)
            case s.Labelled(formula=s.Hole()), s.Labelled():
                if wanted.label is not None and wanted.label != found.label:
                    return self.fail(wanted, found, depth)
                return self.same(wanted.formula, found.formula, depth + 1)
            case s.VariantClause(components=(s.Hole() as hole,)), s.VariantClause():
                self.filled.append(Filled(hole, found.components))
                return True
            case s.Node(), s.Node() if type(wanted) is type(found):
                pairs = zip(parts(wanted), parts(found), strict=True)
                return all([self.same(a, b, depth + 1) or self.fail(wanted, found, depth) for a, b in pairs])
            case _:
                return wanted == found and type(wanted) is type(found)

    def _fill(self, hole: s.Hole, found: s.Node, depth: int) -> bool:
        if isinstance(found, s.Star):
            return self.fail(hole, found, depth)
        self.filled.append(Filled(hole, (found,)))
        return True

    def _sequence(self, wanted: tuple[object, ...], found: tuple[object, ...], depth: int) -> bool:
        if not any(_takes_many(w) for w in wanted):
            if len(wanted) != len(found):
                return self._longer(wanted, found, depth)
            return all([self.same(a, b, depth + 1) for a, b in zip(wanted, found, strict=True)])
        return self._spread(wanted, found, depth)

    def _longer(self, wanted: tuple[object, ...], found: tuple[object, ...], depth: int) -> bool:
        """Where the sequences part."""
        at = next((i for i, (a, b) in enumerate(zip(wanted, found, strict=False)) if a != b), min(len(wanted), len(found)))
        return self.fail(wanted[at] if at < len(wanted) else None, found[at] if at < len(found) else None, depth)

    def _spread(self, wanted: tuple[object, ...], found: tuple[object, ...], depth: int) -> bool:
        if not wanted:
            return not found or self.fail(None, found[0], depth)
        self.tries += 1
        if self.tries > _MOST_TRIES:
            return self.fail(wanted[0], found[0] if found else None, depth)
        if not _takes_many(wanted[0]):
            if not found:
                return self.fail(wanted[0], None, depth)
            return self.same(wanted[0], found[0], depth + 1) and self._spread(wanted[1:], found[1:], depth)
        for count in range(len(found) - len(wanted) + 1, 0, -1):
            kept = len(self.filled)
            if self._takes(wanted[0], found[:count]) and self._spread(wanted[1:], found[count:], depth):
                return True
            del self.filled[kept:]
        return self.fail(wanted[0], found[0] if found else None, depth)

    def _takes(self, hole: object, found: tuple[object, ...]) -> bool:
        match hole:
            case s.Gap():
                self.filled.append(Filled(hole, tuple(f for f in found if isinstance(f, s.Node))))
                return True
            case s.Labelled(formula=s.Hole() as inner):
                clauses = [f for f in found if isinstance(f, s.Labelled)]
                if hole.label is not None and [c.label for c in clauses] != [hole.label]:
                    return False
                self.filled.append(Filled(inner, tuple(c.formula for c in clauses)))
                return len(clauses) == len(found)
            case _:
                return False


def _takes_many(item: object) -> bool:
    return isinstance(item, s.Gap) or (isinstance(item, s.Labelled) and isinstance(item.formula, s.Hole))


def _span(item: object) -> Span | None:
    span = getattr(item, "span", None)
    return span if isinstance(span, Span) else None


def match(wanted: s.File, found: s.File) -> tuple[Filled, ...] | Difference:
    """What stands in the holes of template `wanted`, or where submission `found` departs from it."""
    matching = _Matching()
    if matching.same(wanted.declarations, found.declarations):
        assert not unfilled(found)
        return tuple(matching.filled)
    return matching.difference or Difference(None, found.span)
