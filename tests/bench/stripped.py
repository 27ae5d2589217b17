"""How many programs are proved again once invariants and variants are deleted from their loops (`make bench-inference`).

Programs without a loop, and those that were not proved before, do not count.  Where a variant was
what asked for termination, that is no longer asked.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from prover.check import Options, check_files
from prover.inputs import Input
from prover.report import Answer, UnitReport
from prover.source import Source
from prover.syntax.read import read_source
from prover.syntax.scanner import scan
from prover.syntax.tables import tables

TOP = Path(__file__).parents[2]
FOLDERS = (TOP / "proofs" / "examples", TOP / "tests" / "bench" / "classics")
BUDGET = 10.0


@dataclass(frozen=True, slots=True)
class Result:
    """open: the units that are no longer answered as before.  arrays: whether arrays occur.  seconds: wall-clock."""

    name: str
    arrays: bool
    open: tuple[str, ...]
    seconds: float

    @property
    def proved(self) -> bool:
        return not self.open


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    results: list[Result] = []
    for result in _measured(options):
        results.append(result)
        print(
            f"{'yes' if result.proved else 'no ':<4} {result.seconds:6.1f} s  {result.name}  {' '.join(result.open)}", flush=True
        )
    for title, chosen in (("all", results), ("with arrays", [r for r in results if r.arrays])):
        share = sum(r.proved for r in chosen)
        print(f"{title}: {share} of {len(chosen)} proved again" + (f", {share / len(chosen):.0%}" if chosen else ""))
    if options.json:
        Path(options.json).write_text(json.dumps([asdict(r) for r in results], indent=1) + "\n", encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=FOLDERS)
    parser.add_argument("--filter", default="", help="only files whose names contain this")
    parser.add_argument("--timeout", type=float, default=BUDGET, help="seconds for each unit (default: 10)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="programs at a time")
    parser.add_argument("--json", metavar="FILE", help="keep the results")
    return parser


def _measured(options: argparse.Namespace) -> Iterator[Result]:
    files = [f for folder in options.folders for f in sorted(folder.rglob("*.proof")) if options.filter in f.name]
    with ProcessPoolExecutor(options.jobs) as pool:
        for found in [pool.submit(_result, f, options.timeout) for f in files]:
            result = found.result()
            if result is not None:
                yield result


def _result(path: Path, timeout: float) -> Result | None:
    source = read_source(path, path.name)
    text, heads = stripped(source)
    if not heads:
        return None
    if not all(_proved(u) for u in _units(path, source.text, Options(jobs=1, infer=False))):
        return None
    started = time.monotonic()
    after = _units(path, text, Options(jobs=1, timeout=timeout))
    seconds = time.monotonic() - started
    lost = tuple([u.name for u in after if not _proved(u)])
    return Result(path.name, "[]" in source.text or "array of" in source.text, lost, round(seconds, 2))


def _units(path: Path, text: str, options: Options) -> tuple[UnitReport, ...]:
    (report,) = check_files([Input(path.name, text.encode(), path.parent)], options)
    return report.units


def _proved(unit: UnitReport) -> bool:
    """Is the answer to all that is asked *yes*, or nothing to be proved?"""
    return {unit.correct, unit.terminates} <= {Answer.YES, Answer.TRUSTED, None}


def stripped(source: Source) -> tuple[str, int]:
    """The text without the annotations of its loops, and how many loops there are."""
    tokens = scan(source, tables().words)
    cuts: list[tuple[int, int]] = []
    start, inside, loops = -1, False, 0
    for kind, place in zip(tokens.kinds, tokens.starts, strict=True):
        if kind in ("WHILE", "FOR"):
            inside, start, loops = True, -1, loops + 1
        elif kind in ("INVARIANT", "VARIANT", "RECURRENT") and inside and start < 0:
            start = place
        elif kind == "DO":
            if start >= 0:
                cuts.append((start, place))
            inside = False
    text = source.text
    for first, last in reversed(cuts):
        text = text[:first] + text[last:]
    return text, loops


if __name__ == "__main__":
    sys.exit(main())
