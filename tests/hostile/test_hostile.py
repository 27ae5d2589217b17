"""Files that mean harm: most of them on each change, all with `make hostile`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from prover.batch.schedule import check_all
from prover.check import Options
from prover.inputs import Input
from prover.render.json import report_json
from prover.report import FileReport, Report, Status
from prover.solve.process import Pool
from tests.hostile.attacks import attacks
from tests.hostile.run import GIBIBYTE, QUICK, Campaign, Found, campaign, checked, sample, wrong

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def run() -> Campaign:
    return campaign(sample())


def test_there_are_many() -> None:
    names = [a.name for a in attacks()]
    assert len(set(names)) == len(names) >= 2_000
    assert len(sample()) >= 1_000


def test_nothing_goes_wrong(run: Campaign) -> None:
    assert run.wrong == []
    assert len(run.found) == len(sample())


def test_ten_thousand_clauses_are_given_up_in_time() -> None:
    """Each may rely on all those before it: neither are queries written beyond the budget, nor are all explained."""
    (attack,) = [a for a in attacks() if a.name == "long/ensures-10000"]
    with Pool(1) as pool:
        found = checked(attack, QUICK, pool)
    assert (found.problems, found.status) == ([], "unknown")
    assert found.processor < 15


def test_solvers_stay_small(run: Campaign) -> None:
    assert 0 < run.workers <= GIBIBYTE


def test_they_are_what_they_are_meant_to_be(run: Campaign) -> None:
    """Some are refused, others are programs; else nothing would have been tried."""
    statuses = [f.status for f in run.found]
    assert statuses.count("invalid") >= 500
    assert min(statuses.count(s) for s in ("proved", "refuted")) >= 50


def test_what_is_looked_for_is_seen(tmp_path: Path) -> None:
    """(In a process of its own: nobody gets rid of an audit hook.)"""
    code = (
        "from tests.hostile.run import watch\nimport os, socket, subprocess\nseen = watch()\n"
        "open('x', 'w').close(); os.remove('x'); os.mkdir('y'); subprocess.run(['true']); socket.socket().close()\n"
        "open(os.devnull, 'w').close(); open('/etc/hostname').close()\nprint(len(seen)); print(seen)"
    )
    command, environment = [sys.executable, "-c", code], {"PYTHONPATH": str(ROOT)}
    said = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert said.stdout.startswith("5\n"), said.stdout + said.stderr


def test_what_is_wrong_is_noticed() -> None:
    some = {a.name: a for a in attacks()}
    report = FileReport("x", Status.PROVED, (), (), None, None)
    assert list(wrong(some["nesting/not-300000"], report))
    assert list(wrong(some["search/deep-recursion-5"], report))
    assert not list(wrong(some["encodings/mark"], report))
    found = Campaign([Found("a/b", problems=["time: 9 s"])])
    assert found.wrong == ["a/b: time: 9 s"]


# A batch with hostile files in it

TEN = (
    "nesting/unclosed-30000", "bytes/noise-13", "encodings/utf-16", "escapes/broken-0", "solver/cubes-42", "solver/pell-61",
    "running/growing", "scripts/repeats-10", "long/mistakes-2000", "characters/name-202e",
)  # fmt: skip
OPTIONS = Options(jobs=2, rlimit=300_000, timeout=2.0, infer=False, explain=False)


def shown(report: FileReport) -> str:
    return report_json(Report((report,), "0", "z3"))


def test_the_others_of_a_batch_are_what_they_are_alone() -> None:
    """Ten among two hundred; the others get, byte for byte, the reports that they get without them."""
    kept = sorted((ROOT / "tests/corpus").rglob("*.proof"))
    good = [Input(p.relative_to(ROOT).as_posix(), p.read_bytes(), ROOT) for p in kept if "import" not in p.read_text("utf-8")]
    good = good[:: len(good) // 190][:190]
    named = {a.name: a for a in attacks()}
    bad = [Input(f"{name}.proof", named[name].content, ROOT) for name in TEN]
    mixed = list(good)
    for place, item in enumerate(bad):
        mixed.insert(place * 20 + 7, item)
    assert len(mixed) == 200
    among = {i.name: r for i, r in zip(mixed, check_all(mixed, OPTIONS), strict=True)}
    alone = {i.name: r for i, r in zip(good, check_all(good, OPTIONS), strict=True)}
    assert [n for n, r in alone.items() if shown(among[n]) != shown(r)] == []
    statuses = {i.name: among[i.name].status for i in bad}
    assert statuses.pop("running/growing.proof") is Status.PROVED, "it never ends, so its postcondition never fails"
    assert set(statuses.values()) == {Status.INVALID, Status.UNKNOWN, Status.REFUTED}
    assert not any(d.code == "input-worker" for r in among.values() for d in r.diagnostics)
