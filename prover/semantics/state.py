"""The state of a run: a frame for each unit being executed, and within it the statements still to be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from prover.kernel.program import Block, Procedure, ProcedureCall, Statement, Target, While
from prover.kernel.sort import Array, Sort
from prover.kernel.term import OLD, Var
from prover.semantics.evaluate import Scope
from prover.semantics.operators import check_index
from prover.semantics.values import Value
from prover.source import Span


@dataclass(slots=True)
class Sequence:
    """The rest of a block: statements from `next` on."""

    statements: tuple[Statement, ...]
    next: int = 0


@dataclass(slots=True)
class Round:
    """A loop that is being executed.  before: its variant at the start of the round, None where it has no value.
    stepping: the body is done, the loop's `step` is running."""

    loop: While
    before: tuple[int, ...] | None = None
    stepping: bool = False


@dataclass(slots=True)
class Frame:
    """One call.  call: the caller's statement, None for the unit that is run.  variant: of the unit, at entry."""

    unit: Procedure
    values: dict[str, Value]
    call: ProcedureCall | None = None
    variant: tuple[int, ...] | None = None
    points: dict[str, Mapping[str, Value]] = field(default_factory=dict)
    control: list[Sequence | Round] = field(default_factory=list)
    scope: Scope = field(init=False)

    def __post_init__(self) -> None:
        self.points[OLD] = dict(self.values)
        self.scope = Scope(self.values, self.points)

    def mark(self, label: str) -> None:
        """The values that `at(label, …)` speaks of are today's."""
        self.points[label] = dict(self.values)

    def start(self, block: Block) -> None:
        self.control.append(Sequence(block.statements))

    def innermost(self) -> Round:
        """Abandon statements up to the innermost loop, which stays on top."""
        while not isinstance(top := self.control[-1], Round):
            self.control.pop()
        return top


def stored(array: Value, indices: list[int], value: Value, span: Span) -> Value:
    """`array` with the element at `indices` replaced.  Raises Failed where an index is out of range."""
    assert isinstance(array, tuple)
    index = indices[0]
    check_index(array, index, span)
    if len(indices) > 1:
        value = stored(array[index], indices[1:], value, span)
    return (*array[:index], value, *array[index + 1 :])


def copied(array: Value, indices: list[int]) -> int:
    """How many elements `stored` copies."""
    count, part = 0, array
    for index in indices:
        assert isinstance(part, tuple)
        count += len(part)
        part = part[index] if 0 <= index < len(part) else ()
    return count


def outcome_variables(unit: Procedure) -> tuple[str, ...]:
    """Names of the variables that a run's end is about: a triple's variables, otherwise parameters and results."""
    if unit.initialised:
        return tuple([v.name for v in unit.entry_variables])
    return tuple([p.variable.name for p in (*unit.parameters, *unit.results)])


def sort_of(target: Target) -> Sort:
    """Of what is written there."""
    if isinstance(target, Var):
        return target.sort
    sort = target.array.sort
    for _ in target.indices:
        assert isinstance(sort, Array)
        sort = sort.element
    return sort
