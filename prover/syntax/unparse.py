"""Core terms as text that parses again: the way back from `elaborate`.

Conjunctions of comparisons that share an operand are read as a chain (`0 <= i < n`), nested conjunctions and disjunctions as one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import assert_never

from prover.kernel.sort import INT, Sort
from prover.kernel.term import EQUALITY, OLD, ORDER, App, At, Call, Let, Lit, Op, Quant, Term, Var, structure, walk
from prover.source import Source, Span
from prover.syntax import surface as s
from prover.syntax.format_expr import Expressions
from prover.syntax.layout import render
from prover.syntax.style import ASCII, UNICODE, Style

__all__ = ["ASCII", "UNICODE", "Names", "Style", "display_name", "term_expr", "term_text"]

Names = Callable[[str, Sort], str]

_NOWHERE = Span(Source("", ""), 0, 0)
_SUMS, _PRODUCTS = frozenset({Op.ADD, Op.SUB}), frozenset({Op.MUL, Op.DIV, Op.MOD})
_UP, _DOWN = frozenset({Op.LT, Op.LE, Op.EQ}), frozenset({Op.GT, Op.GE, Op.EQ})


def display_name(name: str) -> str:
    """What the source calls the variable `name`: the text before `#` and `@`."""
    return name.partition("@")[0].partition("#")[0].rstrip("~")


def term_text(term: Term, style: Style = ASCII, names: Names | None = None, width: int | None = None) -> str:
    """`term` in the language of the source, with the fewest parentheses.

    names: what to write for a free variable; without it, what the source called it.  Bound variables get a prime where they
    would be taken for another.   width: columns to fit into where possible, broken over lines; None: one line.
    An array with one element changed, which the source cannot write, is `a[i := v]`."""
    return render(Expressions(style).doc(term_expr(term, names)), width)


def term_expr(term: Term, names: Names | None = None) -> s.Expr:
    """`term` as the tree that its text would parse to; spans point nowhere.  `a[i := v]` is an index of operator `:=`."""
    show = names or (lambda name, sort: display_name(name))
    return _Reader(show, _taken(term, show)).read(term, {})


def _taken(term: Term, show: Names) -> frozenset[str]:
    """Identifiers in what is shown for free variables and constants, which bound variables must keep clear of."""
    nodes = list(walk(term))
    bound = {v.name for node in nodes for v in _binds(node)}
    if not bound:
        return frozenset()
    words: set[str] = set()
    for node in nodes:
        if isinstance(node, Var) and node.name not in bound:
            words |= _identifiers(show(node.name, node.sort))
        elif isinstance(node, Call) and not node.args:
            words |= _identifiers(node.function)
    return frozenset(words)


def _binds(term: Term) -> tuple[Var, ...]:
    match term:
        case Quant():
            return term.variables
        case Let():
            return (term.variable,)
        case _:
            return ()


def _identifiers(text: str) -> set[str]:
    return set("".join([c if c.isalnum() or c in "_'" else " " for c in text]).split())


class _Reader:
    """Reads terms as surface trees.  Environments map bound variables to what they are called."""

    def __init__(self, show: Names, taken: frozenset[str]) -> None:
        self._show = show
        self._taken = taken

    def read(self, term: Term, bound: dict[str, str]) -> s.Expr:
        match term:
            case Lit():
                return _literal(term.value)
            case Var():
                return s.Ident(bound[term.name] if term.name in bound else self._show(term.name, term.sort), _NOWHERE)
            case App():
                return self._app(term, bound)
            case Call():
                if not term.args:
                    return s.Ident(term.function, _NOWHERE)
                return _apply(term.function, [self.read(a, bound) for a in term.args])
            case Quant():
                inner = self._bind(term.variables, bound)
                binders = _binders(term.variables, inner)
                body = self.read(term.body, inner)
                return s.Quantified("forall" if term.universal else "exists", binders, body, _NOWHERE)
            case Let():
                inner = self._bind((term.variable,), bound)
                value = self.read(term.value, bound)
                return s.LetIn(_name(inner[term.variable.name]), value, self.read(term.body, inner), _NOWHERE)
            case At():
                body = self.read(term.body, bound)
                return _apply(OLD, [body]) if term.label == OLD else s.AtLabel(_name(term.label), body, _NOWHERE)
            case _:
                assert_never(term)

    def _bind(self, variables: tuple[Var, ...], bound: dict[str, str]) -> dict[str, str]:
        inner = dict(bound)
        taken = self._taken | set(bound.values())
        for variable in variables:
            name = display_name(variable.name)
            while name in taken:
                name += "'"
            taken |= {name}
            inner[variable.name] = name
        return inner

    def _app(self, term: App, bound: dict[str, str]) -> s.Expr:
        match term.op:
            case Op.AND:
                return self._conjunction(term, bound)
            case Op.OR:
                return s.Nary("or", tuple([self.read(a, bound) for a in _flat(term)]), _NOWHERE)
            case Op.IMPLIES:
                return self._implication(term, bound)
            case Op.ADD | Op.SUB:
                return self._chain(term, _SUMS, bound)
            case Op.MUL | Op.DIV | Op.MOD:
                return self._chain(term, _PRODUCTS, bound)
            case Op.LT | Op.LE | Op.GT | Op.GE | Op.EQ | Op.NE:
                return self._comparisons([term], bound)
            case _:
                return _built(term, [self.read(a, bound) for a in term.args])

    def _implication(self, term: App, bound: dict[str, str]) -> s.Expr:
        lefts: list[s.Expr] = []
        node: Term = term
        while isinstance(node, App) and node.op is Op.IMPLIES:
            lefts.append(self.read(node.args[0], bound))
            node = node.args[1]
        result = self.read(node, bound)
        for left in reversed(lefts):
            result = s.Binary("==>", left, result, _NOWHERE)
        return result

    def _chain(self, term: App, ops: frozenset[Op], bound: dict[str, str]) -> s.Expr:
        """One run of sums or products; what is nested on its left is part of it."""
        rest: list[tuple[str, Term]] = []
        node: Term = term
        while isinstance(node, App) and node.op in ops:
            rest.extend([(node.op.value, a) for a in reversed(node.args[1:])])
            node = node.args[0]
        first = self.read(node, bound)
        return s.Chain(first, tuple([(op, self.read(a, bound)) for op, a in reversed(rest)]), _NOWHERE)

    def _conjunction(self, term: App, bound: dict[str, str]) -> s.Expr:
        operands: list[s.Expr | list[App]] = []
        for part in _flat(term):
            if not isinstance(part, App) or part.op not in ORDER | EQUALITY:
                operands.append(self.read(part, bound))
            elif operands and isinstance(run := operands[-1], list) and _continues(run, part):
                run.append(part)
            else:
                operands.append([part])
        read = [self._comparisons(o, bound) if isinstance(o, list) else o for o in operands]
        return read[0] if len(read) == 1 else s.Nary("and", tuple(read), _NOWHERE)

    def _comparisons(self, run: list[App], bound: dict[str, str]) -> s.Expr:
        rest = tuple([(part.op.value, self.read(part.args[1], bound)) for part in run])
        return s.Comparison(self.read(run[0].args[0], bound), rest, _NOWHERE)


def _flat(term: App) -> list[Term]:
    """The operands of `and` or `or`, those of nested ones included, in their order."""
    found: list[Term] = []
    todo: list[Term] = [term]
    while todo:
        node = todo.pop()
        if isinstance(node, App) and node.op is term.op:
            todo.extend(reversed(node.args))
        else:
            found.append(node)
    return found


def _continues(run: list[App], part: App) -> bool:
    """Does the comparison go on where the chain ends, in its direction?  Literals in the middle would read oddly."""
    middle, left = run[-1].args[1], part.args[0]
    if isinstance(middle, Lit) or middle.size != left.size:
        return False
    ops = {part.op, *[p.op for p in run]}
    return (ops <= _UP or ops <= _DOWN) and structure(middle) == structure(left)


def _literal(value: int | bool) -> s.Expr:
    if isinstance(value, bool):
        return s.Truth(value, _NOWHERE)
    if value < 0:
        return s.Unary("-", s.Number(-value, _NOWHERE), _NOWHERE)
    return s.Number(value, _NOWHERE)


def _name(text: str) -> s.Name:
    return s.Name(text, _NOWHERE)


def _apply(function: str, arguments: Iterable[s.Expr]) -> s.Expr:
    return s.Apply(_name(function), tuple(arguments), _NOWHERE)


def _binders(variables: tuple[Var, ...], names: dict[str, str]) -> tuple[s.Binder, ...]:
    """Types are left out where all are `int`: in `i, b: bool` the type is of both."""
    plain = all([v.sort == INT for v in variables])
    return tuple(
        [s.Binder(_name(names[v.name]), None if plain else s.NamedType(str(v.sort), _NOWHERE), _NOWHERE) for v in variables]
    )


def _built(term: App, args: list[s.Expr]) -> s.Expr:
    """The operators that are written like functions, brackets or words."""
    match term.op:
        case Op.NOT:
            return s.Unary("not", args[0], _NOWHERE)
        case Op.NEG:
            return s.Unary("-", args[0], _NOWHERE)
        case Op.IFF:
            return s.Binary("<==>", args[0], args[1], _NOWHERE)
        case Op.ITE:
            return s.Conditional(args[0], args[1], args[2], _NOWHERE)
        case Op.SELECT:
            return s.Index(args[0], args[1], _NOWHERE)
        case Op.STORE:
            return s.Index(args[0], s.Binary(":=", args[1], args[2], _NOWHERE), _NOWHERE)
        case Op.LITERAL:
            return s.ArrayLiteral(tuple(args), _NOWHERE)
        case Op.WRAP:
            return s.WrapTo(s.NamedType(str(term.sort), _NOWHERE), args[0], _NOWHERE)
        case Op.CONVERT:
            return _apply(str(term.sort), args)
        case _:
            return _apply(term.op.value, args)
