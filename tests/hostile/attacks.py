"""Files that mean harm: more than a thousand texts, the same each time, and what may become of each.

An attack is a name, bytes, and what must become of it.  `python -m tests.hostile.run` checks them.
"""

# ruff: noqa: E501

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
ADD = "procedure add(x: int) returns (y: int)\n  ensures y = x + 1\nbegin\n  y := x + 1\nend\n"


class Fate(Enum):
    """What must become of it.  OPEN: anything but a proof, for it holds something false.  ANY: whatever, if it comes in time."""

    REFUSED = "refused"
    PROVED = "proved"
    OPEN = "open"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Attack:
    name: str
    content: bytes
    fate: Fate = Fate.ANY

    @property
    def family(self) -> str:
        return self.name.partition("/")[0]


def attacks() -> list[Attack]:
    """All of them; the names are unique."""
    found: list[Attack] = []
    for family in (nesting, long, branches, numbers, solver, search, characters, lookalikes, escapes, pretence, bytes_, truncated,
                   encodings, words, smtlib, scripts, imports, headers, running):  # fmt: skip
        for name, content, *fate in family():
            data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
            found.append(Attack(f"{family.__name__.rstrip('_')}/{name}", data, *fate))
    return found


Made = Iterator[tuple[str, str | bytes, Fate] | tuple[str, str | bytes]]


def triple(condition: str, body: str = "skip") -> str:
    return f"triple t\n{{ true }}\n  {body}\n{{ {condition} }}\n"


DEPTHS = (100, 250, 300, 1_000, 30_000, 300_000)


def nesting() -> Made:
    """Deeper than any stack."""
    for depth in DEPTHS:
        fate = Fate.REFUSED if depth >= 300 else Fate.ANY
        yield f"parentheses-{depth}", triple("(" * depth + "true" + ")" * depth)
        yield f"unclosed-{depth}", triple("(" * depth), Fate.REFUSED
        yield f"closed-{depth}", triple(")" * depth), Fate.REFUSED
        yield f"not-{depth}", triple("not " * depth + "true"), fate
        yield f"bang-{depth}", triple("!" * depth + "true"), fate
        yield f"minus-{depth}", triple("- " * depth + "1 = 1"), fate
        yield f"implies-{depth}", triple("true ==> " * depth + "true")
        yield f"iff-{depth}", triple("true <==> " * depth + "true")
        yield f"forall-{depth}", triple("forall i: int :: " * depth + "true"), fate
        yield (
            f"exists-alternating-{depth}",
            triple("".join(f"{'forall' if n % 2 else 'exists'} i{n}: int :: " for n in range(depth)) + "true"),
        )
        yield f"let-{depth}", triple("let a = 1 in " * depth + "true"), fate
        yield f"if-then-else-{depth}", triple("if true then true else " * depth + "true"), fate
        yield f"if-condition-{depth}", triple("if " * depth + "true" + " then true else true" * depth), fate
        yield f"index-{depth}", f"procedure p(a: int[])\nbegin\n  var x := {'a[' * depth}0{']' * depth}\nend\n", Fate.OPEN
        yield f"calls-{depth}", "function f(n: int): int = n\n" + triple("f(" * depth + "0" + ")" * depth + " = 0"), fate
        yield f"brackets-{depth}", triple("[" * depth + "]" * depth + " = []")
        yield f"array-type-{depth}", f"procedure p(a: int{'[]' * depth})\nbegin\n  skip\nend\n"
        yield f"array-of-{depth}", f"procedure p(a: {'array of ' * depth}int)\nbegin\n  skip\nend\n"
        yield f"ifs-{depth}", triple("true", "if true then " * depth + "skip" + " end" * depth), fate
        yield f"elsif-{depth}", triple("true", "if true then skip" + " elsif true then skip" * depth + " end")
        yield f"whiles-{depth}", triple("true", "while false do " * depth + "skip" + " end" * depth), fate
        yield f"braces-{depth}", "{" * depth + "}" * depth, Fate.REFUSED
        yield f"comments-{depth}", "/*" * depth + ADD, Fate.REFUSED
        yield f"powers-{depth}", triple("2 ^ " * depth + "2 = 4"), Fate.REFUSED


