"""Mutated programs: `python -m tests.hostile.fuzz --count 20000 --seed 1`.

Files of the corpus and of proofs/ are broken at random: tokens left out, doubled, swapped, replaced, nested, whole parts of other
files put in, bytes changed.  Whatever comes of it is read, elaborated, laid out and made into goals; some are checked.  Nothing
may raise anything but `InputError`, or take long.  What does is made smaller and kept in `found/`.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from prover.check import begin_file, finish_file
from prover.diagnostic import InputError
from prover.inputs import Input
from prover.kernel.program import Procedure
from prover.plan import plan, refine
from prover.solve.process import Pool
from prover.syntax.elaborate import FileLoader, elaborate
from prover.syntax.format import format_file
from prover.syntax.parser import parse
from prover.syntax.read import read_source
from prover.textbook.wp import Options, condition
from tests.hostile.attacks import ROOT
from tests.hostile.run import QUICK

FOUND = Path(__file__).parent / "found"
SECONDS = 2.0  # of the processor, for all that is done to one text without the solver
CHECKED = 40  # one in so many is checked
TOKEN = re.compile(r"\s+|\w+|[^\w\s]")


@cache
def texts() -> tuple[str, ...]:
    found = [p for f in ("tests/corpus", "proofs/examples", "proofs/scripted") for p in sorted((ROOT / f).rglob("*.proof"))]
    return tuple([t for p in found if len(t := p.read_text("utf-8")) < 3_000])


@cache
def tokens() -> tuple[str, ...]:
    """Every token that occurs, once, and some that do not."""
    known = sorted({t for text in texts() for t in TOKEN.findall(text)})
    return (*known, "\0", "é", "\u202e", "9" * 1001, "?", "@", "**")


def mutant(seed: int) -> bytes:
    """The same for the same seed."""
    rng = random.Random(seed)
    parts = TOKEN.findall(rng.choice(texts()))
    for _ in range(rng.choice((1, 1, 2, 3, 5, 10))):
        rng.choice((_drop, _double, _swap, _replace, _insert, _nest, _splice, _cut))(parts, rng)
    data = "".join(parts).encode("utf-8", "surrogatepass")
    if rng.random() < 0.1 and data:
        at = rng.randrange(len(data))
        data = data[:at] + rng.randbytes(rng.choice((0, 1, 3))) + data[at + rng.choice((0, 1, 2)) :]
    return data


def _place(parts: list[str], rng: random.Random) -> int:
    return rng.randrange(max(1, len(parts)))


def _drop(parts: list[str], rng: random.Random) -> None:
    at = _place(parts, rng)
    del parts[at : at + rng.choice((1, 1, 2, 5, 20))]


def _double(parts: list[str], rng: random.Random) -> None:
    at, length, times = _place(parts, rng), rng.choice((1, 2, 5, 30)), rng.choice((1, 1, 2, 10))
    parts[at:at] = parts[at : at + length] * times


def _swap(parts: list[str], rng: random.Random) -> None:
    if parts:
        a, b = _place(parts, rng), _place(parts, rng)
        parts[a], parts[b] = parts[b], parts[a]


def _replace(parts: list[str], rng: random.Random) -> None:
    at = _place(parts, rng)
    parts[at : at + 1] = [rng.choice(tokens())]


def _insert(parts: list[str], rng: random.Random) -> None:
    parts[_place(parts, rng) : 0] = [" ", rng.choice(tokens()), " "]


def _nest(parts: list[str], rng: random.Random) -> None:
    left, right = rng.choice(
        (("(", ")"), ("[", "]"), ("{", "}"), ("not (", ")"), ("if true then ", " end"), ("old(", ")"), ("/*", "*/"))
    )
    depth, at = rng.choice((1, 2, 10, 300)), _place(parts, rng)
    parts[at : at + 1] = [left * depth, *parts[at : at + 1], right * depth]


def _splice(parts: list[str], rng: random.Random) -> None:
    other = TOKEN.findall(rng.choice(texts()))
    start, at = _place(other, rng), _place(parts, rng)
    parts[at:at] = other[start : start + rng.choice((3, 10, 50, 500))]


def _cut(parts: list[str], rng: random.Random) -> None:
    del parts[_place(parts, rng) :]


@dataclass(slots=True)
class Fuzzed:
    """outcomes: how far texts got.  failures: seeds with what went wrong."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, str]] = field(default_factory=list)


