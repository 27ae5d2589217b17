"""How output looks: colour or none, Unicode marks or ASCII ones, how wide.  Colour is never the only signal."""

from __future__ import annotations

from prover.record import record

BOLD, RED, GREEN, YELLOW, BLUE, CYAN, DIM = "1", "1;31", "32", "1;33", "1;34", "36", "2"


@record
class Style:
    """colour: ANSI escapes are written.  unicode: the stream can show ✓ ✗ …  width: columns that source excerpts may take."""

    colour: bool = False
    unicode: bool = True
    width: int = 120

    def paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and text else text

    @property
    def ellipsis(self) -> str:
        return "…" if self.unicode else "..."


PLAIN = Style()
