"""A standard mutation tool over modules of the prover: `python -m tests.mutants.cosmic kernel/oracle.py …`.

Cosmic Ray (`pip install cosmic-ray`, no requirement of ours) changes each operator, constant and comparison in turn;
the killing suite of the seeded faults is what has to notice.  Prints each survivor as a difference, and counts.  Each survivor is
argued in `cosmic.txt`, or is a missing test.  Works on a copy; `--seconds` bounds it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
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


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="+", metavar="MODULE", help="files below prover/")
    parser.add_argument("--seconds", type=float, help="stop after so long")
    parser.add_argument("--tool", default=shutil.which("cosmic-ray"), metavar="PATH", help="where cosmic-ray is")
    asked = parser.parse_args(words)
    if asked.tool is None:
        print("cosmic-ray is not there: pip install cosmic-ray")
        return 2
    with copies(1) as (copy,):
        stems = {Path(m).stem for m in asked.modules}
        tests = [test for test, modules in LOOKS_AT.items() if stems & set(modules)]
        suite = f"{sys.executable} -B -m tests.mutants.kill {' '.join(tests)}"
        modules = [f"prover/{m}" for m in asked.modules]
        (copy / "mutation.toml").write_text(CONFIGURATION.format(modules=json.dumps(modules), command=json.dumps(suite)), "utf-8")
        environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONUTF8": "1", "PYTHONHASHSEED": "0"}
        run(asked.tool, copy, environment, None, "init", "mutation.toml", "session.sqlite")
        run(asked.tool, copy, environment, asked.seconds, "exec", "mutation.toml", "session.sqlite")
        return told(run(asked.tool, copy, environment, None, "dump", "session.sqlite"))


def run(tool: str, copy: Path, environment: dict[str, str], seconds: float | None, *arguments: str) -> str:
    try:
        done = subprocess.run([tool, *arguments], cwd=copy, env=environment, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout


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
