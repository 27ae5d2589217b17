"""Mutants of the examples that ship: operators and constants of their code changed, one at a time.

A mutant that one of 200 runs breaks must never be proved; how many of those are refuted is what is measured.

    python -m tests.diagnosis.mutations --count 200
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from prover.check import Options, check_files
from prover.diagnostic import InputError
from prover.inputs import Input
from prover.kernel.program import Procedure, Program
from prover.plan import load
from prover.report import Answer, FileReport
from prover.semantics.choices import RandomChoices
from prover.semantics.inputs import starts
from prover.semantics.run import run
from prover.syntax.elaborate import FileLoader
from prover.syntax.read import read_source

EXAMPLES = Path(__file__).parents[2] / "proofs" / "examples"
RUNS, STEPS = 200, 1_000
SPECIFICATION = re.compile(r"\s*(requires|ensures|invariant|variant|function|predicate|lemma|const|axiom|import|assert|//|[{=])")
CHANGES = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "+": "-", "-": "+", "*": "+", "=": "!=", "and": "or"}
TOKEN = re.compile(r"(?<![:<>=!])(<=|>=|[<>+*=-])(?![=>])|\b(and|\d+)\b")


@dataclass(frozen=True, slots=True)
class Mutant:
    """name: the file and the place.  broken: units that one of 200 runs breaks."""

    name: str
    text: str
    broken: frozenset[str]


def mutants() -> Iterator[tuple[str, str]]:
    """All mutants of all examples: name and text."""
    for path in sorted(EXAMPLES.glob("*.proof")):
        lines = path.read_text(encoding="utf-8").split("\n")
        inside = False
        for number, line in enumerate(lines):
            inside = (inside or line.startswith("begin")) and not line.startswith("end")
            for found in TOKEN.finditer(line) if inside and not SPECIFICATION.match(line) else ():
                token = found[0]
                new = str(int(token) + 1) if token.isdigit() else CHANGES[token]
                changed = line[: found.start()] + new + line[found.end() :]
                yield f"{path.stem}:{number + 1}:{found.start() + 1}", "\n".join([*lines[:number], changed, *lines[number + 1 :]])


def chosen(count: int, seed: int) -> list[Mutant]:
    """`count` mutants that are programs and that some run breaks."""
    made = list(mutants())
    random.Random(seed).shuffle(made)
    found: list[Mutant] = []
    for name, text in made:
        if len(found) == count:
            break
        try:
            program = load(read_source(text.encode(), name), FileLoader(EXAMPLES))
        except InputError:
            continue
        if broken := frozenset(n for n in program.own if breaks(program, n)):
            found.append(Mutant(name, text, broken))
    return found


def breaks(program: Program, name: str) -> bool:
    unit = program.units[name]
    if not isinstance(unit, Procedure) or unit.body is None or unit.kind.value == "lemma":
        return False
    for seed, inputs in enumerate(starts(unit, 7, RUNS, program)):
        if run(program, name, inputs, choices=RandomChoices(seed), max_steps=STEPS).refutes(name):
            return True
    return False


def checked(found: Sequence[Mutant]) -> list[FileReport]:
    inputs = [Input(m.name, m.text.encode(), EXAMPLES) for m in found]
    return list(check_files(inputs, Options(infer=False, rlimit=300_000, timeout=5, jobs=2)))


def tally(found: Sequence[Mutant], reports: Sequence[FileReport]) -> Counter[str]:
    """Of the broken units: how many are `yes` (there must be none), `no`, `unknown`."""
    counts: Counter[str] = Counter()
    for mutant, report in zip(found, reports, strict=True):
        for unit in report.units:
            if unit.name in mutant.broken:
                counts[unit.correct.value] += 1
                if unit.correct is Answer.YES:
                    print(f"PROVED: {mutant.name} {unit.name}")
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    found = chosen(arguments.count, arguments.seed)
    counts = tally(found, checked(found))
    total = sum(counts.values())
    words = {"yes": "proved", "no": "refuted", "unknown": "unknown"}
    shares = ", ".join(f"{counts[answer]} {word}" for answer, word in words.items())
    print(f"{len(found)} mutants, {total} units that a run breaks: {shares}")
    return 1 if counts["yes"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
