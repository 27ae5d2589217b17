"""Assignments, declarations of variables, `havoc`, and calls of procedures and lemmas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from prover.diagnostic import Label
from prover.kernel.program import Assign, Element, Havoc, ProcedureCall, Statement, Target
from prover.kernel.sort import INT, Array, Sort, is_integer, same
from prover.kernel.term import Term, Var, free_variables
from prover.source import Span
from prover.syntax import surface as s
from prover.syntax.elaborate.calls import arguments, library
from prover.syntax.elaborate.fitting import fit
from prover.syntax.elaborate.ghost import reason
from prover.syntax.elaborate.scope import Entry, Formal, Role, Signature
from prover.syntax.elaborate.sorts import sort_of
from prover.syntax.elaborate.suggest import did_you_mean, plural

if TYPE_CHECKING:
    from prover.syntax.elaborate.statements import Statements

Value = s.Expr | s.Star


@dataclass(frozen=True, slots=True)
class Place:
    """An assignment target that is in order.  sort: of what is stored there."""

    entry: Entry
    variable: Var
    indices: tuple[Term, ...]
    sort: Sort
    span: Span

    @property
    def target(self) -> Target:
        return Element(self.variable, self.indices, self.span) if self.indices else self.variable

    @property
    def label(self) -> tuple[Label, ...]:
        if self.entry.span is None:
            return ()
        use = "used first" if self.entry.role is Role.STATE else "declared"
        return (Label(self.entry.span, f"`{self.entry.name}` is {use} here"),)


# Targets


def place(b: Statements, target: s.TargetExpr) -> Place | None:
    """What a target means; None, with an error, where it cannot be assigned."""
    x = b.unit.x
    entry = assignable(b, target.name)
    indices = [x.index(i) for i in target.indices]
    if entry is None or not isinstance(entry.term, Var) or None in indices:
        return None
    sort = entry.term.sort
    for _ in target.indices:
        if not isinstance(sort, Array):
            what = f"`{target.name.text}`" if len(target.indices) == 1 else "this"
            x.problems.error("type-not-array", f"{what} is {sort}, not an array", target.span)
            return None
        sort = sort.element
    found = tuple([i for i in indices if i is not None])
    variable = Var(entry.term.name, entry.term.sort, target.name.span)
    return Place(entry, variable, found, sort, target.span)


def assignable(b: Statements, name: s.Name) -> Entry | None:
    """The variable of this name; None, with an error, where there is none, or where it is read-only here."""
    x = b.unit.x
    entry = x.scope.find(name.text)
    if entry is None:
        help = () if x.elsewhere.get(name.text) else did_you_mean(name.text, x.scope.names())
        if name.text == "result" and x.results is not None and len(x.results) == 1:
            help = (f"the result is called `{x.results[0].name}`",)
        x.undeclared(name.text, name.span, *(help or (f"declare it where it is first assigned: `var {name.text} := …`",)))
        return None
    if entry.role in (Role.PARAMETER, Role.COUNTER):
        _read_only(b, entry, name)
        return None
    if b.ghost is not None and not entry.ghost:
        b.in_ghost(f"ghost code does not assign real variables, and `{name.text}` is one", name.span)
        return None
    return entry


def _read_only(b: Statements, entry: Entry, name: s.Name) -> None:
    if entry.role is Role.COUNTER:
        help, what = "`for` counts by itself; use `while` to count otherwise", "the counter of this `for`"
    else:
        copy = f"assign a copy: `var copy := {name.text}`"
        help = copy if b.lemma else f"declare it `inout {name.text}: {entry.sort or '…'}`, or {copy}"
        what = "a parameter"
    labels = (Label(entry.span, "declared here"),) if entry.span is not None else ()
    message = f"`{name.text}` is {what}, which is read-only"
    b.unit.problems.error("flow-readonly", message, name.span, help, labels=labels)


def _distinct(b: Statements, places: Sequence[Place]) -> bool:
    """A variable is assigned as a whole once, and then none of its elements."""
    seen: dict[str, Place] = {}
    for p in places:
        first = seen.setdefault(p.variable.name, p)
        if first is not p and not (first.indices and p.indices):
            message = f"`{p.entry.name}` is assigned twice at once"
            b.unit.problems.error("flow-twice", message, p.span, labels=(Label(first.span, "first here"),))
            return False
    return True


# Assignments


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
        _call(b, called, places, item.span, out)
        return
    if len(item.values) != len(places):
        _counts_differ(b, len(places), item.values, item.span)
        return
    values = [_value(b, v, p) for v, p in zip(item.values, places, strict=True)]
    found = [p for p in places if p is not None]
    if len(found) == len(places) and _distinct(b, found):
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
    if len(found) == len(places) and _distinct(b, found):
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
        _call(b, called, [_fresh(b, n, t, ghost) for n, t in zip(item.names, padded, strict=False)], item.span, out)
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


# Calls


def call_statement(b: Statements, item: s.CallStmt, out: list[Statement]) -> None:
    name = item.call.function.text
    signature = b.unit.x.signatures.get(name)
    if signature is not None and signature.is_callable:
        _call(b, item.call, [], item.span, out)
        return
    help: tuple[str, ...]
    if signature is None:
        callable = [n for n, known in b.unit.x.signatures.items() if known.is_callable]
        help = did_you_mean(name, callable) or library(name)
        b.unit.problems.error("name-undeclared", f"there is no procedure or lemma `{name}`", item.call.function.span, *help)
        return
    labels = (Label(signature.span, "declared here"),)
    help = (f"use its value: `x := {item.span.text}`",) if signature.keyword == "function" else ()
    if signature.keyword == "predicate":
        help = (f"to claim that it holds: `assert {item.span.text}`",)
    article = "an" if signature.keyword == "axiom" else "a"
    message = f"`{name}` is {article} {signature.keyword}, and only procedures and lemmas are called by statements"
    b.unit.problems.error("name-not-procedure", message, item.call.function.span, *help, labels=labels)


def _call(b: Statements, call: s.Apply, places: Sequence[Place | None], span: Span, out: list[Statement]) -> None:
    unit = b.unit
    signature = unit.x.signatures[call.function.text]
    label = unit.labels.number("call")
    args = arguments(unit.x, signature, call.arguments, call.span)
    found = [p for p in places if p is not None]
    if not _allowed(b, signature, call) or not _results_fit(b, signature, places, span):
        return
    if args is None or len(found) < len(places) or not _distinct(b, found):
        return
    inout = _inout(b, signature, call, args, found)
    if inout is None or not _ghost_fits(b, signature, args, found):
        return
    _emit(b, ProcedureCall(label, (), signature.name, tuple(args), span), found, inout, out)


def _allowed(b: Statements, signature: Signature, call: s.Apply) -> bool:
    if signature.keyword == "lemma" or b.ghost is None:
        return True
    what = "a lemma" if b.lemma else "ghost code"
    b.in_ghost(f"{what} calls lemmas and functions only, and `{signature.name}` is a procedure", call.function.span)
    return False


def _results_fit(b: Statements, signature: Signature, places: Sequence[Place | None], span: Span) -> bool:
    results, problems = signature.results, b.unit.problems
    label = Label(signature.span, f"returns {', '.join(map(str, results)) or 'nothing'}")
    if len(places) != len(results):
        names = ", ".join(r.name for r in results)
        help = (f"assign {'them' if len(results) > 1 else 'it'}: `{names} := {signature.name}(…)`",) if results else ()
        message = f"`{signature.name}` has {plural(len(results), 'result')}, and {len(places)} would be assigned"
        problems.error("type-count", message, span, *help, labels=(label,))
        return False
    for p, r in zip(places, results, strict=True):
        if p is not None and r.sort is not None and not same(p.sort, r.sort):
            message = f"`{p.span.text}` is {p.sort}, and the result `{r.name}` of `{signature.name}` is {r.sort}"
            problems.error("type-mismatch", message, p.span, labels=(label, *p.label))
            return False
    return True


def _inout(b: Statements, signature: Signature, call: s.Apply, args: list[Term], places: list[Place]) -> list[Var] | None:
    """The variables given to `inout` parameters, each to one only and no target; None, with an error, where that fails."""
    given: dict[str, Var] = {}
    targets = {p.variable.name for p in places}
    for formal, e, arg in zip(signature.parameters, call.arguments, args, strict=True):
        if not formal.inout:
            continue
        if not isinstance(e, s.Ident) or not isinstance(arg, Var):
            _inout_error(b, f"`{formal.name}` is `inout`, so its argument must be a variable", e.span, formal)
            return None
        if assignable(b, s.Name(e.name, e.span)) is None:
            return None
        if arg.sort != formal.sort:
            _inout_error(b, f"`{formal.name}` is `inout` and {formal.sort}, so `{e.name}` cannot be {arg.sort}", e.span, formal)
            return None
        if arg.name in given or arg.name in targets:
            what = "is given to two `inout` parameters" if arg.name in given else "is assigned by the same call"
            _inout_error(b, f"`{e.name}` {what}", e.span, formal)
            return None
        given[arg.name] = arg
    return list(given.values())


def _inout_error(b: Statements, message: str, span: Span, formal: Formal) -> None:
    b.unit.problems.error("flow-inout", message, span, labels=(Label(formal.span, "declared here"),))


def _ghost_fits(b: Statements, signature: Signature, args: list[Term], places: list[Place]) -> bool:
    """Real parameters get real values, and ghost results go to ghost variables."""
    if signature.keyword == "lemma":
        return True
    for formal, arg in zip(signature.parameters, args, strict=True):
        if not formal.ghost and not b.real(arg, f"the parameter `{formal.name}`"):
            return False
        if formal.ghost and formal.inout and isinstance(arg, Var) and arg.name not in b.unit.ghosts:
            message = f"`{formal.name}` is ghost and `inout`, so `{arg.name.split('#')[0]}` cannot be real"
            _inout_error(b, message, arg.span or formal.span, formal)
            return False
    for p, result in zip(places, signature.results, strict=True):
        if result.ghost and not p.entry.ghost:
            label = (Label(result.span, "declared here"),)
            message = f"`{p.entry.name}` is real, and the result `{result.name}` is ghost"
            b.unit.problems.error("flow-ghost", message, p.span, "declare it `ghost var`", labels=label)
            return False
        if not p.entry.ghost and any(reason(i, b.unit.ghosts) for i in p.indices):
            b.real(next(i for i in p.indices if reason(i, b.unit.ghosts)), f"`{p.entry.name}`")
            return False
    return True


def _emit(b: Statements, call: ProcedureCall, places: list[Place], inout: list[Var], out: list[Statement]) -> None:
    """Results for elements of arrays go through variables; indices are evaluated before the call, like arguments."""
    changed = {v.name for v in inout} | {p.variable.name for p in places}
    targets: list[Var] = []
    elements: list[tuple[Element, Var]] = []
    for p in places:
        if not p.indices:
            targets.append(p.variable)
            continue
        held = b.unit.helper(f"{p.entry.name}'new", p.sort, p.entry.ghost)
        indices = tuple([_kept(b, i, changed, p, out) for i in p.indices])
        targets.append(held)
        elements.append((Element(p.variable, indices, p.span), held))
    out.append(ProcedureCall(call.label, tuple(targets), call.name, call.args, call.span))
    if elements:
        out.append(Assign(tuple([e for e, _ in elements]), tuple([v for _, v in elements]), call.span))


def _kept(b: Statements, index: Term, changed: set[str], p: Place, out: list[Statement]) -> Term:
    if not changed & free_variables(index).keys():
        return index
    variable = b.unit.helper(f"{p.entry.name}'at", INT, p.entry.ghost)
    out.append(Assign((variable,), (index,), p.span))
    return variable
