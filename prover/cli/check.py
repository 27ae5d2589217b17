"""Verify files, and every *.proof file of folders: is each unit correct, and does it terminate where that is asked?"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from prover import __version__
from prover.batch.schedule import check_all
from prover.check import Options
from prover.cli.console import Progress
from prover.cli.options import add_checking, at_least, checking, inputs
from prover.cli.outputs import add_formats, opened
from prover.diagnostic import Diagnostic
from prover.record import replace
from prover.render.escape import escape
from prover.render.finding import Checked
from prover.report import FileReport
from prover.solve.process import NoSolver, version

if TYPE_CHECKING:
    from prover.cache import Cache

_EPILOG = """examples:
  prover check factorial.proof            verify one file
  prover check --total src/               and ask of every loop and recursion whether it ends
  prover check --format json a.proof      one JSON object (docs/report.schema.json)
  prover check --output-file sarif=found.sarif --output-file html=page.html src/
  prover check --expected proofs/         hold each file to the verdicts its first comment states
  generate | prover check - --stdin-filename made.proof

exit status: 0 all proved (with --expected: all as stated), 1 something is not,
2 bad input or usage, 3 a bug in prover"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    where = "a file, a folder (searched for *.proof), or - for standard input"
    parser.add_argument("paths", nargs="+", metavar="PATH", help=where)
    parser.add_argument("--total", action="store_true", help="ask termination of everything")
    parser.add_argument("--expected", action="store_true", help="hold each file to the verdicts that its first comment states")
    parser.add_argument("--filter", metavar="NAME", help="check only units whose names contain NAME")
    parser.add_argument("--fail-fast", action="store_true", help="stop at the first thing that is not proved")
    parser.add_argument("--no-infer", action="store_true", help="look for no annotations that are missing")
    parser.add_argument("--no-cache", action="store_true", help="neither use nor keep what earlier runs have found")
    parser.add_argument("--strict", action="store_true", help="what rests on a contradiction does not count as proved")
    parser.add_argument("--unused", action="store_true", help="note clauses that no proof needed, such as an invariant to drop")
    again = "try each proof again N times, with other seeds, names and order, and warn where it is not found each time"
    parser.add_argument("--stability", type=at_least(1), default=0, metavar="N", help=again)
    add_formats(parser)
    add_checking(parser)


def execute(arguments: argparse.Namespace) -> int:
    files_in = inputs(arguments.paths, arguments.stdin_filename)
    started = time.monotonic()
    progress = Progress()
    outputs = opened(arguments, version(), progress)
    try:
        with _cache(arguments) as cache:
            outputs.start()
            for report in check_all(files_in, _options(arguments), progress.update, cache):
                outputs.take(Checked(report, _held(report) if arguments.expected else None))
        seconds = time.monotonic() - started if arguments.timings else None
        held = outputs.tally.held if outputs.tally.files or not arguments.expected else 0
        outputs.finish(replace(outputs.tally, seconds=seconds, held=held))
    except NoSolver as failure:
        print(f"prover: {failure}", file=sys.stderr)
        return 3
    finally:
        progress.clear()
        outputs.close()
    for problem in outputs.failures:
        print(f"prover: {problem}", file=sys.stderr)
    return max(outputs.tally.exit_status, 2 if outputs.failures else 0)


@contextmanager
def _cache(arguments: argparse.Namespace) -> Iterator[Cache | None]:
    """The user's cache, if it may be used; what is wrong with it is said at the end."""
    if arguments.no_cache:
        yield None
        return
    from prover.cache import open_cache

    cache = open_cache(__version__)
    try:
        yield cache
    finally:
        cache.close()
        if cache.trouble:
            print(f"prover: {escape(cache.trouble)}", file=sys.stderr)


def _options(arguments: argparse.Namespace) -> Options:
    return replace(
        checking(arguments),
        total=arguments.total,
        filter=arguments.filter,
        fail_fast=arguments.fail_fast,
        infer=not arguments.no_infer,
        strict=arguments.strict,
        unused=arguments.unused,
        stability=arguments.stability,
    )


def _held(report: FileReport) -> tuple[Diagnostic, ...]:
    from prover.expectation import hold

    return hold(report)
