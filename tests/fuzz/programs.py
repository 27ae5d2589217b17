"""Programs from decisions: generated, sometimes about one run, with annotations that are right, almost right or wrong."""

from __future__ import annotations

import random
from collections.abc import Iterable

from prover.diagnostic import InputError
from tests.fuzz.concrete import concrete
from tests.fuzz.generate import generate
from tests.fuzz.observe import observed
from tests.semantics.programs import program_of


def made(units: random.Random, annotations: random.Random, small: bool, concretely: bool) -> str:
    """units, annotations: what decides (see `draws`).  concretely: about one run, where one is found.  Raises InputError."""
    text = generate(units, small)
    about = concrete(text, program_of(text), annotations) if concretely else None
    return observed(about or text, annotations)


def programs(seeds: Iterable[int], small: bool = False) -> dict[str, str]:
    """By name; each fourth one is about one run."""
    found = {}
    for seed in seeds:
        try:
            found[f"seed{seed}"] = made(random.Random(seed), random.Random(seed), small, seed % 4 == 0)
        except InputError as bad:
            found[f"seed{seed}"] = f"// {bad.diagnostics[0].message}\nnot a program\n"
    return found
