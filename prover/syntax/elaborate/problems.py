"""The mistakes found in a file so far.  Elaboration goes on after each, so that several are reported together."""

from __future__ import annotations

from prover.diagnostic import Diagnostic, InputError, Label, Severity, error
from prover.source import Source, Span


class Problems:
    """Collects diagnostics; `raise_if_any` ends a pass."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []

    def error(
        self,
        code: str,
        message: str,
        span: Span | None,
        *help: str,
        labels: tuple[Label, ...] = (),
        notes: tuple[str, ...] = (),
    ) -> None:
        self.found.append(error(code, message, span, labels=labels, notes=notes, help=help))

    def raise_if_any(self) -> None:
        """Raise InputError with all errors found, each source's in text order."""
        if any(d.severity is Severity.ERROR for d in self.found):
            raise InputError(*self.sorted())

    def sorted(self) -> list[Diagnostic]:
        order: dict[Source, int] = {}
        for diagnostic in self.found:
            if diagnostic.span is not None:
                order.setdefault(diagnostic.span.source, len(order))
        return sorted(self.found, key=lambda d: (order[d.span.source], d.span.start) if d.span else (-1, 0))
