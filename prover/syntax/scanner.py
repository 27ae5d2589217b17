"""From text to tokens: spellings to terminals, comments set aside, and marks that the grammar needs from a token's surroundings.

Every character of the text ends up in a token, a comment or white space, or in a `Flaw`.  Spellings that are in no grammar but in
many heads (`&`, `=<`, `+=`) become tokens of their own, whose terminal is the spelling; the parser meets them where they stand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import islice

from prover.record import record
from prover.source import Source, Span
from prover.syntax.surface import Comment
from prover.syntax.tables import END

MAX_DIGITS = 1_000
MANY_FLAWS = 1_000  # this is no text: the rest is not looked at
FOREIGN = ("&", "|", "=<", "=>", "+=", "-=", "*=", "/=", "%=", "++", "**", "^", "===", "!==", "~", "@", "$", "#", "\\", "`")


@dataclass(slots=True)
class Tokens:
    """Three lists of one length; the last token is `$END`, of no width, at the end of the text.  Mending works in place.

    With `MANY_FLAWS` the tokens end early."""

    source: Source
    kinds: list[str]
    starts: list[int]
    ends: list[int]
    comments: tuple[Comment, ...]
    flaws: tuple[Flaw, ...]

    def text(self, index: int) -> str:
        return self.source.text[self.starts[index] : self.ends[index]]

    def span(self, index: int) -> Span:
        return Span(self.source, self.starts[index], self.ends[index])


@record
class Flaw:
    """kind: `character`, `comment` (not ended), `string` (not ended), `digits` (too many)."""

    kind: str
    start: int
    end: int


_WORD, _NUMBER, _COMMENT, _STRING, _SYMBOL, _UNENDED, _OTHER = range(1, 8)

# Control and format characters hide or reorder what a reader sees; no text here needs them, not even a comment.
_HIDDEN = re.compile(
    "([\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f])\\1*+"
)


@cache
def _pattern(symbols: tuple[str, ...]) -> re.Pattern[str]:
    spelled = "|".join(re.escape(symbol) for symbol in sorted(symbols, key=len, reverse=True))
    return re.compile(
        r"[ \t\r\n\f]*+(?:([A-Za-z_][A-Za-z0-9_']*+)|([0-9]++)|(//[^\r\n]*+|/\*(?s:.*?)\*/)|(\"[^\"\r\n]*+\")"
        rf"|(?!/\*)({spelled})|(/\*|\")|(([^ \t\r\n\f])\8*+)|\Z)"
    )


def scan(source: Source, words: dict[str, str]) -> Tokens:
    """The tokens of `source`, where `words` maps the fixed spellings to terminals."""
    symbols = {text for text in (*words, *FOREIGN) if not text[0].isalpha()}
    pattern = _pattern(tuple(sorted(symbols)))
    kinds: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    comments: list[Comment] = []
    flaws: list[Flaw] = _hidden(source.text)
    text = source.text
    first = 1 if text.startswith("\ufeff") else 0
    for match in pattern.finditer(text, first):
        group = match.lastindex
        if group is None:
            break
        start, end = match.span(group)
        if len(flaws) >= MANY_FLAWS:
            break
        if group == _WORD:
            kinds.append(words.get(match[group], "NAME"))
        elif group == _SYMBOL:
            symbol = match[group]
            kinds.append(words.get(symbol, symbol))
        elif group == _NUMBER:
            if end - start > MAX_DIGITS:
                flaws.append(Flaw("digits", start, end))
            kinds.append("NUMBER")
        elif group == _STRING:
            kinds.append("STRING")
        elif group == _COMMENT:
            own_line = match.start() <= first or _breaks_line(text[match.start() : start])
            comments.append(Comment(text[start:end], own_line, Span(source, start, end)))
            continue
        elif group == _UNENDED:
            flaws.append(Flaw("comment" if text[start] == "/" else "string", start, end))
            if text[start] == "/":
                break
            continue
        else:
            _flaw_character(flaws, start, end, text)
            continue
        starts.append(start)
        ends.append(end)
    kinds.append(END)
    starts.append(len(text))
    ends.append(len(text))
    return Tokens(source, kinds, starts, ends, tuple(comments), tuple(sorted(flaws, key=lambda flaw: flaw.start)))


def _breaks_line(gap: str) -> bool:
    return "\n" in gap or "\r" in gap


def _hidden(text: str) -> list[Flaw]:
    first = 1 if text.startswith("\ufeff") else 0
    found = islice(_HIDDEN.finditer(text, first), MANY_FLAWS)
    return [Flaw("character", match.start(), match.end()) for match in found]


def _flaw_character(flaws: list[Flaw], start: int, end: int, text: str) -> None:
    """One flaw for a run of the same character."""
    if not _HIDDEN.match(text[start]):
        flaws.append(Flaw("character", start, end))
