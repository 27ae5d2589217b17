"""The same verdicts again: `python -m tests.belief.same [--every N]`.

Files of proofs/ and the corpus are checked three times with one job and with two, under two seeds of Python's hashes, the last
time while other processes keep every processor busy; then proved ones are changed so that they say less (a stronger `requires`, a
weaker `ensures`), after which none may be refuted.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from prover.solve.process import cores

ROOT = Path(__file__).parent.parent.parent
BUDGET = ("--rlimit", "1000000", "--timeout", "30")
RUNS, JOBS, HASHES = 3, (1, 2), (0, 1)
Verdicts = dict[str, dict[str, str]]


@dataclass(slots=True)
class Same:
    """files: how many were compared.  busy: runs beside other work.  changed: what was another verdict in another run.
    timeouts: files that a clock decided."""

    files: int = 0
    runs: int = 0
    busy: int = 0
    changed: list[str] = field(default_factory=list)
    timeouts: set[str] = field(default_factory=set)


def chosen(every: int) -> list[Path]:
    folders = ("proofs/examples", "proofs/refuted", "proofs/scripted", "tests/corpus")
    return sorted(p for f in folders for p in (ROOT / f).rglob("*.proof"))[::every]


def verdicts(files: Sequence[Path], jobs: int, seed: int) -> tuple[Verdicts, set[str]]:
    """By file and goal or unit; and the files in which the clock decided something."""
    command = [
        sys.executable,
        "-m",
        "prover",
        "check",
        "--no-cache",
        "--format",
        "json",
        "--jobs",
        str(jobs),
        *BUDGET,
        *map(str, files),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": str(seed)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    found: Verdicts = {}
    late: set[str] = set()
    for file in json.loads(done.stdout)["files"]:
        about = found[file["path"]] = {"status": file["status"]}
        for unit in file["units"]:
            about[unit["name"]] = f"{unit['correct']} {unit['terminates']} {unit['vacuous']}"
            for goal in unit["goals"]:
                about[goal["name"]] = f"{goal['verdict']} {goal['reason']}"
                if goal["reason"] in ("timeout", "worker-died"):
                    late.add(file["path"])
    return found, late


# Works until it is ended, or whoever began it has ended.
_WORK = "import os, sys\nwhile os.getppid() == int(sys.argv[1]): sum(range(10_000))"


@contextmanager
def work() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes beside, one for each processor, that never wait."""
    command = [sys.executable, "-I", "-c", _WORK, str(os.getpid())]
    begun = [subprocess.Popen(command) for _ in range(cores())]
    try:
        yield begun
    finally:
        for process in begun:
            process.kill()
            process.wait()


def again(files: Sequence[Path], runs: int = RUNS) -> Same:
    """Of more than one run the last is made on a busy machine."""
    same, first = Same(len(files)), None
    for number, jobs, seed in product(range(runs), JOBS, HASHES):
        busy = number > 0 and number == runs - 1
        with work() if busy else nullcontext():
            found, late = verdicts(files, jobs, seed)
        same.runs += 1
        same.busy += busy
        same.timeouts |= late
        first = first or found
        beside = ", beside other work" if busy else ""
        for path in found:
            if found[path] != first[path]:
                same.changed.append(f"{path}: run {number + 1}, {jobs} jobs, hash seed {seed}{beside}")
    same.changed = [c for c in same.changed if c.partition(":")[0] not in same.timeouts]
    return same


# Programs that say less


def weaker(text: str) -> Iterator[tuple[str, str]]:
    """Changes after which a proved file may be left open, but is not wrong: how, and the new text.

    Where something is assumed, others may be right only by what is ensured under it: there no `ensures` says less."""
    assumed = re.search(r"\bassume\b", text)
    for match in () if assumed else re.finditer(r"^( *)ensures +(?:(\w+) *: *)?(.+)$", text, re.M):
        if _whole(text, match):
            label = f"{match[2]}: " if match[2] else ""
            for more in ("1 = 2", "1 = 1"):
                yield f"ensures … or {more}", _put(text, match, f"{match[1]}ensures {label}({match[3]}) or {more}")
    for match in re.finditer(r"^procedure +(\w+)\( *(\w+)[^)]*: *int[^)]*\)[^\n]*\n", text, re.M):
        if len(re.findall(rf"\b{match[1]} *\(", text)) == 1 and "inout" not in match[0]:
            for condition in (f"{match[2]} > 3", f"{match[2]} = -1", "1 = 1"):
                yield f"requires {condition}", text[: match.end()] + f"  requires {condition}\n" + text[match.end() :]


def _whole(text: str, match: re.Match[str]) -> bool:
    """Is the clause all on its line?"""
    rest = text[match.end() :].lstrip().split(maxsplit=1)
    starts = (
        "begin",
        "ensures",
        "requires",
        "variant",
        "terminates",
        "diverges",
        "procedure",
        "lemma",
        "function",
        "triple",
        "proof",
    )
    return "//" not in match[0] and match[0].count("(") == match[0].count(")") and (not rest or rest[0] in starts)


def _put(text: str, match: re.Match[str], new: str) -> str:
    return text[: match.start()] + new + text[match.end() :]


def metamorphic(files: Sequence[Path]) -> tuple[int, int, list[str]]:
    """How many changed programs were checked, how many are proved still, and those that are refuted."""
    with tempfile.TemporaryDirectory() as name:
        folder, origin = Path(name), {}
        for path in files:
            text = path.read_text("utf-8")
            if "import" in text:
                continue
            (folder / f"{len(origin):05}.proof").write_text(text, "utf-8")
            origin[f"{len(origin):05}.proof"] = (path, "")
            for how, changed in weaker(text):
                (folder / f"{len(origin):05}.proof").write_text(changed, "utf-8")
                origin[f"{len(origin):05}.proof"] = (path, how)
        found, _ = verdicts([folder], 2, 0)
    statuses = {origin[Path(p).name]: v["status"] for p, v in found.items()}
    proved = {path for (path, how), status in statuses.items() if not how and status == "proved"}
    made = {(path, how): s for (path, how), s in statuses.items() if how and path in proved and s != "invalid"}
    wrong = [f"{p.relative_to(ROOT)}: {how}" for (p, how), s in made.items() if s == "refuted"]
    return len(made), sum(s == "proved" for s in made.values()), wrong


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=10, metavar="N", help="of the files each N-th (default 10)")
    asked = parser.parse_args(arguments)
    same = again(chosen(asked.every))
    runs = f"{same.runs} runs ({same.busy} beside other work) of {same.files} files"
    print(f"{len(same.changed)} other verdicts over {runs}; a clock decided in {len(same.timeouts)}")
    made, proved, wrong = metamorphic(chosen(max(1, asked.every // 4)))
    print(f"{made} programs that say less than a proved one: {proved} proved, {len(wrong)} refuted")
    print("\n".join([*same.changed, *wrong]))
    return int(bool(same.changed or wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
