"""`make bench`: what whole runs of `prover check` cost on one core, beside the figures to reach and the peers installed here.

A measurement, not a test: it fails only where something that is true was not proved.  Each program is checked by a process of
its own, with a cache folder of its own that holds parser tables and nothing about the program.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from tests.bench.many import table as many_files
from tests.bench.measure import Cost, measure
from tests.bench.peers import Peer, installed
from tests.bench.programs import families
from tests.bench.prompt import table as prompt
from tests.bench.table import Cell, Row, table

ROOT = Path(__file__).parents[2]
CLASSICS = ROOT / "tests" / "bench" / "classics"
ONE = "09_binsearch"


@dataclass(frozen=True, slots=True)
class Bench:
    """Where to work, and what is measured how."""

    folder: Path
    sources: Path
    """The classics in the peers' syntaxes: why3/*.mlw, boogie/*.bpl, dafny/*.dfy."""
    peers: tuple[Peer, ...]
    runs: int
    limit: float
    quick: bool

    def ours(self, files: list[Path], ever: bool = True) -> Cost:
        """ever: the prover has run before, and its parser's tables lie in the cache."""
        cache = self.folder / "cache"
        environment = {"PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(cache), "NO_COLOR": "1"}
        command = [sys.executable, "-m", "prover", "check", *map(str, files)]
        return measure(
            command,
            self.folder,
            runs=self.runs,
            limit=self.limit,
            environment=environment,
            before=lambda: _forget(cache, "cache.sqlite*" if ever else "*"),
        )

    def theirs(self, peer: Peer, files: list[Path]) -> Cell:
        """What `peer` takes for `files`, in one call where it can take several."""
        calls = [[file] for file in files] if peer.one_file else [files]
        runs = 1 if self.quick or len(calls) > 1 else min(self.runs, 3)
        cells = []
        for call in calls:
            cost = measure(
                [*peer.command, *map(str, call)],
                self.folder,
                runs=runs,
                limit=self.limit,
                environment=dict(peer.environment),
            )
            cells.append(_cell(cost, peer.proved(cost.output), self.limit))
        return cells[0] if len(cells) == 1 else Cell.total(cells)


def _forget(cache: Path, pattern: str) -> None:
    """Remove what earlier runs have left."""
    for file in (cache / "prover").glob(pattern):
        file.unlink()


def _cell(cost: Cost, proved: bool, limit: float) -> Cell:
    return Cell(min(cost.wall, limit), cost.cpu, cost.main, cost.worker, proved, timeout=cost.status == -9, runs=cost.runs)


def _our_cell(bench: Bench, cost: Cost) -> Cell:
    if cost.status != 0:
        print(f"\nnot proved (exit status {cost.status}):\n{cost.output[-2000:]}", file=sys.stderr)
    return _cell(cost, cost.status == 0, bench.limit)


def rows(bench: Bench) -> Iterator[Row]:
    """Measures one row of the table after the other."""
    yield from _classics(bench)
    for family in families():
        given_up: dict[str, Cell] = {}
        for n in family.quick if bench.quick else family.sizes:
            files = {}
            for suffix in ("proof", *(peer.suffix for peer in bench.peers)):
                files[suffix] = bench.folder / f"{family.name}{n}.{suffix}"
                files[suffix].write_text(family.text(n, suffix), encoding="utf-8")
            theirs = {}
            for peer in bench.peers:
                theirs[peer.name] = given_up.get(peer.name) or bench.theirs(peer, [files[peer.suffix]])
                if not theirs[peer.name].proved:
                    given_up[peer.name] = Cell.skipped()
            yield Row(f"{n} {family.title}", _our_cell(bench, bench.ours([files["proof"]])), family.reach.get(n), theirs)


def _classics(bench: Bench) -> Iterator[Row]:
    files = sorted(CLASSICS.glob("*.proof"))
    if not files:
        print(f"no classics in {CLASSICS.relative_to(ROOT)}: left out", file=sys.stderr)
        return
    one = [file for file in files if file.stem == ONE]
    bench.ours(files[:1])  # saves the parser's tables
    yield Row("one program", _our_cell(bench, bench.ours(one)), 0.2, _their_classics(bench, ONE))
    yield Row("the same, first run ever", _our_cell(bench, bench.ours(one, ever=False)), None, {})
    yield Row(f"{len(files)} classics", _our_cell(bench, bench.ours(files)), 1.2, _their_classics(bench, "*"))


def _their_classics(bench: Bench, stem: str) -> dict[str, Cell]:
    found = {peer.name: sorted((bench.sources / peer.name).glob(f"{stem}.{peer.suffix}")) for peer in bench.peers}
    return {peer.name: bench.theirs(peer, found[peer.name]) for peer in bench.peers if found[peer.name]}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="few sizes, one run each")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="the figure is the median of N runs (5)")
    parser.add_argument("--limit", type=float, default=60, metavar="S", help="seconds after which a run is given up (60)")
    parser.add_argument("--goal-limit", type=int, default=10, metavar="S", help="seconds a goal for the peers (10)")
    parser.add_argument("--no-peers", action="store_true", help="measure prover alone")
    parser.add_argument("--peer-sources", type=Path, default=ROOT.parent / "shared" / "peers", metavar="FOLDER")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the results here")
    return parser.parse_args()


def main() -> int:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what was started is ended too
    with tempfile.TemporaryDirectory(prefix="prover-bench-") as name:
        folder = Path(name)
        peers, missing = ((), ()) if arguments.no_peers else installed(folder, arguments.goal_limit)
        if missing:
            print(f"not installed, left out: {', '.join(missing)} (Debian: apt-get install why3 boogie dafny z3)")
        runs = 1 if arguments.quick else max(1, arguments.runs)
        bench = Bench(folder, arguments.peer_sources, peers, runs, arguments.limit, arguments.quick)
        done: list[Row] = []
        stopped = False
        try:
            for row in rows(bench):
                done.append(row)
                print(".", end="", file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            stopped = True
        print("\nstopped" if stopped else "", file=sys.stderr)
        many = "" if stopped else f"{prompt(folder)}\n\n{many_files(folder, arguments.quick)}"
    if hasattr(os, "getloadavg") and os.getloadavg()[0] > 1.5:
        print("The machine is busy with other work: trust the processor times, not the wall-clock.\n")
    print(table(done, [peer.name for peer in peers]))
    print(f"\n{many}")
    if arguments.json:
        machine = {"python": platform.python_version(), "z3": version("z3-solver"), "system": platform.platform()}
        text = json.dumps({"schema": 1, "machine": machine, "rows": [asdict(row) for row in done]}, indent=2)
        arguments.json.write_text(text + "\n", encoding="utf-8")
    return 130 if stopped else 0 if all(row.ours.proved for row in done) else 1


if __name__ == "__main__":
    sys.exit(main())
