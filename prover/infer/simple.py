"""Simple linear invariants: what a loop tests, or nearly so, and signs, as far as they are inductive together (Houdini)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from prover.infer.farkas import Coefficients, Found, Send, instantiated
from prover.infer.horn import Unknown
from prover.infer.implications import Implication, Instance, Row
from prover.infer.linear import Linear
from prover.infer.subject import Subject
from prover.kernel.smt import number
from prover.kernel.term import At, Term, free_variables

MOST_FACTS = 36
RLIMIT = 100_000


def simple(subject: Subject, made: Sequence[Unknown], kept: Sequence[Implication]) -> Found:
    """Inequalities that all implications keep, by the name of the loop's unknown."""
    facts = {u.name: _candidates(u, kept) for u in made}
    while any(facts.values()) and subject.time():
        asked = [(i.head.name, fact) for i in kept if i.head for fact in facts[i.head.name]]
        answers = entailed(subject.send, [_question(i, i.head, facts) for i in kept if i.head])
        failing = {a for a, holds in zip(asked, answers, strict=True) if not holds}
        if not failing:
            return {name: _strongest(held) for name, held in facts.items()}
        facts = {name: [f for f in held if (name, f) not in failing] for name, held in facts.items()}
    return {}


def _strongest(facts: Sequence[Coefficients]) -> list[Coefficients]:
    least = {fact[1:]: fact for fact in sorted(facts, reverse=True)}
    return [fact for fact in facts if least[fact[1:]] == fact]


def _candidates(unknown: Unknown, kept: Sequence[Implication]) -> list[Coefficients]:
    """What is tested after the loop's head, also less strictly; what is at least 0: of variables that can change."""
    places = range(1, 1 + len(unknown.arguments))
    instances = [(i, given) for i in kept for given in i.given if given.name == unknown.name]
    terms = {n: [t for _, given in instances for t, _ in given.arguments[n].parts.values()] for n in places}
    changing = [n for n in places if not isinstance(unknown.arguments[n - 1], At) and any(map(_varies, terms[n]))]
    signs = [(0, *[int(i == n) for i in places]) for n in changing]
    tested = [f for i, given in instances for f in _tested(i, given) if any(f[n] for n in changing)]
    return list(dict.fromkeys([*tested, *signs]))[:MOST_FACTS]


def _varies(value: Term) -> bool:
    return any("@" in name for name in free_variables(value))


def _tested(implication: Implication, given: Instance) -> Iterator[Coefficients]:
    places = {next(iter(a.parts)): i for i, a in enumerate(given.arguments) if len(a.parts) == 1 and not a.constant}
    for row in implication.rows:
        if row.form.parts.keys() <= places.keys() and row.form.parts:
            counts = {places[k]: c for k, (_, c) in row.form.parts.items()}
            coefficients = [counts.get(i, 0) for i in range(1, len(given.arguments))]
            yield from [(row.form.constant + more, *coefficients) for more in (2, 1, 0)]


def _question(implication: Implication, head: Instance, facts: Found) -> tuple[Sequence[Row], Sequence[Linear]]:
    """Do the facts hold afterwards, where they hold before?"""
    rows = [*implication.rows, *[Row(instantiated(c, i)) for i in implication.given for c in facts[i.name]]]
    return rows, [instantiated(fact, head) for fact in facts[head.name]]


def entailed(send: Send, questions: Sequence[tuple[Sequence[Row], Sequence[Linear]]]) -> list[bool]:
    """For each of the forms, in order: is it at least 0 where its rows hold?"""
    script = [f"(set-option :rlimit {RLIMIT})", *[line for rows, forms in questions for line in _asked(rows, forms)]]
    answers = send("\n".join(script)).split()
    count = sum(len(forms) for _, forms in questions)
    return [a == "unsat" for a in [*answers, *[""] * count][:count]]


def _asked(rows: Sequence[Row], forms: Sequence[Linear]) -> Iterator[str]:
    """`unsat` for each of the forms that is at least 0 where the rows hold."""
    keys = dict.fromkeys(k for f in (*[r.form for r in rows], *forms) for k in f.parts)
    names = {k: f"a{n}" for n, k in enumerate(keys)}
    yield "(push)"
    yield from [f"(declare-const {name} Int)" for name in names.values()]
    yield from [f"(assert ({'=' if r.equal else '>='} {_text(r.form, names)} 0))" for r in rows]
    yield from [f"(push)(assert (< {_text(form, names)} 0))(check-sat)(pop)" for form in forms]
    yield "(pop)"


def _text(form: Linear, names: Mapping[object, str]) -> str:
    return f"(+ {number(form.constant)} 0 {' '.join(f'(* {number(c)} {names[k]})' for k, (_, c) in form.parts.items())})"
