"""The course: each exercise has a solution that solves it, and nothing trivial does; the texts name all of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from prover.inputs import Input
from prover.syntax.read import read_source
from prover.teach.exercise import fit
from prover.teach.template import template

COURSE = Path(__file__).parents[2] / "docs" / "course"
EXERCISES = sorted((COURSE / "exercises").rglob("*.proof"))


def test_there_are_sixty() -> None:
    assert len(EXERCISES) >= 60
    assert all(len(list(folder.glob("*.proof"))) >= 6 for folder in (COURSE / "exercises").iterdir())


def test_the_texts_name_all_exercises() -> None:
    texts = [page.read_text(encoding="utf-8") for page in COURSE.glob("*.md")]
    named = {target for text in texts for target in re.findall(r"\]\((exercises/[^)]*\.proof)\)", text)}
    assert named == {path.relative_to(COURSE).as_posix() for path in EXERCISES}


@pytest.mark.parametrize("path", EXERCISES, ids=lambda p: p.relative_to(COURSE / "exercises").with_suffix("").as_posix())
def test_the_solution_solves_it_and_nothing_trivial_does(path: Path) -> None:
    solution = COURSE / "solutions" / path.relative_to(COURSE / "exercises")
    assert "?" not in solution.read_text(encoding="utf-8").split("\n", 2)[2]
    made = template(read_source(path, path.name))
    found = fit(made, Input(solution.name, solution.read_bytes(), solution.parent))
    assert found.solution.solved and found.trivially is None
