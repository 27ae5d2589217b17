"""Random programs over the whole language, well typed, with candidates for their annotations: the same for the same seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from tests.fuzz.expressions import ARRAYS, SCALARS, Callable, Scope, Variable
from tests.fuzz.statements import Statements


def generate(rng: random.Random, small: bool = False) -> str:
    """A file of one to three units and what they use.  small: of one short unit alone.  rng: see `draws`."""
    maker = Units(rng, careful=rng.choice((1.0, 1.0, 1.0, 0.98, 0.9, 0.7)), small=small)
    maker.unit() if small else maker.file()
    return "\n".join(maker.lines) + "\n"


@dataclass(slots=True)
class Units(Statements):
    small: bool = False

    def file(self) -> None:
        for _ in range(self.rng.choice((0, 0, 1, 1, 2))):
            self.rng.choice((self.function, self.recursive_function, self.predicate, self.constant_unit))()
        if self.chance(0.3):
            self.rng.choice((self.lemma, self.inductive_lemma))()
        if self.chance(0.1):
            self.bodiless()
        if self.chance(0.06):
            self.uninterpreted()
        for _ in range(self.rng.choice((1, 1, 2))):
            self.rng.choice((self.procedure,) * 4 + (self.triple, self.triple, self.recursive, self.mutual))()

    def unit(self) -> None:
        self.rng.choice((self.procedure, self.procedure, self.triple, self.recursive))()

    # Functions

    def function(self) -> None:
        name, result = self.fresh("f"), self.rng.choice(("int", "int", "nat", "bool", "uint8", "int8"))
        parameters = [
            Variable(self.fresh("p"), self.rng.choice((*SCALARS, "int[]")), "in") for _ in range(self.rng.randint(1, 2))
        ]
        requires = self.requires(parameters) if self.chance(0.3) else ""
        self.emit(f"function {name}({self.declared(parameters)}): {result}")
        if requires:
            self.emit(f"  requires {requires.format(*[p.name for p in parameters])}")
        self.emit(f"  = {self.expr(result, Scope(tuple(parameters)), 3)}")
        self.emit("")
        self.functions.append(Callable(name, tuple(p.type for p in parameters), (), (result,), requires))

    def recursive_function(self) -> None:
        name, n = self.fresh("f"), self.fresh("p")
        other = Variable(self.fresh("p"), "int", "in")
        result = self.rng.choice(("int", "int", "nat", "bool"))
        scope = Scope((Variable(n, "int", "in"), other))
        requires = self.chance(0.6)
        self.emit(f"function {name}({n}: int, {other.name}: int): {result}")
        if requires:
            self.emit(f"  requires {n} >= 0")
        self.emit(f"  variant {self.rng.choice((n,) * 9 + (f'{n} + 1', other.name))}")
        smaller = self.rng.choice((f"{n} - 1",) * 12 + (f"{n} / 2", f"{n} - 2", f"{n} + 1", n))
        again = f"{name}({smaller}, {self.atom('int', scope)})"
        combined = {"int": f"{again} + {self.expr('int', scope, 1)}", "nat": f"{again} * 2", "bool": f"not {again}"}[result]
        base = self.rng.choice((f"{n} <= 0",) * 8 + (f"{n} = 0", f"{n} <= 1", f"{other.name} = 0"))
        self.emit(f"  = if {base} then {self.expr(result, scope, 1)} else {combined}")
        self.emit("")
        self.functions.append(
            Callable(name, ("int", "int"), (), (result,), "{0} >= 0 and {0} <= 12" if requires else "{0} <= 12")
        )

    def predicate(self) -> None:
        name, parameters = (
            self.fresh("f"),
            [Variable(self.fresh("p"), t, "in") for t in ("int", self.rng.choice(("int", "int[]", "bool")))],
        )
        spec = self.chance(0.5)
        self.emit(f"predicate {name}({self.declared(parameters)})")
        self.emit(f"  = {self.formula(Scope(tuple(parameters), spec=spec), 2)}")
        self.emit("")
        if not spec:
            self.functions.append(Callable(name, tuple(p.type for p in parameters), (), ("bool",)))

    def constant_unit(self) -> None:
        name, type = self.fresh("c"), self.rng.choice(("int", "nat", "bool"))
        self.emit(f"const {name}: {type} = {self.expr(type, Scope(), 2)}")
        self.emit("")

    def uninterpreted(self) -> None:
        """Without a body; what the axiom says is true of how it is interpreted (`observe.Interpretation`)."""
        name, n = self.fresh("f"), self.fresh("p")
        self.emit(f"function {name}({n}: int): {self.rng.choice(('int', 'nat'))}")
        if self.chance(0.5):
            self.emit(f"axiom {name}_low: forall {n}: int :: {name}({n}) >= 0")
        self.emit("")
        self.functions.append(Callable(name, ("int",), (), ("int",)))

    # Lemmas

    def lemma(self) -> None:
        name, parameters = (
            self.fresh("m"),
            [Variable(self.fresh("p"), self.rng.choice(("int", "int", "bool", "int[]")), "in") for _ in "12"],
        )
        requires = self.requires(parameters)
        self.emit(f"lemma {name}({self.declared(parameters)})")
        if requires:
            self.emit(f"  requires {requires.format(*[p.name for p in parameters])}")
        with self.inside():
            self.candidates("ensures", Scope(tuple(parameters), spec=True), 2)
        self.emit("")
        self.lemmas.append(Callable(name, tuple(p.type for p in parameters), ("in",) * 2, (), requires))

    def inductive_lemma(self) -> None:
        name, n = self.fresh("m"), Variable(self.fresh("p"), "int", "in")
        functions = [f for f in self.functions if f.types == ("int", "int")]
        self.emit(f"lemma {name}({n.name}: int)")
        self.emit(f"  requires {n.name} >= 0")
        with self.inside():
            self.candidates("ensures", Scope((n,), spec=True), 1)
            if functions:
                function = self.rng.choice(functions)
                value = function.requires.format(n.name, n.name)
                relation = ">= 0" if function.results != ("bool",) else "= true"
                self.clause("ensures", f"{value or 'true'} ==> {function.name}({n.name}, {self.constant('int')}) {relation}")
        if self.chance(0.85):
            self.emit(f"  variant {n.name}")
        self.emit("begin")
        with self.inside():
            self.emit(f"if {n.name} > {self.rng.choice((0, 0, 0, -1))} then")
            self.emit(f"  {name}({n.name} {self.rng.choice(('- 1',) * 6 + ('- 2', '+ 1', '- 0'))});")
            self.emit("end;")
        self.emit("end")
        self.emit("")
        self.lemmas.append(Callable(name, ("int",), ("in",), (), "{0} >= 0 and {0} <= 9"))

    # Procedures

    def declared(self, parameters: list[Variable]) -> str:
        return ", ".join([f"{'inout ' if p.role == 'inout' else ''}{p.name}: {p.type}" for p in parameters])

    def requires(self, parameters: list[Variable]) -> str:
        """A format string over the parameters' places, "" for none."""
        options = [""]
        numbers = [i for i, p in enumerate(parameters) if p.type in ("int", "nat")]
        arrays = [i for i, p in enumerate(parameters) if p.type.endswith("[]")]
        for i in numbers:
            options += [f"{{{i}}} >= 0", f"{{{i}}} >= {{{self.rng.choice(numbers)}}}", f"0 <= {{{i}}} <= 10", f"{{{i}}} % 2 = 0"]
            options += [f"0 <= {{{i}}} < len({{{j}}})" for j in arrays]
        options += [f"len({{{j}}}) > 0" for j in arrays]
        return self.rng.choice(options)

    def parameters(self) -> list[Variable]:
        types = [self.rng.choice(SCALARS if self.chance(0.7) else ARRAYS) for _ in range(self.rng.randint(1, 4))]
        return [
            Variable(self.fresh("x" if not t.endswith("[]") else "a"), t, self.rng.choice(("in", "in", "inout"))) for t in types
        ]

    def procedure(self) -> None:
        parameters = self.parameters()
        results = [Variable(self.fresh("r"), self.rng.choice((*SCALARS, "int[]"))) for _ in range(self.rng.choice((0, 1, 1, 2)))]
        requires = self.requires(parameters) if self.chance(0.6) else ""
        name = self.header(parameters, results, requires)
        if self.chance(0.3):
            self.emit("  terminates")
        elif self.chance(0.04):
            self.emit(f"  diverges {self.fact(Scope(tuple(parameters), spec=True))}")
        self.emit("begin")
        with self.inside():
            scope = Scope(tuple(parameters), old=True)
            for result in results:
                self.emit(f"{result.name} := {self.expr(result.type, scope, 1)};")
                scope = scope.having(result)
            self.budget = self.rng.choice((1, 2, 3) if self.small else (3, 6, 9, 12, 16))
            self.block(scope, self.rng.randint(1, 3) if self.small else self.rng.randint(2, 6))
        self.emit("end")
        self.emit("")
        self.procedures.append(self.known(name, parameters, results, requires))

    def known(self, name: str, parameters: list[Variable], results: list[Variable], requires: str) -> Callable:
        types, modes = tuple(p.type for p in parameters), tuple(p.role for p in parameters)
        return Callable(name, types, modes, tuple(r.type for r in results), requires)

    def header(self, parameters: list[Variable], results: list[Variable], requires: str, name: str = "") -> str:
        name = name or self.fresh("proc")
        returns = f" returns ({self.declared(results)})" if results else ""
        self.emit(f"procedure {name}({self.declared(parameters)}){returns}")
        if requires:
            self.emit(f"  requires {requires.format(*[p.name for p in parameters])}")
        with self.inside():
            self.candidates("ensures", Scope((*parameters, *results), spec=True, old=True), self.rng.randint(1, 4))
            numbers = [r for r in results if r.type == "int"]
            functions = [f for f in self.functions if f.types == ("int", "int") and f.results == ("int",)]
            if numbers and functions and (given := [p for p in parameters if p.type == "int"]):
                function, argument = self.rng.choice(functions), self.rng.choice(given).name
                known = function.requires.format(argument, argument) or "true"
                self.clause("ensures", f"{known} ==> {numbers[0].name} != {function.name}({argument}, 1)")
        return name

    def bodiless(self) -> None:
        parameters, result = [Variable(self.fresh("x"), "int", "in")], Variable(self.fresh("r"), "int")
        name = self.fresh("proc")
        self.emit(f"procedure {name}({self.declared(parameters)}) returns ({result.name}: int)")
        self.emit(f"  ensures {result.name} {self.rng.choice(('>=', '<=', '!='))} {parameters[0].name}")
        if self.chance(0.5):
            self.emit("  terminates")
        self.emit("")
        self.procedures.append(self.known(name, parameters, [result], ""))

    def triple(self) -> None:
        types = [self.rng.choice(("int", "int", "bool")) for _ in range(self.rng.randint(1, 4))]
        variables = [Variable(self.fresh("x"), t) for t in types]
        frozen = [replace(v, role="in") for v in variables if self.chance(0.25)]
        scope = Scope(tuple({v.name: v for v in (*variables, *frozen)}.values()))
        numbers = [v for v in variables if v.type == "int"]
        pinned = [f"{v.name} >= {v.name}" if v.type == "int" else f"({v.name} or not {v.name})" for v in variables]
        pinned += [f"{self.rng.choice(numbers).name} {self.rng.choice(('>=', '='))} {self.atom('int', scope)}"] if numbers else []
        self.emit(f"{'total ' if self.chance(0.4) else ''}triple {self.fresh('t')}")
        self.emit(f"{{ {' and '.join(pinned)} }}")
        with self.inside():
            self.budget = self.rng.choice((1, 2, 3) if self.small else (3, 6, 9))
            self.block(scope, self.rng.randint(1, 3 if self.small else 5))
        self.emit(f"{{ {self.fresh('k')}: {self.fact(scope)} }}")
        self.emit("")

    def recursive(self) -> None:
        n, others = Variable(self.fresh("n"), "int", "in"), self.parameters()[:2]
        results = [Variable(self.fresh("r"), self.rng.choice(("int", "bool", "nat")))]
        requires = self.rng.choice(("", "{0} >= 0", "{0} >= 0 and {0} <= 10"))
        name = self.header([n, *others], results, requires)
        self.recursion(name, name, n, others, results)

    def mutual(self) -> None:
        n, others = Variable(self.fresh("n"), "int", "in"), self.parameters()[:1]
        results = [Variable(self.fresh("r"), self.rng.choice(("int", "bool", "nat")))]
        first, second = self.fresh("proc"), self.fresh("proc")
        for name, callee in ((first, second), (second, first)):
            self.header([n, *others], results, "", name)
            self.recursion(name, callee, n, others, results)

    def recursion(self, name: str, callee: str, n: Variable, others: list[Variable], results: list[Variable]) -> None:
        """The rest of a procedure that calls `callee`, mostly with less."""
        if self.chance(0.7):
            self.emit(f"  variant {self.rng.choice((n.name,) * 4 + (f'{n.name} + 1', f'{n.name}, 1', '0'))}")
        self.emit("begin")
        with self.inside():
            scope, result = Scope((n, *others), old=True), results[0]
            self.emit(f"{result.name} := {self.expr(result.type, scope, 1)};")
            scope = scope.having(result)
            self.emit(f"if {n.name} > {self.rng.choice((0, 0, 0, 1, -1))} then")
            with self.inside():
                self.budget = 2
                self.block(scope, self.rng.randint(0, 1))
                less = self.rng.choice((f"{n.name} - 1",) * 6 + (f"{n.name} / 2", f"{n.name} - 2", n.name, f"{n.name} + 1"))
                given = [p.name if p.role == "inout" else self.atom(p.type, scope) for p in others]
                self.emit(f"{result.name} := {callee}({', '.join([less, *given])});")
                self.block(scope, self.rng.randint(0, 2))
            self.emit("end;")
        self.emit("end")
        self.emit("")
        self.procedures.append(self.known(name, [n, *others], results, "{0} <= 9"))