def front(data: bytes) -> str:
    """All that is done without the solver; how far it got."""
    try:
        source = read_source(data, "fuzz.proof")
        tree = parse(source)
    except InputError as bad:
        assert bad.diagnostics
        return "not read"
    laid = format_file(tree, source)
    try:
        program = elaborate(tree, source, FileLoader(Path("/nowhere")))
        ready = plan(program)
    except InputError as bad:
        assert bad.diagnostics
        return "not typed"
    assert laid.strip() or not source.text.strip()
    refine(ready)
    for name in program.own:
        unit = program.units[name]
        if isinstance(unit, Procedure) and unit.body is not None:
            condition(unit, program, Options(exact=True, definedness=True, limit=2_000))
    return "goals made"


def trouble(action: Callable[[], str], limit: float) -> tuple[str, str]:
    """What came of it, and what is wrong: an exception, or too much time."""
    started = time.process_time()
    try:
        outcome = action()
    except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
        return "", traceback.format_exc(limit=-3)
    took = time.process_time() - started
    return outcome, f"took {took:.1f} s" if took > limit else ""


def whole(data: bytes, pool: Pool) -> str:
    return finish_file(begin_file(Input("fuzz.proof", data, Path("/nowhere")), QUICK, pool), QUICK, pool).status.value


def fuzz(seeds: Sequence[int], checked: int = CHECKED) -> Iterator[Fuzzed]:
    """After each text.  checked: one in so many is checked by the solver, too."""
    found = Fuzzed()
    with Pool(1) as pool:
        for seed in seeds:
            data = mutant(seed)
            outcome, wrong = trouble(lambda d=data: front(d), SECONDS)  # type: ignore[misc]
            if not wrong and outcome == "goals made" and seed % checked == 0:
                status, wrong = trouble(lambda d=data: whole(d, pool), 30.0)  # type: ignore[misc]
                outcome = f"checked: {status}"
            found.outcomes[outcome or "raised"] += 1
            if wrong:
                found.failures.append((seed, wrong))
            yield found


def smaller(data: bytes) -> bytes:
    """Without the lines that are not needed for it to raise."""
    lines, index = data.split(b"\n"), 0
    while index < len(lines):
        fewer = lines[:index] + lines[index + 1 :]
        text = b"\n".join(fewer)
        if trouble(lambda d=text: front(d), SECONDS)[1]:  # type: ignore[misc]
            lines = fewer
        else:
            index += 1
    return b"\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(arguments)
    started, kept, found = time.monotonic(), 0, Fuzzed()
    for found in fuzz(range(asked.seed, asked.seed + asked.count)):
        for seed, wrong in found.failures[kept:]:
            FOUND.mkdir(exist_ok=True)
            (FOUND / f"{seed}.proof").write_bytes(smaller(mutant(seed)))
            print(f"seed {seed}: {wrong.strip().splitlines()[-1]}, kept as {FOUND / f'{seed}.proof'}", flush=True)
        kept = len(found.failures)
    outcomes = ", ".join(f"{n:,} {o}" for o, n in found.outcomes.most_common())
    print(f"seeds {asked.seed} to {asked.seed + asked.count - 1} in {time.monotonic() - started:.0f} s: {outcomes}")
    print(f"{kept} failures")
    return int(kept > 0)


if __name__ == "__main__":
    sys.setrecursionlimit(10_000)
    sys.exit(main(sys.argv[1:]))
