"""Many files at once: what a course or a repository costs, cold, unchanged, with one edit; how work is shared; how memory grows.

Files of about 30 lines: a loop with its invariants and variant, and a procedure of two branches.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench.measure import MIB, tree_of

ROOT = Path(__file__).parents[2]
TEXT = """// Exercise {i}: sums and bounds.
procedure sum{i}(n: int) returns (s: int)
  requires n >= 0
  ensures  2 * s = n * (n + 1) + {k}
  terminates
begin
  var i := 0;
  s := {h};
  while i < n
    invariant bound: 0 <= i <= n
    invariant 2 * s = i * (i + 1) + {k}
    variant n - i
  do
    i := i + 1;
    s := s + i
  end
end

procedure clamp{i}(x: int, low: int, high: int) returns (r: int)
  requires low <= high
  ensures  low <= r <= high
  ensures  low <= x <= high ==> r = x
begin
  r := x;
  if r < low then
    r := low
  elsif r > high then
    r := high
  end
end
"""


@dataclass(frozen=True, slots=True)
class Took:
    """wall: seconds.  cpu: seconds of all processes that ended in order.  memory: largest sum of resident memory, in MiB."""

    wall: float
    cpu: float
    memory: float


def write(folder: Path, count: int) -> Path:
    """`count` files below `folder`, a hundred to a folder."""
    for i in range(count):
        path = folder / f"part{i // 100:03}" / f"exercise{i:05}.proof"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TEXT.format(i=i, k=2 * (i % 7 + 1), h=i % 7 + 1), encoding="utf-8")
    return folder


def check(folder: Path, cache: Path, *options: str) -> Took:
    """One run of `prover check`, its memory looked at twenty times a second.  Raises RuntimeError if not all is proved."""
    command = [sys.executable, "-m", "prover", "check", "--isolated", *options, str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(cache), "NO_COLOR": "1"}
    before, start = os.times(), time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True)
    assert process.stdout is not None
    lines: list[str] = []
    drain = threading.Thread(target=lambda: lines.extend(process.stdout or ()))
    drain.start()
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, sum(map(_resident, tree_of(process.pid))))
        time.sleep(0.05)
    wall, after = time.perf_counter() - start, os.times()
    drain.join()
    process.stdout.close()
    if process.returncode:
        raise RuntimeError("".join(lines[-20:]))
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Took(wall, cpu, peak)


def _resident(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB


def table(folder: Path, quick: bool) -> str:
    """What was measured beside what is to be reached, as lines."""
    count = 200 if quick else 1_000
    files = write(folder / "many", count)
    first = write(folder / "first", 1)

    def prepared(name: str) -> Path:
        """A cache folder that holds the parser's tables and next to nothing else."""
        check(first, folder / name)
        return folder / name

    cache = prepared("many-cache")
    one = check(files, prepared("one-cache"), "--jobs", "1")
    cold = check(files, cache)
    again = check(files, cache)
    edited = files / "part000" / "exercise00000.proof"
    edited.write_text(edited.read_text(encoding="utf-8").replace("s := s + i", "s := i + s"), encoding="utf-8")
    edit = check(files, cache)
    # By what further files cost: so all that a run does once is left aside.
    more = write(folder / "more", 3 * count)
    one_more, more_more = check(more, prepared("one-more-cache"), "--jobs", "1"), check(more, prepared("more-cache"))
    sharing = (one_more.wall - one.wall) / max(0.001, more_more.wall - cold.wall)
    rows = [
        (f"{count:,} files, cold", f"{cold.wall:.2f} s", f"{count / cold.wall:.0f} files/s", ">= 100 files/s on two cores"),
        ("the same again, unchanged", f"{again.wall:.2f} s", "", "<= 1 s for 1,000"),
        ("one of them edited", f"{edit.wall:.2f} s", f"{edit.wall - again.wall:+.2f} s", "<= +0.3 s"),
        ("all workers against one", f"{one_more.wall:.2f} s", f"{sharing:.2f} times", ">= 1.8 times with two"),
    ]
    if not quick:
        ten = check(write(folder / "ten", 10 * count), prepared("ten-cache"))
        growth = f"{ten.memory / cold.memory:.2f} times"
        rows.append((f"{10 * count:,} files", f"{ten.wall:.1f} s", f"{ten.memory:.0f} MiB, {growth}", "memory <= 1.2 times"))
    busy = f"load {os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} cores" if hasattr(os, "sched_getaffinity") else ""
    lines = [f"{name:<28}{took:>10}  {figure:<24}{reach}" for name, took, figure, reach in rows]
    return "\n".join([f"many files ({busy})", *lines])
