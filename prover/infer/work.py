"""How much is worked out before something is given up, counted in steps, so that it is the same on every machine."""

from __future__ import annotations

from dataclasses import dataclass


class TooMuch(Exception):
    """It is not worked out."""


@dataclass(slots=True)
class Work:
    """left: how much may still be done, in nodes of terms or summands."""

    left: int

    def spend(self, nodes: int = 1) -> None:
        """Raises TooMuch."""
        self.left -= nodes
        if self.left < 0:
            raise TooMuch
