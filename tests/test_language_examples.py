"""Programs in the documentation are what the pages say they are.

A fenced block marked `proof` is a whole file that is proved.  Words behind the mark say otherwise: `proof invalid CODE …` is
refused with exactly these codes, `proof refuted` and `proof unknown` have that status.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

import prover

ROOT = Path(__file__).parent.parent
_BLOCK = re.compile(r"^```proof(?P<mark>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_STATUSES = ("proved", "refuted", "unknown", "invalid")


@dataclass(frozen=True, slots=True)
class Example:
    """place: page and line.  codes: with which an invalid one is refused."""

    place: str
    status: str
    codes: tuple[str, ...]
    text: str


def examples() -> list[Example]:
    found = []
    for page in sorted((ROOT / "docs").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        for block in _BLOCK.finditer(text):
            status, *codes = block["mark"].split() or ["proved"]
            assert status in _STATUSES, f"{page.name}: `{block['mark']}` is no mark of an example"
            line = text.count("\n", 0, block.start()) + 1
            found.append(Example(f"{page.name}:{line}", status, tuple(codes), block["text"]))
    return found


EXAMPLES = examples()


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 25
    assert {e.status for e in EXAMPLES} == set(_STATUSES)
    assert all(bool(e.codes) == (e.status == "invalid") for e in EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.place)
def test_examples_are_as_marked(example: Example) -> None:
    (file,) = prover.check_text(example.text, name="example.proof").files
    found = [f"{d.code}: {d.message}" for d in file.diagnostics]
    found += [f"{g.name}: {g.reason}" for u in file.units for g in u.goals if g.verdict.value != "proved"]
    assert file.status.value == example.status, found
    if example.status == "invalid":
        assert tuple(sorted({d.code for d in file.diagnostics})) == tuple(sorted(example.codes)), found