def long() -> Made:
    """Flat, and longer than anybody writes."""
    for size in (300, 2_000, 10_000):
        names = [f"x{n}" for n in range(size)]
        yield f"statements-{size}", triple(f"x = {size}", "x := 0; " + "; ".join(["x := x + 1"] * size)), Fate.ANY
        yield f"semicolons-{size}", triple("true", "; " * size), Fate.REFUSED
        yield f"skips-{size}", triple("true", "skip; " * size + "skip")
        yield f"parameters-{size}", f"procedure p({', '.join(f'{n}: int' for n in names)})\nbegin\n  skip\nend\n"
        yield f"targets-{size}", triple("true", f"{', '.join(names)} := {', '.join(['0'] * size)}")
        yield f"same-target-{size}", triple("true", f"{', '.join(['x'] * size)} := {', '.join(['0'] * size)}"), Fate.REFUSED
        yield f"bound-{size}", triple(f"forall {', '.join(names)}: int :: true")
        yield f"and-{size}", triple(" and ".join(["x = x"] * size))
        yield f"or-{size}", triple(" or ".join(["x = x"] * size))
        yield f"chain-{size}", triple(" <= ".join(["x"] * size))
        yield f"literal-{size}", triple(f"len([{', '.join(['1'] * size)}]) = {size}")
        yield f"procedures-{size}", "".join(f"procedure p{n}() begin skip end\n" for n in range(min(size, 2_000)))
        yield f"same-name-{size}", "procedure p() begin skip end\n" * size, Fate.REFUSED
        yield f"undeclared-{size}", f"procedure p()\nbegin\n  {'; '.join(f'{n} := {n}y' for n in names)}\nend\n", Fate.REFUSED
        yield (
            f"functions-{size}",
            "".join(f"function f{n}(x: int): int = {f'f{n - 1}(x)' if n else 'x'}\n" for n in range(min(size, 2_000))),
        )
        yield (
            f"constants-{size}",
            "".join(f"const c{n}: int = {f'c{n - 1} + c{n - 1}' if n else '1'}\n" for n in range(min(size, 2_000))),
        )
        yield f"ensures-{size}", "procedure p(x: int)\n" + "  ensures x = x\n" * size + "begin\n  skip\nend\n"
        yield f"mistakes-{size}", "procedure p() begin x := end\n" * size, Fate.REFUSED
        yield f"lone-words-{size}", "while " * size, Fate.REFUSED
    for size in (1_000, 50_000, 1_000_000):
        yield f"name-{size}", triple("true", f"{'a' * size} := 1")
        yield f"line-comment-{size}", f"//{'x' * size}\n{ADD}", Fate.PROVED
        yield f"block-comment-{size}", f"/*{'*' * size}*/{ADD}", Fate.PROVED
        yield f"spaces-{size}", f"{' ' * size}{ADD}", Fate.PROVED
        yield f"lines-{size}", "\n" * size + ADD, Fate.PROVED
        yield f"carriage-returns-{size}", "\r" * size + ADD, Fate.PROVED
        yield f"string-{size}", f'import "{"a" * size}"\n', Fate.REFUSED
        yield f"open-string-{size}", f'import "{"a" * size}', Fate.REFUSED
    for size in (1_000, 50_000):
        yield f"sum-{size}", triple(f"x = {size}", "x := " + " + ".join(["1"] * size))
        yield f"sum-of-names-{size}", triple(f"y = {size} * x", "y := " + " + ".join(["x"] * size))
        yield f"alternating-{size}", triple("true", "x := " + " ".join(["1 + 1 -"] * size) + " 1")
        yield f"mixed-products-{size}", triple("true", "x := " + " ".join(["1 * 1 /"] * size) + " 1")
        yield f"product-{size}", triple("true", "x := " + " * ".join(["y"] * size))
    yield "goals-100000", triple("true", "x := 1; " + "assert x = 1; " * 100_000 + "skip")
    yield "statements-100000", triple("true", "x := 1; " * 100_000 + "skip")


def branches() -> Made:
    """Paths that double each time."""
    for size in (8, 16, 30, 64, 200):
        ifs = "; ".join(f"if b{n} = 0 then x := x + {n} else x := x - {n} end" for n in range(size))
        yield f"ifs-{size}", triple("x = x", ifs)
        yield f"false-ifs-{size}", triple("x = 1", ifs), Fate.OPEN
        yield f"choices-{size}", triple("x >= 0", "x := 0; " + "; ".join(["if * then x := x + 1 end"] * size))
        yield (
            f"jumps-{size}",
            triple("true", f"while * do {'; '.join(['if * then break end; if * then continue end'] * size)} end"),
        )
        yield (
            f"returns-{size}",
            f"procedure p(x: int) returns (y: int)\n  ensures y = 0\nbegin\n  {'; '.join(f'if x = {n} then y := 0; return end' for n in range(size))}; y := 0\nend\n",
        )
        yield f"doubling-{size}", triple("x = x", "; ".join(["x := x + x"] * size))
        yield f"doubling-pairs-{size}", triple("true", "; ".join(["x, y := x * y + y, x - y * x"] * size))
        yield (
            f"let-doubling-{size}",
            triple("".join(f"let a{n} = {f'a{n - 1} + a{n - 1}' if n else 'x'} in " for n in range(min(size, 200))) + "true"),
        )
        yield f"conditional-values-{size}", triple("true", "; ".join(["x := if x > y then x - y else y - x"] * size))
        yield f"short-circuit-{size}", triple("true", "; ".join(["if x > 0 and 1 / x > 0 or y > 0 then x := y end"] * size))
        yield (
            f"stores-{size}",
            f"procedure p(inout a: int[], i: int)\n  requires len(a) > {size}\nbegin\n  {'; '.join(f'a[{n}] := a[{n + 1}]' for n in range(size))}\nend\n",
        )
        yield (
            f"aliases-{size}",
            f"procedure p(inout a: int[], {', '.join(f'i{n}: int' for n in range(size))})\n"
            + "".join(f"  requires 0 <= i{n} < len(a)\n" for n in range(size))
            + f"  ensures a[i0] = 0\nbegin\n  {'; '.join(f'a[i{n}] := {n}' for n in range(size))}\nend\n",
            Fate.OPEN,
        )
        yield (
            f"distinct-{size}",
            triple(
                "not ("
                + " and ".join(f"0 <= p{n} < {size - 1}" for n in range(min(size, 30)))
                + " and "
                + " and ".join(f"p{n} != p{m}" for n in range(min(size, 30)) for m in range(n))
                + ")"
            ),
        )


