"""A standard mutation tool over modules of the prover: `python -m tests.mutants.cosmic kernel/oracle.py …`.

Cosmic Ray (`pip install cosmic-ray`, no requirement of ours) changes each operator, constant and comparison in turn;
the killing suite of the seeded faults is what has to notice.  Prints each survivor as a difference, and counts.  Each survivor is
argued in `cosmic.txt`, or is a missing test.  Works on a copy; `--seconds` bounds it, and so does `--sample`: so many of the
mutants, the same for the same `--seed`.  Annotations are left alone: they are never evaluated.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

from tests.mutants.run import LOOKS_AT, copies

CONFIGURATION = """[cosmic-ray]
module-path = {modules}
timeout = 300.0
excluded-modules = []
test-command = {command}

[cosmic-ray.distributor]
name = "local"
"""

MUTANTS = """SELECT job_id, module_path, start_pos_row, start_pos_col FROM mutation_specs
             ORDER BY module_path, operator_name, occurrence"""

Place = tuple[int, int]


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="+", metavar="MODULE", help="files below prover/")
    parser.add_argument("--seconds", type=float, help="stop after so long")
    parser.add_argument("--sample", type=int, help="try so many of the mutants")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--tool", default=shutil.which("cosmic-ray"), metavar="PATH", help="where cosmic-ray is")
    asked = parser.parse_args(words)
    if asked.tool is None:
        print("cosmic-ray is not there: pip install cosmic-ray")
        return 2
    with copies(1) as (copy,):
        stems = {Path(m).stem for m in asked.modules}
        tests = [test for test, modules in LOOKS_AT.items() if stems & set(modules)]
        if all(m.startswith("kernel/") for m in asked.modules):
            tests.append("-test_workers.py")  # a fifth of the time, on processes, of which the kernel knows nothing
        suite = f"{sys.executable} -B -m tests.mutants.kill {' '.join(tests)}"
        modules = [f"prover/{m}" for m in asked.modules]
        (copy / "mutation.toml").write_text(CONFIGURATION.format(modules=json.dumps(modules), command=json.dumps(suite)), "utf-8")
        environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONUTF8": "1", "PYTHONHASHSEED": "0"}
        run(asked.tool, copy, environment, None, "init", "mutation.toml", "session.sqlite")
        keep(copy, asked.sample, asked.seed)
        run(asked.tool, copy, environment, asked.seconds, "exec", "mutation.toml", "session.sqlite")
        return told(run(asked.tool, copy, environment, None, "dump", "session.sqlite"))


def run(tool: str, copy: Path, environment: dict[str, str], seconds: float | None, *arguments: str) -> str:
    """What the tool prints; "" where it is ended, with what it has started, after so many seconds."""
    with subprocess.Popen([tool, *arguments], cwd=copy, env=environment, stdout=-1, text=True, start_new_session=True) as process:
        try:
            return process.communicate(timeout=seconds)[0]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return ""


def keep(copy: Path, count: int | None, seed: int) -> None:
    """Strike all but `count` of the mutants in the copy's session, and those of annotations."""
    with closing(sqlite3.connect(copy / "session.sqlite")) as database:
        found: dict[str, list[str]] = {"evaluated": [], "annotation": []}
        places = {path: annotations(copy / path) for (path,) in database.execute("SELECT module_path FROM mutation_specs")}
        for job, path, *place in database.execute(MUTANTS):
            inside = any(start <= tuple(place) <= end for start, end in places[path])
            found["annotation" if inside else "evaluated"].append(job)
        jobs = found["evaluated"]
        struck = [] if count is None else random.Random(seed).sample(jobs, max(0, len(jobs) - count))
        for name in ("mutation_specs", "work_items"):
            database.executemany(f"DELETE FROM {name} WHERE job_id = ?", [(job,) for job in struck + found["annotation"]])
        database.commit()
    print(f"{len(jobs) - len(struck)} of {len(jobs)} mutants, by seed {seed}", flush=True)


def annotations(path: Path) -> list[tuple[Place, Place]]:
    """Where the annotations of a module begin and end."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    held = [n.annotation for n in nodes if isinstance(n, ast.arg | ast.AnnAssign)]
    held += [n.returns for n in nodes if isinstance(n, ast.FunctionDef)]
    return [((a.lineno, a.col_offset), (a.end_lineno or 0, a.end_col_offset or 0)) for a in held if a is not None]


def told(dump: str) -> int:
    """Survivors as differences, and how many there were of each outcome; 1 if something survived."""
    outcomes: Counter[str] = Counter()
    for line in dump.splitlines():
        item, result = json.loads(line)
        outcome = result["test_outcome"] if result else "not tried"
        outcomes[outcome] += 1
        if outcome == "survived":
            mutation = item["mutations"][0]
            print(f"{mutation['module_path']} {mutation['operator_name']} at {mutation['start_pos']}")
            print("\n".join([d for d in result["diff"].splitlines() if d[:1] in "+-" and d[:3] not in ("+++", "---")]))
    print(", ".join([f"{n} {outcome}" for outcome, n in sorted(outcomes.items())]))
    return int(outcomes["survived"] > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
