"""Tokens that the grammar tells apart by more than their spelling: proof scripts, and the `=` in front of a function's body.

A script's step keeps its arguments as text, so that every tactic can read its own; to the grammar they are one token.
"""

from __future__ import annotations

from prover.syntax.scanner import Tokens
from prover.syntax.tables import END

DECLARATIONS = frozenset(("PROCEDURE", "LEMMA", "FUNCTION", "PREDICATE", "CONST", "AXIOM", "TRIPLE", "TOTAL", "IMPORT", "PROOF"))
_OPENING = frozenset(("LPAR", "LSQB"))
_CLOSING = frozenset(("RPAR", "RSQB"))
_RELATIONS = frozenset(("EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL"))
_FORMULA = _RELATIONS | {"_AND", "_OR", "_NOT", "_IMPLIES", "_IFF", "FORALL", "EXISTS", "TRUE", "FALSE"}

# Tactics whose first argument is a name with a colon: there it begins no branch.
_NAMING = frozenset(("have", "suffices", "obtain", "assert", "assume", "note", "claim"))


def mark(tokens: Tokens) -> None:
    """Mark, in place, the tokens of a file."""
    present = frozenset(tokens.kinds)
    if not present.isdisjoint(("FUNCTION", "PREDICATE")):
        _mark_definitions(tokens)
    if not present.isdisjoint(("PROOF", "BY")):
        _Scripts(tokens).file()


def mark_script(tokens: Tokens) -> None:
    """Mark, in place, tokens that are one script from beginning to end."""
    scripts = _Scripts(tokens)
    scripts.script(0)
    scripts.finish()


# Definitions


def _mark_definitions(tokens: Tokens) -> None:
    kinds = tokens.kinds
    index = 0
    while index < len(kinds):
        kind = kinds[index]
        index += 1
        if kind == "FUNCTION" or kind == "PREDICATE":
            end = index
            while kinds[end] != END and kinds[end] not in DECLARATIONS:
                end += 1
            found = _definition(tokens, index, end)
            if found is not None:
                kinds[found] = "_DEFINES"
            index = end


def _definition(tokens: Tokens, start: int, end: int) -> int | None:
    """Which `=` between `start` and `end` begins the body; the grammar states the rule."""
    inline, depth, clause, formula = None, 0, "", False
    for index in range(start, end):
        kind = tokens.kinds[index]
        if kind in _OPENING:
            depth += 1
        elif kind in _CLOSING:
            depth -= 1
        elif depth == 0 and kind == "EQUAL":
            if _begins_line(tokens, index):
                return index
            if inline is None and (formula or clause != "REQUIRES"):
                inline = index
            formula = True
        elif kind == "REQUIRES" or kind == "VARIANT":
            inline, clause, formula = None, kind, False
        elif kind in _FORMULA:
            formula = True
    return inline


def _begins_line(tokens: Tokens, index: int) -> bool:
    gap = tokens.source.text[tokens.ends[index - 1] : tokens.starts[index]]
    return "\n" in gap or "\r" in gap


# Scripts


class _Scripts:
    """Rewrites the token lists into new ones, which `finish` puts in the place of the old."""

    def __init__(self, tokens: Tokens) -> None:
        self.old = tokens
        self.kinds: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []

    def file(self) -> None:
        kinds = self.old.kinds
        index, count = 0, len(kinds)
        while index < count:
            kind = kinds[index]
            self._copy(index)
            index += 1
            if kind == "PROOF":
                index = self.script(self._header(index))
            elif kind == "BY" and kinds[index] == "LBRACE":
                self._copy(index)
                index = self.script(index + 1)
        self.finish()

    def finish(self) -> None:
        """Put the new lists in the place of the old."""
        if not self.kinds or self.kinds[-1] != END:
            self._copy(len(self.old.kinds) - 1)
        self.old.kinds[:], self.old.starts[:], self.old.ends[:] = self.kinds, self.starts, self.ends

    def _add(self, kind: str, start: int, end: int) -> None:
        self.kinds.append(kind)
        self.starts.append(start)
        self.ends.append(end)

    def _copy(self, index: int) -> None:
        self._add(self.old.kinds[index], self.old.starts[index], self.old.ends[index])

    def _header(self, index: int) -> int:
        """`factorial.loop1.inv2.preserved`, without white space in it, and `digest` before a string."""
        old = self.old
        if not self._word(index):
            return index
        last = index
        while old.starts[last + 1] == old.ends[last] and (old.kinds[last + 1] in ("_DOT", "NUMBER") or self._word(last + 1)):
            last += 1
        self._add("GOAL", old.starts[index], old.ends[last])
        index = last + 1
        if old.text(index) == "digest" and old.kinds[index + 1] == "STRING":
            self._add("_DIGEST", old.starts[index], old.ends[index])
            self._copy(index + 1)
            index += 2
        return index

    def script(self, index: int) -> int:
        """From the first token of a script to the first that is not its own; the grammar judges what comes out."""
        kinds = self.old.kinds
        depth = 0
        while True:
            kind = kinds[index]
            if kind == END or kind == "QED" or kind in DECLARATIONS or (kind == "RBRACE" and depth == 0):
                return index
            if depth and self._branch(index):
                self._add("BRANCH", self.old.starts[index], self.old.ends[index])
                self._copy(index + 1)
                index += 2
            elif self._word(index):
                index = self._step(index)
            else:
                depth += (kind == "LBRACE") - (kind == "RBRACE")
                self._copy(index)
                index += 1

    def _step(self, index: int) -> int:
        """A step's name, and its arguments as one token."""
        old = self.old
        self._add("STEP", old.starts[index], old.ends[index])
        first = end = index + 1
        if old.text(index) in _NAMING and self._branch(end):
            end += 2
        binding = False
        while old.kinds[end] not in _STEP_ENDS and (binding or not self._branch(end)):
            binding = (binding or old.kinds[end] in ("FORALL", "EXISTS")) and old.kinds[end] not in ("_SUCH_THAT", "_DOT")
            end += 1
        if end > first:
            self._add("ARGUMENTS", old.starts[first], old.ends[end - 1])
        return end

    def _branch(self, index: int) -> bool:
        kinds = self.old.kinds
        return (kinds[index] == "NUMBER" or self._word(index)) and kinds[index + 1] == "COLON"

    def _word(self, index: int) -> bool:
        """Is this a word, be it a keyword?"""
        kind = self.old.kinds[index]
        return kind == "NAME" or (
            kind != END and self.old.source.text[self.old.starts[index]].isalpha() and kind not in ("NUMBER", "STRING")
        )


_STEP_ENDS = DECLARATIONS | {"SEMICOLON", "LBRACE", "RBRACE", "QED", END}
