"""Programs from text, for the tests of whatever runs or reads the typed core."""

from __future__ import annotations

import sys

from prover.diagnostic import InputError, error
from prover.kernel.program import Procedure, Program
from prover.semantics.choices import Choices, RandomChoices
from prover.semantics.outcome import Run
from prover.semantics.run import run
from prover.semantics.values import Value
from prover.source import Source, Span
from prover.syntax.elaborate import elaborate
from prover.syntax.parser import parse
from prover.syntax.surface import File

# As the entry points do; here and now, because Hypothesis does not want the limit to change during a test.
sys.setrecursionlimit(10_000)


class NoImports:
    """A loader for texts that import nothing."""

    def load(self, path: str, importer: Source, span: Span) -> tuple[Source, File]:
        raise InputError(error("import-missing", f"`{path}` is not there", span))


def program_of(text: str, name: str = "test.proof") -> Program:
    source = Source(name, text)
    return elaborate(parse(source), source, NoImports())


def unit_of(program: Program, name: str | None = None) -> Procedure:
    """The named unit, or the first that has a body."""
    found = [u for u in program.units.values() if isinstance(u, Procedure) and (u.name == name or (name is None and u.body))]
    return found[0]


def run_text(text: str, name: str | None = None, choices: Choices | None = None, max_steps: int = 20_000, **inputs: Value) -> Run:
    """Run the named unit (or the first) on inputs by name."""
    program = program_of(text)
    unit = unit_of(program, name)
    return run(program, unit.name, inputs, choices=choices or RandomChoices(0), max_steps=max_steps)
