"""Exercises for their authors: a template from a solution, and whether template and solution fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from prover.diagnostic import Diagnostic, InputError, error
from prover.inputs import Input
from prover.source import Source
from prover.teach.grade import Grade, grades
from prover.teach.template import Template

OPEN, CLOSE = "⟦", "⟧"
_TRIVIAL = {"variant": "0", "statement": "skip", "expression": "0", "proof": "auto"}


@dataclass(frozen=True, slots=True)
class Fit:
    """solution: its grade.  trivially: the filling that solves the template without a thought, if there is one."""

    solution: Grade
    trivially: str | None


def halves(draft: Source) -> tuple[str, str]:
    """Template and solution of a draft, in which `⟦…⟧` encloses what is to be filled in.  Raises InputError."""
    made: list[str] = []
    solved: list[str] = []
    rest = draft.text
    while OPEN in rest:
        before, _, after = rest.partition(OPEN)
        inside, end, rest = after.partition(CLOSE)
        if CLOSE in before or OPEN in inside or not end:
            raise InputError(_uneven(draft))
        made += (before, "?")
        solved += (before, inside)
    if CLOSE in rest or not made:
        raise InputError(_uneven(draft))
    return "".join([*made, rest]), "".join([*solved, rest])


def _uneven(draft: Source) -> Diagnostic:
    help = "enclose each part that is to be filled in between ⟦ and ⟧; they do not nest"
    return error("exercise-draft", f"{draft.name} does not mark its holes with ⟦ and ⟧", None, help=(help,))


def fit(made: Template, solution: Input) -> Fit:
    """Does the solution earn all points, and is the template not solved by filling in next to nothing?"""
    (found,) = grades(made, [solution], explain=False)
    if not found.solved:
        return Fit(found, None)
    tries = [Input(made.source.name, text.encode(), Path()) for _, text in _trivial(made)]
    for (words, _), grade in zip(_trivial(made), grades(made, tries, explain=False), strict=True):
        if grade.solved:
            return Fit(found, words)
    return Fit(found, None)


def _trivial(made: Template) -> Iterator[tuple[str, str]]:
    """Fillings that take no thought, with the text of the file."""
    for number in ("0", "true"):
        yield f"`true`, `skip`, `auto`, `{number}`", fill(made, [_easy(h.kind, number) for h in made.holes])


def _easy(kind: str, number: str) -> str:
    return number if kind == "expression" else _TRIVIAL.get(kind, "true")


def fill(made: Template, texts: Sequence[str]) -> str:
    """The template's text with its holes filled, in text order."""
    text = made.source.text
    pairs = sorted(zip(made.holes, texts, strict=True), key=lambda p: p[0].span.start, reverse=True)
    for place, put in pairs:
        text = text[: place.span.start] + put + text[place.span.end :]
    return text
