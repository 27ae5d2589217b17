"""`while` and `for`.  A `for` is a `while` with a counter, its range as an implied invariant, and an implied variant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from prover.kernel.depend import statements
from prover.kernel.program import Assign, Block, Clause, Element, Havoc, ProcedureCall, Statement, While
from prover.kernel.sort import INT, Machine, Nat
from prover.kernel.term import App, Call, Lit, Op, Term, Var, app, num
from prover.record import record
from prover.source import Span
from prover.syntax import surface as s
from prover.syntax.elaborate.fitting import fit
from prover.syntax.elaborate.ghost import reason
from prover.syntax.elaborate.scope import Role, Scope

if TYPE_CHECKING:
    from prover.syntax.elaborate.statements import Statements


@record
class Parts:
    """A loop's annotations and body, elaborated."""

    invariants: tuple[Clause, ...]
    variant: tuple[Term, ...] | None
    variant_span: Span | None
    recurrent: tuple[Clause, ...]
    body: Block


def while_loop(b: Statements, item: s.WhileStmt, out: list[Statement]) -> None:
    before = b.ghost
    span = item.head or item.span
    with b.nested(span) as fine:
        if not fine:
            return
        label = _label(b, item.label)
        condition = b.condition(item.condition, "the condition of `while`")
        parts = _parts(b, item.annotations, item.body)
        ghost = b.lemma or b.ghost is not None
    b.ghost = before
    made = While(
        label, condition, parts.invariants, parts.variant, parts.recurrent, parts.body, Block(()), ghost, span, parts.variant_span
    )
    out.append(made)


def _label(b: Statements, given: s.Name | None) -> str:
    unit = b.unit
    label = unit.labels.label(given, unit.labels.number("loop"))
    unit.x.points[label] = unit.x.count
    return label


def _parts(b: Statements, annotations: s.Annotations, body: s.Stmts) -> Parts:
    unit = b.unit
    invariants = unit.clauses(annotations.invariants, "inv", "an invariant")
    variant, variant_span = unit.variant(annotations.variants)
    recurrent = unit.clauses(annotations.recurrent, "recurrent", "what `recurrent` states")
    b.loops.append(b.lemma or b.ghost is not None)
    block = b.block(body)
    b.loops.pop()
    return Parts(invariants, variant, variant_span, recurrent, block)


def for_loop(b: Statements, item: s.ForStmt, out: list[Statement]) -> None:
    unit, x, before = b.unit, b.unit.x, b.ghost
    span = item.head or item.span
    outer = x.scope
    with b.nested(span) as fine:
        if not fine:
            return
        default = unit.labels.number("loop")
        bounds = [fit(x, x.term(e, INT), INT, f"a bound of `{item.variable.text}`") for e in (item.start, item.stop)]
        for bound in bounds:
            if bound is not None and b.ghost is None:
                b.ghost = reason(bound, unit.ghosts)
        ghost = b.lemma or b.ghost is not None
        x.scope = Scope(outer)
        counter = unit.local(item.variable, INT, ghost, Role.COUNTER).term
        label = unit.labels.label(item.label, default)
        x.points[label] = x.count
        parts = _parts(b, item.annotations, item.body)
    x.scope, b.ghost = outer, before
    first, last = bounds
    assert isinstance(counter, Var)
    if first is None or last is None:  # reported; what follows still sees what the loop assigns
        out.append(While(label, None, (), None, (), parts.body, Block(()), ghost, span))
    else:
        out.extend(_desugared(b, item, label, ghost, counter, first, last, parts))


def _desugared(
    b: Statements, item: s.ForStmt, label: str, ghost: bool, counter: Var, first: Term, last: Term, parts: Parts
) -> list[Statement]:
    #   first', last' := first, last;  i := first';
    #   while i <= last' invariant range: … variant last' + 1 - i do S step i := i + 1 end
    span = item.head or item.span
    before: list[Statement] = []
    changed = _changed(b, parts.body)
    first = _once(b, f"{item.variable.text}'first", first, changed, ghost, item.start.span, before)
    last = _once(b, f"{item.variable.text}'last", last, changed, ghost, item.stop.span, before)
    i = Var(counter.name, INT, item.variable.span)
    before.append(Assign((i,), (first,), item.variable.span.to(item.start.span)))
    by = -1 if item.down else 1
    end = plus(last, by)
    variant = parts.variant if parts.variant is not None else (_rounds(i, last, end, item.down),)
    condition = app(Op.GE if item.down else Op.LE, i, last, span=span)
    step = Block((Assign((i,), (plus(i, by),), span),))
    invariants = (_range(i, first, end, item, parts.invariants), *parts.invariants)
    made = While(label, condition, invariants, variant, parts.recurrent, parts.body, step, ghost, span, parts.variant_span)
    return [*before, made]


