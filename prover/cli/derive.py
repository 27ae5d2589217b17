"""Show the derivation of a program in Hoare logic: a tree of rules, checked by a checker of its own."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from prover.cli.console import style_for
from prover.cli.load import load
from prover.cli.options import add_color, seconds
from prover.cli.wp import with_bodies
from prover.derive.build import NoTree
from prover.derive.checker import flaws
from prover.derive.derivation import SCHEMAS
from prover.derive.entailment import best
from prover.derive.rests import trusted, unproved
from prover.kernel.program import Procedure
from prover.plan import Plan, plan
from prover.render.derivation import FORMATS, Shown, as_json, text_lines
from prover.render.derivation_page import html_lines
from prover.render.derivation_tree import latex_lines
from prover.render.escape import escape, escape_lines
from prover.render.style import BOLD
from prover.solve.process import Pool, cores
from prover.solve.prove import Budget
from prover.syntax.style import ASCII, UNICODE

_EPILOG = """examples:
  prover derive swap.proof                              in the terminal, step by step
  prover derive --partial gcd.proof gcd                 one unit, without its termination
  prover derive --format html swap.proof > swap.html    a page whose branches fold
  prover derive --format latex swap.proof > swap.tex    a tree for bussproofs
  prover derive --rules                                 the rules themselves

exit status: 0 each derivation is accepted, 1 one is open, rejected or not to be had, 2 bad input or usage, 3 a bug in prover"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("file", metavar="FILE", nargs="?", help="a .proof file, or - for standard input")
    parser.add_argument("name", metavar="NAME", nargs="?", help="a procedure, triple or lemma (default: all)")
    parser.add_argument("--format", choices=FORMATS, default="text", help="how to write it (default: text)")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--total", action="store_true", help="show that it ends, too, whether the file asks that or not")
    how.add_argument("--partial", action="store_true", help="leave out that it ends")
    parser.add_argument("--rules", action="store_true", help="print the rules, and no derivation")
    parser.add_argument("--timeout", type=seconds, default=30.0, metavar="SECONDS", help="solver time a unit (default: 30)")
    parser.add_argument("--unicode", action="store_true", help="text: formulas with mathematical symbols")
    add_color(parser)


def execute(arguments: argparse.Namespace) -> int:
    if arguments.rules:
        print("\n\n".join(_rules()))
        return 0
    if arguments.file is None:
        print("prover derive: a FILE is needed (or --rules)", file=sys.stderr)
        return 2
    program = load(arguments.file)
    units = with_bodies(program, arguments.name)
    ready = plan(program, arguments.total, [u.name for u in units])
    with Pool(cores()) as pool:
        rests = unproved(units, ready, Budget(seconds=arguments.timeout), pool)
        made = [_shown(u, ready, rests[u.name], arguments, pool) for u in units]
    found = [s for s in made if isinstance(s, Shown)]
    for unit, item in zip(units, made, strict=True):
        if isinstance(item, str):
            print(f"prover: there is no derivation of `{escape(unit.name)}`: {item}", file=sys.stderr)
    _print(found, arguments)
    return 0 if len(found) == len(made) and all(s.accepted for s in found) else 1


def _shown(unit: Procedure, ready: Plan, rests: tuple[str, ...], arguments: argparse.Namespace, pool: Pool) -> Shown | str:
    total = not arguments.partial and (arguments.total or unit.name in ready.termination)
    try:
        proof, settled = best(unit, ready, total, Budget(seconds=arguments.timeout), pool)
    except NoTree as why:
        return str(why)
    return Shown(proof, tuple(flaws(proof, ready.program)), settled, rests, trusted(unit, ready))


def _print(found: list[Shown], arguments: argparse.Namespace) -> None:
    match arguments.format:
        case "json":
            print(as_json(found))
        case "html":
            for line in html_lines(found, arguments.file):
                print(escape_lines(line))
        case "latex":
            for line in latex_lines(found):
                print(escape_lines(line))
        case _:
            style = style_for(sys.stdout, arguments.color)
            for index, item in enumerate(found):
                unit = item.proof.unit
                print(("\n" if index else "") + style.paint(BOLD, f"{unit.kind.value} {escape(unit.name)}"))
                for line in text_lines(item, UNICODE if arguments.unicode else ASCII):
                    print(escape_lines(line))


def _rules() -> Iterator[str]:
    for rule, (above, below) in SCHEMAS.items():
        premises = "   ".join(above)
        bar = "-" * max(len(premises), len(below))
        yield f"{rule.value}\n" + (f"    {premises}\n    {bar}\n    {below}" if above else f"    {below}")
