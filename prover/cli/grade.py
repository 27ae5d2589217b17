"""Grade submissions of an exercise: points for each obligation, for one student or a whole class."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from prover.cli.console import Progress
from prover.cli.load import load_source
from prover.cli.options import add_color, at_least
from prover.diagnostic import InputError, error
from prover.inputs import Input, gather
from prover.render.grades import FORMATS, written
from prover.teach.bundle import bundle
from prover.teach.grade import grades
from prover.teach.template import template

_EPILOG = """examples:
  prover grade --template sum.proof handed-in/              a table of the class, and what most fail
  prover grade --template sum.proof mine.proof --format gradescope > results.json
  prover grade --template sum.proof handed-in/ --format csv > points.csv
  prover grade --template sum.proof --bundle autograder.zip     what Gradescope wants uploaded

exit status: 0 graded, whatever the grades are; 2 bad input or usage"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("paths", nargs="*", metavar="SUBMISSION", help="a file, or a folder of them")
    parser.add_argument("--template", required=True, metavar="FILE", help="the exercise, with its holes")
    parser.add_argument("--format", choices=FORMATS, default="markdown", help="how to report (default: markdown)")
    parser.add_argument("--bundle", metavar="ZIP", help="write an autograder for Gradescope instead")
    parser.add_argument("--jobs", "-j", type=at_least(1), metavar="N", help="solver processes; grades do not depend on it")
    add_color(parser)


def execute(arguments: argparse.Namespace) -> int:
    made = template(load_source(arguments.template))
    if arguments.bundle:
        Path(arguments.bundle).write_bytes(bundle(made.source))
        print(f"wrote {arguments.bundle}", file=sys.stderr)
        return 0
    items = _submissions(arguments.paths)
    if arguments.format == "gradescope" and len(items) != 1:
        raise InputError(error("exercise-files", "the format `gradescope` is for one submission", None))
    progress = Progress()
    try:
        found = list(grades(made, items, arguments.jobs, progress.update, explain=False))
    finally:
        progress.clear()
    print(written(arguments.format, made, found))
    return 0


def _submissions(paths: Sequence[str]) -> tuple[Input, ...]:
    """Files that cannot be read are graded like others: with nothing, and the reason."""
    if not paths:
        raise InputError(error("exercise-files", "there is nothing to grade: name submissions", None))
    found: list[Input] = []
    for path in paths:
        found += gather([path]) if Path(path).is_dir() else [Input(path, Path(path), Path(path).parent)]
    return tuple(found)
