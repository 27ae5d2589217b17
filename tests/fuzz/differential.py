"""Random programs, checked and run: `python -m tests.fuzz.differential --count 1000 --seed 0`.

Most are small, of one short unit; each `--large`th seed makes a large one.  With `--ledger FILE` each batch is written down, and
not done again: a campaign can be broken off and gone on with.  A program about which verifier and interpreter disagree is
shrunk and kept in `found/` beside this file.
"""

from __future__ import annotations

import argparse
import gc
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from prover.check import Options, check_files
from prover.inputs import Input
from prover.record import replace
from prover.report import FileReport, Reason, Status, Verdict
from tests.fuzz.compare import disagreements, subject, texts
from tests.fuzz.ledger import Ledger, Tally
from tests.fuzz.minimise import Origin, minimised
from tests.fuzz.observe import without
from tests.fuzz.programs import programs
from tests.fuzz.shrink import ATTEMPTS

FOUND = Path(__file__).parent / "found"
OPTIONS = Options(infer=False, rlimit=500_000, timeout=3, jobs=2)
ALONE = Options(infer=False, rlimit=500_000, timeout=3, jobs=1)
FAST = Options(infer=False, rlimit=100_000, timeout=1, jobs=1, explain=False)  # for small programs
BATCH, LARGE = 100, 50
WORDS = re.compile(
    r"\b(while|for|downto|if|elsif|break|continue|return|havoc|assume|assert|ghost|inout|old|at|perm|forall|exists|let|wrap"
    r"|array|len|choose|recurrent|by|diverges|variant|terminates|function|predicate|lemma|const|triple|total|procedure)\b"
    r"|:= \*|if \*"
)


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
        tally.count({m[0] for m in WORDS.finditer(made[name])}, report)
        if report.status is Status.INVALID:
            continue
        problems = compared(made[name], report)
        if name in alone_reports and (differing := lasting(made[name], differences(report, alone_reports[name]))):
            problems.append(f"jobs: {differing} with two workers and with one")
        if problems:
            tally.failures.append((name, made[name], problems))


def fuzz_all(
    seeds: Sequence[int], processes: int, pruning: bool = True, alone: int | None = None, large: int = 1
) -> Iterator[Tally]:
    """What was seen so far, after each batch."""
    total = Tally()
    for _, tally in batches(seeds, processes, pruning, alone, large):
        total.add(tally)
        yield total


def batches(
    seeds: Sequence[int], processes: int, pruning: bool = True, alone: int | None = None, large: int = 1
) -> Iterator[tuple[Sequence[int], Tally]]:
    """Batches as they are done, side by side.  large: each so many-th seed makes a large program; 0: none does."""
    size = BATCH if large != 1 else BATCH // 4
    parts = [part for run in runs_of(seeds) for part in (run[i : i + size] for i in range(0, len(run), size))]
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        futures = {pool.submit(_batch, part, pruning, alone, large): part for part in parts}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def runs_of(seeds: Sequence[int]) -> list[Sequence[int]]:
    """The seeds, cut where one does not follow the other."""
    cuts = [i for i in range(1, len(seeds)) if seeds[i] != seeds[i - 1] + 1]
    return [seeds[i:j] for i, j in zip([0, *cuts], [*cuts, len(seeds)], strict=True) if i < j]


def is_large(seed: int, large: int) -> bool:
    return large > 0 and seed % large == 0


def _batch(seeds: Sequence[int], pruning: bool, alone: int | None, large: int) -> Tally:
    sys.setrecursionlimit(10_000)
    gc.set_threshold(50_000, 20, 50)  # terms are trees: what a count is worth of objects holds hardly any cycles
    tally = Tally()
    if short := [s for s in seeds if not is_large(s, large)]:
        fuzz(short, tally, pruning=False, alone=0, small=True)
    if long := [s for s in seeds if is_large(s, large)]:
        fuzz(long, tally, pruning, alone)
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


def lasting(text: str, differing: list[str]) -> list[str]:
    """What still differs when there is ten times as much time, so that a busy machine's clock decides nothing."""
    if not differing:
        return []
    patient = (replace(o, timeout=10 * (o.timeout or 1)) for o in (OPTIONS, ALONE))
    return differences(*[checked({"again": text}, o)["again"] for o in patient])


