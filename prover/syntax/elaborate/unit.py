"""What the parts of one unit share while it is elaborated: labels, ghost variables, local variables, clauses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from prover.diagnostic import Label
from prover.kernel.program import Clause, Parameter, Script, Step
from prover.kernel.sort import Machine, Sort, is_numeric
from prover.kernel.term import OLD, Op, Term, Var, app
from prover.source import Span
from prover.syntax import surface as s
from prover.syntax.elaborate.expressions import Expressions
from prover.syntax.elaborate.problems import Problems
from prover.syntax.elaborate.scope import Entry, Role

_DEFAULT = re.compile(r"(loop|if|call|return|inv|requires|ensures|assert|assume|recurrent|diverges)[0-9]+")


@dataclass(slots=True)
class Labels:
    """Labels given in a unit, and numbers for what has none."""

    problems: Problems
    _given: dict[str, Span] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def number(self, kind: str) -> str:
        """`loop1`, `loop2`, …: the default label of the next of its kind."""
        count = self._counts[kind] = self._counts.get(kind, 0) + 1
        return f"{kind}{count}"

    def label(self, given: s.Name | None, default: str) -> str:
        """The user's label, or the default one."""
        if given is None:
            return default
        text = given.text
        first = self._given.setdefault(text, given.span)
        if first is not given.span:
            labels = (Label(first, "first given here"),)
            self.problems.error("decl-label", f"the label `{text}` is given twice", given.span, labels=labels)
        elif text == OLD or (_DEFAULT.fullmatch(text) and text != default):
            what = "`old` is the state at entry" if text == OLD else f"labels such as `{text}` stand for what has no label"
            self.problems.error("decl-label", f"`{text}` cannot be a label: {what}", given.span, "choose another name")
        return text


@dataclass(slots=True)
class Unit:
    """One procedure, triple or lemma being elaborated.

    ghosts: core names of ghost variables.
    pending: core names of variables that their declaration leaves without a value, and where it is.
    varied: does the text give a variant somewhere?
    abandoned: the body is not all there, or not what was meant: what is read before it is assigned cannot be told."""

    x: Expressions
    labels: Labels
    ghosts: set[str] = field(default_factory=set)
    locals: list[Parameter] = field(default_factory=list)
    pending: dict[str, Span] = field(default_factory=dict)
    varied: bool = False
    abandoned: bool = False

    @property
    def problems(self) -> Problems:
        return self.x.problems

    def declare(self, name: s.Name, sort: Sort | None, role: Role, ghost: bool = False) -> Entry:
        """A new variable in the current scope.  The name of one that is visible already is an error."""
        x = self.x
        first = x.scope.find(name.text)
        if first is not None:
            labels = (Label(first.span, f"the {first.role.value} of this name"),) if first.span is not None else ()
            help = ("leave out the other one: `for` declares its counter",) if role is Role.COUNTER else ()
            x.problems.error("name-duplicate", f"`{name.text}` is declared already", name.span, *help, labels=labels)
            self.abandoned = True
        variable = None
        if sort is not None:
            variable = Var(x.names.variable(name.text), sort, name.span)
            use = "has, by its use, the type" if role is Role.STATE else "is declared"
            x.declared[variable.name] = Label(name.span, f"`{name.text}` {use} {sort} here")
            if ghost:
                self.ghosts.add(variable.name)
        entry = Entry(name.text, variable, role, ghost, name.span, x.count)
        x.count += 1
        x.scope.add(entry)
        return entry

    def local(self, name: s.Name, sort: Sort | None, ghost: bool, role: Role = Role.LOCAL) -> Entry:
        entry = self.declare(name, sort, role, ghost)
        if isinstance(entry.term, Var):
            self.locals.append(Parameter(entry.term, ghost=ghost, inner=role is not Role.STATE))
        return entry

    def helper(self, name: str, sort: Sort, ghost: bool) -> Var:
        """A variable that the user cannot name, made for a desugaring."""
        variable = Var(self.x.names.variable(name), sort)
        if ghost:
            self.ghosts.add(variable.name)
        self.locals.append(Parameter(variable, ghost=ghost, inner=True))
        return variable

    # Clauses

    def clause(self, labelled: s.Labelled, default: str, what: str) -> Clause | None:
        label = self.labels.label(labelled.label, default)
        formula = self.x.formula(labelled.formula, what)
        return None if formula is None else Clause(label, formula, labelled.span)

    def clauses(self, given: Iterable[s.Labelled], kind: str, what: str) -> tuple[Clause, ...]:
        made = [self.clause(labelled, f"{kind}{i}", what) for i, labelled in enumerate(given, 1)]
        return tuple([c for c in made if c is not None])

    def variant(self, given: Sequence[s.VariantClause]) -> tuple[tuple[Term, ...] | None, Span | None]:
        """The components of the variant, and where it stands; machine integers count by their values."""
        if not given:
            return None, None
        self.varied = True
        if len(given) > 1:
            labels = (Label(given[0].span, "the first is here"),)
            help = "several components, first to last in weight, are one variant: `variant e1, e2`"
            self.problems.error("decl-variant", "there is a `variant` already", given[1].span, help, labels=labels)
        components = [self._component(e) for e in given[0].components]
        return tuple([c for c in components if c is not None]), given[0].span

    def _component(self, e: s.Expr) -> Term | None:
        term = self.x.term(e)
        if term is None or isinstance(term.sort, Machine):
            return None if term is None else app(Op.VALUE, term, span=term.span)
        if is_numeric(term.sort):
            return term
        self.problems.error("type-mismatch", f"a variant must be a number, but this is {term.sort}", term.span)
        return None


def script(given: s.ProofScript) -> Script:
    """A proof script, kept as written."""
    steps = [
        Step(step.name.text, step.arguments, tuple([(n, script(b)) for n, b in step.branches]), step.span, step.arguments_span)
        for step in given.steps
        if isinstance(step, s.TacticStep)  # (templates are not elaborated)
    ]
    return Script(tuple(steps), given.span)
