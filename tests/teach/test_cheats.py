"""Submissions that try to earn points without a proof: none does, and each is told why."""

from __future__ import annotations

from pathlib import Path

import pytest

from prover.inputs import Input
from prover.source import Source
from prover.teach.grade import Grade, grades
from prover.teach.template import template
from tests.teach.exercises import GOOD, SUM, SWAP, filled

HONEST = filled(SUM, *GOOD)
NEVER = "begin while true do skip end end"


def edited(old: str, new: str) -> str:
    assert old in HONEST
    return HONEST.replace(old, new, 1)


CHEATS = {
    "precondition strengthened": edited("requires n >= 0", "requires n >= 0 and n = 0"),
    "precondition false": edited("requires n >= 0", "requires false"),
    "precondition added": edited("  ensures", "  requires n = 0\n  ensures"),
    "ensures weakened": edited("2 * s = n * (n + 1)", "s >= 0"),
    "ensures dropped": edited("  ensures  2 * s = n * (n + 1)\n", ""),
    "ensures true": edited("2 * s = n * (n + 1)", "true"),
    "ensures in a comment": edited("  ensures", "  // ensures"),
    "predicate changed": edited("x <= 1", "x <= 2"),
    "predicate shadowed": edited("predicate small", "predicate sum2(x: int) = true\npredicate small"),
    "assume before the loop": edited("  while", "  assume false;\n  while"),
    "assume in a ghost branch": edited("  while", "  ghost var g := 0; if g = 0 then assume false end;\n  while"),
    "assume at the end": edited("end\nend", "end;\n  assume 2 * s = n * (n + 1)\nend"),
    "axiom added": HONEST + "\naxiom cheat: false\n",
    "axiom in front": "axiom cheat: 1 = 2\n" + HONEST,
    "bodiless procedure": edited("  s := 0;", "  s := 0; magic();") + "\nprocedure magic() ensures false\n",
    "bodiless itself": HONEST.split("begin", 1)[0],
    "import": 'import "std:arrays"\n' + HONEST,
    "import of a file": 'import "other.proof"\n' + HONEST,
    "renamed": HONEST.replace("procedure sum", "procedure sum2"),
    "renamed with a decoy": HONEST.replace("procedure sum", "procedure sun")
    + "\nprocedure sum(n: int) returns (s: int)\nbegin s := 0 end\n",
    "decoy beside it": HONEST + "\nprocedure sum2(n: int) returns (s: int)\nbegin s := 0 end\n",
    "twice": HONEST + HONEST,
    "look-alike letter": edited("procedure sum", "procedure ѕum"),
    "invisible character": edited("procedure sum", "procedure su\u200bm"),
    "comment that closes early": edited("  requires", "  /* */ requires false /* */ requires"),
    "everything in a comment": "/*" + HONEST + "*/",
    "early return": edited("  while", "  return;\n  while"),
    "diverging loop": edited("  while", "  while true do skip end;\n  while"),
    "loop removed": edited("i := i + 1;\n    s := s + i", "skip"),
    "body solved by formula": edited("  s := 0;", "  s := n * (n + 1) div 2;"),
    "condition changed": edited("i < n", "i < 0"),
    "result type": edited("(s: int)", "(s: nat)"),
    "ghost result": edited("returns (s: int)", "returns (ghost s: int)"),
    "invariant false": filled(SUM, "false", "0"),
    "invariant contradictory": filled(SUM, "i < 0 and i > 0", "n - i"),
    "invariant true": filled(SUM, "true", "n - i"),
    "invariant is the goal": filled(SUM, "2 * s = n * (n + 1)", "n - i"),
    "invariant only at exit": filled(SUM, "i < n ==> false", "n - i"),
    "asks the prover": filled(SUM, "terminates(sum)", "n - i"),
    "variant constant": filled(SUM, GOOD[0], "0"),
    "variant dropped": edited("    variant n - i\n", ""),
    "variant turned": filled(SUM, GOOD[0], "i - n"),
    "clause smuggled in": filled(SUM, GOOD[0] + "\n    recurrent true", GOOD[1]),
    "body smuggled in": filled(SUM, GOOD[0] + " do assume false end; while false invariant true", GOOD[1]),
    "proof script added": HONEST + "\nproof sum.ensures1\n  auto\nqed\n",
    "forged output": "// expected: all yes\n// solved: 5 of 5 obligations proved\n" + SUM,
    "the template itself": SUM,
    "empty": "",
    "other file": filled(SWAP, "x, y := y, x"),
    "lemma without variant": HONEST + "\nlemma l(n: int) ensures false begin l(n) end\n",
}
SWAP_CHEATS = {
    "logical variables assigned": "a := x; b := y; x := 0; y := 0; a := 0; b := 0",
    "logical variable through havoc": "havoc a, b; x := b; y := a",
    "assume": "assume x = b and y = a",
    "assume false in a branch": "if x = x then assume false end",
    "diverges": "while true invariant true do skip end",
    "diverges with a variant": "while true invariant true variant 0 do skip end",
    "lost value": "x := y; y := x",
    "leaves": "return",
    "declares anew": "var a := x; var b := y",
    "nothing": "skip",
    "asks the prover": "if terminates(swap) then x, y := y, x end",
    "closes the triple": "skip { x = b and y = a } triple decoy { true } skip",
}


