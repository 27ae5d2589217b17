"""Evaluation of terms: the reference meaning of expressions and assertions.

Three-valued: a term has a value, or an operation in it fails (`Failure`), or the interpreter cannot tell (`Unknown`).  `and`,
`or`, `==>` and `if` guard from left to right; where a part is unknown, a later part decides only if the unknown one certainly
has a value.  Quantifiers over finite ranges are enumerated (`ranges`); of others a window is searched, which can refute a
`forall` and confirm an `exists` and nothing else.

Recursive functions are evaluated with a memo.  A call that is reached too deep in Python's stack is put off (`_Needs`): it is
evaluated first, from the bottom, and then what needed it again.  So `fact(20000)` is no deeper than `fact(20)`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from prover.kernel.program import Clause, Function, Program
from prover.kernel.sort import Nat
from prover.kernel.term import App, At, Call, Let, Lit, Op, Quant, Term, Var, children, walk
from prover.record import replace
from prover.semantics.operators import OPERATORS, Failed, Stuck, is_partial, store_range, stuck
from prover.semantics.ranges import Bounded, BoundedEither, Guards, Instances, bounded, guards
from prover.semantics.values import Failure, FailureKind, Result, Unknown, Value, display_name, show, weight
from prover.source import Span

# Function calls and instances of quantifiers: for one term, and for one evaluator's life.
FUEL = 300_000
TOTAL_FUEL = 2_000_000
LARGE = 32  # nodes of a body that are evaluated for one step
ELEMENTS = 100  # of an array that are gone through for one step
_COUNTING = 10  # times as long: to count how often each element is there
_BITS = 1_000  # of numbers that are multiplied or divided for one step
_LONGER = 1 << _BITS

_MOST_REMEMBERED = 300_000

_WHOLE = {op.value: OPERATORS[op] for op in (Op.EQ, Op.NE, Op.STORE, Op.LITERAL, Op.FILL, Op.PERM)}
_LONG = {op.value: OPERATORS[op] for op in (Op.MUL, Op.DIV, Op.MOD)}
_EAGER = {op.value: f for op, f in OPERATORS.items() if op.value not in _WHOLE and op.value not in _LONG}

_Key = tuple[str, tuple[Value, ...]]


class _Needs(Exception):
    """The value of a call must be found first."""

    def __init__(self, key: _Key) -> None:
        self.key = key


class _Exhausted(Exception):
    """The step budget is used up: ends the whole evaluation, whatever surrounds it."""


@dataclass(slots=True)
class Scope:
    """What names mean.  points: the values at each labelled place and at entry (`OLD`).  bound: names that mean the same
    there."""

    values: Mapping[str, Value]
    points: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    bound: tuple[str, ...] = ()

    def with_bound(self, added: Mapping[str, Value]) -> Scope:
        return Scope({**self.values, **added}, self.points, (*self.bound, *added))


class Evaluator:
    """Evaluates terms of one program; remembers values of its functions.

    functions: chosen values of uninterpreted functions at arguments.  fuel, total: as `FUEL` and `TOTAL_FUEL`.
    read_termination: has a `terminates(p)` been looked at?
    """

    def __init__(
        self, program: Program, functions: Mapping[_Key, Value] | None = None, *, fuel: int = FUEL, total: int = TOTAL_FUEL
    ) -> None:
        self.program = program
        self.read_termination = False
        self._functions = functions or {}
        self._fuel_each, self._fuel, self._left = fuel, fuel, total
        self._memo: dict[_Key, Result] = {}
        self._heights: dict[str, int] = {}
        self._costs: dict[int, int] = {}
        self._total: dict[int, tuple[Term, bool]] = {}
        self._guards: dict[int, Guards] = {}
        self._kept: list[Term] = []  # keeps what is remembered by identity alive
        self._frames = 0
        self._most_frames = sys.getrecursionlimit() * 2 // 5
        self._kinds: dict[type, Callable[..., Value]] = {
            Lit: self._literal,
            Var: self._variable,
            App: self._application,
            Call: self._call,
            Quant: self._quantifier,
            Let: self._let,
            At: self._at,
        }
        self._guarding: dict[str, Callable[[App, Scope], Value]] = {
            Op.AND.value: self._and,
            Op.OR.value: self._or,
            Op.IMPLIES.value: self._implies,
            Op.ITE.value: self._if,
            **dict.fromkeys(_WHOLE, self._whole),
            **dict.fromkeys(_LONG, self._long),
        }

    def value(self, term: Term, scope: Scope) -> Result:
        """The term's value in `scope`, or the failure that it meets, or why it cannot be told."""
        try:
            return self.compute(term, scope)
        except Failed as failed:
            return failed.failure
        except Stuck as stop:
            return stop.unknown

    def compute(self, term: Term, scope: Scope) -> Value:
        """As `value`, but raises Failed and Stuck."""
        self._left -= self._fuel_each - self._fuel
        self._fuel = self._fuel_each if self._fuel_each < self._left else self._left
        if len(self._memo) > _MOST_REMEMBERED:
            self._memo.clear()
        try:
            while True:
                self._frames = 0
                try:
                    return self._kinds[type(term)](term, scope)
                except _Needs as need:
                    self._settle(need.key)
        except _Exhausted:
            raise stuck("it takes too many steps to evaluate") from None
        except RecursionError:
            raise stuck("it is nested too deeply to evaluate") from None

    def _settle(self, key: _Key) -> None:
        """Put the call's result, and that of every call it needs, into the memo."""
        stack, open_keys = [key], {key}
        while stack:
            self._frames = 0
            try:
                self._body(stack[-1])
            except _Needs as need:
                if need.key in open_keys:
                    self._memo[need.key] = Unknown(f"`{need.key[0]}` calls itself with the same arguments")
                    continue
                stack.append(need.key)
                open_keys.add(need.key)
                continue
            open_keys.discard(stack.pop())

    def _spend(self, steps: int = 1) -> None:
        self._fuel -= steps
        if self._fuel < 0:
            raise _Exhausted

    def _steps(self, body: Term) -> int:
        """What it costs to evaluate `body` once more: large ones count more than once."""
        known = self._costs.get(id(body))
        if known is None:
            self._kept.append(body)
            known = self._costs[id(body)] = 1 + sum(1 for _ in walk(body)) // LARGE
        return known

    # One method for each kind of node

    def _literal(self, term: Lit, scope: Scope) -> Value:
        return term.value

    def _variable(self, term: Var, scope: Scope) -> Value:
        try:
            return scope.values[term.name]
        except KeyError:
            raise stuck(f"`{display_name(term.name)}` has no value there") from None

    def _application(self, term: App, scope: Scope) -> Value:
        name: str = term.op._value_  # hashing an Enum member is a Python call; this is the inner loop
        eager = _EAGER.get(name)
        if eager is None:
            return self._guarding[name](term, scope)
        kinds = self._kinds
        return eager(term, [kinds[type(a)](a, scope) for a in term.args])

    def _whole(self, term: App, scope: Scope) -> Value:
        """What goes through arrays, element by element."""
        values = [self._kinds[type(a)](a, scope) for a in term.args]
        for value in values:
            if type(value) is tuple:
                self._spend(weight(value) // ELEMENTS * (_COUNTING if term.op is Op.PERM else 1))
        made = _WHOLE[term.op._value_](term, values)
        if type(made) is tuple:
            self._spend(len(made) // ELEMENTS)
        return made

    def _long(self, term: App, scope: Scope) -> Value:
        """What takes longer the longer its numbers are."""
        values = [self._kinds[type(a)](a, scope) for a in term.args]
        for value in values:
            if isinstance(value, int) and not -_LONGER < value < _LONGER:
                self._spend(value.bit_length() // _BITS)
        return _LONG[term.op._value_](term, values)

    def _and(self, term: App, scope: Scope) -> Value:
        return self._connect(term.args, scope, False)

    def _or(self, term: App, scope: Scope) -> Value:
        return self._connect(term.args, scope, True)

    def _connect(self, parts: tuple[Term, ...], scope: Scope, decisive: bool) -> Value:
        unknown: Stuck | None = None
        for part in parts:
            try:
                if self._kinds[type(part)](part, scope) is decisive:
                    return decisive
            except Stuck as stop:
                unknown = unknown or stop
                if not self.is_total(part):
                    raise
            except Failed:
                if unknown is None:
                    raise
                raise unknown from None
        if unknown is not None:
            raise unknown
        return not decisive

    def _implies(self, term: App, scope: Scope) -> Value:
        left, right = term.args
        try:
            if not self._kinds[type(left)](left, scope):
                return True
        except Stuck:
            if not self.is_total(left):
                raise
            if self._known(right, scope) is True:
                return True
            raise
        return self._kinds[type(right)](right, scope)

    def _known(self, term: Term, scope: Scope) -> Value | None:
        """The value, None where there is none or it cannot be told."""
        try:
            return self._kinds[type(term)](term, scope)
        except (Failed, Stuck):
            return None

    def _if(self, term: App, scope: Scope) -> Value:
        condition, then, orelse = term.args
        chosen = then if self._kinds[type(condition)](condition, scope) else orelse
        return self._kinds[type(chosen)](chosen, scope)

    def _let(self, term: Let, scope: Scope) -> Value:
        value = self._kinds[type(term.value)](term.value, scope)
        store_range(value, term.variable.sort, term.value.span or term.span)
        return self._kinds[type(term.body)](term.body, scope.with_bound({term.variable.name: value}))

    def _at(self, term: At, scope: Scope) -> Value:
        earlier = scope.points.get(term.label)
        if earlier is None:
            raise stuck(f"`{term.label}` has not been reached")
        values = {**earlier, **{n: scope.values[n] for n in scope.bound}}
        return self._kinds[type(term.body)](term.body, Scope(values, scope.points, scope.bound))

    # Functions

    def _call(self, term: Call, scope: Scope) -> Value:
        kinds = self._kinds
        args = tuple([kinds[type(a)](a, scope) for a in term.args])
        function = self.program.units.get(term.function)
        key = (term.function, args)
        if not isinstance(function, Function):
            self.read_termination = True
            if key not in self._functions:
                raise stuck(f"`{term.function}` is not for a run to know")
            return self._functions[key]
        for argument, value, parameter in zip(term.args, args, function.parameters, strict=True):
            store_range(value, parameter.sort, argument.span or term.span)
        for value in args:
            if type(value) is tuple:  # it is hashed
                self._spend(weight(value) // ELEMENTS)
        if key not in self._memo:
            if self._frames > self._most_frames:
                raise _Needs(key)
            self._body(key)
        return _result_of(self._memo[key], term.span)

    def _body(self, key: _Key) -> None:
        """Find the result of a call and remember it."""
        function = self.program.units[key[0]]
        assert isinstance(function, Function)
        self._spend(1 if function.body is None else self._steps(function.body))
        height = self._height(function)
        self._frames += height
        try:
            self._memo[key] = self._applied(function, key)
        finally:
            self._frames -= height

    def _applied(self, function: Function, key: _Key) -> Result:
        scope = Scope({p.name: v for p, v in zip(function.parameters, key[1], strict=True)})
        try:
            for clause in function.requires:
                if not self._kinds[type(clause.formula)](clause.formula, scope):
                    return _refused(function, clause, key[1])
            if function.body is None:
                value = self._chosen(key)
            else:
                value = self._kinds[type(function.body)](function.body, scope)
            if isinstance(function.result, Nat):
                store_range(value, function.result, function.body.span if function.body else function.name_span)
            return value
        except Failed as failed:
            return failed.failure if failed.failure.unit else replace(failed.failure, unit=function.name)
        except Stuck as stop:
            return stop.unknown

    def _chosen(self, key: _Key) -> Value:
        try:
            return self._functions[key]
        except KeyError:
            raise stuck(f"`{key[0]}` has no definition") from None

    def _height(self, function: Function) -> int:
        """The Python frames that a call of `function` may need, calls in it apart."""
        if function.name not in self._heights:
            found = [c.formula for c in function.requires]
            found += [function.body] if function.body else []
            self._heights[function.name] = 5 + max([3 * _levels(t) for t in found], default=0)
        return self._heights[function.name]

    # Quantifiers

    def _quantifier(self, term: Quant, scope: Scope) -> Value:
        instances = Instances(*self._range(term, scope))
        total, steps = self.is_total(term.body), self._steps(term.body)
        decided = False
        unknown: Stuck | None = None
        for instance in instances:
            self._spend(steps)
            try:
                value = self._kinds[type(term.body)](term.body, scope.with_bound(instance))
            except Stuck as stop:
                unknown = unknown or stop
                continue
            decided = decided or value is not term.universal
            if decided and total:
                return not term.universal
        # A partial body is looked at everywhere, because the quantifier has a value only if the body has one everywhere.
        if unknown is not None:
            raise unknown
        if not instances.complete:
            raise stuck("a quantifier ranges over too many values")
        return term.universal is not decided

    def _range(self, term: Quant, scope: Scope) -> tuple[Guards, list[Bounded | BoundedEither]]:
        found = self._guards.get(id(term))
        if found is None:
            found = self._guards[id(term)] = guards(term, self.is_total)
            self._kept.append(term)
        return found, bounded(found.found, lambda t: self._number(t, scope))[0]

    def _number(self, term: Term, scope: Scope) -> int | None:
        known = self._known(term, scope)
        return known if isinstance(known, int) else None

    def is_total(self, term: Term) -> bool:
        """Does the term certainly have a value, whatever its variables are?  (Not every such term is recognised.)"""
        known = self._total.get(id(term))
        if known is None:
            known = self._total[id(term)] = (term, all([self._node_total(n) for n in walk(term)]))
        return known[1]

    def _node_total(self, term: Term) -> bool:
        if isinstance(term, Let):
            return not isinstance(term.variable.sort, Nat)
        if not isinstance(term, Call):
            return not is_partial(term)
        function = self.program.units.get(term.function)
        if not isinstance(function, Function):
            return True
        partial = function.requires or any([isinstance(p.sort, Nat) for p in function.parameters])
        return not partial and (function.body is None or (function.variant is None and self._body_total(function)))

    def _body_total(self, function: Function) -> bool:
        """Of a function without a variant; calls in it are looked into, unless they are of itself (or, mutually, of many)."""
        assert function.body is not None
        if isinstance(function.result, Nat):
            return False
        self._total.setdefault(id(function.body), (function.body, False))  # what a recursion finds
        known = all([self._node_total(n) for n in walk(function.body)])
        self._total[id(function.body)] = (function.body, known)
        return known


def _refused(function: Function, clause: Clause, args: tuple[Value, ...]) -> Failure:
    shown = ", ".join([f"{display_name(p.name)} = {show(v)}" for p, v in zip(function.parameters, args, strict=True)])
    what = f"`{function.name}` requires {clause.span.text}" + (f", but {shown}" if shown else "")
    return Failure(FailureKind.REQUIRES, None, what)


def _result_of(result: Result, place: Span | None) -> Value:
    match result:
        case Failure(unit=None):
            raise Failed(replace(result, span=place))
        case Failure():
            raise Failed(result)
        case Unknown():
            raise Stuck(result)
        case _:
            return result


def _levels(term: Term) -> int:
    """The height of a tree; iterative."""
    deepest, stack = 0, [(term, 1)]
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        stack.extend([(c, depth + 1) for c in children(node)])
    return deepest
