"""One round of a loop from one state: what it does on the way that it takes, over the values before the round."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from prover.infer.linear import Linear, linear, total
from prover.infer.observe import State
from prover.infer.paths import after, sides
from prover.infer.work import TooMuch
from prover.kernel.program import Assert, Assign, Assume, Block, If, Point, Skip, Statement, While
from prover.kernel.sort import BOOL, is_integer
from prover.kernel.term import App, Op, Term, Var
from prover.semantics.evaluate import Evaluator, Scope


class Lost(Exception):
    """The state's way is not one of assignments and decisions."""


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """values: after the round; what is unchanged is left out.
    conditions: forms that are >= 0 at the state; wherever they are, a round goes the same way, and flags get the same
    values, as far as linear forms say."""

    values: Mapping[str, Term]
    conditions: Sequence[Linear]


def followed(loop: While, state: State, evaluator: Evaluator) -> Way:
    """The way of a round from a state in which the loop's condition is true.  Raises Lost."""
    follower = _Follower(Scope(state), evaluator)
    try:
        if loop.condition is not None:
            follower.decided(loop.condition)
        follower.block(loop.body)
        follower.block(loop.step)
    except TooMuch:
        raise Lost from None
    return Way(follower.values, follower.conditions)


@dataclass(slots=True, eq=False)
class _Follower:
    before: Scope
    evaluator: Evaluator
    values: dict[str, Term] = field(default_factory=dict)
    conditions: list[Linear] = field(default_factory=list)

    def block(self, block: Block) -> None:
        for statement in block.statements:
            self._statement(statement)

    def _statement(self, statement: Statement) -> None:
        match statement:
            case Assign():
                assigned = zip(statement.targets, statement.values, strict=True)
                pairs = [(t, after(v, self.values)) for t, v in assigned if isinstance(t, Var)]
                self.values |= {t.name: total(linear(v)) if is_integer(v.sort) else v for t, v in pairs}
                self.conditions += [r for _, v in pairs if v.sort == BOOL for r in self._reasons(v)]
            case If(condition=condition) if condition is not None:
                self.block(statement.then if self.decided(condition) else statement.orelse)
            case Assume():
                self.decided(statement.clause.formula)
            case Skip() | Assert() | Point():
                pass
            case _:
                raise Lost

    def decided(self, condition: Term) -> bool:
        """Is it true at this place?  What it depends on is kept."""
        condition = after(condition, self.values)
        self.conditions += self._reasons(condition)
        return self._true(condition)

    def _true(self, term: Term) -> bool:
        value = self.evaluator.value(term, self.before)
        if not isinstance(value, bool):
            raise Lost
        return value

    def _reasons(self, term: Term) -> Iterator[Linear]:
        match term:
            case App(op=Op.AND | Op.OR as op, args=args):
                alone = next((a for a in args if self._true(a) is (op is Op.OR)), None)
                for part in args if alone is None else [alone]:
                    yield from self._reasons(part)
            case App(op=Op.NOT, args=(inner,)):
                yield from self._reasons(inner)
            case _:
                yield from map(self._here, sides(term))

    def _here(self, form: Linear) -> Linear:
        value = self.evaluator.value(total(form), self.before)
        if type(value) is not int:
            raise Lost
        return form if value >= 0 else Linear(form.scaled(-1).parts, -form.constant - 1)
