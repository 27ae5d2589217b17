"""What one round of a loop does to its variables, path by path through its body, over the values before the round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from prover.infer.expansion import expanded
from prover.infer.linear import Linear, linear, total
from prover.infer.work import TooMuch
from prover.kernel.depend import statements
from prover.kernel.program import Assert, Assign, Block, If, Skip, Statement, While
from prover.kernel.sort import is_integer
from prover.kernel.term import App, Op, Term, Var, substitute, walk

Values = Mapping[str, Term]
MOST_PATHS = 8
LARGEST = 200
DEPTH, MOST_FORMS = 4, 60


def paths(loop: While, guess: bool = False, largest: int = LARGEST) -> list[Values]:
    """The values after a round, for each path; what is unchanged is left out.  Raises TooMuch.

    guess: leave out paths and statements that are too much; for proposals only.  largest: nodes of a value."""
    walker = _Walk(guess, largest)
    return walker.block(loop.step, walker.block(loop.body, [{}]))


def after(term: Term, values: Values, largest: int = LARGEST) -> Term:
    """The term's value after a path.  Raises TooMuch."""
    changed = substitute(term, values)
    if changed.size > largest:
        raise TooMuch
    return changed


@dataclass(frozen=True, slots=True)
class _Walk:
    guess: bool
    largest: int

    def block(self, block: Block, before: Sequence[Values]) -> list[Values]:
        found = list(before)
        for statement in block.statements:
            found = self._statement(statement, found)
            if len(found) > MOST_PATHS:
                if not self.guess:
                    raise TooMuch
                found = found[:MOST_PATHS]
        return found

    def _statement(self, statement: Statement, before: list[Values]) -> list[Values]:
        match statement:
            case Assign():
                return [self._assigned(statement, values) for values in before]
            case If():
                return [*self.block(statement.then, before), *self.block(statement.orelse, before)]
            case Skip() | Assert():
                return before
            case _ if self.guess:
                return before
            case _:
                raise TooMuch

    def _assigned(self, statement: Assign, values: Values) -> Values:
        found = dict(values)
        for target, value in zip(statement.targets, statement.values, strict=True):
            try:
                if not (isinstance(target, Var) and is_integer(target.sort)):
                    raise TooMuch
                found[target.name] = total(linear(after(value, values, self.largest)))
            except TooMuch:
                if not self.guess:
                    raise
        return found


def comparisons(loop: While) -> list[Linear]:
    """Linear forms that are >= 0 exactly where a comparison in one of the loop's conditions is true; the guard's first."""
    guard = [] if loop.condition is None else [loop.condition]
    inner = [s.condition for s in statements(loop.body) if isinstance(s, If | While) and s.condition is not None]
    return [f for t in (*guard, *inner) for n in walk(t) for f in sides(n)]


def sides(term: Term) -> Iterator[Linear]:
    """A form that is >= 0 exactly where a comparison is true; for `=` and `!=` one for each direction; for other terms none."""
    match term:
        case App(op=Op.LT | Op.LE | Op.GT | Op.GE | Op.EQ | Op.NE as op, args=(left, right)) if is_integer(left.sort):
            low, high = (left, right) if op in (Op.LT, Op.LE) else (right, left)
            difference = linear(high).plus(linear(low).scaled(-1))
            strict = op in (Op.LT, Op.GT)
            yield Linear(difference.parts, difference.constant - strict)
            if op in (Op.EQ, Op.NE):
                yield difference.scaled(-1)
        case _:
            pass


def deciding(loop: While) -> list[Linear]:
    """The forms that decide how the loop goes on: `comparisons`, what rounds make of them, and by how much they change them,
    again and again; each once, whatever its constant."""
    found: dict[object, Linear] = {}
    ways = paths(loop, guess=True)
    level: Iterable[Linear] = comparisons(loop)
    for _ in range(DEPTH):
        new: list[Linear] = []
        for form in level:
            if form.parts and (key := _key(form)) not in found:
                found[key] = form
                new.append(form)
                if len(found) == MOST_FORMS:
                    return list(found.values())
        level = (c for f in new for c in _changes(f, ways))
    return list(found.values())


def _changes(form: Linear, ways: Sequence[Values]) -> Iterator[Linear]:
    before = total(form)
    opposite = expanded(before).scaled(-1)
    for values in ways:
        try:
            later = expanded(after(before, values))
        except TooMuch:
            continue
        yield later.plus(opposite)
        yield later


def _key(form: Linear) -> object:
    return frozenset((k, c) for k, (_, c) in form.parts.items())
