"""General linear inequalities: where they are what is needed, they are found, and nothing is proposed for what is false."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from prover.diagnose.asking import sender
from prover.infer import affine, supported
from prover.infer.annotate import Proposals
from prover.infer.farkas import Found, Problem, Send, solved
from prover.infer.implications import Implication, Instance, Reader, Row, TooMany
from prover.infer.linear import Linear, total
from prover.kernel.sort import INT
from prover.kernel.term import Term, Var, structure
from prover.plan import load, plan
from prover.report import Answer, FileReport
from prover.solve.clock import Clock
from prover.solve.process import Pool
from prover.source import Source
from prover.syntax.elaborate import FileLoader
from prover.syntax.unparse import term_text
from tests.infer.texts import checked, written

HERE = Path(__file__).parent
PROGRAMS = sorted(path.relative_to(HERE).as_posix() for path in (*HERE.glob("linear/*"), *HERE.glob("termination/*")))
STEEP = """procedure main(n: int) returns (x: int, y: int)
  requires n >= 0
  ensures 2 * x + 3 * y <= 4 * n
begin
  x, y := 0, 0;
  var i := 0;
  while i < n do
    if i = 81223 then y := y + 2 elsif * then x := x + 2 else y := y + 2; x := x - 1 end;
    i := i + 1
  end
end"""
ENDLESS = {
    "no gap": "if 2 * a >= b then while x >= 0 do x := x - 2 * a + b; a, b := a + 1, b + 2 end end",
    "a gap that closes": "a, b := 9, 5; while x >= 0 do x := x - 2 * a + b; if * then b := b + 1 end end",
}


def answer(report: FileReport, total: bool) -> Answer | None:
    return report.units[0].terminates if total else report.units[0].correct


@pytest.mark.parametrize("name", PROGRAMS)
def test_found(name: str) -> None:
    total = name.startswith("termination")
    report = checked((HERE / name).read_text(encoding="utf-8"), total=total)
    assert answer(report, total) is Answer.YES
    assert answer(checked(written(report), total=total, infer=False), total) is Answer.YES


@pytest.fixture
def proposed(monkeypatch: pytest.MonkeyPatch) -> list[Proposals | None]:
    """What the engine has proposed."""
    found: list[Proposals | None] = []

    def kept(ask: Callable[..., Proposals | None], *arguments: object) -> Proposals | None:
        found.append(ask(*arguments))
        return found[-1]

    for module, name in ((affine, "invariants"), (supported, "ranked")):
        monkeypatch.setattr(module, name, partial(kept, getattr(module, name)))
    return found


def test_nothing_is_proposed_for_what_is_false(proposed: list[Proposals | None]) -> None:
    """In a round that no run comes to."""
    assert answer(checked(STEEP, total=False), total=False) is not Answer.YES
    assert proposed == [None]
    assert answer(checked(STEEP.replace("y := y + 2 elsif", "y := y + 1 elsif"), total=False), total=False) is Answer.YES


@pytest.mark.parametrize("body", ENDLESS.values(), ids=ENDLESS.keys())
def test_nothing_is_proposed_for_what_never_ends(body: str, proposed: list[Proposals | None]) -> None:
    text = f"procedure main(inout x: int, inout a: int, inout b: int) begin {body} end"
    assert answer(checked(text, total=True), total=True) is not Answer.YES
    assert proposed == [None, None]


def test_the_engine_speaks_of_the_program_s_variables(proposed: list[Proposals | None]) -> None:
    report = checked((HERE / "linear/bytes.proof").read_text(encoding="utf-8"), total=False)
    assert report.units[0].correct is Answer.YES
    (found,) = proposed
    assert found is not None
    assert "p <= 2 * int(i)" in [term_text(f) for f in found.loops["loop1"].invariants]


@pytest.mark.parametrize("count", [14, 15])
def test_loops_with_many_variables_are_left_to_others(count: int, proposed: list[Proposals | None]) -> None:
    parameters = ", ".join(f"x{i}: int" for i in range(count))
    body = "r := 1; s := x0; while r < x1 do r := r + 2; s := s + r * s end"
    contract = "requires x1 > 0 ensures r <= x1 + 1"
    checked(f"procedure main({parameters}) returns (r: int, s: int) {contract} begin {body} end", total=False)
    assert [p is None for p in proposed] == [count == 15]


def _value(name: str) -> Linear:
    variable: Term = Var(name, INT)
    return Linear({structure(variable): (variable, 1)}, 0)


def _sum(constant: int, **counts: int) -> Linear:
    found = Linear({}, constant)
    for name, count in counts.items():
        found = found.plus(_value(name).scaled(count))
    return found


@pytest.fixture
def send() -> Iterator[Send]:
    with Pool(1) as pool:
        yield sender(pool, Clock(20.0))


def _instance(name: str, *arguments: Linear) -> Instance:
    return Instance(name, (Linear({}, 1), *arguments))


X, Y = _value("x"), _value("y")
START = Implication((), (), _instance("T", _sum(0), _sum(0)))
STEPS = [(2, 3), (-1, -1)]
ROUNDS = [Implication((), (_instance("T", X, Y),), _instance("T", _sum(dx, x=1), _sum(dy, y=1))) for dx, dy in STEPS]


def _found(target: Implication, send: Send) -> Found | None:
    return solved(Problem({"T": 3}, [START, *ROUNDS]), [target], send, lambda: True)


def test_coefficients_are_solved_for(send: Send) -> None:
    """The smallest whole ones: 2 * y - 3 * x >= 0."""
    target = Implication((Row(_sum(-1, x=3, y=-2)),), (_instance("T", X, Y),))
    assert _found(target, send) == {"T": [(0, -3, 2)]}


def test_what_some_state_breaks_has_no_coefficients(send: Send) -> None:
    assert _found(Implication((Row(_sum(-1, x=1)),), (_instance("T", X, Y),)), send) is None


def test_what_holds_anyway_needs_none(send: Send) -> None:
    assert _found(Implication((Row(_sum(-1, x=1)), Row(_sum(0, x=-1))), (_instance("T", X, Y),)), send) == {}


def _implications(body: str, parameters: str = "x: int, y: int") -> list[Implication]:
    program = load(Source("t.proof", f"procedure p({parameters}) begin {body} end"), FileLoader(Path()))
    ready = plan(program)
    goals = ready.conditions["p"].goals
    return Reader(ready.theory, frozenset(), {}).implications(goals[-1])


def _texts(implication: Implication) -> list[str]:
    return sorted(f"{term_text(total(r.form))} {'=' if r.equal else '>='} 0" for r in implication.rows)


def test_each_way_through_a_goal_is_an_implication() -> None:
    found = _implications("var z := 0; if x > 2 then z := x elsif x = y then z := y + 1 end; assert z != 1")
    assert [_texts(i) for i in found] == [
        ["-x + 1 = 0", "x - 3 >= 0"],
        ["-x + 2 >= 0", "-y = 0", "y - x = 0"],
    ]


def test_products_are_left_out_and_remainders_are_not() -> None:
    (found, _) = _implications("if x * y > 2 * x and x * y > y then assert x mod 3 <= y and x < 2 end")
    assert "3 * (x / 3) - x + 2 >= 0" in _texts(found) or "-x + 3 * (x / 3) + 2 >= 0" in _texts(found)


def test_too_many_ways_are_given_up() -> None:
    choices = "; ".join(f"if x > {i} then z := z + {i} end" for i in range(8))
    with pytest.raises(TooMany):
        _implications(f"var z := 0; {choices}; assert z >= 0")
