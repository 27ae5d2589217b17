"""Invariants conjunct by conjunct, as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from prover.render.escape import escape
from prover.render.style import BOLD, DIM, GREEN, RED, Style

_YES, _NO = "yes", "no"


class Row(Protocol):
    """What is shown of a conjunct (see `diagnose.matrix`)."""

    @property
    def loop(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def entry(self) -> bool: ...
    @property
    def kept(self) -> bool: ...
    @property
    def beside(self) -> tuple[str, ...]: ...
    @property
    def needed(self) -> tuple[str, ...]: ...


def matrix_lines(rows: Sequence[Row], style: Style) -> list[str]:
    """A block for each loop; empty where there are no invariants."""
    lines: list[str] = []
    for loop in dict.fromkeys(r.loop for r in rows):
        own = [r for r in rows if r.loop == loop]
        width = max(len(r.label) for r in own)
        lines += ["", style.paint(BOLD, f"{escape(loop)}, conjunct by conjunct")]
        for row in own:
            lines.append(f"  {escape(row.label):<{width}}  {escape(row.text)}")
            lines.append(f"  {' ' * width}  {_facts(row, style)}")
    return lines


def _facts(row: Row, style: Style) -> str:
    kept = _mark(row.kept, style)
    beside = f" with {', '.join(row.beside)}" if row.beside else " by itself" if row.kept else ""
    needed = f"needed for {', '.join(row.needed)}" if row.needed else "needed for nothing else that is proved"
    return f"on entry: {_mark(row.entry, style)}; kept: {kept}{beside}; {style.paint(DIM, escape(needed))}"


def _mark(holds: bool, style: Style) -> str:
    return style.paint(GREEN, _YES) if holds else style.paint(RED, _NO)
