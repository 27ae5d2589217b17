"""Show the verification conditions: what has to be proved, from what, for each unit of a file (or for one)."""

from __future__ import annotations

import argparse
import sys

from prover.cli.console import style_for
from prover.cli.load import chosen, load
from prover.cli.options import add_color
from prover.diagnose.describe import conclusion, hypotheses
from prover.diagnostic import InputError, error
from prover.kernel.goal import Goal
from prover.kernel.program import Program
from prover.plan import plan
from prover.render.escape import escape, escape_lines
from prover.render.snippet import location
from prover.render.style import BLUE, BOLD, DIM, Style
from prover.report import Hypothesis

_EPILOG = """examples:
  prover goals factorial.proof                    all goals of the file
  prover goals factorial.proof factorial          those of one unit
  prover goals factorial.proof factorial.ensures1 those whose names start like this"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("file", metavar="FILE", help="a .proof file, or - for standard input")
    parser.add_argument("name", metavar="NAME", nargs="?", help="a unit, or the start of goal names")
    parser.add_argument("--total", action="store_true", help="ask termination of everything")
    add_color(parser)


def execute(arguments: argparse.Namespace) -> int:
    goals = _chosen(load(arguments.file), arguments.name, arguments.total)
    style = style_for(sys.stdout, arguments.color)
    for index, goal in enumerate(goals):
        print(("\n" if index else "") + _text(goal, style))
    if not goals:
        print("nothing to prove")
    return 0


def _chosen(program: Program, name: str | None, total: bool) -> list[Goal]:
    unit = name.split(".")[0] if name else None
    names = [u.name for u in chosen(program, unit)]
    made = plan(program, total, names).conditions
    goals = [g for n in names for g in made[n].all()]
    if name is None or name == unit:
        return goals
    found = [g for g in goals if g.name.startswith(name)]
    if not found:
        notes = (f"its goals: {', '.join(g.name for g in goals[:20])}",)
        raise InputError(error("name-goal", f"no goal of `{unit}` starts with `{name}`", None, notes=notes))
    return found


def _text(goal: Goal, style: Style) -> str:
    lines = [f"{style.paint(BOLD, escape(goal.name))}  {style.paint(DIM, location(goal.span))}", f"  {escape(goal.words)}"]
    known = hypotheses(goal)
    width = max((len(_origin(h)) for h in known), default=0)
    for hypothesis in known:
        lines += _indented(f"{_origin(hypothesis):<{width}}", hypothesis.text, style)
    return "\n".join([*lines, *_indented(f"{'⊢' if style.unicode else '|-':<{width}}", conclusion(goal), style)])


def _origin(hypothesis: Hypothesis) -> str:
    return f"{hypothesis.origin} {hypothesis.label}".strip()


def _indented(lead: str, text: str, style: Style) -> list[str]:
    first, *rest = escape_lines(text).split("\n")
    return [f"    {style.paint(BLUE, escape(lead))}  {first}", *[f"    {' ' * len(lead)}  {more}" for more in rest]]
