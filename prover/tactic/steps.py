"""The steps of proof scripts: what each is for, and how its arguments become a rule of the kernel."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from prover.diagnostic import InputError
from prover.kernel import rules
from prover.kernel.goal import Defines, Fact, Goal, Holds
from prover.kernel.program import Function, Procedure, Step
from prover.kernel.rules import NotApplicable, Refinement
from prover.kernel.sort import BOOL, Sort
from prover.kernel.term import Call, Term, Var, free_variables, walk
from prover.kernel.theory import Theory, goal_terms
from prover.record import replace
from prover.source import Source
from prover.syntax import surface
from prover.syntax.elaborate import elaborate_expression
from prover.syntax.parser import parse_expression

_NAME = r"[A-Za-z_][A-Za-z0-9_']*"


@dataclass(frozen=True, slots=True)
class Situation:
    """A step in a script, with the goal that it meets and what it may speak of."""

    step: Step
    goal: Goal
    theory: Theory
    opaque: frozenset[str]
    lemmas: Mapping[str, Procedure]

    def term(self, text: str, expected: Sort | None) -> Term:
        """A term written in a script, in the names that the goal is shown in.  Raises NotApplicable."""
        if not text.strip():
            raise NotApplicable(f"`{self.step.name}` needs an argument")
        return self._elaborated(self._parsed(text), expected, self.theory.functions)

    def terms(self, text: str) -> list[Term]:
        """Terms parted by commas."""
        if not text.strip():
            raise NotApplicable(f"`{self.step.name}` needs an argument")
        parsed = self._parsed(f"[{text}]")
        assert isinstance(parsed, surface.ArrayLiteral)
        return [self._elaborated(e, None, self.theory.functions) for e in parsed.elements]

    def chain(self, text: str) -> tuple[list[Term], Term]:
        """The links of `e1 = e2 <= e3 …`, and what they say of the first and the last term."""
        parsed = self._parsed(text) if text.strip() else None
        if not isinstance(parsed, surface.Comparison):
            raise NotApplicable("`calc` takes a chain, for example `calc a + b = b + a = c`")
        operators = [operator for operator, _ in parsed.rest]
        if not (set(operators) <= {"=", "<", "<="} or set(operators) <= {"=", ">", ">="}):
            raise NotApplicable("a chain goes in one direction, with `=` among its steps")
        operands = [parsed.first, *[e for _, e in parsed.rest]]
        links = [replace(parsed, first=a, rest=((o, b),)) for a, o, b in zip(operands, operators, operands[1:], strict=False)]
        strongest = next((o for o in ("<", ">", "<=", ">=") if o in operators), "=")
        whole = replace(parsed, rest=((strongest, operands[-1]),))
        made = [self._elaborated(link, BOOL, self.theory.functions) for link in (*links, whole)]
        return made[:-1], made[-1]

    def lemma_call(self, text: str) -> tuple[Procedure, tuple[Term, ...]]:
        parsed = self._parsed(text) if text.strip() else None
        if not isinstance(parsed, surface.Apply):
            raise NotApplicable("`use` takes a lemma and its arguments, for example `use lemma(n)`")
        name = parsed.function.text
        lemma = self.lemmas.get(name)
        if lemma is None:
            known = f"; there are {', '.join(self.lemmas)}" if self.lemmas else ""
            raise NotApplicable(f"there is no lemma `{name}` that may be used here{known}")
        variables = tuple([p.variable for p in lemma.parameters])
        shape = Function("predicate", name, variables, BOOL, (), None, None, lemma.span, lemma.name_span)
        term = self._elaborated(parsed, BOOL, {**self.theory.functions, name: shape})
        if not isinstance(term, Call) or any(isinstance(n, Call) and n.function == name for a in term.args for n in walk(a)):
            raise NotApplicable("a lemma is no value")
        return lemma, term.args

    def fact(self, name: str) -> Fact:
        """The hypothesis of that name (see `named`)."""
        known = dict(named(self.goal))
        if name not in known:
            raise NotApplicable(f"there is no hypothesis `{name}`; there are {', '.join(known) or 'none'}")
        return known[name]

    def _parsed(self, text: str) -> surface.Expr:
        try:
            return parse_expression(Source(f"the argument of `{self.step.name}`", text.strip()))
        except InputError as bad:
            raise NotApplicable(bad.diagnostics[0].message) from None

    def _elaborated(self, parsed: surface.Expr, expected: Sort | None, functions: Mapping[str, Function]) -> Term:
        try:
            return elaborate_expression(parsed, scope(self.goal), functions, expected)
        except InputError as bad:
            raise NotApplicable(bad.diagnostics[0].message) from None


def scope(goal: Goal) -> dict[str, Term]:
    """What the names that a goal is shown in stand for: `x`, `old(x)`, `at(loop1, x)`."""
    found: dict[str, Var] = {}
    for term in goal_terms([goal]):
        found.update(free_variables(term))
    return {goal.naming.show(name): variable for name, variable in found.items()}


def named(goal: Goal) -> list[tuple[str, Fact]]:
    """The hypotheses with their names: the label where it is the only one, else what it is and a number (`value2`)."""
    facts = goal.facts()
    labels = [f.label for f in facts if isinstance(f, Holds) and f.label]
    found: list[tuple[str, Fact]] = []
    taken: set[str] = set()
    counts: dict[str, int] = {}
    for fact in facts:
        label = fact.label if isinstance(fact, Holds) else ""
        if label and labels.count(label) == 1 and label not in taken:
            name = label
        else:
            kind = label or (
                fact.origin.value if isinstance(fact, Holds) else "value" if isinstance(fact, Defines) else "branches"
            )
            name = kind
            while name == kind or name in taken or name in labels:
                counts[kind] = counts.get(kind, 0) + 1
                name = f"{kind}{counts[kind]}" if not label else f"{kind}_{counts[kind]}"
        taken.add(name)
        found.append((name, fact))
    return found


def _unfold(at: Situation) -> Refinement:
    term = at.term(at.step.arguments, None)
    if not isinstance(term, Call):
        raise NotApplicable("`unfold` takes the call of a function, for example `unfold fact(n)`")
    return rules.unfold(at.goal, term, at.theory, at.opaque, at.step.span)


def _have(at: Situation) -> Refinement:
    label, text = _labelled(at.step.arguments)
    return rules.have(at.goal, at.term(text, BOOL), label, at.step.span)


def _cases(at: Situation) -> Refinement:
    return rules.cases(at.goal, at.term(at.step.arguments, BOOL), at.step.span)


def _split(at: Situation) -> Refinement:
    return rules.split(at.goal)


def _intro(at: Situation) -> Refinement:
    names = [n.strip() for n in at.step.arguments.split(",") if n.strip()]
    if wrong := [n for n in names if not re.fullmatch(_NAME, n)]:
        raise NotApplicable(f"`{wrong[0]}` is no name")
    return rules.intro(at.goal, at.step.span, names)


def _witness(at: Situation) -> Refinement:
    return rules.witness(at.goal, at.terms(at.step.arguments))


def _instantiate(at: Situation) -> Refinement:
    found = re.fullmatch(rf"\s*({_NAME})\s+with\s(.*)", at.step.arguments, re.DOTALL)
    if found is None:
        raise NotApplicable("write `instantiate HYPOTHESIS with e`, for example `instantiate sorted with i`")
    fact = at.fact(found[1])
    if not isinstance(fact, Holds):
        raise NotApplicable("the hypothesis is no `forall`")
    return rules.instantiate(at.goal, fact, at.terms(found[2]), at.step.span)


def _rewrite(at: Situation) -> Refinement:
    words = at.step.arguments.split()
    backwards = words[:1] == ["<-"]
    if len(words) != 1 + backwards:
        raise NotApplicable("write `rewrite HYPOTHESIS`, or `rewrite <- HYPOTHESIS` from right to left")
    return rules.rewrite(at.goal, at.fact(words[-1]), backwards)


def _use(at: Situation) -> Refinement:
    lemma, arguments = at.lemma_call(at.step.arguments)
    return rules.use(at.goal, lemma, arguments, at.step.span)


def _induction(at: Situation) -> Refinement:
    term = at.term(at.step.arguments, None)
    if not isinstance(term, Var):
        raise NotApplicable("`induction` takes a variable")
    return rules.induction(at.goal, term, at.step.span)


def _generalize(at: Situation) -> Refinement:
    found = re.fullmatch(rf"\s*(.*)\sas\s+({_NAME})\s*", at.step.arguments, re.DOTALL)
    if found is None:
        raise NotApplicable("write `generalize e as NAME`, for example `generalize x * x as square`")
    return rules.generalize(at.goal, at.term(found[1], None), found[2])


def _calc(at: Situation) -> Refinement:
    """The first link; `script` goes on with the others."""
    links, _ = at.chain(at.step.arguments)
    return rules.have(at.goal, links[0], "", at.step.span)


def _contradiction(at: Situation) -> Refinement:
    return rules.contradiction(at.goal, at.step.span)


def _simplify(at: Situation) -> Refinement:
    return rules.simplify(at.goal)


def _forget(at: Situation) -> Refinement:
    return rules.forget(at.goal, at.fact(at.step.arguments.strip()))


def _labelled(text: str) -> tuple[str, str]:
    found = re.match(rf"\s*({_NAME})\s*:(?![:=])", text)
    return (found[1], text[found.end() :]) if found else ("", text)


@dataclass(frozen=True, slots=True)
class Tactic:
    """A step: how it is written, what it does in a line, an example, and the rule that it proposes.

    branches: the names of the goals that it leaves, where they are more than one and always the same."""

    synopsis: str
    summary: str
    example: str
    rule: Callable[[Situation], Refinement]
    branches: tuple[str, ...] = ()

    def refine(
        self, step: Step, goal: Goal, theory: Theory, opaque: frozenset[str], lemmas: Mapping[str, Procedure]
    ) -> Refinement:
        """Raises NotApplicable."""
        return self.rule(Situation(step, goal, theory, opaque, lemmas))


STEPS: Mapping[str, Tactic] = {
    "calc": Tactic("calc e1 = e2 <= ...", "prove each step of a chain, then use what it says", "calc a * a = a * b <= c", _calc),
    "cases": Tactic("cases P", "prove the goal where P holds, and where it does not", "cases i = 0", _cases, ("yes", "no")),
    "contradiction": Tactic("contradiction", "assume that the goal fails, and prove false", "contradiction", _contradiction),
    "forget": Tactic("forget HYPOTHESIS", "drop a hypothesis that only confuses the solver", "forget inv2", _forget),
    "generalize": Tactic(
        "generalize e as NAME", "forget what a term is, and prove the goal for any value", "generalize x * x as q", _generalize
    ),
    "have": Tactic("have [NAME:] P", "prove P first, then use it as a hypothesis", "have pos: i + 1 > 0", _have),
    "induction": Tactic(
        "induction x", "prove it for x <= 0, and for x > 0 from x - 1", "induction n", _induction, ("base", "step")
    ),
    "instantiate": Tactic(
        "instantiate HYPOTHESIS with e, ...", "what a `forall` says of e", "instantiate inv2 with i", _instantiate
    ),
    "intro": Tactic("intro [NAME, ...]", "take what an implication assumes, or a value of a `forall`", "intro k", _intro),
    "rewrite": Tactic(
        "rewrite [<-] HYPOTHESIS", "put one side of an equation for the other in the goal", "rewrite inv2", _rewrite
    ),
    "simplify": Tactic("simplify", "work out arithmetic on numbers in the goal", "simplify", _simplify),
    "split": Tactic("split", "prove each part of a conjunction", "split", _split),
    "unfold": Tactic("unfold f(e)", "use the equation of a function for e", "unfold fact(i + 1)", _unfold),
    "use": Tactic("use lemma(e, ...)", "what a lemma ensures for e; what it requires is proved", "use square(i)", _use),
    "witness": Tactic("witness e, ...", "the value that an `exists` asks for", "witness 2 * k", _witness),
}
