"""A goal as a file of standard SMT-LIB 2.6 that any solver can be run on: `unsat` means that the goal holds.

The text is the kernel's own encoding without what only z3 understands.  A status is stated only where z3 has answered this very
file: how deep recursive functions are unfolded decides whether a file says enough.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from prover.kernel.goal import Goal
from prover.kernel.oracle import Query
from prover.kernel.query import query
from prover.kernel.theory import Theory
from prover.record import record
from prover.solve.process import Ask
from prover.solve.prove import Refined

FUELS = (1, 3)  # unfoldings of recursive functions, fewest first


@record
class Script:
    """A goal to be shown unsatisfiable.  assertions: its SMT-LIB text.  holds: z3 has said `unsat` to it."""

    name: str
    assertions: str
    holds: bool = False

    def text(self, options: str = "") -> str:
        """options: lines that come after `set-logic`."""
        status = "unsat" if self.holds else "unknown"
        head = f"(set-info :smt-lib-version 2.6)\n(set-info :source |prover: {quoted(self.name)}|)\n(set-info :status {status})\n"
        return f"{head}(set-logic ALL)\n{options}{self.assertions}\n(check-sat)\n(exit)\n"


def quoted(name: str) -> str:
    """`name` as part of a quoted symbol, which holds neither bars nor backslashes."""
    return name.replace("|", "/").replace("\\", "/")


def scripts(goal: Goal, theory: Theory, opaque: frozenset[str]) -> Iterator[Script]:
    """The goal's files, that with the fewest unfoldings first; one alone where there is nothing to unfold."""
    before = ""
    for fuel in FUELS:
        text = query([goal], theory, opaque, fuel, portable=True)
        if text != before:
            yield Script(goal.name, text)
        before = text


def asked(script: Script, rlimit: int) -> Query:
    """The question whether z3 agrees.  It proves nothing here: it has no goals."""
    text = f"(set-option :rlimit {rlimit})\n{script.assertions}\n(check-sat)\n"
    return Query((), text, hashlib.sha256(text.encode()).hexdigest())


def stated(goal: Goal, theory: Theory, opaque: frozenset[str], send: Ask, rlimit: int, seconds: float) -> Script:
    """The first file of the goal that z3 proves, or the first one, without a status."""
    first = None
    for script in scripts(goal, theory, opaque):
        first = first or script
        answer = send(asked(script, rlimit), seconds)
        if answer.fault is None and answer.output.split("\n")[0] == "unsat":
            return Script(script.name, script.assertions, True)
    assert first is not None
    return first


def parts(goal: Goal, refined: Mapping[str, Refined | None]) -> Sequence[Goal]:
    """The goals that solvers are asked for a goal: those that its proof script leaves, or itself."""
    tree = refined.get(goal.name)
    return [goal] if tree is None else tree.leaves()
