"""Export every file of a folder to Rocq, compile it, and count what closes: `python -m tests.rocq.batch FOLDER`.

A proof that does not go through is replaced by a gap, an axiom, and its lemma is named. A theorem counts as closed if Rocq says
that it rests on nothing, and a file is whole if it has no gap.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from prover.diagnostic import InputError
from prover.export.asking import asking
from prover.export.rocqfile import PRELUDE, exported
from prover.kernel.program import Function, Procedure, Unit
from prover.kernel.sort import Array
from prover.kernel.term import Var
from prover.plan import load
from prover.record import record
from prover.solve.process import cores
from prover.syntax.elaborate import FileLoader
from prover.syntax.read import read_source

SECONDS = 300  # for a file
LEMMA = 20  # seconds for a lemma; the file itself gives it more, so that what closed here closes there
PROOF = re.compile(r"^Proof\. timeout \d+ (\(.*?\))\. Qed\.$", re.MULTILINE | re.DOTALL)


@record
class Result:
    name: str
    theorems: int = 0
    closed: int = 0
    lemmas: int = 0
    open: tuple[str, ...] = ()
    refused: str = ""
    arrays: bool = False

    def __str__(self) -> str:
        if self.refused:
            return f"{self.name}: {self.refused}"
        counts = f"{self.closed} of {self.theorems} theorems closed, {len(self.open)} of {self.lemmas} lemmas open"
        return f"{self.name}: {counts}{': ' if self.open else ''}{', '.join(self.open)}"


def coqc(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    # fmt: off
    command = ["timeout", str(SECONDS), "sh", "-c", 'ulimit -s 1000000 2>/dev/null; exec "$@"', "sh",
               "coqc", "-w", "none", "-Q", str(folder), "Prover", name]
    # fmt: on
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def one(path: Path, folder: Path) -> Result:
    name = f"File{abs(hash(path))}.v"
    arrays = False
    try:
        program = load(read_source(path.read_bytes(), str(path)), FileLoader(path.parent.resolve()))
        arrays = any(isinstance(v.sort, Array) for n in program.own for v in variables(program.units[n]))
        with asking() as ask:
            made = exported(program, ask=ask)
        (folder / name).write_text(with_gaps(made.text))
        done = coqc(folder, name)
        # What Rocq itself prints can stand before it on the line.
        opened = tuple(re.findall(r"OPEN (\S+)$", done.stdout, re.MULTILINE))
        closed = done.stdout.count("Closed under the global context")
        if done.returncode:
            why = f"does not compile: {' '.join(done.stderr.split())[-200:]}"
            return Result(str(path), refused=why, arrays=arrays)
        return Result(str(path), made.text.count("Print Assumptions"), closed, len(made.lemmas), opened, "", arrays)
    except InputError as bad:
        return Result(str(path), refused=bad.diagnostics[0].message, arrays=arrays)


def variables(unit: Unit) -> list[Var]:
    match unit:
        case Procedure():
            return [p.variable for p in (*unit.parameters, *unit.results, *unit.locals)]
        case Function():
            return list(unit.parameters)
        case _:
            return []


def timed(path: Path, folder: Path) -> tuple[float, Result]:
    begun = time.monotonic()
    result = one(path, folder)
    return time.monotonic() - begun, result


def with_gaps(text: str) -> str:
    """The file with proofs that may fail: the name of each that does is printed, and it rests on a gap."""
    parts, module = [], ""
    for part in re.split(r"^(?=Lemma |Module |End )", text, flags=re.MULTILINE):
        kind, name = part.split()[:2]
        if kind == "Module":
            module = name
        elif kind == "End":
            module = ""
        gap = f'first [timeout {LEMMA} \\1 | idtac "OPEN {module}{name}"; exact (gap _)]'
        parts.append(PROOF.sub(f"Proof. {gap}. Qed.", part))
    return "".join(parts).replace("Open Scope Z_scope.", "Open Scope Z_scope.\nAxiom gap : forall P : Prop, P.", 1)


def main(roots: list[str]) -> int:
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "Prelude.v").write_text(PRELUDE.read_text())
        assert coqc(folder, "Prelude.v").returncode == 0, "the prelude does not compile"
        paths = sorted(p for root in roots for p in ([Path(root)] if root.endswith(".proof") else Path(root).rglob("*.proof")))
        with ThreadPoolExecutor(cores()) as threads:
            for number, (seconds, result) in enumerate(threads.map(lambda p: timed(p, folder), paths), 1):
                results.append(result)
                print(f"{number}/{len(paths)} {seconds:.0f} s {result}", flush=True)
    whole = [r for r in results if not r.refused and not r.open and r.closed == r.theorems]
    for reason, count in Counter(r.refused for r in results if r.refused).most_common():
        print(f"{count} refused: {reason}")
    print(f"{sum(len(r.open) for r in results)} of {sum(r.lemmas for r in results)} lemmas open")
    print(f"{sum(r.closed for r in results)} of {sum(r.theorems for r in results)} theorems closed with no Admitted")
    print(f"{len(results)} files: {len(whole)} whole, {sum(bool(r.refused) for r in results)} refused")
    integers = [r for r in results if not r.arrays]
    print(f"{len(integers)} of them without arrays: {sum(not r.arrays for r in whole)} whole")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
