"""The verdicts that a file's first comments state: what stands after `expected:`."""

from __future__ import annotations

import re

from prover.syntax import surface as s

_STATED = re.compile(r"^[ \t*/]*expected:([^\r\n]*)", re.MULTILINE)


def expected(file: s.File) -> str | None:
    """The text after `expected:` in the comments before the first declaration, several joined by `;`; None without any."""
    start = min((d.span.start for d in file.declarations), default=None)
    texts = [
        found[1].removesuffix("*/").strip()
        for comment in file.comments
        if start is None or comment.span.start < start
        for found in _STATED.finditer(comment.text)
    ]
    return "; ".join(texts) if texts else None
