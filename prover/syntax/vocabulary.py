"""How messages speak of terminals: what a token is called, and what a set of expected ones amounts to."""

from __future__ import annotations

from collections.abc import Iterable

from prover.syntax.marks import DECLARATIONS
from prover.syntax.tables import END

EXPRESSION = frozenset("NAME NUMBER TRUE FALSE LPAR LSQB MINUS _NOT FORALL EXISTS LET IF ARRAY TERMINATES WRAP HOLE".split())
STATEMENT = frozenset("NAME SKIP VAR GHOST HAVOC IF WHILE FOR ASSERT ASSUME RETURN BREAK CONTINUE LBRACE HOLE".split())
RELATIONS = frozenset("EQUAL NOT_EQUAL LESS LESS_EQUAL GREATER GREATER_EQUAL".split())
ARITHMETIC = frozenset("PLUS MINUS TIMES SLASH DIV PERCENT MOD".split())
CONNECTIVES = frozenset("_AND _OR _IMPLIES _IFF".split())
OPERATORS = RELATIONS | ARITHMETIC | CONNECTIVES
CLAUSES = frozenset("REQUIRES ENSURES VARIANT TERMINATES DIVERGES".split())
ANNOTATIONS = frozenset("INVARIANT VARIANT RECURRENT".split())
BUILT_IN_TYPES = frozenset("int nat bool uint8 uint16 uint32 uint64 int8 int16 int32 int64".split())

_SPELLED = {
    "_AND": "and", "_OR": "or", "_NOT": "not", "_IMPLIES": "==>", "_IFF": "<==>", "EQUAL": "=", "NOT_EQUAL": "!=",
    "LESS": "<", "LESS_EQUAL": "<=", "GREATER": ">", "GREATER_EQUAL": ">=", "PLUS": "+", "MINUS": "-", "TIMES": "*",
    "SLASH": "/", "PERCENT": "%", "_ASSIGN": ":=", "_SUCH_THAT": "::", "_DOT": ".", "COLON": ":", "SEMICOLON": ";",
    "COMMA": ",", "LPAR": "(", "RPAR": ")", "LSQB": "[", "RSQB": "]", "LBRACE": "{", "RBRACE": "}", "_DEFINES": "=",
    "_DIGEST": "digest", "HOLE": "?",
}  # fmt: skip
_NAMED = {
    "NAME": "a name", "NUMBER": "a number", "STRING": "a string", END: "the end of the text", "GOAL": "the name of a goal",
    "STEP": "a proof step", "ARGUMENTS": "arguments", "BRANCH": "a branch",
}  # fmt: skip


def spelled(kind: str) -> str:
    """A terminal as it is written, in ASCII."""
    return _SPELLED.get(kind, kind.lower())


def called(kind: str) -> str:
    """A terminal as messages call it."""
    return _NAMED.get(kind) or f"`{spelled(kind)}`"


def is_keyword(kind: str, text: str) -> bool:
    return kind not in _NAMED and (text[:1].isalpha() or text[:1] == "_") and text.isascii()


_GROUPS = (
    ("a declaration", DECLARATIONS, 6),
    ("a statement", STATEMENT, 8),
    ("an expression", EXPRESSION, 6),
    ("a clause such as `requires`", CLAUSES, 3),
    ("an annotation such as `invariant`", ANNOTATIONS, 3),
    ("an operator", OPERATORS | {"LSQB"}, 4),
)


def expected(fitting: Iterable[str]) -> str:
    """`a`, `b` or c: what could stand here, groups by their names, the special before the general."""
    left = set(fitting)
    groups: list[str] = []
    for name, members, enough in _GROUPS:
        if len(left & members) >= enough:
            left -= members
            groups.append(name)
    return either(
        [called(kind) for kind in sorted(left - {END})] + groups + ([called(END)] if END in left and not groups else [])
    )


def either(names: list[str]) -> str:
    """A list in words: a, b or c."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1] if names else ""


def opens_block(kinds: list[str], index: int) -> bool:
    """An `if` opens a block where a statement can begin; elsewhere it is an expression."""
    if kinds[index] == "IF":
        return index == 0 or kinds[index - 1] in ("SEMICOLON", "THEN", "ELSE", "DO", "BEGIN", "RBRACE")
    return kinds[index] in ("WHILE", "FOR", "BEGIN")
