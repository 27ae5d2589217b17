"""Random well-typed expressions and formulas, as text."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

INTEGERS = ("int", "nat")
MACHINES = ("uint8", "int8", "uint16", "int32", "uint64")
SCALARS = ("int",) * 8 + ("nat", "bool", "uint8", "int8", "uint16", "int32", "uint64")
ARRAYS = ("int[]",) * 5 + ("bool[]", "nat[]", "uint8[]", "int[][]")
SMALL = (0, 1, 2, 3, 5, 7, 10)


@dataclass(frozen=True, slots=True)
class Variable:
    """role: `in`, `inout`, `local`, `ghost`, `bound`, `counter` (of a `for`)."""

    name: str
    type: str
    role: str = "local"

    @property
    def assignable(self) -> bool:
        return self.role in ("inout", "local")


@dataclass(frozen=True, slots=True)
class Scope:
    """spec: for specifications, which may read ghosts, quantify and look back.  points: labels with what was visible there.
    old: may `old` be used?  loop: the kind of loop around, empty for none.  ghost: in ghost code."""

    variables: tuple[Variable, ...] = ()
    spec: bool = False
    old: bool = False
    points: tuple[tuple[str, frozenset[str]], ...] = ()
    loop: str = ""

    def having(self, *added: Variable) -> Scope:
        return replace(self, variables=(*self.variables, *added))

    def of(self, *types: str) -> list[Variable]:
        return [v for v in self.variables if v.type in types and (self.spec or v.role != "ghost")]

    @property
    def speaking(self) -> Scope:
        return replace(self, spec=True)


@dataclass(frozen=True, slots=True)
class Callable:
    """A function, procedure or lemma that can be used.  modes: of the parameters, `in` or `inout`.
    requires: of its parameters, as a format string; empty for none."""

    name: str
    types: tuple[str, ...]
    modes: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    requires: str = ""


def is_array(type: str) -> bool:
    return type.endswith("[]")


def low_high(type: str) -> tuple[int, int]:
    width = int(type.lstrip("uint"))
    return (0, 2**width - 1) if type[0] == "u" else (-(2 ** (width - 1)), 2 ** (width - 1) - 1)


@dataclass(slots=True)
class Expressions:
    """careful: the probability that a partial operation is guarded."""

    rng: random.Random
    careful: float = 1.0
    functions: list[Callable] = field(default_factory=list)
    count: int = 0

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def fresh(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def expr(self, type: str, scope: Scope, depth: int = 2) -> str:
        if depth <= 0 or self.chance(0.3):
            return self.atom(type, scope)
        if self.chance(0.12):
            return self._general(type, scope, depth - 1)
        if type == "int":
            return self._int(scope, depth - 1)
        if type == "nat":
            return self._nat(scope, depth - 1)
        if type == "bool":
            return self.formula(scope, depth - 1)
        if is_array(type):
            return self._array(type, scope, depth - 1)
        return self._machine(type, scope, depth - 1)

    def atom(self, type: str, scope: Scope, constants: bool = True) -> str:
        found = scope.of(type, *(["nat"] if type == "int" else []))
        if found and (self.chance(0.75) or not constants):
            return self.rng.choice(found).name
        return self.constant(type)

    def constant(self, type: str) -> str:
        if type == "bool":
            return self.rng.choice(("true", "false"))
        if type == "nat":
            return str(self.rng.choice(SMALL))
        if type == "int":
            value = self.rng.choice(SMALL)
            return str(value) if self.chance(0.8) else f"(-{value})"
        if is_array(type):
            return f"array({self.rng.choice((0, 1, 2, 3))}, {self.constant(type[:-2])})"
        low, high = low_high(type)
        value = self.rng.choice((0, 1, 2, 3, 7, high, high - 1, *((low, -1) if low else ())))
        return f"{type}({value})"

    def _general(self, type: str, scope: Scope, depth: int) -> str:
        """What every type has."""
        fitting = [f for f in self.functions if f.results == (type,)]
        if fitting and self.chance(0.5):
            return self.application(self.rng.choice(fitting), scope)
        if self.chance(0.6):
            condition, then = self.expr("bool", scope, depth), self.expr(type, scope, depth)
            return f"(if {condition} then {then} else {self.expr(type, scope, depth)})"
        bound = Variable(self.fresh("u"), self.rng.choice(("int", "bool", type)), "bound")
        value = self.expr(bound.type, scope, depth)
        return f"(let {bound.name} = {value} in {self.expr(type, scope.having(bound), depth)})"

    def application(self, function: Callable, scope: Scope) -> str:
        arguments = [self.atom(t, scope) for t in function.types]
        text = f"{function.name}({', '.join(arguments)})"
        if not function.requires or not self.chance(self.careful):
            return text
        return f"(if {function.requires.format(*arguments)} then {text} else {self.constant(function.results[0])})"

    def _int(self, scope: Scope, depth: int) -> str:
        kind = self.rng.choice(("+", "+", "-", "-", "*", "/", "%", "neg", "len", "select", "value", "old"))
        arrays = [v for v in scope.variables if is_array(v.type) and (scope.spec or v.role != "ghost")]
        machines = scope.of(*MACHINES)
        if kind == "len" and arrays:
            return f"len({self.rng.choice(arrays).name})"
        if kind == "select" and (text := self.select("int", scope)):
            return text
        if kind == "value" and machines:
            return f"int({self.rng.choice(machines).name})"
        if kind == "old" and scope.spec and (text := self._past("int", scope)):
            return text
        if kind == "neg":
            return f"-{self.atom('int', scope)}"
        left = self.expr("int", scope, depth)
        if kind in ("/", "%"):
            return self._division(kind, left, scope)
        if kind == "*" and self.chance(0.8):
            return f"({left} * {self.rng.choice((2, 3, 4, 7))})"
        operator = kind if kind in "+-*" else "+"
        right = self.expr("int", scope, depth)
        return f"{left} {operator} {right}" if self.chance(0.25) else f"({left} {operator} {right})"

    def _division(self, operator: str, left: str, scope: Scope) -> str:
        operator = self.rng.choice(("/", "div")) if operator == "/" else self.rng.choice(("%", "mod"))
        if self.chance(0.7):
            return f"({left} {operator} {self.rng.choice(('2', '3', '10', '(-2)', '(-3)'))})"
        right = self.atom("int", scope)
        text = f"(({left}) {operator} {right})"
        return f"(if {right} != 0 then {text} else 0)" if self.chance(self.careful) else text

    def select(self, type: str, scope: Scope) -> str:
        """An element of an array, "" if there is none of the type."""
        found = scope.of(f"{type}[]") + (scope.of("nat[]") if type == "int" else [])
        if not found and not (deep := scope.of(f"{type}[][]")):
            return ""
        index = self.atom("int", scope) if self.chance(0.8) else self.expr("int", scope, 1)
        if not found:
            name, second = self.rng.choice(deep).name, self.atom("int", scope)
            guard = f"0 <= {index} and {index} < len({name}) and 0 <= {second} < len({name}[{index}])"
            text = f"{name}[{index}][{second}]"
        else:
            name = self.rng.choice(found).name
            guard, text = f"0 <= {index} < len({name})", f"{name}[{index}]"
        return f"(if {guard} then {text} else {self.constant(type)})" if self.chance(self.careful) else text

    def _past(self, type: str, scope: Scope) -> str:
        """A value of an earlier state, "" if none can be named."""
        entry = [v.name for v in scope.of(type) if v.role in ("in", "inout")]
        if scope.old and entry and self.chance(0.6):
            return f"old({self.rng.choice(entry)})"
        if scope.points:
            label, seen = self.rng.choice(scope.points)
            if names := [v.name for v in scope.of(type) if v.name in seen and v.role != "bound"]:
                return f"at({label}, {self.rng.choice(names)})"
        return ""

    def _nat(self, scope: Scope, depth: int) -> str:
        if self.chance(0.4):
            return f"({self.expr('nat', scope, depth)} {self.rng.choice('+*')} {self.rng.choice(SMALL)})"
        text = self.atom("int", scope) if self.chance(0.6) else self.expr("int", scope, depth)
        return f"(if {text} >= 0 then {text} else 0)" if self.chance(self.careful) else text

    def _machine(self, type: str, scope: Scope, depth: int) -> str:
        low, high = low_high(type)
        left = self.expr(type, scope, depth)
        kind = self.rng.choice(("+", "-", "*", "/", "%", "wrap", "convert", "select"))
        if kind == "select" and (text := self.select(type, scope)):
            return text
        if kind == "convert":
            inner = self.atom("int", scope)
            text = f"{type}({inner})"
            return f"(if {low} <= {inner} <= {high} then {text} else {type}(0))" if self.chance(self.careful) else text
        if kind in "/%":
            return f"({left} {kind} {type}({self.rng.choice((2, 3, 10))}))"
        if kind in "+-*" and (low == 0 or not self.chance(self.careful)):
            return f"({left} {kind} {self.expr(type, scope, depth)})"
        inner = self.expr("int", scope, depth) if self.chance(0.5) else f"int({left}) + {self.rng.choice(SMALL)}"
        return f"wrap {type}({inner})"

    def _array(self, type: str, scope: Scope, depth: int) -> str:
        element = type[:-2]
        kind = self.rng.choice(("literal", "fill", "var", "select"))
        if kind == "var" and scope.of(type):
            return self.rng.choice(scope.of(type)).name
        if kind == "select" and not is_array(element) and (text := self.select(type, scope)):
            return text
        if kind == "literal":
            return f"[{', '.join(self.expr(element, scope, depth) for _ in range(self.rng.randint(1, 3)))}]"
        size = self.expr("nat", scope, depth) if self.chance(0.3) else str(self.rng.choice((0, 1, 2, 3)))
        return f"array({size}, {self.expr(element, scope, depth)})"

    # Formulas

    def formula(self, scope: Scope, depth: int = 1) -> str:
        kind = self.rng.choice(("compare",) * 4 + ("and", "or", "not", "==>", "<==>", "chain", "equal", "quantified", "select"))
        if depth <= 0 and kind in ("and", "or", "not", "==>", "<==>", "quantified"):
            kind = "compare"
        if kind == "not":
            return f"not ({self.formula(scope, depth - 1)})"
        if kind in ("and", "or", "==>", "<==>"):
            left, right = self.formula(scope, depth - 1), self.formula(scope, depth - 1)
            return f"{left} {kind} {right}" if self.chance(0.2) else f"(({left}) {kind} ({right}))"
        if kind == "chain":
            parts = [self.expr("int", scope, depth) for _ in range(3)]
            return f"({parts[0]} <= {parts[1]} {self.rng.choice(('<', '<='))} {parts[2]})"
        if kind == "quantified" and scope.spec:
            return self._quantified(scope, depth)
        if kind == "select" and (text := self.select("bool", scope)):
            return text
        if kind == "equal":
            return self._equal(scope, depth)
        types = ["int", *dict.fromkeys(v.type for v in scope.of(*MACHINES))]
        return self._compare(self.rng.choice(types), scope, depth)

    def _compare(self, type: str, scope: Scope, depth: int) -> str:
        operator = self.rng.choice(("<", "<=", "=", "!=", ">", ">="))
        left = self.atom(type, scope, constants=False)
        return f"({left} {operator} {self.expr(type, scope, depth)})"

    def _equal(self, scope: Scope, depth: int) -> str:
        arrays = [v for v in scope.variables if is_array(v.type) and (scope.spec or v.role != "ghost")]
        if not arrays or self.chance(0.3):
            return f"({self.atom('bool', scope)} {self.rng.choice(('=', '!='))} {self.expr('bool', scope, depth)})"
        array = self.rng.choice(arrays)
        return f"({array.name} {self.rng.choice(('=', '!='))} {self.expr(array.type, scope, depth)})"

    def _quantified(self, scope: Scope, depth: int) -> str:
        kind = self.rng.choice(("range", "elements", "bool", "nat", "machine"))
        name = self.fresh("q")
        arrays = scope.of("int[]", "nat[]")
        if kind == "elements" and arrays:
            array = self.rng.choice(arrays).name
            relation = f"{array}[{name}] {self.rng.choice(('>=', '<=', '='))} {self.atom('int', scope)}"
            return f"(forall {name}: int :: 0 <= {name} < len({array}) ==> {relation})"
        if kind in ("bool", "machine"):
            type = "bool" if kind == "bool" else "uint8"
            inner = scope.having(Variable(name, type, "bound"))
            return f"({self.rng.choice(('forall', 'exists'))} {name}: {type} :: {self.formula(inner, depth - 1)})"
        inner = scope.having(Variable(name, "int" if kind == "range" else "nat", "bound"))
        bounds = f"{self.atom('int', scope)} <= {name} <= {self.atom('int', scope)}"
        if self.chance(0.5):
            return f"(exists {name}: {inner.variables[-1].type} :: {bounds} and {self.formula(inner, depth - 1)})"
        return f"(forall {name}: {inner.variables[-1].type} :: {bounds} ==> {self.formula(inner, depth - 1)})"

    def fact(self, scope: Scope) -> str:
        """A formula of a shape that often holds, always defined."""
        options: Sequence[str] = self._facts(scope.speaking)
        return self.rng.choice(options) if options else "true"

    def _facts(self, scope: Scope) -> list[str]:
        numbers = [v.name for v in scope.of("int", "nat")] + [f"int({v.name})" for v in scope.of(*MACHINES)]
        arrays = scope.of("int[]", "nat[]")
        every = [v for v in scope.variables if is_array(v.type)]
        found: list[str] = []
        if numbers:
            x, y, z = (self.rng.choice(numbers) for _ in range(3))
            number = self.rng.choice((-1, 0, 0, 0, 1, 2, 10))
            found += [f"{x} <= {y}", f"{x} >= {number}", f"{x} <= {number}", f"{x} = {y}", f"{x} >= 0", f"{x} != {number}"]
            found += [f"{x} + {y} = {z}", f"{x} % 2 = {number % 2}", f"{x} >= 0 ==> {y} >= {number}", f"{x} < {y} or {z} >= 0"]
            found += [f"({x} < {number} ==> {y} <= {z})", f"{x} - {y} <= {number}"]
        for type in ("int", "nat", "bool", "uint8", "int[]"):
            own = scope.of(type)
            if own and (past := self._past(type, scope)):
                name = self.rng.choice(own).name
                found += [f"{past[past.rfind(' ') + 1 if ',' in past else 4 : -1]} = {past}", f"{name} = {past}"]
                found += [f"{name} >= {past}"] if type in INTEGERS else []
                found += [f"len({name}) = len({past})", f"perm({name}, {past})"] if type == "int[]" else []
        for array in arrays:
            limit, name = self.rng.choice([*numbers, "0", "10"]), self.fresh("q")
            found += [f"forall {name}: int :: 0 <= {name} < len({array.name}) ==> {array.name}[{name}] >= {limit}"]
            inside = f"0 <= {name} and {name} + 1 < len({array.name})"
            found += [f"forall {name} :: {inside} ==> {array.name}[{name}] <= {array.name}[{name} + 1]"]
            found += [f"len({array.name}) > 0 ==> {array.name}[0] <= {limit}", f"len({array.name}) >= {limit}"]
        if every:
            found += [f"len({self.rng.choice(every).name}) <= {self.rng.choice([*numbers, '3'])}"]
        for v in scope.of("bool"):
            found += [v.name, f"not {v.name}", f"{v.name} ==> {self._compare('int', scope, 0)}"]
        return found
