"""Invariants for programs without any: what is written into the file is proved without inference, and nothing false is."""

from __future__ import annotations

from pathlib import Path

import pytest

from prover.infer.scope import visible
from prover.kernel.program import Procedure
from prover.plan import load
from prover.report import Answer, FileReport
from prover.source import Source
from prover.syntax.elaborate import FileLoader
from tests.infer.texts import checked, written

NONLINEAR = Path(__file__).parent / "nonlinear"
QUICK = ("cohencu", "freire1", "geo2", "lcm2", "mannadiv", "prod4br", "prodbin", "ps4", "sqrt1", "fermat1", "fermat2")
TRUE = {
    "maximum": """procedure p(a: int[]) returns (m: int)
  requires len(a) > 0
  ensures  forall k: int :: 0 <= k < len(a) ==> a[k] <= m
begin
  var i := 1;
  m := a[0];
  while i < len(a) do
    if a[i] > m then m := a[i] end;
    i := i + 1
  end
end""",
    "search": """procedure p(a: int[], x: int) returns (found: bool)
  ensures found <==> (exists k: int :: 0 <= k < len(a) and a[k] = x)
begin
  found := false;
  for i := 0 to len(a) - 1 do
    if a[i] = x then found := true end
  end
end""",
    "copy": """procedure p(a: int[]) returns (b: int[])
  ensures b = a
begin
  b := array(len(a), 0);
  for i := 0 to len(a) - 1 do b[i] := a[i] end
end""",
    "function": """function f(n: int): int
  requires n >= 0
  variant  n
  = if n = 0 then 1 else 2 * f(n - 1)

procedure p(n: int) returns (r: int)
  requires n >= 0
  ensures  r = f(n)
begin
  var i := n;
  r := 1;
  while i > 0 do r := 2 * r; i := i - 1 end
end""",
    "machine integers": """procedure p(n: uint8) returns (r: uint8)
  ensures r = n
begin
  var i: uint8 := 0;
  r := 0;
  while i < n do i := i + 1; r := r + 1 end
end""",
    "products of machine integers": """procedure p(n: uint64) returns (r: uint64)
  requires int(n) < 1000
  ensures  int(r) = int(n) * (int(n) + 1) / 2
begin
  var i: uint64 := 0;
  r := 0;
  while i < n do i := i + 1; r := r + i end
end""",
    "elements that are machine integers": """procedure p(a: uint8[]) returns (m: uint8)
  requires len(a) > 0
  ensures forall k: int :: 0 <= k < len(a) ==> a[k] <= m
  ensures exists k: int :: 0 <= k < len(a) and a[k] = m
begin
  m := a[0];
  var i: int := 1;
  while i < len(a) do
    if a[i] > m then m := a[i] end;
    i := i + 1
  end
end""",
    "places that are machine integers": """procedure p(a: int[], n: int32, x: int) returns (i: int32)
  requires int(n) = len(a)
  ensures i = -1 ==> (forall k: int :: 0 <= k < len(a) ==> a[k] != x)
begin
  i := 0;
  while i < n do
    if a[int(i)] = x then return end;
    i := i + 1
  end;
  i := -1
end""",
    "remainder": "procedure p() returns (x: int) ensures x = 1002 begin x := 0; while x < 1000 do x := x + 3 end end",
    "large": "procedure p() returns (y: int) ensures y = 4294967296 begin\n"
    "var x := 4294967296; y := 0; while x > 0 do x := x - 1; y := y + 1 end end",
}
FALSE = {
    "first only": """procedure p(a: int[]) returns (m: int)
  requires len(a) > 0
  ensures  forall k: int :: 0 <= k < len(a) ==> a[k] <= m
begin
  var i := 1;
  m := a[0];
  while i < len(a) do
    if a[i] > m then m := a[0] end;
    i := i + 1
  end
end""",
    "off by one": "procedure p(n: int) returns (s: int) requires n >= 0 ensures 2 * s = n * n\n"
    "begin var i := 0; s := 0; while i < n do i := i + 1; s := s + i end end",
    "wraps around": "procedure p(n: uint8) returns (r: uint8) ensures int(r) = 2 * int(n) begin\n"
    "var i: uint8 := 0; r := 0; while i < n do i := i + 1; r := r + 2 end end",
    "rare": "procedure p(n: int) returns (y: int) ensures y = 0\n"
    "begin var x := 0; y := 0; while x < n do x := x + 1; if x = 9731 then y := 1 end end end",
}


def answer(report: FileReport) -> Answer | None:
    return next(u.correct for u in report.units if u.name in ("p", "main"))


@pytest.mark.parametrize("name", TRUE)
def test_found(name: str) -> None:
    report = checked(TRUE[name])
    assert answer(report) is Answer.YES
    assert answer(checked(TRUE[name], infer=False)) is not Answer.YES
    assert answer(checked(written(report), infer=False)) is Answer.YES


@pytest.mark.parametrize("name", QUICK)
def test_classic_nonlinear_loops(name: str) -> None:
    report = checked((NONLINEAR / f"{name}.proof").read_text(encoding="utf-8"))
    assert answer(report) is Answer.YES
    assert answer(checked(written(report), infer=False)) is Answer.YES


@pytest.mark.parametrize("name", FALSE)
def test_nothing_false_is_proved(name: str) -> None:
    assert answer(checked(FALSE[name])) is not Answer.YES


def test_annotations_speak_of_what_is_in_scope() -> None:
    text = """procedure p(n: int) returns (r: int)
begin
  if n > 0 then
    var gone := 1;
    r := gone
  end;
  var here := 2;
  r := 0;
  while r < n do
    var inner := r;
    r := inner + here;
    while r < 0 do r := r + 1 end
  end;
  var late := 3;
  r := late
end
"""
    unit = load(Source("t.proof", text), FileLoader(Path())).units["p"]
    assert isinstance(unit, Procedure)
    seen = {label: [v.name for v in variables] for label, variables in visible(unit).items()}
    assert seen == {"loop1": ["n", "r", "here"], "loop2": ["n", "r", "here", "inner"]}
