"""Terms in the small language in which conditions are stated and proved: integers, truth values and arrays of them.

Machine arithmetic is spelled out, earlier states and `let` are put in, functions that are not recursive are unfolded, ranges of
bound variables are said.  What the prelude's `dfd`, `holds` and `in_sort` say of an expression is said here as a term.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import count

from prover.export.formula import TooLarge
from prover.kernel.program import Function
from prover.kernel.sort import BOOL, INT, Array, Bool, Machine, Nat, Sort
from prover.kernel.term import (
    FALSE,
    TRUE,
    App,
    At,
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
    conj,
    conjuncts,
    disj,
    eq,
    implies,
    neg,
    num,
    quant,
    rebuild,
    walk,
)  # fmt: skip

MOST = 200_000  # steps of making one unit's conditions; those of long programs take some ten thousand

Env = Mapping[str, Term]
_ARITHMETIC = (Op.ADD, Op.SUB, Op.MUL, Op.NEG)
_ZERO = num(0)


def base(sort: Sort) -> Sort:
    return Array(base(sort.element)) if isinstance(sort, Array) else BOOL if isinstance(sort, Bool) else INT


def ground(term: Term) -> bool:
    return not any(isinstance(n, Quant) for n in walk(term))


def length(array: Term) -> Term:
    match array:
        case App(op=Op.STORE, args=(inner, _, _)):
            return length(inner)
        case App(op=Op.FILL, args=(n, _)):
            return n
        case App(op=Op.LITERAL, args=args):
            return num(len(args))
        case _:
            return app(Op.LEN, array)


def element(array: Term, index: Term) -> Term:
    match array, index:
        case App(op=Op.FILL, args=(_, value)), _:
            return value
        case App(op=Op.LITERAL, args=args), Lit(value=int(place)) if 0 <= place < len(args):
            return args[place]
        case _:
            return app(Op.SELECT, array, index)


class Plain:
    """functions: those that stay are recursive; the others are unfolded.

    Conditions can be exponentially larger than the program, as `holds` says the condition of an `if` twice: so the work is
    counted, a unit at a time, and what takes too much is refused."""

    def __init__(self, functions: Mapping[str, Function], recursive: frozenset[str]) -> None:
        self.functions, self.recursive = functions, recursive
        self._serial = count(1)
        self._spent = 0

    def begin(self) -> None:
        """Another unit or search.  `spend` counts its steps, and raises TooLarge."""
        self._spent = 0

    def spend(self, steps: int) -> None:
        self._spent += steps
        if self._spent > MOST:
            raise TooLarge("conditions so large")

    def fresh(self, variable: Var) -> Var:
        return Var(f"{variable.name.split('~')[0]}~{next(self._serial)}", base(variable.sort))

    def of(self, term: Term, env: Env, at: Mapping[str, Env] | None = None) -> Term:
        self.spend(1)
        match term:
            case Lit(value=bool()):
                return term
            case Lit(value=value):
                return num(value)
            case Var():
                return env.get(term.name, term)
            case At():
                return self.of(term.body, {**env, **(at or {})[term.label]}, at)
            case Let():
                return self.of(term.body, *_both(env, at, {term.variable.name: self.of(term.value, env, at)}))
            case Call():
                return self._call(term, [self.of(a, env, at) for a in term.args])
            case Quant():
                renamed = {v.name: self.fresh(v) for v in term.variables}
                body = self.of(term.body, *_both(env, at, renamed))
                for v in reversed(term.variables):
                    body = _under(in_sort(v.sort, renamed[v.name]), body, term.universal)
                return quant(term.universal, tuple(renamed.values()), body)
            case App():
                return self._app(term, [self.of(a, env, at) for a in term.args])

    def _call(self, term: Call, args: list[Term]) -> Term:
        function = self.functions[term.function]
        if term.function in self.recursive or function.body is None:
            return call(term.function, args, base(term.sort))
        return self.of(function.body, dict(zip([p.name for p in function.parameters], args, strict=True)))

    def _app(self, term: App, args: list[Term]) -> Term:
        match term.op:
            case Op.VALUE | Op.CONVERT:
                return args[0]
            case Op.WRAP if isinstance(term.sort, Machine):
                low, size = term.sort.low, term.sort.high - term.sort.low + 1
                return app(Op.ADD, app(Op.MOD, app(Op.SUB, args[0], num(low)), num(size)), num(low))
            case Op.LEN:
                return length(args[0])
            case Op.SELECT:
                return element(args[0], args[1])
            case Op.LITERAL | Op.FILL:
                return app(term.op, *args, sort=base(term.sort))
            case Op.ITE if isinstance(term.sort, Bool):
                return app(Op.AND, implies(args[0], args[1]), implies(neg(args[0]), args[2]))
            case Op.EQ | Op.NE:
                equal = self._equal(args[0], args[1])
                return equal if term.op is Op.EQ else neg(equal)
            case op if op in _ARITHMETIC and isinstance(term.sort, Machine) and not term.sort.signed:
                return app(Op.MOD, app(op, *args), num(term.sort.high + 1))
            case op:
                return app(op, *args)

    def _equal(self, a: Term, b: Term) -> Term:
        match a.sort:
            case Bool():
                return app(Op.IFF, a, b)
            case Array():
                k = self.fresh(Var("k", INT))
                inside = conj([app(Op.LE, _ZERO, k), app(Op.LT, k, length(a))])
                each = quant(True, (k,), implies(inside, self._equal(element(a, k), element(b, k))))
                return app(Op.AND, eq(length(a), length(b)), each)
            case _:
                return eq(a, b)

    def cases(self, left: Term, right: Term) -> Term:
        """`left = right` with the cases of `right` as premises."""
        inside = list(walk(right))
        self.spend(len(inside))
        choice = next((n for n in inside if isinstance(n, App) and n.op is Op.ITE), None)
        if choice is None:
            return app(Op.IFF if isinstance(left.sort, Bool) else Op.EQ, left, right)
        c, a, b = choice.args
        yes, no = _replaced(right, choice, a), _replaced(right, choice, b)
        return conj([implies(c, self.cases(left, yes)), implies(neg(c), self.cases(left, no))])

    # What the prelude says of an expression

    def holds(self, term: Term, truth: bool, env: Env) -> Term:
        """`holds truth e`: the same formula, with negations inside."""
        self.spend(1)
        match term:
            case Lit(value=value):
                return TRUE if value is truth else FALSE
            case App(op=Op.NOT, args=(a,)):
                return self.holds(a, not truth, env)
            case App(op=Op.AND | Op.OR as op, args=args):
                parts = [self.holds(a, truth, env) for a in args]
                return conj(parts) if (op is Op.AND) == truth else disj(parts)
            case App(op=Op.IMPLIES, args=(a, b)):
                parts = [self.holds(a, not truth, env), self.holds(b, truth, env)]
                return disj(parts) if truth else conj([self.holds(a, True, env), self.holds(b, False, env)])
            case App(op=Op.ITE, args=(c, a, b)):
                yes = conj([self.holds(c, True, env), self.holds(a, truth, env)])
                return disj([yes, conj([self.holds(c, False, env), self.holds(b, truth, env)])])
            case App(op=Op.IFF | Op.EQ | Op.NE as op, args=(a, b)) if isinstance(a.sort, Bool):
                same = truth == (op is not Op.NE)
                yes = conj([self.holds(a, True, env), self.holds(b, same, env)])
                return disj([yes, conj([self.holds(a, False, env), self.holds(b, not same, env)])])
            case _:
                plain = self.of(term, env)
                return plain if truth else neg(plain)

    def defined(self, term: Term, env: Env) -> Term:
        """`dfd e`."""
        return conj(self._defined(term, env))

    def _defined(self, term: Term, env: Env) -> list[Term]:
        self.spend(1)
        match term:
            case Lit() | Var():
                return []
            case App(op=Op.AND | Op.OR as op, args=args):
                found = self._defined(args[0], env)
                for index, argument in enumerate(args[1:], 1):
                    before = [self.holds(a, op is Op.AND, env) for a in args[:index]]
                    found += _guarded(conj(before), self._defined(argument, env))
                return found
            case App(op=Op.IMPLIES, args=(a, b)):
                return self._defined(a, env) + _guarded(self.holds(a, True, env), self._defined(b, env))
            case App(op=Op.ITE, args=(c, a, b)):
                yes = _guarded(self.holds(c, True, env), self._defined(a, env))
                return self._defined(c, env) + yes + _guarded(self.holds(c, False, env), self._defined(b, env))
            case App(args=args):
                found = [d for a in args for d in self._defined(a, env)]
                return found + self._operator(term, [self.of(a, env) for a in args], env)
            case Call(function=name, args=args):
                function = self.functions[name]
                found = [d for a in args for d in self._defined(a, env)]
                own = {p.name: self.of(a, env) for p, a in zip(function.parameters, args, strict=True)}
                ranges = [in_sort(p.sort, own[p.name], self) for p in function.parameters]
                return found + [t for t in (*ranges, *[self.of(c.formula, own) for c in function.requires]) if t is not TRUE]
            case _:
                return []

    def _operator(self, term: App, args: list[Term], env: Env) -> list[Term]:
        match term.op, args:
            case ((Op.DIV | Op.MOD), [_, b]):
                return [neg(eq(b, _ZERO)), *_fits(term.sort, self.of(term, env))]
            case (Op.NEG, _):
                return _fits(term.sort, self.of(term, env))
            case ((Op.ADD | Op.SUB | Op.MUL), _) if _checked(term.sort):
                self.spend(len(args) ** 2)
                return [f for n in range(2, len(args) + 1) for f in _fits(term.sort, app(term.op, *args[:n]))]
            case (Op.CONVERT, [a]):
                return list(conjuncts(in_sort(term.sort, a)))
            case ((Op.SELECT | Op.STORE), [a, i, *_]):
                return [app(Op.LE, _ZERO, i), app(Op.LT, i, length(a))]
            case (Op.FILL, [n, _]):
                return [app(Op.LE, _ZERO, n)]
            case _:
                return []


def in_sort(sort: Sort, term: Term, plain: Plain | None = None) -> Term:
    """What the prelude's `in_sort` reduces to."""
    match sort:
        case Nat():
            return app(Op.LE, _ZERO, term)
        case Machine(low=low, high=high):
            return conj([app(Op.LE, num(low), term), app(Op.LE, term, num(high))])
        case Array(element=inner):
            some = app(Op.LE, _ZERO, length(term))
            if not isinstance(inner, Nat | Machine | Array):
                return some
            k = plain.fresh(Var("k", INT)) if plain else Var("k~", INT)
            inside = conj([app(Op.LE, _ZERO, k), app(Op.LT, k, length(term))])
            return app(Op.AND, some, quant(True, (k,), implies(inside, in_sort(inner, element(term, k), plain))))
        case _:
            return TRUE


