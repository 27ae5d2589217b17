"""The prompt: typing with completion and history while the solver works."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import AnyFormattedText
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.lexers import PygmentsLexer
from prompt_toolkit.output import Output

from prover.diagnostic import InputError
from prover.render.escape import escape
from prover.render.text import plural
from prover.repl.command import Context
from prover.repl.place import open_goals
from prover.repl.plain import PROMPT
from prover.repl.recovery import drop, keep, kept, state_folder
from prover.repl.spinner import Spinner
from prover.repl.steer import changed_on_disk
from prover.repl.table import cleaned, commands, execute, find, incomplete, parsed
from prover.session.session import Session
from prover.syntax.lexer import ProofLexer

SYMBOLS = {
    "forall": "∀", "exists": "∃", "and": "∧", "land": "∧", "or": "∨", "lor": "∨", "not": "¬", "neg": "¬", "lnot": "¬",
    "implies": "⇒", "to": "→", "Rightarrow": "⇒", "iff": "⇔", "ne": "≠", "neq": "≠", "le": "≤", "leq": "≤", "ge": "≥",
    "geq": "≥", "cdot": "·", "assign": "≔",
}  # fmt: skip


@dataclass(slots=True)
class Face:
    """What the prompt looks at while it is being typed: the session as it is now."""

    session: Session
    context: Context
    multiline: bool = False
    noticed: bool = False
    out: list[str] = field(default_factory=list)


class Words(Completer):
    """Commands with what they do, then what each says may follow, then symbols: `\\forall`."""

    def __init__(self, face: Face) -> None:
        self._face = face

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        before = document.text_before_cursor
        slash = before.rfind("\\")
        if slash >= 0 and before[slash + 1 :].isalpha():
            name = before[slash + 1 :]
            for word in sorted(w for w in SYMBOLS if w.startswith(name)):
                yield Completion(SYMBOLS[word], -len(name) - 1, display=f"\\{word} {SYMBOLS[word]}")
            return
        first, space, _ = before.lstrip().partition(" ")
        if not space:
            yield from self._commands(first)
            return
        try:
            command = find(first)
        except InputError:
            return
        word = document.get_word_before_cursor(WORD=True)
        for known in dict.fromkeys(command.words(self._face.session)):
            if known.startswith(word):
                yield Completion(known, -len(word), display_meta=_meta(known))

    def _commands(self, begun: str) -> Iterable[Completion]:
        for command in commands():
            if command.name.startswith(begun):
                yield Completion(command.name, -len(begun), display_meta=command.summary)


def _meta(word: str) -> str:
    return next((c.summary for c in commands() if c.name == word), "")


def bindings(face: Face) -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter", filter=Condition(lambda: True))
    def _enter(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if (face.multiline and buffer.text.strip() and not buffer.text.endswith("\n")) or incomplete(buffer.text):
            buffer.insert_text("\n")
        else:
            buffer.validate_and_handle()

    @keys.add("tab")
    def _tab(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        before = buffer.document.text_before_cursor
        slash = before.rfind("\\")
        if slash >= 0 and before[slash + 1 :] in SYMBOLS:
            buffer.delete_before_cursor(len(before) - slash)
            buffer.insert_text(SYMBOLS[before[slash + 1 :]])
        elif buffer.complete_state:
            buffer.complete_next()
        else:
            buffer.start_completion(insert_common_part=True)

    @keys.add("f3")
    def _f3(_event: KeyPressEvent) -> None:
        face.multiline = not face.multiline

    @keys.add("f4")
    def _f4(event: KeyPressEvent) -> None:
        vi = event.app.editing_mode is EditingMode.VI
        event.app.editing_mode = EditingMode.EMACS if vi else EditingMode.VI

    return keys


def toolbar(face: Face) -> AnyFormattedText:
    session = face.session
    work = face.context.engine.work(session.text)
    total = len(session.text.goals)
    pending = work.pending()
    state = f"{len(open_goals(session, work))} of {total} goals open" if not pending else f"trying {pending} of {total} goals"
    unsaved = " (not saved)" if session.unsaved else ""
    at = f"  {session.focus}" if session.focus else ""
    lines = "on" if face.multiline else "off"
    return f" {session.name}{unsaved}  {state}{at}   Tab completes, F3 lines {lines}, F4 vi, Ctrl-D leaves"


def _history() -> History:
    folder = state_folder()
    return FileHistory(str(folder / "history")) if folder is not None else InMemoryHistory()


def prompt_session(face: Face, history: History, given: Input | None = None, output: Output | None = None) -> PromptSession[str]:
    return PromptSession(
        multiline=True,
        history=history,
        completer=Words(face),
        complete_while_typing=False,
        auto_suggest=AutoSuggestFromHistory(),
        key_bindings=bindings(face),
        lexer=PygmentsLexer(ProofLexer),
        bottom_toolbar=lambda: toolbar(face),
        prompt_continuation="...     ",
        refresh_interval=0.3,
        input=given,
        output=output,
    )


def interact(
    session: Session, context: Context, given: Input | None = None, output: Output | None = None, history: History | None = None
) -> int:
    """Read and do commands until the person leaves; the exit status."""
    face = Face(session, context)
    prompt = prompt_session(face, history or _history(), given, output)
    context.engine.work(session.text)
    _say(
        f"{session.name}: {plural(len(session.text.goals), 'goal')}.  `help` lists the commands, `status` says how things stand."
    )
    if kept(session) is not None:
        _say("note: an earlier session on this file ended without saving; `recover` takes its text")
    while True:
        try:
            line = prompt.prompt(PROMPT)
        except KeyboardInterrupt:
            continue
        except EOFError:
            line = "quit"
        if not _do(line, face) and _may_leave(face, prompt):
            drop(face.session)
            return 0


def _do(line: str, face: Face) -> bool:
    """Do a line; False when the person wants to leave.  An interruption, or a mistake of ours, ends the command only."""
    context = face.context
    try:
        with Spinner(sys.stdout, lambda: trying(line, context), context.style.unicode, context.width, not _hands_over(line)):
            result = execute(line, face.session, context)
    except KeyboardInterrupt:
        face.context.engine.interrupt()
        _say("stopped; `check` asks again")
        return True
    if result.text:
        _say(result.text)
    if result.session.text is not face.session.text or result.session.unsaved != face.session.unsaved:
        keep(result.session)
    face.session = result.session
    if changed_on_disk(face.session) and not face.noticed:
        face.noticed = True
        _say(f"note: {face.session.path} has changed on disk; `reload` takes that text")
    return not result.quit


def _hands_over(line: str) -> bool:
    """Is it a command that hands the terminal to another program?"""
    try:
        return parsed(line)[0].terminal
    except InputError:
        return False


def trying(line: str, context: Context) -> str:
    """What is going on while a line is executed."""
    pending = context.engine.trying()
    if not pending:
        return f"working on `{escape(cleaned(line).split(chr(10), maxsplit=1)[0])}`"
    more = f" and {plural(len(pending) - 1, 'goal')} more" if len(pending) > 1 else ""
    return f"trying {escape(pending[0])}{more}"


def _may_leave(face: Face, prompt: PromptSession[str]) -> bool:
    if not face.session.unsaved:
        return True
    try:
        answer = PromptSession[str](input=prompt.input, output=prompt.output).prompt(
            "Work is not saved.  Leave all the same? (y/n) "
        )
    except (EOFError, KeyboardInterrupt):
        return True
    return answer.strip().lower() in ("y", "yes")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
