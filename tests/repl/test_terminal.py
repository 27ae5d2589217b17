"""The prompt, typed at through a pipe: completion, symbols, several lines, leaving with unsaved work, an interruption."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from prover.render.style import PLAIN
from prover.repl import table
from prover.repl.command import Command, Context, Result
from prover.repl.terminal import Face, Words, interact, toolbar
from prover.session.engine import Engine
from prover.session.session import Session, fresh, opened
from tests.repl.play import BUDGET

TAB, LEFT, BACKSPACE, F3, ENTER, CTRL_C, CTRL_D = "\t", "\x1b[D", "\x7f", "\x1bOR", "\r", "\x03", "\x04"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def context() -> Iterator[Context]:
    with Engine(BUDGET, jobs=1) as engine:
        yield Context(engine, PLAIN)


def typed(keys: str, session: Session, context: Context) -> int:
    with create_pipe_input() as given:
        given.send_text(keys)
        return interact(session, context, given, DummyOutput(), InMemoryHistory())


def test_a_triple_is_typed_and_proved(context: Context, capsys: pytest.CaptureFixture[str]) -> None:
    keys = f"{{ x = 1 }}{ENTER}x := x + 1{ENTER}{{ x = 2 }}{ENTER}sta{TAB}{ENTER}{CTRL_D}y{ENTER}"
    assert typed(keys, fresh(), context) == 0
    seen = capsys.readouterr().out
    assert "session added; all goals are proved" in seen
    assert "session: 1 goal, 1 proved; not saved" in seen


def test_a_mistake_is_said_and_a_line_can_be_mended(context: Context, capsys: pytest.CaptureFixture[str]) -> None:
    keys = f"stattus{ENTER}stattus{LEFT * 3}{BACKSPACE}{ENTER}quit{ENTER}"
    assert typed(keys, fresh(), context) == 0
    seen = capsys.readouterr().out
    assert "there is no command `stattus`" in seen
    assert "session: 0 goals, 0 proved" in seen


def test_tab_turns_a_name_into_a_symbol(context: Context, capsys: pytest.CaptureFixture[str]) -> None:
    keys = f"axiom a: \\forall{TAB} i: int :: i = i{ENTER}show{ENTER}{CTRL_D}y{ENTER}"
    assert typed(keys, fresh(), context) == 0
    assert "axiom a: ∀ i: int :: i = i" in capsys.readouterr().out


def test_unsaved_work_is_asked_about(context: Context, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    place = tmp_path / "t.proof"
    keys = f"{{ x = 1 }} skip {{ x = 1 }}{ENTER}quit{ENTER}n{ENTER}save {place}{ENTER}quit{ENTER}"
    assert typed(keys, fresh(), context) == 0
    assert place.read_text(encoding="utf-8") == "{ x = 1 } skip { x = 1 }\n"
    assert "is saved" in capsys.readouterr().out


def test_f3_lets_enter_begin_a_new_line(context: Context, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(f"{F3}lemma l(){ENTER}ensures 1 = 1{ENTER}{ENTER}{F3}status{ENTER}{CTRL_D}y{ENTER}", fresh(), context) == 0
    assert "l added; all goals are proved" in capsys.readouterr().out


def test_ctrl_c_clears_the_line_and_keeps_the_session(context: Context, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(f"{{ x = 1 }} skip {{ x = 1 }}{ENTER}half a li{CTRL_C}status{ENTER}{CTRL_D}y{ENTER}", fresh(), context) == 0
    assert "session: 1 goal, 1 proved" in capsys.readouterr().out


def test_an_interrupted_command_and_a_bug_leave_the_session(
    context: Context, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(_session: Session, _words: str, _context: Context) -> Result:
        raise KeyboardInterrupt

    def broken(_session: Session, _words: str, _context: Context) -> Result:
        raise ZeroDivisionError("oh")

    known = table.commands()
    made = [Command(n, (), "look", n, "", "", "", n, act) for n, act in (("stopme", stopped), ("breakme", broken))]
    monkeypatch.setattr(table, "commands", lambda: (*known, *made))
    assert (
        typed(f"{{ x = 1 }} skip {{ x = 1 }}{ENTER}stopme{ENTER}breakme{ENTER}check{ENTER}{CTRL_D}y{ENTER}", fresh(), context)
        == 0
    )
    seen = capsys.readouterr().out
    assert "stopped; `check` asks again" in seen
    assert "internal error: ZeroDivisionError: oh" in seen
    assert "session: 1 goal, 1 proved" in seen


def test_a_file_changed_on_disk_is_noticed(context: Context, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    place = tmp_path / "t.proof"
    place.write_text("triple t { x = 1 } skip { x = 1 }\n", encoding="utf-8")
    session = opened(place, "t.proof")
    place.write_text("triple t { x = 2 } skip { x = 2 }\n", encoding="utf-8")
    keys = f"{{ x = 1 }} skip {{ x = 1 }}{ENTER}save{ENTER}reload{ENTER}show{ENTER}quit{ENTER}"
    assert typed(keys, session, context) == 0
    seen = capsys.readouterr().out
    assert "has changed on disk; `reload` takes that text" in seen
    assert "error[session-usage]" in seen
    assert "{ x = 2 }" in seen


def test_what_a_killed_session_had_not_saved(context: Context, capsys: pytest.CaptureFixture[str]) -> None:
    def killed(_session: Session, _words: str, _context: Context) -> Result:
        raise SystemExit

    known = table.commands()
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(table, "commands", lambda: (*known, Command("die", (), "look", "die", "", "", "", "", killed)))
        typed(f"{{ x = 1 }} skip {{ x = 1 }}{ENTER}die{ENTER}", fresh(), context)
    assert typed(f"recover{ENTER}status{ENTER}quit{ENTER}y{ENTER}", fresh(), context) == 0
    seen = capsys.readouterr().out
    assert "ended without saving" in seen
    assert "session: 1 goal, 1 proved; not saved" in seen
    assert typed(f"recover{ENTER}quit{ENTER}", fresh(), context) == 0
    assert "no earlier session on this file left anything" in capsys.readouterr().out


def completions(text: str, session: Session, context: Context) -> list[str]:
    found = Words(Face(session, context)).get_completions(Document(text), CompleteEvent())
    return [c.text for c in found]


def test_completion(context: Context, tmp_path: Path) -> None:
    place = tmp_path / "t.proof"
    place.write_text("lemma l(n: int)\n  requires n > 2\n  ensures n * n > 4\n", encoding="utf-8")
    session = opened(place)
    assert completions("in", session, context) == ["infer", "invariant", "induction", "instantiate", "intro"]
    assert completions("goal l", session, context) == ["l.ensures1"]
    assert completions("use ", session, context) == ["l"]
    assert completions("have x \\al", session, context) == []
    assert completions("have x \\fo", session, context) == ["∀"]
    focused = table.execute("goal l.ensures1", session, context).session
    assert completions("cases n", focused, context) == ["n"]
    assert completions("forget r", focused, context) == ["requires1"]


def test_the_toolbar_says_how_things_stand(context: Context, tmp_path: Path) -> None:
    place = tmp_path / "t.proof"
    place.write_text("lemma l(n: int)\n  ensures n * n > 4\n", encoding="utf-8")
    session = opened(place, "t.proof")
    context.engine.work(session.text).wait(None)
    assert "t.proof  1 of 1 goals open" in str(toolbar(Face(session, context)))