def _once(
    b: Statements, name: str, bound: Term, changed: dict[str, bool], ghost: bool, span: Span, before: list[Statement]
) -> Term:
    """A bound is evaluated once.  One that cannot fail and does not change in the body may stand for itself."""
    if _is_stable(bound, changed):
        return bound
    held = b.unit.helper(name, INT, ghost)
    before.append(Assign((held,), (bound,), span))
    return held


def _changed(b: Statements, body: Block) -> dict[str, bool]:
    """The variables that a body changes, by core name: True as a whole, False in elements only."""
    found: dict[str, bool] = {}
    for statement in statements(body):
        match statement:
            case Assign():
                for target in statement.targets:
                    if isinstance(target, Element):
                        found.setdefault(target.array.name, False)
                    else:
                        found[target.name] = True
            case Havoc():
                found.update(dict.fromkeys([v.name for v in statement.variables], True))
            case ProcedureCall():
                found.update(dict.fromkeys([v.name for v in statement.targets], True))
                formals = b.unit.x.signatures[statement.name].parameters
                pairs = zip(formals, statement.args, strict=True)
                found.update({a.name: True for f, a in pairs if f.inout and isinstance(a, Var)})
            case _:
                pass
    return found


def _is_stable(term: Term, changed: dict[str, bool]) -> bool:
    match term:
        case Lit():
            return True
        case Var():
            return term.name not in changed
        case App(op=Op.LEN, args=(Var(name=name),)):
            return not changed.get(name, False)
        case App(op=Op.VALUE, args=(Var() as inner,)):
            return inner.name not in changed
        case App(op=(Op.ADD | Op.SUB | Op.MUL | Op.NEG)):
            return all(_is_stable(a, changed) for a in term.args)
        case Call():
            return not term.args and "(" not in term.function
        case _:
            return False


def _rounds(i: Var, last: Term, end: Term, down: bool) -> Term:
    """How many rounds are left: `last + 1 - i`; downwards `i - last + 1`."""
    match last:
        case Lit(value=value) if down:
            return plus(i, 1 - int(value))
        case _:
            return plus(app(Op.SUB, i, last), 1) if down else app(Op.SUB, end, i)


def plus(term: Term, by: int) -> Term:
    """`term + by`, with a number at the end of `term` taken together with it."""
    match term:
        case Lit(value=value):
            return num(int(value) + by)
        case App(op=Op.SUB, args=(left, Lit(value=value))):
            return _offset((left,), by - int(value))
        case App(op=Op.ADD, args=(*left, Lit(value=value))):
            return _offset(left, by + int(value))
        case _:
            return _offset((term,), by)


def _offset(terms: Sequence[Term], by: int) -> Term:
    if by < 0:
        return app(Op.SUB, _offset(terms, 0), num(-by))
    if by > 0:
        return app(Op.ADD, *terms, num(by))
    return terms[0] if len(terms) == 1 else app(Op.ADD, *terms)


def _range(i: Var, first: Term, end: Term, item: s.ForStmt, given: Sequence[Clause]) -> Clause:
    """`first <= i <= max(first, last + 1)`; downwards `min(first, last - 1) <= i <= first`."""
    if item.down:
        formula = app(Op.AND, app(Op.LE, _reached(end, first, app(Op.LE, end, first)), i), app(Op.LE, i, first))
    else:
        formula = app(Op.AND, app(Op.LE, first, i), app(Op.LE, i, _reached(end, first, app(Op.LE, first, end))))
    name = "range"
    while any(c.label == name for c in given):
        name += "'"
    return Clause(name, formula, item.head or item.span, implied=True)


def _reached(end: Term, first: Term, ordered: Term) -> Term:
    """The end of the counting, or its beginning where the bounds lie the other way about and there is no round."""
    match ordered:
        case App(args=(Lit(value=low), Lit(value=high))):
            return end if low <= high else first
        case App(args=(Lit(value=low), high)) if _is_natural(plus(high, -int(low))):
            return end
        case _:
            return app(Op.ITE, ordered, end, first)


def _is_natural(term: Term) -> bool:
    """Is this never negative, as its sorts show?"""
    match term:
        case Lit(value=value):
            return value >= 0
        case App(op=Op.LEN):
            return True
        case App(op=Op.VALUE, args=(Var(sort=Machine(signed=False)),)):
            return True
        case App(op=Op.ADD):
            return all(_is_natural(a) for a in term.args)
        case _:
            return isinstance(term.sort, Nat)
