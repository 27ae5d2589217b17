"""Messages about single characters and unended comments and strings."""

from __future__ import annotations

from prover.diagnostic import Diagnostic, error
from prover.source import Source, Span
from prover.syntax.scanner import MAX_DIGITS, Flaw

# Letters and signs that look like one of ours, by the name of the character that they look like.
_LOOK_ALIKES = dict(
    zip(
        "аеорсухіјѕһԁԛԝАВЕКМНОРСТУХЅІЈαορνιτκΑΒΕΖΗΙΚΜΝΟΡΤΥΧ−–—×∗÷∣‖；：，（）［］｛｝＝＜＞＋＊！“”„‘’∕⁄˂˃‹›",
        'aeopcyxijshdqwABEKMHOPCTYXSIJaopvitkABEZHIKMNOPTYX---**/||;:,()[]{}=<>+*!"""\'\'//<><>',
        strict=True,
    )
)


def flawed(source: Source, flaw: Flaw) -> Diagnostic:
    """What is wrong with the characters of `flaw`."""
    span = Span(source, flaw.start, flaw.end)
    if flaw.kind == "comment":
        return error("syntax-comment", "this comment does not end", span, help=("end it with `*/`",))
    if flaw.kind == "string":
        return error("syntax-string", "this string does not end on its line", span, help=('end it with `"`',))
    if flaw.kind == "digits":
        return error("syntax-number", f"this number has {flaw.end - flaw.start} digits, more than {MAX_DIGITS}", span)
    return _character(source.text[flaw.start], span)


def _character(character: str, span: Span) -> Diagnostic:
    name = described(character)
    ours = _LOOK_ALIKES.get(character)
    if ours is not None:
        return error("syntax-character", f"{name} looks like `{ours}`, but is another character", span, help=(f"write `{ours}`",))
    if character.isalpha():
        return error(
            "syntax-character",
            f"{name} cannot stand in a name",
            span,
            help=("names are made of A to Z, a to z, 0 to 9, `_` and `'`",),
        )
    if not character.isprintable():
        return error("syntax-character", f"{name} cannot be seen, so it may not stand in a file", span, help=("remove it",))
    return error("syntax-character", f"{name} means nothing in this language", span)


def described(character: str) -> str:
    """A character by its number and name, never by itself where it could not be seen."""
    import unicodedata  # a large module, wanted only here

    shown = f"`{character}` " if character.isprintable() and character != "`" else ""
    name = unicodedata.name(character, "") or {"\0": "NULL", "\x1b": "ESCAPE", "\x7f": "DELETE"}.get(
        character, "a control character"
    )
    return f"the character {shown}U+{ord(character):04X} ({name})"
