"""The benchmark's own programs are true, small sizes of them at least, and its measuring measures."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import prover
from tests.bench.measure import measure
from tests.bench.peers import Peer
from tests.bench.programs import SUFFIXES, Family, families
from tests.bench.table import Cell, Row, table


@pytest.mark.parametrize("family", families(), ids=lambda family: family.name)
def test_programs_are_proved(family: Family) -> None:
    report = prover.check_text(family.text(2, "proof"))
    assert report.files[0].status.value == "proved", report.files[0]


@pytest.mark.parametrize("family", families(), ids=lambda family: family.name)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_programs_grow_with_their_size(family: Family, suffix: str) -> None:
    small, large = family.text(2, suffix), family.text(12, suffix)
    assert large.count("\n") > small.count("\n")
    assert "{{" not in small + large
    assert "}}" not in small + large


def test_measure_sees_time_memory_and_workers(tmp_path: Path) -> None:
    worker = "x = bytearray(60_000_000); import time; time.sleep(0.3)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {worker!r}]); print('done')"
    cost = measure([sys.executable, "-c", code], tmp_path, runs=1, limit=20)
    assert (cost.status, cost.output) == (0, "done\n")
    assert cost.wall >= 0.3
    if cost.main is not None and cost.worker is not None:
        assert cost.main < 50 < cost.worker


def test_measure_gives_up_at_the_limit(tmp_path: Path) -> None:
    cost = measure([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path, runs=3, limit=0.5)
    assert (cost.status, cost.runs) == (-9, 1)
    assert cost.wall < 10


@pytest.mark.parametrize(
    ("name", "output", "proved"),
    [
        ("why3", "Goal a'vc.\nProver result is: Valid (0.01s, 10 steps).\n", True),
        ("why3", "Prover result is: Valid (0.01s).\nProver result is: Timeout (5.00s).\n", False),
        ("why3", "", False),
        ("boogie", "Boogie program verifier finished with 2 verified, 0 errors\n", True),
        ("boogie", "Boogie program verifier finished with 0 verified, 0 errors, 1 time out\n", False),
        ("dafny", "Dafny program verifier finished with 3 verified, 1 error\n", False),
        ("dafny", "Dafny program verifier finished with 35 verified, 0 errors\n", True),
    ],
)
def test_peers_are_understood(name: str, output: str, proved: bool) -> None:
    assert Peer(name, "", ()).proved(output) is proved


def test_table_shows_ratios_targets_and_failures() -> None:
    ours = Cell(0.5, 0.4, 20.0, 40.0, proved=True)
    theirs = {"why3": Cell(1.0, 1.0, None, None, proved=True), "dafny": Cell(60.0, 9.0, None, None, proved=False, timeout=True)}
    text = table([Row("a", ours, 1.0, theirs), Row("b", ours, 0.4, {"why3": Cell.skipped()})], ["why3", "dafny"])
    a, b = text.splitlines()[2:4]
    assert a.split() == ["a", "0.50", "1.0", "ok", "0.40", "20", "40", "1.00", "2.0x", ">", "60"]
    assert b.split() == ["b", "0.50", "0.4", "MISSED", "0.40", "20", "40", "-", "-"]
