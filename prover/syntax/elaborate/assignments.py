"""Assignments, declarations of variables and `havoc`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, assert_never

from prover.diagnostic import Label
from prover.kernel.program import Assign, Havoc, Statement
from prover.kernel.sort import INT, Sort, is_integer
from prover.kernel.term import Term, Var, free_variables
from prover.source import Span
from prover.syntax import surface as s
from prover.syntax.elaborate.fitting import fit
from prover.syntax.elaborate.invocations import call, call_statement
from prover.syntax.elaborate.places import Place, distinct, place
from prover.syntax.elaborate.sorts import sort_of
from prover.syntax.elaborate.suggest import plural

if TYPE_CHECKING:
    from prover.syntax.elaborate.statements import Statements

Value = s.Expr | s.Star


def changes(b: Statements, item: s.AssignStmt | s.VarStmt | s.CallStmt | s.HavocStmt, out: list[Statement]) -> None:
    """A statement that changes variables.  One in error counts as giving them any value, so that it has no further errors."""
    before = len(out)
    match item:
        case s.AssignStmt():
            assign(b, item, out)
            names = [t.name for t in item.targets if not t.indices]
        case s.VarStmt():
            var(b, item, out)
            names = list(item.names) if item.values else []
        case s.CallStmt():
            call_statement(b, item, out)
            names = []
        case s.HavocStmt():
            havoc(b, item, out)
            names = list(item.names)
        case _:
            assert_never(item)
    entries = [b.unit.x.scope.find(n.text) for n in names] if len(out) == before else []
    variables = [e.term for e in entries if e is not None and isinstance(e.term, Var)]
    if variables:
        out.append(Havoc(tuple(variables), None, item.span))


def assign(b: Statements, item: s.AssignStmt, out: list[Statement]) -> None:
    called = _called(b, item.values)
    places = [place(b, t) for t in item.targets]
    if called is not None:
        call(b, called, places, item.span, out)
        return
    if len(item.values) != len(places):
        _counts_differ(b, len(places), item.values, item.span)
        return
    values = [_value(b, v, p) for v, p in zip(item.values, places, strict=True)]
    found = [p for p in places if p is not None]
    if len(found) == len(places) and distinct(b, found):
        _store(b, found, item.values, values, item.span, out)


def _called(b: Statements, values: Sequence[Value]) -> s.Apply | None:
    """The right side as the call of a procedure or lemma, where it is one."""
    if len(values) != 1 or not isinstance(call := values[0], s.Apply):
        return None
    signature = b.unit.x.signatures.get(call.function.text)
    return call if signature is not None and signature.is_callable else None


def _counts_differ(b: Statements, targets: int, values: Sequence[Value], span: Span) -> None:
    message = f"{plural(targets, 'variable')} on the left, {plural(len(values), 'value')} on the right"
    b.unit.problems.error("type-count", message, span)
    for value in values:
        if not isinstance(value, s.Star):
            b.unit.x.term(value)


def _value(b: Statements, value: Value, target: Place | None) -> Term | None:
    """The value for a target; for `*` the term after `choose`."""
    x = b.unit.x
    e = value.choose if isinstance(value, s.Star) else value
    if e is None:
        return None
    term = x.term(e, target.sort if target is not None else None)
    if target is None:
        return None
    term = fit(x, term, target.sort, f"what `{target.span.text}` is assigned", *target.label)
    if isinstance(value, s.Star) or target.entry.ghost:
        return term
    return term if b.real(term, f"`{target.entry.name}`") else None


def _store(
    b: Statements, places: list[Place], given: Sequence[Value], values: list[Term | None], span: Span, out: list[Statement]
) -> None:
    stars = [isinstance(v, s.Star) for v in given]
    if any(v is None and not (isinstance(g, s.Star) and g.choose is None) for v, g in zip(values, given, strict=True)):
        return
    for p in places:
        if b.ghost is None and not p.entry.ghost and not all(b.real(i, f"`{p.entry.name}`") for i in p.indices):
            return
    if all(stars) and not any(p.indices for p in places):
        _havoc(b, [p.variable for p in places], values, span, out)
        return
    terms: list[Term] = []
    for p, value, star in zip(places, values, stars, strict=True):
        if star:  # chosen first, into a variable of its own: the assignment stays simultaneous
            chosen = b.unit.helper(f"{p.entry.name}'any", p.sort, p.entry.ghost)
            out.append(Havoc((chosen,), value, span))
            terms.append(chosen)
        elif value is not None:
            terms.append(value)
    out.append(Assign(tuple([p.target for p in places]), tuple(terms), span))


def _havoc(b: Statements, variables: list[Var], choose: list[Term | None], span: Span, out: list[Statement]) -> None:
    """One statement; one for each variable where terms are offered, all evaluated in the state before (a later one may
    then not read an earlier variable)."""
    offered = [c for c in choose if c is not None]
    if not offered:
        out.append(Havoc(tuple(variables), None, span))
        return
    names = {v.name for v in variables}
    if len(variables) > 1 and any(names & free_variables(c).keys() for c in offered):
        message = "`choose` reads a variable that is assigned at once with it"
        b.unit.problems.error("flow-twice", message, span, "assign them one by one")
        return
    out.extend([Havoc((v,), c, span) for v, c in zip(variables, choose, strict=True)])


def havoc(b: Statements, item: s.HavocStmt, out: list[Statement]) -> None:
    places = [place(b, s.TargetExpr(name, (), name.span)) for name in item.names]
    found = [p for p in places if p is not None]
    if len(found) == len(places) and distinct(b, found):
        out.append(Havoc(tuple([p.variable for p in found]), None, item.span))


# Declarations


def var(b: Statements, item: s.VarStmt, out: list[Statement]) -> None:
    """`var` declares after its values are looked at: they cannot speak of the new variables."""
    unit, ghost = b.unit, item.ghost or b.ghost is not None
    wanted = sort_of(item.type, unit.problems) if item.type is not None else None
    called = _called(b, item.values)
    if called is not None:
        signature = unit.x.signatures[called.function.text]
        sorts = [wanted or _widened(r.sort) for r in signature.results]
        padded = [*sorts, *[wanted] * len(item.names)]
        call(b, called, [_fresh(b, n, t, ghost) for n, t in zip(item.names, padded, strict=False)], item.span, out)
        return
    if item.values and len(item.values) != len(item.names):
        _counts_differ(b, len(item.names), item.values, item.span)
    matched = len(item.values) == len(item.names)
    values = [_initial(b, v, wanted, item, ghost) for v in item.values if matched] or [*[None] * len(item.names)]
    if item.type is None and not item.values:
        message = "this variable has neither a type nor a value"
        unit.problems.error("type-unknown", message, item.span, f"give it a type: `var {item.names[0].text}: int`")
    sorts = [wanted if item.type is not None or v is None else _widened(v.sort) for v in values]
    places = [_fresh(b, n, sort, ghost) for n, sort in zip(item.names, sorts, strict=True)]
    found = [p for p in places if p is not None]
    if not item.values:
        unit.pending.update({p.variable.name: p.span for p in found})
    elif matched and len(found) == len(places):
        _store(b, found, item.values, values, item.span, out)


def _widened(sort: Sort | None) -> Sort | None:
    """A variable is `nat` only where the text says so."""
    return INT if sort is not None and is_integer(sort) else sort


def _fresh(b: Statements, name: s.Name, sort: Sort | None, ghost: bool) -> Place | None:
    entry = b.unit.local(name, sort, ghost)
    if not isinstance(entry.term, Var):
        return None
    return Place(entry, entry.term, (), entry.term.sort, name.span)


def _initial(b: Statements, value: Value, wanted: Sort | None, item: s.VarStmt, ghost: bool) -> Term | None:
    x = b.unit.x
    e = value.choose if isinstance(value, s.Star) else value
    if e is None:
        if item.type is None:
            help = f"give the variable a type: `var {item.names[0].text}: int := *`"
            x.problems.error("type-unknown", "`*` is any value, but of which type?", value.span, help)
        return None
    term = x.term(e, wanted)
    if item.type is not None:
        term = fit(x, term, wanted, "the initial value", Label(item.type.span, "declared here"))
    if ghost or isinstance(value, s.Star):
        return term
    return term if b.real(term, f"`{item.names[0].text}`") else None
