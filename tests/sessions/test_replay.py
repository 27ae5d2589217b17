"""Scripts made again: the goal is the same, has changed, has another name, or is gone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from prover.cli.main import main
from prover.session.scripts import stamped
from prover.session.session import Text, prepared
from prover.source import Source
from prover.tactic.placing import digest

TEXT = """procedure p(x: int, y: int) returns (z: int)
  requires x >= y
  ensures  z >= 2 * y
begin
  z := x + y
end

proof p.ensures1  // why not
  cases x = y { yes: auto no: auto }
qed
"""


def text_of(text: str) -> Text:
    return prepared(Source("a.proof", text), Path())


def replay(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, object]]]:
    file = tmp_path / "a.proof"
    file.write_text(text, encoding="utf-8")
    status = main(["replay", str(file), "--format", "json"])
    return status, json.loads(capsys.readouterr().out)["scripts"]


def test_digests_are_written_and_the_layout_stays() -> None:
    text = text_of(TEXT)
    written = stamped(text)
    assert written == TEXT.replace("p.ensures1 ", f'p.ensures1 digest "{digest(text.goals["p.ensures1"])}" ')
    assert stamped(text_of(written)) == written


def test_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, found = replay(stamped(text_of(TEXT)), tmp_path, capsys)
    assert status == 0
    assert [(r["goal"], r["result"], r["proved"], r["why"]) for r in found] == [("p.ensures1", "same", True, [])]


def test_a_goal_that_says_something_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = stamped(text_of(TEXT))
    status, found = replay(saved.replace("requires x >= y", "requires x > y"), tmp_path, capsys)
    assert (status, found[0]["result"], found[0]["proved"]) == (0, "different", True)
    assert found[0]["why"] == ["the goal has changed since it was saved"]


def test_a_goal_that_is_open_now(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, found = replay(TEXT.replace("requires x >= y", "requires x + 1 >= y"), tmp_path, capsys)
    assert (status, found[0]["result"], found[0]["proved"]) == (1, "different", False)
    assert found[0]["why"] == ["the steps fit, and the solver does not close what they leave"]


def test_a_step_that_does_not_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, found = replay(TEXT.replace("cases x = y {", "cases w = y {"), tmp_path, capsys)
    assert (status, found[0]["result"]) == (1, "different")
    assert str(found[0]["why"]).startswith("['a step does not fit (line 9): ")


def test_a_goal_with_another_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = stamped(text_of(TEXT)).replace("ensures  z", "ensures  big: z")
    status, found = replay(saved, tmp_path, capsys)
    assert (status, found[0]["result"], found[0]["now"], found[0]["proved"]) == (0, "different", "p.big", True)
    assert stamped(text_of(saved)) == saved.replace("proof p.ensures1", "proof p.big")


def test_a_goal_that_is_gone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, found = replay(TEXT.replace("proof p.ensures1", "proof p.loop1.inv1.entry"), tmp_path, capsys)
    assert (status, found[0]["result"], found[0]["now"]) == (1, "detached", None)


def test_two_goals_of_one_digest_are_left_alone() -> None:
    lemma = "lemma l(x: int)\n  requires x > 1\n  ensures a: x > 0\n  ensures b: x > 0\n"
    mark = digest(text_of(lemma).goals["l.a"])
    text = text_of(f'{lemma}\nproof l.gone digest "{mark}"\n  auto\nqed\n')
    assert [f.code for f in text.findings] in (["goal-detached"], ["goal-moved"])
    same = digest(text.goals["l.b"]) == mark
    assert [f.code for f in text.findings] == (["goal-detached"] if same else ["goal-moved"])
