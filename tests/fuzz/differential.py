"""Random programs, checked and run: `python -m tests.fuzz.differential --count 1000 --seed 0`.

A program about which verifier and interpreter disagree is shrunk and kept in `found/` beside this file.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from prover.check import Options, check_files
from prover.diagnostic import InputError
from prover.inputs import Input
from prover.report import FileReport, Reason, Status, Verdict
from tests.fuzz.compare import disagreements, subject, texts
from tests.fuzz.concrete import concrete
from tests.fuzz.generate import generate
from tests.fuzz.observe import observed, without
from tests.fuzz.shrink import ATTEMPTS, shrunk
from tests.semantics.programs import program_of

FOUND = Path(__file__).parent / "found"
OPTIONS = Options(infer=False, rlimit=500_000, timeout=3, jobs=2)
ALONE = Options(infer=False, rlimit=500_000, timeout=3, jobs=1)
FAST = Options(infer=False, rlimit=100_000, timeout=1, jobs=1, explain=False)  # for small programs
BATCH = 25
WORDS = re.compile(
    r"\b(while|for|downto|if|elsif|break|continue|return|havoc|assume|assert|ghost|inout|old|at|perm|forall|exists|let|wrap"
    r"|array|len|choose|recurrent|by|diverges|variant|terminates|function|predicate|lemma|const|triple|total|procedure)\b"
    r"|:= \*|if \*"
)


@dataclass(slots=True)
class Tally:
    """What was seen.  failures: programs with what is wrong about them."""

    statuses: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[str, str, list[str]]] = field(default_factory=list)

    @property
    def proved(self) -> float:
        """The proportion of units of code that are proved correct."""
        asked = [n for n in self.answers if "correct" in n and n.split()[0] in ("procedure", "triple", "lemma")]
        return sum(self.answers[n] for n in asked if n.endswith("yes")) / max(1, sum(self.answers[n] for n in asked))

    def add(self, other: Tally) -> None:
        self.statuses.update(other.statuses)
        self.answers.update(other.answers)
        self.words.update(other.words)
        self.failures += other.failures

    def count(self, text: str, report: FileReport) -> None:
        self.statuses[report.status.value] += 1
        self.words.update({m[0] for m in WORDS.finditer(text)})
        for unit in report.units:
            self.answers[f"{unit.kind} correct {unit.correct.value}"] += 1
            if unit.terminates is not None and unit.kind in ("procedure", "triple"):
                self.answers[f"{unit.kind} terminates {unit.terminates.value}"] += 1


def programs(seeds: Iterable[int], small: bool = False) -> dict[str, str]:
    found = {}
    for seed in seeds:
        try:
            text, rng = generate(seed, small), random.Random(seed)
            about = concrete(text, program_of(text), rng) if seed % 4 == 0 else None
            found[f"seed{seed}{'c' if about else ''}"] = observed(about or text, rng)
        except InputError as bad:
            found[f"seed{seed}"] = f"// {bad.diagnostics[0].message}\nnot a program\n"
    return found


def checked(texts: Mapping[str, str], options: Options = OPTIONS) -> dict[str, FileReport]:
    inputs = [Input(f"{name}.proof", text.encode(), Path(__file__).parent) for name, text in texts.items()]
    return dict(zip(texts, check_files(inputs, options), strict=True))


def fuzz(seeds: Sequence[int], tally: Tally, pruning: bool = True, alone: int | None = None, small: bool = False) -> None:
    """One batch.  pruning: check programs again without what was not proved.  alone: how many to check with one worker, too.
    small: programs of one short unit, checked quickly."""
    made = programs(seeds, small)
    reports = _checked(made, tally, FAST if small else OPTIONS)
    better = {f"{n}b": t for n, r in reports.items() if pruning and (t := pruned(made[n], r)) is not None}
    made |= better
    reports |= _checked(better, tally)
    alone_reports = _checked(dict(list(made.items())[:alone]), tally, ALONE)
    for name, report in reports.items():
        tally.count(made[name], report)
        if report.status is Status.INVALID:
            continue
        problems = compared(made[name], report)
        if (first := verdicts(report)) != (second := verdicts(alone_reports.get(name, report))):
            problems.append(f"jobs: {sorted(first - second)} with two workers, {sorted(second - first)} with one")
        if problems:
            tally.failures.append((name, made[name], problems))


def fuzz_all(
    seeds: Sequence[int], processes: int, pruning: bool = True, alone: int | None = None, small: bool = False
) -> Iterator[Tally]:
    """What was seen so far, after each batch; batches run side by side."""
    batches = [seeds[i : i + BATCH] for i in range(0, len(seeds), BATCH)]
    total = Tally()
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        futures = [pool.submit(_batch, batch, pruning, alone, small) for batch in batches]
        try:
            for future in as_completed(futures):
                total.add(future.result())
                yield total
        finally:
            pool.shutdown(cancel_futures=True)


def _batch(seeds: Sequence[int], pruning: bool, alone: int | None, small: bool) -> Tally:
    sys.setrecursionlimit(10_000)
    tally = Tally()
    fuzz(seeds, tally, pruning, alone, small)
    return tally


def _checked(made: Mapping[str, str], tally: Tally, options: Options = OPTIONS) -> dict[str, FileReport]:
    """As `checked`; a program that makes it raise is a failure of its own."""
    if not made:
        return {}
    try:
        return checked(made, options)
    except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
        if len(made) == 1:
            name, text = next(iter(made.items()))
            tally.failures.append((name, text, [f"exception: {traceback.format_exc()}"]))
            return {}
        found: dict[str, FileReport] = {}
        for name, text in made.items():
            found |= _checked({name: text}, tally, options)
        return found


def compared(text: str, report: FileReport) -> list[str]:
    try:
        return disagreements(subject(text, report))
    except Exception:  # noqa: BLE001 - as above
        return [f"exception: {traceback.format_exc()}"]


def verdicts(report: FileReport) -> set[str]:
    """All verdicts, those aside that the clock decided."""
    goals = {
        f"{g.name} {g.verdict.value} {g.reason.value if g.reason else ''}"
        for u in report.units
        for g in u.goals
        if g.reason is not Reason.TIMEOUT
    }
    if any(g.reason is Reason.TIMEOUT for u in report.units for g in u.goals):
        return set()
    return goals | {f"{u.name} {u.correct.value} {u.terminates}" for u in report.units}


def pruned(text: str, report: FileReport) -> str | None:
    """The program without the clauses that were not proved; None if there are none."""
    goals = [g for u in report.units for g in u.goals if g.verdict is not Verdict.PROVED]
    labels = {part for g in goals for part in g.name.split(".") if re.fullmatch(r"k\d+", part)}
    return without(text, labels) if labels else None


def keep(name: str, text: str, problems: Sequence[str], attempts: int = ATTEMPTS) -> Path:
    """Shrink a program and write it down."""
    kinds = [k for k in texts(problems) if k not in ("jobs", "exception")]

    def still(smaller: str) -> bool:
        try:
            report = checked({"shrunk": smaller}, ALONE)["shrunk"]
        except Exception:  # noqa: BLE001
            return not kinds
        return report.status is not Status.INVALID and bool(kinds) and set(kinds) <= set(texts(compared(smaller, report)))

    small = shrunk(text, still, attempts)
    FOUND.mkdir(exist_ok=True)
    path = FOUND / f"{name}.proof"
    said = "".join([f"// {line}\n" for p in problems for line in p.splitlines()])
    path.write_text(said + small, "utf-8")
    return path


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000, help="number of programs")
    parser.add_argument("--seed", type=int, default=0, help="of the first one")
    parser.add_argument("--small", action="store_true", help="programs of one short unit: five times as many in the same time")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--processes", type=int, default=2, help="batches at a time")
    parser.add_argument("--first", action="store_true", help="stop after the first disagreement")
    parser.add_argument("--once", action="store_true", help="do not check again with one worker")
    parser.add_argument("--no-shrink", action="store_true", help="keep programs as they are")
    chosen = parser.parse_args(arguments)
    tally, started, kept = Tally(), time.monotonic(), 0
    seeds, alone = range(chosen.seed, chosen.seed + chosen.count), 0 if chosen.once or chosen.small else None
    for tally in fuzz_all(seeds, chosen.processes, not chosen.small, alone, chosen.small):
        for name, text, problems in tally.failures[kept:]:
            print(f"{name}: {problems[0][:300]}", flush=True)
            place = keep(name, text, problems, 0 if chosen.no_shrink else ATTEMPTS)
            print(f"  kept as {place}", flush=True)
        kept = len(tally.failures)
        if time.monotonic() - started > chosen.seconds or (chosen.first and kept):
            break
    print(f"seeds {chosen.seed} to {chosen.seed + chosen.count - 1}{' (small)' if chosen.small else ''}")
    print(summary(tally, time.monotonic() - started))
    return 1 if tally.failures else 0


def summary(tally: Tally, seconds: float) -> str:
    lines = [f"{sum(tally.statuses.values())} programs in {seconds:.0f} s: {_counts(tally.statuses)}"]
    lines += [f"answers: {_counts(tally.answers)}", f"proved correct: {tally.proved:.0%} of procedures, triples and lemmas"]
    lines += [f"programs with: {_counts(tally.words)}", f"disagreements: {len(tally.failures)}"]
    return "\n".join(lines)


def _counts(counter: Counter[str]) -> str:
    return ", ".join([f"{n} {k}" for k, n in counter.most_common()])


if __name__ == "__main__":
    sys.setrecursionlimit(10_000)
    sys.exit(main(sys.argv[1:]))
