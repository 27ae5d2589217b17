"""Why rounds keep equations of polynomials: identities, for invariants on which the solver stalls.

A round keeps p = 0 if p after it is c1 * p1 + ... + ck * pk, where each pi is 0 before it.  The cofactors ci are found by linear
algebra over what ci may be made of (as in Rodriguez-Carbonell and Kapur 2007, for a bounded degree, without a Groebner basis).
What the solver lacks is then said at the beginning of the body: that each ci * pi is 0.  All of it is for the kernel to prove.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from prover.infer.annotate import Proposal, Proposals
from prover.infer.elimination import Facts
from prover.infer.expansion import Atoms, Polynomial, plus
from prover.infer.linear import distinct
from prover.infer.observe import loops
from prover.infer.paths import paths
from prover.infer.polynomial import Monomial
from prover.infer.subject import Inferred, Subject, still_open, tried, unproved
from prover.infer.widened import machines, narrowed, widened_loop, widened_procedure
from prover.infer.work import TooMuch, Work
from prover.kernel.goal import Goal, GoalKind
from prover.kernel.program import Clause, Procedure, While
from prover.kernel.sort import is_integer
from prover.kernel.term import TRUE, App, Lit, Op, Term, Var, app, children, conjuncts, free_variables, num, structure
from prover.record import replace

LARGEST = 4_000
MOST_WORK = 500_000
MOST_MULTIPLES = 800
MOST_SUMMANDS = 60
MOST_EQUATIONS = 8


def cofactors(target: Polynomial, generators: Sequence[Polynomial], work: Work) -> list[Polynomial] | None:
    """One for each generator, such that the products add up to a multiple of the target; None if none of small degree are found.

    They have integers for coefficients.  Raises TooMuch."""
    basis: dict[Monomial, tuple[Polynomial, Polynomial]] = {}  # by leading monomial; with what multiples it is made of
    for number, multiplier in _multipliers(target, generators, work):
        multiple = {tuple(sorted((*m, *multiplier))): c for m, c in generators[number].items()}
        row, made = _reduced(multiple, {(number, *multiplier): Fraction(1)}, basis, work)
        if row:
            basis[_leading(row)] = (row, made)
    rest, parts = _reduced(target, {}, basis, work)
    if rest:
        return None
    shared = lcm(*[c.denominator for c in parts.values()])
    found: list[Polynomial] = [{} for _ in generators]
    for key, count in parts.items():
        found[key[0]][key[1:]] = -shared * count
    return found


def _multipliers(target: Polynomial, generators: Sequence[Polynomial], work: Work) -> list[tuple[int, Monomial]]:
    """Which monomials may be in the cofactor of which generator: those with which one of its monomials becomes one of the
    target's, or, if these are few, one that such products bring in; of small degree first."""
    found: dict[tuple[int, Monomial], None] = {}
    level = list(target)
    for _ in range(2):
        work.spend(len(level) * sum(map(len, generators)))
        new = [
            (number, quotient)
            for number, generator in enumerate(generators)
            for wanted in level
            for monomial in generator
            if (quotient := _quotient(wanted, monomial)) is not None and (number, quotient) not in found
        ]
        if len(found) + len(new) > MOST_MULTIPLES:
            new = [(n, q) for n, q in new if len(q) + max(map(len, generators[n])) <= max(map(len, target))]
        found |= dict.fromkeys(new[: MOST_MULTIPLES - len(found)])
        level = list(dict.fromkeys([tuple(sorted((*m, *q))) for n, q in new for m in generators[n]]))
    return sorted(found, key=lambda item: (len(item[1]), item))


def _quotient(whole: Monomial, part: Monomial) -> Monomial | None:
    left = list(whole)
    for atom in part:
        if atom not in left:
            return None
        left.remove(atom)
    return tuple(left)


def _leading(polynomial: Polynomial) -> Monomial:
    return max(polynomial, key=lambda m: (len(m), m))


def _reduced(
    row: Polynomial, made: Polynomial, basis: Mapping[Monomial, tuple[Polynomial, Polynomial]], work: Work
) -> tuple[Polynomial, Polynomial]:
    """The row without the leading monomials of the basis, as far as its own leading one; what it is made of kept along."""
    while row and (known := basis.get(lead := _leading(row))) is not None:
        work.spend(len(row) + len(made) + len(known[0]) + len(known[1]))
        factor = -row[lead] / known[0][lead]
        row, made = plus(row, known[0], factor), plus(made, known[1], factor)
    return row, made


