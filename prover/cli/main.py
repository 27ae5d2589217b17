"""The command `prover`: finds the subcommand, runs it, and turns what happens into an exit status.

0: all proved (or done).  1: something is not proved, or not as expected.  2: bad input or usage.  3: a bug of ours.
130: interrupted.  A subcommand is a module of this package with `configure(parser)` and `execute(arguments) -> int`; only the
one that is asked for is imported.
"""

from __future__ import annotations

import argparse
import errno
import gc
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import FrameType, TracebackType

from prover import __version__
from prover.cli.console import give_up, prepare
from prover.diagnostic import InputError

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
RECURSION_LIMIT = 10_000  # the parser bounds nesting, so that ordinary recursion over trees fits

COMMANDS = {
    "check": "verify files and folders",
    "terminates": "answer whether procedures always end, with the evidence",
    "infer": "find annotations that are missing, and write them into the file",
    "run": "execute a procedure or triple on given inputs",
    "test": "run it on many inputs, small and random ones, or all of a range",
    "wp": "show the weakest precondition at each point, as a proof outline",
    "outline": "show a proof outline, as text, Markdown, LaTeX or HTML",
    "derive": "derive a program in Hoare logic: a tree of rules, checked apart",
    "exercise": "make an exercise, check what was filled in, verify its solution",
    "grade": "grade submissions of an exercise",
    "goals": "show the verification conditions",
    "replay": "make the scripts of a file again: same, different or detached",
    "explain-goal": "look closer at one goal: why it is open, and which conjuncts of invariants matter",
    "audit": "list what the answers about files take on trust",
    "export": "write goals for other tools to check",
    "format": "lay files out in the canonical way",
    "repl": "work on a proof by hand",
    "config": "print the settings in force, and where they come from",
    "cache": "say what earlier runs have left in the cache, or clear it",
    "explain": "explain a diagnostic code, with an example of the mistake and its mend",
}

_EPILOG = """examples:
  prover check factorial.proof       verify one file
  prover check proofs/               verify every *.proof file of a folder
  prover terminates g.proof          does each procedure always end, and why?
  prover infer --write g.proof       add the annotations that a proof needs
  prover run factorial.proof n=5     execute it
  prover explain goal-ensures        what a message means, and what to do

exit status: 0 all proved, 1 something is not proved, 2 bad input or usage, 3 a bug in prover
`prover COMMAND --help` says more about each command."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (without the program's name) and return the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_LIMIT))
    gc.set_threshold(200_000, 20, 50)  # trees without cycles: the usual rhythm costs a third of the time
    prepare(sys.stdout)
    prepare(sys.stderr)
    try:
        status = _dispatch(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("\nprover: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        give_up(sys.stdout)
        return 141
    except SystemExit as stop:
        return _status(stop)
    except OSError as failure:
        return _bug(failure) if failure.errno not in _NO_ROOM else _unwritten(failure)
    except Exception as failure:  # noqa: BLE001 - the last resort: no input may end in a traceback
        return _bug(failure)
    return status


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in COMMANDS:
        return _without_command(arguments)
    name = arguments[0]
    module = import_module(f"prover.cli.{name.replace('-', '_')}")
    parser = argparse.ArgumentParser(
        prog=f"prover {name}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    module.configure(parser)
    options = parser.parse_intermixed_args(arguments[1:])
    signal.signal(signal.SIGTERM, _terminated)
    try:
        status = module.execute(options)
    except InputError as failure:
        from prover.cli.options import complain

        return complain(failure, getattr(options, "color", "auto"))
    assert isinstance(status, int)
    return status


def _without_command(arguments: list[str]) -> int:  # noqa: RET503 - argparse's error() does not return
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:<{width}}  {summary}" for name, summary in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="prover",
        usage="prover COMMAND …" if _can_show("…") else "prover COMMAND ...",
        description=f"A proof assistant for While programs.\n\ncommands:\n{commands}",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"prover {__version__}")
    if not arguments:
        parser.print_help(sys.stderr)
        return 2
    if arguments[0].startswith("-"):
        parser.parse_args(arguments)
        parser.error("a command is needed: " + ", ".join(COMMANDS))
    from difflib import get_close_matches

    close = get_close_matches(arguments[0], COMMANDS, 1)
    hint = f"; did you mean `{close[0]}`?" if close else ""
    parser.error(f"there is no command {arguments[0]!a}{hint}")


def _can_show(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _terminated(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + signal.SIGTERM)


def _status(stop: SystemExit) -> int:
    if stop.code is None:
        return 0
    if isinstance(stop.code, int):
        return stop.code
    print(stop.code, file=sys.stderr)
    return 2


def _bug(failure: Exception) -> int:
    if os.environ.get("PROVER_DEBUG") == "1":
        raise failure
    place = _place(failure.__traceback__)
    print(f"prover: internal error: {type(failure).__name__}{place}", file=sys.stderr)
    print("This is a bug in prover, not in your file; nothing was proved by this run.", file=sys.stderr)
    versions = f"prover {__version__}, Python {sys.version.split()[0]}"
    print(f"Please report it with the input and what PROVER_DEBUG=1 prints ({versions}).", file=sys.stderr)
    return 3


def _unwritten(failure: OSError) -> int:
    """Standard output takes no more; what is left in its buffer goes nowhere."""
    give_up(sys.stdout)
    print(f"prover: cannot write the output: {failure.strerror}", file=sys.stderr)
    return 2


def _place(traceback: TracebackType | None) -> str:
    if traceback is None:
        return ""
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    code = traceback.tb_frame.f_code
    return f" in {code.co_name} ({Path(code.co_filename).name}:{traceback.tb_lineno})"
