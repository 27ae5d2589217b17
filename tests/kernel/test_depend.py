"""Who uses whom, and what follows from it for verdicts."""

# ruff: noqa: E501, ISC004 - a program is a line
from __future__ import annotations

import pytest

from prover.kernel.depend import closure, components, dependents, functions_in, statements, terms, uses
from prover.kernel.program import Assign
from prover.plan import plan
from prover.report import Answer, Reason
from prover.solve.process import Pool
from prover.solve.prove import begin
from prover.verdict import Verdict, _ends, _good, verdicts
from tests.kernel.sequents import BUDGET, procedure
from tests.semantics.programs import program_of

GRAPH = """
function a(n: int): int = b(n) + c(n)
function b(n: int): int variant n = if n <= 0 then 0 else c(n - 1)
function c(n: int): int variant n = if n <= 0 then 0 else d(n - 1)
function d(n: int): int variant n = if n <= 0 then e(n) else b(n - 1)
function e(n: int): int = n
procedure p(x: int) returns (y: int) ensures y = a(x) begin if x > 0 then q() else y := a(x); return end; y := a(x) end
procedure q() begin r() end
procedure r() begin q() end
procedure s() begin var i := 0; while i < e(3) do i := i + 1; if i > 1 then skip else r() end end end
lemma l(n: int) ensures n = n begin assert n = n by { use m(n) } end
lemma m(n: int) ensures n = n begin assert n = n by { use k(n); auto } end
lemma k(n: int) ensures n = n begin assert n = n by { case n > 0 { use l(n) } } end
"""


def test_components_are_strongly_connected() -> None:
    found = components(program_of(GRAPH.replace("case n > 0 { use l(n) }", "use l(n)")))
    groups = [{"a"}, {"b", "c", "d"}, {"e"}, {"p"}, {"q", "r"}, {"s"}, {"l", "m", "k"}]
    assert {n: set(c) for n, c in found.items()} == {n: g for g in groups for n in g}


def test_components_of_longer_circles() -> None:
    # A lowlink that is not handed back splits the first; one that is not taken from the stack, the second.
    chain = "".join([f"procedure p{n}() begin p{(n + 1) % 6}() end\n" for n in range(6)])
    assert {len(c) for c in components(program_of(chain)).values()} == {6}
    eight = "procedure a() begin b(); c() end procedure b() begin a() end procedure c() begin d() end procedure d() begin a(); e() end procedure e() begin skip end"
    assert {n: len(c) for n, c in components(program_of(eight)).items()} == {"a": 4, "b": 4, "c": 4, "d": 4, "e": 1}


def test_callees_come_first() -> None:
    program = program_of("procedure a() begin b() end procedure b() begin c() end procedure c() begin skip end")
    assert list(components(program)) == ["c", "b", "a"]


def test_uses_closure_and_dependents() -> None:
    program = program_of(GRAPH.replace("case n > 0 { use l(n) }", "use l(n)"))
    assert uses(program.units["p"], program) == {"a", "q"}
    assert uses(program.units["s"], program) == {"e", "r"}
    assert uses(program.units["l"], program) == {"m"}
    assert closure(["p"], program) == {"p", "a", "b", "c", "d", "e", "q", "r"}
    assert dependents(frozenset({"e"}), program) == {"e", "d", "c", "b", "a", "p", "s"}
    assert dependents(frozenset({"p"}), program) == {"p"}


def test_a_script_uses_lemmas_for_the_unit_of_its_goal_alone() -> None:
    lemmas = "".join([f"lemma {name}(n: int) ensures n = n begin end\n" for name in "klm"])
    units = "".join([f"procedure {name}(n: int) ensures n = n begin skip end\n" for name in "abc"])
    scripts = "".join([f"proof {a}.ensures1 use {b}(n); auto qed\n" for a, b in (("a", "k"), ("b", "l"), ("c", "m"))])
    program = program_of(lemmas + units + scripts)
    assert {name: set(uses(program.units[name], program)) for name in "abc"} == {"a": {"k"}, "b": {"l"}, "c": {"m"}}


def test_every_statement_and_term_is_looked_at() -> None:
    text = """function f(n: int): int
procedure p(inout a: int[]) returns (y: int)
  requires f(1) = 1 ensures f(2) = f(2)
begin
  y := f(3);
  a[f(4)] := f(5);
  if f(6) > 0 then y := f(7) else y := f(8) end;
  while f(9) > y invariant f(10) = f(10) variant f(11) do y := f(12) end;
  for i := f(13) to f(14) do y := f(15) end;
  assert f(16) = f(16);
  assume f(17) = 0;
  y := q(f(18));
  y := y
end
procedure q(n: int) returns (m: int) begin m := n end
"""
    unit = procedure(program_of(text), "p")
    assert unit.body is not None
    assert {n for t in terms(unit) for n in functions_in(t)} == {"f"}
    shown = " ".join([str(t) for t in terms(unit)])
    assert [n for n in range(1, 19) if f"value={n}," not in shown] == []
    assert sum(isinstance(s, Assign) for s in statements(unit.body)) >= 10


