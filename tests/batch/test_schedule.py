"""Many files: the same reports whoever checked them, in order, and trouble that stays with the file that made it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from prover.batch import crew, schedule
from prover.batch.schedule import check_all
from prover.cache import Cache
from prover.cache.store import opened
from prover.check import Options
from prover.inputs import Input, gather
from prover.kernel.oracle import Answer, Query
from prover.render.json import report_json
from prover.report import FileReport, Report, Status
from prover.solve.process import Worker, command, library
from tests.bench.many import TEXT
from tests.processes import below, gone

PROVED = "triple add { x = 1 } x := x + 1 { x = 2 }\n"
OPTIONS = Options(jobs=2, infer=False)


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Front ends are used for however few files."""
    monkeypatch.setattr(schedule, "FEW", 1)


def texts(**files: str) -> list[Input]:
    return [Input(f"{name}.proof", text.encode(), Path("/nowhere")) for name, text in files.items()]


def shown(reports: list[FileReport]) -> str:
    return report_json(Report(tuple(reports), "0", "z3"))


@pytest.fixture(scope="module")
def mixed(root_folder: Path) -> tuple[Input, ...]:
    """Files of every status, of the standard library too, and one that takes many queries."""
    found = [str(p) for p in sorted((root_folder / "tests/corpus/false/01-substitution-order").rglob("*.proof"))[:4]]
    found += [str(p) for p in sorted((root_folder / "proofs/examples").glob("*.proof"))[::16]]
    return gather([*found, str(root_folder / "proofs/examples/two_sum_sorted.proof"), str(root_folder / "proofs/stdlib")])


@pytest.fixture(scope="module")
def root_folder() -> Path:
    return Path(__file__).parents[2]


