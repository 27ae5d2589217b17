"""Machine integers as integers: engines count, compare and add as if nothing wrapped around.

`widened` reads a program so, for proposals only, with an integer variable of the same name for each machine integer; `narrowed`
says what was found in the program's own terms, `int(i)` for such a variable.  The kernel proves that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from prover.infer.annotate import rewritten
from prover.kernel.program import Assert, Assign, Assume, Block, Clause, Element, Havoc, If, Procedure, Statement, While
from prover.kernel.sort import INT, Machine
from prover.kernel.term import (
    ARITHMETIC,
    EQUALITY,
    ORDER,
    App,
    Call,
    Let,
    Lit,
    Op,
    Quant,
    Term,
    Var,
    app,
    call,
    children,
    let,
    num,
    rebuild,
)
from prover.record import replace


def machines(procedure: Procedure) -> dict[str, Var]:
    """The variables of a machine sort, by name."""
    every = (*procedure.parameters, *procedure.results, *procedure.locals)
    return {p.variable.name: p.variable for p in every if isinstance(p.variable.sort, Machine)}


def narrowed(term: Term, known: Mapping[str, Var]) -> Term:
    """known: as `machines` has it."""
    match term:
        case Var(name=name) if name in known and term.sort == INT:
            return app(Op.VALUE, known[name])
        case App(op=op, args=args) if op in ORDER or op in EQUALITY:
            return _compared(op, [narrowed(a, known) for a in args], term)
        case _:
            return rebuild(term, tuple([narrowed(c, known) for c in children(term)]))


def _compared(op: Op, sides: Sequence[Term], term: App) -> Term:
    """`i <= n` for `int(i) <= int(n)`, and `i > 0` for `int(i) > 0`, which say the same."""
    sorts = {s.args[0].sort for s in sides if isinstance(s, App) and s.op is Op.VALUE}
    if len(sorts) == 1 and isinstance(sort := next(iter(sorts)), Machine) and all(_fits(s, sort) for s in sides):
        return app(op, *[num(int(s.value), sort) if isinstance(s, Lit) else children(s)[0] for s in sides])
    return rebuild(term, tuple(sides))


def _fits(side: Term, sort: Machine) -> bool:
    match side:
        case App(op=Op.VALUE):
            return True
        case Lit(value=value):
            return sort.low <= int(value) <= sort.high
        case _:
            return False


def widened(term: Term) -> Term:
    match term:
        case Var():
            return widened_variable(term)
        case Lit():
            return num(int(term.value), INT, term.span) if isinstance(term.sort, Machine) else term
        case App():
            return _application(term)
        case Call():
            made = call(term.function, [_as_it_is(a) for a in term.args], term.sort, term.span)
            return app(Op.VALUE, made) if isinstance(term.sort, Machine) else made
        case Quant() if any(isinstance(v.sort, Machine) for v in term.variables):
            return term
        case Let():
            return let(widened_variable(term.variable), widened(term.value), widened(term.body), term.span)
        case _:
            return rebuild(term, tuple(map(widened, children(term))))


def widened_variable(variable: Var) -> Var:
    return Var(variable.name, INT, variable.span) if isinstance(variable.sort, Machine) else variable


def _as_it_is(term: Term) -> Term:
    """What must stay of a machine sort: arguments, elements to be stored."""
    return term if isinstance(term.sort, Machine) else widened(term)


def _application(term: App) -> Term:
    match term.op:
        case Op.VALUE | Op.CONVERT | Op.WRAP:
            return widened(term.args[0])
        case Op.SELECT:
            made = app(Op.SELECT, *map(widened, term.args), span=term.span)
            return app(Op.VALUE, made) if isinstance(term.sort, Machine) else made
        case Op.LITERAL | Op.FILL | Op.STORE:
            return rebuild(term, tuple(map(_as_it_is, term.args)))
        case op if op in ARITHMETIC or op is Op.ITE or any(isinstance(a.sort, Machine) for a in term.args):
            return app(op, *map(widened, term.args), span=term.span)
        case _:
            return rebuild(term, tuple(map(widened, term.args)))


def widened_procedure(procedure: Procedure) -> Procedure:
    if not machines(procedure):
        return procedure
    return replace(
        procedure,
        parameters=tuple([replace(p, variable=widened_variable(p.variable)) for p in procedure.parameters]),
        results=tuple([replace(p, variable=widened_variable(p.variable)) for p in procedure.results]),
        locals=tuple([replace(p, variable=widened_variable(p.variable)) for p in procedure.locals]),
        requires=_clauses(procedure.requires),
        ensures=_clauses(procedure.ensures),
        body=None if procedure.body is None else _block(procedure.body),
    )


def widened_loop(loop: While) -> While:
    return _widened_head(replace(loop, body=_block(loop.body), step=_block(loop.step)))


def _widened_head(loop: While) -> While:
    condition = None if loop.condition is None else widened(loop.condition)
    return replace(loop, condition=condition, invariants=_clauses(loop.invariants))


def _clauses(clauses: Iterable[Clause]) -> tuple[Clause, ...]:
    return tuple([replace(c, formula=widened(c.formula)) for c in clauses])


def _block(block: Block) -> Block:
    return rewritten(block, _statement)


def _statement(statement: Statement) -> Statement:
    match statement:
        case Assign():
            targets = tuple([_target(t) for t in statement.targets])
            values = [widened(v) if isinstance(t, Var) else _as_it_is(v) for t, v in zip(targets, statement.values, strict=True)]
            return replace(statement, targets=targets, values=tuple(values))
        case Havoc():
            return replace(statement, variables=tuple(map(widened_variable, statement.variables)), choose=None)
        case Assert() | Assume():
            return replace(statement, clause=replace(statement.clause, formula=widened(statement.clause.formula)))
        case If(condition=condition) if condition is not None:
            return replace(statement, condition=widened(condition))
        case While():
            return _widened_head(statement)
        case _:
            return statement


def _target(target: Var | Element) -> Var | Element:
    if isinstance(target, Element):
        return replace(target, indices=tuple(map(widened, target.indices)))
    return widened_variable(target)
