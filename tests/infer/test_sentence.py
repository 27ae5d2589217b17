"""Sentences about variants say what the text bears out, and no more."""

from __future__ import annotations

import pytest

from prover.infer.observe import loops
from prover.infer.sentence import sentence
from prover.kernel.program import Procedure
from prover.plan import load
from prover.source import Source
from prover.syntax.elaborate import FileLoader
from prover.syntax.unparse import term_text

CASES = [
    ("while x > y invariant y > 0 variant x do x := x - y end", "each round x falls by y > 0 and is bounded below by y"),
    ("while x > y variant x do x := x - y end", "each round x falls by y and is bounded below by y"),
    ("while i < x variant x - i do i := i + 1 end", "each round x - i falls by 1 and is bounded below by 0"),
    ("while i < x variant x - i do i, x := i + 1, x - 1 end", "each round x - i falls by 2 and is bounded below by 0"),
    ("while i < x variant x - i do if * then i := x else i := i + 1 end end", "each round x - i falls and is bounded below by 0"),
    ("while x > 0 variant x do if * then x := x - 3 else x := x - 2 end end", "falls by at least 2 and is bounded below by 0"),
    ("while x > y variant x do y := y + 1; x := x - 1 end", "each round x falls by 1 and was at least 0 before"),
    ("while x > 0 variant x do x := * end", "each round x falls and is bounded below by 0"),
    ("while x > 0 variant y, x do x := x - 1 end", "y falls, or x falls while y does not rise; what falls was at least 0"),
]  # fmt: skip


@pytest.mark.parametrize(("loop", "expected"), CASES)
def test_sentence(loop: str, expected: str) -> None:
    text = f"procedure p(inout x: int, inout y: int, inout i: int) begin {loop} end"
    program = load(Source("t.proof", text), FileLoader(None))  # type: ignore[arg-type]
    unit = program.units["p"]
    assert isinstance(unit, Procedure)
    (found,) = loops(unit)
    assert found.variant
    assert sentence(found, found.variant, term_text).endswith(expected)
