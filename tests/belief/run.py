"""The campaign: each goal of what makes a *proved* worth believing, its figure, and the figure reached.

`python -m tests.belief.run [PART …]` takes about twenty minutes on two idle cores; `--quick` takes a few.  Ends with 1 if a goal
is missed.  Faults that were killed are remembered in `build/killed.jsonl`, so that each campaign tries what is left of them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import prover
from prover.expectation import hold
from prover.solve.process import version
from tests.belief.same import ROOT, again, chosen, metamorphic
from tests.corpus.test_corpus import FILES, RLIMIT, SECONDS, good
from tests.fuzz.differential import fuzz_all, keep
from tests.fuzz.ledger import Tally
from tests.hostile.attacks import attacks
from tests.hostile.run import campaign, sample
from tests.mutants.run import Ledger, Result, equivalents, faults
from tests.mutants.run import campaign as mutants

KILLED = ROOT / "build" / "killed.jsonl"
SEED = 7_000_000


@dataclass(frozen=True, slots=True)
class Row:
    goal: str
    figure: str
    reached: str
    good: bool


def corpora(quick: bool) -> list[Row]:
    files = [p for paths in FILES.values() for p in paths]
    plain = [p for p in files if not p.parent.name.startswith("27")]
    inferring = [p for p in files if p.parent.name.startswith("27")]
    proved: set[Path] = set()
    for paths, infer in ((plain, False), (inferring, True)):
        report = prover.check_paths(paths, rlimit=RLIMIT, timeout=SECONDS, infer=infer)
        proved |= {p for p, r in zip(paths, report.files, strict=True) if good(r) or (p in FILES["true"] and not hold(r))}
    wrong, true = proved & set(FILES["false"]), proved & set(FILES["true"])
    share = len(true) / len(FILES["true"])
    return [
        Row(
            "false corpus",
            "0 proved of ≥ 300",
            f"{len(wrong)} of {len(FILES['false'])}",
            not wrong and len(FILES["false"]) >= 300,
        ),
        Row("true corpus", "≥ 98 % proved of ≥ 300", f"{share:.1%} of {len(FILES['true'])}", share >= 0.98),
    ]


def random_programs(quick: bool) -> list[Row]:
    total = Tally()
    for count, large in ((200, 0), (20, 1)) if quick else ((3_000, 0), (300, 1)):
        *_, tally = fuzz_all(range(SEED, SEED + count), 2, pruning=False, alone=0, large=large)
        total.add(tally)
    for name, text, problems in total.failures:
        print(f"{name}: {problems[0]}, kept as {keep(name, text, problems)}")
    wrong = [p for _, _, problems in total.failures for p in problems]
    false = total.false
    replayed = [p for p in wrong if p.startswith("replay")]
    refuted = sum(n for a, n in total.answers.items() if a.endswith(" no"))
    programs = sum(total.statuses.values())
    return [
        Row("false proofs of random programs", "0", f"{len(false)} in {programs:,} from seed {SEED}", not false),
        Row("refutations replayed", "100 %", f"all but {len(replayed)} of {refuted:,}", not replayed),
        Row(
            "layout, textbook, exceptions",
            "0",
            f"{len(wrong) - len(false) - len(replayed)}",
            len(wrong) == len(false) + len(replayed),
        ),
    ]


def seeded_faults(quick: bool) -> list[Row]:
    KILLED.parent.mkdir(exist_ok=True)
    ledger, argued, every = Ledger(KILLED), equivalents(), faults()
    known = ledger.killed()
    left = [f for f in sorted(every, key=lambda f: f.number) if f.digest not in known and f.name not in argued]
    results: list[Result] = []
    for result in mutants(left, end=time.monotonic() + (30 if quick else 570)):
        ledger.add(result)
        results.append(result)
    killed = sum(f.digest in ledger.killed() for f in every)
    survivors = [r.fault.name for r in results if not r.killed]
    print("\n".join([f"survived: {s}" for s in survivors]), end="\n" if survivors else "")
    reached = f"{killed} killed of {len(every)}, {len(argued)} argued, {len(survivors)} survived"
    return [Row("seeded faults", "≥ 150, all noticed", reached, not survivors and killed >= (0 if quick else 150))]


def hostile_files(quick: bool) -> list[Row]:
    run = campaign(sample(40 if quick else 4)[:: 4 if quick else 1])
    print("\n".join(run.wrong), end="\n" if run.wrong else "")
    slowest = max(f.seconds for f in run.found)
    said = f"{len(run.wrong)} findings in {len(run.found):,} of {len(attacks()):,}, slowest {slowest:.1f} s"
    return [
        Row("hostile files", "0 tracebacks, overruns, writes", said, not run.wrong),
        Row("memory of a solver process", "≤ 1 GiB", f"{run.workers >> 20} MiB", run.workers <= 1 << 30),
    ]


def the_same(quick: bool) -> list[Row]:
    same = again(chosen(100 if quick else 25), 1 if quick else 3)
    made, proved, wrong = metamorphic(chosen(40 if quick else 6))
    print("\n".join([*same.changed, *wrong]), end="\n" if same.changed or wrong else "")
    runs = f"{same.runs} runs ({same.busy} beside other work) of {same.files} files"
    said = f"{len(same.changed)} over {runs} ({len(same.timeouts)} by the clock)"
    return [
        Row("other verdicts in other runs", "0", said, not same.changed),
        Row("refuted after saying less", "0", f"{len(wrong)} of {made} ({proved} still proved)", not wrong),
    ]


def checked(options: Sequence[str], files: Sequence[Path]) -> list[dict[str, object]]:
    command = [sys.executable, "-m", "prover", "check", "--no-cache", "--format", "json", *options, *map(str, files)]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    files_: list[dict[str, object]] = json.loads(done.stdout)["files"]
    return files_


def examples(every: int) -> list[Path]:
    return sorted((ROOT / "proofs" / "examples").rglob("*.proof"))[::every]


def goals(files: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    return [g for f in files for u in f["units"] for g in u["goals"] if g["verdict"] == "proved"]  # type: ignore[attr-defined]


def stability(quick: bool) -> list[Row]:
    found = checked(["--stability", "20"], examples(60 if quick else 10))
    unstable = sum(d["code"] == "goal-unstable" for f in found for d in f["diagnostics"])  # type: ignore[attr-defined]
    proved = len(goals(found))
    share = 1 - unstable / max(1, proved)
    return [Row("stable over 20 seeds, names, orders", "≥ 99 %", f"{share:.1%} of {proved} goals", share >= 0.99)]


def second_opinion(quick: bool) -> list[Row]:
    found = checked(["--certify"], examples(60 if quick else 8))
    proved = goals(found)
    both = sum(g.get("certified") == "both" for g in proved)
    against = sum(d["code"] == "goal-disagreement" for f in found for d in f["diagnostics"])  # type: ignore[attr-defined]
    share = both / max(1, len(proved))
    reached = f"{share:.1%} of {len(proved)} goals, {against} against"
    return [Row("proved by cvc5, too", "≥ 95 %, 0 against", reached, share >= 0.95 and not against)]


def faults_of_the_world(quick: bool) -> list[Row]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/faults",
        *(["-k", "solver"] if quick else []),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    said = done.stdout.strip().splitlines()[-1]
    return [
        Row("solvers, disks, caches, signals", "nothing wrong, nothing left", said.partition(" in ")[0], done.returncode == 0)
    ]


PARTS: dict[str, Callable[[bool], list[Row]]] = {
    "corpora": corpora,
    "random": random_programs,
    "hostile": hostile_files,
    "same": the_same,
    "stability": stability,
    "second": second_opinion,
    "world": faults_of_the_world,
    "mutants": seeded_faults,
}


def table(rows: Sequence[Row]) -> str:
    columns = [("goal", "figure", "reached", ""), *[(r.goal, r.figure, r.reached, "yes" if r.good else "NO") for r in rows]]
    widths = [max(len(row[i]) for row in columns) for i in range(3)]
    lines = ["  ".join([*[cell.ljust(w) for cell, w in zip(row, widths, strict=False)], row[3]]).rstrip() for row in columns]
    return "\n".join([lines[0], "  ".join("-" * w for w in widths), *lines[1:]])


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="a few of everything")
    asked = parser.parse_args(arguments)
    if strangers := set(asked.parts) - PARTS.keys():
        parser.error(f"there is no part {', '.join(strangers)}; there are {', '.join(PARTS)}")
    rows: list[Row] = []
    started = time.monotonic()
    for name in asked.parts or PARTS:
        begun = time.monotonic()
        found = PARTS[name](asked.quick)
        rows += found
        print(f"{name}: {time.monotonic() - begun:.0f} s", flush=True)
    print(f"\n{table(rows)}\n\n{time.monotonic() - started:.0f} s, prover {prover.__version__}, {version()}")
    return int(not all(r.good for r in rows))


if __name__ == "__main__":
    sys.setrecursionlimit(10_000)
    sys.exit(main(sys.argv[1:]))
