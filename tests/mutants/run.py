"""Seeded faults: each is put into a copy of the package, and the killing suite must notice.

`python -m tests.mutants.run [NAME …]` tries all (or those whose names contain one of the words), prints a table by class, and
ends with 1 if one survives: a survivor is a missing test.  With `--quick` only the kernel's tests and the traps
that a fault names are run.  `--keep FILE` writes down what was killed, and does not try it again while neither the fault nor
the file that it changes is another; so a campaign can be broken off and gone on with.  `--seconds` bounds it.  The faults
stand in tests/mutants/faults/*.txt; why a survivor would change nothing that can be seen stands in tests/mutants/equivalent.txt.
"""

from __future__ import annotations

import argparse
import compileall
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from pathlib import Path
from py_compile import PycInvalidationMode
from queue import SimpleQueue

ROOT = Path(__file__).parent.parent.parent
FAULTS = ROOT / "tests" / "mutants" / "faults"
EQUIVALENT = ROOT / "tests" / "mutants" / "equivalent.txt"
COPIED = ("prover", "tests")
LINKED = ("grammar", "proofs", "docs", "tests/corpus", "tests/golden")
SECONDS, PROCESSES = 900, 2  # SECONDS: of a clock on the wall, far beyond what `kill` allows itself

# Which tests (of the kernel, where no folder is named) look at what: they are tried first.
LOOKS_AT = {
    "test_terms.py": ("term", "fold", "rewriting", "sort"),
    "test_encode.py": ("encode", "smt", "query", "theory"),
    "test_rules.py": ("rules",),
    "test_open_goals.py": ("vc", "state", "contract", "defined", "functionvc", "goal"),
    "test_depend.py": ("depend", "verdict", "plan"),
    "test_recurrence.py": ("recurrence", "definedness"),
    "test_oracle.py": ("oracle", "prove"),
    "test_workers.py": ("process", "worker"),
    "syntax/test_elaborate.py": ("program",),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """`old`, which occurs once in `path` (below prover/), becomes `new`.  traps: of the corpus, or test files: to try first."""

    kind: str
    number: int
    traps: tuple[str, ...]
    path: str
    old: str
    new: str

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.number}"

    @property
    def tests(self) -> list[str]:
        return [test for test, modules in LOOKS_AT.items() if Path(self.path).stem in modules]

    @property
    def digest(self) -> str:
        """Of all that decides whether it is killed, but for the tests."""
        text = (ROOT / "prover" / self.path).read_text("utf-8")
        return hashlib.sha256(f"{self.path}\0{self.old}\0{self.new}\0{text}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Result:
    fault: Fault
    killed: bool
    by: str
    seconds: float


def faults() -> tuple[Fault, ...]:
    return tuple([fault for path in sorted(FAULTS.glob("*.txt")) for fault in parsed(path.read_text("utf-8"), path.stem)])


def parsed(text: str, kind: str) -> Iterator[Fault]:
    """`@ PATH [TRAP | TEST …]`, then `- old` and `+ new` lines; a fault ends at the next `@`.  Other lines say what is wrong."""
    blocks = ("\n" + text).split("\n@ ")[1:]
    for number, block in enumerate(blocks, 1):
        head, *lines = block.split("\n")
        path, *traps = head.split()
        old, new = ["\n".join([line[2:] for line in lines if line.startswith(sign)]) for sign in ("- ", "+ ")]
        yield Fault(kind, number, tuple(traps), path, old, new)


def misfits(found: Iterable[Fault]) -> list[str]:
    """What of the faults no longer fits the code."""
    count = {f: (ROOT / "prover" / f.path).read_text("utf-8").count(f.old) if f.old and f.old != f.new else -1 for f in found}
    return [f"{f.name} ({f.path}): {f.old!r} occurs {times} times" for f, times in count.items() if times != 1]


def trial(fault: Fault, copy: Path, quick: bool) -> Result:
    """Run the killing suite on the copy with the fault in it; the copy is as before afterwards."""
    path = copy / "prover" / fault.path
    before = path.read_text("utf-8")
    started = time.monotonic()
    try:
        path.write_text(before.replace(fault.old, fault.new), "utf-8")
        killed, by = suite(fault, copy, quick)
    finally:
        path.write_text(before, "utf-8")
    return Result(fault, killed, by, time.monotonic() - started)


def suite(fault: Fault, copy: Path, quick: bool) -> tuple[bool, str]:
    command = [sys.executable, "-B", "-m", "tests.mutants.kill", *fault.traps, *fault.tests, *(["quick"] if quick else [])]
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONUTF8": "1", "PYTHONHASHSEED": "0"}
    try:
        done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return True, f"no end within {SECONDS} s"
    if done.returncode == -signal.SIGPROF:
        return True, "no end"
    if done.returncode == 0:
        return False, ""
    said = (done.stdout if done.stdout.strip() else done.stderr).strip().splitlines()
    crashed = "Traceback" in done.stderr
    return True, ("crash: " + done.stderr.strip().splitlines()[-1]) if crashed else said[-1] if said else f"{done.returncode}"


@contextmanager
def copies(count: int) -> Iterator[list[Path]]:
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        made = [Path(folder, str(n)) for n in range(count)]
        for copy in made:
            for name in COPIED:
                shutil.copytree(
                    ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "corpus", "golden", "found")
                )
            for name in LINKED:
                (copy / name).symlink_to(ROOT / name)
            shutil.copy(ROOT / "pyproject.toml", copy)
            # By hash: a compiled file as old as the faulty source, and made from one as long, would hide the fault.
            compileall.compile_dir(copy, quiet=2, invalidation_mode=PycInvalidationMode.CHECKED_HASH)
        yield made


