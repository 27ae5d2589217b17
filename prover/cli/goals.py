"""Show the verification conditions: what has to be proved, from what, for each unit of a file (or for one)."""

from __future__ import annotations

import argparse
import sys

from prover.cli.console import style_for
from prover.cli.load import chosen, load
from prover.cli.options import add_color
from prover.diagnostic import InputError, error
from prover.kernel.depend import components
from prover.kernel.goal import Conditions, Goal
from prover.kernel.program import Program
from prover.render.escape import escape, escape_lines
from prover.render.snippet import location
from prover.render.style import BLUE, BOLD, DIM, Style
from prover.report import Hypothesis
from prover.sequent import Sequent, sequent
from prover.syntax.unparse import ASCII, UNICODE

_EPILOG = """examples:
  prover goals factorial.proof                    all goals of the file
  prover goals factorial.proof factorial          those of one unit
  prover goals factorial.proof factorial.ensures1 those whose names start like this"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("file", metavar="FILE", help="a .proof file, or - for standard input")
    parser.add_argument("name", metavar="NAME", nargs="?", help="a unit, or the start of goal names")
    parser.add_argument("--total", action="store_true", help="ask termination of everything")
    parser.add_argument("--unicode", action="store_true", help="print formulas with mathematical symbols")
    add_color(parser)


def execute(arguments: argparse.Namespace) -> int:
    program, _, _ = load(arguments.file)
    goals = _chosen(program, arguments.name, arguments.total)
    style = style_for(sys.stdout, arguments.color)
    symbols = UNICODE if arguments.unicode else ASCII
    for index, goal in enumerate(goals):
        print(("\n" if index else "") + _text(goal, sequent(goal, symbols, style.width - 4), style))
    if not goals:
        print("nothing to prove")
    return 0


def _chosen(program: Program, name: str | None, total: bool) -> list[Goal]:
    unit = name.split(".")[0] if name else None
    goals = [g for c in _conditions(program, unit, total) for g in c.all()]
    if name is None or name == unit:
        return goals
    found = [g for g in goals if g.name == name or g.name.startswith(name)]
    if not found:
        names = ", ".join(g.name for g in goals[:20])
        raise InputError(error("name-goal", f"no goal of `{unit}` starts with `{name}`", None, notes=(f"goals: {names}",)))
    return found


def _conditions(program: Program, unit: str | None, total: bool) -> list[Conditions]:
    from prover.check import conditions_of

    around = components(program)
    return [conditions_of(u, program, around[u.name], total) for u in chosen(program, unit)]


def _text(goal: Goal, shown: Sequent, style: Style) -> str:
    head = f"{style.paint(BOLD, escape(goal.name))}  {style.paint(DIM, location(goal.span))}"
    lines = [head, f"  {escape(goal.words)}"]
    if shown.left_out:
        lines.append(style.paint(DIM, f"    … {shown.left_out} earlier facts"))
    width = max((len(_origin(h)) for h in shown.hypotheses), default=0)
    for hypothesis in shown.hypotheses:
        lines += _indented(f"{_origin(hypothesis):<{width}}", hypothesis.text, style)
    return "\n".join([*lines, *_indented(f"{'⊢' if style.unicode else '|-'}", shown.conclusion, style)])


def _origin(hypothesis: Hypothesis) -> str:
    return f"{hypothesis.origin} {hypothesis.label}".strip()


def _indented(lead: str, text: str, style: Style) -> list[str]:
    first, *rest = escape_lines(text).split("\n")
    return [f"    {style.paint(BLUE, escape(lead))}  {first}", *[f"    {' ' * len(lead)}  {more}" for more in rest]]
