"""Terms and facts as SMT-LIB text (`smt` says what stands for a value of which sort).

Machine integers are the integers of their range, with wrap-around written out.  `div` and `mod` of SMT-LIB are the language's.
A divisor that is not a number makes them functions of their own, known by what determines them (z3 matches no quantifier on its
`mod`, and is lost where one ranges over divisors): n = d q + r and 0 <= r < |d| have one solution q, r for each n and d != 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from prover.kernel.goal import Defines, Holds, Joins, Path, nodes
from prover.kernel.program import Function
from prover.kernel.smt import (
    Parts,
    all_of,
    any_of,
    at_index,
    element_of,
    implied,
    in_range,
    number,
    parts_of,
    symbol,
    wrapped,
)
from prover.kernel.sort import Array, Machine, Sort
from prover.kernel.term import App, At, Call, Let, Lit, Op, Quant, Term, Var
from prover.kernel.theory import Theory

# Calls whose arguments are numbers are unfolded deeper than others, so that `fact(5)` is computed.
LITERAL_FUEL = 24

# After so many elements of an array literal its text gets a name.
NAMED_EACH = 16

_PLAIN = {
    Op.LT: "<", Op.LE: "<=", Op.GT: ">", Op.GE: ">=", Op.NOT: "not", Op.AND: "and", Op.OR: "or", Op.IMPLIES: "=>", Op.IFF: "=",
    Op.DIV: "div", Op.MOD: "mod", Op.ADD: "+", Op.SUB: "-", Op.MUL: "*", Op.NEG: "-",
}  # fmt: skip


_EUCLID = "(and (<= 0 (|mod by| n d)) (< (|mod by| n d) (abs d)) (= n (+ (* d (|div by| n d)) (|mod by| n d))))"
_DIVISION = (
    "(declare-fun |div by| (Int Int) Int)",
    "(declare-fun |mod by| (Int Int) Int)",
    f"(assert (forall ((n Int) (d Int)) (! (=> (not (= d 0)) {_EUCLID}) :pattern ((|div by| n d)) :pattern ((|mod by| n d)))))",
)


@dataclass(slots=True)
class Encoder:
    """Writes one query.

    opaque: functions whose equations may not be used.  induction: those of them whose range may.
    fuel: how often the equation of a recursive function is unfolded from a call in the goals.
    limited: calls of recursive functions are of their copies.
    portable: only what SMT-LIB defines, for solvers other than z3."""

    theory: Theory
    opaque: frozenset[str]
    induction: frozenset[str]
    fuel: int
    lines: list[str] = field(default_factory=list)
    limited: bool = False
    portable: bool = False
    _declared: set[str] = field(default_factory=set)
    _defined: set[str] = field(default_factory=set)
    _calls: dict[str, tuple[Call, int]] = field(default_factory=dict)
    _bound: list[frozenset[str]] = field(default_factory=list)
    _stores: dict[str, str] = field(default_factory=dict)
    _bags: set[str] = field(default_factory=set)
    _quantified: dict[str, None] = field(default_factory=dict)
    _level: int = 0
    _depth: int = 0
    _fresh: int = 0

    # Terms

    def scalar(self, term: Term) -> str:
        """The SMT text of a term of scalar sort."""
        match term:
            case Lit(value=bool() as value):
                return "true" if value else "false"
            case Lit(value=value):
                return number(value)
            case Var():
                return self._variable(term)[0]
            case App():
                return self._app(term)
            case Call():
                return self._call(term)[0]
            case Quant():
                return self._quant(term)
            case Let():
                return self._let(term)[0]
            case At():
                raise AssertionError("a goal holds no `at`")
            case _:
                assert_never(term)

    def parts(self, term: Term) -> Parts:
        """The SMT texts of a term's parts."""
        if not isinstance(term.sort, Array):
            return (self.scalar(term),)
        match term:
            case Var():
                return self._variable(term)
            case Call():
                return self._call(term)
            case Let():
                return self._let(term)
            case App():
                return self._array(term)
            case _:
                raise AssertionError("no array")

    def _app(self, term: App) -> str:
        match term.op:
            case Op.EQ | Op.NE:
                text = self._equal(*term.args)
                return f"(not {text})" if term.op is Op.NE else text
            case Op.ITE:
                condition, then, orelse = [self.scalar(a) for a in term.args]
                return f"(ite {condition} {then} {orelse})"
            case Op.SELECT:
                return self._select(term)[0]
            case Op.LEN:
                return self.parts(term.args[0])[0]
            case Op.PERM:
                return self._perm(*term.args)
            case Op.VALUE | Op.CONVERT:
                return self.scalar(term.args[0])
            case Op.WRAP:
                assert isinstance(term.sort, Machine)
                return wrapped(self.scalar(term.args[0]), term.sort)
            case _:
                return self._plain(term)

    def _plain(self, term: App) -> str:
        args = [self.scalar(a) for a in term.args]
        operator = _PLAIN[term.op]
        if term.op in (Op.DIV, Op.MOD) and not isinstance(term.args[1], Lit):
            operator = self._divided(operator)
        text = f"({operator} {' '.join(args)})"
        if isinstance(term.sort, Machine) and not term.sort.signed:
            return self._unsigned(term.op, text, args, term.sort)
        return text

    def _divided(self, operator: str) -> str:
        if _DIVISION[0] not in self._declared:
            self._declared.add(_DIVISION[0])
            self.lines += _DIVISION
        return f"|{operator} by|"

    def _unsigned(self, op: Op, text: str, args: list[str], sort: Machine) -> str:
        """Wrap-around, without `mod` where one subtraction or addition does it."""
        modulus = 1 << sort.width
        if op is Op.ADD and len(args) == 2:
            return f"(let ((|exact sum| {text})) (ite (>= |exact sum| {modulus}) (- |exact sum| {modulus}) |exact sum|))"
        if op is Op.SUB:
            return f"(let ((|exact sum| {text})) (ite (< |exact sum| 0) (+ |exact sum| {modulus}) |exact sum|))"
        return text if op in (Op.DIV, Op.MOD) else f"(mod {text} {modulus})"

    def _equal(self, left: Term, right: Term) -> str:
        if isinstance(left.sort, Array):
            return self._same(self.parts(left), self.parts(right), left.sort)
        return f"(= {self.scalar(left)} {self.scalar(right)})"

    def _same(self, left: Parts, right: Parts, sort: Sort) -> str:
        """Extensional equality: of lengths, and of elements in range."""
        if not isinstance(sort, Array):
            return f"(= {left[0]} {right[0]})"
        if left == right:
            return "true"
        self._fresh += 1
        k = f"|k {self._fresh}|"
        inner = self._same(at_index(left[1:], k), at_index(right[1:], k), sort.element)
        return f"(and (= {left[0]} {right[0]}) (forall (({k} Int)) (=> (and (<= 0 {k}) (< {k} {left[0]})) {inner})))"

    def _select(self, term: App) -> Parts:
        array, index = term.args
        return at_index(self.parts(array)[1:], self.scalar(index))

    def _array(self, term: App) -> Parts:
        match term.op:
            case Op.SELECT:
                return self._select(term)
            case Op.STORE:
                array, index, value = term.args
                length, *data = self.parts(array)
                return (length, *self._stored(data, self.scalar(index), self.parts(value), length, term.sort))
            case Op.ITE:
                condition = self.scalar(term.args[0])
                then, orelse = self.parts(term.args[1]), self.parts(term.args[2])
                return tuple([f"(ite {condition} {a} {b})" for a, b in zip(then, orelse, strict=True)])
            case Op.FILL:
                assert isinstance(term.sort, Array)
                sorts = parts_of(term.sort)[1:]
                values = self.parts(term.args[1])
                return (self.scalar(term.args[0]), *[self._constant(s, v) for s, v in zip(sorts, values, strict=True)])
            case Op.LITERAL:
                return self._literal(term)
            case _:
                raise AssertionError(f"{term.op} makes no array")

    def _constant(self, sort: str, value: str) -> str:
        """The SMT array that is `value` everywhere; where only standard SMT-LIB may be written, by a function with that axiom."""
        if not self.portable:
            return f"((as const {sort}) {value})"
        element = element_of(sort)
        name = f"|all {element}|"
        if name not in self._declared:
            self._declared.add(name)
            self.lines.append(f"(declare-fun {name} ({element}) {sort})")
            at = f"(select ({name} v) i)"
            self.lines.append(f"(assert (forall ((v {element}) (i Int)) (! (= {at} v) :pattern ({at}))))")
        return f"({name} {value})"

    def _default(self, sort: str) -> str:
        inner = element_of(sort)
        if inner.startswith("("):
            return self._constant(inner, self._default(inner))
        return "false" if inner == "Bool" else "0"

    def _literal(self, term: App) -> Parts:
        assert isinstance(term.sort, Array)
        data: Sequence[str] = [self._constant(s, self._default(s)) for s in parts_of(term.sort)[1:]]
        length = str(len(term.args))
        for index, element in enumerate(term.args):
            data = self._stored(data, str(index), self.parts(element), length, term.sort)
            if index % NAMED_EACH == NAMED_EACH - 1 and not self._depth:
                data = self._named(data, term.sort)
        return (length, *data)

    def _named(self, data: Sequence[str], sort: Sort) -> Parts:
        """Abbreviations for texts without bound variables: the text of a long literal stays linear in its length."""
        self._fresh += 1
        names = tuple([f"|data {self._fresh}.{i}|" for i in range(len(data))])
        for name, part, text in zip(names, parts_of(sort)[1:], data, strict=True):
            self.lines.append(f"(define-fun {name} () {part} {text})")
        return names

    def _stored(self, data: Sequence[str], index: str, values: Parts, length: str, sort: Sort) -> Parts:
        stored = tuple([f"(store {d} {index} {v})" for d, v in zip(data, values, strict=True)])
        if len(stored) == 1 and not self._depth:
            self._stores[stored[0]] = self._count_axiom(stored[0], data[0], index, values[0], length, parts_of(sort)[1])
        return stored

    def _variable(self, variable: Var) -> Parts:
        sorts = parts_of(variable.sort)
        names = tuple([symbol(variable.name, i, len(sorts)) for i in range(len(sorts))])
        if variable.name not in self._declared and not any(variable.name in b for b in self._bound):
            self._declared.add(variable.name)
            self.lines += [f"(declare-const {n} {s})" for n, s in zip(names, sorts, strict=True)]
            self.lines += [f"(assert {fact})" for fact in in_range(names, variable.sort)]
        return names

    def _quant(self, term: Quant) -> str:
        names = frozenset(v.name for v in term.variables)
        self._bound.append(names)
        self._depth += 1
        body = self.scalar(term.body)
        ranges = [f for v in term.variables for f in in_range((f"|{v.name}|",), v.sort)]
        self._depth -= 1
        self._bound.pop()
        if ranges:
            guard = ranges[0] if len(ranges) == 1 else f"(and {' '.join(ranges)})"
            body = f"(=> {guard} {body})" if term.universal else f"(and {guard} {body})"
        binders = " ".join([f"(|{v.name}| {parts_of(v.sort)[0]})" for v in term.variables])
        return f"({'forall' if term.universal else 'exists'} ({binders}) {body})"

    def _let(self, term: Let) -> Parts:
        values = self.parts(term.value)
        names = [symbol(term.variable.name, i, len(values)) for i in range(len(values))]
        self._bound.append(frozenset({term.variable.name}))
        self._depth += 1
        body = self.parts(term.body)
        self._depth -= 1
        self._bound.pop()
        binders = " ".join([f"({n} {v})" for n, v in zip(names, values, strict=True)])
        return tuple([f"(let ({binders}) {b})" for b in body])

    # Functions

    def _call(self, term: Call) -> Parts:
        args = [p for a in term.args for p in self.parts(a)]
        names = self._function(term)
        texts = tuple([f"({n} {' '.join(args)})" if args else n for n in names])
        if term.function in self.theory.stated:
            self._note(term, texts[0])
        return texts

    def _note(self, term: Call, text: str) -> None:
        """Remember a call, whose equation is stated for these arguments or, under a binder, for all."""
        if self._depth:
            self._quantified[term.function] = None
        elif text not in self._calls:
            self._calls[text] = (term, self._level)

    def _function(self, term: Call) -> list[str]:
        """The SMT functions for a call, declared or defined."""
        function = self.theory.functions.get(term.function)
        limited = "~" if self.limited and term.function in self.theory.recursive else ""
        results = parts_of(term.sort)
        names = [symbol(f"fn {term.function}{limited}", i, len(results)) for i in range(len(results))]
        if names[0] in self._defined:
            return names
        self._defined.add(names[0])
        if function is not None and function.body is not None and function.name not in self.theory.recursive:
            self._define(function.parameters, function.body, names, results)
        else:
            sorts = " ".join([s for a in term.args for s in parts_of(a.sort)])
            self.lines += [f"(declare-fun {n} ({sorts}) {r})" for n, r in zip(names, results, strict=True)]
        return names

    def _define(self, parameters: tuple[Var, ...], body: Term, names: list[str], results: Parts) -> None:
        """A function that is not recursive is written out; where its `requires` fails, it is what its body happens to be."""
        depth, bound = self._depth, self._bound
        self._depth, self._bound = 1, [frozenset(p.name for p in parameters)]
        texts = self.parts(body)
        self._depth, self._bound = depth, bound
        binders = self._binders(parameters)
        self.lines += [f"(define-fun {n} ({binders}) {r} {t})" for n, r, t in zip(names, results, texts, strict=True)]

    def _binders(self, parameters: Iterable[Var]) -> str:
        found = []
        for p in parameters:
            sorts = parts_of(p.sort)
            found += [f"({symbol(p.name, i, len(sorts))} {s})" for i, s in enumerate(sorts)]
        return " ".join(found)

    def equations(self) -> None:
        """State the equations and ranges of the functions called, for the arguments of each call, `fuel` levels deep.

        They are asserted for whatever the arguments are, on paths or off them; so each is guarded by all that the equation
        needs: arguments in the range of the parameters' sorts, and the function's `requires`."""
        done: set[str] = set()
        while pending := [(t, c, level) for t, (c, level) in self._calls.items() if t not in done]:
            for text, term, level in pending:
                done.add(text)
                self._level = level + 1
                self._instance(term, level)
        quantified: set[str] = set()
        while names := [n for n in self._quantified if n not in quantified]:
            for name in names:
                quantified.add(name)
                self._for_all(self.theory.functions[name])

    def _instance(self, term: Call, level: int) -> None:
        function = self.theory.functions[term.function]
        literal = all(isinstance(a, Lit) for a in term.args)
        unfold = level < (LITERAL_FUEL if literal and self.fuel else self.fuel)
        guards = [g for p, a in zip(function.parameters, term.args, strict=True) for g in self._guards(p, a)]
        facts = self._facts(term, function, unfold)
        if facts:
            guards += [self.scalar(r) for r in self.theory.requires(term)]
            self.lines.append(f"(assert {implied(guards, facts)})")

    def _guards(self, parameter: Var, argument: Term) -> list[str]:
        if isinstance(argument, Var) and argument.sort == parameter.sort:
            return []  # stated with its declaration
        return in_range(self.parts(argument), parameter.sort)

    def _facts(self, term: Call, function: Function, unfold: bool) -> list[str]:
        known = function.name not in self.opaque
        facts = []
        if unfold and known and (equation := self.theory.equation(term)) is not None:
            facts.append(self._same(self.parts(term), self.parts(equation), function.result))
        if known or function.name in self.induction:
            facts += in_range(self.parts(term), function.result)
        return facts

    def _for_all(self, function: Function) -> None:
        """The equation for calls under binders, for any arguments that the solver meets.

        Calls in the equation itself are of a copy `f~`, which has no equation, so that unfolding stops after one level; the copy
        agrees with the function wherever the function is called."""
        call = Call(function.name, function.parameters, function.result)
        bound = [frozenset(p.name for p in function.parameters)]
        inner = Encoder(
            self.theory, self.opaque, self.induction, 0, self.lines, True, self.portable, self._declared, self._defined
        )
        inner._depth, inner._bound = 1, bound
        copy = inner.parts(call)
        requires = [inner.scalar(r) for r in self.theory.requires(call)]
        inner.limited = False
        texts = inner.parts(call)
        inner.limited = True
        facts = [f"(= {a} {b})" for a, b in zip(texts, copy, strict=True) if a != b]
        if function.name not in self.opaque:
            equation = self.theory.equation(call)
            facts += [] if equation is None else [inner._same(texts, inner.parts(equation), function.result)]
            facts += in_range(texts, function.result)
        guards = [g for p in function.parameters for g in in_range(inner.parts(p), p.sort)]
        if facts and function.parameters:
            body = f"(! {implied([*guards, *requires], facts)} :pattern ({texts[0]}))"
            self.lines.append(f"(assert (forall ({self._binders(function.parameters)}) {body}))")
        self._quantified.update(inner._quantified)

    # Permutations

    def _perm(self, left: Term, right: Term) -> str:
        a, b = self.parts(left), self.parts(right)
        sort = parts_of(left.sort)[1]
        self._declare_count(sort)
        return f"(and (= {a[0]} {b[0]}) (= {self._count(a[1], a[0], sort)} {self._count(b[1], b[0], sort)}))"

    def _declare_count(self, sort: str) -> None:
        if sort not in self._bags:
            self._bags.add(sort)
            element = element_of(sort)
            self.lines.append(f"(declare-fun |count {element}| ({sort} Int) (Array {element} Int))")

    def _count(self, data: str, length: str, sort: str) -> str:
        """How often each value occurs among the first `length` elements."""
        element = element_of(sort)
        return f"(|count {element}| {data} {length})"

    def _count_axiom(self, stored: str, data: str, index: str, value: str, length: str, sort: str) -> str:
        """A write in range takes one occurrence from the old element and gives one to the new."""
        before, after = self._count(data, length, sort), self._count(stored, length, sort)
        taken = f"(store {before} |bag old| (- (select {before} |bag old|) 1))"
        given = f"(let ((|bag taken| {taken})) (store |bag taken| {value} (+ (select |bag taken| {value}) 1)))"
        change = f"(let ((|bag old| (select {data} {index}))) (= {after} {given}))"
        return f"(=> (and (<= 0 {index}) (< {index} {length})) {change})"

    def counts(self) -> None:
        if self._bags:
            for axiom in self._stores.values():
                self.lines.append(f"(assert {axiom})")

    # Facts

    def fact(self, fact: Holds | Defines | Joins) -> str:
        match fact:
            case Holds():
                return self.scalar(fact.formula)
            case Defines():
                equal = [f"(= {a} {b})" for a, b in zip(self.parts(fact.variable), self.parts(fact.term), strict=True)]
                return all_of(equal)
            case Joins():
                return any_of([self._branch(path, defines, fact.base) for path, defines in fact.branches])
            case _:
                assert_never(fact)

    def _branch(self, path: Path | None, defines: tuple[Defines, ...], base: Path | None) -> str:
        facts = [self.fact(p.fact) for p in nodes(path, base)]
        return all_of([*facts, *[self.fact(d) for d in defines]])
