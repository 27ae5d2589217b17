"""Does each procedure and triple always end?  Answers yes, no or don't know, with the evidence."""

from __future__ import annotations

import argparse
import sys

from prover import __version__
from prover.check import check_files
from prover.cli.console import Progress, style_for
from prover.cli.load import known_procedures
from prover.cli.options import add_checking, add_format, checking, inputs
from prover.diagnostic import InputError, error
from prover.inputs import Input
from prover.record import replace
from prover.render.termination import asked_units, termination_text
from prover.report import Answer, FileReport, Report
from prover.solve.process import NoSolver, version

_EPILOG = """examples:
  prover terminates g.proof                   each procedure and triple of the file
  prover terminates g.proof g g_machine       these two
  prover terminates --format json g.proof     the JSON of `prover check`, `terminates` filled for all

exit status: 0 all are yes, 1 some are no or don't know, 2 bad input or usage, 3 a bug in prover"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("file", metavar="FILE", help="a file, or - for standard input")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these procedures and triples")
    parser.add_argument("--no-infer", action="store_true", help="look for no annotations that are missing")
    add_format(parser)
    add_checking(parser)


def execute(arguments: argparse.Namespace) -> int:
    (item,) = _one(arguments)
    names = frozenset(arguments.names)
    if names:
        known_procedures(item, names)
    options = replace(checking(arguments), total=True, infer=not arguments.no_infer, names=names or None, why=True)
    progress, status = Progress(), 0
    try:
        for report in check_files([item], options, progress.update):
            progress.clear()
            _show(report, arguments, options.infer)
            status = _status(report)
    except NoSolver as failure:
        print(f"prover: {failure}", file=sys.stderr)
        return 3
    finally:
        progress.clear()
    return status


def _show(report: FileReport, arguments: argparse.Namespace, searched: bool) -> None:
    if arguments.format == "json":
        from prover.render.json import report_json

        sys.stdout.write(report_json(Report((report,), __version__, version())))
    else:
        print(termination_text(report, style_for(sys.stdout, arguments.color), searched))


def _one(arguments: argparse.Namespace) -> tuple[Input, ...]:
    found = inputs([arguments.file], arguments.stdin_filename)
    if len(found) > 1:
        raise InputError(error("input-usage", "`terminates` takes one file, not a folder", None))
    return found


def _status(report: FileReport) -> int:
    if Report((report,), "", "").exit_status == 2:
        return 2
    return 0 if all(u.terminates is Answer.YES for u in asked_units(report)) else 1
