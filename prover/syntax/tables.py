"""The parser's tables: lark makes them from the grammar, once; afterwards they are read from a file, and lark is not imported.

The file is JSON, so reading one runs no code.  It is looked for in the installed package and in the user's cache folder, never
beside the file that is being checked, and used only if it was made from this very grammar by this very module.
"""

from __future__ import annotations

import json
import os
import re
import stat
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from prover import resources

STARTS = ("file", "expr", "block", "script")
END = "$END"
_FORMAT = 1  # of the JSON file; part of the key


@dataclass(frozen=True, slots=True)
class Rule:
    """`origin` is made of `size` symbols; of these the ones in `keep` go to the builder's `method`.

    keep:     (position, is it a list to be spliced in, how many absent optional parts stand before it).
    missing:  how many absent optional parts stand after the last.
    method:   the name of the grammar's rule or alternative; None for rules that collect a list.
    passes:   the rule leaves no node of its own where one child is kept.
    """

    origin: str
    size: int
    method: str | None
    keep: tuple[tuple[int, bool, int], ...]
    missing: int
    passes: bool


@dataclass(frozen=True, slots=True)
class Tables:
    """actions: by state and terminal, the state to shift to, or `-1 - r` to reduce by rule r.   gotos: by state and nonterminal.

    words:   every fixed spelling of a terminal (`and`, `&&`, `∧`) and the terminal's name.
    access:  by state, the symbol that leads there.   within: by state, the rules that it is in the middle of.
    """

    rules: tuple[Rule, ...]
    actions: tuple[dict[str, int], ...]
    gotos: tuple[dict[str, int], ...]
    starts: dict[str, int]
    ends: dict[str, int]
    words: dict[str, str]
    access: tuple[str, ...]
    within: tuple[tuple[str, ...], ...]


@cache
def tables() -> Tables:
    """The tables of the grammar that this package comes with."""
    grammar = resources.grammar_text()
    key = sha256(f"{_FORMAT}\n{STARTS}\n{grammar}".encode()).hexdigest()
    packaged = _read(resources.packaged_tables(), key)
    if packaged is not None:
        return packaged
    folder = resources.cache_folder()
    path = folder / f"tables-{key[:16]}.json" if folder else None
    found = _read(path, key) if path and _trusted(path) else None
    if found is not None:
        return found
    made = build(grammar)
    if path:
        _write(path, key, made)
    return made


def write_packaged(path: Path) -> None:
    """Write the tables of the present grammar to `path`; what a wheel's build calls."""
    grammar = resources.grammar_text()
    _write(path, sha256(f"{_FORMAT}\n{STARTS}\n{grammar}".encode()).hexdigest(), build(grammar))


# Files


def _trusted(path: Path) -> bool:
    try:
        return resources.private(path.lstat(), stat.S_ISREG)
    except OSError:
        return False


