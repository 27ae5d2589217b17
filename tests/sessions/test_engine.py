"""The engine asks what it has not been asked, and a session is undone and done again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from prover.diagnostic import InputError
from prover.report import Answer
from prover.session.engine import Engine
from prover.session.session import Session, fresh
from prover.solve.prove import Budget

PROGRAM = """\
procedure p(n: int) returns (r: int)
  requires n >= 0
  ensures  r = n
begin
  r := 0;
  while r < n
    invariant r <= n
    variant n - r
  do
    r := r + 1
  end
end

procedure q(n: int) returns (r: int)
  ensures r > n
begin
  r := n + 1
end
"""


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine(Budget(rlimit=300_000, seconds=300.0), jobs=1) as made:
        yield made


def start(text: str = PROGRAM) -> Session:
    return fresh().with_text(text)


def settled(engine: Engine, session: Session) -> dict[str, bool]:
    work = engine.work(session.text)
    assert work.wait(60)
    return {n: (o := work.of(g)) is not None and o.proved for n, g in session.text.goals.items()}


def test_goals_of_a_text_are_answered(engine: Engine) -> None:
    assert all(settled(engine, start()).values())
    found = engine.work(start().text)
    found.wait(60)
    assert found.verdicts()["p"].correct is Answer.YES


def test_only_what_a_change_touches_is_asked_again(engine: Engine) -> None:
    before = start()
    settled(engine, before)
    asked = engine.asked
    after = before.with_text(PROGRAM.replace("r > n\n", "r >= n\n"))
    assert all(settled(engine, after).values())
    assert engine.asked == asked + 1


def test_going_back_asks_nothing(engine: Engine) -> None:
    before = start()
    settled(engine, before)
    after = before.with_text(PROGRAM.replace("r := r + 1", "r := r + 2")).done("edit", before)
    assert not all(settled(engine, after).values())
    asked = engine.asked
    back = after.undone()
    assert back is not None
    assert all(settled(engine, back).values())
    forth = back.redone()
    assert forth is not None and forth.text is after.text
    settled(engine, forth)
    assert engine.asked == asked


def test_a_changed_function_is_asked_again(engine: Engine) -> None:
    text = "function f(n: int): int\n  = n + 1\n\nlemma l(n: int)\n  ensures f(n) > n\n"
    assert all(settled(engine, start(text)).values())
    assert settled(engine, start(text.replace("n + 1", "n - 1")))["l.ensures1"] is False


def test_an_interruption_ends_the_work_and_it_can_begin_again(engine: Engine) -> None:
    session = start("lemma hard(x: int, y: int, z: int)\n  ensures x * x * x + y * y * y != z * z * z + 31 * x * y\n")
    engine.budget = Budget(rlimit=2_000_000_000, seconds=300.0)
    work = engine.work(session.text)
    started = time.monotonic()
    time.sleep(0.2)
    for _ in range(100):
        engine.interrupt()
        if work.wait(0.1):
            break
    assert work.pending() == 0
    assert time.monotonic() - started < 60
    engine.budget = Budget(rlimit=1_000, seconds=300.0)
    assert engine.again(session.text).wait(60)


def test_a_text_that_does_not_parse_changes_nothing() -> None:
    session = start()
    with pytest.raises(InputError):
        session.with_text("procedure")
    assert session.text.source.text == PROGRAM


@pytest.mark.slow
def test_a_change_of_one_annotation_is_quick(engine: Engine, tmp_path: Path) -> None:
    """Generous beside the goal of 50 ms, for slow machines; `prover bench` has the figure."""
    session = start()
    settled(engine, session)
    times = []
    for number in range(5):
        changed = PROGRAM.replace("invariant r <= n", f"invariant r <= n + {number} - {number}")
        begun = time.perf_counter()
        session = session.with_text(changed)
        assert all(settled(engine, session).values())
        times.append(time.perf_counter() - begun)
    assert min(times) < 0.5
