"""All commands, and what a line that was typed means."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from difflib import get_close_matches

from prover.diagnostic import InputError
from prover.render.text import diagnostic_text
from prover.repl import answers, derive, look, prove, runs, steer, supply
from prover.repl.command import Command, Context, Result, usage
from prover.session.session import Session

_DECLARES = re.compile(r"(procedure|function|predicate|lemma|const|axiom|triple|total|import)\b(?!\s*$)|proof\s+\S+\.|\{")
_WORD = re.compile(r"//[^\n]*|/\*(?s:.*?)\*/|[A-Za-z_][A-Za-z0-9_']*|[<>!=:]=|=(?!=)|[{}()\[\]]")
_PROMPT = re.compile(r"^\s*(?:prover>|\.\.\.)\s?")


def commands() -> tuple[Command, ...]:
    rooms = (look, answers, runs, supply, prove, derive, steer)
    return (*[c for room in rooms for c in room.COMMANDS], steer.helper(commands))


def cleaned(line: str) -> str:
    """What was typed, without prompts that were pasted with it and without a comment line."""
    lines = [_PROMPT.sub("", one) for one in line.split("\n")]
    text = "\n".join(lines).strip()
    return "" if text.startswith(("#", "//")) and "\n" not in text else text


def find(word: str) -> Command:
    """The command of that name or short form, or the only one that starts so.  Raises InputError."""
    table = commands()
    exact = [c for c in table if word == c.name or word in c.short]
    starting = exact or [c for c in table if c.name.startswith(word)]
    if len(starting) == 1:
        return starting[0]
    if starting:
        raise usage(f"`{word}` may be {', '.join(c.name for c in starting)}", "write more of it")
    close = get_close_matches(word, [c.name for c in table], 2, 0.6)
    raise usage(f"there is no command `{word}`", f"did you mean {' or '.join(close)}?" if close else "`help` lists them")


def parsed(line: str) -> tuple[Command, str]:
    """Raises InputError."""
    text = cleaned(line)
    if _DECLARES.match(text):
        return find("declare"), text
    word, _, rest = text.partition(" ")
    if "\n" in word:
        word, _, rest = text.partition("\n")
    found = re.match(r"([?+-])\s*(.*)", text)
    if found:
        word, rest = found[1], found[2]
    return find(word), rest.strip()


def execute(line: str, session: Session, context: Context) -> Result:
    """Do what a line says.  A mistake, a person's or ours, is said, and changes nothing."""
    if not cleaned(line):
        return Result(session)
    try:
        command, words = parsed(line)
        result = command.act(session, words, context)
    except InputError as bad:
        return Result(session, "\n".join(diagnostic_text(d, context.style) for d in bad.diagnostics), ok=False)
    except Exception as bug:  # noqa: BLE001 - a mistake of ours must not cost a person's work
        told = f"internal error: {type(bug).__name__}: {bug}\nThis is a bug in prover; the session is as it was before."
        return Result(session, told, ok=False)
    same = result.session.text is session.text and result.session.sketch is session.sketch
    if command.name in ("undo", "redo") or same or command.name == "save":
        return result
    done = f"{command.name} {' '.join(words.split())}".strip()
    return replace(result, session=result.session.done(done, session))


def declares(line: str) -> bool:
    """Is the line a declaration, or the begin of one?"""
    return bool(_DECLARES.match(cleaned(line).removeprefix("declare").lstrip()))


def incomplete(line: str) -> bool:
    """Does a declaration that was begun want more lines?  An empty one ends it."""
    if not declares(line) or line.endswith("\n"):
        return False
    words = [w for w in _WORD.findall(cleaned(line)) if not w.startswith(("//", "/*"))]
    count = Counter(words)
    opened = sum(count[w] for w in ("begin", "do", "{", "(", "["))
    # An `if` statement ends with `end`, an `if` expression does not: only inside of a body can one stand.
    opened += count["if"] if count["begin"] or words[:1] == ["{"] or "triple" in words[:2] else 0
    closed = sum(count[w] for w in ("end", "}", ")", "]"))
    wanted = {"proof": "qed", "procedure": "begin", "lemma": "ensures", "function": "=", "predicate": "="}
    missing = words[0] in wanted and wanted[words[0]] not in words
    lacks_post = (words[0] == "{" or "triple" in words[:2]) and count["{"] < 2
    return missing or opened > closed or lacks_post