def _read(path: Path, key: str) -> Tables | None:
    """The tables in `path`; None when there are none, or damaged ones, or those of another grammar."""
    try:
        data = json.loads(path.read_bytes())
        return _decode(data["tables"]) if data["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _decode(data: dict[str, Any]) -> Tables:
    rules = tuple(
        Rule(r["origin"], r["size"], r["method"], tuple((p, e, n) for p, e, n in r["keep"]), r["missing"], r["passes"])
        for r in data["rules"]
    )
    return Tables(
        rules,
        tuple(data["actions"]),
        tuple(data["gotos"]),
        data["starts"],
        data["ends"],
        data["words"],
        tuple(data["access"]),
        tuple(tuple(names) for names in data["within"]),
    )


def _write(path: Path, key: str, made: Tables) -> None:
    """Written aside and moved into place, so that a reader sees a whole file or none; a full disk or the like costs only time."""
    import tempfile

    text = json.dumps({"key": key, "tables": asdict(made)}, separators=(",", ":"), ensure_ascii=False)
    try:
        handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".tables-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(aside, path)
        except OSError:
            os.unlink(aside)
    except OSError:
        return


# Building


def build(grammar: str) -> Tables:
    """Tables for `grammar`, made by lark; about a third of a second."""
    from lark import Lark

    # debug: keep the item sets as names of the states
    lark: Any = Lark(grammar, parser="lalr", lexer="basic", start=list(STARTS), maybe_placeholders=True, debug=True)
    table: Any = lark.parser.parser._parse_table
    rules = tuple(_rule(rule) for rule in lark.rules)
    numbers = {rule: number for number, rule in enumerate(lark.rules)}
    states = _order(table)
    origins = {rule.origin for rule in rules}
    actions: list[dict[str, int]] = [{} for _ in states]
    gotos: list[dict[str, int]] = [{} for _ in states]
    access = [""] * len(states)
    for items, state in states.items():
        for symbol, (action, argument) in sorted(table.states[items].items(), key=lambda entry: str(entry[0])):
            shifts = action.name == "Shift"
            target = states[argument] if shifts else -1 - numbers[argument]
            (gotos if symbol in origins else actions)[state][symbol] = target
            if shifts:
                access[target] = symbol
    return Tables(
        rules,
        tuple(actions),
        tuple(gotos),
        {name: states[table.start_states[name]] for name in STARTS},
        {name: states[table.end_states[name]] for name in STARTS},
        _words(lark.terminals),
        tuple(access),
        tuple(_within(items) for items in states),
    )


def _order(table: Any) -> dict[Any, int]:
    """Numbers for the states, the same at every build (lark's own follow the hash seed)."""
    states: dict[Any, int] = {}
    waiting = [table.start_states[start] for start in reversed(STARTS)]
    while waiting:
        items = waiting.pop()
        if items not in states:
            states[items] = len(states)
            row = table.states[items]
            waiting += [row[symbol][1] for symbol in sorted(row, reverse=True) if row[symbol][0].name == "Shift"]
    return states


def _within(items: Any) -> tuple[str, ...]:
    """The rules that a state has read a part of."""
    return tuple(
        sorted({item.rule.origin.name for item in items if item.index and not item.rule.origin.name.startswith(("_", "$"))})
    )


def _rule(rule: Any) -> Rule:
    """How lark would call a transformer for this rule: see `lark.parse_tree_builder.maybe_create_child_filter`."""
    name = rule.origin.name
    empty = rule.options.empty_indices or [False] * len(rule.expansion)
    absent = [len(run) for run in "".join("1" if flag else "0" for flag in empty).split("0")]
    keep, waiting = [], 0
    for position, symbol in enumerate(rule.expansion):
        waiting += absent[position]
        if not (symbol.is_term and symbol.filter_out):
            keep.append((position, not symbol.is_term and symbol.name.startswith("_"), waiting))
            waiting = 0
    collects = name.startswith("_")
    passes = rule.options.expand1 and not rule.alias
    return Rule(name, len(rule.expansion), None if collects else rule.alias or name, tuple(keep), waiting + absent[-1], passes)


def _words(terminals: list[Any]) -> dict[str, str]:
    """The spellings of the terminals that have a fixed list.  Lark joins `"a" | "b"` to a regular expression `(?:a|b)`."""
    words: dict[str, str] = {}
    for terminal in terminals:
        pattern: str = terminal.pattern.to_regexp()
        if terminal.name in ("NAME", "NUMBER", "STRING", "SPACE", "COMMENT"):
            continue
        for part in re.split(r"(?<!\\)\|", re.sub(r"^\(\?:(.*)\)$", r"\1", pattern)):
            spelling = re.sub(r"\\(.)", r"\1", part.removesuffix("(?![A-Za-z0-9_'])"))
            assert re.fullmatch(pattern, spelling), f"{terminal.name} is not a list of fixed spellings"
            words[spelling] = terminal.name
    return words