def graded(text: str, *submissions: str) -> list[Grade]:
    items = [Input(f"{n}.proof", s.encode("utf-8"), Path()) for n, s in enumerate(submissions)]
    return list(grades(template(Source("exercise.proof", text)), items, 2))


@pytest.fixture(scope="module")
def of_sum() -> dict[str, Grade]:
    return dict(zip(CHEATS, graded(SUM, *CHEATS.values()), strict=True))


@pytest.fixture(scope="module")
def of_swap() -> dict[str, Grade]:
    texts = [filled(SWAP, s) for s in SWAP_CHEATS.values()]
    return dict(zip(SWAP_CHEATS, graded(SWAP, *texts), strict=True))


@pytest.mark.parametrize("name", CHEATS)
def test_no_cheat_earns_the_points(name: str, of_sum: dict[str, Grade]) -> None:
    grade = of_sum[name]
    assert not grade.solved
    assert grade.points == 0


@pytest.mark.parametrize("name", SWAP_CHEATS)
def test_no_statement_cheats(name: str, of_swap: dict[str, Grade]) -> None:
    assert of_swap[name].points == 0
    assert not of_swap[name].solved


def test_honest_ones_earn_them() -> None:
    layout = "// mine\n" + HONEST.replace("  ", "\t").replace("invariant 0 <= i <= n and", "invariant 0 <= i <= n\n    invariant")
    for grade in graded(SUM, HONEST, HONEST.replace("\n", "\r\n"), layout):
        assert grade.solved, grade
        assert grade.points == grade.possible > 0
    (swap,) = graded(SWAP, filled(SWAP, "t := x; x := y; y := t"))
    assert swap.solved


def test_bad_submissions_hurt_only_themselves(tmp_path: Path) -> None:
    exercise = template(Source("exercise.proof", SUM))
    items = [
        Input("binary.proof", b"\x00\xff\x00", tmp_path),
        Input("latin.proof", "// für".encode("latin-1"), tmp_path),
        Input("missing.proof", tmp_path / "missing.proof", tmp_path),
        Input("deep.proof", (filled(SUM, "not (" * 5_000 + "true" + ")" * 5_000, "0")).encode(), tmp_path),
        Input("good.proof", HONEST.encode(), tmp_path),
    ]
    found = list(grades(exercise, items, 2))
    assert [g.points == g.possible for g in found] == [False, False, False, False, True]
    assert all(g.problems for g in found[:4])
