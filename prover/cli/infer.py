"""Find annotations that a proof lacks (invariants, variants, recurrent sets), as one would write them.

Each is proved like a person's own. With --write they go into the file, before the `do` of their loops; comments and layout stay.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from prover import __version__
from prover.check import Options, check_files
from prover.cli.console import Progress, style_for
from prover.cli.options import add_checking, add_format, checking, inputs
from prover.cli.replace import replace_file
from prover.diagnostic import InputError, error
from prover.inputs import Input
from prover.record import replace
from prover.render.escape import escape
from prover.render.style import CYAN, DIM, Style
from prover.render.text import file_details, file_line, plural
from prover.report import FileReport, InferredReport, Report, Status, UnitReport
from prover.solve.process import NoSolver, version
from prover.syntax.insert import inserted

_EPILOG = """examples:
  prover infer count.proof            print what is missing, loop by loop
  prover infer --total count.proof    variants too, although the file does not ask whether it ends
  prover infer --write count.proof    put it into the file

What is written is checked again first, without inference: a file never gets annotations with which it would be proved no more
than the search said.

exit status: 0 everything is proved with what was found, 1 something is not, 2 bad input or usage, 3 a bug in prover"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    where = "a file, a folder (searched for *.proof), or - for standard input"
    parser.add_argument("paths", nargs="+", metavar="FILE", help=where)
    parser.add_argument("--write", "-w", action="store_true", help="write what is found into the files")
    parser.add_argument("--total", action="store_true", help="ask termination of everything")
    parser.add_argument("--filter", metavar="NAME", help="only units whose names contain NAME")
    add_format(parser)
    add_checking(parser)


def execute(arguments: argparse.Namespace) -> int:
    if arguments.write and "-" in arguments.paths:
        raise InputError(error("input-usage", "`--write` changes files: standard input is none", None))
    files = inputs(arguments.paths, arguments.stdin_filename)
    options = replace(checking(arguments), total=arguments.total, filter=arguments.filter)
    progress = Progress()
    reports = []
    try:
        for item, report in zip(files, check_files(files, options, progress.update), strict=True):
            reports.append(report)
            progress.clear()
            done = _written(item, report, options) if arguments.write and not report.interrupted else None
            if arguments.format == "text":
                _show(report, style_for(sys.stdout, arguments.color), done)
    except NoSolver as failure:
        print(f"prover: {failure}", file=sys.stderr)
        return 3
    finally:
        progress.clear()
        if arguments.format == "json" and reports:
            _show_all(reports)
    return Report(tuple(reports), "", "").exit_status


def _show_all(reports: Iterable[FileReport]) -> None:
    from prover.render.json import report_json

    sys.stdout.write(report_json(Report(tuple(reports), __version__, version())))


def _show(report: FileReport, style: Style, done: int | None) -> None:
    print(file_line(report, style))
    if report.status is Status.INVALID:
        print("\n" + file_details(report, style) + "\n")
        return
    found = _by_loop(report.units)
    for items in found.values():
        span = items[0].span
        print(f"  {style.paint(DIM, f'{span.first.line}:{span.first.column}')} {escape(_head(items[0]))}")
        for item in items:
            print(f"      {style.paint(CYAN, escape(item.text))}")
    count = sum(map(len, found.values()))
    if done is None:
        print(f"{plural(count, 'annotation')} found" + ("; --write puts them into the file" if count else ""))
    else:
        print(f"{plural(done, 'annotation')} written" + (f", {count - done} not accepted in the file" if done < count else ""))


def _head(item: InferredReport) -> str:
    return " ".join(item.span.text.split())


def _by_loop(units: Iterable[UnitReport]) -> dict[int, list[InferredReport]]:
    """By where the loop starts, in the order of the text."""
    found: dict[int, list[InferredReport]] = {}
    for item in sorted((i for u in units for i in u.inferred), key=lambda i: i.span.start):
        found.setdefault(item.span.start, []).append(item)
    return found


def _written(item: Input, report: FileReport, options: Options) -> int:
    """Write what the kernel accepts, unit by unit if not all of it at once; how many annotations were written."""
    units = [u for u in report.units if u.inferred]
    if not units or report.source is None or not isinstance(item.content, Path):
        return 0
    accepted = _accepted(item, report, units, options)
    if accepted is None and len(units) > 1:
        units = [u for u in units if _accepted(item, report, [u], options) is not None]
        accepted = _accepted(item, report, units, options) if units else None
    if accepted is None:
        return 0
    # A byte order mark is no part of the text, but of the file.
    mark = b"\xef\xbb\xbf" if item.content.read_bytes().startswith(b"\xef\xbb\xbf") else b""
    replace_file(item.content, mark + accepted.encode())
    return sum(len(u.inferred) for u in units)


def _accepted(item: Input, report: FileReport, units: Iterable[UnitReport], options: Options) -> str | None:
    """The text with the annotations of `units`, if it gives them the same answers without any inference."""
    assert report.source is not None
    chosen = list(units)
    lines = {start: [i.text for i in items] for start, items in _by_loop(chosen).items()}
    text = inserted(report.source, lines)
    (again,) = check_files([Input(item.name, text.encode(), item.root)], replace(options, infer=False, filter=None))
    answers = _answers(again.units)
    return text if all(answers.get(name) == answer for name, answer in _answers(chosen).items()) else None


def _answers(units: Iterable[UnitReport]) -> Mapping[str, object]:
    return {u.name: (u.correct, u.terminates) for u in units}