def numbers() -> Made:
    """Numbers that do not fit anywhere."""
    for digits in (10, 100, 999, 1_000, 1_001, 5_000, 100_000, 1_000_000):
        fate = Fate.REFUSED if digits > 1_000 else Fate.ANY
        yield f"digits-{digits}", triple(f"x > {'9' * (digits - 1)}", f"x := {'9' * digits}"), fate
        yield f"zeros-{digits}", triple("x = 1", f"x := {'0' * (digits - 1)}1")
        yield f"quotient-{digits}", triple("true", f"x := {'9' * digits} / {'7' * (digits // 2)}"), fate
        yield (
            f"index-{digits}",
            f"procedure p(a: int[])\nbegin\n  var x := a[{'9' * digits}]\nend\n",
            Fate.REFUSED if digits > 1_000 else Fate.OPEN,
        )
        yield (
            f"array-{digits}",
            f"procedure p()\nbegin\n  var a := array({'9' * digits}, 0);\n  assert a[0] = 1\nend\n",
            Fate.REFUSED if digits > 1_000 else Fate.OPEN,
        )
        yield (
            f"loop-{digits}",
            triple("false", f"x := 0; while x < {'9' * digits} do x := x + 1 end"),
            Fate.REFUSED if digits > 1_000 else Fate.OPEN,
        )
        yield (
            f"for-{digits}",
            triple("false", f"for i := 0 to {'9' * digits} do x := i end"),
            Fate.REFUSED if digits > 1_000 else Fate.OPEN,
        )
        yield f"name-{digits}", triple("true", f"x{'9' * digits} := 1")
        yield (
            f"uint8-{digits}",
            f"procedure p() returns (y: uint8)\nbegin\n  y := {'9' * digits}\nend\n",
            Fate.REFUSED if digits > 1_000 else Fate.OPEN,
        )
    for size in (10, 30, 60, 200):
        yield f"squaring-{size}", triple("x = 2", "x := 3; " + "; ".join(["x := x * x"] * size)), Fate.OPEN
        yield (
            f"squaring-loop-{size}",
            triple("x = 2", f"x := 3; i := 0; while i < {size} do x := x * x; i := i + 1 end"),
            Fate.OPEN,
        )
        yield f"squaring-product-{size}", triple("x = 2", f"x := {' * '.join(['9' * 999] * size)}"), Fate.OPEN
        yield (
            f"tower-{size}",
            "function power(b: int, e: int): int\n  requires e >= 0\n  variant e\n  = if e = 0 then 1 else b * power(b, e - 1)\n"
            + triple("power(" * min(size, 80) + "2" + ", 3)" * min(size, 80) + " = 0"),
            Fate.OPEN,
        )
        yield (
            f"factorial-{size}",
            "function fac(n: int): int\n  requires n >= 0\n  variant n\n  = if n = 0 then 1 else n * fac(n - 1)\n"
            + triple(f"fac({size}000) = 0"),
            Fate.OPEN,
        )
        yield (
            f"wrap-{size}",
            f"procedure p(x: uint64) returns (y: uint64)\n  ensures y = 0\nbegin\n  y := x;\n  {'; '.join(['y := y * y + x'] * size)}\nend\n",
            Fate.OPEN,
        )
        yield f"remainders-{size}", triple("x = 0", "; ".join([f"x := (x * 7919 + y) % {n + 2}" for n in range(size)])), Fate.OPEN
        yield (
            f"modular-products-{size}",
            triple("r = 0", "r := 1; " + "; ".join([f"r := r * x % {10**40 + n}" for n in range(size)])),
            Fate.OPEN,
        )
    for bad in ("0x10", "1e9", "1.5", "1_000", ".5", "٣", "३", "²", "½", "0b1", "1u8", "--1--", "+1", "1'", "∞", "NaN"):
        yield f"spelling-{'-'.join(f'{ord(c):x}' for c in bad)}", triple(f"x = {bad}", "x := 1")


