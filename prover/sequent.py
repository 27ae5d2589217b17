"""Goals as text for people: what is known, and what is to be proved, in the program's own names.

Older values print as `old(x)` and `at(label, x)` (`kernel.goal.Naming`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from prover.kernel.goal import Defines, Fact, Goal, Holds, Joins, Naming, Origin, Path
from prover.kernel.sort import Sort
from prover.kernel.term import TRUE, App, Lit, Op, Term, conj
from prover.report import Hypothesis
from prover.syntax.unparse import ASCII, Style, term_text

AT_MOST = 200  # facts shown; the latest ones, which are nearest to the goal's place
BRANCHES_AT_MOST = 4_000  # nodes of a join's branches shown in full


@dataclass(frozen=True, slots=True)
class Sequent:
    """left_out: how many facts, the earliest, are not among the hypotheses."""

    hypotheses: tuple[Hypothesis, ...]
    conclusion: str
    left_out: int = 0


def sequent(goal: Goal, style: Style = ASCII, width: int | None = None) -> Sequent:
    """The goal as text.  Formulas longer than `width` columns are broken over lines."""
    printer = _Printer(goal.naming, style, width)
    facts = _latest(goal.path)
    hypotheses = [h for fact in facts for h in printer.hypotheses(fact)]
    left_out = (goal.path.depth if goal.path else 0) - len(facts)
    return Sequent(tuple(hypotheses), printer.text(goal.conclusion), left_out)


def _latest(path: Path | None) -> list[Fact]:
    facts: list[Fact] = []
    while path is not None and len(facts) < AT_MOST:
        facts.append(path.fact)
        path = path.parent
    return facts[::-1]


@dataclass(frozen=True, slots=True)
class _Printer:
    naming: Naming
    style: Style
    width: int | None

    def text(self, term: Term) -> str:
        return term_text(term, self.style, self._name, self.width)

    def _name(self, name: str, _sort: Sort) -> str:
        return self.naming.show(name)

    def hypotheses(self, fact: Fact) -> Iterator[Hypothesis]:
        match fact:
            case Holds():
                for formula in _parts(fact):
                    yield Hypothesis(self.text(formula), fact.origin.value, fact.label, fact.span)
            case Defines():
                text = f"{self.naming.show(fact.variable.name)} = {self.text(fact.term)}"
                yield Hypothesis(text, Origin.VALUE.value, "", fact.span)
            case Joins():
                yield Hypothesis(self._branches(fact), Origin.JOIN.value, "", fact.span)
            case _:
                assert_never(fact)

    def _branches(self, fact: Joins) -> str:
        branches = [_formulas(path, fact.base, defines) for path, defines in fact.branches]
        if any(b is None for b in branches) or sum(t.size for b in branches if b for t in b) > BRANCHES_AT_MOST:
            return f"one of {len(branches)} branches was taken (too long to show)"
        words = ["either", *["or"] * (len(branches) - 1)]
        return "\n".join(f"{w:<6} {self._all(b or [])}" for w, b in zip(words, branches, strict=True))

    def _all(self, terms: list[Term]) -> str:
        return term_text(conj(terms), self.style, self._name, None)


def _parts(fact: Holds) -> tuple[Term, ...]:
    """A condition that is a conjunction reads better as facts of their own; clauses stay as they were written."""
    match fact.formula:
        case Lit(value=True):
            return ()
        case App(op=Op.AND, args=args) if fact.origin is Origin.GUARD and not fact.label:
            return args
        case formula:
            return (formula,)


def _formulas(path: Path | None, base: Path | None, defines: tuple[Defines, ...]) -> list[Term] | None:
    """A branch's facts as formulas; None when it holds branches itself."""
    found: list[Term] = []
    for fact in path.facts(base) if path is not None else []:
        match fact:
            case Holds():
                found.append(fact.formula)
            case Defines():
                found.append(_equation(fact))
            case Joins():
                return None
    return [t for t in [*found, *[_equation(d) for d in defines]] if t is not TRUE]


def _equation(fact: Defines) -> Term:
    return App(Op.EQ, (fact.variable, fact.term), TRUE.sort, fact.span, 2 + fact.term.size)
