"""Families of programs that grow with n, each in four syntaxes: ours, Why3's, Boogie's, Dafny's.

All four say the same and are true.  Ours, Why3's and Dafny's are asked for termination as well; Boogie has no variants,
and its loops carry a hand-written check only where that is easy (`procs`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

SUFFIXES = ("proof", "mlw", "bpl", "dfy")


@dataclass(frozen=True, slots=True)
class Family:
    """Programs of one shape: what to call it, sizes to measure, figures to reach, and the generator."""

    title: str
    name: str
    sizes: tuple[int, ...]
    quick: tuple[int, ...]
    reach: dict[int, float]
    """Seconds for the whole process on one core, by size, where a figure is stated."""
    text: Callable[[int, str], str]
    """Size and suffix to the text of a program."""


def families() -> tuple[Family, ...]:
    return (
        Family("ifs in sequence", "ifs", (10, 20, 50, 100, 200), (10, 200), {200: 1.0}, ifs),
        Family("loops in sequence", "loops", (10, 20, 50, 100), (10, 100), {100: 0.5}, loops),
        Family("nested loops", "nest", (2, 5, 10, 20), (2, 5), {}, nest),
        Family("small procedures", "procs", (10, 100, 1000), (10, 100), {1000: 5.0}, procedures),
    )


def ifs(n: int, suffix: str) -> str:
    """Counts which of n flags are set, by n conditionals, one after another."""

    line = {
        "proof": "  if b[{i}] then x := x + 1 end;\n",
        "mlw": "    if b{i} then x := !x + 1;\n",
        "bpl": "  if (b[{i}]) {{ x := x + 1; }}\n",
        "dfy": "  if b[{i}] {{ x := x + 1; }}\n",
    }[suffix]
    lines = "".join(line.format(i=i) for i in range(n))
    match suffix:
        case "proof":
            head = f"procedure count(b: bool[]) returns (x: int)\n  requires len(b) = {n}\n  ensures 0 <= x <= {n}\nbegin\n"
            return f"{head}  x := 0;\n{lines}end\n"
        case "mlw":
            flags = " ".join(f"(b{i}: bool)" for i in range(n))
            head = f"module Count\n  use int.Int\n  use ref.Ref\n  let count {flags} : int\n"
            return f"{head}    ensures {{ 0 <= result <= {n} }}\n  = let x = ref 0 in\n{lines}    !x\nend\n"
        case "bpl":
            head = f"procedure Count(b: [int]bool) returns (x: int)\n  ensures 0 <= x && x <= {n};\n"
            return f"{head}{{\n  x := 0;\n{lines}}}\n"
        case _:
            head = f"method Count(b: seq<bool>) returns (x: int)\n  requires |b| == {n}\n  ensures 0 <= x <= {n}\n"
            return f"{head}{{\n  x := 0;\n{lines}}}\n"


def loops(n: int, suffix: str) -> str:
    """Adds m to x, n times over, each time by a loop of its own."""
    match suffix:
        case "proof":
            loop = (
                "  i := 0;\n  while i < m\n    invariant 0 <= i <= m and x = {k} * m + i\n    variant m - i\n  do\n"
                "    i := i + 1;\n    x := x + 1\n  end;\n"
            )
            head = "procedure times(m: int) returns (x: int)\n  requires m >= 0\n  ensures x = {n} * m\nbegin\n  var i := 0;\n"
            head, tail = head + "  x := 0;\n", "end\n"
        case "mlw":
            loop = (
                "    i := 0;\n    while !i < m do\n      invariant {{ 0 <= !i <= m /\\ !x = {k} * m + !i }}\n"
                "      variant {{ m - !i }}\n      i := !i + 1; x := !x + 1\n    done;\n"
            )
            head = "module Times\n  use int.Int\n  use ref.Ref\n  let times (m: int) : int\n    requires {{ m >= 0 }}\n"
            head += "    ensures {{ result = {n} * m }}\n  = let x = ref 0 in let i = ref 0 in\n"
            tail = "    !x\nend\n"
        case "bpl":
            loop = (
                "  i := 0;\n  while (i < m)\n    invariant 0 <= i && i <= m && x == {k} * m + i;\n"
                "  {{ i := i + 1; x := x + 1; }}\n"
            )
            head = "procedure Times(m: int) returns (x: int)\n  requires m >= 0;\n  ensures x == {n} * m;\n{{\n"
            head, tail = head + "  var i: int;\n  x := 0;\n", "}}\n"
        case _:
            loop = (
                "  i := 0;\n  while i < m\n    invariant 0 <= i <= m && x == {k} * m + i\n    decreases m - i\n"
                "  {{ i := i + 1; x := x + 1; }}\n"
            )
            head = "method Times(m: int) returns (x: int)\n  requires m >= 0\n  ensures x == {n} * m\n{{\n"
            head, tail = head + "  x := 0;\n  var i := 0;\n", "}}\n"
    return head.format(n=n) + "".join(loop.format(k=k) for k in range(n)) + tail.format()


def nest(n: int, suffix: str) -> str:
    """n loops, one inside the other."""
    body = _innermost(suffix)
    for depth in reversed(range(n)):
        body = _nested(depth, body, suffix)
    names = [f"i{depth}" for depth in range(n)]
    match suffix:
        case "proof":
            variables = "".join(f"  var {name} := 0;\n" for name in names)
            head = "procedure nest(n: int) returns (x: int)\n  requires n >= 0\n  ensures x >= 0\nbegin\n"
            return f"{head}{variables}  x := 0;\n{body}\nend\n"
        case "mlw":
            variables = "".join(f"    let {name} = ref 0 in\n" for name in names)
            head = "module Nest\n  use int.Int\n  use ref.Ref\n  let nest (n: int) : int\n    requires { n >= 0 }\n"
            return f"{head}    ensures {{ result >= 0 }}\n  = let x = ref 0 in\n{variables}{body};\n    !x\nend\n"
        case "bpl":
            head = "procedure Nest(n: int) returns (x: int)\n  requires n >= 0;\n  ensures x >= 0;\n{\n"
            return f"{head}  var {', '.join(names)}: int;\n  x := 0;\n{body}\n}}\n"
        case _:
            variables = "".join(f"  var {name} := 0;\n" for name in names)
            head = "method Nest(n: int) returns (x: int)\n  requires n >= 0\n  ensures x >= 0\n{\n  x := 0;\n"
            return f"{head}{variables}{body}\n}}\n"


def _innermost(suffix: str) -> str:
    return {"proof": "x := x + 1", "mlw": "x := !x + 1"}.get(suffix, "x := x + 1;")


def _nested(depth: int, body: str, suffix: str) -> str:
    """A loop over `i<depth>` around `body`; the counters of the loops around it stay within their bounds."""
    i, around = f"i{depth}", [f"i{outer}" for outer in range(depth)]
    match suffix:
        case "proof":
            bounds = "".join(f" invariant 0 <= {j} < n" for j in around)
            clauses = f"{bounds} invariant 0 <= {i} <= n and x >= 0 variant n - {i}"
            return f"{i} := 0;\nwhile {i} < n{clauses} do\n{body};\n{i} := {i} + 1\nend"
        case "mlw":
            bounds = "".join(f" invariant {{ 0 <= !{j} < n }}" for j in around)
            clauses = f"{bounds} invariant {{ 0 <= !{i} <= n /\\ !x >= 0 }} variant {{ n - !{i} }}"
            return f"{i} := 0;\nwhile !{i} < n do{clauses}\n{body};\n{i} := !{i} + 1\ndone"
        case "bpl":
            bounds = "".join(f" invariant 0 <= {j} && {j} < n;" for j in around)
            clauses = f"{bounds} invariant 0 <= {i} && {i} <= n && x >= 0;"
            return f"{i} := 0;\nwhile ({i} < n){clauses}\n{{\n{body}\n{i} := {i} + 1;\n}}"
        case _:
            bounds = "".join(f" invariant 0 <= {j} < n" for j in around)
            clauses = f"{bounds} invariant 0 <= {i} <= n && x >= 0 decreases n - {i}"
            return f"{i} := 0;\nwhile {i} < n{clauses}\n{{\n{body}\n{i} := {i} + 1;\n}}"


def procedures(n: int, suffix: str) -> str:
    """n procedures of a dozen lines; each adds up the numbers to m."""
    one = {"proof": _SUM_PROOF, "mlw": _SUM_MLW, "bpl": _SUM_BPL, "dfy": _SUM_DFY}[suffix]
    text = "".join(one.replace("K", str(k)) for k in range(n))
    return f"module Sums\n  use int.Int\n  use ref.Ref\n{text}end\n" if suffix == "mlw" else text


_SUM_PROOF = """procedure sumK(m: int) returns (s: int)
  requires m >= 0
  ensures 2 * s = m * (m + 1)
