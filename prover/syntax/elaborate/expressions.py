"""Expressions and formulas: names resolved, sorts checked, literals typed by their context.

`Expressions.term` returns None where it has reported an error, and what is built from such a part is None without a further one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from prover.diagnostic import InputError, Label
from prover.kernel.sort import BOOL, INT, Array, Sort, is_integer
from prover.kernel.term import OLD, Lit, Op, Term, Var, app, at, call, let, quant
from prover.source import Span
from prover.syntax import surface as s
from prover.syntax.elaborate import calls, operators
from prover.syntax.elaborate.fitting import fit, literal
from prover.syntax.elaborate.infer import binder_sorts
from prover.syntax.elaborate.problems import Problems
from prover.syntax.elaborate.scope import Entry, Names, Role, Scope, Signatures
from prover.syntax.elaborate.sorts import sort_of
from prover.syntax.elaborate.suggest import did_you_mean, listed
from prover.syntax.holes import unfilled

Maybe = Term | None


@dataclass(slots=True)
class Expressions:
    """Elaborates the expressions of one unit.

    scope:    what is visible now.
    no_old:   why `old` cannot be used here; None where it can.
    points:   the labels that `at` may name now, with the number of variables that were in scope there before.
    results:  the unit's results, for `result`; None where they have no value yet.
    declared: where variables have their types from, by core name.   elsewhere: names that other blocks of the unit declare.
    inferred: sorts of binders without a type, by the identity of the binder.
    closed:   what to do about a free variable where there can be none.
    given:    for expressions outside a unit, what `old(x)` and `at(l, x)` are.
    """

    signatures: Signatures
    problems: Problems
    names: Names
    scope: Scope
    no_old: str | None = None
    points: dict[str, int] = field(default_factory=dict)
    results: tuple[Entry, ...] | None = None
    declared: dict[str, Label] = field(default_factory=dict)
    elsewhere: dict[str, Span] = field(default_factory=dict)
    inferred: dict[int, Sort] = field(default_factory=dict)
    given: Mapping[str, Term] | None = None
    closed: str | None = None
    count: int = 0
    _at: str | None = None
    _active: list[str] = field(default_factory=list)

    def formula(self, e: s.Expr, what: str) -> Maybe:
        return fit(self, self.term(e, BOOL), BOOL, what)

    def term(self, e: s.Expr, hint: Sort | None = None) -> Maybe:  # noqa: C901 - one case a node
        """The term of `e`.  hint: the sort that its context wants, which literals take; that it fits is the caller's to check."""
        match e:
            case s.Number():
                return literal(self, e.value, hint, e.span)
            case s.Ident():
                return self._name(e)
            case s.Comparison():
                return operators.comparison(self, e)
            case s.Chain():
                return operators.chain(self, e, hint)
            case s.Nary():
                return operators.connective(self, Op(e.operator), e.operator, e.operands, e.span)
            case s.Binary():
                return operators.connective(self, Op(e.operator), e.operator, (e.left, e.right), e.span)
            case s.Index():
                return self._index(e)
            case s.Apply():
                return calls.apply(self, e, hint)
            case s.Unary():
                return operators.unary(self, e, hint)
            case s.Truth():
                return Lit(e.value, BOOL, e.span)
            case s.Conditional():
                return operators.conditional(self, e, hint)
            case s.Quantified():
                return self._quantified(e)
            case s.LetIn():
                return self._let(e, hint)
            case s.AtLabel():
                return self._at_label(e)
            case s.WrapTo():
                return calls.wrap(self, e)
            case s.ArrayLiteral():
                return operators.array_literal(self, e, hint)
            case s.Hole():
                raise InputError(*unfilled(e))
            case _:
                assert_never(e)

    # Names

    def _name(self, e: s.Ident) -> Maybe:
        if (entry := self.scope.find(e.name)) is not None:
            return self._variable(entry, e.span)
        signature = self.signatures.get(e.name)
        if signature is not None and signature.keyword == "const":
            return None if signature.result is None else call(e.name, (), signature.result, e.span)
        if e.name == "result":
            return self._result(e)
        self.undeclared(e.name, e.span)
        return None

    def _variable(self, entry: Entry, span: Span) -> Maybe:
        term = entry.term
        if term is None:
            return None
        if self._at is not None and entry.role is not Role.BOUND and not self._was_visible(entry, span):
            return None
        if entry.role is Role.GIVEN:
            return self._given(entry, term, span)
        return Var(term.name, term.sort, span) if isinstance(term, Var) else term

    def _was_visible(self, entry: Entry, span: Span) -> bool:
        name = entry.name
        if entry.role is Role.GIVEN:
            return True
        if self._at == OLD:
            if entry.role in (Role.PARAMETER, Role.INOUT):
                return True
            message = f"`old` is about parameters: `{name}` is a {entry.role.value}, without a value at entry"
            help = f"`at(label, {name})` is its value at a labelled place"
            self.problems.error("flow-old", message, span, *([] if entry.role is Role.RESULT else [help]))
            return False
        if self._at is not None and entry.number >= self.points.get(self._at, 0):
            message = f"`{name}` is not declared yet at `{self._at}`"
            labels = (Label(entry.span, "declared here"),) if entry.span else ()
            self.problems.error("name-label", message, span, labels=labels)
            return False
        return True

    def _given(self, entry: Entry, term: Term, span: Span) -> Maybe:
        if self._at is None:
            return term
        assert self.given is not None
        key = f"old({entry.name})" if self._at == OLD else f"at({self._at}, {entry.name})"
        if key in self.given:
            return self.given[key]
        if isinstance(term, Var) and "@" not in term.name:
            return term  # it never changes
        self.problems.error("name-label", f"`{key}` has no value in this goal", span)
        return None

    def _result(self, e: s.Ident) -> Maybe:
        if self.results is not None and len(self.results) == 1:
            return self._variable(self.results[0], e.span)
        help: tuple[str, ...] = ()
        if self.results is None:
            message = "there is no `result` here"
        elif self.results:
            names = listed([f"`{r.name}`" for r in self.results], "or")
            message, help = "`result` is ambiguous: there are several results", (f"name the one that you mean: {names}",)
        else:
            message, help = "`result` means nothing here: there are no results", ("declare one: `returns (r: int)`",)
        self.problems.error("name-result", message, e.span, *help)
        return None

    def undeclared(self, name: str, span: Span, *more: str) -> None:
        """Say that no variable has this name, and what may be meant."""
        signature = self.signatures.get(name)
        if signature is not None and not (more and signature.keyword == "axiom"):
            self._not_a_variable(name, span, signature.keyword, signature.span)
            return
        where = self.elsewhere.get(name)
        labels = (Label(where, f"this `{name}` is known in its own block only"),) if where is not None else ()
        constants = [n for n, known in self.signatures.items() if known.keyword == "const"]
        guess = () if labels else did_you_mean(name, [*self.scope.names(), *constants])
        help = guess or more or ((self.closed,) if self.closed else ())
        self.problems.error("name-undeclared", f"`{name}` is not declared", span, *help, labels=labels)

    def _not_a_variable(self, name: str, span: Span, keyword: str, declared: Span) -> None:
        what = {"axiom": "an axiom", "const": "a constant"}.get(keyword, f"a {keyword}")
        help = (f"call it: `{name}(…)`",) if keyword in ("function", "predicate") else ()
        labels = (Label(declared, "declared here"),)
        self.problems.error("name-not-variable", f"`{name}` is {what}, not a variable", span, *help, labels=labels)

    # Binders

    def _let(self, e: s.LetIn, hint: Sort | None) -> Maybe:
        value = self.term(e.value)
        sort = None if value is None else INT if is_integer(value.sort) else value.sort
        (variable,), body = self._under(((e.name, sort),), e.body, hint)
        if variable is None or value is None or body is None:
            return None
        return let(variable, value, body, e.span)

    def _quantified(self, e: s.Quantified) -> Maybe:
        if any(b.type is None and id(b) not in self.inferred for b in e.binders):
            self.inferred.update(binder_sorts(e, self._sort_of, self.signatures))
        binders = tuple([(b.name, self._binder_sort(b)) for b in e.binders])
        self._check_distinct(e.binders)
        variables, body = self._under(binders, e.body, BOOL)
        body = fit(self, body, BOOL, f"what `{e.quantifier}` says")
        kept = tuple([v for v in variables if v is not None])
        if body is None or len(kept) < len(variables):
            return None
        return quant(e.quantifier == "forall", kept, body, e.span)

    def _sort_of(self, name: str) -> Sort | None:
        entry = self.scope.find(name)
        return entry.sort if entry is not None else None

    def _binder_sort(self, binder: s.Binder) -> Sort | None:
        sort = sort_of(binder.type, self.problems) if binder.type is not None else self.inferred.get(id(binder), INT)
        if not isinstance(sort, Array):
            return sort
        message = f"`{binder.name.text}` would range over arrays: quantifiers range over integers, booleans and machine integers"
        self.problems.error("type-quantified", message, binder.span)
        return None

    def _check_distinct(self, binders: tuple[s.Binder, ...]) -> None:
        seen: dict[str, Span] = {}
        for b in binders:
            first = seen.setdefault(b.name.text, b.name.span)
            if first is not b.name.span:
                labels = (Label(first, "bound here already"),)
                self.problems.error("name-duplicate", f"`{b.name.text}` is bound twice", b.name.span, labels=labels)

    def _under(
        self, binders: tuple[tuple[s.Name, Sort | None], ...], body: s.Expr, hint: Sort | None
    ) -> tuple[list[Var | None], Maybe]:
        """The body with the bound variables in scope; they may hide variables of the same name."""
        outer, depth = self.scope, len(self._active)
        self.scope = Scope(outer)
        variables: list[Var | None] = []
        for name, sort in binders:
            variable = None
            if sort is not None:
                variable = Var(self.names.bound(name.text, sort, self._active), sort, name.span)
                self._active.append(variable.name)
            variables.append(variable)
            self.scope.add(Entry(name.text, variable, Role.BOUND, False, name.span))
        term = self.term(body, hint)
        self.scope = outer
        del self._active[depth:]
        return variables, term

    # States

    def _at_label(self, e: s.AtLabel) -> Maybe:
        label = e.label.text
        if self.given is None and label not in self.points:
            help = did_you_mean(label, self.points) or ("`at` takes the label of a loop or of a point before this place",)
            self.problems.error("name-label", f"there is no label `{label}` here", e.label.span, *help)
            return None
        return self.at(label, e.body, e.span)

    def at(self, label: str, body: s.Expr, span: Span) -> Maybe:
        """`body` in the state of `label`."""
        before, self._at = self._at, label
        term = self.term(body)
        self._at = before
        if term is None or self.given is not None:
            return term
        return at(label, term, span)

    # Elements

    def _index(self, e: s.Index) -> Maybe:
        array = self.term(e.array)
        index = self.index(e.index)
        if array is None or not self.is_array(array, e.array.span) or index is None:
            return None
        return app(Op.SELECT, array, index, span=e.span)

    def index(self, e: s.Expr) -> Maybe:
        return fit(self, self.term(e, INT), INT, "an index")

    def is_array(self, term: Term, span: Span) -> bool:
        """Says so when it is none."""
        if isinstance(term.sort, Array):
            return True
        what = f"`{span.text}`" if term.size < 30 else "this"
        self.problems.error("type-not-array", f"{what} is {term.sort}, not an array", span)
        return False
