"""Look closer at one goal: what it says, why it is open, and which conjuncts of invariants hold, are kept and matter."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from prover.check import Options, check_files
from prover.cli.console import style_for
from prover.cli.options import add_color, complain, inputs
from prover.diagnose.examine import laboratory
from prover.diagnose.matrix import Row, matrix
from prover.diagnostic import InputError, error
from prover.inputs import Input
from prover.kernel.program import Procedure
from prover.plan import load, plan
from prover.render.escape import escape
from prover.render.json import span_value
from prover.render.matrix import matrix_lines
from prover.render.style import Style
from prover.render.text import goal_text
from prover.report import GoalReport, UnitReport, Verdict
from prover.solve.clock import Clock
from prover.solve.process import Pool, cores
from prover.solve.prove import Budget
from prover.syntax.elaborate import FileLoader
from prover.syntax.read import read_source

_EPILOG = """examples:
  prover explain-goal sum.proof sum_to.loop1.inv1.preserved
  prover explain-goal sum.proof sum_to.ensures1 --format json

Names of goals are those that `prover check` and `prover goals` show.
exit status: 0 the goal is proved, 1 it is not, 2 bad input or usage"""
SECONDS = 20.0


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("file", metavar="FILE", help="a .proof file, or - for standard input")
    parser.add_argument("goal", metavar="GOAL", help="the goal's name")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to report (default: text)")
    add_color(parser)


def execute(arguments: argparse.Namespace) -> int:
    (item,) = inputs([arguments.file], "<stdin>")
    name = arguments.goal.split(".")[0]
    (report,) = check_files([item], Options(infer=False, names=frozenset({name})))
    if report.diagnostics and not report.units:
        return complain(InputError(*report.diagnostics), arguments.color)
    unit = next((u for u in report.units if u.name == name), None)
    goal = _goal(unit, arguments.goal)
    rows = _rows(item, name)
    if arguments.format == "json":
        print(json.dumps(_json(goal, rows)))
    else:
        print("\n".join(_text(goal, rows, style_for(sys.stdout, arguments.color))))
    return 0 if goal.verdict is Verdict.PROVED else 1


def _goal(unit: UnitReport | None, name: str) -> GoalReport:
    from difflib import get_close_matches

    known = [g.name for g in unit.goals] if unit is not None else []
    found = next((g for g in unit.goals if g.name == name), None) if unit is not None else None
    if found is not None:
        return found
    close = get_close_matches(name, known, 3) or known[:8]
    notes = (f"its goals: {', '.join(close)}",) if close else ()
    what = "there is no goal" if unit is not None else f"there is no unit `{name.split('.', maxsplit=1)[0]}`, and so no goal"
    raise InputError(error("name-goal", f"{what} `{name}`", None, notes=notes))


def _rows(item: Input, name: str) -> list[Row]:
    ready = plan(load(read_source(item.content, item.name), FileLoader(item.root)), False, [name])
    unit = ready.program.units[name]
    if not isinstance(unit, Procedure):
        return []
    with Pool(cores()) as pool:
        return matrix(laboratory(unit, ready, pool, Budget(), Clock(SECONDS)))


def _text(goal: GoalReport, rows: Sequence[Row], style: Style) -> list[str]:
    if goal.verdict is Verdict.PROVED:
        lines = [f"{escape(goal.name)} is proved: {escape(goal.description)}"]
    else:
        lines = [goal_text(goal, style)]
    return [*lines, *matrix_lines(rows, style)]


def _json(goal: GoalReport, rows: Sequence[Row]) -> dict[str, object]:
    return {
        "goal": goal.name,
        "kind": goal.kind,
        "verdict": goal.verdict.value,
        "reason": goal.reason.value if goal.reason else None,
        "cause": goal.cause.value if goal.cause else None,
        "span": span_value(goal.span, None),
        "hypotheses": [{"text": h.text, "origin": h.origin, "label": h.label} for h in goal.hypotheses],
        "conclusion": goal.conclusion,
        "state": dict(goal.state) if goal.state else None,
        "after": dict(goal.after) if goal.after else None,
        "notes": [*goal.notes, *[f"help: {h}" for h in goal.help]],
        "conjuncts": [
            {
                "loop": row.loop,
                "label": row.label,
                "formula": row.text,
                "entry": row.entry,
                "kept": row.kept,
                "with": list(row.beside),
                "needed": list(row.needed),
            }
            for row in rows
        ],
    }