def campaign(chosen: Sequence[Fault], quick: bool = False, processes: int = PROCESSES, end: float = inf) -> Iterator[Result]:
    """The results, in the order of the faults.  end: after this moment of `time.monotonic` no other fault is begun."""
    with copies(processes) as made, ThreadPoolExecutor(processes) as threads:
        free: SimpleQueue[Path] = SimpleQueue()
        for copy in made:
            free.put(copy)

        def one(fault: Fault) -> Result | None:
            copy = free.get()
            try:
                return trial(fault, copy, quick) if time.monotonic() < end else None
            finally:
                free.put(copy)

        yield from (result for result in threads.map(one, chosen) if result is not None)


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was killed so far, a line of JSON each; None: nowhere."""

    path: Path | None

    def killed(self) -> dict[str, tuple[str, float]]:
        """By the digests of the faults: what noticed it, and the seconds that this took."""
        if self.path is None or not self.path.exists():
            return {}
        rows = [json.loads(line) for line in self.path.read_text("utf-8").splitlines()]
        return {row["digest"]: (row["by"], row["seconds"]) for row in rows}

    def add(self, result: Result) -> None:
        if self.path is not None and result.killed:
            row = {"digest": result.fault.digest, "fault": result.fault.name, "by": result.by, "seconds": result.seconds}
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")


def equivalents() -> dict[str, str]:
    """`NAME: why` lines: faults that change nothing that can be seen."""
    lines = [line for line in EQUIVALENT.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return dict(line.split(": ", 1) for line in lines)  # type: ignore[misc]


def table(results: Iterable[Result]) -> str:
    classes: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        classes[result.fault.kind].append(result)
    rows = [f"{'class':34} {'faults':>6} {'killed':>6} {'seconds':>8}"]
    for kind, found in [*sorted(classes.items()), ("all", [r for held in classes.values() for r in held])]:
        rows.append(f"{kind:34} {len(found):6} {sum(r.killed for r in found):6} {sum(r.seconds for r in found):8.1f}")
    return "\n".join(rows)


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", metavar="NAME", help="only faults whose names contain one of these")
    parser.add_argument("--quick", action="store_true", help="only the kernel's tests and what a fault names")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="where to write down what was killed, and to read it")
    parser.add_argument("--seconds", type=float, default=inf, help="begin no fault after so long")
    parser.add_argument("--processes", type=int, default=PROCESSES)
    asked = parser.parse_args(words)
    chosen = sorted([f for f in faults() if not asked.words or any(w in f.name for w in asked.words)], key=lambda f: f.number)
    if wrong := misfits(chosen):
        print("\n".join(wrong))
        chosen = [f for f in chosen if not misfits([f])]
    ledger, argued = Ledger(asked.keep), equivalents()
    known = ledger.killed()
    results = [Result(f, True, *known[f.digest]) for f in chosen if f.digest in known]
    left = [f for f in chosen if f.digest not in known and f.name not in argued]
    for result in campaign(left, asked.quick, asked.processes, time.monotonic() + asked.seconds):
        results.append(result)
        ledger.add(result)
        print(
            f"{'killed' if result.killed else 'SURVIVED':8} {result.fault.name:36} {result.seconds:5.1f} s  {result.by}",
            flush=True,
        )
    print(table(results))
    survivors = [r.fault.name for r in results if not r.killed]
    untried = len(chosen) - len(results) - sum(f.name in argued for f in chosen)
    print(f"{len(survivors)} survivors, {untried} not tried, {sum(f.name in argued for f in chosen)} argued to change nothing")
    return int(bool(wrong or survivors or untried))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
