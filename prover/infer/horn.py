"""Invariants by constrained Horn clauses: z3's Spacer (Komuravelli et al. 2014; global guidance:
Vediramana Krishnan et al. 2020).

Each loop gets an unknown predicate beside its invariants.  The unit's goals, made by the kernel as always, are then Horn
clauses in these predicates: what Spacer finds for them are invariants that suffice, if it is right, which the kernel checks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from prover.infer.annotate import Proposal, Proposals, annotated, with_unit
from prover.infer.linear import distinct, is_linear, tidy
from prover.infer.scope import visible
from prover.infer.sexpr import Sexpr, Unreadable, read, term
from prover.infer.widened import machines, narrowed, widened
from prover.kernel.encode import Encoder
from prover.kernel.goal import Goal
from prover.kernel.program import Procedure, Program
from prover.kernel.sort import Array
from prover.kernel.term import OLD, TRUE, App, Op, Quant, Term, Var, app, at, call, structure, walk
from prover.kernel.theory import Theory, goal_terms
from prover.kernel.vc import conditions

Send = Callable[[str], str]
"""A script to what z3 prints for it."""

MOST_VARIABLES = 60
RLIMIT = 60_000_000
FEW_LEVELS, ANY_LEVEL = 15, 2**32 - 1
"""How many unfoldings of the loops Spacer may look at; `rlimit` does not count all that it does."""


@dataclass(frozen=True, slots=True, eq=False)
class Unknown:
    """The predicate of one loop and the terms that it speaks of."""

    label: str
    arguments: tuple[Term, ...]

    @property
    def name(self) -> str:
        return f"invariant of {self.label}"

    @property
    def formula(self) -> Term:
        return call(self.name, self.arguments, TRUE.sort)


def unknowns(procedure: Procedure) -> list[Unknown]:
    inout = frozenset(p.variable.name for p in procedure.parameters if p.inout)
    return [Unknown(label, _speaking(seen, inout)) for label, seen in visible(procedure).items()]


def _speaking(seen: Sequence[Var], inout: frozenset[str]) -> tuple[Term, ...]:
    """What an invariant may speak of: scalar variables, entry values of those that change, lengths of arrays."""
    found: list[Term] = []
    for variable in seen:
        if isinstance(variable.sort, Array):
            found.append(app(Op.LEN, variable))
            continue
        found.append(variable)
        if variable.name in inout:
            found.append(at(OLD, variable))
    return tuple(found)


def propose(
    procedure: Procedure, program: Program, component: frozenset[str], theory: Theory, send: Send, levels: int
) -> Proposals | None:
    """Invariants for all loops of a procedure, or None: Spacer gave up, or the goals are not for it."""
    made = unknowns(procedure)
    if not made or max(len(u.arguments) for u in made) > MOST_VARIABLES:
        return None
    wanted = Proposals({u.label: Proposal((u.formula,)) for u in made})
    changed = annotated(procedure, wanted)
    found = conditions(changed, with_unit(program, changed), component, False)
    if not all(map(_readable, goal_terms(found.goals))):
        return None
    script = horn_script(found.goals, theory, made, levels)
    return None if script is None else _solution(send(script), made, machines(procedure))


def _readable(term: Term) -> bool:
    """Linear, without quantifiers: what Spacer is good at."""
    return is_linear(term) and not any(isinstance(node, Quant) for node in walk(term))


def horn_script(goals: Sequence[Goal], theory: Theory, made: Sequence[Unknown], levels: int) -> str | None:
    """The goals as rules; None if one needs a function that Spacer does not know."""
    names = {u.name for u in made}
    rules: list[str] = []
    declared: dict[str, None] = {}
    for goal in goals:
        encoder = Encoder(theory, frozenset(), frozenset(), 0)
        body = [encoder.fact(f) for f in goal.facts()]
        head = encoder.scalar(goal.conclusion)
        binders = []
        for line in encoder.lines:
            if line.startswith("(declare-const "):
                binders.append("(" + line.removeprefix("(declare-const "))
            elif line.startswith("(assert "):
                body.append(line.removeprefix("(assert ").removesuffix(")"))
            elif any(line.startswith(f"(declare-fun |fn {n}|") for n in names):
                declared[line] = None
            else:
                return None
        rule = f"(=> (and true {' '.join(body)}) {head})"
        rules.append(f"(assert (forall ({' '.join(binders)}) {rule}))" if binders else f"(assert {rule})")
    # Before `set-logic`, which makes the solver: options that come later are not heard.
    head = "(set-option :fp.engine spacer)\n(set-option :fp.spacer.global true)\n"
    head += f"(set-option :fp.spacer.max_level {levels})\n(set-option :rlimit {RLIMIT})\n(set-logic HORN)\n"
    return head + "\n".join([*declared, *rules]) + "\n(check-sat)\n(get-model)\n"


def _solution(output: str, made: Sequence[Unknown], known: Mapping[str, Var]) -> Proposals | None:
    if not output.startswith("sat"):
        return None
    try:
        definitions = _definitions(read(output))
        loops = {
            u.label: Proposal(tuple([narrowed(f, known) for f in _invariants(definitions[u.name], u)]))
            for u in made
            if u.name in definitions
        }
    except Unreadable:
        return None
    return Proposals(loops)


def _definitions(expressions: Sequence[Sexpr]) -> dict[str, tuple[list[str], Sexpr]]:
    """The predicates in a model, each with the names of its arguments and its body."""
    found: dict[str, tuple[list[str], Sexpr]] = {}
    for model in expressions:
        for item in model if isinstance(model, list) else []:
            match item:
                case ["define-fun", str(name), [*binders], "Bool", body]:
                    names = [b[0] for b in binders if isinstance(b, list) and isinstance(b[0], str)]
                    found[name.strip("|").removeprefix("fn ")] = (names, body)
                case _:
                    pass
    return found


def _invariants(definition: tuple[list[str], Sexpr], unknown: Unknown) -> list[Term]:
    names, body = definition
    meaning: Mapping[str, Term] = {n: widened(a) for n, a in zip(names, unknown.arguments, strict=True)}
    formula = tidy(term(body, meaning))
    parts = formula.args if isinstance(formula, App) and formula.op is Op.AND else (formula,)
    return _equated([f for f in distinct(parts) if structure(f) != structure(TRUE)])


def _equated(formulas: Sequence[Term]) -> list[Term]:
    """With `a = b` where `a <= b` and `b <= a` are among them."""
    opposite = {structure(app(Op.LE, *reversed(f.args))): f for f in formulas if isinstance(f, App) and f.op is Op.LE}
    found: dict[object, Term] = {}
    for formula in formulas:
        other = opposite.get(structure(formula))
        made = formula if other is None or not isinstance(formula, App) else app(Op.EQ, *formula.args)
        found.setdefault(structure(formula) if other is None else frozenset(map(structure, (formula, other))), made)
    return list(found.values())
