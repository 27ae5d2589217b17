"""Names: which variables are visible where, what they are called in the core, and what the file's declarations offer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import Enum

from prover.kernel.sort import Sort
from prover.kernel.term import Term
from prover.record import record
from prover.source import Span
from prover.syntax import surface as s


class Role(Enum):
    """What a variable is to the unit; the value is what messages call it."""

    PARAMETER = "parameter"
    INOUT = "`inout` parameter"
    RESULT = "result"
    LOCAL = "variable"
    STATE = "state variable"
    COUNTER = "counter"
    BOUND = "bound variable"
    GIVEN = "name"


@record
class Entry:
    """A visible variable.  term: what it is in the core, None when its type could not be made out (reported already).
    number: variables of a unit are numbered in the order in which they come into scope."""

    name: str
    term: Term | None
    role: Role
    ghost: bool
    span: Span | None
    number: int = 0

    @property
    def sort(self) -> Sort | None:
        return None if self.term is None else self.term.sort


class Scope:
    """A block's variables, and through `outer` those of the blocks around it."""

    __slots__ = ("entries", "outer")

    def __init__(self, outer: Scope | None = None) -> None:
        self.entries: dict[str, Entry] = {}
        self.outer = outer

    def find(self, name: str) -> Entry | None:
        scope: Scope | None = self
        while scope is not None:
            if (entry := scope.entries.get(name)) is not None:
                return entry
            scope = scope.outer
        return None

    def add(self, entry: Entry) -> None:
        self.entries[entry.name] = entry

    def names(self) -> Iterator[str]:
        scope: Scope | None = self
        while scope is not None:
            yield from scope.entries
            scope = scope.outer


class Names:
    """Gives the variables of a unit names of their own: `x`, then `x#2`.

    Names that variables will need are reserved first, so that bound variables leave the plain ones to them.  Quantifiers that do
    not stand in each other share a name, so that the same formula written twice stays the same formula."""

    __slots__ = ("_bound", "_reserved", "_taken")

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._reserved: dict[str, int] = {}
        self._taken: set[str] = set(taken)
        self._bound: dict[str, list[tuple[str, Sort]]] = {}

    def reserve(self, base: str) -> None:
        self._reserved[base] = self._reserved.get(base, 0) + 1

    def variable(self, base: str) -> str:
        return self._fresh(base, 1)

    def bound(self, base: str, sort: Sort, active: Collection[str]) -> str:
        """A name for a bound variable; `active` are those of the binders around it."""
        known = self._bound.setdefault(base, [])
        for name, its_sort in known:
            if its_sort == sort and name not in active:
                return name
        name = self._fresh(base, self._reserved.get(base, 0) + 1)
        known.append((name, sort))
        return name

    def _fresh(self, base: str, number: int) -> str:
        name = base if number == 1 else f"{base}#{number}"
        while name in self._taken:
            number += 1
            name = f"{base}#{number}"
        self._taken.add(name)
        return name


@record
class Formal:
    """A parameter or result as its declaration gives it; sort None when the type is in error."""

    name: str
    sort: Sort | None
    span: Span
    inout: bool = False
    ghost: bool = False

    def __str__(self) -> str:
        return f"{'ghost ' if self.ghost else ''}{'inout ' if self.inout else ''}{self.name}: {self.sort or '?'}"


@record
class Signature:
    """What a declaration offers.  keyword: `function predicate const procedure lemma triple axiom`.
    result: of a function; results: of a procedure."""

    keyword: str
    name: str
    parameters: tuple[Formal, ...]
    result: Sort | None
    results: tuple[Formal, ...]
    span: Span

    @property
    def is_function(self) -> bool:
        return self.keyword in ("function", "predicate")

    @property
    def is_callable(self) -> bool:
        """Can it be called by a statement?"""
        return self.keyword in ("procedure", "lemma")

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(str, self.parameters))})"


Signatures = Mapping[str, Signature]


def declared_names(block: s.Stmts) -> Iterator[s.Name]:
    """The names that `var` and `for` declare anywhere in a block, in text order; iterative."""
    stack = [iter(block.items)]
    while stack:
        item = next(stack[-1], None)
        if item is None:
            stack.pop()
            continue
        match item:
            case s.VarStmt():
                yield from item.names
            case s.ForStmt():
                yield item.variable
                stack.append(iter(item.body.items))
            case s.WhileStmt():
                stack.append(iter(item.body.items))
            case s.IfStmt():
                blocks = [b for _, b in item.branches] + ([item.orelse] if item.orelse else [])
                stack.append(iter([inner for b in blocks for inner in b.items]))
            case _:
                pass
