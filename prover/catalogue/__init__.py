"""The catalogue of diagnostic codes: a page each in `codes/`, which `prover explain` shows.

A page is Markdown: `# Title`, the explanation, and, where the mistake shows in a file, `## Mistake` and `## Mend`, each with one
code block.  The mistake's block may say how it is checked: ```` ```proof expected ````.  Tests hold every code in use to having a
page, each mistake to giving its code, and its mend to not giving it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent / "codes"
_BLOCK = re.compile(r"^```proof *(?P<how>[a-z ]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """title: one line.  explanation: paragraphs.  mistake, mend: whole programs, empty where no file shows it.
    how: options that the mistake needs to show (`expected`)."""

    code: str
    title: str
    explanation: str
    mistake: str
    mend: str
    how: frozenset[str]


def codes() -> tuple[str, ...]:
    """All codes, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.md")))


def entry(code: str) -> Entry | None:
    """The page of `code`, None when there is none."""
    path = _FOLDER / f"{code}.md"
    if not re.fullmatch(r"[a-z0-9-]+", code) or not path.is_file():
        return None
    return parse(code, path.read_text(encoding="utf-8"))


def parse(code: str, page: str) -> Entry:
    """Read a page.  Raises ValueError for one that is not of the form."""
    head, _, rest = page.partition("\n## Mistake\n")
    before, _, after = rest.partition("\n## Mend\n")
    title, _, explanation = head.partition("\n")
    mistake, mend = _BLOCK.search(before), _BLOCK.search(after)
    if not title.startswith("# ") or not explanation.strip() or (rest and not (mistake and mend)):
        raise ValueError(f"the page of {code} is not of the form: # Title, text, ## Mistake, ## Mend")
    return Entry(
        code,
        title.removeprefix("# ").strip(),
        explanation.strip(),
        mistake["text"].rstrip() if mistake else "",
        mend["text"].rstrip() if mend else "",
        frozenset(mistake["how"].split()) if mistake else frozenset(),
    )
