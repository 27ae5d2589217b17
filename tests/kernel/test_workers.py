"""Solver processes: whatever happens to one, there is no verdict from it, and the next query has one."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from prover.kernel.oracle import Fault, Query, ask
from prover.kernel.sort import INT
from prover.kernel.term import Op, Var, app
from prover.solve import process
from prover.solve.portfolio import TOGETHER
from prover.solve.process import Pool, Worker, command, library
from tests.kernel.sequents import EMPTY, goal, reply

x = Var("x", INT)
EASY = goal(app(Op.EQ, x, x))


def raw(script: str) -> Query:
    return Query((EASY,), script, "digest")


# Cubes whose sum is 42: nothing that z3 finishes.
ENDLESS = raw(
    "(declare-const a Int)(declare-const b Int)(declare-const c Int)"
    "(assert (= (+ (* a a a) (* b b b) (* c c c)) 42))(assert (> (* a a) 1000000))(check-sat)"
)


@pytest.fixture
def single() -> Worker:
    return Worker(command(library()))


def works(worker: Worker) -> bool:
    return reply(worker, [EASY])[0] is not None


def test_a_timeout_is_a_fault_and_the_next_query_works(single: Worker) -> None:
    started = time.monotonic()
    answer = single.ask(ENDLESS, 0.3)
    assert time.monotonic() - started < 3
    assert (answer.fault, answer.output) == (Fault.TIMEOUT, "")
    assert works(single)
    single.stop(close=True)


def test_a_worker_killed_in_the_middle(single: Worker) -> None:
    held = single.start()
    threading.Timer(0.2, lambda: os.kill(held.pid, signal.SIGKILL)).start()
    answer = single.ask(ENDLESS, 5.0)
    assert (answer.fault, answer.output) == (Fault.DIED, "")
    assert works(single)
    single.stop(close=True)


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="looks at limits in /proc")
def test_a_process_has_its_limit(single: Worker) -> None:
    assert works(single)
    limits = Path(f"/proc/{single.start().pid}/limits").read_text()
    assert re.search(rf"Max address space +{process.MEGABYTES << 20} ", limits)
    assert process.MEGABYTES <= 1024
    single.stop(close=True)


def test_memory_is_limited(single: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "MEGABYTES", 150)
    wide = "".join([f"(declare-const a{n} (_ BitVec 64))(assert (= (bvmul a{n} a{n} a{n}) #x{n:016x}))" for n in range(1, 4000)])
    answer = single.ask(raw(f"{wide}(check-sat)"), 8.0)
    assert answer.fault is not None or "unsat" not in answer.output.split("\n")[0]
    monkeypatch.undo()
    single.stop()
    assert works(single)
    single.stop(close=True)


@pytest.mark.parametrize(
    "said", ["unsat\\n", "5\\nunsa", "9\\nunsat\\n", "\\n", "x\\nunsat", "-1\\nunsat", "", "5 unsat", "99999999\\nunsat"]
)
def test_garbage_is_a_fault(single: Worker, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    garbage = [sys.executable, "-S", "-c", f"import sys; sys.stdin.buffer.readline(); sys.stdout.write('{said}')"]
    start = subprocess.Popen
    with monkeypatch.context() as patched:
        patched.setattr(subprocess, "Popen", lambda command, **rest: start(garbage, **rest))
        answer = single.ask(raw("(check-sat)"), 5.0)
    # "-1" reads what there is, which is no reply of that length
    assert answer.fault is Fault.DIED, answer
    assert answer.output == ""
    assert works(single)
    single.stop(close=True)


def test_an_error_is_no_theorem(worker: Worker) -> None:
    from prover.kernel.oracle import conclude

    for script in (
        "(assert (= unknown 1))(assert false)(check-sat)",
        "(nonsense)(assert false)(check-sat)",
        "(assert false)(check-sat)(assert unknown)",
    ):
        assert conclude(raw(script), worker.ask(raw(script), 5.0)) is None


def test_answers_do_not_depend_on_what_was_asked_before(worker: Worker) -> None:
    assert worker.ask(raw("(declare-const x Int)(assert false)(check-sat)"), 5.0).output.startswith("unsat")
    assert worker.ask(raw("(declare-const x Int)(check-sat)"), 5.0).output.startswith("sat")


def test_a_closed_worker_starts_nothing(single: Worker) -> None:
    single.stop(close=True)
    assert single.ask(ask([EASY], EMPTY, frozenset(), TOGETHER, 1000), 1.0).fault is Fault.DIED


def test_a_pool_leaves_nothing_running() -> None:
    with Pool(2) as pool:
        done = [pool.run(lambda send: send(ask([EASY], EMPTY, frozenset(), TOGETHER, 100_000), 5.0)) for _ in range(6)]
        assert [d.result().output.split("\n")[0] for d in done] == ["unsat"] * 6
        running = [w._process for w in pool._workers if w._process is not None]
    assert all(p.poll() is not None for p in running)


def test_interrupted_queries_are_faults_and_the_pool_goes_on() -> None:
    with Pool(1) as pool:
        waiting = pool.run(lambda send: send(ENDLESS, 20.0))
        time.sleep(0.4)
        pool.interrupt()
        assert waiting.result().fault is Fault.DIED
        assert (
            pool.run(lambda send: send(ask([EASY], EMPTY, frozenset(), TOGETHER, 100_000), 5.0))
            .result()
            .output.startswith("unsat")
        )


def test_a_process_that_was_started_early_lives_until_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    start = Worker.start

    def slowly(worker: Worker) -> subprocess.Popen[bytes]:
        held = start(worker)
        time.sleep(0.5)  # by now it has asked to die with its parent: with the thread that started it
        return held

    with Pool(2) as pool:
        monkeypatch.setattr(Worker, "start", slowly)
        pool.warm()
        time.sleep(0.8)
        monkeypatch.setattr(Worker, "start", start)
        answer = pool.run(lambda send: send(raw("(assert false)(check-sat)"), 5.0)).result()
    assert (answer.fault, answer.output) == (None, "unsat\n")