def answers(text: str, pool: Pool, total: bool = False) -> dict[str, Verdict]:
    ready = plan(program_of(text), total)
    jobs = {n: begin(c, ready.theory, ready.opaque(n), BUDGET, pool, {}) for n, c in ready.conditions.items()}
    found = {n: job.finish(pool) for n, job in jobs.items()}
    further = {n: ready.brought_in(n, [o.goal for o in found[n]], ()) for n in found}
    return verdicts(ready.program, ready.components, ready.conditions, found, ready.termination, further)


FINE, WRONG = "x := 1", "x := 0"
PROGRAMS = [
    # what one rests on, directly and not
    ("procedure a() returns (x: int) ensures x = 1 begin {} end procedure b() returns (y: int) ensures y = 1 begin y := a() end "
     "procedure c() returns (y: int) ensures y = 1 begin y := b() end", "a b c"),
    # members of a component rest on each other
    ("procedure a(n: int) returns (x: int) ensures x = 1 begin {} ; if n > 0 then var z := b(n) end end "
     "procedure b(n: int) returns (y: int) ensures y = 1 begin y := a(n) end procedure c() returns (x: int) begin x := b(0) end", "a b c"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "units"), PROGRAMS)
def test_what_is_wrong_spreads_to_all_that_rest_on_it(pool: Pool, text: str, units: str) -> None:
    good, bad = answers(text.replace("{}", FINE), pool), answers(text.replace("{}", WRONG), pool)
    assert {n: v.correct for n, v in good.items()} == dict.fromkeys(units.split(), Answer.YES)
    assert {n: v.correct for n, v in bad.items()} == dict.fromkeys(units.split(), Answer.UNKNOWN)
    assert bad["a"].correct_reason is not Reason.DEPENDS
    assert bad["b"].correct_reason is bad["c"].correct_reason is Reason.DEPENDS
    assert "a" in bad["b"].depends


def test_a_function_that_is_wrong_spoils_what_uses_it(pool: Pool) -> None:
    text = "function f(n: int): int variant n = if n = 0 then 0 else f(n - 1) function g(n: int): int = f(n) procedure p() begin assert g(0) = 0 end"
    assert {v.correct for v in answers(text, pool).values()} == {Answer.UNKNOWN}
    assert {v.correct for v in answers(text.replace("n = 0", "n <= 0"), pool).values()} == {Answer.YES}


def test_termination_rests_on_what_is_called(pool: Pool) -> None:
    text = "procedure a() begin var i := 3; while i > 0 variant i do i := i {} 1 end end procedure b() begin a() end procedure c() begin b() end"
    good, bad = answers(text.replace("{}", "-"), pool, True), answers(text.replace("{}", "+"), pool, True)
    assert {v.terminates for v in good.values()} == {Answer.YES}
    assert {v.terminates for v in bad.values()} == {Answer.UNKNOWN}
    assert {v.correct for v in bad.values()} == {Answer.YES}
    assert bad["c"].terminates_reason is Reason.DEPENDS


def test_termination_is_asked_of_what_is_called(pool: Pool) -> None:
    text = "procedure a() begin b() end procedure b() begin while true do skip end end procedure c() terminates begin a() end procedure d() begin skip end"
    found = answers(text, pool)
    assert {n: v.terminates for n, v in found.items()} == {**dict.fromkeys("abc", Answer.UNKNOWN), "d": None}


def test_termination_under_contracts_that_do_not_hold(pool: Pool) -> None:
    text = "procedure a(n: int) returns (x: int) ensures x < n terminates variant n begin x := n; if n > 0 then x := a(n - 1) end; {} end"
    assert answers(text.replace("{}", "x := n - 1"), pool)["a"].terminates is Answer.YES
    assert answers(text.replace("{}", "x := n"), pool)["a"].terminates is Answer.UNKNOWN
    wrong = "procedure a(n: int) terminates begin var i := n; assert n >= 0; while i > 0 variant i do i := i - 1 end end"
    assert answers(wrong, pool)["a"].terminates is Answer.UNKNOWN


def test_calls_that_need_not_end(pool: Pool) -> None:
    text = "procedure a(n: int) begin b(n) end procedure b(n: int) begin a(n) end"
    assert {v.terminates for v in answers(text, pool, True).values()} == {Answer.UNKNOWN}
    trusted = "procedure a() ensures true procedure b() terminates begin a() end"
    found = answers(trusted, pool)
    assert (found["a"].correct, found["a"].terminates, found["b"].terminates) == (Answer.TRUSTED, Answer.UNKNOWN, Answer.UNKNOWN)


def test_what_has_no_verdict_is_not_relied_on() -> None:
    assert not _good("nobody", {})
    assert not _ends(None)