def solver() -> Made:
    """Goals on which a solver goes on, or eats memory."""
    for n in (33, 42, 74, 114, 390, 579, 627, 633, 732, 906):
        yield f"cubes-{n}", triple(f"a * a * a + b * b * b + c * c * c != {n}"), Fate.ANY if n == 33 else Fate.OPEN
    for n in range(3, 13):
        yield (
            f"fermat-{n}",
            f"procedure p(a, b, c: int)\n  requires a > 0 and b > 0 and c > 0\n  ensures {' * '.join('a' * n)} + {' * '.join('b' * n)} != {' * '.join('c' * n)}\nbegin\n  skip\nend\n",
        )
    for n in (61, 109, 181, 277, 397, 409, 421, 541, 661, 1021):
        yield (
            f"pell-{n}",
            f"procedure p(x, y: int)\n  requires y > 0\n  ensures x * x != {n} * y * y + 1\nbegin\n  skip\nend\n",
            Fate.OPEN,
        )
    for n in (3, 5, 8, 12, 20, 40):
        yield (
            f"pigeons-{n}",
            triple(
                "not ("
                + " and ".join(f"0 <= p{i} < {n}" for i in range(n + 1))
                + " and "
                + " and ".join(f"p{i} != p{j}" for i in range(n + 1) for j in range(i))
                + ")"
            ),
        )
        yield (
            f"permutation-{n}",
            f"procedure p(a, b, c: int[])\n  requires perm(a, b) and perm(b, c) and len(a) = {n}\n  ensures a = c\nbegin\n  skip\nend\n",
            Fate.OPEN,
        )
        yield (
            f"alternation-{n}",
            triple(
                " ".join(f"forall x{i}: int :: exists y{i}: int ::" for i in range(n))
                + " "
                + " + ".join(f"x{i} * y{i}" for i in range(n))
                + " = 1"
            ),
            Fate.OPEN,
        )
        yield (
            f"matching-loop-{n}",
            "function f(x: int): int\naxiom loop: forall x: int :: f(x) < f(f(x + 1))\n" + triple(f"f({n}) < f({n - 1})"),
            Fate.OPEN,
        )
        yield (
            f"nonlinear-{n}",
            triple("x != 12345678901234567", "x := 1; " + "; ".join(f"x := x * y{i} - z{i} * x" for i in range(n))),
            Fate.OPEN,
        )
        yield (
            f"quotients-{n}",
            f"procedure p(x, y: int)\n  requires y > 1\n  ensures {' / y'.join(['x', *[''] * n])} = {n}\nbegin\n  skip\nend\n",
            Fate.OPEN,
        )
        yield (
            f"ackermann-{n}",
            f"function ack(m, n: nat): nat\n  variant m, n\n  = if m = 0 then n + 1 else if n = 0 then ack(m - 1, 1) else ack(m - 1, ack(m, n - 1))\ntriple t\n{{ true }}\n  skip\n{{ ack({n}, {n}) = 0 }}\n",
            Fate.OPEN,
        )
        yield (
            f"collatz-{n}",
            f"procedure p(inout x: int)\n  requires x > {n}\n  terminates\n  ensures x = 1\nbegin\n  while x != 1 do\n    if x % 2 = 0 then x := x / 2 else x := 3 * x + 1 end\n  end\nend\n",
            Fate.OPEN,
        )
        yield f"deep-arrays-{n}", f"procedure p(a: int{'[]' * min(n, 20)})\n  ensures a = a\nbegin\n  skip\nend\n", Fate.ANY
        yield (
            f"sorted-{n}",
            f"procedure p(a: int[])\n  requires forall i, j :: 0 <= i < j < len(a) ==> a[i] <= a[j]\n  requires len(a) = {n}\n  ensures a[0] = a[{n - 1}]\nbegin\n  skip\nend\n",
            Fate.OPEN,
        )


