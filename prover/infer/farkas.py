"""Linear invariants, and linear variants with them, by Farkas' lemma (Colón, Sankaranarayanan & Sipma 2003; Bradley, Manna &
Sipma 2005).

Each loop gets an unknown inequality `c0 + c1*x1 + … + cn*xn >= 0`.  The kernel's goals are then implications between linear
inequalities, known and unknown ones.  Such an implication holds over the rationals if its conclusion is a sum of its hypotheses,
each times a number >= 0 (or if such a sum is negative).  With 0 or 1 for the unknown hypotheses' numbers, which loses little as
coefficients can be scaled, this is linear in the numbers and the coefficients together: z3 solves for both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import lcm

from prover.infer.annotate import Proposal, Proposals, annotated, with_unit
from prover.infer.horn import Unknown, unknowns
from prover.infer.implications import Implication, Instance, Reader, Row, TooMany
from prover.infer.linear import Linear, tidy, total
from prover.infer.observe import loops
from prover.infer.sexpr import Sexpr, Unreadable, read
from prover.infer.subject import Inferred, Subject, still_open
from prover.infer.widened import machines, narrowed, widened_procedure
from prover.kernel.goal import Goal, GoalKind
from prover.kernel.program import Procedure, While
from prover.kernel.smt import number
from prover.kernel.sort import INT, is_integer
from prover.kernel.term import At, Call, Op, Term, app, call, num, structure, walk
from prover.kernel.vc import conditions
from prover.record import replace

MOST_VARIABLES = 12
MOST_IMPLICATIONS = 60
MOST_FAILURES = 2
RLIMIT = 3_000_000
ATTEMPTS = ((1, 1), (1, 8), (2, 3))
"""How many inequalities for each loop, and how large their coefficients may be."""

Coefficients = tuple[Fraction, ...]
"""The constant first."""
Found = Mapping[str, Sequence[Coefficients]]


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """widths: of each unknown inequality, by its name.  kept: what unknown inequalities must satisfy.
    single: the unknown of which there is one only."""

    widths: Mapping[str, int]
    kept: Sequence[Implication]
    single: str = ""

    def under(self, found: Found) -> Problem:
        return replace(self, kept=[_strengthened(i, found) for i in self.kept])

    def about(self, targets: Sequence[Implication]) -> Problem:
        """With the unknowns only that the targets depend on."""
        names = {i.name for t in targets for i in t.given}
        while more := {g.name for i in self.kept if i.head and i.head.name in names for g in i.given} - names:
            names |= more
        names |= {t.head.name for t in targets if t.head}
        return replace(
            self,
            widths={n: w for n, w in self.widths.items() if n in names},
            kept=[i for i in self.kept if i.head and i.head.name in names],
        )


def invariants(subject: Subject, before: Inferred) -> Proposals | None:
    """Invariants for what is open, where it is linear."""
    procedure = widened_procedure(subject.procedure)
    made = _unknowns(procedure)
    if not made:
        return None
    reader = _reader(subject, made)
    changed = annotated(procedure, _wanted(made))
    goals = conditions(changed, with_unit(subject.program, changed), subject.component, False).goals
    open_ = {o.goal.name for o in still_open(before.outcomes, termination=False)}
    try:
        kept = [i for g in goals if _is_unknown(g.conclusion, reader) for i in reader.implications(g)]
        targets = [i for g in goals if g.name in open_ for i in reader.implications(g)]
    except TooMany:
        return None
    if not targets or len(kept) > MOST_IMPLICATIONS:
        return None
    found = _each(subject, Problem(_widths(made), kept), targets)
    return _proposals(found, made, procedure=subject.procedure) if found else None


def _each(subject: Subject, problem: Problem, targets: Sequence[Implication]) -> dict[str, list[Coefficients]]:
    """What makes the targets hold, one after another, under what was found for those before."""
    found: dict[str, list[Coefficients]] = {}
    failures = 0
    for target in targets:
        new = _solved(subject, problem.under(found), [_strengthened(target, found)])
        failures += new is None
        if failures == MOST_FAILURES:
            break
        for name, rows in (new or {}).items():
            found.setdefault(name, []).extend(rows)
    return found


def ranked(subject: Subject, before: Inferred) -> Proposals | None:
    """For each loop that lacks one a linear variant, with invariants under which it is one; as far as they are found."""
    found = Proposals()
    for loop in loops(before.procedure):
        if loop.variant is None and subject.time():
            new = _ranked(subject, annotated(before.procedure, found), loop)
            found = found if new is None else found.merged(new)
    return found if found.loops else None


def _ranked(subject: Subject, procedure: Procedure, loop: While) -> Proposals | None:
    wide = widened_procedure(procedure)
    made = _unknowns(wide)
    own = next((u for u in made if u.label == loop.label), None)
    if own is None:
        return None
    measured = tuple([t for t in own.arguments if not isinstance(t, At)])
    name = f"variant of {loop.label}"
    variant = Proposals({loop.label: Proposal(variant=(call(name, measured, INT),))})
    changed = annotated(wide, _wanted(made).merged(variant))
    goals = conditions(changed, with_unit(subject.program, changed), subject.component, True)
    reader = _reader(subject, made, procedure)
    stem = f"{procedure.name}.{loop.label}.variant"
    try:
        kept = [i for g in goals.goals if _is_unknown(g.conclusion, reader) for i in reader.implications(g)]
        falling = [
            i
            for g in goals.termination
            if g.kind is GoalKind.VARIANT and g.name.startswith(stem)
            for i in reader.falling(g, *_sides(g, name), name)
        ]
    except TooMany:
        return None
    if len(kept) + len(falling) > MOST_IMPLICATIONS:
        return None
    problem = Problem({**_widths(made), name: 1 + len(measured)}, kept, name)
    found = _solved(subject, problem, falling)
    if found is None:
        return None
    (row,) = found[name]
    proposals = _proposals(found, made, procedure)
    back = machines(procedure)
    return proposals.merged(Proposals({loop.label: Proposal(variant=(narrowed(total(_form(row, measured)), back),))}))


def _sides(goal: Goal, name: str) -> tuple[Sequence[Term], Sequence[Term]]:
    """What the variant is of before the round, and after it."""
    calls = [n for n in walk(goal.conclusion) if isinstance(n, Call) and n.function == name]
    after = next((c for c in calls if c is not calls[0]), calls[0])  # the same, where a round changes nothing
    return calls[0].args, after.args


def _unknowns(procedure: Procedure) -> list[Unknown]:
    """One for each loop; none at all if they were too wide."""
    made = [Unknown(u.label, tuple([a for a in u.arguments if is_integer(a.sort)])) for u in unknowns(procedure)]
    return made if all(len(u.arguments) <= MOST_VARIABLES for u in made) else []


def _wanted(made: Sequence[Unknown]) -> Proposals:
    return Proposals({u.label: Proposal((u.formula,)) for u in made})


def _widths(made: Sequence[Unknown]) -> dict[str, int]:
    return {u.name: 1 + len(u.arguments) for u in made}


def _reader(subject: Subject, made: Sequence[Unknown], procedure: Procedure | None = None) -> Reader:
    return Reader(subject.theory, frozenset([u.name for u in made]), machines(procedure or subject.procedure))


def _is_unknown(conclusion: Term, reader: Reader) -> bool:
    return isinstance(conclusion, Call) and conclusion.function in reader.unknown


def _strengthened(implication: Implication, found: Found) -> Implication:
    rows = [Row(_instantiated(c, i)) for i in implication.given for c in found.get(i.name, ())]
    return replace(implication, rows=(*implication.rows, *rows))


def _instantiated(coefficients: Coefficients, instance: Instance) -> Linear:
    factors = [int(c) for c in coefficients]
    return reduce(
        Linear.plus, [a.scaled(c) for c, a in zip(factors, instance.arguments, strict=True)], Linear({}, instance.offset)
    )


def _solved(subject: Subject, problem: Problem, targets: Sequence[Implication]) -> dict[str, list[Coefficients]] | None:
    problem = problem.about(targets)
    for count, bound in ATTEMPTS:
        if not subject.time():
            break
        answer = subject.send(Script(problem, count, bound).text(targets))
        import os

        if os.environ.get("FK"):
            import sys

            print("FK", count, bound, len(problem.kept), len(targets), answer[:7].split(), file=sys.stderr)
        if answer.startswith("sat"):
            return _read(answer)
    return None


def _read(answer: str) -> dict[str, list[Coefficients]]:
    """The inequalities that say something, by name."""
    rows: dict[str, dict[int, dict[int, Fraction]]] = {}
    for pair in read(answer.split("\n", 1)[1])[0]:
        match pair:
            case [str(name), value]:
                label, row, place = name.strip("|").rsplit(" ", 2)
                rows.setdefault(label, {}).setdefault(int(row), {})[int(place)] = _fraction(value)
            case _:
                raise Unreadable(str(pair)[:80])
    return {
        name: [c for row in found.values() if any((c := _whole([row[i] for i in range(len(row))]))[1:])]
        for name, found in rows.items()
    }


def _whole(row: Sequence[Fraction]) -> Coefficients:
    """Times what makes the coefficients whole; the constant is then rounded down, which says the same of integers."""
    factor = lcm(*[c.denominator for c in row[1:]])
    return tuple([Fraction((c * factor).__floor__()) for c in row])


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


def _form(row: Coefficients, arguments: Sequence[Term]) -> Linear:
    return Linear({structure(t): (t, int(c)) for c, t in zip(row[1:], arguments, strict=True) if c}, int(row[0]))


def _proposals(found: Found, made: Sequence[Unknown], procedure: Procedure) -> Proposals:
    back = machines(procedure)
    loops: dict[str, Proposal] = {}
    for unknown in made:
        forms = [total(_form(row, unknown.arguments)) for row in found.get(unknown.name, ())]
        if forms:
            loops[unknown.label] = Proposal(tuple([narrowed(tidy(app(Op.GE, f, num(0))), back) for f in forms]))
    return Proposals(loops)


@dataclass(frozen=True, slots=True, eq=False)
class Script:
    """SMT-LIB for a problem.  count: how many inequalities each unknown is; bound: of coefficients, constants aside."""

    problem: Problem
    count: int
    bound: int

    def text(self, targets: Sequence[Implication]) -> str:
        lines = [f"(set-option :rlimit {RLIMIT})"]
        names = [n for name in self.problem.widths for n in self._coefficients(name)]
        lines += [f"(declare-const {n} {'Real' if n.endswith(' 0|') else SORT})" for n in names]
        lines += [f"(assert (<= {number(-self.bound)} {n} {self.bound}))" for n in names if not n.endswith(" 0|")]
        for place, implication in enumerate([*self.problem.kept, *targets]):
            for row in range(1 if implication.head is None else self._rows(implication.head.name)):
                lines += self._entailment(f"{place} {row}", implication, row)
        return "\n".join([*lines, "(check-sat)", f"(get-value ({' '.join(names)}))"])

    def _rows(self, name: str) -> int:
        return 1 if name == self.problem.single else self.count

    def _coefficients(self, name: str) -> list[str]:
        return [_coefficient(name, row, i) for row in range(self._rows(name)) for i in range(self.problem.widths[name])]

    def _entailment(self, stem: str, implication: Implication, row: int) -> Iterator[str]:
        """Some sum of the hypotheses is the head, or its constant is negative and the rest 0."""
        summands: dict[object, list[str]] = {}
        for i, hypothesis in enumerate(implication.rows):
            multiplier = f"|row {stem} {i}|"
            yield f"(declare-const {multiplier} Real)"
            if not hypothesis.equal:
                yield f"(assert (>= {multiplier} 0))"
            _add(summands, multiplier, hypothesis.form)
        for i, instance in enumerate(implication.given):
            for j in range(self._rows(instance.name)):
                yield f"(declare-const |use {stem} {i} {j}| Bool)"
                self._instance(summands, f"|use {stem} {i} {j}|", instance, j)
        wanted: dict[object, list[str]] = {}
        holds = f"|holds {stem}|"
        if implication.head is None:
            yield f"(define-fun {holds} () Bool false)"
        else:
            yield f"(declare-const {holds} Bool)"
            self._instance(wanted, holds, implication.head, row)
        for key in dict.fromkeys([*summands, *wanted]):
            if key is not CONSTANT:
                yield f"(assert (= {_sum(summands, key)} {_sum(wanted, key)}))"
        known, asked = _sum(summands, CONSTANT), _sum(wanted, CONSTANT)
        yield f"(assert (ite {holds} (<= {known} {asked}) (< {known} 0)))"

    def _instance(self, sums: dict[object, list[str]], switch: str, instance: Instance, row: int) -> None:
        """The instance, if the switch is on."""
        for i, argument in enumerate(instance.arguments):
            if argument.parts or argument.constant:
                _add(sums, f"(ite {switch} {_coefficient(instance.name, row, i)} {ZERO if i else '0.0'})", argument)
        if instance.offset:
            sums.setdefault(CONSTANT, []).append(f"(ite {switch} {number(instance.offset)} 0)")


CONSTANT = "constant"
SORT, ZERO = "Int", "0"


def _coefficient(name: str, row: int, place: int) -> str:
    return f"|{name} {row} {place}|"


def _add(sums: dict[object, list[str]], factor: str, form: Linear) -> None:
    for key, count in [*((k, c) for k, (_, c) in form.parts.items()), (CONSTANT, form.constant)]:
        if count:
            sums.setdefault(key, []).append(factor if count == 1 else f"(* {number(count)} {factor})")


def _sum(sums: Mapping[object, Sequence[str]], key: object) -> str:
    parts = sums.get(key, ())
    return f"(+ {' '.join(parts)})" if len(parts) > 1 else parts[0] if parts else "0.0"
