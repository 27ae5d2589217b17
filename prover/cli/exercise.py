"""Exercises: make a template from a draft, check what was filled in, with hints, and verify that template and solution fit."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from prover.cli.console import style_for
from prover.cli.load import load_source
from prover.cli.options import add_color, complain
from prover.diagnostic import InputError, error
from prover.inputs import Input
from prover.render.escape import escape
from prover.render.grades import feedback
from prover.render.style import Style
from prover.teach.exercise import fit, halves
from prover.teach.grade import grades
from prover.teach.hints import LEVELS
from prover.teach.template import template

_EPILOG = """examples:
  prover exercise new sum.draft                      write sum.proof (holes `?`) and sum-solution.proof
  prover exercise check sum.proof mine.proof         what is proved, and hints for what is not
  prover exercise check --hints 1 sum.proof mine.proof   say only what fails
  prover exercise verify sum.proof sum-solution.proof    does the solution solve it, and nothing trivial?

exit status: 0 solved (or done), 1 not solved, 2 bad input or usage"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("action", choices=("new", "check", "verify"), help="what to do")
    parser.add_argument("file", metavar="FILE", help="the draft (new) or the template (check, verify)")
    parser.add_argument("other", metavar="FILE", nargs="?", help="the submission (check) or the solution (verify)")
    levels = "1: what fails; 2: with a round that shows it; 3: with the shape that is missing (default)"
    parser.add_argument("--hints", type=int, choices=range(1, LEVELS + 1), default=LEVELS, help=levels)
    parser.add_argument("--force", action="store_true", help="new: write over files that exist")
    add_color(parser)


def execute(arguments: argparse.Namespace) -> int:
    style = style_for(sys.stdout, arguments.color)
    if arguments.action == "new":
        return _new(arguments)
    if arguments.other is None:
        what = "a submission" if arguments.action == "check" else "its solution"
        raise InputError(error("exercise-files", f"`{arguments.action}` needs a template and {what}", None))
    return _check(arguments, style) if arguments.action == "check" else _verify(arguments, style)


def _new(arguments: argparse.Namespace) -> int:
    source = load_source(arguments.file)
    made, solution = halves(source)
    stem = Path(arguments.file).with_suffix("")
    for path, text in ((Path(f"{stem}.proof"), made), (Path(f"{stem}-solution.proof"), solution)):
        if path.exists() and not arguments.force:
            raise InputError(error("exercise-files", f"{path} exists", None, help=("--force writes over it",)))
        path.write_text(text, encoding="utf-8", newline="")
        print(f"wrote {escape(str(path))}")
    return 0


def _check(arguments: argparse.Namespace, style: Style) -> int:
    made = template(load_source(arguments.file))
    (grade,) = grades(made, [_input(arguments.other)])
    if grade.problems:
        return complain(InputError(*grade.problems), arguments.color)
    print("\n".join(feedback(grade, style, arguments.hints)))
    return 0 if grade.solved else 1


def _verify(arguments: argparse.Namespace, style: Style) -> int:
    found = fit(template(load_source(arguments.file)), _input(arguments.other))
    if found.solution.problems:
        return complain(InputError(*found.solution.problems), arguments.color)
    if not found.solution.solved:
        print("the solution does not solve the template:")
        print("\n".join(feedback(found.solution, style, LEVELS)))
        return 1
    if found.trivially is not None:
        print(f"the template is solved already: {found.trivially} in its holes is enough")
        return 1
    print(f"{escape(arguments.other)} solves {escape(arguments.file)}: {len(found.solution.obligations)} obligations")
    return 0


def _input(path: str) -> Input:
    source = load_source(path)
    return Input(source.name, source.text.encode("utf-8"), Path() if path == "-" else Path(path).parent)
