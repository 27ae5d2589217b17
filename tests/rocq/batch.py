"""Export every file of a folder to Rocq, compile it, and count what closes: `python -m tests.rocq.batch FOLDER`.

A lemma that does not close is left `Admitted`, and the file compiled again.  A theorem counts as closed if Rocq says that it
rests on nothing.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from prover.diagnostic import InputError
from prover.export.rocqfile import PRELUDE, exported
from prover.plan import load
from prover.record import record
from prover.syntax.elaborate import FileLoader
from prover.syntax.read import read_source

ROUNDS = 25


@record
class Result:
    name: str
    theorems: int = 0
    closed: int = 0
    admitted: tuple[str, ...] = ()
    refused: str = ""


def coqc(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    command = ["coqc", "-w", "none", "-Q", str(folder), "Prover", name]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=1800, check=False)


def one(path: Path, folder: Path) -> Result:
    admit: frozenset[str] = frozenset()
    try:
        program = load(read_source(path.read_bytes(), str(path)), FileLoader(path.parent.resolve()))
        for _ in range(ROUNDS):
            made = exported(program, admit)
            (folder / "File.v").write_text(made.text)
            done = coqc(folder, "File.v")
            closed = done.stdout.count("Closed under the global context")
            if done.returncode == 0:
                return Result(str(path), made.text.count("Print Assumptions"), closed, made.admitted)
            lemma = _failed(made.text, done.stderr)
            if lemma is None:
                return Result(str(path), refused="the theorem itself does not go through")
            admit |= {lemma}
    except InputError as bad:
        return Result(str(path), refused=bad.diagnostics[0].message)
    return Result(str(path), refused=f"more than {ROUNDS} lemmas stay open")


def _failed(text: str, errors: str) -> str | None:
    """The lemma in whose proof the error stands; None where it stands elsewhere."""
    found = re.search(r"line (\d+), characters", errors)
    if found is None:
        return None
    module, lemma = "", ""
    for line in text.split("\n")[: int(found[1])]:
        if line.startswith("Module "):
            module = line[len("Module ") : -1] + "."
        elif line.startswith("End M_"):
            module = ""
        elif line.startswith("Lemma "):
            lemma = module + line.split()[1]
        elif line.startswith("Theorem "):
            lemma = ""
    return lemma or None


def main(roots: list[str]) -> int:
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "Prelude.v").write_text(PRELUDE.read_text())
        assert coqc(folder, "Prelude.v").returncode == 0, "the prelude does not compile"
        for path in sorted(
            p for root in roots for p in ([Path(root)] if root.endswith(".proof") else Path(root).rglob("*.proof"))
        ):
            result = one(path, folder)
            results.append(result)
            state = (
                result.refused or f"{result.closed} of {result.theorems} closed; admitted: {', '.join(result.admitted) or 'none'}"
            )
            print(f"{result.name}: {state}", flush=True)
    whole = [r for r in results if not r.refused and not r.admitted]
    print(f"{sum(r.closed for r in results)} of {sum(r.theorems for r in results)} theorems closed with no Admitted")
    print(f"{len(results)} files: {len(whole)} whole, {sum(bool(r.refused) for r in results)} refused")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
