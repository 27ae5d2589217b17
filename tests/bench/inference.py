"""How many programs of a folder are settled: `make bench-inference`.

The folder holds `expected.json`: by the name of a folder beside it, the answer expected of `main` by the name of a file (`yes`,
`no`; `open` where nobody knows).  An answer counts if the kernel and the interpreter give it again for the program with the
annotations that were found, without any search.  Folders called `termination` ask whether it ends, all others whether it is
correct.
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
from prover.report import FileReport, InferredReport, UnitReport
from prover.syntax.insert import inserted

FOLDER = Path(__file__).parents[3] / "shared" / "bench"
BUDGET = 10.0
QUICK = 3.0
RED, PLAIN = ("\x1b[31m", "\x1b[0m") if sys.stdout.isatty() else ("", "")


@dataclass(frozen=True, slots=True)
class Result:
    """engine: by what kind of annotation or evidence it was settled.  seconds: wall-clock.  evidence: whether the program with
    what was found in it gets the same answer from the kernel and the interpreter, without any search."""

    set: str
    name: str
    expected: str
    answer: str
    seconds: float
    engine: str
    evidence: bool = True

    @property
    def solved(self) -> bool:
        return self.answer == self.expected and self.evidence

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
    unit = _main(report)
    answer = _answer(unit, ends)
    if unit is None or answer not in ("yes", "no"):
        return Result(of, name, expected, answer, round(seconds, 3), "none")
    again = _answer(_main(_again(report, path, ends, timeout)), ends)
    return Result(of, name, expected, answer, round(seconds, 3), _engine(unit), again == answer)


def _main(report: FileReport) -> UnitReport | None:
    return next((u for u in report.units if u.name == "main"), None)


def _answer(unit: UnitReport | None, ends: bool) -> str:
    answer = None if unit is None else unit.terminates if ends else unit.correct
    return answer.value if answer else "none"


def _again(report: FileReport, path: Path, ends: bool, timeout: float) -> FileReport:
    """The file with what was found in it, checked without any search."""
    assert report.source is not None
    lines: dict[int, list[str]] = {}
    for found in (i for u in report.units for i in u.inferred):
        lines.setdefault(found.span.start, []).append(found.text)
    text = inserted(report.source, lines).encode()
    (again,) = check_files([Input(path.name, text, path.parent)], Options(total=ends, jobs=1, timeout=timeout, infer=False))
    return again


def _engine(unit: UnitReport) -> str:
    """By the shape of what was found."""
    kinds = sorted({_shape(i) for i in unit.inferred})
    return " + ".join(kinds) or str(unit.evidence.get("kind", "what is there"))


def _shape(found: InferredReport) -> str:
    match found.kind:
        case "variant":
            cases = "variant with cases" if "if " in found.text else "linear variant"
            return f"lexicographic {cases}" if ", " in found.text else cases
        case "recurrent":
            return "cycle of states" if " or " in found.text else "recurrent set"
        case kind:
            return kind


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
    doubtful = [r.name for r in results if not r.evidence]
    lines += [f"  {RED}evidence not accepted again: {', '.join(doubtful)}{PLAIN}"] if doubtful else []
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
