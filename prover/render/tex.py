"""Plain text in LaTeX."""

from __future__ import annotations

_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "_": r"\_", "&": r"\&", "%": r"\%", "#": r"\#", "$": r"\$",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    '"': r"\textquotedbl{}", "'": r"\textquotesingle{}",
}  # fmt: skip


def tex(text: str) -> str:
    """`text` escaped, for a document with `textcomp` and the encoding T1; what is not ASCII becomes `?`."""
    return "".join(_ESCAPES.get(c, c) if c.isascii() else "?" for c in text)
