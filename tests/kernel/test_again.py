"""Goals that were asked briefly are asked again, at length."""

from __future__ import annotations

from prover.plan import plan
from prover.solve.clock import Clock
from prover.solve.process import Pool
from prover.solve.prove import Budget, begin
from tests.semantics.programs import program_of

TEXT = """procedure p(x: int, y: int) returns (z: int)
  ensures z * z >= 0
  ensures z > x
begin
  z := x * y
end
"""


def test_what_is_proved_stays_and_what_is_open_loses_no_reason(pool: Pool) -> None:
    ready = plan(program_of(TEXT))
    clock = Clock(20.0)
    job = begin(ready.conditions["p"], ready.theory, frozenset(), Budget(), pool, {}, clock)
    first = job.finish(pool, job.budget.brief)
    assert [o.proved for o in first] == [True, False]
    again = job.again(pool, first)
    assert again[0] is first[0]
    assert again[1].goal is first[1].goal and again[1].answer is not None and not again[1].proved
    clock.spend(1_000.0)
    assert job.again(pool, first) == first
