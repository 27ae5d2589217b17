"""Make the scripts of a file again, and say of each whether it still closes the goal that it was written for."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from prover.cli.console import style_for
from prover.cli.options import add_color, at_least, inputs
from prover.render.escape import escape
from prover.render.style import DIM, GREEN, RED, YELLOW, Style
from prover.render.text import plural
from prover.session.engine import Engine
from prover.session.replay import Replay, Replayed, replayed
from prover.session.session import prepared
from prover.solve.prove import Budget
from prover.syntax.read import read_source

_EPILOG = """examples:
  prover replay factorial.proof
  prover replay factorial.proof --format json

same       the goal says what it said when the script was saved, and is proved
different  the goal has changed since, or has another name, or a step does not fit, or the goal is open
detached   there is no such goal any more; the script stays in the file
exit status: 0 each script closes a goal, 1 one does not, 2 bad input or usage"""
_COLOURS = {Replay.SAME: GREEN, Replay.DIFFERENT: YELLOW, Replay.DETACHED: RED}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("file", metavar="FILE", help="a .proof file, or - for standard input")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to report (default: text)")
    parser.add_argument("--timeout", type=at_least(1), default=30, metavar="S", help="seconds a unit (default: 30)")
    add_color(parser)


def execute(arguments: argparse.Namespace) -> int:
    (item,) = inputs([arguments.file], "<stdin>")
    text = prepared(read_source(item.content, item.name), item.root)
    with Engine(Budget(seconds=arguments.timeout)) as engine:
        work = engine.work(text)
        work.wait(None)
        found = list(replayed(text, work.of))
    if arguments.format == "json":
        print(json.dumps({"file": item.name, "scripts": [_json(r) for r in found]}))
    else:
        print("\n".join(_text(found, item.name, style_for(sys.stdout, arguments.color))))
    return 0 if all(r.proved for r in found) else 1


def _text(found: Sequence[Replayed], name: str, style: Style) -> list[str]:
    width = max([len(r.goal) for r in found], default=0)
    lines: list[str] = []
    for one in found:
        word = style.paint(_COLOURS[one.result], f"{one.result.value:<9}")
        state = "proved" if one.proved else "open" if one.now is not None else "not used"
        lines.append(f"{word}  {escape(one.goal):<{width}}  {state}")
        lines += [style.paint(DIM, f"{'':<9}  {escape(reason)}") for reason in one.why]
    counts = [f"{sum(r.result is kind for r in found)} {kind.value}" for kind in Replay if any(r.result is kind for r in found)]
    return [*lines, f"{escape(name)}: {plural(len(found), 'script')}{': ' if counts else ''}{', '.join(counts)}"]


def _json(one: Replayed) -> dict[str, object]:
    return {
        "goal": one.goal,
        "result": one.result.value,
        "now": one.now,
        "proved": one.proved,
        "line": one.proof.span.first.line,
        "why": list(one.why),
    }
