"""Two thousand random programs on each change, most of them small; many more with `make fuzz`."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from prover.check import Options
from prover.kernel.term import FALSE, TRUE
from prover.report import Answer, FileReport, Reason, Status, Verdict
from tests.fuzz import differential
from tests.fuzz.compare import disagreements, subject, texts
from tests.fuzz.differential import ALONE, checked, differences, fuzz, fuzz_all, keep, lasting, main, pruned, runs_of, summary
from tests.fuzz.draws import Recorded
from tests.fuzz.generate import generate
from tests.fuzz.ledger import Ledger, Tally
from tests.fuzz.observe import without
from tests.fuzz.programs import made, programs
from tests.fuzz.shrink import shrunk
from tests.semantics.programs import program_of

COUNT, SMALL = 150, 1_850


@pytest.fixture(scope="module")
def tally() -> Tally:
    *_, found = fuzz_all(range(COUNT), 2, pruning=False, alone=5)
    return found


@pytest.fixture(scope="module")
def small() -> Tally:
    *_, found = fuzz_all(range(SMALL), 2, pruning=False, alone=0, large=0)
    return found


def test_they_agree_about_small_programs(small: Tally) -> None:
    """(Seeds 0 to 1849; `python -m tests.fuzz.differential --large 0 --seed S --count 1` is one of them.)"""
    assert [(name, problems) for name, _, problems in small.failures] == [], summary(small, 0)
    assert sum(small.statuses.values()) == SMALL
    assert small.proved >= 0.3
    assert min(small.statuses[s] for s in ("refuted", "unknown")) >= SMALL // 50


def test_verifier_and_interpreter_agree(tally: Tally) -> None:
    assert [(name, problems) for name, _, problems in tally.failures] == [], summary(tally, 0)


def test_what_the_clock_decided_in_one_run_is_no_difference() -> None:
    (report,) = checked({"f": "procedure f(x: int) requires x > 0 ensures x > 1 ensures x > 0 begin end\n"}, ALONE).values()
    (unit,) = report.units
    first, second = unit.goals

    def seen(**changes: object) -> FileReport:
        return replace(report, units=(replace(unit, correct=Answer.UNKNOWN, goals=(replace(first, **changes), second)),))

    assert differences(report, report) == []
    assert differences(report, seen(verdict=Verdict.UNKNOWN, reason=Reason.TIMEOUT)) == []
    assert [d.split(":")[0] for d in differences(report, seen(verdict=Verdict.UNKNOWN, reason=Reason.RESOURCES))] == [
        first.name,
        "f",
    ]
    late = seen(verdict=Verdict.UNKNOWN, reason=Reason.TIMEOUT)
    lost = replace(late, units=(replace(late.units[0], goals=late.units[0].goals[:1]),))
    assert [d.split(":")[0] for d in differences(report, lost)] == [second.name]  # the clock excuses its own goal alone


def test_a_difference_counts_that_lasts_with_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "procedure f(x: int) requires x > 0 ensures x > 1 begin end"
    assert lasting(text, ["f.ensures1: proved and unknown broken"]) == []
    jobs = iter((Options(infer=False), Options(infer=False, names=frozenset())))
    monkeypatch.setattr(differential, "replace", lambda *_, **__: next(jobs))
    assert [d.split(":")[0] for d in lasting(text, ["anything"])] == ["f.ensures1", "f"]


def test_programs_are_not_vacuous(tally: Tally) -> None:
    """Much is proved, some is refuted, some is left open, and nearly all are programs."""
    assert tally.proved >= 0.3, summary(tally, 0)
    assert tally.statuses["refuted"] >= COUNT // 20
    assert tally.statuses["unknown"] >= COUNT // 20
    assert tally.statuses["invalid"] <= COUNT // 20


def test_programs_use_the_whole_language(tally: Tally) -> None:
    common = "while for if elsif return assume assert ghost inout old at forall let wrap array len variant function lemma triple"
    assert {word: tally.words[word] for word in common.split() if tally.words[word] < COUNT // 50} == {}
    assert {
        "break",
        "continue",
        "havoc",
        "choose",
        "perm",
        "exists",
        "recurrent",
        "downto",
        "predicate",
        "by",
    } <= tally.words.keys()


def test_the_same_seed_gives_the_same_program() -> None:
    first, second = ([generate(random.Random(seed)) for seed in range(20)] for _ in range(2))
    assert first == second


def flattered(report: FileReport) -> FileReport:
    """As if everything had been proved."""
    units = []
    for unit in report.units:
        goals = tuple([replace(g, verdict=Verdict.PROVED, reason=None) for g in unit.goals])
        ends = None if unit.terminates is None else Answer.YES
        units.append(replace(unit, correct=Answer.YES, terminates=ends, goals=goals))
    return replace(report, units=tuple(units))


WRONG = {
    "correct": "procedure p(x: int) returns (r: int)\n  ensures r > x\nbegin\n  r := x + 1;\n  if x = 7 then r := 0 end\nend",
    "annotation": "procedure p(inout x: nat)\nbegin\n  while x > 0 invariant x < 3 do x := x - 1 end\nend",
    "goal": "procedure p(x: int) returns (r: int)\nbegin\n  r := 3;\n  r := r / x\nend",
    "terminates": "procedure p(inout x: int)\n  terminates\nbegin\n  while x != 0 variant x do x := x - 1 end\nend",
    "function": "function f(x: int): int\n  = 7 / x\n",
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_false_verdict_is_noticed(kind: str) -> None:
    text = WRONG[kind]
    report = checked({"wrong": text}, ALONE)["wrong"]
    assert report.status is not Status.PROVED
    assert disagreements(subject(text, report)) == []
    assert disagreements(subject(text, flattered(report)))


def test_a_round_for_each_number_of_16_bits_comes_to_an_end() -> None:
    text = """procedure down(x: int) returns (r: uint16) terminates
    begin r := uint16(65534); while r > uint16(1) variant int(r) do r := r - uint16(1) end end"""
    report = checked({"down": text}, ALONE)["down"]
    assert [u.terminates for u in report.units] == [Answer.YES]
    assert disagreements(subject(text, report)) == []


def test_the_textbook_is_held_to_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    right = "procedure p(x: int) returns (y: int)\n  ensures y > x\nbegin\n  y := x + 1\nend\n"
    for text, condition in ((right, FALSE), (right.replace("+", "-"), TRUE)):
        report = checked({"p": text}, ALONE)["p"]
        assert disagreements(subject(text, report)) == []
        with monkeypatch.context() as patched:
            patched.setattr("tests.fuzz.compare.condition", lambda *_, c=condition: c)
            assert texts(disagreements(subject(text, report)))[-1] in ("textbook", "wp")


def test_nearly_every_wrong_program_is_noticed() -> None:
    """Of the programs with a refuted unit, hardly one would pass if it were called proved."""
    texts = programs(range(1000, 1040))
    reports = {n: r for n, r in checked(texts).items() if r.status is Status.REFUTED}
    noticed = [n for n, r in reports.items() if disagreements(subject(texts[n], flattered(r)))]
    assert len(noticed) >= 0.9 * len(reports) > 0


def test_shrinking_keeps_what_is_looked_for() -> None:
    text = "procedure p(inout x: int)\nbegin\n  x := 1;\n  if x > 0 then\n    x := 2;\n    x := 3;\n  end;\nend\n"
    small = "procedure p(inout x: int)\nbegin\n    x := 3;\nend\n"
    assert shrunk(text, lambda t: "x := 3" in t and _valid(t)) == small


def _valid(text: str) -> bool:
    return checked({"text": text}, ALONE)["text"].status is not Status.INVALID


def test_clauses_are_taken_out() -> None:
    text = "triple t\n{ true }\n  x := 1;\n  assert k1: x = 2;\n  { k2: x = 1 }\n{ k3: x = 3 }\n"
    assert without(text, {"k1", "k3"}) == "triple t\n{ true }\n  x := 1;\n  { k2: x = 1 }\n{ k3: true }\n"
    assert list(program_of(without(text, {"k1", "k2", "k3"})).units) == ["t"]
    assert pruned(text, checked({"t": text}, ALONE)["t"]) == without(text, {"k1"})


def test_a_record_decides_as_its_seed_does() -> None:
    for seed in range(40):
        recorded = made(Recorded(seed, []), Recorded(seed, []), True, seed % 4 == 0)
        assert recorded == programs([seed], small=True)[f"seed{seed}"]


def test_programs_do_not_depend_on_the_order_of_sets() -> None:
    code = "import zlib; from tests.fuzz.programs import programs; print(zlib.crc32(str(programs(range(60), True)).encode()))"
    said = {subprocess.check_output([sys.executable, "-c", code], env={"PYTHONHASHSEED": n}) for n in "123"}
    assert len(said) == 1


def test_what_a_broken_verifier_proves_is_made_small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A verifier that calls everything proved: the first program that it is caught on shrinks to a few lines."""
    honest = differential.checked
    monkeypatch.setattr(differential, "checked", lambda *a: {n: flattered(r) for n, r in honest(*a).items()})
    tally = Tally()
    fuzz(range(2_000, 2_020), tally, pruning=False, alone=0, small=True)
    caught = [(n, t, p) for n, t, p in tally.failures if any(q.startswith("correct") for q in p)]
    assert caught
    name, text, _ = max(caught, key=lambda c: len(c[1]))
    path = keep(name, text, ["correct: it is not"], 150, 0, tmp_path)
    kept = path.read_text("utf-8")
    assert kept.startswith("// correct: it is not\n")
    small = kept.split("\n", 1)[1]
    assert len(small.splitlines()) <= min(7, len(text.splitlines()))
    assert len(small) < len(text) / 2
    assert any(p.startswith("correct") for p in disagreements(subject(small, differential.checked({"s": small}, ALONE)["s"])))


def test_a_campaign_goes_on_where_it_was_broken_off(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = tmp_path / "ledger.jsonl"
    words = ["--large", "0", "--processes", "1", "--ledger", str(ledger)]
    assert main(["--seed", "10", "--count", "4", *words]) == 0
    assert main(["--seed", "8", "--count", "8", *words]) == 0
    rows = [json.loads(line) for line in ledger.read_text("utf-8").splitlines()]
    assert [(r["from"], r["to"]) for r in rows] == [(10, 14), (8, 10), (14, 16)]
    seeds, total = Ledger(ledger, 0).done()
    assert (sorted(seeds), sum(total.statuses.values())) == (list(range(8, 16)), 8)
    assert "8 programs" in capsys.readouterr().out
    assert Ledger(ledger, 50).done()[0] == set()
    assert runs_of([]) == []
