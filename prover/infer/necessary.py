"""Which of many invariants a proof rests on, from unsatisfiable cores: those that goals use, those that these use, and so on."""

from __future__ import annotations

from collections.abc import Iterable

from prover.infer.annotate import Proposal, Proposals
from prover.infer.elimination import FUEL
from prover.infer.subject import Inferred, Subject, tried, unproved
from prover.kernel.encode import Encoder
from prover.kernel.goal import Goal, Holds
from prover.kernel.term import Term
from prover.record import replace

RLIMIT = 400_000
FEW = 6

Name = tuple[str, str]
"""A loop's label and the number of a found fact, as in `found3`."""


def necessary(subject: Subject, found: Inferred) -> Inferred:
    """With those invariants only that the cores name, if they suffice."""
    wanted: set[Name] = set()
    facts = _facts(found.proposals)
    if len(facts) <= FEW:
        return found
    goals = [o.goal for o in found.outcomes if o.proved]
    todo = [g for g in goals if not g.clause.startswith("found")]
    while todo and subject.time():
        used = _used(subject, todo.pop(), facts)
        new = used - wanted
        wanted |= new
        todo += [g for g in goals if _of(g) in new]
    loops = {
        label: replace(p, invariants=tuple([f for i, f in enumerate(p.invariants, 1) if (label, f"found{i}") in wanted]))
        for label, p in found.proposals.loops.items()
    }
    less = tried(subject, Proposals({k: p for k, p in loops.items() if p != Proposal()}))
    return less if len(unproved(less)) <= len(unproved(found)) else found


def _of(goal: Goal) -> Name:
    label, _, _ = goal.name.removeprefix(f"{goal.unit}.").partition(f".{goal.clause}.")
    return label, goal.clause


def _facts(proposals: Proposals) -> dict[Name, Term]:
    return {(label, f"found{i}"): f for label, p in proposals.loops.items() for i, f in enumerate(p.invariants, 1)}


def _used(subject: Subject, goal: Goal, facts: Iterable[Name]) -> set[Name]:
    """The found facts in a core of the goal; all of those on its path where the solver has none."""
    encoder = Encoder(subject.theory, frozenset(), goal.induction, FUEL)
    switches: dict[str, Name] = {}
    for axiom in subject.theory.axioms_for([goal]):
        encoder.lines.append(f"(assert {encoder.scalar(axiom.formula)})")
    for number, fact in enumerate(goal.facts()):
        text = encoder.fact(fact)
        if isinstance(fact, Holds) and fact.label.startswith("found"):
            switch = f"|use {number}|"
            switches[switch] = _name(subject, fact, facts)
            encoder.lines += [f"(declare-const {switch} Bool)", f"(assert (=> {switch} {text}))"]
        else:
            encoder.lines.append(f"(assert {text})")
    encoder.lines.append(f"(assert (not {encoder.scalar(goal.conclusion)}))")
    encoder.equations()
    encoder.counts()
    head = f"(set-option :rlimit {RLIMIT})\n(set-option :produce-unsat-assumptions true)\n"
    asked = f"(check-sat-assuming ({' '.join(switches)}))\n(get-unsat-assumptions)\n"
    output = subject.send(head + "\n".join(encoder.lines) + "\n" + asked)
    if not output.startswith("unsat"):
        return set(switches.values())
    return {name for switch, name in switches.items() if switch in output}


def _name(subject: Subject, fact: Holds, facts: Iterable[Name]) -> Name:
    """Clauses of one loop share its span."""
    from prover.infer.observe import loops

    label = next((loop.label for loop in loops(subject.procedure) if loop.span is fact.span), "")
    return label, fact.label