begin
  var i := 0;
  s := 0;
  while i < m
    invariant 0 <= i <= m and 2 * s = i * (i + 1)
    variant m - i
  do
    i := i + 1;
    s := s + i
  end
end

"""

_SUM_MLW = """  let sumK (m: int) : int
    requires { m >= 0 }
    ensures { 2 * result = m * (m + 1) }
  = let i = ref 0 in
    let s = ref 0 in
    while !i < m do
      invariant { 0 <= !i <= m /\\ 2 * !s = !i * (!i + 1) }
      variant { m - !i }
      i := !i + 1;
      s := !s + !i
    done;
    !s

"""

_SUM_BPL = """procedure SumK(m: int) returns (s: int)
  requires m >= 0;
  ensures 2 * s == m * (m + 1);
{
  var i: int;
  var before: int;
  i := 0;
  s := 0;
  while (i < m)
    invariant 0 <= i && i <= m && 2 * s == i * (i + 1);
  {
    before := m - i;
    i := i + 1;
    s := s + i;
    assert 0 <= before && m - i < before;
  }
}

"""

_SUM_DFY = """method SumK(m: int) returns (s: int)
  requires m >= 0
  ensures 2 * s == m * (m + 1)
{
  var i := 0;
  s := 0;
  while i < m
    invariant 0 <= i <= m && 2 * s == i * (i + 1)
    decreases m - i
  {
    i := i + 1;
    s := s + i;
  }
}

"""
