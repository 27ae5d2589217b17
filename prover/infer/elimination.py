"""Invariants by elimination (Houdini; Flanagan & Leino 2001), many at a time: of all candidate facts those go that fail in a
state which the solver shows, until what is left is inductive together.

It decides nothing: the kernel proves what is left like a person's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from prover.infer.annotate import Proposal, Proposals, annotated, with_unit
from prover.infer.rewrites import has_quantifier
from prover.infer.sexpr import Unreadable, read
from prover.infer.subject import Subject
from prover.kernel.definedness import defined
from prover.kernel.encode import Encoder
from prover.kernel.goal import Goal, GoalKind, Path
from prover.kernel.term import TRUE, Call, Quant, Term, structure, walk
from prover.kernel.vc import conditions

QUICK = "(using-params smt :auto_config false :mbqi false :arith.solver 2)"
SLOWER = "(using-params smt :auto_config false :mbqi false)"
AUTOMATIC = "smt"
TOGETHER_RLIMIT = 400_000
SINGLE_RLIMIT = 300_000
FUEL, DEEPER_FUEL = 1, 3

Facts = Mapping[str, Sequence[Term]]
"""Candidate invariants by loop label."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Goals that ask of one place whether the facts of a loop hold there.  numbers: which facts."""

    label: str
    numbers: tuple[int, ...]
    goals: tuple[Goal, ...]

    @property
    def known(self) -> Path | None:
        return self.goals[0].path


def inductive(subject: Subject, facts: Facts) -> dict[str, list[Term]]:
    """The strongest set of the facts that is inductive, as far as the solver can tell and there is time."""
    kept = {label: list(found) for label, found in facts.items() if found}
    while kept and subject.time():
        failing: dict[str, set[int]] = {}
        for group in _groups(subject, kept):
            failing.setdefault(group.label, set()).update(_failing(subject, group))
        if not any(failing.values()):
            return kept
        kept = {k: [f for i, f in enumerate(found) if i not in failing.get(k, set())] for k, found in kept.items()}
        kept = {k: _defined(found, subject) for k, found in kept.items() if found}
    return {}


def _defined(found: Sequence[Term], subject: Subject) -> list[Term]:
    """Those whose domain, where they have one, is among them as well."""
    known = {structure(f) for f in found} | {structure(TRUE)}
    return [f for f in found if structure(d := defined(f, subject.program)) in known or has_quantifier(d)]


def proposals(facts: Facts) -> Proposals:
    return Proposals({label: Proposal(tuple(found)) for label, found in facts.items() if found})


def _groups(subject: Subject, facts: Facts) -> Iterator[Group]:
    changed = annotated(subject.procedure, proposals(facts))
    made = conditions(changed, with_unit(subject.program, changed), subject.component, False)
    places: dict[tuple[str, str], list[tuple[int, Goal]]] = {}
    for goal in made.goals:
        if goal.kind in (GoalKind.INVARIANT_ENTRY, GoalKind.INVARIANT_PRESERVED) and goal.clause.startswith("found"):
            label, _, rest = goal.name.removeprefix(f"{goal.unit}.").partition(f".{goal.clause}.")
            number = int(goal.clause.removeprefix("found")) - 1
            places.setdefault((label, rest), []).append((number, goal))
    for (label, _), goals in places.items():
        yield Group(label, tuple([n for n, _ in goals]), tuple([g for _, g in goals]))


def _failing(subject: Subject, group: Group) -> set[int]:
    """Facts that fail in a state, or that one by one are not proved."""
    head, names = _script(subject, group, FUEL)
    together = f"(assert (not (and true {' '.join(names)})))\n(check-sat-using {QUICK})\n(get-value ({' '.join(names)}))\n"
    output = subject.send(f"(set-option :rlimit {TOGETHER_RLIMIT})\n{head}\n{together}")
    if output.startswith("unsat"):
        return set()
    if output.startswith("sat"):
        found = {i for i, holds in zip(range(len(names)), _truths(output), strict=False) if not holds}
        found -= _deeper(subject, group, found)  # the state may be one that the equations of functions exclude
        if found:
            return {group.numbers[i] for i in found}
    return _one_by_one(subject, group, head, names)


def _one_by_one(subject: Subject, group: Group, head: str, names: Sequence[str]) -> set[int]:
    failing = set(range(len(names)))
    hard = {i for i, goal in enumerate(group.goals) if _of_all(goal.conclusion)}  # the last way is slow on these
    for tactic in (QUICK, SLOWER, AUTOMATIC):
        left = sorted(i for i in failing if tactic is not AUTOMATIC or i not in hard)
        failing -= _proved(subject, head, names, left, tactic)
        if not failing or not subject.time():
            break
    else:
        failing -= _deeper(subject, group, failing)
    return {group.numbers[i] for i in failing}


def _deeper(subject: Subject, group: Group, failing: set[int]) -> set[int]:
    """Those about recursive functions that are proved when these are unfolded further."""
    recursive = [i for i in sorted(failing) if any(_recurses(n, subject) for n in walk(group.goals[i].conclusion))]
    if not recursive:
        return set()
    head, names = _script(subject, group, DEEPER_FUEL)
    return _proved(subject, head, names, recursive, QUICK) | _proved(subject, head, names, recursive, SLOWER)


def _recurses(node: Term, subject: Subject) -> bool:
    return isinstance(node, Call) and node.function in subject.theory.recursive


def _proved(subject: Subject, head: str, names: Sequence[str], asked: Sequence[int], tactic: str) -> set[int]:
    queries = [f"(push)\n(assert (not {names[i]}))\n(check-sat-using {tactic})\n(pop)" for i in asked]
    output = subject.send(f"(set-option :rlimit {SINGLE_RLIMIT})\n{head}\n" + "\n".join(queries) + "\n")
    answers = [line for line in output.split("\n") if line in ("sat", "unsat", "unknown")]
    return {i for i, answer in zip(asked, answers, strict=False) if answer == "unsat"}


def _of_all(formula: Term) -> bool:
    """Has it quantifiers, but none that asks for a witness?"""
    found = [node for node in walk(formula) if isinstance(node, Quant)]
    return bool(found) and all(q.universal for q in found)


def _script(subject: Subject, group: Group, fuel: int) -> tuple[str, list[str]]:
    """What is known at the place, and names for what the facts say there."""
    encoder = Encoder(subject.theory, frozenset(), frozenset(), fuel)
    for axiom in subject.theory.axioms_for(group.goals):
        encoder.lines.append(f"(assert {encoder.scalar(axiom.formula)})")
    for fact in group.known.facts() if group.known else ():
        encoder.lines.append(f"(assert {encoder.fact(fact)})")
    names = [f"|fact {i}|" for i in range(len(group.goals))]
    for name, goal in zip(names, group.goals, strict=True):
        text = encoder.scalar(goal.conclusion)
        encoder.lines.append(f"(define-fun {name} () Bool {text})")
    encoder.equations()
    encoder.counts()
    return "\n".join(encoder.lines), names


def _truths(output: str) -> list[bool]:
    try:
        answer = read(output.split("\n", 1)[1])
    except Unreadable:
        return []
    pairs = answer[0] if answer and isinstance(answer[0], list) else []
    return [isinstance(p, list) and len(p) == 2 and p[1] != "false" for p in pairs]
