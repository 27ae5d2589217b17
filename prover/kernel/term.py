"""Typed terms: expressions, assertions and everything the solver is asked.

Terms are trees compared by identity (`structure` gives a key for comparing them by what they say).  They are built by the
functions below, which check sorts: an ill-sorted term raises `IllSorted`, a bug of ours, never a user's.  Each node knows the
size of its tree, so that passes can refuse or name what grows too large.

Names of variables are unique within a unit.  `x#2` is a second variable that the source calls `x` (shadowing), `x@7` a later
value of `x` in a verification condition; neither character can occur in a source name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import assert_never

from prover.kernel.sort import BOOL, INT, Array, Bool, Machine, Nat, Sort, is_integer, is_numeric, same
from prover.record import record
from prover.source import Span


class IllSorted(AssertionError):
    """A term was built from parts that do not fit: a bug in the prover."""


class Op(Enum):
    """Built-in operators.  The value is the ASCII form; arguments and result are given beside each.

    On machine sorts: unsigned `ADD SUB MUL NEG` wrap around; signed ones, and `DIV` of MIN by -1, have a no-overflow obligation;
    `DIV` and `MOD` are Euclidean (0 <= mod < |divisor|) on every sort, a zero divisor is an obligation.
    """

    ADD = "+"  # two or more of one numeric sort -> that sort (nat counts as int); left-associative
    SUB = "-"  # two -> the same
    MUL = "*"  # two or more -> the same
    NEG = "neg"  # one -> the same
    DIV = "/"  # two -> the same
    MOD = "%"  # two -> the same
    LT = "<"  # two of one numeric sort -> bool
    LE = "<="
    GT = ">"
    GE = ">="
    EQ = "="  # two of one sort -> bool; on arrays equal length and equal elements in range
    NE = "!="
    NOT = "not"
    AND = "and"  # two or more, guarding from left to right
    OR = "or"
    IMPLIES = "==>"  # two
    IFF = "<==>"  # two
    ITE = "if"  # bool, then two of one sort
    SELECT = "[]"  # array, int -> element; index range is an obligation
    STORE = "[:=]"  # array, int, element -> array (made by assignments; not writable in source)
    LEN = "len"  # array -> int
    LITERAL = "[...]"  # elements -> array; the node's sort says which
    FILL = "array"  # int length, element -> array; length >= 0 is an obligation
    PERM = "perm"  # two arrays of one scalar element sort -> bool
    VALUE = "int"  # machine integer (or int) -> int: its value
    CONVERT = "convert"  # numeric -> the node's machine sort; range is an obligation
    WRAP = "wrap"  # numeric -> the node's machine sort, modulo 2^width


@record
class Lit:
    """An integer (of an int or machine sort) or a truth value."""

    value: int | bool
    sort: Sort
    span: Span | None = None
    size: int = 1


@record
class Var:
    name: str
    sort: Sort
    span: Span | None = None
    size: int = 1


@record
class App:
    op: Op
    args: tuple[Term, ...]
    sort: Sort
    span: Span | None = None
    size: int = 1


@record
class Call:
    """A declared function, predicate or constant applied; `terminates(p)` is the call of an undeclared `terminates(p)`."""

    function: str
    args: tuple[Term, ...]
    sort: Sort
    span: Span | None = None
    size: int = 1


@record
class Quant:
    """`forall` (or `exists`) over integers, booleans and machine integers; a nat variable ranges over the naturals."""

    universal: bool
    variables: tuple[Var, ...]
    body: Term
    span: Span | None = None
    size: int = 1

    @property
    def sort(self) -> Sort:
        return BOOL


@record
class Let:
    """`let x = value in body`; strict: value is defined before body is looked at."""

    variable: Var
    value: Term
    body: Term
    span: Span | None = None
    size: int = 1

    @property
    def sort(self) -> Sort:
        return self.body.sort


@record
class At:
    """`body` in an earlier state: at the last entry of the labelled loop, at a labelled point, or (`OLD`) at entry.

    Only in specifications; verification conditions hold none (`vc` replaces them by the values of that state).
    """

    label: str
    body: Term
    span: Span | None = None
    size: int = 1

    @property
    def sort(self) -> Sort:
        return self.body.sort


Term = Lit | Var | App | Call | Quant | Let | At

OLD = "old"
TRUE, FALSE = Lit(True, BOOL), Lit(False, BOOL)

ARITHMETIC = frozenset({Op.ADD, Op.SUB, Op.MUL, Op.NEG, Op.DIV, Op.MOD})
ORDER = frozenset({Op.LT, Op.LE, Op.GT, Op.GE})
EQUALITY = frozenset({Op.EQ, Op.NE})
CONNECTIVES = frozenset({Op.NOT, Op.AND, Op.OR, Op.IMPLIES, Op.IFF})
_NARY = frozenset({Op.ADD, Op.MUL, Op.AND, Op.OR})
_FIXED = {Op.NEG: 1, Op.NOT: 1, Op.LEN: 1, Op.VALUE: 1, Op.CONVERT: 1, Op.WRAP: 1, Op.ITE: 3, Op.STORE: 3}


def num(value: int, sort: Sort = INT, span: Span | None = None) -> Lit:
    if not is_numeric(sort):
        raise IllSorted(f"{value} is no {sort}")
    return Lit(value, INT if is_integer(sort) else sort, span)


def var(name: str, sort: Sort, span: Span | None = None) -> Var:
    return Var(name, sort, span)


def app(op: Op, *args: Term, sort: Sort | None = None, span: Span | None = None) -> App:
    """Apply a built-in operator.  `sort` is needed for LITERAL, FILL (optional), CONVERT and WRAP only.

    Raises IllSorted."""
    _check_arity(op, len(args))
    return App(op, args, _sort_of(op, args, sort), span, 1 + sum([a.size for a in args]))


def _check_arity(op: Op, count: int) -> None:
    if op in _NARY:
        fits = count >= 2
    elif op is Op.LITERAL:
        fits = True
    else:
        fits = count == _FIXED.get(op, 2)
    if not fits:
        raise IllSorted(f"{op} of {count} arguments")


def _sort_of(op: Op, args: tuple[Term, ...], sort: Sort | None) -> Sort:
    sorts = [a.sort for a in args]
    if op in ARITHMETIC:
        _need(all(is_numeric(s) and same(s, sorts[0]) for s in sorts), op, sorts)
        return sorts[0] if isinstance(sorts[0], Machine) else INT
    if op in ORDER:
        _need(is_numeric(sorts[0]) and same(*sorts), op, sorts)
        return BOOL
    if op in EQUALITY:
        _need(same(*sorts), op, sorts)
        return BOOL
    if op in CONNECTIVES:
        _need(all(isinstance(s, Bool) for s in sorts), op, sorts)
        return BOOL
    return _sort_of_other(op, sorts, sort)


def _sort_of_other(op: Op, sorts: list[Sort], sort: Sort | None) -> Sort:
    match op, sorts:
        case Op.ITE, [Bool(), left, right] if same(left, right):
            return left if left == right else INT
        case Op.SELECT, [Array(element), index] if is_integer(index):
            return element
        case Op.STORE, [Array(element) as array, index, value] if is_integer(index) and same(element, value):
            return array
        case Op.LEN, [Array()]:
            return INT
        case Op.LITERAL, _ if isinstance(sort, Array) and all(same(s, sort.element) for s in sorts):
            return sort
        case Op.FILL, [length, element] if is_integer(length):
            result = sort or Array(element)
            _need(isinstance(result, Array) and same(result.element, element), op, sorts)
            return result
        case Op.PERM, [Array(left), Array(right)] if left == right and not isinstance(left, Array):
            return BOOL
        case Op.VALUE, [value] if is_numeric(value):
            return INT
        case ((Op.CONVERT | Op.WRAP), [value]) if is_numeric(value) and isinstance(sort, Machine):
            return sort
    raise IllSorted(f"{op} of {', '.join(map(str, sorts))}")


def _need(fits: bool, op: Op, sorts: list[Sort]) -> None:
    if not fits:
        raise IllSorted(f"{op} of {', '.join(map(str, sorts))}")


def call(function: str, args: Iterable[Term], sort: Sort, span: Span | None = None) -> Call:
    items = tuple(args)
    return Call(function, items, sort, span, 1 + sum([a.size for a in items]))


def quant(universal: bool, variables: tuple[Var, ...], body: Term, span: Span | None = None) -> Quant:
    if not isinstance(body.sort, Bool) or any(isinstance(v.sort, Array) for v in variables):
        raise IllSorted("quantifier")
    return Quant(universal, variables, body, span, 1 + body.size)


def let(variable: Var, value: Term, body: Term, span: Span | None = None) -> Let:
    if not same(variable.sort, value.sort):
        raise IllSorted("let")
    return Let(variable, value, body, span, 1 + value.size + body.size)


def at(label: str, body: Term, span: Span | None = None) -> At:
    return At(label, body, span, 1 + body.size)


def conj(terms: Iterable[Term]) -> Term:
    """The conjunction, flattened; TRUE when there is nothing to say."""
    parts: list[Term] = []
    for term in terms:
        match term:
            case App(op=Op.AND):
                parts.extend(term.args)
            case Lit(value=True):
                pass
            case _:
                parts.append(term)
    return parts[0] if len(parts) == 1 else app(Op.AND, *parts) if parts else TRUE


def conjuncts(term: Term) -> Iterator[Term]:
    """The parts of a conjunction, also of a nested one."""
    stack = [term]
    while stack:
        part = stack.pop()
        if isinstance(part, App) and part.op is Op.AND:
            stack.extend(reversed(part.args))
        else:
            yield part


def disj(terms: Iterable[Term]) -> Term:
    parts = [t for t in terms if not (isinstance(t, Lit) and t.value is False)]
    return parts[0] if len(parts) == 1 else app(Op.OR, *parts) if parts else FALSE


def neg(term: Term) -> Term:
    match term:
        case Lit(value=bool(value)):
            return FALSE if value else TRUE
        case App(op=Op.NOT, args=(inner,)):
            return inner
        case _:
            return app(Op.NOT, term)


def implies(hypothesis: Term, conclusion: Term) -> Term:
    return conclusion if isinstance(hypothesis, Lit) and hypothesis.value is True else app(Op.IMPLIES, hypothesis, conclusion)


def eq(left: Term, right: Term) -> Term:
    return app(Op.EQ, left, right)


def children(term: Term) -> tuple[Term, ...]:
    match term:
        case Lit() | Var():
            return ()
        case App() | Call():
            return term.args
        case Quant() | At():
            return (term.body,)
        case Let():
            return (term.value, term.body)
        case _:
            assert_never(term)


def walk(term: Term) -> Iterator[Term]:
    """Every node, parents first; iterative."""
    stack = [term]
    while stack:
        node = stack.pop()
        yield node
        match node:
            case App() | Call():
                stack.extend(node.args[::-1])
            case Lit() | Var():
                pass
            case _:
                stack.extend(reversed(children(node)))


def free_variables(term: Term) -> dict[str, Var]:
    """Free variables by name, in order of first occurrence."""
    match term:
        case Lit():
            return {}
        case Var():
            return {term.name: term}
        case Quant():
            bound = {v.name for v in term.variables}
            return {n: v for n, v in free_variables(term.body).items() if n not in bound}
        case Let():
            inner = {n: v for n, v in free_variables(term.body).items() if n != term.variable.name}
            return {**free_variables(term.value), **inner}
        case _:
            found: dict[str, Var] = {}
            for child in children(term):
                found.update(free_variables(child))
            return found


def rebuild(term: Term, parts: tuple[Term, ...]) -> Term:
    """`term` with its children replaced, binders as they are; `term` itself if nothing changed."""
    if all(a is b for a, b in zip(children(term), parts, strict=True)):
        return term
    match term:
        case App():
            return App(term.op, parts, term.sort, term.span, 1 + sum([p.size for p in parts]))
        case Call():
            return call(term.function, parts, term.sort, term.span)
        case Quant():
            return quant(term.universal, term.variables, parts[0], term.span)
        case Let():
            return let(term.variable, parts[0], parts[1], term.span)
        case At():
            return at(term.label, parts[0], term.span)
        case Lit() | Var():
            return term
        case _:
            assert_never(term)


def substitute(term: Term, mapping: Mapping[str, Term], points: Mapping[str, Mapping[str, Term]] | None = None) -> Term:
    """Replace free variables simultaneously, without capture (bound names that occur in the replacements are renamed).

    points: what replaces the variables inside `at(label, …)`, by label; with it, no `At` is left in the result.
    Raises KeyError for a label that `points` lacks."""
    if not mapping and points is None:
        return term
    return _Substitution(mapping, points, _names_brought_in(term, mapping, points)).apply(term, mapping, {})


def _names_brought_in(term: Term, mapping: Mapping[str, Term], points: Mapping[str, Mapping[str, Term]] | None) -> set[str]:
    """Names free in replacements that `term` can bring in; empty where `term` binds nothing and so cannot capture."""
    names: set[str] = set()
    binds = False
    for node in walk(term):
        if isinstance(node, Var):
            names.add(node.name)
        elif isinstance(node, Quant | Let):
            binds = True
    if not binds:
        return set()
    replacements = [env[n] for env in (mapping, *(points or {}).values()) for n in names if n in env]
    return {n for t in replacements for n in free_variables(t)}


@record
class _Substitution:
    mapping: Mapping[str, Term]
    points: Mapping[str, Mapping[str, Term]] | None
    avoid: set[str]

    def apply(self, term: Term, mapping: Mapping[str, Term], bound: Mapping[str, Var]) -> Term:
        """bound: what the variables bound around `term` are called in the result."""
        match term:
            case Lit():
                return term
            case Var():
                return bound.get(term.name) or mapping.get(term.name, term)
            case Quant():
                variables, inner = self._bind(term.variables, term.body, bound)
                return _with_binder(term, variables, self.apply(term.body, mapping, inner))
            case Let():
                value = self.apply(term.value, mapping, bound)
                (variable,), inner = self._bind((term.variable,), term.body, bound)
                return let(variable, value, self.apply(term.body, mapping, inner), term.span)
            case At() if self.points is not None:
                return self.apply(term.body, self.points[term.label], bound)
            case _:
                return rebuild(term, tuple([self.apply(c, mapping, bound) for c in children(term)]))

    def _bind(
        self, variables: tuple[Var, ...], body: Term, bound: Mapping[str, Var]
    ) -> tuple[tuple[Var, ...], Mapping[str, Var]]:
        renamed = tuple([self._fresh(v, body) for v in variables])
        return renamed, {**bound, **{v.name: r for v, r in zip(variables, renamed, strict=True)}}

    def _fresh(self, variable: Var, body: Term) -> Var:
        if variable.name not in self.avoid:
            return variable
        taken = self.avoid | {n.name for n in walk(body) if isinstance(n, Var)}
        name = variable.name
        while name in taken:
            name += "~"
        self.avoid.add(name)
        return Var(name, variable.sort, variable.span)


def _with_binder(term: Quant, variables: tuple[Var, ...], body: Term) -> Term:
    if body is term.body and all(a is b for a, b in zip(variables, term.variables, strict=True)):
        return term
    return quant(term.universal, variables, body, term.span)


def structure(term: Term) -> tuple[object, ...]:
    """A key that is equal exactly for terms that say the same, bound names included."""
    match term:
        case Lit():
            return ("lit", term.value, str(term.sort))
        case Var():
            return ("var", term.name)
        case App():
            return (term.op, str(term.sort), *[structure(a) for a in term.args])
        case Call():
            return ("call", term.function, *[structure(a) for a in term.args])
        case Quant():
            return ("quant", term.universal, *[(v.name, str(v.sort)) for v in term.variables], structure(term.body))
        case Let():
            return ("let", term.variable.name, structure(term.value), structure(term.body))
        case At():
            return ("at", term.label, structure(term.body))
        case _:
            assert_never(term)


def range_of(term: Term) -> Term:
    """What the sort of a scalar term says of its value; TRUE for sorts without a range."""
    match term.sort:
        case Nat():
            return app(Op.GE, term, num(0))
        case Machine() as sort:
            value = app(Op.VALUE, term)
            return app(Op.AND, app(Op.LE, num(sort.low), value), app(Op.LE, value, num(sort.high)))
        case _:
            return TRUE
