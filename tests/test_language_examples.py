"""Programs, JSON, Python and figures in the documentation are what the pages say they are.

A fenced block marked `proof` is a whole file that is proved.  Words behind the mark say otherwise: `proof invalid CODE …` is
refused with exactly these codes, `proof refuted` and `proof unknown` have that status.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

import prover
from tests.render.schema import problems

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
    for page in sorted((ROOT / "docs").rglob("*.md")):
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


PAGES = {page.name: page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").rglob("*.md"))}


def blocks(kind: str) -> list[str]:
    return [b for text in PAGES.values() for b in re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)]


def test_json_examples_fit_the_schema() -> None:
    schema = json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8"))
    found = blocks("json")
    assert found
    for text in found:
        assert list(problems(json.loads(text), schema)) == []


def test_python_examples_run() -> None:
    found = blocks("python")
    assert found
    for text in found:
        exec(compile(text, "docs", "exec"), {})


def test_named_files_of_the_corpus_exist() -> None:
    rows = [row for row in PAGES["trust.md"].splitlines() if re.search(r"\| `\d\d-", row)]
    assert rows
    for row in rows:
        names = re.findall(r"`([\w/-]+)`", row.split("|")[-2])
        folder = names[0].split("/")[0]
        for name in names:
            assert (ROOT / "tests/corpus/false" / folder / f"{name.removeprefix(folder + '/')}.proof").exists(), name


def lines_of(*places: str) -> int:
    paths = [p for place in places for p in ([ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("*.py"))]
    return sum(len(p.read_text(encoding="utf-8").splitlines()) for p in paths)


def test_sizes_of_trusted_parts_are_about_right() -> None:
    rows = re.findall(r"about ([\d,]+)\s+lines", PAGES["trust.md"])
    parts = [
        ("prover/syntax",),
        ("prover/kernel",),
        ("prover/kernel/encode.py", "prover/kernel/smt.py", "prover/kernel/query.py"),
        ("prover/verdict.py", "prover/check.py", "prover/diagnose/unitreport.py"),
        ("prover/solve",),
        ("prover/cache",),
        ("prover/semantics",),
    ]
    for said, part in zip(rows, parts, strict=True):
        assert 0.8 < lines_of(*part) / int(said.replace(",", "")) < 1.2, (part, lines_of(*part))
