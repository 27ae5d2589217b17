"""Show the textbook's weakest precondition before each statement, as a proof outline, and what remains to be shown."""

from __future__ import annotations

import argparse
import sys

from prover.cli.console import style_for
from prover.cli.load import chosen, load
from prover.cli.options import add_color
from prover.diagnostic import InputError, error
from prover.kernel.program import Procedure, Program
from prover.render.escape import escape, escape_lines
from prover.render.style import BOLD
from prover.syntax.style import ASCII, UNICODE
from prover.textbook.outline import assertions, lines
from prover.textbook.steps import step_lines, steps
from prover.textbook.wp import Options

_EPILOG = """examples:
  prover wp swap.proof                    every procedure, triple and lemma of the file
  prover wp factorial.proof factorial     one of them
  prover wp --total factorial.proof       with the conditions of termination
  prover wp --step swap.proof             each substitution, one a line
  prover wp --unicode swap.proof          with mathematical symbols"""
_WIDTH = 100


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("file", metavar="FILE", help="a .proof file, or - for standard input")
    parser.add_argument("name", metavar="NAME", nargs="?", help="a procedure, triple or lemma (default: all)")
    parser.add_argument("--total", action="store_true", help="with the conditions of termination")
    parser.add_argument("--definedness", action="store_true", help="with the conditions of divisions, indices, ranges")
    parser.add_argument("--step", action="store_true", help="each statement with the rule and the substitution that is made")
    parser.add_argument("--unicode", action="store_true", help="print formulas with mathematical symbols")
    add_color(parser)


def execute(arguments: argparse.Namespace) -> int:
    program = load(arguments.file)
    units = with_bodies(program, arguments.name)
    options = Options(total=arguments.total, definedness=arguments.definedness)
    symbols = UNICODE if arguments.unicode else ASCII
    style = style_for(sys.stdout, arguments.color)
    for index, unit in enumerate(units):
        heading = style.paint(BOLD, f"{unit.kind.value} {escape(unit.name)}")
        print(("\n" if index else "") + heading)
        if arguments.step:
            found = steps(unit, program, options, symbols)
            text = [line for n, step in enumerate(found) for line in (*([""] if n else []), *step_lines(step, symbols))]
        else:
            text = list(lines(assertions(unit, program, options), symbols, _WIDTH))
        for line in text:
            print(escape_lines(line))
    return 0


def with_bodies(program: Program, name: str | None) -> list[Procedure]:
    """The units that have an outline: all, or the one of that name.  Raises InputError (`name-unit`)."""
    found = [u for u in chosen(program, name) if isinstance(u, Procedure) and u.body is not None]
    if not found:
        what = f"`{name}` has no body" if name else "the file has no procedure, triple or lemma with a body"
        raise InputError(error("name-unit", f"{what}, so there is no outline to show", None))
    return found
