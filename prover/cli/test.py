"""Run a procedure or triple on many inputs that satisfy its `requires`, checking everything on the way.  Tests prove nothing."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from prover.cli.console import style_for
from prover.cli.load import chosen_procedure, load
from prover.cli.options import add_color, at_least
from prover.diagnostic import InputError, error
from prover.kernel.program import Procedure, Program
from prover.kernel.sort import Array, Bool, Machine, Nat, Sort
from prover.render.run import findings
from prover.render.text import diagnostic_text, plural
from prover.semantics.choices import RandomChoices
from prover.semantics.inputs import starts
from prover.semantics.outcome import Blocked, Ended, Run
from prover.semantics.run import run
from prover.semantics.values import Value, show_state

RUNS, STEPS, SECONDS, SAMPLE = 1_000, 10_000, 60, 300
LONG, SHORT = 10, 1_000  # so many runs may go on to their limit of steps; where they did, random ones get fewer
_EPILOG = """examples:
  prover test factorial.proof                      1,000 runs
  prover test sorting.proof sort --runs 200 --seed 7
  prover test small.proof --exhaustive=-5..5       every input with integers from -5 to 5

exit status: 0 no run broke anything, 1 one did, or there are too many to try, 2 bad input or usage"""
_UNITS = ((1.0, "seconds"), (60.0, "minutes"), (3_600.0, "hours"), (86_400.0, "days"), (3e7, "years"), (3e9, "centuries"))


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("file", metavar="FILE", help="a .proof file, or - for standard input")
    parser.add_argument("name", metavar="NAME", nargs="?", help="the unit to run, where there are several")
    parser.add_argument("--runs", type=at_least(1), default=RUNS, metavar="N", help=f"how many runs (default: {RUNS:,})")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="which inputs and choices (default: 0)")
    every = "run every input whose integers are from LO to HI, if that takes no longer than a minute"
    parser.add_argument("--exhaustive", type=_range, metavar="LO..HI", help=every)
    add_color(parser)


def _range(text: str) -> range:
    found = re.fullmatch(r"(-?\d{1,40})\.\.(-?\d{1,40})", text)
    if found is None or int(found[1]) > int(found[2]):
        raise argparse.ArgumentTypeError(f"{text!a} is no range: write LO..HI, such as 0..9 or (after a `=`) -5..5")
    return range(int(found[1]), int(found[2]) + 1)


def execute(arguments: argparse.Namespace) -> int:
    program = load(arguments.file)
    unit = chosen_procedure(program, arguments.name)
    if unit.body is None:
        raise InputError(error("run-bodiless", f"`{unit.name}` has no body to run", unit.name_span))
    if arguments.exhaustive is None:
        inputs: Iterator[dict[str, Value]] = starts(unit, arguments.seed, arguments.runs, program)
        return _report(_tested(program, unit, inputs, arguments.seed, SHORT), unit, f"seed {arguments.seed}", arguments)
    values = [_values(v.sort, arguments.exhaustive, v.name) for v in unit.entry_variables]
    count = 1
    for own in values:
        count *= own.stop - own.start
    estimate = _estimate(program, unit, values, count)
    if estimate > SECONDS:
        print(f"{unit.name}: {plural(count, 'input')} would take {_words(estimate)}; none was tried")
        return 1
    return _report(_tested(program, unit, _all(unit, values), 0, STEPS), unit, "exhaustive", arguments)


def _values(sort: Sort, given: range, name: str) -> range:
    """The values of one variable; truth values are 0 and 1."""
    match sort:
        case Bool():
            return range(2)
        case Array():
            raise InputError(error("input-usage", f"--exhaustive knows no arrays, and `{name}` is one", None))
        case Machine():
            return range(max(given.start, sort.low), max(given.start, sort.low, min(given.stop, sort.high + 1)))
        case Nat():
            return range(max(0, given.start), max(0, given.stop))
        case _:
            return given


def _all(unit: Procedure, values: list[range]) -> Iterator[dict[str, Value]]:
    variables = unit.entry_variables
    for chosen in product(*values):
        yield {v.name: bool(c) if isinstance(v.sort, Bool) else c for v, c in zip(variables, chosen, strict=True)}


def _estimate(program: Program, unit: Procedure, values: list[range], count: int) -> float:
    """Seconds for all inputs, judging by a few from everywhere."""
    if not count:
        return 0.0
    variables = unit.entry_variables
    started = time.monotonic()
    sample = min(count, SAMPLE)
    for number in range(sample):
        chosen = [own.start + number * (own.stop - own.start - 1) // max(1, sample - 1) for own in values]
        made = {v.name: bool(c) if isinstance(v.sort, Bool) else c for v, c in zip(variables, chosen, strict=True)}
        run(program, unit.name, made, choices=RandomChoices(0), max_steps=STEPS)
    return (time.monotonic() - started) * count / sample


def _words(seconds: float) -> str:
    """An order of magnitude, so that the same is said on every machine of about the same speed."""
    return next(name for least, name in reversed(_UNITS) if seconds >= least or least == 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class _Tested:
    """ended, stopped: how many runs did; outside: inputs that `requires` or an `assume` excludes."""

    ended: int
    stopped: int
    outside: int
    broken: Run | None


def _tested(program: Program, unit: Procedure, inputs: Iterator[dict[str, Value]], seed: int, short: int) -> _Tested:
    """short: steps that a run has when `LONG` were stopped."""
    ended = stopped = outside = 0
    for number, values in enumerate(inputs):
        most = STEPS if stopped < LONG else short
        made = run(program, unit.name, values, choices=RandomChoices(seed + number), max_steps=most)
        if isinstance(made.outcome, Blocked):
            outside += 1
        elif made.wrong is not None or made.wrong_annotation is not None:
            return _Tested(ended, stopped, outside, made)
        elif isinstance(made.outcome, Ended):
            ended += 1
        else:
            stopped += 1
    return _Tested(ended, stopped, outside, None)


def _report(found: _Tested, unit: Procedure, how: str, arguments: argparse.Namespace) -> int:
    runs = found.ended + found.stopped + (found.broken is not None)
    parts = [f"{plural(runs, 'run')} ({how})"]
    parts += [f"{found.stopped:,} stopped before their end"] if found.stopped else []
    parts += [f"{plural(found.outside, 'input')} outside `requires`"] if found.outside else []
    if found.broken is None:
        print(f"{unit.name}: {', '.join(parts)}: nothing was broken")
        return 0
    print(f"{unit.name}: {', '.join(parts)}: the last one, from {show_state(found.broken.initial) or 'no inputs'}, breaks this")
    style = style_for(sys.stdout, arguments.color)
    for finding in findings(found.broken):
        print("\n" + diagnostic_text(finding, style))
    return 1
