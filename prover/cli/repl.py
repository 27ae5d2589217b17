"""Work on a proof by hand: look at goals, run the program, supply annotations, prove step by step."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from prover.cli.console import style_for
from prover.cli.options import add_color
from prover.repl.command import Context
from prover.repl.plain import play
from prover.session.engine import Engine
from prover.session.session import Session, fresh, opened
from prover.solve.prove import Budget

_EPILOG = """examples:
  prover repl factorial.proof                              work on a file
  prover repl                                              type a triple or procedure and go on from there
  prover repl factorial.proof --command goals              one command, without a terminal
  prover repl factorial.proof < script.txt                 commands from a file, `help` lists them

exit status without a terminal: 0 every command did what it was asked, 1 one did not, 2 bad input or usage"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("file", metavar="FILE", nargs="?", help="a .proof file")
    parser.add_argument(
        "-c", "--command", metavar="COMMAND", action="append", help="do this and end (may be given several times)"
    )
    add_color(parser)


def execute(arguments: argparse.Namespace) -> int:
    session = opened(Path(arguments.file), arguments.file) if arguments.file is not None else fresh()
    style = style_for(sys.stdout, arguments.color)
    width = min(120, shutil.get_terminal_size((100, 24)).columns)
    with Engine(Budget()) as engine:
        if arguments.command is None and sys.stdin.isatty() and sys.stdout.isatty():
            from prover.repl.terminal import interact

            return interact(session, Context(engine, style, 0.4, width))
        return _plain(session, Context(engine, style, None, width), arguments.command)


def _plain(session: Session, context: Context, given: list[str] | None) -> int:
    lines = given if given is not None else sys.stdin
    played = play(lines, session, context, sys.stdout, echo=given is None)
    if played.session.unsaved and given is None:
        print("the text was changed and is not saved", file=sys.stderr)
    return 0 if played.ok else 1
