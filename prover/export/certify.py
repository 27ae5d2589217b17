"""A second opinion on goals that z3 has proved: is cvc5 of the same mind?

cvc5's `sat` is a disagreement only if z3 says `unsat` to the very same file: the goal alone, with functions unfolded so deep,
may say less than what z3 was asked when it proved the goal among others.  Everything short of `unsat` and `sat` is no opinion.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from prover.diagnostic import Diagnostic, error, note
from prover.export.smtlib import Script, asked, parts, scripts
from prover.kernel.goal import Goal
from prover.kernel.oracle import Query
from prover.kernel.theory import Theory
from prover.record import record
from prover.report import Certified
from prover.solve.process import Ask, Pool
from prover.solve.prove import SCRIPT, Budget, Outcome, Refined
from prover.solve.second import WAYS, Second

SLACK = 1.0  # seconds beyond cvc5's own limit, after which its process is ended


@record
class Opinion:
    """What both say of a goal.  script: where they disagree, the file on which they do."""

    certified: Certified
    script: Script | None = None


@record
class Certifier:
    """Compares the proved goals of a unit."""

    theory: Theory
    opaque: frozenset[str]
    budget: Budget
    pool: Pool
    second: Second

    def opinions(self, outcomes: Sequence[Outcome], refined: Mapping[str, Refined | None]) -> dict[str, Opinion]:
        """By the names of the goals that are proved."""
        proved = [o for o in outcomes if o.proved]
        with ThreadPoolExecutor(self.second.jobs) as threads:
            found = threads.map(lambda o: self._together(parts(o.goal, refined if o.strategy == SCRIPT else {})), proved)
            return {o.goal.name: opinion for o, opinion in zip(proved, found, strict=True)}

    def _together(self, goals: Sequence[Goal]) -> Opinion:
        """A goal that a script has split is certified when all its parts are."""
        opinions = [self.opinion(g) for g in goals]
        for wanted in (Certified.DISAGREEMENT, Certified.FIRST_ONLY):
            for opinion in opinions:
                if opinion.certified is wanted:
                    return opinion
        return Opinion(Certified.BOTH)

    def opinion(self, goal: Goal) -> Opinion:
        for script in scripts(goal, self.theory, self.opaque):
            said = second_answer(script, self.second.ask)
            if said == "unsat":
                return Opinion(Certified.BOTH)
            if said == "sat" and self._first_says_unsat(script):
                return Opinion(Certified.DISAGREEMENT, script)
        return Opinion(Certified.FIRST_ONLY)

    def _first_says_unsat(self, script: Script) -> bool:
        query = asked(script, self.budget.rlimit)
        answer = self.pool.run(lambda send: send(query, self.budget.seconds)).result()
        return answer.fault is None and answer.output.split("\n")[0] == "unsat"


def second_answer(script: Script, ask: Ask) -> str:
    """`unsat`, `sat`, or `unknown` for whatever else became of it."""
    for options, milliseconds in WAYS:
        text = script.text(f"{options}(set-option :tlimit-per {milliseconds})\n")
        query = Query((), text, hashlib.sha256(text.encode()).hexdigest())
        answer = ask(query, milliseconds / 1000 + SLACK)
        said = answer.output.strip()
        if answer.fault is None and said in ("unsat", "sat"):
            return said
    return "unknown"


def kept(opinion: Opinion, name: str, outcome: Outcome) -> Diagnostic:
    """Keep the goal in a file, and say so: either solver may be wrong, so nothing of the answer can be relied on."""
    assert opinion.script is not None
    folder = Path(tempfile.mkdtemp(prefix="prover-disagreement-"))
    path = folder / "goal.smt2"
    path.write_text(opinion.script.text(), encoding="utf-8", newline="\n")
    message = f"z3 proves `{outcome.goal.name}`, and cvc5 has a counterexample: one of the solvers is wrong"
    notes = (f"the goal is kept in {path}", f"do not rely on the answer about `{name}`")
    return error("goal-disagreement", message, outcome.goal.span, notes=notes)


def alone(names: Sequence[str], outcome: Outcome) -> Diagnostic:
    """Which goals of a unit z3 alone has proved; outcome: of the first of them."""
    more = f", and {len(names) - 1} more of `{outcome.goal.unit}`" if len(names) > 1 else ""
    notes = ("z3 only: " + ", ".join(names),)
    return note("goal-z3-only", f"cvc5 does not know about `{names[0]}`{more}", outcome.goal.span, notes=notes)
