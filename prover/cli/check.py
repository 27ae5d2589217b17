"""Verify files, and every *.proof file of folders: is each unit correct, and does it terminate where that is asked?"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from prover import __version__
from prover.batch.schedule import check_all
from prover.check import Options
from prover.cli.console import Progress
from prover.cli.options import add_checking, at_least, checking, complain
from prover.cli.outputs import add_formats, opened
from prover.cli.selection import Selection, settings
from prover.configuration import Configuration
from prover.diagnostic import Diagnostic, InputError, error
from prover.inputs import Input
from prover.record import replace
from prover.render.escape import escape
from prover.render.finding import Checked
from prover.render.profile import Profile
from prover.report import FileReport
from prover.solve.process import NoSolver, version

if TYPE_CHECKING:
    from prover.batch.cluster import Cluster
    from prover.cache import Cache

_EPILOG = """examples:
  prover check factorial.proof            verify one file
  prover check --total src/               and ask of every loop and recursion whether it ends
  prover check --format json a.proof      one JSON object (docs/report.schema.json)
  prover check --output-file sarif=found.sarif --output-file html=page.html src/
  prover check --expected proofs/         hold each file to the verdicts its first comment states
  prover check --since main src/          what has changed since a git revision, and what imports it
  prover check --watch src/               go on, and check again what is saved
  generate | prover check - --stdin-filename made.proof

exit status: 0 all proved (with --expected: all as stated), 1 something is not,
2 bad input or usage, 3 a bug in prover"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    where = "a file, a folder (searched for *.proof), or - for standard input"
    parser.add_argument("paths", nargs="*", metavar="PATH", help=f"{where} (default: `paths` of prover.toml)")
    parser.add_argument("--total", action="store_true", help="ask termination of everything")
    parser.add_argument("--expected", action="store_true", help="hold each file to the verdicts that its first comment states")
    parser.add_argument("--filter", metavar="NAME", help="check only units whose names contain NAME")
    parser.add_argument("--fail-fast", action="store_true", help="stop at the first thing that is not proved")
    parser.add_argument("--no-infer", action="store_true", help="look for no annotations that are missing")
    parser.add_argument("--no-cache", action="store_true", help="neither use nor keep what earlier runs have found")
    parser.add_argument("--strict", action="store_true", help="what rests on a contradiction does not count as proved")
    parser.add_argument("--trace", action="store_true", help="show each run that refutes step by step")
    parser.add_argument("--unused", action="store_true", help="note clauses that no proof needed, such as an invariant to drop")
    again = "try each proof again N times, with other seeds, names and order, and warn where it is not found each time"
    parser.add_argument("--stability", type=at_least(1), default=0, metavar="N", help=again)
    parser.add_argument("--since", metavar="REV", help="only what git says has changed since REV, and what imports it")
    parser.add_argument("--watch", action="store_true", help="go on, and check again what a change touches")
    parser.add_argument("--isolated", action="store_true", help="read no settings (prover.toml, pyproject.toml)")
    parser.add_argument("--profile", action="store_true", help="say where the time went; uses no remembered report")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="have a Dask cluster solve, such as tcp://host:8786")
    second = "ask a second solver, cvc5, about each proved goal; it is an error if it disagrees (needs `prover[certify]`)"
    parser.add_argument("--certify", action="store_true", help=second)
    add_formats(parser)
    add_checking(parser)


def execute(arguments: argparse.Namespace) -> int:
    chosen = settings(arguments)
    selection = Selection(arguments, chosen)
    if arguments.watch:
        return _watched(arguments, chosen, selection)
    return _checked(arguments, chosen, selection.files())


def _watched(arguments: argparse.Namespace, chosen: Configuration, selection: Selection) -> int:
    from prover.cli.watch import watch

    if arguments.format not in ("text", "concise") or "-" in arguments.paths:
        raise InputError(error("input-usage", "`--watch` goes with the formats text and concise, and with files", None))
    return watch(selection, lambda files: _checked(arguments, chosen, files), lambda f: complain(f, arguments.color))


def _checked(arguments: argparse.Namespace, chosen: Configuration, files: Sequence[Input]) -> int:
    if arguments.certify and (missing := _no_second()):
        print(f"prover: {missing}", file=sys.stderr)
        return 2
    started = time.monotonic()
    progress = Progress()
    outputs = opened(arguments, version(), progress)
    profile = Profile() if arguments.profile else None
    try:
        with _cache(arguments, chosen) as cache, _cluster(arguments) as cluster:
            outputs.start()
            options = _options(arguments, chosen)
            if cluster is not None:
                options = replace(options, jobs=arguments.jobs or cluster.jobs)
            distant = cluster.ask if cluster is not None else None
            for report in check_all(files, options, progress.update, cache, distant):
                outputs.take(Checked(report, _held(report) if arguments.expected else None))
                if profile is not None:
                    profile.add(report)
        seconds = time.monotonic() - started if arguments.timings else None
        held = outputs.tally.held if outputs.tally.files or not arguments.expected else 0
        outputs.finish(replace(outputs.tally, seconds=seconds, held=held))
    except KeyboardInterrupt:
        outputs.interrupted()
        raise
    except NoSolver as failure:
        print(f"prover: {failure}", file=sys.stderr)
        return 3
    finally:
        progress.clear()
        outputs.close()
    for problem in outputs.failures:
        print(f"prover: {problem}", file=sys.stderr)
    if profile is not None:
        print(profile.text(time.monotonic() - started), end="", file=sys.stderr)
    return max(outputs.tally.exit_status, 2 if outputs.failures else 0)


def _no_second() -> str:
    """Why the second solver cannot be asked; empty if it can."""
    from prover.solve.second import NoSecond, version

    try:
        version()
    except NoSecond as failure:
        return str(failure)
    return ""


@contextmanager
def _cluster(arguments: argparse.Namespace) -> Iterator[Cluster | None]:
    if arguments.scheduler is None:
        yield None
        return
    from prover.batch.cluster import connected

    with connected(arguments.scheduler) as cluster:
        yield cluster
        if cluster.trouble:
            print(f"prover: {escape(cluster.trouble)}", file=sys.stderr)


@contextmanager
def _cache(arguments: argparse.Namespace, chosen: Configuration) -> Iterator[Cache | None]:
    """The user's cache, if it may be used; what is wrong with it is said at the end."""
    if arguments.no_cache or arguments.certify or not chosen.flag("cache"):
        yield None
        return
    from prover.cache import open_cache

    cache = open_cache(__version__, (chosen.count("cache-size") or 1) << 20)
    try:
        yield cache
    finally:
        cache.close()
        if cache.trouble:
            print(f"prover: {escape(cache.trouble)}", file=sys.stderr)


def _options(arguments: argparse.Namespace, chosen: Configuration) -> Options:
    """What the command line says, then what the settings say; both may ask for more, neither takes back what the other asks."""
    given = checking(arguments)
    return replace(
        given,
        jobs=given.jobs or chosen.count("jobs"),
        rlimit=given.rlimit or chosen.count("rlimit"),
        timeout=given.timeout or chosen.seconds("timeout"),
        total=arguments.total or chosen.flag("total"),
        filter=arguments.filter,
        fail_fast=arguments.fail_fast,
        unused=arguments.unused,
        trace=arguments.trace,
        stability=arguments.stability,
        infer=not arguments.no_infer and chosen.flag("infer"),
        strict=arguments.strict or chosen.flag("strict"),
        profile=arguments.profile,
        certify=arguments.certify,
    )


def _held(report: FileReport) -> tuple[Diagnostic, ...]:
    from prover.expectation import hold

    return hold(report)
