"""Complaints about what opens, closes and separates: `then do begin end`, brackets, braces, semicolons."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from prover.diagnostic import Label
from prover.syntax.marks import DECLARATIONS
from prover.syntax.tables import END
from prover.syntax.trouble import Finding, Mend, Open, Trouble
from prover.syntax.vocabulary import EXPRESSION, STATEMENT, opens_block

_BLOCK_WORDS = {"THEN": "if", "DO": "while", "BEGIN": "begin"}
_ENDING = frozenset(("SEMICOLON", "END", "ELSE", "ELSIF", "THEN", "DO", "BEGIN", "_ASSIGN", "QED", END)) | DECLARATIONS
_ORDINARY = EXPRESSION | STATEMENT


def braces(t: Trouble) -> Finding | None:
    """`if b { … }` in the manner of C."""
    wanted = next((kind for kind in _BLOCK_WORDS if kind in t.fitting), None)
    if t.kind != "LBRACE" or wanted is None:
        return None
    word = wanted.lower()
    also = tuple(_as_ours(t.tokens.kinds, t.index))
    return t.say("block", "`{ … }` holds a formula, not statements", f"write `{word} … end`", mend=Mend((wanted,), 1, also))


def statements_in_braces(t: Trouble) -> Finding:
    """A `:=` inside `{ … }`, which the grammar has taken for an assertion."""
    help = "statements stand between `then`, `do` or `begin` and `end`"
    opening = bisect_left(t.tokens.starts, t.open[-1].start)
    closing = _matching(t.tokens.kinds, opening)
    also = ((closing, ""),) if closing is not None and closing > t.index else ()
    labels = (t.opened_label(t.open[-1]),)
    return t.say(
        "block", "`{ … }` states a formula, it does not hold statements", help, labels=labels, mend=Mend(also=also, skip=True)
    )


def _as_ours(kinds: list[str], opening: int) -> Iterator[tuple[int, str]]:
    """What to make of `… } else if b { … } else { … }`, from the first `{` on."""
    closing = _matching(kinds, opening)
    while closing is not None and kinds[closing + 1] == "ELSE":
        yield closing, ""
        opening = closing + 2
        if kinds[opening] == "IF":
            yield closing + 1, "ELSIF"
            yield opening, ""
            opening = next((index for index in range(opening, len(kinds)) if kinds[index] == "LBRACE"), opening)
            yield opening, "THEN"
        else:
            yield opening, ""
        closing = _matching(kinds, opening) if kinds[opening] == "LBRACE" else None
    if closing is not None:
        yield closing, "END"


def _matching(kinds: list[str], opening: int) -> int | None:
    depth = 0
    for index in range(opening, len(kinds)):
        depth += (kinds[index] == "LBRACE") - (kinds[index] == "RBRACE")
        if depth == 0:
            return index
    return None


def stray_semicolon(t: Trouble) -> Finding | None:
    if t.kind != "SEMICOLON":
        return None
    if t.before == "SEMICOLON" or "SKIP" in t.fitting:
        help = "`;` stands between two statements; for an empty one write `skip`"
        return t.say("semicolon", "this `;` separates nothing", help, mend=Mend((), 1))
    if "PROCEDURE" in t.fitting:
        return t.say(
            "semicolon",
            "this `;` separates nothing",
            "`;` separates statements; declarations need no separator",
            mend=Mend((), 1),
        )
    return None


def wrong_keyword(t: Trouble) -> Finding | None:
    """`then` for `do` and the like."""
    if t.kind == "COLON" and t.fitting & {"THEN", "DO"} and "NAME" not in t.fitting:
        wanted = "then" if "THEN" in t.fitting else "do"
        return t.say("missing", f"expected `{wanted}`, not `:`", mend=Mend((wanted.upper(),), 1))
    for wanted, others in (("THEN", {"DO", "BEGIN"}), ("DO", {"THEN", "BEGIN"}), ("BEGIN", {"DO", "THEN", "IN"})):
        if wanted in t.fitting and t.kind in others:
            return t.say(
                "missing", f"expected `{wanted.lower()}`, not `{t.text}`", f"write `{wanted.lower()}`", mend=Mend((wanted,), 1)
            )
    return None


def missing_keyword(t: Trouble) -> Finding | None:
    """A forgotten `then`, `do`, `invariant` or `begin`; the next token already belongs to what should follow."""
    if t.kind not in _ORDINARY:
        return None
    if "THEN" in t.fitting:
        return _missing(t, "THEN", "the condition of `if`")
    if "DO" in t.fitting and t.open:
        if t.kind in EXPRESSION and _first_of(t, "DO", "_ASSIGN", "SEMICOLON", "END", *DECLARATIONS) == "DO":
            help = "an annotation begins with `invariant`, `variant` or `recurrent`"
            return t.say("missing", "an `invariant` is missing in front of this formula", help, mend=Mend(("INVARIANT",)))
        return _missing(t, "DO", f"the head of this `{t.open[-1].kind}`")
    if "BEGIN" in t.fitting and t.kind in STATEMENT:
        return _missing(t, "BEGIN", "the header")
    if "DO" in t.fitting or ("ELSE" in t.fitting and "SEMICOLON" not in t.fitting):
        return _missing(t, "DO" if "DO" in t.fitting else "ELSE", "this")
    return None


def _missing(t: Trouble, kind: str, what: str) -> Finding:
    word = kind.lower()
    return t.say(
        "missing", f"`{word}` is missing after {what}", f"write `{word}` in front of `{t.text}`", span=t.gap, mend=Mend((kind,))
    )


def _first_of(t: Trouble, *kinds: str) -> str:
    return next((kind for kind in t.tokens.kinds[t.index :] if kind in kinds), END)


def ended_early(t: Trouble) -> Finding | None:
    """The text or the next declaration comes while something is open."""
    if (t.kind != END and t.kind not in DECLARATIONS) or not t.open:
        return None
    innermost = t.open[-1]
    where = "the text ends" if t.kind == END else f"`{t.text}` begins a declaration"
    labels = tuple(t.opened_label(opened) for opened in t.open[:-4:-1])
    help = [f"end it with `{innermost.closing}`"]
    suspect = _suspect(t, innermost) if innermost.closing == "end" else None
    if suspect is not None:
        labels += (Label(t.tokens.span(suspect), f"this `{t.tokens.text(suspect)}` may be what lacks its `end`"),)
    if _else_if(t, innermost):
        help.append("`else if` opens a second `if`, with an `end` of its own; `elsif` does not")
    return t.say("unended", f"{where}, but this `{innermost.kind}` is still open", *help, labels=labels, span=labels[0].span)


def _inside(t: Trouble, opened: Open) -> range:
    """The indices of the tokens from the one that opens to the trouble."""
    return range(bisect_left(t.tokens.starts, opened.start), t.index)


def _else_if(t: Trouble, opened: Open) -> bool:
    kinds, source = t.tokens.kinds, t.tokens.source
    return any(
        kinds[i] == "IF"
        and kinds[i - 1] == "ELSE"
        and source.position(t.tokens.starts[i]).line == source.position(t.tokens.starts[i - 1]).line
        for i in _inside(t, opened)
    )


def _suspect(t: Trouble, opened: Open) -> int | None:
    """What the layout accuses: the first thing whose `end` begins a line further to the left than its own line."""
    begun: list[int] = []
    for index in _inside(t, opened):
        if opens_block(t.tokens.kinds, index):
            begun.append(index)
        elif t.tokens.kinds[index] == "END" and begun:
            begin = begun.pop()
            indent, begins = _indent(t, index)
            if begins and indent < _indent(t, begin)[0]:
                return begin
    return None


def _indent(t: Trouble, index: int) -> tuple[int, bool]:
    """How far the line of a token is indented, and whether the token begins it."""
    place = t.tokens.span(index).first
    line = t.tokens.source.line(place.line)
    indent = len(line) - len(line.lstrip())
    return indent, indent == place.column - 1


def brackets(t: Trouble) -> Finding | None:
    inner = t.open[-1] if t.open else None
    closes = {"RPAR": "(", "RSQB": "[", "RBRACE": "{"}.get(t.kind)
    if inner is None or inner.kind not in ("(", "[", "{"):
        if closes is None or "NUMBER" in t.fitting:
            return None
        return t.say("bracket", f"this `{t.text}` closes nothing", mend=Mend((), 1))
    wanted = {"(": "RPAR", "[": "RSQB", "{": "RBRACE"}[inner.kind]
    if wanted not in t.fitting or not (closes or t.kind in _ENDING or t.kind in STATEMENT):
        return None
    labels = (t.opened_label(inner),)
    if closes and not _awaited(t, closes):
        mend = Mend((), 1) if t.next == wanted else Mend((wanted,), 1)
        return t.say("bracket", f"expected `{inner.closing}`, not `{t.text}`", labels=labels, mend=mend)
    return t.say("bracket", f"`{inner.closing}` is missing", span=t.gap, labels=labels, mend=Mend((wanted,)))


def _awaited(t: Trouble, closes: str) -> bool:
    return any(opened.kind == closes for opened in t.open)


_CLOSED = {"END": ("if", "while", "for", "begin"), "ELSE": ("if",), "ELSIF": ("if",)}


def ends_nothing(t: Trouble) -> Finding | None:
    """`end` or `else` where nothing is open that it could belong to."""
    if t.kind not in _CLOSED or "NUMBER" in t.fitting:
        return None
    if any(opened.kind in _CLOSED[t.kind] for opened in t.open):
        return None
    if t.kind == "END":
        return t.say(
            "unended", "this `end` ends nothing", "every `if`, `while`, `for` and `begin` has exactly one `end`", mend=Mend((), 1)
        )
    return t.say("unended", f"this `{t.text}` belongs to no `if`", "is there an `end` too many before it?")


_AFTER_NAME = frozenset(("_ASSIGN", "LPAR", "LSQB", "COMMA", "COLON", "EQUAL", "++", "+=", "-="))


def missing_semicolon(t: Trouble) -> Finding | None:
    if "SEMICOLON" in t.fitting and t.kind in STATEMENT and (t.kind != "NAME" or t.next in _AFTER_NAME):
        return t.say("semicolon", "`;` is missing between two statements", span=t.gap, mend=Mend(("SEMICOLON",)))
    return None
