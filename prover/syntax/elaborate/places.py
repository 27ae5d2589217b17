"""Assignment targets: what may be written, and where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from prover.diagnostic import Label
from prover.kernel.program import Element, Target
from prover.kernel.sort import Array, Sort
from prover.kernel.term import Term, Var
from prover.record import record
from prover.source import Span
from prover.syntax import surface as s
from prover.syntax.elaborate.scope import Entry, Role
from prover.syntax.elaborate.suggest import did_you_mean

if TYPE_CHECKING:
    from prover.syntax.elaborate.statements import Statements


@record
class Place:
    """An assignment target that is in order.  sort: of what is stored there."""

    entry: Entry
    variable: Var
    indices: tuple[Term, ...]
    sort: Sort
    span: Span

    @property
    def target(self) -> Target:
        return Element(self.variable, self.indices, self.span) if self.indices else self.variable

    @property
    def label(self) -> tuple[Label, ...]:
        if self.entry.span is None:
            return ()
        use = "used first" if self.entry.role is Role.STATE else "declared"
        return (Label(self.entry.span, f"`{self.entry.name}` is {use} here"),)


# Targets


def place(b: Statements, target: s.TargetExpr) -> Place | None:
    """What a target means; None, with an error, where it cannot be assigned."""
    x = b.unit.x
    entry = assignable(b, target.name)
    indices = [x.index(i) for i in target.indices]
    if entry is None or not isinstance(entry.term, Var) or None in indices:
        return None
    sort = entry.term.sort
    for _ in target.indices:
        if not isinstance(sort, Array):
            what = f"`{target.name.text}`" if len(target.indices) == 1 else "this"
            x.problems.error("type-not-array", f"{what} is {sort}, not an array", target.span)
            return None
        sort = sort.element
    found = tuple([i for i in indices if i is not None])
    variable = Var(entry.term.name, entry.term.sort, target.name.span)
    return Place(entry, variable, found, sort, target.span)


def assignable(b: Statements, name: s.Name) -> Entry | None:
    """The variable of this name; None, with an error, where there is none, or where it is read-only here."""
    x = b.unit.x
    entry = x.scope.find(name.text)
    if entry is None:
        help = () if x.elsewhere.get(name.text) else did_you_mean(name.text, x.scope.names())
        if name.text == "result" and x.results is not None and len(x.results) == 1:
            help = (f"the result is called `{x.results[0].name}`",)
        x.undeclared(name.text, name.span, *(help or (f"declare it where it is first assigned: `var {name.text} := …`",)))
        return None
    if entry.role in (Role.PARAMETER, Role.COUNTER):
        _read_only(b, entry, name)
        return None
    if b.ghost is not None and not entry.ghost:
        b.in_ghost(f"ghost code does not assign real variables, and `{name.text}` is one", name.span)
        return None
    return entry


def _read_only(b: Statements, entry: Entry, name: s.Name) -> None:
    if entry.role is Role.COUNTER:
        help, what = "`for` counts by itself; use `while` to count otherwise", "the counter of this `for`"
    else:
        copy = f"assign a copy: `var copy := {name.text}`"
        help = copy if b.lemma else f"declare it `inout {name.text}: {entry.sort or '…'}`, or {copy}"
        what = "a parameter"
    labels = (Label(entry.span, "declared here"),) if entry.span is not None else ()
    message = f"`{name.text}` is {what}, which is read-only"
    b.unit.problems.error("flow-readonly", message, name.span, help, labels=labels)


def distinct(b: Statements, places: Sequence[Place]) -> bool:
    """A variable is assigned as a whole once, and then none of its elements."""
    seen: dict[str, Place] = {}
    for p in places:
        first = seen.setdefault(p.variable.name, p)
        if first is not p and not (first.indices and p.indices):
            message = f"`{p.entry.name}` is assigned twice at once"
            b.unit.problems.error("flow-twice", message, p.span, labels=(Label(first.span, "first here"),))
            return False
    return True
