"""The LALR(1) machine: runs the grammar's tables over a list of tokens and calls the builder at every reduction.

It does what lark's own does, with what this language needs besides: spans from token to token, a limit on how deep nodes nest
(parentheses are no nodes), unit rules skipped in one stride, and a stack that is still there when a token does not fit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prover.record import record
from prover.syntax.scanner import Tokens
from prover.syntax.tables import END, Rule, Tables

# What the builder makes of a rule's children: (children, start, end) -> node, offsets in characters.
Method = Callable[[list[Any], int, int], Any]


@record
class Methods:
    """reduce: by rule number; None for a rule that collects a list.   shift: by terminal, where not the token's text is wanted.

    levels: by rule number, whether it makes a node that counts towards the limit on nesting.
    """

    reduce: tuple[Method | None, ...]
    shift: dict[str, Callable[[str, int, int], Any]]
    levels: tuple[bool, ...]


class TooDeep(Exception):
    """A node nests deeper than the limit; `start` and `end` are its place."""

    def __init__(self, start: int, end: int) -> None:
        super().__init__("nesting")
        self.start, self.end = start, end


class Machine:
    """One run.  After `run` has returned an index, the stack stands before the token there, which does not fit."""

    def __init__(self, tables: Tables, tokens: Tokens, start: str, limit: int) -> None:
        self.tables, self.tokens, self.limit = tables, tokens, limit
        self.start = tables.starts[start]
        self.end = tables.ends[start]
        self.strides: dict[tuple[int, str, str], int] = {}
        self.reset()

    def reset(self) -> None:
        """Back to the state in which a file begins."""
        self.states: list[int] = [self.start]
        self.values: list[Any] = [None]
        self.begins: list[int] = [0]
        self.depths: list[int] = [0]

    def run(self, methods: Methods, index: int) -> int | None:
        """Read tokens from `index` on; None at the end, when all fit (the result is the last value), else where one does not."""
        tokens, rules = self.tokens, self.tables.rules
        kinds, starts, ends, text = tokens.kinds, tokens.starts, tokens.ends, tokens.source.text
        states, values, begins, depths = self.states, self.values, self.begins, self.depths
        actions, strides, limit = self.tables.actions, self.strides, self.limit
        reduce, shift, levels = methods.reduce, methods.shift, methods.levels
        state = states[-1]
        last = ends[index - 1] if index else 0
        while True:
            kind = kinds[index]
            action = actions[state].get(kind)
            if action is None:
                return None if kind == END and state == self.end else index
            if action >= 0:
                start, end = starts[index], ends[index]
                make = shift.get(kind)
                values.append(text[start:end] if make is None else make(text[start:end], start, end))
                states.append(action)
                begins.append(start)
                depths.append(0)
                state, last = action, end
                index += 1
                continue
            number = -1 - action
            rule = rules[number]
            size = rule.size
            if size:
                children = values[-size:]
                start = begins[-size]
                depth = depths[-1] if size == 1 else max(depths[-size:])
                del states[-size:], values[-size:], begins[-size:], depths[-size:]
            else:
                children, start, depth = [], last, 0
            children = _kept(rule, children)
            method = reduce[number]
            if levels[number] and not (rule.passes and len(children) == 1):
                depth += 1
                if depth > limit:
                    raise TooDeep(start, last)
            if method is None:
                value: Any = children
            elif rule.passes and len(children) == 1:
                value = children[0]
            else:
                value = method(children, start, last)
            key = (states[-1], rule.origin, kind)
            found = strides.get(key)
            if found is None:
                found = strides[key] = self._stride(*key)
            state = found
            states.append(state)
            values.append(value)
            begins.append(start)
            depths.append(depth)

    def _stride(self, state: int, origin: str, kind: str) -> int:
        """Where to go on `origin` from `state`, once every unit rule without a node is reduced that `kind` asks for."""
        tables = self.tables
        while True:
            target = tables.gotos[state][origin]
            action = tables.actions[target].get(kind, 0)
            rule = tables.rules[-1 - action] if action < 0 else None
            if rule is None or not (rule.passes and rule.size == 1):
                return target
            origin = rule.origin

    def fitting(self) -> frozenset[str]:
        """The terminals that could stand where the machine stopped."""
        row = self.tables.actions[self.states[-1]]
        return frozenset(kind for kind in row if self.fits(kind))

    def fits(self, kind: str) -> bool:
        """Would a token of this terminal be shifted (the end: accepted) here?  Looks at the stack, and does not copy it."""
        tables, below, above = self.tables, len(self.states), list[int]()
        while True:
            state = above[-1] if above else self.states[below - 1]
            action = tables.actions[state].get(kind)
            if action is None:
                return kind == END and state == self.end
            if action >= 0:
                return True
            rule = tables.rules[-1 - action]
            below -= max(0, rule.size - len(above))
            del above[max(0, len(above) - rule.size) :]
            above.append(tables.gotos[above[-1] if above else self.states[below - 1]][rule.origin])


def _kept(rule: Rule, children: list[Any]) -> list[Any]:
    """The children that the builder gets: lists spliced in, None for what is absent, punctuation left out."""
    kept: list[Any] = []
    for position, splice, absent in rule.keep:
        if absent:
            kept += [None] * absent
        if splice:
            if kept:
                kept += children[position]
            else:  # grow the list of a left recursion, whose other owner is gone
                kept = children[position]
        else:
            kept.append(children[position])
    if rule.missing:
        kept += [None] * rule.missing
    return kept
