"""Options and their values that several commands share."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from prover.cli.console import style_for
from prover.diagnostic import InputError
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
