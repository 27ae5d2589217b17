"""Unknown linear inequalities, by Farkas' lemma (Colón, Sankaranarayanan & Sipma 2003).

An implication between linear inequalities holds over the rationals if its head is a sum of its hypotheses, each times a number
>= 0, or if such a sum is negative.  With 0 or 1 as the numbers of the unknown hypotheses, which loses little as these can be
scaled, this is linear in the numbers and the unknown coefficients together: z3 solves for both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import floor, gcd, lcm

from prover.infer.implications import Implication, Instance, Row
from prover.infer.linear import Linear
from prover.infer.sexpr import Sexpr, Unreadable, read
from prover.kernel.smt import number
from prover.record import replace

MOST_INEQUALITIES = 2
SIZES = (2, 4, 8, 16)
RLIMIT = 2_000_000
READABLE_RLIMIT = 500_000
CONSTANT = "constant"

Send = Callable[[str], str]
Coefficients = tuple[int, ...]
"""The constant first."""
Found = Mapping[str, Sequence[Coefficients]]
"""Inequalities by the name of the unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """widths: how many coefficients each unknown has, by its name.  kept: implications that the unknowns must satisfy.
    single: the unknown that is one inequality only."""

    widths: Mapping[str, int]
    kept: Sequence[Implication]
    single: str = ""

    def under(self, found: Found) -> Problem:
        """With what is known of the unknowns already."""
        return replace(self, kept=[under(i, found) for i in self.kept])

    def about(self, targets: Sequence[Implication]) -> Problem:
        """With the unknowns only on which the targets depend."""
        names = {i.name for t in targets for i in t.given} | {t.head.name for t in targets if t.head}
        while more := {g.name for i in self.kept if i.head and i.head.name in names for g in i.given} - names:
            names |= more
        kept = [i for i in self.kept if i.head and i.head.name in names]
        return replace(self, widths={n: w for n, w in self.widths.items() if n in names}, kept=kept)


def solved(
    problem: Problem, targets: Sequence[Implication], send: Send, time: Callable[[], bool], most: int = MOST_INEQUALITIES
) -> Found | None:
    """Inequalities under which the targets hold, too; as few as do, or none, and at most so many for each loop.

    Rational coefficients are quick to find.  If there are some, small whole ones are looked for, to be read."""
    problem = problem.about(targets)
    for count in range(most + 1):
        answer = send(Script(problem, count).text(targets)) if time() else ""
        if answer.startswith("sat"):
            return _inequalities(_readable(problem, count, targets, send, time) or answer)
    return None


def _readable(problem: Problem, count: int, targets: Sequence[Implication], send: Send, time: Callable[[], bool]) -> str | None:
    for size in SIZES:
        answer = send(Script(problem, count, size).text(targets)) if time() else ""
        if not answer.startswith("unsat"):  # where one takes too long, larger ones take longer
            return answer if answer.startswith("sat") else None
    return None


def under(implication: Implication, found: Found) -> Implication:
    rows = [Row(instantiated(c, i)) for i in implication.given for c in found.get(i.name, ())]
    return replace(implication, rows=(*implication.rows, *rows))


def instantiated(coefficients: Coefficients, instance: Instance) -> Linear:
    parts = [a.scaled(c) for c, a in zip(coefficients, instance.arguments, strict=True)]
    return reduce(Linear.plus, parts, Linear({}, instance.offset))


