"""Verify files, and every *.proof file of folders: is each unit correct, and does it terminate where that is asked?"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prover import __version__
from prover.check import Options, check_files
from prover.cli.console import Progress, style_for
from prover.cli.options import add_checking, checking, inputs
from prover.diagnostic import Diagnostic
from prover.record import replace
from prover.render.escape import escape
from prover.render.style import Style
from prover.render.text import diagnostic_text, file_details, file_line, inferred_lines, summary_line
from prover.report import FileReport, Report
from prover.solve.process import NoSolver, version

if TYPE_CHECKING:
    from prover.cache import Cache

_EPILOG = """examples:
  prover check factorial.proof            verify one file
  prover check --total src/               and ask of every loop and recursion whether it ends
  prover check --format json a.proof      one JSON object (docs/report.schema.json)
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
    add_checking(parser)


def execute(arguments: argparse.Namespace) -> int:
    files_in = inputs(arguments.paths, arguments.stdin_filename)
    started = time.monotonic()
    progress = Progress()
    try:
        with _cache(arguments) as cache:
            reports = check_files(files_in, _options(arguments), progress.update, cache)
            files = _reported(reports, arguments, progress)
    except NoSolver as failure:
        print(f"prover: {failure}", file=sys.stderr)
        return 3
    finally:
        progress.clear()
    elapsed = time.monotonic() - started if arguments.timings else None
    return _finish(Report(tuple(f.report for f in files), __version__, "", elapsed), files, arguments)


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
    )


@dataclass(frozen=True, slots=True)
class _Held:
    """A file's report, and the differences to what it states (None where that was not asked)."""

    report: FileReport
    differences: tuple[str, ...] | None


def _reported(reports: Iterator[FileReport], arguments: argparse.Namespace, progress: Progress) -> list[_Held]:
    """Take the reports as they come; in text, print each at once."""
    style = style_for(sys.stdout, arguments.color)
    show = _printer(style, progress) if arguments.format == "text" else None
    files: list[_Held] = []
    for report in reports:
        differences = tuple(diagnostic_text(d, style) for d in _held(report)) if arguments.expected else None
        files.append(_Held(report, differences))
        if show:
            show(files[-1])
    return files


def _printer(style: Style, progress: Progress) -> Callable[[_Held], None]:
    def show(file: _Held) -> None:
        progress.clear()
        held = None if file.differences is None else not file.differences
        print(file_line(file.report, style, held))
        for line in inferred_lines(file.report, style) if held is None else ():
            print(line)
        blocks = list(file.differences or ())
        if not held and (details := file_details(file.report, style)):
            blocks.append(details)
        if blocks:
            print("\n" + "\n\n".join(blocks) + "\n")
        sys.stdout.flush()

    return show


def _finish(report: Report, files: list[_Held], arguments: argparse.Namespace) -> int:
    wrong = sum(bool(f.differences) for f in files)
    if arguments.format == "json":
        from prover.render.json import report_json

        sys.stdout.write(report_json(replace(report, solver=version())))
    else:
        ending = f"; {len(files) - wrong} of {len(files)} as stated" if arguments.expected else ""
        print(summary_line(report, style_for(sys.stdout, arguments.color)) + ending)
    return (1 if wrong else 0) if arguments.expected else report.exit_status


def _held(report: FileReport) -> tuple[Diagnostic, ...]:
    from prover.expectation import hold

    return hold(report)
