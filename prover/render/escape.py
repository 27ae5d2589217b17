"""Making text safe and measurable on a terminal.

What comes from a user's file may hold terminal escapes, bidirectional controls or invisible characters; none of them reaches
the output.  Widths are in terminal columns: wide East Asian characters take two, combining marks none.
"""

from __future__ import annotations

TAB = 4


def escape(text: str) -> str:
    """`text` in one line; control, bidirectional, zero-width, private and unassigned characters become `\\x1b`, `\\u202e`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join([escape_character(c) for c in text])


def escape_lines(text: str) -> str:
    """As `escape`, line feeds kept: for text that we laid out ourselves."""
    return "\n".join([escape(line) for line in text.split("\n")])


def escape_character(character: str) -> str:
    if character.isprintable() or character == "\u3000":
        return character
    if character == "\xa0":
        return " "
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def columns(character: str) -> int:
    """Terminal columns of one printable character: 0, 1 or 2."""
    if character.isascii():
        return 1
    from unicodedata import category, east_asian_width  # not paid where a text is ASCII

    if category(character) in ("Mn", "Me"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def width(text: str) -> int:
    """Terminal columns of escaped text."""
    return len(text) if text.isascii() else sum(columns(c) for c in text)


def display(line: str) -> list[str]:
    """What is shown for each character of a source line: itself, its escape, or spaces up to the next tab stop."""
    shown: list[str] = []
    column = 0
    for character in line:
        text = " " * (TAB - column % TAB) if character == "\t" else escape_character(character)
        shown.append(text)
        column += width(text)
    return shown
