"""Random statements, a line each, with candidates for annotations.

Each candidate is a clause on a line of its own with a label `k7`; runs show which of them hold (`observe`).
"""

from __future__ import annotations

import re
from collections.abc import Callable as Function
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from prover.record import replace
from tests.fuzz.expressions import ARRAYS, INTEGERS, MACHINES, SCALARS, Callable, Expressions, Scope, Variable, is_array, low_high


@dataclass(slots=True)
class Statements(Expressions):
    lines: list[str] = field(default_factory=list)
    indent: int = 0
    budget: int = 0
    procedures: list[Callable] = field(default_factory=list)
    lemmas: list[Callable] = field(default_factory=list)

    def emit(self, text: str) -> None:
        self.lines.append("  " * self.indent + text)

    @contextmanager
    def inside(self) -> Iterator[None]:
        self.indent += 1
        yield
        self.indent -= 1

    def clause(self, keyword: str, formula: str, end: str = "") -> None:
        self.emit(f"{keyword} {self.fresh('k')}: {formula}{end}")

    def candidates(self, keyword: str, scope: Scope, count: int) -> None:
        spec = scope.speaking
        for _ in range(count):
            self.clause(keyword, self.fact(spec) if self.chance(0.85) else self.formula(spec))

    # Sequences

    def block(self, scope: Scope, size: int) -> Scope:
        """`size` statements; the scope after them."""
        if size == 0:
            self.emit("skip;")
        for _ in range(size):
            self.budget -= 1
            scope = self.statement(scope)
        return scope

    def body(self, scope: Scope, most: int = 3) -> None:
        with self.inside():
            self.block(scope, self.rng.randint(0 if self.chance(0.1) else 1, most if self.budget > 0 else 1))

    def statement(self, scope: Scope) -> Scope:
        simple: list[Function[[Scope], Scope | None]] = [self.assign] * 5
        simple += (
            [self.declare] * 2 + [self.assertion] * 2 + [self.simultaneous, self.element, self.element, self.swap, self.choose]
        )
        simple += [self.assume, self.ghost, self.point, self.call_lemma, self.trivial]
        compound: list[Function[[Scope], Scope | None]] = []
        compound += [self.branch] * 5 + [self.loop] * 4 + [self.call] * 3 + [self.leave] * (5 if scope.loop else 1)
        options = simple + compound if self.budget > 0 and self.indent < 5 else simple
        before = len(self.lines)
        scope = self.rng.choice(options)(scope) or scope
        if self.chance(0.25) and self.lines[before:]:
            self.aftermath(self.lines[before], scope)
        return scope

    def aftermath(self, line: str, scope: Scope) -> None:
        """A candidate about the first variable that a statement mentions."""
        names = [v for v in scope.variables if v.role != "ghost" and re.search(rf"\b{v.name}\b", line)]
        if names:
            first = min(names, key=lambda v: line.index(v.name))
            others = [v for v in scope.variables if v != first and v.role != "ghost"]
            few = (first, *self.rng.sample(others, min(1, len(others))))
            self.clause("assert", self.fact(replace(scope, variables=few)), ";")

    # Simple statements

    def target(self, scope: Scope, *types: str) -> Variable | None:
        found = [v for v in scope.variables if v.assignable and (not types or v.type in types)]
        return self.rng.choice(found) if found else None

    def trivial(self, scope: Scope) -> None:
        self.emit("skip;")

    def assign(self, scope: Scope) -> None:
        if (target := self.target(scope)) is None:
            return self.trivial(scope)
        if target.type == "int" and self.chance(0.3):
            return self.emit(f"{target.name} := {target.name} {self.rng.choice('+-')} {self.rng.choice((1, 1, 2, 3))};")
        self.emit(f"{target.name} := {self.expr(target.type, scope)};")
        return None

    def declare(self, scope: Scope) -> Scope:
        type = self.rng.choice(SCALARS if self.chance(0.75) else ARRAYS)
        variable = Variable(self.fresh("v"), type)
        if self.chance(0.15):
            self.emit(f"var {variable.name}: {type};")
            self.emit(f"if {self.expr('bool', scope, 1)} then")
            with self.inside():
                self.emit(f"{variable.name} := {self.expr(type, scope)};")
            self.emit("else")
            with self.inside():
                self.emit(f"{variable.name} := {'*' if self.chance(0.3) else self.expr(type, scope)};")
            self.emit("end;")
        else:
            self.emit(f"var {variable.name}: {type} := {self.expr(type, scope)};")
        return scope.having(variable)

    def simultaneous(self, scope: Scope) -> None:
        first, second = self.target(scope), self.target(scope)
        if first is None or second is None or first == second:
            return self.assign(scope)
        if first.type == second.type and self.chance(0.5):
            return self.emit(f"{first.name}, {second.name} := {second.name}, {first.name};")
        self.emit(f"{first.name}, {second.name} := {self.expr(first.type, scope, 1)}, {self.expr(second.type, scope, 1)};")
        return None

    def guarded(self, condition: str, statement: str) -> None:
        if not self.chance(self.careful):
            return self.emit(f"{statement};")
        self.emit(f"if {condition} then")
        with self.inside():
            self.emit(f"{statement};")
        self.emit("end;")
        return None

    def element(self, scope: Scope) -> None:
        if (array := self.target(scope, *ARRAYS)) is None:
            return self.assign(scope)
        index, name, element = self.atom("int", scope), array.name, array.type[:-2]
        if is_array(element) and self.chance(0.7):
            second = self.atom("int", scope)
            guard = f"0 <= {index} < len({name}) and 0 <= {second} and {second} < len({name}[{index}])"
            return self.guarded(guard, f"{name}[{index}][{second}] := {self.expr(element[:-2], scope)}")
        return self.guarded(f"0 <= {index} and {index} < len({name})", f"{name}[{index}] := {self.expr(element, scope)}")

    def swap(self, scope: Scope) -> None:
        if (array := self.target(scope, *ARRAYS)) is None:
            return self.simultaneous(scope)
        i, j, name = self.atom("int", scope), self.atom("int", scope), array.name
        guard = f"0 <= {i} < len({name}) and 0 <= {j} < len({name})"
        values = f"{name}[{j}], {name}[{i}]" if self.chance(0.7) else f"{self.expr(array.type[:-2], scope, 1)}, {name}[{i}]"
        return self.guarded(guard, f"{name}[{i}], {name}[{j}] := {values}")

    def choose(self, scope: Scope) -> None:
        if (target := self.target(scope)) is None:
            return self.trivial(scope)
        other = self.target(scope)
        if self.chance(0.3) and other is not None and other != target:
            return self.emit(f"havoc {target.name}, {other.name};")
        witness = f" choose {self.expr(target.type, scope, 1)}" if self.chance(0.25) else ""
        return self.emit(f"{target.name} := *{witness};")

    def assertion(self, scope: Scope) -> None:
        formula = self.fact(scope) if self.chance(0.8) else self.formula(scope.speaking)
        if self.chance(0.3):
            return self.emit(f"{{ {self.fresh('k')}: {formula} }}")
        return self.clause("assert", formula, f" by {{ {self.script(scope.speaking)} }};" if self.chance(0.25) else ";")

    def script(self, scope: Scope, depth: int = 2) -> str:
        """Steps that fit some goals; one that does not is a warning."""
        numbers = [v.name for v in scope.of("int", "nat")] or ["0"]
        facts = {"have": self.fact(scope), "induction": self.rng.choice(numbers), "cases": self._compare("int", scope, 1)}
        facts |= {"witness": self.rng.choice(numbers)}
        if self.lemmas:
            facts["use"] = (
                f"{(lemma := self.rng.choice(self.lemmas)).name}({', '.join(self.atom(t, scope) for t in lemma.types)})"
            )
        if self.functions:
            facts["unfold"] = self.application(self.rng.choice(self.functions), scope)
        step = self.rng.choice((*facts, *facts, "simplify", "contradiction", "intro", "split"))
        if step in ("cases", "induction") and depth > 0:
            first, second = ("yes", "no") if step == "cases" else ("base", "step")
            return f"{step} {facts[step]} {{ {first}: {self.script(scope, depth - 1)} {second}: auto }}"
        rest = self.script(scope, depth - 1) if depth > 0 and self.chance(0.4) else "auto"
        return f"{step} {facts.get(step, '')}; {rest}"

    def assume(self, scope: Scope) -> None:
        if self.chance(0.4):
            self.emit(f"assume {self.fact(scope)};")

    def ghost(self, scope: Scope) -> Scope | None:
        ghosts = [v for v in scope.variables if v.role == "ghost"]
        if not ghosts or self.chance(0.4):
            variable = Variable(self.fresh("g"), self.rng.choice(("int", "bool", "int[]")), "ghost")
            self.emit(f"ghost var {variable.name}: {variable.type} := {self.expr(variable.type, scope.speaking)};")
            return scope.having(variable)
        variable = self.rng.choice(ghosts)
        if self.chance(0.3):
            self.emit(f"if {self.expr('bool', scope.speaking, 1)} then")
            with self.inside():
                self.emit(f"{variable.name} := {self.expr(variable.type, scope.speaking)};")
            self.emit("end;")
        elif variable.type == "int" and self.chance(0.3):
            self.emit(f"while {variable.name} > 0")
            self.emit(f"  variant {variable.name}{' + 1' if self.chance(0.3) else ''}")
            self.emit("do")
            with self.inside():
                self.emit(f"{variable.name} := {variable.name} - {self.rng.choice((0, 1, 1, 1, 2))};")
            self.emit("end;")
        else:
            self.emit(f"{variable.name} := {self.expr(variable.type, scope.speaking)};")
        return None

    def point(self, scope: Scope) -> Scope:
        label = self.fresh("l")
        self.emit(f"{label}:")
        self.assign(scope)
        return self.pointed(label, scope)

    def pointed(self, label: str, scope: Scope) -> Scope:
        seen = frozenset(v.name for v in scope.variables)
        return replace(scope, points=(*scope.points, (label, seen)))

    def leave(self, scope: Scope) -> None:
        kinds = ("break", "continue", "break", "continue", "return") if scope.loop else ("return",)
        self.emit(f"if {self.expr('bool', scope)} then")
        self.emit(f"  {self.rng.choice(kinds)};")
        self.emit("end;")

    # Calls

    def call_lemma(self, scope: Scope) -> None:
        if not self.lemmas:
            return self.assertion(scope)
        lemma = self.rng.choice(self.lemmas)
        arguments = [self.atom(t, scope.speaking) for t in lemma.types]
        return self.applied(lemma, arguments, "")

    def applied(self, callee: Callable, arguments: list[str], targets: str) -> None:
        text = f"{targets}{callee.name}({', '.join(arguments)})"
        if callee.requires:
            return self.guarded(callee.requires.format(*arguments), text)
        return self.emit(f"{text};")

    def call(self, scope: Scope) -> None:
        if not self.procedures:
            return self.assign(scope)
        callee = self.rng.choice(self.procedures)
        used: set[str] = set()
        arguments: dict[int, str] = {}
        for index, (type, mode) in enumerate(zip(callee.types, callee.modes, strict=True)):
            if mode == "inout":
                found = [v for v in scope.variables if v.assignable and v.type == type and v.name not in used]
                if not found:
                    return self.assign(scope)
                arguments[index] = self.rng.choice(found).name
                used.add(arguments[index])
        targets = []
        for type in callee.results:
            found = [v for v in scope.variables if v.assignable and v.type == type and v.name not in used]
            if not found:
                return self.assign(scope)
            targets.append(self.rng.choice(found).name)
            used.add(targets[-1])
        left = replace(scope, variables=tuple(v for v in scope.variables if v.name not in used or self.chance(0.2)))
        given = [arguments.get(i) or self.atom(t, left) for i, t in enumerate(callee.types)]
        return self.applied(callee, given, f"{', '.join(targets)} := " if targets else "")

    # Compound statements

    def branch(self, scope: Scope) -> None:
        self.emit(f"if {self.expr('bool', scope) if self.chance(0.85) else '*'} then")
        self.body(scope)
        while self.chance(0.2):
            self.emit(f"elsif {self.expr('bool', scope, 1)} then")
            self.body(scope, 2)
        if self.chance(0.5):
            self.emit("else")
            self.body(scope)
        self.emit("end;")

    def loop(self, scope: Scope) -> Scope | None:
        kinds = (
            self.counting,
            self.counting,
            self.summing,
            self.stepping,
            self.stepping,
            self.draining,
            self.wild,
            self.array_loop,
        )
        return self.rng.choice(kinds)(scope)

    def head(self, keyword: str, condition: str, scope: Scope) -> Scope:
        """`while` or `for` and the scope of what follows."""
        if not self.chance(0.25):
            self.emit(f"{keyword} {condition}")
            return scope
        label = self.fresh("w")
        self.emit(f"{keyword} {label}: {condition}")
        return self.pointed(label, scope)

    def rounds(self, scope: Scope, known: list[str], variant: str, step: str = "", most: int = 2) -> None:
        """Annotations, body and end of a loop.  step: the last statement of its body."""
        with self.inside():
            for formula in known:
                self.clause("invariant", formula)
            self.candidates("invariant", scope, self.rng.randint(1, 4))
            if variant and self.chance(0.85):
                self.emit(f"variant {variant}")
        self.emit("do")
        before = [v for v in scope.variables if not step or not step.startswith(v.name + " ")]
        kind = "while" if not step else "stepped"
        self.body(replace(scope, variables=tuple(before), loop=kind), most)
        if step:
            self.emit(f"  {step};")
        self.emit("end;")

    def counting(self, scope: Scope) -> None:
        counter = Variable(self.fresh("i"), "int", "counter")
        low, high = self.atom("int", scope), self.atom("int", scope)
        down = self.chance(0.3)
        scope = self.head(
            "for", f"{counter.name} := {high if down else low} {'downto' if down else 'to'} {low if down else high}", scope
        )
        self.rounds(scope.having(counter), [], "")

    def summing(self, scope: Scope) -> Scope:
        counter, total = Variable(self.fresh("i"), "int"), Variable(self.fresh("s"), "int")
        start, factor, end = self.atom("int", scope), self.rng.choice((1, 2, 3, -1)), self.atom("int", scope)
        self.emit(f"var {total.name} := {start};")
        base = Variable(self.fresh("b"), "int")
        self.emit(f"var {base.name} := {total.name};")
        self.emit(f"var {counter.name} := 0;")
        inner = scope.having(replace(base, role="in"), replace(total, role="in"), replace(counter, role="in"))
        self.emit(f"var {base.name}e := {end};")
        inner = inner.having(Variable(f"{base.name}e", "int", "in"))
        inner = replace(self.head("while", f"{counter.name} < {base.name}e", inner), old=False)
        known = [f"{total.name} = {base.name} + {factor} * {counter.name}", f"0 <= {counter.name}"]
        known += [f"{counter.name} <= {base.name}e or {counter.name} = 0"]
        step = f"{total.name}, {counter.name} := {total.name} + {factor}, {counter.name} + 1"
        self.rounds(inner, known, f"{base.name}e - {counter.name}", step, 1)
        self.clause("assert", f"{base.name}e >= 0 ==> {total.name} = {base.name} + {factor} * {base.name}e", ";")
        return scope.having(total, counter)

    def stepping(self, scope: Scope) -> None:
        """A variable of the program moves towards a bound that may move, too."""
        moving = self.target(scope, "int", "nat", *MACHINES)
        if moving is None:
            return self.counting(scope)
        name, type = moving.name, moving.type
        amount = self.rng.choice((1, 1, 1, 2, 3))
        if type in INTEGERS and self.chance(0.5):
            limit = self.atom("int", scope)
            scope = self.head("while", f"{name} < {limit}", scope)
            return self.rounds(scope, [], f"{limit} - {name}", f"{name} := {name} + {amount}")
        limit = str(self.rng.choice((0, 1, 2))) if type != "int" or self.chance(0.5) else self.atom("int", scope)
        if type not in INTEGERS:
            limit = f"{type}({max(int(limit), low_high(type)[0])})"
        scope = self.head("while", f"{name} {self.rng.choice(('>', '>', '>=', '!='))} {limit}", scope)
        step = f"{name} := {name} - {amount if type in INTEGERS else f'{type}({amount})'}"
        return self.rounds(scope, [], name if type in INTEGERS else f"int({name})", step)

    def draining(self, scope: Scope) -> None:
        """Halving, remainders, two counters."""
        first, second = self.target(scope, "int"), self.target(scope, "int")
        if first is None or second is None or first == second:
            return self.stepping(scope)
        x, y = first.name, second.name
        kind = self.rng.choice(("halve", "euclid", "pair", "subtract", "chase"))
        if kind == "halve":
            scope = self.head("while", f"{x} > {self.rng.choice((0, 0, 1))}", scope)
            return self.rounds(scope, [], x, f"{x} := {x} / {self.rng.choice((2, 3, 2, 1))}")
        if kind == "euclid":
            scope = self.head("while", f"{y} != 0", scope)
            return self.rounds(scope, [f"{y} >= 0"], f"if {y} >= 0 then {y} else -{y}", f"{x}, {y} := {y}, {x} % {y}", 1)
        if kind == "pair":
            scope = self.head("while", f"{x} > 0 and {y} > 0", scope)
            test = "*" if self.chance(0.5) else f"{x} < {y}"
            step = f"if {test} then {x} := {x} - 1; {y} := {y} + 3 else {y} := {y} - 1 end"
            return self.rounds(scope, [], self.rng.choice((f"{x}, {y}", f"{y}, {x}")), step, 1)
        if kind == "subtract":
            scope = self.head("while", f"{x} >= {y} and {y} > {self.rng.choice((0, 0, -1))}", scope)
            return self.rounds(scope, [], x, f"{x} := {x} - {y}", 1)
        scope = self.head("while", f"{x} < {y}", scope)
        return self.rounds(
            scope, [], f"{y} - {x}", f"{x}, {y} := {x} + {self.rng.choice((1, 1, 2))}, {y} + {self.rng.choice((0, -1, 1))}", 1
        )

    def wild(self, scope: Scope) -> None:
        """Any condition, and the variant or recurrent set at random."""
        condition = self.rng.choice((self.expr("bool", scope), self.expr("bool", scope), "true", "*"))
        scope = self.head("while", condition, scope)
        if self.chance(0.3):
            self.emit(f"  recurrent {self.fact(scope) if self.chance(0.5) else 'true'}")
        self.rounds(scope, [], self.expr("int", scope.speaking, 1) if self.chance(0.3) else "")

    def array_loop(self, scope: Scope) -> None:
        array = self.target(scope, "int[]", "nat[]")
        if array is None:
            return self.counting(scope)
        a, i, q = array.name, self.fresh("i"), self.fresh("q")
        value = self.constant("nat")
        inner = self.head("for", f"{i} := 0 to len({a}) - 1", scope).having(Variable(i, "int", "counter"))
        kind = self.rng.choice(("fill", "clamp", "reverse"))
        if kind == "fill":
            known, step = [f"forall {q}: int :: 0 <= {q} < {i} ==> {a}[{q}] = {value}"], f"{a}[{i}] := {value}"
        elif kind == "clamp":
            known = [f"forall {q}: int :: 0 <= {q} < {i} ==> {a}[{q}] >= {value}"]
            step = f"if {a}[{i}] < {value} then {a}[{i}] := {value} end"
        else:
            known, step = [f"len({a}) >= {i}"], f"{a}[{i}], {a}[len({a}) - 1 - {i}] := {a}[len({a}) - 1 - {i}], {a}[{i}]"
        left = replace(inner, variables=tuple(v for v in inner.variables if v != array or self.chance(0.1)))
        self.rounds(left, known, "", step, 1)
        self.candidates("assert", scope, 0)
        return None
