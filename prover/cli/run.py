"""Execute a procedure or triple on given inputs, checking its annotations on the way."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

from prover.cli.console import style_for
from prover.cli.load import chosen_procedure, load
from prover.cli.options import add_color, at_least
from prover.diagnostic import InputError, Severity, error
from prover.kernel.program import Procedure, Program
from prover.render.run import chosen, closing, findings, heading, step_line
from prover.render.style import Style
from prover.render.text import diagnostic_text
from prover.semantics.choices import RandomChoices
from prover.semantics.inputs import BadInput, read_inputs
from prover.semantics.outcome import Blocked, Ended, Run, Step
from prover.semantics.run import MAX_STEPS, run
from prover.semantics.state import outcome_variables
from prover.semantics.values import Value

_EPILOG = """examples:
  prover run factorial.proof n=5              the file's only procedure or triple
  prover run sorting.proof sort a=[3,1,2]     one of several
  prover run --trace factorial.proof n=5      step by step
  prover run --seed 7 walk.proof              other choices at each *

exit status: 0 it ended and broke nothing, 1 something was broken or it did not end, 2 bad input or usage"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.usage = "prover run [options] FILE [NAME] [x=VALUE ...]"
    parser.add_argument("file", metavar="FILE", help="a .proof file, or - for standard input")
    parser.add_argument("words", metavar="NAME | x=VALUE", nargs="*", help="the unit to run, and a value for each of its inputs")
    parser.add_argument("--trace", action="store_true", help="print the run step by step")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="which choices are made at each * (default: 0)")
    steps = f"stop after N steps (default: {MAX_STEPS:,})"
    parser.add_argument("--max-steps", type=at_least(1), default=MAX_STEPS, metavar="N", help=steps)
    add_color(parser)


def execute(arguments: argparse.Namespace) -> int:
    words: list[str] = arguments.words
    name = words[0] if words and "=" not in words[0] else None
    program = load(arguments.file)
    unit = chosen_procedure(program, name)
    if unit.body is None:
        raise InputError(error("run-bodiless", f"`{unit.name}` has no body to run", unit.name_span))
    inputs = _inputs(unit, words if name is None else words[1:])
    style = style_for(sys.stdout, arguments.color)
    print(heading(unit.name, inputs))
    made = _run(program, unit, inputs, arguments, style)
    return _report(made, unit, style)


def _inputs(unit: Procedure, words: list[str]) -> dict[str, Value]:
    try:
        return read_inputs(unit, words)
    except BadInput as bad:
        raise InputError(*[error("run-input", problem, None) for problem in bad.problems]) from None


def _run(program: Program, unit: Procedure, inputs: Mapping[str, Value], arguments: argparse.Namespace, style: Style) -> Run:
    before: dict[int, Mapping[str, Value]] = {0: inputs}

    def show(step: Step) -> None:
        print(step_line(step, before.get(step.depth, {}), style))
        before[step.depth] = step.state
        for deeper in [depth for depth in before if depth > step.depth]:
            del before[deeper]

    choices = RandomChoices(arguments.seed)
    return run(
        program, unit.name, inputs, choices=choices, max_steps=arguments.max_steps, observer=show if arguments.trace else None
    )


def _report(made: Run, unit: Procedure, style: Style) -> int:
    for line in chosen(made):
        print(line)
    shown: dict[str, Value] = {}
    if isinstance(made.outcome, Ended):
        shown = {n: made.outcome.state[n] for n in outcome_variables(unit) if n in made.outcome.state}
    print(closing(made, shown, style))
    found = findings(made)
    for finding in found:
        print("\n" + diagnostic_text(finding, style))
    if isinstance(made.outcome, Blocked) and made.outcome.clause in unit.requires:
        return 2
    whole = isinstance(made.outcome, Ended) and all(f.severity is Severity.NOTE for f in found)
    return 0 if whole else 1
