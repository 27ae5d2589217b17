"""Show a proof outline: the program with the weakest precondition as an assertion at each point, and what remains to be shown."""

from __future__ import annotations

import argparse
import sys

from prover.cli.console import style_for
from prover.cli.load import load
from prover.cli.options import add_color
from prover.cli.wp import with_bodies
from prover.kernel.program import Procedure, Program
from prover.render.escape import escape, escape_lines
from prover.render.outline import FORMATS, written
from prover.render.style import BOLD
from prover.syntax.style import ASCII, UNICODE
from prover.textbook.forward import forwards
from prover.textbook.outline import Outline, assertions, lines
from prover.textbook.wp import Options

_EPILOG = """examples:
  prover outline swap.proof                               in the terminal
  prover outline --forward swap.proof                     by strongest postconditions
  prover outline --format html swap.proof > swap.html     a page of its own
  prover outline --exact swap.proof                       nothing simplified
  prover outline --format latex factorial.proof factorial > outline.tex"""
_WIDTH = 100


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("file", metavar="FILE", help="a .proof file, or - for standard input")
    parser.add_argument("name", metavar="NAME", nargs="?", help="a procedure, triple or lemma (default: all)")
    parser.add_argument("--format", choices=FORMATS, default="text", help="how to write it (default: text)")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--backward", action="store_true", help="by weakest preconditions, from the end (the default)")
    way.add_argument("--forward", action="store_true", help="by strongest postconditions, from the beginning")
    parser.add_argument("--total", action="store_true", help="with the conditions of termination")
    parser.add_argument("--definedness", action="store_true", help="with the conditions of divisions, indices, ranges")
    parser.add_argument("--exact", action="store_true", help="simplify nothing: each formula as substitution makes it")
    parser.add_argument("--unicode", action="store_true", help="text: formulas with mathematical symbols")
    add_color(parser)


def execute(arguments: argparse.Namespace) -> int:
    program = load(arguments.file)
    found = [_outline(unit, program, arguments) for unit in with_bodies(program, arguments.name)]
    if arguments.format != "text":
        for line in written(arguments.format, found, arguments.file):
            print(escape_lines(line))
        return 0
    style = style_for(sys.stdout, arguments.color)
    symbols = UNICODE if arguments.unicode else ASCII
    for index, outline in enumerate(found):
        heading = f"{outline.procedure.kind.value} {escape(outline.procedure.name)}"
        print(("\n" if index else "") + style.paint(BOLD, heading))
        for line in lines(outline, symbols, _WIDTH):
            print(escape_lines(line))
    return 0


def _outline(unit: Procedure, program: Program, arguments: argparse.Namespace) -> Outline:
    if not arguments.forward:
        simplified = not arguments.exact
        return assertions(unit, program, Options(arguments.total, arguments.definedness, simplified=simplified))
    return forwards(unit, program, arguments.exact)
