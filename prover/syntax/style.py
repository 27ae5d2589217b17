"""In which characters operators are written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """How each operator is spelled, by its ASCII form; what is not listed is spelled so itself."""

    name: str
    spellings: tuple[tuple[str, str], ...] = ()

    def spell(self, operator: str) -> str:
        for ascii_form, spelling in self.spellings:
            if ascii_form == operator:
                return spelling
        return operator


ASCII = Style("ascii")
UNICODE = Style(
    "unicode",
    (
        ("and", "∧"),
        ("or", "∨"),
        ("not", "¬"),
        ("==>", "⇒"),
        ("<==>", "⇔"),
        ("!=", "≠"),
        ("<=", "≤"),
        (">=", "≥"),
        ("forall", "∀"),
        ("exists", "∃"),
        ("*", "·"),
        (":=", "≔"),
    ),
)
