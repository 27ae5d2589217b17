"""Two thousand random programs on each change, most of them small; many more with `make fuzz`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prover.kernel.term import FALSE, TRUE
from prover.report import Answer, FileReport, Status, Verdict
from tests.fuzz.compare import disagreements, subject, texts
from tests.fuzz.differential import ALONE, Tally, checked, fuzz_all, programs, pruned, summary
from tests.fuzz.generate import generate
from tests.fuzz.observe import without
from tests.fuzz.shrink import shrunk
from tests.semantics.programs import program_of

COUNT, SMALL = 150, 1_850


@pytest.fixture(scope="module")
def tally() -> Tally:
    *_, found = fuzz_all(range(COUNT), 2, pruning=False, alone=5)
    return found


@pytest.fixture(scope="module")
def small() -> Tally:
    *_, found = fuzz_all(range(SMALL), 2, pruning=False, alone=0, small=True)
    return found


def test_they_agree_about_small_programs(small: Tally) -> None:
    """(Seeds 0 to 1849; `python -m tests.fuzz.differential --small --seed S --count 1` is one of them.)"""
    assert [(name, problems) for name, _, problems in small.failures] == [], summary(small, 0)
    assert sum(small.statuses.values()) == SMALL
    assert small.proved >= 0.3
    assert min(small.statuses[s] for s in ("refuted", "unknown")) >= SMALL // 50


def test_verifier_and_interpreter_agree(tally: Tally) -> None:
    assert [(name, problems) for name, _, problems in tally.failures] == [], summary(tally, 0)


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
    assert [generate(seed) for seed in range(20)] == [generate(seed) for seed in range(20)]


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
    made = programs(range(1000, 1040))
    reports = {n: r for n, r in checked(made).items() if r.status is Status.REFUTED}
    noticed = [n for n, r in reports.items() if disagreements(subject(made[n], flattered(r)))]
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
