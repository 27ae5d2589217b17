"""What can be said to a user about a text: errors, warnings, notes.  Values only; `render/` prints them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import partial

from prover.source import Span


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that a diagnostic points to, with what it has to do with the matter."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.  `code` is a key of the catalogue that `prover explain` reads (`prover/catalogue/`).

    message: one sentence without a full stop, in the user's terms.
    span:    where; None when the finding is about no place in a text (a file that cannot be read).
    notes:   further facts, one a line.   help: what to do, one a line.
    """

    code: str
    severity: Severity
    message: str
    span: Span | None
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: tuple[str, ...] = ()


class InputError(Exception):
    """The user's text cannot be used; carries one or more diagnostics.  Raised and caught within one layer's entry function."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(d.message for d in diagnostics))
        self.diagnostics = diagnostics


def finding(
    severity: Severity,
    code: str,
    message: str,
    span: Span | None,
    *,
    labels: tuple[Label, ...] = (),
    notes: tuple[str, ...] = (),
    help: tuple[str, ...] = (),
) -> Diagnostic:
    return Diagnostic(code, severity, message, span, labels, notes, help)


error = partial(finding, Severity.ERROR)
warning = partial(finding, Severity.WARNING)
note = partial(finding, Severity.NOTE)