def search() -> Made:
    """Programs that keep the search for annotations and runs busy."""
    for n in (5, 20, 60):
        names = [f"v{i}" for i in range(n)]
        step = "; ".join(f"{a} := {a} + {b}" for a, b in zip(names, names[1:] + names[:1], strict=True))
        yield f"many-variables-{n}", triple("v0 = 0", f"while * do {step} end"), Fate.OPEN
        yield (
            f"guards-{n}",
            f"procedure p({', '.join(f'inout {v}: int' for v in names)})\n  terminates\nbegin\n  while {' or '.join(f'{v} > 0' for v in names)} do {step} end\nend\n",
            Fate.OPEN,
        )
        yield (
            f"nested-loops-{n}",
            triple(
                "x = 0",
                "".join(f"i{k} := 0; while i{k} < 3 do " for k in range(n))
                + "x := x + 1"
                + "".join(f"; i{k} := i{k} + 1 end" for k in reversed(range(n))),
            ),
            Fate.OPEN,
        )
        yield f"loops-in-sequence-{n}", triple("x = 0", "; ".join(["while * do x := x + 1 end"] * n)), Fate.OPEN
        yield (
            f"memory-{n}",
            f"procedure p(n: nat) returns (a: int[][])\n  ensures len(a) = 0\nbegin\n  a := array(1000000{'0' * n}, array(1000000{'0' * n}, 1))\nend\n",
            Fate.OPEN,
        )
        yield (
            f"growing-array-{n}",
            "procedure p(inout x: int)\n  ensures x = 0\nbegin\n  var a := array(1, 1);\n  while len(a) < 1000000000 do a := array(2 * len(a), x); x := x + 1 end\nend\n",
            Fate.OPEN,
        )
        yield (
            f"wide-range-{n}",
            f"procedure p()\nbegin\n  assert forall i: int :: 0 <= i < 1000000{'0' * n} ==> i * i != {'9' * n}0\nend\n",
            Fate.ANY,
        )
        yield (
            f"wide-ranges-{n}",
            f"procedure p(x: int)\nbegin\n  assert forall i, j, k: int :: 0 <= i < {10**6} and 0 <= j < {10**6} and 0 <= k < {10**6} ==> i * j * k != x * {n}\nend\n",
            Fate.OPEN,
        )
        yield (
            f"fibonacci-{n}",
            f"function fib(n: nat): nat\n  variant n\n  = if n < 2 then n else fib(n - 1) + fib(n - 2)\nprocedure p() returns (y: nat)\n  ensures y = 0\nbegin\n  y := fib({n}0)\nend\n",
            Fate.OPEN,
        )
        yield (
            f"deep-recursion-{n}",
            f"function down(n: nat): nat\n  variant n\n  = if n = 0 then 0 else down(n - 1)\nprocedure p() returns (y: nat)\n  ensures y = 1\nbegin\n  y := down({n}00000)\nend\n",
            Fate.OPEN,
        )
        yield (
            f"recursive-procedure-{n}",
            f"procedure p(n: int) returns (y: int)\n  ensures y = {n}\nbegin\n  if n > 0 then y := p(n + 1) end\nend\n",
            Fate.OPEN,
        )
        yield (
            f"mutual-{n}",
            "".join(
                f"procedure p{k}(x: int) returns (y: int)\n  ensures y = {n}\nbegin\n  y := p{(k + 1) % n}(x * 2);\n  y := p{(k + 2) % n}(y * 3)\nend\n"
                for k in range(n)
            ),
        )
        yield (
            f"around-{n}",
            "".join(
                f"procedure p{k}(x: int, y: int)\n  terminates\nbegin\n  if x > y then p{(k + 1) % n}(x - y, y + {k}) end;\n  p{k * 7 % n}(y, x)\nend\n"
                for k in range(n)
            ),
            Fate.OPEN,
        )
        yield (
            f"ring-{n}",
            f"procedure p({', '.join(f'inout {v}: int' for v in names)})\n  terminates\nbegin\n  while v0 < v1 + v2 do {step} end\nend\n",
            Fate.OPEN,
        )
        yield (
            f"flags-{n}",
            f"procedure p(x: int, {', '.join(f'inout {v}: bool' for v in names)})\n  terminates\nbegin\n  var i := 0;\n  while i < x and (v0 or v1) do\n"
            + ";\n".join(
                f"    if {v} then v{(k + 1) % n} := not v{k * 7 % n}; i := i - 1 else i := i + 1 end" for k, v in enumerate(names)
            )
            + "\n  end\nend\n",
            Fate.OPEN,
        )
        yield (
            f"constants-{n}",
            "procedure p(inout x: int, inout y: int)\n  terminates\nbegin\n  while x != y do\n    if "
            + " or ".join(f"x = {k * k * 7919}" for k in range(10 * n))
            + " then x := y + 1 else y := y + x - 3 end\n  end\nend\n",
            Fate.OPEN,
        )
        yield (
            f"remainders-{n}",
            "procedure p(inout x: int, y: int)\n  terminates\nbegin\n  while x != y do\n"
            + ";\n".join(
                f"    if x mod {997 + k} = {k} then x := x + {k} else x := x div {k + 2} + y mod {k + 5} end" for k in range(n)
            )
            + "\n  end\nend\n",
            Fate.OPEN,
        )
        yield f"choose-{n}", triple("x = 0", f"x := * choose {' + '.join(['x * x'] * n)} + 1"), Fate.OPEN
        yield (
            f"sorting-{n}",
            "procedure p(inout a: int[])\n  ensures a = old(a)\nbegin\n"
            + "".join(
                f"  for i{k} := 0 to len(a) - 2 do if a[i{k}] > a[i{k} + 1] then a[i{k}], a[i{k} + 1] := a[i{k} + 1], a[i{k}] end end;\n"
                for k in range(n)
            )
            + "end\n",
            Fate.OPEN,
        )
        yield (
            f"variants-{n}",
            f"procedure p(inout x: int)\n  terminates\nbegin\n  while x != 0 variant {', '.join(['x'] * n)} do x := x - 1 end\nend\n",
            Fate.OPEN,
        )
        yield (
            f"invariants-{n}",
            "procedure p(inout x: int)\nbegin\n  while x > 0\n"
            + "".join(f"    invariant x * x >= {k}\n" for k in range(n))
            + "  do x := x - 1 end\nend\n",
            Fate.OPEN,
        )


def characters() -> Made:
    """Each character that shows nothing, turns text around, or steers a terminal: in code it is refused."""
    dangerous = [*range(0x09), 0x0B, *range(0x0E, 0x20), *range(0x7F, 0xA0), 0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010), 0x2028, 0x2029,
                 *range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x2070), 0xFEFF, *range(0xFFF9, 0xFFFC), 0xE0001, 0xE0041, 0x115F, 0x3164,
                 0xFFA0, 0xD800, 0xDFFF, 0x10FFFF, 0xFFFE, 0xFFFF, 0xE000, 0x85]  # fmt: skip
    for code in sorted(set(dangerous)):
        c = chr(code)
        yield f"name-{code:04x}", triple("true", f"a{c}b := 1"), Fate.REFUSED
        yield f"between-{code:04x}", triple("true", f"x :={c} 1"), Fate.REFUSED
        yield f"comment-{code:04x}", f"// {c}hello{c}\n/* {c} */\n{ADD}"
        yield f"string-{code:04x}", f'import "a{c}.proof"\n', Fate.REFUSED


def lookalikes() -> Made:
    """Letters of other alphabets, and wide, small and styled forms of ours."""
    for c in "аеорсухіјԁɡʟΑΒΕΖΗΙΚΜΝΟΡΤΥΧ０１Ａａ𝐱𝑥ℓℝßªºﬁǆÅéﷺ一あ가אبक":
        yield f"name-{ord(c):x}", triple("true", f"{c} := 1"), Fate.REFUSED
        yield f"inside-{ord(c):x}", triple("true", f"a{c} := 1"), Fate.REFUSED
    for c in "；：，（）［］｛｝＝＜＞＋－＊／！¡¿“”‘’«»—–−×÷⋅∗＂＇‚":
        yield f"sign-{ord(c):x}", triple("true", f"x :={c}1"), Fate.REFUSED
    for c in "\u0301\u0300\u0489\u20dd\ufe0f\U0001f468\u200d\U0001f600":
        yield f"combining-{ord(c):x}", triple("true", f"a{c} := 1"), Fate.REFUSED


