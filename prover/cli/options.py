"""Options and their values that several commands share."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from prover.check import Options
from prover.cli.console import style_for
from prover.diagnostic import InputError
from prover.inputs import Input, gather
from prover.render.text import diagnostic_text


def add_color(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="colour the output (default: auto, on a terminal; NO_COLOR and FORCE_COLOR are heeded)",
    )


def at_least(least: int) -> Callable[[str], int]:
    """An argparse type: an integer that is at least `least`."""

    def integer(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!a} is no integer") from None
        if value < least:
            raise argparse.ArgumentTypeError(f"must be at least {least}")
        return value

    return integer


def seconds(text: str) -> float:
    """An argparse type: a positive number of seconds."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!a} is no number of seconds") from None
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError("must be a positive number of seconds")
    return value


def complain(failure: InputError, color: str = "auto") -> int:
    """Print the user's mistakes to standard error; the exit status for bad input."""
    style = style_for(sys.stderr, color)
    print("\n\n".join(diagnostic_text(d, style) for d in failure.diagnostics), file=sys.stderr)
    return 2


def add_format(parser: argparse.ArgumentParser, formats: Sequence[str] = ("text", "json")) -> None:
    parser.add_argument("--format", choices=formats, default="text", help="how to report (default: text)")


def add_checking(parser: argparse.ArgumentParser) -> None:
    """What all commands share that verify: how to report, and how much to try."""
    add_color(parser)
    parser.add_argument("--stdin-filename", metavar="NAME", default="<stdin>", help="what messages call standard input")
    budget = parser.add_argument_group("budget")
    jobs = "solver processes (default: one a core); verdicts do not depend on it"
    budget.add_argument("--jobs", "-j", type=at_least(1), metavar="N", help=jobs)
    budget.add_argument("--rlimit", type=at_least(1), metavar="N", help="solver units a goal: the same on every machine")
    timeout = "wall-clock seconds a unit, all its goals included: the backstop"
    budget.add_argument("--timeout", type=seconds, metavar="S", help=timeout)
    budget.add_argument("--timings", action="store_true", help="show times")


def checking(arguments: argparse.Namespace) -> Options:
    """The options of `add_checking`; the others stay as they are by default."""
    return Options(jobs=arguments.jobs, rlimit=arguments.rlimit, timeout=arguments.timeout, timings=arguments.timings)


def inputs(paths: list[str], stdin_name: str) -> tuple[Input, ...]:
    """The files, with standard input where `-` stands.  Raises InputError."""
    if "-" not in paths:
        return gather(paths)
    place = paths.index("-")
    before, after = gather(paths[:place]), gather(p for p in paths[place:] if p != "-")
    root = Path(stdin_name).parent if stdin_name != "<stdin>" else Path()
    return (*before, Input(stdin_name, sys.stdin.buffer.read(), root), *after)
