"""The killing suite: what a faulty kernel is held to, quick things first.

`python -m tests.mutants.kill [TRAP | TEST | -TEST …]` ends with 0 if nothing was noticed (the fault survived) and with 1, and a
line that says what noticed it, otherwise.  TRAP: folders of tests/corpus/false to try first, with `quick` alone.  TEST: test
files, those of tests/kernel by their name; with a minus, to leave out.  The corpus is only proved here, not refuted: a false file
whose answer becomes *yes* is what counts.
"""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from prover.diagnostic import InputError
from prover.plan import Plan, load, plan, refine
from prover.report import Answer, Reason
from prover.solve.process import Pool
from prover.solve.prove import Budget, Job, Outcome, begin
from prover.source import Source
from prover.syntax.elaborate import FileLoader
from prover.verdict import DIVERGENCE, Verdict, verdicts

ROOT = Path(__file__).parent.parent.parent
TESTS = ROOT / "tests"
FALSE = TESTS / "corpus" / "false"
BUDGET = Budget(rlimit=150_000, seconds=2.0, thorough=False)
SECONDS = 150.0
GOOD = (Answer.YES, Answer.TRUSTED)
Begun = tuple[Path, Plan, Mapping[str, Job]]


def main(first: list[str]) -> int:
    limit_processor(SECONDS)
    folders = sorted(FALSE.iterdir())
    chosen = [f for f in folders if f.name[:2] in first]
    with Pool(1) as pool:
        rest = [] if "quick" in first else [f for f in folders if f not in chosen]
        named = [located(f) for f in first if f.endswith(".py") and not f.startswith("-")]
        apart = [located(f.removeprefix("-")) for f in first if f.endswith(".py")]
        return noticed(pool, chosen) or failed(named) or noticed(pool, rest) or failed([TESTS / "kernel"], apart)


def limit_processor(seconds: float) -> None:
    """A fault may make a loop endless.  Counted is this process's own time, so that a busy machine kills nothing."""
    if hasattr(signal, "ITIMER_PROF"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def noticed(pool: Pool, folders: list[Path]) -> int:
    """1 if a file is proved whose second line says otherwise."""
    for path, answers in checked(pool, sorted(p for f in folders for p in f.glob("*.proof"))):
        if proved := [f"{n}.{aspect}" for n, aspect in stated(path) if answers.get((n, aspect)) in GOOD]:
            print(f"{path.relative_to(FALSE).as_posix()} is proved: {', '.join(proved)}")
            return 1
    return 0


def located(test: str) -> Path:
    path = TESTS / test if "/" in test else TESTS / "kernel" / test
    assert path.exists(), path
    return path


def failed(tests: Sequence[Path], apart: Sequence[Path] = ()) -> int:
    """1 if one of the tests fails, those in the files `apart` left out."""
    if not tests:
        return 0
    plugin = Failures()
    options = ["-x", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no", "-m", "not slow", "-W", "ignore"]
    settings.register_profile("mutants", phases=(Phase.explicit, Phase.generate), database=None)  # no shrinking
    settings.load_profile("mutants")
    code = pytest.main([*options, *[f"--ignore={t}" for t in apart], *map(str, tests)], [plugin])
    if code != 0:
        print(f"{plugin.first or 'the tests cannot be collected'} fails")
    return int(code != 0)


class Failures:
    first = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.first = self.first or report.nodeid


def checked(pool: Pool, paths: Iterable[Path]) -> Iterator[tuple[Path, dict[tuple[str, str], Answer | None]]]:
    """Each valid file's answers by unit and aspect; the next files are under way meanwhile."""
    waiting: list[Begun] = []
    for path in paths:
        waiting += started(pool, path)
        if len(waiting) > 4:
            yield finished(pool, waiting.pop(0))
    for begun in waiting:
        yield finished(pool, begun)


def started(pool: Pool, path: Path) -> list[Begun]:
    try:
        ready = plan(load(Source(path.name, path.read_text("utf-8")), FileLoader(path.parent)))
    except InputError:
        return []
    scripts, _ = refine(ready)
    found = {n: begin(c, ready.theory, ready.opaque(n), BUDGET, pool, scripts[n]) for n, c in ready.conditions.items()}
    return [(path, ready, found)]


def finished(pool: Pool, begun: Begun) -> tuple[Path, dict[tuple[str, str], Answer | None]]:
    path, ready, jobs = begun
    outcomes = {n: job.finish(pool) for n, job in jobs.items()}
    further = {n: ready.brought_in(n, [o.goal for o in found], jobs[n].scripts.values()) for n, found in outcomes.items()}
    answers = verdicts(ready.program, ready.components, ready.conditions, outcomes, ready.termination, further)
    return path, {(n, aspect): answer for n, v in answers.items() for aspect, answer in aspects(v, outcomes[n])}


def aspects(verdict: Verdict, outcomes: Sequence[Outcome]) -> list[tuple[str, Answer | None]]:
    """diverges: are the unit's claims of non-termination proved?"""
    claims = [o.proved for o in outcomes if o.goal.kind in DIVERGENCE]
    rests = verdict.depends or verdict.terminates_reason is Reason.SELF_REFERENCE  # then a claim counts for nothing
    diverges = Answer.YES if claims and all(claims) and not rests else None
    return [("correct", verdict.correct), ("terminates", verdict.terminates), ("diverges", diverges)]


def stated(path: Path) -> list[tuple[str, str]]:
    """The answers that the file's second line says are not *yes*."""
    line = path.read_text("utf-8").splitlines()[1].removeprefix("// expected: ")
    found = []
    for part in line.split(";"):
        unit, _, rest = part.partition(":")
        found += [(unit.strip(), m[1]) for m in re.finditer(r"(correct|terminates) (?:no|unknown)", rest)]
        found += [(unit.strip(), "diverges")] if "terminates unknown" in rest else []
    return found


if __name__ == "__main__":
    sys.setrecursionlimit(10_000)
    sys.exit(main(sys.argv[1:]))