@dataclass(frozen=True, slots=True, eq=False)
class Script:
    """SMT-LIB for a problem.  count: how many inequalities each unknown is.
    size: at most so large are the coefficients of each together, and whole, constants aside; 0 for any rational ones."""

    problem: Problem
    count: int
    size: int = 0

    def text(self, targets: Sequence[Implication]) -> str:
        rows = [self._coefficients(name, row) for name in self.problem.widths for row in range(self._rows(name))]
        lines = [f"(set-option :rlimit {READABLE_RLIMIT if self.size else RLIMIT})"]
        for constant, *others in rows:
            lines.append(f"(declare-const {constant} Real)")
            lines += [f"(declare-const {n} {'Int' if self.size else 'Real'})" for n in others]
            sizes = " ".join([f"(ite (< {n} 0) (- {n}) {n})" for n in others])
            lines += [f"(assert (<= (+ 0 {sizes}) {self.size}))"] if self.size else []
        for place, implication in enumerate([*self.problem.kept, *targets]):
            for row in range(self._rows(implication.head.name) if implication.head else 1):
                lines += self._entailment(f"{place} {row}", implication, row)
        names = " ".join([n for row in rows for n in row])
        return "\n".join([*lines, "(check-sat)", f"(get-value ({names}))" if names else ""])

    def _rows(self, name: str) -> int:
        return 1 if name == self.problem.single else self.count

    def _coefficients(self, name: str, row: int) -> list[str]:
        return [_coefficient(name, row, i) for i in range(self.problem.widths[name])]

    def _entailment(self, stem: str, implication: Implication, row: int) -> Iterator[str]:
        """Some sum of the hypotheses is the head, or its constant is negative and the rest 0."""
        known: dict[object, list[str]] = {}
        wanted: dict[object, list[str]] = {}
        for i, hypothesis in enumerate(implication.rows):
            yield f"(declare-const |row {stem} {i}| Real)"
            if not hypothesis.equal:
                yield f"(assert (>= |row {stem} {i}| 0))"
            _add(known, f"|row {stem} {i}|", hypothesis.form)
        for i, instance in enumerate(implication.given):
            for j in range(self._rows(instance.name)):
                yield f"(declare-const |use {stem} {i} {j}| Bool)"
                _add_instance(known, f"|use {stem} {i} {j}|", instance, j)
        yield f"(declare-const |holds {stem}| Bool)"
        if implication.head is None:
            yield f"(assert (not |holds {stem}|))"
        else:
            _add_instance(wanted, f"|holds {stem}|", implication.head, row)
        for key in dict.fromkeys([*known, *wanted]):
            if key is not CONSTANT:
                yield f"(assert (= {_sum(known, key)} {_sum(wanted, key)}))"
        yield f"(assert (ite |holds {stem}| (<= {_sum(known, CONSTANT)} {_sum(wanted, CONSTANT)}) (< {_sum(known, CONSTANT)} 0)))"


def _coefficient(name: str, row: int, place: int) -> str:
    return f"|{name} {row} {place}|"


def _add(sums: dict[object, list[str]], factor: str, form: Linear) -> None:
    counts = [*((k, c) for k, (_, c) in form.parts.items()), (CONSTANT, form.constant)]
    for key, count in counts:
        if count:
            sums.setdefault(key, []).append(factor if count == 1 else f"(* {number(count)} {factor})")


def _add_instance(sums: dict[object, list[str]], switch: str, instance: Instance, row: int) -> None:
    """The instance, if the switch is on."""
    for i, argument in enumerate(instance.arguments):
        _add(sums, f"(ite {switch} {_coefficient(instance.name, row, i)} 0)", argument)
    _add(sums, f"(ite {switch} 1 0)", Linear({}, instance.offset))


def _sum(sums: Mapping[object, Sequence[str]], key: object) -> str:
    return f"(+ 0.0 {' '.join(sums.get(key, ('0.0',)))})"


def _inequalities(answer: str) -> Found:
    """Those of a model that say something."""
    rows: dict[tuple[str, str], list[Fraction]] = {}
    for pair in [p for pairs in read(answer.removeprefix("sat")) for p in pairs]:
        match pair:
            case [str(name), value]:
                label, row, _ = name.strip("|").rsplit(" ", 2)
                rows.setdefault((label, row), []).append(_fraction(value))
            case _:
                raise Unreadable(str(pair)[:80])
    found: dict[str, list[Coefficients]] = {}
    for (label, _), values in rows.items():
        if any(values[1:]):
            found.setdefault(label, []).append(_whole(values))
    return found


def _whole(row: Sequence[Fraction]) -> Coefficients:
    """With coefficients that are whole and share no factor; the constant is rounded down, which says the same of integers."""
    shared = gcd(*[c.numerator for c in row[1:]])
    factor = Fraction(lcm(*[c.denominator for c in row[1:]]), shared)
    return tuple([floor(c * factor) for c in row])


def _fraction(value: Sexpr) -> Fraction:
    match value:
        case ["-", inner]:
            return -_fraction(inner)
        case ["/", top, bottom]:
            return _fraction(top) / _fraction(bottom)
        case str():
            return Fraction(value)
        case _:
            raise Unreadable(str(value)[:80])