def test_the_same_whoever_checks(mixed: tuple[Input, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "PATIENCE", 1e9)
    monkeypatch.setattr(schedule, "FEW", 10**9)
    here = shown(list(check_all(mixed, OPTIONS)))
    monkeypatch.setattr(schedule, "FEW", 1)
    for jobs in (1, 3):
        assert shown(list(check_all(mixed, Options(jobs=jobs, infer=False)))) == here
    monkeypatch.setattr(schedule, "SHARED_BEYOND", 0)
    monkeypatch.setattr(schedule, "WINDOW", 5)
    assert shown(list(check_all(mixed, OPTIONS))) == here


def test_order_is_that_of_the_files(many: None) -> None:
    sizes = [1, 9, 2, 7, 3, 5]
    inputs = texts(**{f"f{n}": "".join(PROVED.replace("add", f"add{k}") for k in range(size)) for n, size in enumerate(sizes)})
    reports = list(check_all(inputs, OPTIONS))
    assert [(r.path, len(r.units)) for r in reports] == [(f"f{n}.proof", size) for n, size in enumerate(sizes)]


def test_no_more_is_read_than_is_under_way(many: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "WINDOW", 4)
    taken: list[int] = []

    def inputs() -> Iterator[Input]:
        for number in range(30):
            taken.append(number)
            yield from texts(**{f"f{number}": PROVED})

    for done, _ in enumerate(check_all(inputs(), OPTIONS)):
        assert len(taken) <= done + 4 + 1


_TROUBLE = """
import sys; sys.path[:] = {path!r}
import os, prover.batch.frontend as f
old = f.check_one
def check_one(item, *rest):
    if "dies" in item.name: os._exit(1)
    if "hungry" in item.name: bytearray(1 << 40)
    if "bug" in item.name: raise KeyError("x")
    if "once" in item.name and not os.path.exists(item.name): open(item.name, "w"); os._exit(1)
    return old(item, *rest)
f.check_one = check_one
f.main()
"""


def test_trouble_stays_with_its_file(many: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(crew, "_START", _TROUBLE)
    once = str(tmp_path / "once")
    inputs = texts(a=PROVED, dies=PROVED, b=PROVED, hungry=PROVED, bug=PROVED, **{once: PROVED}, c=PROVED)
    reports = {r.path.removesuffix(".proof"): r for r in check_all(inputs, OPTIONS)}
    assert {n: r.status for n, r in reports.items() if r.status is Status.PROVED}.keys() == {"a", "b", "c", once}
    messages = {n: [d.message for d in r.diagnostics] for n, r in reports.items() if r.diagnostics}
    assert messages == {
        "dies": ["`dies.proof` could not be checked: the process that worked on it ended early, twice"],
        "hungry": ["`hungry.proof` could not be checked: it needs more memory than a process may use"],
        "bug": ["`bug.proof` could not be checked: a bug in prover: KeyError in check_one, line 8"],
    }
    assert all(reports[n].status is Status.UNKNOWN for n in messages)


def test_all_queries_can_be_answered_elsewhere(mixed: tuple[Input, ...], many: None) -> None:
    """What a cluster does: front ends here, solvers there."""
    worker = Worker(command(library()))
    asked: list[str] = []

    def ask(query: Query, seconds: float) -> Answer:
        asked.append(query.digest)
        return worker.ask(query, seconds)

    try:
        there = shown(list(check_all(mixed[::3], Options(jobs=1, infer=False), distant=ask)))
    finally:
        worker.stop(close=True)
    assert asked
    assert there == shown(list(check_all(mixed[::3], OPTIONS)))


def test_front_ends_use_the_cache(many: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = texts(**{f"f{n}": f"triple add {{ x = {n} }} x := x + 1 {{ x = {n + 1} }}" for n in range(1, 5)})
    cache = Cache(opened(tmp_path / "cache.sqlite"), "0.1.0", "z3 1")
    first = shown(list(check_all(inputs, OPTIONS, cache=cache)))
    cache.store.flush()
    assert cache.store.info().reports == 4
    assert cache.store.info().answers >= 4
    changed = [Input(i.name, b"// new\n" + i.content, i.root) for i in inputs if isinstance(i.content, bytes)]
    calls: list[object] = []
    monkeypatch.setattr("prover.solve.process.Worker.ask", calls.append)
    assert shown(list(check_all(inputs, OPTIONS, cache=cache))) == first
    monkeypatch.setattr(schedule, "FEW", 100)
    assert [r.status for r in check_all(changed, OPTIONS, cache=cache)] == [Status.PROVED] * 4
    assert calls == []
    cache.close()


def test_few_that_take_long_are_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "PATIENCE", 0.0)
    used: list[int] = []
    whole = crew.Crew.submit

    def submit(self: crew.Crew, number: int, item: Input, weight: int) -> None:
        used.append(number)
        whole(self, number, item, weight)

    monkeypatch.setattr(crew.Crew, "submit", submit)
    reports = list(check_all(texts(a=PROVED, b=PROVED, c=PROVED), OPTIONS))
    assert [r.status for r in reports] == [Status.PROVED] * 3
    assert used


def test_files_that_go_away(many: None, tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.proof").write_text(PROVED)
    inputs = gather([str(tmp_path)])
    (tmp_path / "b.proof").unlink()
    (tmp_path / "c.proof").unlink()
    (tmp_path / "c.proof").mkdir()
    reports = list(check_all(inputs, OPTIONS))
    assert [r.status for r in reports] == [Status.PROVED, Status.INVALID, Status.INVALID]
    assert [d.code for r in reports for d in r.diagnostics] == ["input-missing", "input-not-file"]


def test_fail_fast_leaves_nothing_running(many: None) -> None:
    inputs = texts(a=PROVED, b=PROVED.replace("2", "3"), **{f"c{n}": PROVED for n in range(50)})
    before = set(below(os.getpid()))  # of other tests in this process
    reports = list(check_all(inputs, Options(jobs=2, fail_fast=True)))
    assert [r.path for r in reports] == ["a.proof", "b.proof"]
    patience = time.monotonic() + 5
    while (left := set(below(os.getpid())) - before) and time.monotonic() < patience:
        time.sleep(0.05)
    assert not left


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at processes in /proc")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_an_interrupted_run_leaves_nothing_running(number: signal.Signals, status: int, root: Path, tmp_path: Path) -> None:
    for n in range(400):
        (tmp_path / f"f{n}.proof").write_text(PROVED.replace("1", str(n)))
    command = [sys.executable, "-m", "prover", "check", "--no-cache", "--jobs", "2", str(tmp_path)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(root)}
    )
    assert process.stdout is not None
    process.stdout.readline()
    started = below(process.pid)
    assert len(started) >= 2
    process.send_signal(number)
    process.stdout.read()
    process.stdout.close()
    assert process.wait() == status
    assert gone(started)


def test_a_plain_file_takes_one_query_a_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Contradictions and branches that no run takes are ruled out by small values; asking costs as much as the proof."""
    asked: list[Query] = []
    whole = Worker.ask

    def ask(self: Worker, query: Query, seconds: float) -> Answer:
        asked.append(query)
        return whole(self, query, seconds)

    monkeypatch.setattr(Worker, "ask", ask)
    reports = list(check_all(texts(a=TEXT.format(i=1, k=2, h=1)), OPTIONS))
    assert [(r.status, len(r.units)) for r in reports] == [(Status.PROVED, 2)]
    assert len(asked) == 2
