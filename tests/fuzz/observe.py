"""Annotations that hold, by running: candidates that some run breaks are taken out, or left in on purpose."""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from prover.kernel.program import Procedure, Program
from prover.semantics.choices import Applied, RandomChoices
from prover.semantics.evaluate import Evaluator
from prover.semantics.inputs import small_inputs
from prover.semantics.outcome import OutOfSteps, Run
from prover.semantics.run import run
from prover.semantics.values import Value
from tests.semantics.programs import program_of

LABEL = re.compile(r"^\s*(?:\{|[a-z]+) (k\d+): ")
RUNS, STEPS, FUEL = 60, 400, 2_000
LONG, SHORT = 8, 40  # so many runs may go on to their limit of steps; where they all do, the others are cut short


class Interpretation(Mapping[Applied, Value]):
    """Some non-negative number for each application of a function that the program leaves open."""

    def __getitem__(self, key: Applied) -> Value:
        if key[0].startswith("terminates("):
            raise KeyError(key)
        return abs(hash(key[1])) % 5

    def __iter__(self) -> Iterator[Applied]:
        return iter(())

    def __len__(self) -> int:
        return 0


def evaluator_of(program: Program) -> Evaluator:
    return Evaluator(program, Interpretation(), fuel=FUEL, total=20 * FUEL)


def observed(text: str, rng: random.Random) -> str:
    """A program whose annotations are mostly right; sometimes almost right or wrong.  Raises InputError."""
    program = program_of(text)
    wrong = broken(program)
    mode = rng.choice(("right", "right", "almost", "wrong", "wrong"))
    kept = {k for k in sorted(wrong) if mode == "wrong" and rng.random() < 0.35}
    text = without(text, wrong - kept)
    return mutated(text, rng) if mode == "almost" else text


def broken(program: Program) -> set[str]:
    """Labels of the clauses that runs break."""
    found: set[str] = set()
    for unit in program.units.values():
        if isinstance(unit, Procedure) and unit.body is not None:
            for made in runs(program, unit, RUNS, STEPS):
                found |= {b.clause.label for b in made.breaks if b.clause is not None and b.unit in program.own}
    return {label for label in found if re.fullmatch(r"k\d+", label)}


def runs(program: Program, unit: Procedure, count: int, steps: int, seed: int = 0) -> Iterable[Run]:
    """Runs from `count` inputs.  Inputs that occur again are left out after a run that chose nothing: it would be the same."""
    left, endless, evaluator = 40 * steps, 0, evaluator_of(program)
    seen: set[tuple[Value, ...]] = set()
    for number, inputs in enumerate(small_inputs(unit, seed, count, program)):
        if left <= 0:
            return
        if (key := tuple(inputs.values())) in seen:
            continue
        choices = RandomChoices(seed + number, follow_witness=number % 2 == 0)
        limit = steps if endless < LONG else SHORT
        made = run(program, unit.name, inputs, choices=choices, max_steps=limit, evaluator=evaluator)
        if evaluator.read_termination:
            evaluator = evaluator_of(program)
        elif not made.choices:
            seen.add(key)
        left -= made.steps
        endless += limit == steps and isinstance(made.outcome, OutOfSteps)
        yield made


def without(text: str, labels: Collection[str]) -> str:
    """The program without these clauses; a triple's postcondition becomes `true`."""
    lines = []
    for line in text.splitlines():
        match = LABEL.match(line)
        if match is None or match[1] not in labels:
            lines.append(line)
        elif line.startswith("{"):
            lines.append(f"{{ {match[1]}: true }}")
    return "\n".join(lines) + "\n"


_CHANGES = (
    ("<=", "<"),
    ("<", "<="),
    (">=", ">"),
    (" + ", " - "),
    (" - ", " + "),
    (" = ", " <= "),
    (" 1", " 2"),
    (" 0", " 1"),
    ("and", "or"),
)


def mutated(text: str, rng: random.Random) -> str:
    """One to three small changes, anywhere."""
    lines = text.splitlines()
    for _ in range(rng.choice((1, 1, 2, 3))):
        old, new = rng.choice(_CHANGES)
        places = [
            i
            for i, line in enumerate(lines)
            if old in line and not re.search(r":\s*$|^  = |^(function|predicate|procedure|lemma)", line)
        ]
        if places:
            index = rng.choice(places)
            spot = rng.choice([m.start() for m in re.finditer(re.escape(old), lines[index])])
            lines[index] = lines[index][:spot] + new + lines[index][spot + len(old) :]
    return "\n".join(lines) + "\n"