def hinted(subject: Subject, before: Inferred) -> Inferred:
    """With such assertions for the loops of which an equation of polynomials is not proved to be kept, if more is proved so."""
    procedure = widened_procedure(before.procedure)
    known = machines(before.procedure)
    found: dict[str, Proposal] = {}
    for loop in map(widened_loop, loops(before.procedure)):
        if any(_keeps(o.goal, loop) for o in still_open(before.outcomes, termination=False)):
            said = distinct([narrowed(z, known) for i in _identities(loop, procedure) for z in i.zeros])
            found |= {loop.label: Proposal(hints=tuple(said))} if said else {}
    if not found or not subject.time():
        return before
    after = tried(subject, before.proposals.merged(Proposals(found)))
    return after if len(unproved(after)) < len(unproved(before)) else before


def _keeps(goal: Goal, loop: While) -> bool:
    """Does the goal say that rounds of the loop keep an equation?"""
    mine = goal.kind is GoalKind.INVARIANT_PRESERVED and goal.name.startswith(f"{goal.unit}.{loop.label}.")
    return mine and any(_is_equation(c) for c in conjuncts(goal.conclusion))


def algebraic(subject: Subject, facts: Facts) -> Proposals:
    """Of the equations among the facts those that rounds keep because of identities, with the assertions that say so."""
    found: dict[str, Proposal] = {}
    for loop in loops(subject.procedure) if not machines(subject.procedure) else ():
        equations = [f for f in facts.get(loop.label, ()) if _is_equation(f)][:MOST_EQUATIONS]
        while equations and subject.time():
            own = [Clause("", f, loop.span) for f in equations]
            identities = _identities(replace(loop, invariants=(*loop.invariants, *own)), subject.procedure)
            broken = {structure(i.equation) for i in identities if not i.complete}
            kept = [f for f in equations if structure(f) not in broken] if identities else []
            if len(kept) == len(equations):
                hints = distinct([f for i in identities for f in i.zeros])
                found[loop.label] = Proposal(tuple(equations), hints=tuple(hints))
                break
            equations = kept
    return Proposals(found)


@dataclass(frozen=True, slots=True, eq=False)
class _Identity:
    """Why rounds keep an equation.  zeros: that products of cofactors with what is 0 before a round are 0; complete: for each
    path through the body there are cofactors."""

    equation: Term
    zeros: Sequence[Term]
    complete: bool


def _identities(loop: While, procedure: Procedure) -> list[_Identity]:
    """For each equation among the loop's invariants; none where polynomials grow too large."""
    work = Work(MOST_WORK)
    atoms = Atoms(work)
    before = [f for c in loop.invariants for f in conjuncts(c.formula) if _is_equation(f)]
    known = [*before, *_constantly(loop, procedure)]
    try:
        generators = [atoms.polynomial(_difference(f), {}) for f in known]
        ways = paths(loop, guess=True, largest=LARGEST)
        made = [[cofactors(atoms.polynomial(_difference(f), values), generators, work) for values in ways] for f in before]
    except TooMuch:
        return []
    return [
        _Identity(f, [z for parts in found if parts is not None for z in _zeros(parts, known, atoms)], None not in found)
        for f, found in zip(before, made, strict=True)
    ]


def _zeros(parts: Sequence[Polynomial], known: Sequence[Term], atoms: Atoms) -> Iterator[Term]:
    for part, equation in zip(parts, known, strict=True):
        zero = _difference(equation)
        if any(part) and len(part) <= MOST_SUMMANDS and not isinstance(zero, Var):
            yield app(Op.EQ, app(Op.MUL, atoms.term(part), zero), num(0))


def _constantly(loop: While, procedure: Procedure) -> Iterator[Term]:
    """Equations in the loop's condition, and those required of what nothing changes."""
    yield from (f for f in conjuncts(loop.condition or TRUE) if _is_equation(f))
    constant = {p.variable.name for p in procedure.parameters if not p.inout}
    for clause in procedure.requires:
        yield from (f for f in conjuncts(clause.formula) if _is_equation(f) and free_variables(f).keys() <= constant)


def _is_equation(formula: Term) -> bool:
    return isinstance(formula, App) and formula.op is Op.EQ and is_integer(formula.args[0].sort)


def _difference(equation: Term) -> Term:
    left, right = children(equation)
    return left if isinstance(right, Lit) and right.value == 0 else app(Op.SUB, left, right)