def differences(first: FileReport, second: FileReport) -> list[str]:
    """The goals and units with other verdicts.  Where the clock decided a goal of either run that goal is left aside, and so are
    the units, whose answers rest on goals of others, too."""
    late = {g.name for r in (first, second) for u in r.units for g in u.goals if g.reason is Reason.TIMEOUT}
    one, other = _verdicts(first), _verdicts(second)
    return [
        f"{name}: {one.get((kind, name), 'missing')} and {other.get((kind, name), 'missing')}"
        for kind, name in sorted(one.keys() | other.keys())
        if one.get((kind, name)) != other.get((kind, name)) and not (name in late or (late and kind == "unit"))
    ]


def _verdicts(report: FileReport) -> dict[tuple[str, str], str]:
    goals = {
        ("goal", g.name): f"{g.verdict.value} {g.reason.value if g.reason else ''}".strip() for u in report.units for g in u.goals
    }
    return goals | {("unit", u.name): f"{u.correct.value} {u.terminates}" for u in report.units}


def pruned(text: str, report: FileReport) -> str | None:
    """The program without the clauses that were not proved; None if there are none."""
    goals = [g for u in report.units for g in u.goals if g.verdict is not Verdict.PROVED]
    labels = {part for g in goals for part in g.name.split(".") if re.fullmatch(r"k\d+", part)}
    return without(text, labels) if labels else None


def keep(name: str, text: str, problems: Sequence[str], attempts: int = ATTEMPTS, large: int = 1, folder: Path = FOUND) -> Path:
    """Shrink a program and write it down.  name: of a seed, or with a letter behind it for a program that was changed later."""
    kinds = [k for k in texts(problems) if k not in ("jobs", "exception")]

    def still(smaller: str) -> bool:
        try:
            report = checked({"shrunk": smaller}, ALONE)["shrunk"]
        except Exception:  # noqa: BLE001
            return not kinds
        return report.status is not Status.INVALID and bool(kinds) and set(kinds) <= set(texts(compared(smaller, report)))

    seed = re.fullmatch(r"seed(\d+)", name)
    origin = Origin(int(seed[1]), not is_large(int(seed[1]), large)) if seed else None
    small = minimised(text, origin, still, attempts)
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.proof"
    said = "".join([f"// {line}\n" for p in problems for line in p.splitlines()])
    path.write_text(said + small, "utf-8")
    return path


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000, help="number of programs")
    parser.add_argument("--seed", type=int, default=0, help="of the first one")
    parser.add_argument("--large", type=int, default=LARGE, help="each so many-th program is large (1: all, 0: none)")
    parser.add_argument("--ledger", type=Path, metavar="FILE", help="where to write down what was done, and to read it")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--processes", type=int, default=2, help="batches at a time")
    parser.add_argument("--first", action="store_true", help="stop after the first disagreement")
    parser.add_argument("--alone", type=int, default=2, help="how many large programs of a batch to check with one worker, too")
    parser.add_argument("--no-shrink", action="store_true", help="keep programs as they are")
    chosen = parser.parse_args(arguments)
    started, ledger = time.monotonic(), Ledger(chosen.ledger, chosen.large)
    wanted = range(chosen.seed, chosen.seed + chosen.count)
    done, total = ledger.done()
    left = [s for s in wanted if s not in done]
    print(f"seeds {chosen.seed} to {wanted[-1]}, each {chosen.large}th large; {len(done)} were done before", flush=True)
    for seeds, tally in batches(left, chosen.processes, True, chosen.alone, chosen.large):
        ledger.add(seeds, tally)
        total.add(tally)
        for name, text, problems in tally.failures:
            print(f"{name}: {problems[0][:300]}", flush=True)
            place = keep(name, text, problems, 0 if chosen.no_shrink else ATTEMPTS, chosen.large)
            print(f"  kept as {place}", flush=True)
        if time.monotonic() - started > chosen.seconds or (chosen.first and tally.failures):
            break
    print(summary(total, time.monotonic() - started))
    return 1 if total.failures else 0


def summary(tally: Tally, seconds: float) -> str:
    lines = [f"{sum(tally.statuses.values())} programs ({seconds:.0f} s in this run): {_counts(tally.statuses)}"]
    lines += [f"answers: {_counts(tally.answers)}", f"proved correct: {tally.proved:.0%} of procedures, triples and lemmas"]
    lines += [f"programs with: {_counts(tally.words)}"]
    lines += [f"disagreements: {len(tally.failures)}, of which false proofs: {len(tally.false)}"]
    return "\n".join(lines)


def _counts(counter: Counter[str]) -> str:
    return ", ".join([f"{n} {k}" for k, n in counter.most_common()])


if __name__ == "__main__":
    sys.setrecursionlimit(10_000)
    sys.exit(main(sys.argv[1:]))
