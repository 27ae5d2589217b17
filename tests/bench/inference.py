"""How many programs of a folder are settled: `make bench-inference`.

The folder holds `expected.json`: by the name of a folder beside it, the answer expected of `main` by the name of a file (`yes`,
`no`; `open` where nobody knows).  Folders called `termination` ask whether it ends, all others whether it is correct.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from prover.check import Options, check_files
from prover.inputs import Input

FOLDER = Path(__file__).parents[3] / "shared" / "bench"
BUDGET = 10.0
QUICK = 3.0
RED, PLAIN = ("\x1b[31m", "\x1b[0m") if sys.stdout.isatty() else ("", "")


@dataclass(frozen=True, slots=True)
class Result:
    """engine: by what kind of annotation or evidence it was settled, as far as that shows.  seconds: wall-clock."""

    set: str
    name: str
    expected: str
    answer: str
    seconds: float
    engine: str

    @property
    def solved(self) -> bool:
        return self.answer == self.expected

    @property
    def wrong(self) -> bool:
        return {self.answer, self.expected} == {"yes", "no"}


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    folder: Path = options.folder
    if not (folder / "expected.json").is_file():
        print(f"inference: skipped, there is no {folder}/expected.json")
        return 0
    results = list(_measured(folder, options))
    for name in dict.fromkeys(r.set for r in results):
        print(_summary(name, [r for r in results if r.set == name]))
    if options.json:
        Path(options.json).write_text(json.dumps([asdict(r) for r in results], indent=1) + "\n", encoding="utf-8")
    if options.compare:
        old = [Result(**r) for r in json.loads(Path(options.compare).read_text(encoding="utf-8"))]
        print("\n".join(_differences(old, results)))
    return int(any(r.wrong for r in results))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--set", help="only this folder of programs")
    parser.add_argument("--filter", default="", help="only files whose names contain this")
    parser.add_argument("--timeout", type=float, default=BUDGET, help="seconds for each program (default: 10)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="programs at a time")
    parser.add_argument("--json", metavar="FILE", help="keep the results")
    parser.add_argument("--compare", metavar="OLD", help="show what differs from results kept before")
    return parser


def _measured(folder: Path, options: argparse.Namespace) -> Iterator[Result]:
    expected: dict[str, dict[str, str]] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    wanted = [(s, n, e) for s, names in expected.items() for n, e in names.items() if options.set in (None, s)]
    wanted = [w for w in wanted if options.filter in w[1] and (folder / w[0] / w[1]).is_file()]
    with ProcessPoolExecutor(options.jobs) as pool:
        waiting = [pool.submit(_result, folder, *w, options.timeout) for w in wanted]
        for future in waiting:
            result = future.result()
            if result.wrong:
                print(f"{RED}WRONG {result.set}/{result.name}: {result.answer}, expected {result.expected}{PLAIN}", flush=True)
            yield result


def _result(folder: Path, of: str, name: str, expected: str, timeout: float) -> Result:
    path = folder / of / name
    ends = of == "termination"
    started = time.monotonic()
    (report,) = check_files([Input(name, path, path.parent)], Options(total=ends, jobs=1, timeout=timeout))
    seconds = time.monotonic() - started
    unit = next((u for u in report.units if u.name == "main"), None)
    answer = (unit.terminates if ends else unit.correct) if unit is not None else None
    kinds = sorted({i.kind for i in unit.inferred}) if unit is not None else []
    engine = "+".join(kinds) or (str(unit.evidence.get("kind", "none")) if unit is not None else "none")
    return Result(of, name, expected, answer.value if answer else "none", round(seconds, 3), engine)


def _summary(name: str, results: Sequence[Result]) -> str:
    lines = [f"{name}:"]
    for answer in ("yes", "no"):
        asked = [r for r in results if r.expected == answer]
        lines.append(f"  {answer:<4} {sum(r.solved for r in asked):>4} of {len(asked)}")
    settled = sum(r.answer in ("yes", "no") for r in results if r.expected == "open")
    lines.append(f"  open {settled:>4} of {sum(r.expected == 'open' for r in results)} answered")
    times = [r.seconds for r in results]
    quick = sum(t < QUICK for t in times) / len(times)
    lines.append(f"  median {statistics.median(times):.2f} s, longest {max(times):.1f} s, {quick:.0%} under {QUICK:.0f} s")
    wrong = sum(r.wrong for r in results)
    lines.append(f"  {RED if wrong else ''}{wrong} wrong{PLAIN if wrong else ''}")
    engines = Counter(r.engine for r in results if r.solved)
    return "\n".join([*lines, *[f"    {count:>4} by {engine}" for engine, count in engines.most_common()]])


def _differences(old: Sequence[Result], new: Sequence[Result]) -> Iterator[str]:
    before = {(r.set, r.name): r for r in old}
    for result in new:
        was = before.get((result.set, result.name))
        if was is not None and was.answer != result.answer:
            mark = "lost" if was.solved else "gained" if result.solved else "changed"
            yield f"{mark} {result.set}/{result.name}: {was.answer} -> {result.answer}"
    shared = [(before[k].seconds, r.seconds) for r in new if (k := (r.set, r.name)) in before]
    yield f"time for the {len(shared)} in both: {sum(a for a, _ in shared):.1f} s -> {sum(b for _, b in shared):.1f} s"


if __name__ == "__main__":
    raise SystemExit(main())
