"""Explain a diagnostic code: what it means, an example of the mistake, and its mend."""

from __future__ import annotations

import argparse
import sys

from prover.catalogue import Entry, codes, entry
from prover.cli.console import style_for
from prover.cli.options import add_color
from prover.diagnostic import InputError, error
from prover.render.style import BOLD, GREEN, RED, Style

_EPILOG = """examples:
  prover explain goal-ensures
  prover explain --list"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("code", metavar="CODE", nargs="?", help="a code, as messages show it in brackets")
    parser.add_argument("--list", action="store_true", help="list all codes")
    add_color(parser)


def execute(arguments: argparse.Namespace) -> int:
    if arguments.list:
        known = codes()
        width = max(map(len, known))
        for code in known:
            print(f"{code:<{width}}  {_known(code).title}")
        return 0
    if arguments.code is None:
        raise InputError(error("input-usage", "name a code, or ask for the list", None, help=("prover explain --list",)))
    print(_text(_known(arguments.code), style_for(sys.stdout, arguments.color)))
    return 0


def _known(code: str) -> Entry:
    found = entry(code.strip().strip("[]"))
    if found is not None:
        return found
    from difflib import get_close_matches

    close = get_close_matches(code, codes(), 3)
    advice = f"did you mean {' or '.join(f'`{c}`' for c in close)}?" if close else "see `prover explain --list`"
    raise InputError(error("input-code", f"there is no diagnostic code `{code}`", None, help=(advice,)))


def _text(found: Entry, style: Style) -> str:
    parts = [style.paint(BOLD, f"{found.code}: {found.title}"), found.explanation]
    if found.mistake:
        parts += [style.paint(RED, "The mistake:"), _indented(found.mistake)]
    if found.mend:
        parts += [style.paint(GREEN, "Its mend:"), _indented(found.mend)]
    return "\n\n".join(parts)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.split("\n"))
