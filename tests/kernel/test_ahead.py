"""Attempts side by side, and what Ctrl-C does to work that is waited for."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable

import pytest

from prover.solve.ahead import Stopped, in_order, interruptible
from prover.solve.process import Pool

LONG = 10.0


def returns(value: str) -> Callable[[Stopped], str]:
    return lambda _: value


def after(event: threading.Event, value: str) -> Callable[[Stopped], str]:
    """It takes until the event."""
    return lambda _: value if event.wait(LONG) else "late"


def tells(event: threading.Event, value: str) -> Callable[[Stopped], str]:
    def attempt(_: Stopped) -> str:
        event.set()
        return value

    return attempt


def always(_working: int) -> bool:
    return True


def test_results_come_in_the_order_of_the_attempts() -> None:
    second = threading.Event()
    attempts = [after(second, "first"), tells(second, "second"), returns("third")]
    assert list(in_order(attempts, always, 0.0)) == ["first", "second", "third"]


def test_one_alone_is_followed_by_the_next() -> None:
    second = threading.Event()
    found = in_order([lambda _: str(second.is_set()), tells(second, "second")], lambda _: False, 0.0)
    assert list(found) == ["False", "second"]


def test_no_more_at_once_than_allowed() -> None:
    working, most = set[int](), [0]
    lock = threading.Lock()

    def attempt(number: int) -> int:
        with lock:
            working.add(number)
            most[0] = max(most[0], len(working))
        time.sleep(0.01)
        with lock:
            working.remove(number)
        return number

    attempts = [lambda _, n=n: attempt(n) for n in range(20)]
    assert list(in_order(attempts, lambda working: working < 3, 0.0)) == list(range(20))
    assert 2 <= most[0] <= 3


def test_a_patient_wait_begins_nothing_else() -> None:
    second = threading.Event()
    found = in_order([returns("first"), tells(second, "second")], always, LONG)
    assert next(found) == "first"
    assert not second.is_set()
    assert next(found) == "second"


def test_those_that_nobody_waits_for_are_told() -> None:
    second, told = threading.Event(), threading.Event()

    def endless(stopped: Stopped) -> str:
        second.set()
        while not stopped():
            time.sleep(0.001)
        told.set()
        return "never taken"

    for result in in_order([after(second, "first"), endless], always, 0.0):
        assert result == "first"
        break
    assert told.wait(LONG)


def test_an_exception_comes_at_its_place() -> None:
    def fails(_: Stopped) -> str:
        raise ValueError("second")

    found = in_order([returns("first"), fails], always, 0.0)
    assert next(found) == "first"
    with pytest.raises(ValueError, match="second"):
        next(found)


def test_the_first_interrupt_hurries_and_the_second_ends() -> None:
    hurried, begun = threading.Event(), threading.Event()

    def interrupt(times: int) -> None:
        begun.wait(LONG)
        for _ in range(times):
            time.sleep(0.05)
            os.kill(os.getpid(), signal.SIGINT)

    def work() -> str:
        begun.set()
        return "what there is" if hurried.wait(LONG) else "late"

    threading.Thread(target=interrupt, args=(1,)).start()
    assert interruptible(work, hurried.set) == "what there is"
    hurried.clear()
    threading.Thread(target=interrupt, args=(2,)).start()
    with pytest.raises(KeyboardInterrupt):
        interruptible(work, lambda: None)
    hurried.set()


def test_a_pool_in_a_hurry_answers_nothing() -> None:
    from tests.kernel.test_workers import raw

    slow = "(declare-const x Int)(declare-const y Int)(assert (= (* x x x) (+ (* y y y) 7 (* x y 1000003))))(check-sat)"
    with Pool(1) as pool:
        assert pool.run(lambda ask: ask(raw("(check-sat)"), LONG)).result().output.startswith("sat")
        asked = pool.run(lambda ask: ask(raw(slow), 60.0))
        started = time.monotonic()
        time.sleep(0.05)
        pool.hurry()
        answers = [asked.result(), pool.run(lambda ask: ask(raw("(check-sat)"), LONG)).result()]
        assert time.monotonic() - started < LONG
        assert not answers[0].output.startswith("unsat")
        assert answers[1].fault is not None and answers[1].fault.value == "timeout"
