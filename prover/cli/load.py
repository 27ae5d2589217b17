"""From a path on the command line to a typed program, for the commands that look at one file."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from prover.diagnostic import Diagnostic, InputError, error
from prover.inputs import Input
from prover.kernel.program import Procedure, Program, Unit
from prover.source import Source
from prover.syntax.elaborate import FileLoader, elaborate
from prover.syntax.parser import parse
from prover.syntax.read import read_source


def load_source(path: str) -> Source:
    """The text at `path`, or of standard input for `-`.  Raises InputError."""
    if path == "-":
        return read_source(sys.stdin.buffer.read(), "<stdin>")
    return read_source(Path(path), path)


def load(path: str) -> Program:
    """Parse and elaborate one file; its imports must stay below its folder.  Raises InputError."""
    source = load_source(path)
    root = Path() if path == "-" else Path(path).parent
    return elaborate(parse(source), source, FileLoader(root))


def chosen(program: Program, name: str | None) -> list[Unit]:
    """The file's own units, or the one of that name.  Raises InputError (`name-unit`) with what is close."""
    if name is None:
        return [program.units[n] for n in program.own]
    if name in program.units:
        return [program.units[name]]
    raise InputError(_no_such(name, program.own))


def chosen_procedure(program: Program, name: str | None) -> Procedure:
    """The procedure, triple or lemma of that name, or the file's only one.  Raises InputError (`name-unit`)."""
    if name is not None:
        (unit,) = chosen(program, name)
        if isinstance(unit, Procedure):
            return unit
        raise InputError(error("name-unit", f"`{name}` is no procedure, triple or lemma", unit.name_span))
    own = [u for u in chosen(program, None) if isinstance(u, Procedure)]
    runnable = [u for u in own if u.kind.value != "lemma"] or own
    if len(runnable) == 1:
        return runnable[0]
    names = ", ".join(f"`{u.name}`" for u in runnable[:10])
    what = f"the file has several units: say which of {names}" if runnable else "the file has no procedure or triple"
    raise InputError(error("name-unit", what, None))


def _no_such(name: str, names: Iterable[str]) -> Diagnostic:
    from difflib import get_close_matches

    known = list(names)
    close = get_close_matches(name, known, 3)
    advice = (f"did you mean {' or '.join(f'`{c}`' for c in close)}?",) if close else ()
    notes = (f"the file declares: {', '.join(known[:20])}",) if known and not close else ()
    return error("name-unit", f"there is no unit `{name}`", None, notes=notes, help=advice)


def known_procedures(item: Input, names: Iterable[str]) -> None:
    """Raises InputError (`name-unit`) for names that are no procedure or triple of the file's own."""
    source = read_source(item.content, item.name)
    program = elaborate(parse(source), source, FileLoader(item.root))
    own = [n for n in program.own if isinstance(program.units[n], Procedure)]
    problems = [_no_such(name, own) for name in sorted(names) if name not in own]
    if problems:
        raise InputError(*problems)
