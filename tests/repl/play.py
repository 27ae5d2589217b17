"""A session played from lines: what a person would have seen."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

from prover.render.style import PLAIN
from prover.repl.command import Context
from prover.repl.plain import play
from prover.session.engine import Engine
from prover.session.session import Session, fresh, opened
from prover.solve.prove import Budget

# Small enough that no wall-clock limit decides anything, on a slow machine either.
BUDGET = Budget(rlimit=300_000, seconds=300.0)


def played(lines: Iterable[str], file: Path | None = None) -> tuple[Session, str]:
    """The session at the end and all that was shown; `file` is called by its name only."""
    out = io.StringIO()
    with Engine(BUDGET, jobs=2) as engine:
        start = opened(file, file.name) if file is not None else fresh()
        end = play(lines, start, Context(engine, PLAIN), out, echo=True)
    return end.session, out.getvalue()