def _both(env: Env, at: Mapping[str, Env] | None, more: Env) -> tuple[Env, Mapping[str, Env]]:
    return {**env, **more}, {label: {**old, **more} for label, old in (at or {}).items()}


def _under(ranged: Term, body: Term, universal: bool) -> Term:
    return body if ranged is TRUE else implies(ranged, body) if universal else app(Op.AND, ranged, body)


def _guarded(guard: Term, found: Iterable[Term]) -> list[Term]:
    return [implies(guard, t) for t in found]


def _fits(sort: Sort, value: Term) -> list[Term]:
    return list(conjuncts(in_sort(sort, value))) if _checked(sort) else []


def _checked(sort: Sort) -> bool:
    """Whether arithmetic of this sort must not overflow."""
    return isinstance(sort, Machine) and sort.signed


def lexdec(old: Sequence[Term], new: Sequence[Term]) -> Term:
    """`lexdec old new`: the variant falls."""
    (o, *os), (n, *ns) = old, new
    falls = conj([app(Op.LE, _ZERO, o), app(Op.LT, n, o)])
    return falls if not os else disj([falls, conj([app(Op.LE, n, o), lexdec(os, ns)])])


def _replaced(term: Term, old: Term, new: Term) -> Term:
    return new if term is old else rebuild(term, tuple([_replaced(c, old, new) for c in children(term)]))
