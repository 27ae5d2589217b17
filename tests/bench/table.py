"""The benchmark's results, as values and as a table of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """What one tool took for one piece of work: seconds, and MiB where memory could be looked at."""

    wall: float
    cpu: float
    main: float | None
    worker: float | None
    proved: bool
    timeout: bool = False
    runs: int = 1
    skip: bool = False
    """Not run, because the tool had failed on less."""

    @staticmethod
    def skipped() -> Cell:
        return Cell(0.0, 0.0, None, None, proved=False, runs=0, skip=True)

    @staticmethod
    def total(cells: Sequence[Cell]) -> Cell:
        """Several calls, one after another."""
        return Cell(
            sum(cell.wall for cell in cells),
            sum(cell.cpu for cell in cells),
            max((cell.main for cell in cells if cell.main is not None), default=None),
            max((cell.worker for cell in cells if cell.worker is not None), default=None),
            all(cell.proved for cell in cells),
            any(cell.timeout for cell in cells),
        )


@dataclass(frozen=True, slots=True)
class Row:
    work: str
    ours: Cell
    reach: float | None
    """Seconds to reach, where a figure is stated."""
    theirs: dict[str, Cell]
    """By name of the peer; without an entry where it was not asked."""


def table(rows: Sequence[Row], peers: Sequence[str]) -> str:
    """One line for each row; a peer's column holds its seconds, and how many times ours that is."""
    head = ["work", "prover", "reach", "", "cpu", "main", "worker", *peers]
    lines = [head, *([*_ours(row), *(_theirs(row, peer) for peer in peers)] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    texts = [_line(line, widths) for line in lines]
    return "\n".join([texts[0], "-" * len(texts[0]), *texts[1:], "", _LEGEND])


_LEGEND = """Whole processes on one core: seconds of wall-clock and of processor time (medians), peak resident MiB of the main
process and of the largest worker. A peer's column: its seconds, and how many times ours that is. FAILED: not all was proved;
>: given up at the limit; -: failed on less, or not asked."""


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Cells in columns: the first is what the row is about, the others are numbers."""
    return "  ".join([cells[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True))])


def _ours(row: Row) -> list[str]:
    cell = row.ours
    reached = "" if row.reach is None else "ok" if cell.wall <= row.reach and cell.proved else "MISSED"
    reach = "" if row.reach is None else f"{row.reach:.1f}"
    time = f"{cell.wall:.2f}" if cell.proved else f"FAILED {cell.wall:.2f}"
    return [row.work, time, reach, reached, f"{cell.cpu:.2f}", _memory(cell.main), _memory(cell.worker)]


def _memory(size: float | None) -> str:
    return "" if size is None else f"{size:.0f}"


def _theirs(row: Row, peer: str) -> str:
    cell = row.theirs.get(peer)
    if cell is None or cell.skip:
        return "-"
    if cell.timeout:
        return f"> {cell.wall:.0f}"
    if not cell.proved:
        return f"FAILED {cell.wall:.2f}"
    return f"{cell.wall:.2f} {cell.wall / row.ours.wall:5.1f}x"