_TERMINAL = ("\x1b[2J", "\x1b[31m", "\x1b]0;title\x07", "\x1b]8;;http://evil\x1b\\", "\x1bP$q\x1b\\", "\x9b31m", "\x1b[6n", "\x07", "\x08\x08", "\r✓ proved", "\x1b[1A\x1b[2K", "\x1b]52;c;ZXZpbA==\x07")  # fmt: skip


def escapes() -> Made:
    """What steers a terminal, everywhere where text is shown again."""
    for number, text in enumerate(_TERMINAL):
        yield f"code-{number}", triple("x = 2", f"x := 1 {text}"), Fate.REFUSED
        yield f"comment-{number}", f"// {text}\n" + triple("x = 2", "x := 1"), Fate.OPEN
        yield f"block-comment-{number}", triple("x = 2 /* " + text + " */", "x := 1"), Fate.OPEN
        yield f"import-{number}", f'import "{text}.proof"\n' + ADD, Fate.REFUSED
        yield f"expected-{number}", f"// expected: {text} yes\n" + ADD
        yield f"broken-{number}", f"procedure {text}", Fate.REFUSED


def pretence() -> Made:
    """Text that looks like our verdict."""
    lies = ("✓ proved   all.proof: 1 unit, 1 goal", "1 file: 1 proved; 1 goal proved", '{"status": "proved"}', "// expected: t: correct yes", "unsat", "error: none", "::notice::proved", "##[endgroup]", "<system-out>ok</system-out>", "```console\n// $ prover check", "]]><!--", "<script>alert(1)</script>")  # fmt: skip
    for number, lie in enumerate(lies):
        yield f"comment-{number}", f"// {lie}\n" + triple("x = 2", "x := 1"), Fate.OPEN
        yield f"block-{number}", f"/*\n{lie}\n*/\n" + triple("x = 2", "x := 1"), Fate.OPEN
        yield f"inside-{number}", triple(f"x = 2 // {lie}\n", "x := 1"), Fate.OPEN
        yield f"code-{number}", f"{lie}\n" + triple("x = 2", "x := 1")
        yield f"import-{number}", f'import "{lie.replace(chr(34), "").replace(chr(10), "")}"\n' + ADD, Fate.REFUSED
    for name in ("proved", "yes", "unsat", "trusted", "ok", "no", "unknown", "correct"):
        yield f"unit-{name}", f"triple {name}\n{{ true }}\n  x := 1\n{{ {name}: x = 2 }}\n", Fate.OPEN
        yield f"label-{name}", triple("true", f"x := 1; assert {name}: x = 2"), Fate.OPEN


def bytes_() -> Made:
    """No text at all."""
    rng = random.Random(6)
    yield "empty", b"", Fate.ANY
    yield "newline", b"\n", Fate.ANY
    for size in (1, 10, 1_000, 1_000_000, 16 * 1024 * 1024):
        yield f"nul-{size}", b"\0" * size, Fate.REFUSED
        yield f"ff-{size}", b"\xff" * size, Fate.REFUSED
    yield "too-large", b" " * (16 * 1024 * 1024 + 1), Fate.REFUSED
    for name, magic in (("elf", b"\x7fELF\x02\x01\x01\0"), ("gzip", b"\x1f\x8b\x08\0"), ("zip", b"PK\x03\x04"), ("png", b"\x89PNG\r\n\x1a\n"), ("pdf", b"%PDF-1.7\n%\xe2\xe3"), ("pyc", b"\xa7\r\r\n\0\0\0\0"), ("sqlite", b"SQLite format 3\0"), ("pickle", b"\x80\x04\x95\x1e\0\0\0cos\nsystem\n")):  # fmt: skip
        yield name, magic + rng.randbytes(500), Fate.REFUSED
    for number in range(60):
        yield f"noise-{number}", rng.randbytes(1 << (number % 16)), Fate.REFUSED if number % 16 > 4 else Fate.ANY
    for number in range(60):
        yield f"ascii-noise-{number}", bytes(rng.choices(range(32, 127), k=1 << (number % 14))), Fate.ANY
    good = ADD.encode()
    for number in range(60):
        at = rng.randrange(len(good))
        yield f"one-byte-{number}", good[:at] + bytes([rng.randrange(256)]) + good[at + 1 :], Fate.ANY


