"""Write goals, or programs with their proofs, for other tools to check."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

from prover.check import Options, load_plan
from prover.cli.console import Progress
from prover.cli.options import add_color, at_least, inputs, seconds
from prover.diagnostic import InputError, error
from prover.inputs import Input

if TYPE_CHECKING:
    from prover.export.smtlib import Script
    from prover.kernel.goal import Goal

_EPILOG = """examples:
  prover export --to smtlib factorial.proof                   all its goals on standard output, one after the other
  prover export --to smtlib factorial.proof --output goals    a file goals/NAME.smt2 for each
  cvc5 goals/factorial.ensures1.smt2                          unsat: the goal holds
  prover export --to rocq factorial.proof --output out        out/factorial.v, and the prelude that it imports

exit status: 0 written, 2 bad input or usage, 3 a bug in prover"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument(
        "paths", nargs="+", metavar="PATH", help="a file, a folder (searched for *.proof), or - for standard input"
    )
    parser.add_argument(
        "--to",
        choices=("smtlib", "rocq"),
        required=True,
        help="smtlib: each goal as standard SMT-LIB 2.6; rocq: a .v file with its proofs",
    )
    parser.add_argument("--output", "-o", metavar="DIR", type=Path, help="the folder for the files (made if it is missing)")
    parser.add_argument(
        "--admit", action="append", metavar="LEMMA", default=[], help="rocq: leave this lemma open, as a counted `Admitted`"
    )
    parser.add_argument("--total", action="store_true", help="ask termination of everything")
    parser.add_argument("--jobs", "-j", type=at_least(1), metavar="N", help="solver processes (default: one a core)")
    parser.add_argument(
        "--timeout", type=seconds, metavar="S", default=10.0, help="seconds that z3 has to confirm a goal (default: 10)"
    )
    parser.add_argument("--stdin-filename", metavar="NAME", default="<stdin>", help="what messages call standard input")
    add_color(parser)


def execute(arguments: argparse.Namespace) -> int:
    files = inputs(arguments.paths, arguments.stdin_filename)
    progress = Progress()
    try:
        for number, item in enumerate(files, 1):
            progress.update(number, len(files), item.name)
            folder = arguments.output if len(files) == 1 else _below(arguments.output, item.name)
            if arguments.to == "rocq":
                _rocq(item, arguments, progress)
            else:
                _smtlib(item, arguments, folder, progress)
    finally:
        progress.clear()
    return 0


def _below(output: Path | None, name: str) -> Path | None:
    """A folder for each file of several, so that goals of one name do not meet."""
    if output is None:
        return None
    return output.joinpath(*[p for p in Path(name).with_suffix("").parts if p not in ("..", "/", ".")])


def _rocq(item: Input, arguments: argparse.Namespace, progress: Progress) -> None:
    from prover.export.asking import asking
    from prover.export.rocqfile import PRELUDE, exported

    ready, _ = load_plan(item, Options(total=arguments.total))
    with asking() as ask:
        made = exported(ready.program, frozenset(arguments.admit), ask)
    progress.clear()
    if arguments.output is None:
        sys.stdout.write(made.text)
        return
    path = arguments.output / f"{_file_name(Path(item.name).stem)}.v"
    write(path, made.text)
    write(arguments.output / "Prelude.v", PRELUDE.read_text(encoding="utf-8"))
    print(
        f"{item.name}: {path}, with {len(made.lemmas)} lemmas, {len(made.admitted)} of them Admitted, and {made.assumed} assume"
    )


def _smtlib(item: Input, arguments: argparse.Namespace, folder: Path | None, progress: Progress) -> None:
    found = list(_scripts(item, arguments))
    for script in found:
        if folder is None:
            progress.clear()
            sys.stdout.write(script.text())
        else:
            write(folder / f"{_file_name(script.name)}.smt2", script.text())
    if folder is not None:
        progress.clear()
        holds = sum(s.holds for s in found)
        print(f"{item.name}: {len(found)} goals in {folder}, {holds} of them proved by z3 as they stand there")


def _scripts(item: Input, arguments: argparse.Namespace) -> Iterator[Script]:
    from prover.export.smtlib import parts, stated
    from prover.solve.process import Pool, cores

    options = Options(total=arguments.total)
    ready, refined = load_plan(item, options)
    with Pool(arguments.jobs or cores()) as pool:

        def begun(goal: Goal, opaque: frozenset[str]) -> Future[Script]:
            return pool.run(lambda send: stated(goal, ready.theory, opaque, send, options.budget.rlimit, arguments.timeout))

        futures = [
            begun(leaf, ready.opaque(name))
            for name in ready.program.own
            for goal in ready.conditions[name].all()
            for leaf in parts(goal, refined[name])
            if not leaf.missing
        ]
        for future in futures:
            yield future.result()


def _file_name(name: str) -> str:
    """A goal's name as a file's: what file systems refuse becomes `_`."""
    return "".join([c if c.isalnum() or c in "._-'" else "_" for c in name])[:200]


def write(path: Path, text: str) -> None:
    """Write a file as a whole or not at all.  Raises InputError."""
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".prover.", dir=path.parent)
        with open(handle, "w", encoding="utf-8", newline="\n") as stream:  # noqa: PTH123
            stream.write(text)
        os.replace(temporary, path)
    except OSError as failure:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise InputError(error("input-unwritable", f"cannot write `{path}`: {failure.strerror or failure}", None)) from failure
