"""Commands that steer: back and forth, files, settings, help."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from prover.diagnostic import InputError
from prover.record import replace
from prover.repl.command import Command, Context, Result, usage
from prover.repl.derive import in_force, view
from prover.repl.look import goal_names
from prover.repl.place import chosen_goal, focused, settled
from prover.repl.recovery import kept
from prover.repl.supply import after
from prover.repl.view import status_view
from prover.session.scripts import stamped
from prover.session.session import Session, opened, prepared
from prover.solve.dial import Dial
from prover.source import Source
from prover.syntax.read import read_source


def undo(session: Session, _words: str, context: Context) -> Result:
    made = session.undone()
    if made is None:
        raise usage("there is nothing to undo")
    return _moved(session, made, f"undone: {session.did}", context)


def redo(session: Session, _words: str, context: Context) -> Result:
    made = session.redone()
    if made is None:
        raise usage("there is nothing to redo")
    return _moved(session, made, f"done again: {made.did}", context)


def _moved(session: Session, made: Session, what: str, context: Context) -> Result:
    """What came of going back or forth: of a derivation by hand, what is open now."""
    if made.sketch is session.sketch or made.text is not session.text:
        return after(made, what, context)
    return Result(made, what if made.sketch is None else f"{what}\n{view(made, made.sketch, context)}")


def focus(session: Session, words: str, context: Context) -> Result:
    if not words:
        return Result(replace(session, focus=None, leaf=None), "no goal is focused: the first open one is in front")
    goal = chosen_goal(session, words, context)
    return Result(focused(session, goal), f"{goal.name} is in front")


def save(session: Session, words: str, _context: Context) -> Result:
    force = words.split()[:1] == ["--force"]
    name = words.removeprefix("--force").strip()
    path = Path(name) if name else session.path
    if path is None:
        raise usage("the session has no file yet", "`save FILE` writes one")
    if name and path != session.path and path.exists() and not force:
        raise usage(f"{path} exists", f"`save --force {name}` writes over it")
    if not force and path == session.path and _on_disk(path) not in (session.saved, None):
        raise usage(f"{path} has changed on disk", "`reload` takes that text, `save --force` writes over it")
    written = stamped(session.text)
    _write(path, written)
    if path == session.path and written == session.text.source.text:
        return Result(replace(session, saved=written), f"{path} is saved")
    text = prepared(Source(str(path), written), path.parent)
    return Result(replace(session, path=path, saved=written, text=text), f"{path} is saved")


def _on_disk(path: Path) -> str | None:
    try:
        return read_source(path).text
    except InputError:
        return None


def changed_on_disk(session: Session) -> bool:
    return session.path is not None and _on_disk(session.path) not in (session.saved, None)


def _write(path: Path, text: str) -> None:
    """All or nothing: a file beside it is written and put in its place."""
    try:
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        Path(beside).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        Path(beside).replace(path)
    except OSError as bad:
        raise usage(f"{path} cannot be written: {(bad.strerror or str(bad)).lower()}", "`save FILE` writes elsewhere") from None


def reload(session: Session, _words: str, context: Context) -> Result:
    if session.path is None:
        raise usage("the session has no file")
    made = opened(session.path, session.name)
    return after(replace(session, text=made.text, saved=made.saved, focus=None, leaf=None, walk=None), "read again", context)


def recover(session: Session, _words: str, context: Context) -> Result:
    text = kept(session)
    if text is None:
        raise usage("no earlier session on this file left anything")
    return after(session.with_text(text), "recovered", context)


def check(session: Session, _words: str, context: Context) -> Result:
    context.engine.again(session.text)
    return Result(session, status_view(session, settled(session, context), context))


def set_(session: Session, words: str, context: Context) -> Result:
    budget = context.engine.budget
    if not words:
        dial, strict = in_force(session)
        lines = [f"rlimit {budget.rlimit}  (solver steps a goal)", f"timeout {budget.seconds:g}  (seconds a unit)"]
        lines.append(f"automation {dial.value}  (what the solver may close in a derivation by hand)")
        lines.append(f"strict {'on' if strict else 'off'}  (whether its formulas must be just as the rules make them)")
        return Result(session, "\n".join(lines))
    name, _, value = words.replace("=", " ").partition(" ")
    if name in ("automation", "strict"):
        return _by_hand(session, name, value.strip())
    try:
        amount = float(value)
    except ValueError:
        amount = 0.0
    if name not in ("rlimit", "timeout") or not 0 < amount < 1e12:
        raise usage(f"`set {words}` sets nothing", "`set rlimit 20000000`, `set timeout 60`")
    context.engine.budget = replace(budget, rlimit=int(amount)) if name == "rlimit" else replace(budget, seconds=amount)
    context.engine.again(session.text)
    return Result(session, f"{name} is {value.strip()}")


def _by_hand(session: Session, name: str, value: str) -> Result:
    """Settings of derivations by hand; an exercise may allow less."""
    if value not in (("on", "off") if name == "strict" else [d.value for d in Dial]):
        raise usage(f"`set {name} {value}` sets nothing", "`set automation arithmetic`, `set strict on`")
    made = replace(session, strict=value == "on") if name == "strict" else replace(session, dial=Dial(value))
    dial, strict = in_force(made)
    found = ("on" if strict else "off") if name == "strict" else dial.value
    if found != value:
        raise usage(f"the exercise in this file sets {name} to {found}")
    return Result(made, f"{name} is {value}")


def edit(session: Session, _words: str, context: Context) -> Result:
    import shlex
    import subprocess

    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise usage("no editor is set", "set the environment variable EDITOR")
    handle, name = tempfile.mkstemp(suffix=".proof")
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(session.text.source.text)
        try:
            subprocess.run([*shlex.split(editor), name], check=True)
        except (OSError, ValueError, subprocess.CalledProcessError) as bad:
            raise usage(f"the editor did not end well: {bad}") from None
        return after(session.with_text(read_source(draft).text), "edited", context)
    except InputError:
        draft = draft.with_suffix(".kept")
        raise
    finally:
        if draft.suffix == ".proof":
            draft.unlink(missing_ok=True)


def quit_(session: Session, words: str, _context: Context) -> Result:
    return Result(session, "", quit=True)


def helper(table: Callable[[], tuple[Command, ...]]) -> Command:
    def act(session: Session, words: str, context: Context) -> Result:
        return Result(session, command_help(words, table()) if words else overview(table()))

    def words(_session: Session) -> tuple[str, ...]:
        return tuple(c.name for c in table())

    effect, failure = "Shows synopsis, effect, failure and an example.", "There is no such command."
    summary = "what there is, or what a command does"
    return Command("help", ("h", "?"), "steer", "help [COMMAND]", summary, effect, failure, "help invariant", act, words)


def overview(commands: tuple[Command, ...]) -> str:
    titles = {
        "look": "look",
        "run": "run",
        "supply": "supply what is missing",
        "prove": "prove the goal in front",
        "derive": "derive by hand",
        "steer": "steer",
    }
    parts = []
    width = max(len(c.synopsis) for c in commands if len(c.synopsis) < 36)
    for group, title in titles.items():
        rows = [c for c in commands if c.group == group]
        parts.append("\n".join([f"{title}:", *[_row(c, width) for c in rows]]))
    return "\n\n".join(parts)


def _row(command: Command, width: int) -> str:
    short = f"  ({', '.join(command.short)})" if command.short else ""
    synopsis = command.synopsis if len(command.synopsis) <= width else command.synopsis[: width - 3] + "..."
    return f"  {synopsis:<{width}}  {command.summary}{short}"


def command_help(name: str, commands: tuple[Command, ...]) -> str:
    found = next((c for c in commands if name == c.name or name in c.short), None)
    if found is None:
        from difflib import get_close_matches

        close = get_close_matches(name, [c.name for c in commands], 1)
        raise usage(f"there is no command `{name}`", f"did you mean `{close[0]}`?" if close else "`help` lists them")
    short = f" (short: {', '.join(found.short)})" if found.short else ""
    rows = [f"{found.name}: {found.summary}{short}", "", f"  synopsis  {found.synopsis}", f"  effect    {found.effect}"]
    return "\n".join([*rows, f"  failure   {found.failure}", f"  example   {found.example}"])


COMMANDS = (
    Command("undo", ("u",), "steer", "undo", "take the last change back", "Goes back to the text before it.",
            "There is nothing to undo.", "undo", undo),
    Command("redo", (), "steer", "redo", "make the change again that was taken back", "The opposite of `undo`.",
            "There is nothing to redo.", "redo", redo),
    Command("focus", ("f",), "steer", "focus [NAME | NUMBER]", "put a goal in front without showing it",
            "Proof steps go to this goal; alone, to the first open one.", "There is no such goal.", "focus 2", focus, goal_names),
    Command("check", (), "steer", "check", "ask again what was stopped", "Asks what an interruption or a time limit left open.",
            "Never.", "check", check),
    Command("set", (), "steer", "set [rlimit N | timeout SECONDS | automation DIAL | strict on]", "how hard the solver tries",
            "Changes the solver's budget for this session; alone it shows it.  `automation none|arithmetic|full` and "
            "`strict on|off` are for derivations by hand.", "There is no such setting, or the file's exercise does not allow it.",
            "set timeout 60", set_, lambda _s: ("rlimit", "timeout", "automation", "strict")),
    Command("edit", ("e",), "steer", "edit", "edit the text in $EDITOR", "Opens the text; what comes back is the new one.",
            "The text does not parse: then nothing is changed, and the draft is kept.", "edit", edit, terminal=True),
    Command("save", ("w",), "steer", "save [--force] [FILE]", "write the text to its file, or to another",
            "Writes annotations and scripts as they stand; `prover check` replays them.",
            "The file has changed on disk meanwhile, or cannot be written.", "save", save),
    Command("reload", (), "steer", "reload", "read the file again", "Takes the file's text; `undo` brings the session's back.",
            "The file is gone or does not parse.", "reload", reload),
    Command("recover", (), "steer", "recover", "take what a session that was killed had not saved",
            "The text becomes what it was then; `undo` brings this one back.", "There is nothing of that kind.",
            "recover", recover),
    Command("quit", ("q", "exit"), "steer", "quit", "leave", "Asks first, if work is not saved.", "Never.", "quit", quit_),
)  # fmt: skip