def truncated() -> Made:
    """Programs that end too early."""
    for path in ("proofs/examples/two_sum_sorted.proof", "proofs/stdlib/arrays.proof"):
        text = (ROOT / path).read_text("utf-8")
        for number in range(40):
            yield f"{Path(path).stem}-{number}", text[: len(text) * number // 40]
        data = text.encode()
        for number in range(10):
            yield f"{Path(path).stem}-missing-{number}", data[: len(data) * number // 10] + data[len(data) * (number + 1) // 10 :]


def encodings() -> Made:
    """Text in other encodings, and UTF-8 that is not quite that."""
    yield "utf-7", ADD.encode("utf-7")
    for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "cp037"):
        yield name, ("// é ∀\n" + ADD).encode(name, "replace"), Fate.REFUSED
    yield "latin-1", "// é\n".encode("latin-1") + ADD.encode(), Fate.REFUSED
    yield "mark", b"\xef\xbb\xbf" + ADD.encode(), Fate.PROVED
    yield "two-marks", b"\xef\xbb\xbf" * 2 + ADD.encode()
    yield "mark-alone", b"\xef\xbb\xbf"
    for name, data in (("overlong-slash", b"\xc0\xaf"), ("overlong-nul", b"\xc0\x80"), ("surrogate", b"\xed\xa0\x80"), ("too-high", b"\xf4\x90\x80\x80"), ("lone-continuation", b"\x80"), ("cut-off", b"\xe2\x88"), ("five-bytes", b"\xf8\x88\x80\x80\x80")):  # fmt: skip
        yield f"{name}-comment", b"// " + data + b"\n" + ADD.encode(), Fate.REFUSED
        yield f"{name}-code", ADD.encode() + data, Fate.REFUSED
        yield f"{name}-alone", data, Fate.REFUSED


_SMT = "assert check-sat declare-fun define-fun Int Bool Array select store ite true false forall exists let par not and or xor distinct div mod abs set-option set-logic exit push pop reset get-model get-value include eval echo lambda as is match _ ! unsat sat unknown error rlimit timeout"  # fmt: skip
_PYTHON = "__import__ __class__ __init__ __builtins__ eval exec open os sys import lambda def None self globals system subprocess breakpoint exit quit input print __name__ __main__ __file__"  # fmt: skip


def words() -> Made:
    """Names that mean something to somebody else."""
    for word in dict.fromkeys((_SMT + " " + _PYTHON).replace("-", "_").replace("!", "bang").split()):
        yield f"variable-{word}", triple(f"{word} = 2", f"{word} := 1"), Fate.OPEN
        yield f"function-{word}", f"function {word}(x: int): int = x + 1\n" + triple(f"{word}(1) = 1"), Fate.OPEN
        yield f"unit-{word}", f"procedure {word}() returns (r: int)\n  ensures r = 2\nbegin\n  r := 1\nend\n", Fate.OPEN


def smtlib() -> Made:
    """Attempts to speak to the solver."""
    for number, text in enumerate(("|", "||", "a|b", "a) (assert false", "(check-sat)", '" (exit) "', "; (assert false)", "\\|", "$x", "#b1", "#x1", ":named", "(_ bv1 8)", "@x", "`x`", "{{x}}", "%s", "{0}", "\\u{41}", "$(id)", "`id`", "&&id", "../x", "%n%n%n")):  # fmt: skip
        yield f"name-{number}", triple(f"{text} = 2", f"{text} := 1"), Fate.ANY
        yield f"label-{number}", triple("true", f"x := 1; assert {text}: x = 2"), Fate.ANY
        yield f"comment-{number}", f"// {text}\n" + triple(f"x = 2 /* {text} */", "x := 1"), Fate.OPEN
        yield f"import-{number}", f'import "{text}"\n'.replace('""', '"') + ADD, Fate.ANY


def scripts() -> Made:
    """Proof scripts that are no proofs."""
    lemma = "function sum(n: int): int\n  requires n >= 0\n  variant n\n  = if n = 0 then 0 else n + sum(n - 1)\nlemma wrong(n: int)\n  requires n >= 0\n  ensures e: sum(n) = n * n + 1\n"
    steps = ("induction n", "cases n = 0", "witness 1", "unfold sum(n)", "use wrong(n)", "have h: false", "have sum(n) = n * n + 1", "rewrite e", "split", "left", "right", "intro", "assumption", "auto", "sorry", "admit", "qed", "each { auto }", "generalize n", "calc n", "repeat auto", "try auto", "(", ")", "{", "}", "{ { {", "induction", "cases", "use", "use sum", "have", "unfold", "import os", "print(1)", "; ; ;", "\x00", "∀", "1 / 0", "have h: 1 / 0 = 1", "use wrong(-1)", "unfold sum(-1)", "unfold sum(sum(sum(n)))")  # fmt: skip
    for number, step in enumerate(steps):
        yield f"script-{number}", lemma + f"proof wrong.e\n  {step}\nqed\n", Fate.OPEN
        yield (
            f"by-{number}",
            lemma.split("lemma", maxsplit=1)[0] + triple("true", f"x := 1; assert w: x = 2 by {{ {step} }}"),
            Fate.OPEN,
        )
    for size in (10, 100, 1_000, 20_000):
        yield f"steps-{size}", lemma + f"proof wrong.e\n  {'; '.join(['have true'] * size)}\nqed\n", Fate.OPEN
        yield f"splits-{size}", lemma + f"proof wrong.e\n  {'; '.join([f'cases n = {k}' for k in range(size)])}\nqed\n", Fate.OPEN
        yield (
            f"branches-{size}",
            lemma + "proof wrong.e\n" + "cases n = 0 { yes: " * size + "auto" + " }" * size + "\nqed\n",
            Fate.OPEN,
        )
        yield f"each-{size}", lemma + "proof wrong.e\n" + "each { " * size + "auto" + " }" * size + "\nqed\n", Fate.OPEN
        yield f"repeats-{size}", lemma + "proof wrong.e\n" + "repeat { " * size + "split" + " }" * size + "\nqed\n", Fate.OPEN
        yield f"proofs-{size}", lemma + "proof wrong.e\n  auto\nqed\n" * size, Fate.ANY


def imports() -> Made:
    """Paths that lead elsewhere.  (Links, devices and cycles need a folder: test_folders.py.)"""
    for number, path in enumerate(("../x.proof", "../../etc/passwd", "/etc/passwd", "/dev/zero", "/dev/stdin", "/proc/self/mem", "~/.bashrc", "~root/x", "file:///etc/passwd", "http://example.org/x.proof", "https://example.org", "ftp://x", "\\\\server\\share", "C:\\x.proof", "C:x", "con", "NUL", "a/../b.proof", "a/../../b.proof", "./../x.proof", "....//x", "..%2fx", "..;/x", "", ".", "..", "/", "//", "a//b", " ", "x.proof ", "x.proof/", "-", "--help", "|id", "`id`", "$(id)", "$HOME/x", "%HOME%", "*", "?", "[a]", "std:", "std:../x", "std:/etc/passwd", "std:nope", "std:arrays/../../x", "std:.", "STD:arrays", "std::arrays", "std:arrays.proof", "x" * 5_000, "a/" * 2_000 + "x", "\t", "é.proof")):  # fmt: skip
        yield f"path-{number}", f'import "{path}"\n' + ADD, Fate.REFUSED
    for number in range(1, 4):
        yield f"many-{10**number}", "".join(f'import "m{n}.proof"\n' for n in range(10**number)) + ADD, Fate.REFUSED
        yield f"standard-again-{10**number}", 'import "std:arrays"\n' * 10**number + ADD, Fate.PROVED


def headers() -> Made:
    """Comments that the tool reads: what a file expects."""
    for number, line in enumerate(("proved", "add: correct yes", "add: correct no", "nobody: correct yes", "add", ":", ";", "; ; ;", "add:", "add: correct", "add: correct maybe", "add: correct yes; " * 1_000, "a" * 100_000, "add: terminates yes", "\x1b[31m", "(" * 1_000, "add: correct yes, correct no", "⊤", "%s%n", "{}", "add: correct yes\r")):  # fmt: skip
        yield f"expected-{number}", f"// expected: {line}\n{ADD}"
        yield f"second-{number}", f"// Topic: x\n// expected: {line}\n{ADD}"


def running() -> Made:
    """Programs that are trouble for whoever runs them."""
    bodies = {
        "endless": "while true do skip end", "counting": "while true do x := x + 1 end", "growing": "x := 2; while true do x := x * x end",
        "array": "var a := array(100000000, 0); assert a[0] = 1", "arrays": "var a := array(100000, array(100000, 0)); assert a[0][0] = 1",
        "copying": "var a := array(10000, 0); while true do a[0] := a[0] + 1 end", "copying-much": "var a := array(1000000, 0); while true do a[0] := a[0] + 1 end",
        "copying-rows": "var a := array(1000, array(1000, 0)); while true do a[0][0] := a[0][0] + 1 end", "filling": "while true do a := array(1000000, x) end",
        "comparing": "var a := array(1000000, 0); var b := array(1000000, 0); while a = b do skip end", "permuting": "var a := array(1000000, 0); var b := array(1000000, 0); while perm(a, b) do skip end",
        "measuring": "while len(array(1000000, x)) > 5 do skip end",
        "dividing": "y := 2; k := 0; while k < 15 do y := y * y; k := k + 1 end; while true do x := (y + x) / (y - 7) end", "multiplying-long": "y := 2; k := 0; while k < 14 do y := y * y; k := k + 1 end; while true do x := y * y end",
        "zero": "x := 1 / 0", "remainder": "x := 1 % 0",
        "negative-array": "var a := array(-1, 0)", "outside": "var a := array(1, 0); x := a[1]", "choice": "x := *; assert x * x * x != 30",
        "choose": "x := * choose 1 / 0", "havoc": "havoc x; assert x = 0", "assume": "assume false; assert false", "blocked": "assume x > 0; assert x > 1",
        "doubling-array": "var a := array(1, 0); while true do a := array(len(a) * 2, 0) end", "product": "x := 1; i := 1; while i < 100000 do x := x * i; i := i + 1 end",
        "quantifier": "assert exists i: int :: i * i = 1000003", "large-quantifier": "assert forall i: int :: 0 <= i < 10000000000 ==> i != 9999999999",
    }  # fmt: skip
    called = "i := 0; while i < 1000000 do i := i + 1; var a := array(1000000, 0); while first(a) = 0 do skip end end"
    yield "calling", "function first(a: int[]): int\n  = if len(a) = 0 then 1 else a[0]\n" + triple("x = 7", called), Fate.ANY
    for name, body in bodies.items():
        yield f"{name}", triple("false", body), Fate.ANY
        yield f"{name}-in-loop", triple("x = 7", f"i := 0; while i < 1000000 do i := i + 1; {body} end"), Fate.ANY
        yield f"{name}-total", f"total triple t\n{{ true }}\n  {body}\n{{ x = 7 }}\n", Fate.ANY
