"""Goals: what has to be proved, as sequents whose hypotheses remember where they come from.

The hypotheses of a goal are a `Path`: a linked list that goals of one unit share, so that a unit's goals together stay linear
in its text.  Control flow that joins again is one fact, `Joins`, whose branches are paths that start at a common one.

All variables here are *values*: `x@3` is a value of the program variable `x`, a name without `@` is a parameter that never
changes.  `Naming` says how a goal shows them: the latest value that has a name of its own is shown as plain `x`, older ones as
`old(x)` or `at(label, x)`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum

from prover.kernel.program import Script
from prover.kernel.term import Term, Var
from prover.record import record
from prover.source import Span


class GoalKind(Enum):
    """The closed vocabulary of obligations."""

    INVARIANT_ENTRY = "invariant-entry"
    INVARIANT_PRESERVED = "invariant-preserved"
    VARIANT = "variant"
    RECURSION = "recursion-variant"
    ENSURES = "ensures"
    ASSERTION = "assertion"
    REQUIRES = "requires"
    DIVISION = "division"
    INDEX = "index"
    OVERFLOW = "overflow"
    CONVERSION = "conversion"
    LENGTH = "length"
    RANGE = "range"
    RECURRENT = "recurrent"
    DIVERGES = "diverges"


class Origin(Enum):
    """Where a hypothesis comes from."""

    REQUIRES = "requires"
    INVARIANT = "invariant"
    GUARD = "condition"
    ASSERTION = "assertion"
    ASSUMPTION = "assume"
    ENSURES = "ensures"
    VALUE = "value"
    FRAME = "frame"
    JOIN = "branches"


@record
class Holds:
    """`formula` is true.  label: the user's or default label of the clause; empty for conditions."""

    formula: Term
    origin: Origin
    span: Span | None
    label: str = ""


@record
class Defines:
    """`variable` is the very value of `term` (for arrays more than `=`: the elements out of range, too)."""

    variable: Var
    term: Term
    span: Span | None


@record
class Joins:
    """One of the branches was taken: each is a path that extends `base`, and what the joined variables are there."""

    base: Path | None
    branches: tuple[tuple[Path | None, tuple[Defines, ...]], ...]
    span: Span | None


Fact = Holds | Defines | Joins


@record
class Path:
    """The facts on the way to a place in a program, latest first."""

    parent: Path | None
    fact: Fact
    depth: int

    def facts(self, base: Path | None = None) -> list[Fact]:
        """The facts after `base` (which must be an ancestor, or None), earliest first."""
        return [p.fact for p in nodes(self, base)]


def extend(path: Path | None, fact: Fact) -> Path:
    return Path(path, fact, 1 if path is None else path.depth + 1)


def nodes(path: Path | None, base: Path | None = None) -> list[Path]:
    found: list[Path] = []
    while path is not base:
        assert path is not None, "base is not an ancestor"
        found.append(path)
        path = path.parent
    found.reverse()
    return found


def ancestor(a: Path | None, b: Path | None) -> Path | None:
    """The longest path that both extend."""
    while a is not b:
        if a is None or b is None:
            return None
        if a.depth >= b.depth:
            a = a.parent
        else:
            b = b.parent
    return a


@record
class Naming:
    """How values are shown.  latest: the value shown as the plain variable; sites: where each value `x@n` was made
    (`old`, or a label for `at`)."""

    latest: Mapping[str, str]
    sites: Mapping[str, str]

    def show(self, name: str) -> str:
        base = name.split("@", maxsplit=1)[0]
        plain = base.split("#")[0].rstrip("~")
        if "@" not in name or self.latest.get(base) == name:
            return plain
        site = self.sites.get(name, "old")
        return f"old({plain})" if site == "old" else f"at({site}, {plain})"


@record
class Goal:
    """A sequent: the facts of `path` entail `conclusion`.

    name: stable, built from what the goal is about.   words: what must hold, for people ("the invariant holds on entry").
    induction: functions of the goal's own component whose results are known to be in range (for smaller arguments).
    missing: an annotation without which there is nothing to prove (a loop's variant); such a goal is never proved.
    """

    name: str
    kind: GoalKind
    unit: str
    path: Path | None
    conclusion: Term
    span: Span
    words: str
    naming: Naming
    script: Script | None = None
    missing: bool = False
    clause: str = ""
    induction: frozenset[str] = frozenset()

    def facts(self) -> list[Fact]:
        return self.path.facts() if self.path else []


@record
class Assumption:
    """Something that a verdict takes on trust: kind is `assume`, `axiom`, `bodiless`, `uninterpreted`."""

    kind: str
    text: str
    span: Span


@record
class Conditions:
    """The verification conditions of one unit: it is correct if all goals hold and all it `uses` is right.

    uses: names of the units whose contracts or equations the goals rely on, its own component aside (see `depend`).
    termination: goals that speak of termination only, apart because *correct* does not need them.
    divergence: goals of `recurrent` and `diverges`, which claim the opposite.
    entry: what is known at entry.
    """

    unit: str
    goals: tuple[Goal, ...]
    termination: tuple[Goal, ...]
    uses: frozenset[str]
    assumptions: tuple[Assumption, ...]
    divergence: tuple[Goal, ...] = ()
    entry: Path | None = None

    def all(self) -> Iterator[Goal]:
        yield from self.goals
        yield from self.termination
        yield from self.divergence
