"""Texts that use the whole language, for the tests of parser, formatter and printer."""

from __future__ import annotations

TASTE = """\
// expected: all yes
function fact(n: int): int
  requires n >= 0
  variant  n
  = if n = 0 then 1 else n * fact(n - 1)

procedure factorial(n: int) returns (r: int)
  requires n >= 0
  ensures  r = fact(n)
begin
  var i := 0;
  r := 1;
  while i < n
    invariant bound: 0 <= i <= n
    invariant r = fact(i)
    variant n - i
  do
    i := i + 1;
    r := r * i
  end
end

triple swap
{ x = a and y = b }
  t := x; x := y; y := t
{ x = b and y = a }

procedure g(inout x: int, y: int)
  terminates
begin
  if y > 0 then
    while x > y do x := x - y end
  end
end
"""

EVERYTHING = """\
import "other.proof"
import "std:arrays"
const limit: int = 10
axiom positive: forall i: nat :: i + 1 > 0
predicate even(n: int) = n mod 2 = 0
predicate unknown(a: int[], b: array of nat)
function twice(n: int): int requires n >= 0 = n + n
function apart(x, y: int): int requires x != y
lemma doubled(n: int) requires n >= 0 ensures twice(n) = 2 * n
lemma by_induction(n: nat) variant n ensures twice(n) >= n begin if n > 0 then by_induction(n - 1) end end
procedure trusted(x: int) returns (y: int) ensures y > x
procedure all(inout a: array of int, ghost n: int, x, y: uint8) returns (r, q: int, ok: bool)
  requires size: len(a) = n ensures perm(a, old(a)) variant n, len(a) - n terminates diverges x > y
begin
  skip;
  var i, j: int := 0, 1;
  ghost var g := a;
  var b: int[][];
  a[i], a[j] := a[j], a[i];
  b[0][1] := -i;
  r := *;
  q := * choose i + 1;
  havoc i, j;
  here: x := 1;
  if i < j then skip elsif * then i := 1; else j := 2 end;
  while outer: i < n and not (i = 2)
    invariant bound: 0 <= i <= n
    invariant at(outer, i) <= i
    recurrent back: i > 0
    variant n - i, i
  do
    if i = 5 then break end;
    if i = 6 then continue end
  end;
  while * do skip end;
  for k := 0 to n - 1 invariant k >= 0 do skip end;
  for down: k := n downto 0 do return end;
  r, q := trusted(i), 2;
  doubled(i);
  assert small: i < 10 by { have h: i > 0; cases i = 0 { yes: auto no: unfold twice(i); auto } };
  { i > 0 } { named: j > 0 }
  assume i < len(a);
  ok := wrap uint8(i) = uint8(j) <==> [1, 2, i] = array(3, 0) ==> terminates(all) or exists z . z > 0;
  r := let m = i * j in if m > 0 then m else -m;
  r := a[i] + b[0][1] / 2 - i div 3 * (j % 4)
end
total triple { true } x := 1 { x = 1 }
triple named { a: true } x, y := y, x; { b: x = 1 }
proof all.outer.bound.preserved digest "0af3"
  each { auto };
  split { 1: compute; 2: induction i { base: auto step: use doubled(i) } }
qed
"""

UNICODE = "lemma l(i, j: int) ensures ∀ a, b :: a ≤ b ∧ ¬(a ≥ b) ⇒ a ≠ b ∨ a · b = 1 ⇔ ∃ c . c → c ↔ b begin x ≔ 1 end"
ASCII = (
    "lemma l(i, j: int) ensures forall a, b :: a <= b and not (a >= b) ==> a != b or a * b = 1 <==> exists c :: c ==> c <==> b"
    " begin x := 1 end"
)
C_LIKE = (
    "lemma l(i, j: int) ensures forall a, b . a <= b && !(a >= b) implies a <> b || a * b == 1 iff exists c . c ==> c <==> b"
    " begin x := 1; end"
)
