"""Lay .proof files out in the canonical way; comments and holes stay.  Files are rewritten in place, - goes to the output."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from prover.cli.console import style_for
from prover.cli.load import load_source
from prover.cli.options import add_color
from prover.cli.replace import replace_file
from prover.diagnostic import Diagnostic, InputError, error
from prover.inputs import gather
from prover.render.escape import escape
from prover.render.text import diagnostic_text, plural
from prover.syntax.format import format_file
from prover.syntax.parser import parse_template
from prover.syntax.style import ASCII, UNICODE, Style

_EPILOG = """examples:
  prover format factorial.proof        rewrite one file
  prover format --unicode proofs/      and write ∧ ⇒ ≤ for `and` `==>` `<=`
  prover format --check proofs/        change nothing; exit 1 if a file would change
  prover format - < a.proof            to standard output

exit status: 0 done (with --check: nothing to change), 1 files would change, 2 bad input or usage"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    where = "a file, a folder (searched for *.proof), or - for standard input"
    parser.add_argument("paths", nargs="+", metavar="PATH", help=where)
    parser.add_argument("--check", action="store_true", help="change nothing, say which files would change")
    operators = parser.add_mutually_exclusive_group()
    operators.add_argument("--unicode", action="store_true", help="write operators as mathematical symbols")
    operators.add_argument("--ascii", action="store_true", help="write operators in ASCII")
    add_color(parser)


def execute(arguments: argparse.Namespace) -> int:
    style = UNICODE if arguments.unicode else ASCII if arguments.ascii else None
    if "-" in arguments.paths:
        return _standard_input(arguments, style)
    changed = 0
    problems: list[Diagnostic] = []
    files = gather(arguments.paths)
    for item in files:
        try:
            changed += _one(item.name, arguments.check, style)
        except InputError as failure:
            problems += failure.diagnostics
    shown = style_for(sys.stderr, arguments.color)
    for problem in problems:
        print(diagnostic_text(problem, shown) + "\n", file=sys.stderr)
    done = "would change" if arguments.check else "changed"
    print(f"{plural(changed, 'file')} {done}, {len(files) - changed} left as they are")
    return 2 if problems else int(arguments.check and changed > 0)


def _standard_input(arguments: argparse.Namespace, style: Style | None) -> int:
    if len(arguments.paths) > 1:
        raise InputError(error("input-usage", "`-` stands alone: standard input goes to standard output", None))
    source = load_source("-")
    text = format_file(parse_template(source), source, style)
    if arguments.check:
        return int(text != source.text)
    sys.stdout.write(text)
    return 0


def _one(name: str, check: bool, style: Style | None) -> bool:
    """Whether the file changes (or would)."""
    source = load_source(name)
    text = format_file(parse_template(source), source, style)
    content = text.encode()
    path = Path(name)
    if path.read_bytes() == content:
        return False
    if not check:
        replace_file(path, content)
    print(f"{'would change' if check else 'changed'} {escape(name)}")
    return True
