"""Seeded faults: each is put into a copy of the package, and the killing suite must notice.

`python -m tests.mutants.run [NAME …]` tries all (or those whose names contain one of the words), prints a table by class, and
ends with 1 if one survives: a survivor is a missing test.  With `--quick` only the kernel's tests and the traps
that a fault names are run.  The faults stand in tests/mutants/faults/*.txt.
"""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from py_compile import PycInvalidationMode
from queue import SimpleQueue

ROOT = Path(__file__).parent.parent.parent
FAULTS = ROOT / "tests" / "mutants" / "faults"
COPIED = ("prover", "tests/kernel", "tests/mutants", "tests/semantics")
LINKED = ("grammar", "proofs", "tests/corpus", "tests/golden")
SECONDS, PROCESSES = 150, 2

# Which of the kernel's tests look at what: they are tried first.
LOOKS_AT = {
    "test_terms.py": ("term", "fold", "rewriting", "sort"),
    "test_encode.py": ("encode", "theory"),
    "test_rules.py": ("rules",),
    "test_open_goals.py": ("vc", "state", "contract", "defined", "functionvc", "goal"),
    "test_depend.py": ("depend", "verdict", "plan"),
    "test_recurrence.py": ("recurrence", "definedness"),
    "test_oracle.py": ("oracle", "prove"),
    "test_workers.py": ("process", "worker"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """`old`, which occurs once in `path` (below prover/), becomes `new`.  traps: of the corpus, those to try first."""

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


@dataclass(frozen=True, slots=True)
class Result:
    fault: Fault
    killed: bool
    by: str
    seconds: float


def faults() -> tuple[Fault, ...]:
    return tuple([fault for path in sorted(FAULTS.glob("*.txt")) for fault in parsed(path.read_text("utf-8"), path.stem)])


def parsed(text: str, kind: str) -> Iterator[Fault]:
    """`@ PATH [TRAP …]`, then `- old` and `+ new` lines; a fault ends at the next `@`.  Other lines say what is wrong."""
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
    if done.returncode == 0:
        return False, ""
    said = (done.stdout if done.stdout.strip() else done.stderr).strip().splitlines()
    crashed = "Traceback" in done.stderr
    return True, ("crash: " + done.stderr.strip().splitlines()[-1]) if crashed else said[-1]


@contextmanager
def copies(count: int) -> Iterator[list[Path]]:
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        made = [Path(folder, str(n)) for n in range(count)]
        for copy in made:
            for name in COPIED:
                shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            for name in LINKED:
                (copy / name).symlink_to(ROOT / name)
            for name in ("pyproject.toml", "tests/conftest.py", "tests/imports.py"):
                shutil.copy(ROOT / name, copy / name)
            # By hash: a compiled file as old as the faulty source, and made from one as long, would hide the fault.
            compileall.compile_dir(copy, quiet=2, invalidation_mode=PycInvalidationMode.CHECKED_HASH)
        yield made


def campaign(chosen: Sequence[Fault], quick: bool = False, processes: int = PROCESSES) -> Iterator[Result]:
    """The results, in the order of the faults."""
    with copies(processes) as made, ThreadPoolExecutor(processes) as threads:
        free: SimpleQueue[Path] = SimpleQueue()
        for copy in made:
            free.put(copy)

        def one(fault: Fault) -> Result:
            copy = free.get()
            try:
                return trial(fault, copy, quick)
            finally:
                free.put(copy)

        yield from threads.map(one, chosen)


def table(results: Iterable[Result]) -> str:
    classes: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        classes[result.fault.kind].append(result)
    rows = [f"{'class':34} {'faults':>6} {'killed':>6} {'seconds':>8}"]
    for kind, found in [*sorted(classes.items()), ("all", [r for held in classes.values() for r in held])]:
        rows.append(f"{kind:34} {len(found):6} {sum(r.killed for r in found):6} {sum(r.seconds for r in found):8.1f}")
    return "\n".join(rows)


def main(words: list[str]) -> int:
    quick, words = "--quick" in words, [w for w in words if w != "--quick"]
    chosen = sorted([f for f in faults() if not words or any(w in f.name for w in words)], key=lambda f: f.number)
    if wrong := misfits(chosen):
        print("\n".join(wrong))
        chosen = [f for f in chosen if not misfits([f])]
    results = []
    for result in campaign(chosen, quick):
        results.append(result)
        print(
            f"{'killed' if result.killed else 'SURVIVED':8} {result.fault.name:36} {result.seconds:5.1f} s  {result.by}",
            flush=True,
        )
    print(table(results))
    return int(bool(wrong) or not all(r.killed for r in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
