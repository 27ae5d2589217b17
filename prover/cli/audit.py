"""List what the answers about files and folders take on trust: the ledger of assumptions."""

from __future__ import annotations

import argparse
import json
import sys

from prover import __version__
from prover.check import check_files
from prover.cli.console import Progress, style_for
from prover.cli.options import add_checking, add_format, checking, inputs
from prover.diagnostic import InputError
from prover.record import replace
from prover.render.ledger import entries, ledger_json, ledger_markdown, ledger_text
from prover.report import Status
from prover.solve.process import NoSolver, version

_EPILOG = """examples:
  prover audit proofs/                         everything that is assumed below proofs/
  prover audit --strict a.proof                exit status 1 if anything is
  prover audit --format markdown proofs/ > TRUST.md

exit status: 0 done, 1 with --strict: something is assumed or not proved, 2 bad input or usage, 3 a bug in prover"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    where = "a file, a folder (searched for *.proof), or - for standard input"
    parser.add_argument("paths", nargs="+", metavar="PATH", help=where)
    parser.add_argument("--total", action="store_true", help="ask termination of everything")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if anything is assumed, or not proved")
    add_format(parser, ("text", "json", "markdown"))
    add_checking(parser)


def execute(arguments: argparse.Namespace) -> int:
    progress = Progress()
    options = replace(checking(arguments), total=arguments.total)
    try:
        files = list(check_files(inputs(arguments.paths, arguments.stdin_filename), options, progress.update))
    except NoSolver as failure:
        print(f"prover: {failure}", file=sys.stderr)
        return 3
    finally:
        progress.clear()
    invalid = [d for f in files if f.status is Status.INVALID for d in f.diagnostics]
    if invalid:
        raise InputError(*invalid)
    found = entries(files)
    match arguments.format:
        case "json":
            print(json.dumps(ledger_json(found, files, __version__, version())))
        case "markdown":
            print(ledger_markdown(found, files, version()))
        case _:
            print(ledger_text(found, files, version(), style_for(sys.stdout, arguments.color)))
    return 1 if arguments.strict and (found or any(f.status is not Status.PROVED for f in files)) else 0
