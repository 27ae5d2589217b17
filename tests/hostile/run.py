"""Check files that mean harm, and watch what the prover does meanwhile: `python -m tests.hostile.run [NAME …]`.

For each attack: does it raise, how long does it take, is something false *proved*, is bad input called that?  For all of them:
how large do solver processes become, is anything written, is anything started but a solver, is the network asked?  Ends with 1
if anything is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from prover.check import Options, begin_file, finish_file
from prover.inputs import Input
from prover.report import FileReport, Status
from prover.resources import cache_folder
from prover.solve.process import Pool
from tests.hostile.attacks import ROOT, Attack, Fate, attacks

SLACK, BUSY = 2.0, 2
GIBIBYTE = 1 << 30
QUICK = Options(jobs=1, rlimit=150_000, timeout=0.5, infer=False, explain=False)
THOROUGH = Options(jobs=1, rlimit=2_000_000, timeout=2.0)


@dataclass(slots=True)
class Found:
    """What became of an attack.  seconds: of a clock on the wall.  processor: of this process.  problems: what is wrong."""

    name: str
    status: str = ""
    seconds: float = 0.0
    processor: float = 0.0
    problems: list[str] = field(default_factory=list)


def allowance(options: Options, units: int, size: int) -> float:
    """Seconds that a file may take: the budget of its units, and half a minute to read, and to report on, a megabyte."""
    return options.budget.seconds * max(1, units) + size / 33_000


def checked(attack: Attack, options: Options, pool: Pool) -> Found:
    found = Found(attack.name)
    started, processor = time.monotonic(), time.process_time()
    report = None
    try:
        item = Input(f"{attack.name.rpartition('/')[2]}.proof", attack.content, Path("/nowhere"))
        report = finish_file(begin_file(item, options, pool), options, pool)
    except BaseException as failure:
        if isinstance(failure, KeyboardInterrupt | SystemExit):
            raise
        found.problems.append(f"exception: {traceback.format_exc(limit=-3)}")
    found.seconds, found.processor = time.monotonic() - started, time.process_time() - processor
    if report is not None:
        found.status = report.status.value
        found.problems += wrong(attack, report)
        limit = allowance(options, len(report.units), len(attack.content))
        # On a busy machine all takes longer, and a processor that is shared computes less in a second: then what this process
        # has used of it decides, which may be twice as much.
        if found.seconds > limit + SLACK and found.processor > BUSY * (limit - options.budget.seconds + SLACK):
            found.problems.append(f"time: {found.seconds:.1f} s of {limit:.1f} s")
    return found


def wrong(attack: Attack, report: FileReport) -> Iterator[str]:
    proved, invalid = report.status is Status.PROVED, report.status is Status.INVALID
    match attack.fate:
        case Fate.REFUSED if not invalid:
            yield f"fate: {report.status.value}, but it is bad input"
        case Fate.OPEN if proved:
            yield "fate: proved, but it is false"
        case Fate.PROVED if not proved:
            yield f"fate: {report.status.value}, but it is true"
    if invalid and not report.diagnostics:
        yield "silent: invalid, and nobody says why"


# In a process of its own


_EVENTS = (
    *(
        "os.mkdir",
        "os.rename",
        "os.remove",
        "os.rmdir",
        "os.link",
        "os.symlink",
        "os.truncate",
        "os.chmod",
        "shutil.",
        "tempfile.",
    ),
    *("socket.", "urllib.", "ftplib.", "http.", "os.system", "os.exec", "os.posix_spawn", "os.startfile", "webbrowser.", "pty."),
)


def watch() -> list[str]:
    """From now on, what this process does that a check has no reason to do (PEP 578)."""
    seen: list[str] = []
    allowed = {os.devnull, str(cache_folder())}

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if arguments and str(arguments[0]) in allowed:
            return
        if event == "open":
            path, mode, flags = (*arguments, None, None, None)[:3]
            writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
            if (writes or (isinstance(mode, str) and set(mode) & set("wax+"))) and not isinstance(path, int):
                seen.append(f"open {path!r} for writing")
        elif event.startswith(_EVENTS) or (event == "subprocess.Popen" and "worker.py" not in repr(arguments[1])):
            seen.append(f"{event} {arguments!r:.200}")

    sys.addaudithook(hook)
    return seen


def child(options: Options) -> None:
    """Reads names of attacks, a line each; prints what became of each, a line of JSON, and of the process at the end."""
    sys.setrecursionlimit(10_000)
    named = {a.name: a for a in attacks()}
    names = sys.stdin.read().split()
    seen = watch()
    with Pool(1) as pool:
        for name in names:
            print(json.dumps(asdict(checked(named[name], options, pool))), flush=True)
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    print(json.dumps({"seen": seen, "workers": workers, "own": own}), flush=True)


@dataclass(slots=True)
class Campaign:
    found: list[Found] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)  # of the processes
    workers: int = 0
    own: int = 0

    def add(self, line: str) -> Found | None:
        values = json.loads(line)
        if "seen" not in values:
            self.found.append(Found(**values))
            return self.found[-1]
        self.workers, self.own = max(self.workers, values["workers"]), max(self.own, values["own"])
        self.problems += [f"did: {s}" for s in dict.fromkeys(values["seen"])]
        if values["workers"] > GIBIBYTE:
            self.problems.append(f"memory: a solver process took {values['workers'] >> 20} MiB")
        return None

    @property
    def wrong(self) -> list[str]:
        return [f"{f.name}: {p}" for f in self.found for p in f.problems] + self.problems

    def table(self) -> str:
        families: dict[str, list[Found]] = {}
        for f in self.found:
            families.setdefault(f.name.partition("/")[0], []).append(f)
        rows = [f"{'attack':14} {'files':>6} {'wrong':>6} {'slowest':>8}  what became of them"]
        for name, members in [*families.items(), ("all", self.found)]:
            statuses = ", ".join(f"{n} {s}" for s, n in Counter(f.status for f in members).most_common())
            slowest = max((f.seconds for f in members), default=0.0)
            rows.append(f"{name:14} {len(members):6} {sum(bool(f.problems) for f in members):6} {slowest:6.1f} s  {statuses}")
        rows.append(f"largest solver process {self.workers >> 20} MiB, this process {self.own >> 20} MiB")
        return "\n".join(rows)


def campaign(chosen: Sequence[Attack], thorough: bool = False, processes: int = 2, tell: bool = False) -> Campaign:
    """Check the attacks, in processes side by side that are watched; a process that ends early is a finding, too."""
    run = Campaign()
    command = [sys.executable, "-m", "tests.hostile.run", "--child", *(["--thorough"] if thorough else [])]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    parts = [chosen[n::processes] for n in range(processes)]
    running = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for part in parts
        if part
    ]
    for process, part in zip(running, [p for p in parts if p], strict=True):
        assert process.stdin is not None
        process.stdin.write("\n".join(a.name for a in part))
        process.stdin.close()
    for process, part in zip(running, [p for p in parts if p], strict=True):
        assert process.stdout is not None
        before = len(run.found)
        for line in process.stdout:
            last = run.add(line)
            if tell and last is not None and last.problems:
                print(f"{last.name}: {last.problems[0]}", flush=True)
        process.stdout.close()
        if process.wait() != 0 or len(run.found) - before != len(part):
            after = part[len(run.found) - before].name if len(run.found) - before < len(part) else "the end"
            run.problems.append(f"ended: the process ended with {process.returncode} at {after}")
    return run


def named(words: Iterable[str]) -> list[Attack]:
    wanted = list(words)
    return [a for a in attacks() if not wanted or any(w in a.name for w in wanted)]


# Families that hardly ever get as far as the solver.
CHEAP = "characters words lookalikes escapes pretence smtlib imports headers encodings bytes truncated nesting scripts".split()


def sample(step: int = 9, largest: int = 60_000) -> list[Attack]:
    """What is quick: the cheap families without their largest files, and one in `step` of the others."""
    small = [a for a in attacks() if len(a.content) <= largest]
    return [a for a in small if a.family in CHEAP] + [a for a in small if a.family not in CHEAP][::step]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", metavar="NAME", help="only attacks whose names contain one of these")
    parser.add_argument("--thorough", action="store_true", help="look for annotations and runs as well, and for longer")
    parser.add_argument("--sample", action="store_true", help="only what is quick, as the tests do")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write down what became of each")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.child:
        child(THOROUGH if asked.thorough else QUICK)
        return 0
    started = time.monotonic()
    chosen = sample() if asked.sample else named(asked.words)
    run = campaign(chosen, asked.thorough, asked.processes, tell=True)
    if asked.json is not None:
        asked.json.write_text(json.dumps([asdict(f) for f in run.found]), "utf-8")
    print(run.table())
    print(f"{len(run.found)} hostile files in {time.monotonic() - started:.0f} s, {len(run.wrong)} findings")
    for problem in run.problems:
        print(problem)
    return int(bool(run.wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
