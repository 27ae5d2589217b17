"""Changes of a text: annotations put in and taken out where a person would have written them, all else left as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from prover.diagnostic import InputError, error
from prover.kernel.depend import statements
from prover.kernel.program import Assert, Assume, Clause, Kind, Procedure, While
from prover.session.session import Text
from prover.source import Span

STEP = "  "


@dataclass(frozen=True, slots=True)
class Edit:
    """Characters `start` to `end` become `new`."""

    start: int
    end: int
    new: str

    def apply(self, text: str) -> str:
        new = self.new.replace("\n", "\r\n") if "\r\n" in text else self.new
        return text[: self.start] + new + text[self.end :]


def refused(message: str, *help: str) -> InputError:
    return InputError(error("session-edit", message, None, help=help))


def find_loop(text: Text, name: str, focus: str | None) -> tuple[Procedure, While]:
    """The loop called `label` or `unit.label`; of several, the one in the focused goal's unit.  Raises InputError."""
    unit, _, label = name.rpartition(".")
    found = [(u, s) for u, s in text.loops() if s.label == label and unit in ("", u.name)]
    here = [pair for pair in found if focus is not None and focus.startswith(f"{pair[0].name}.")]
    if len(found) == 1 or len(here) == 1:
        return found[0] if len(found) == 1 else here[0]
    known = ", ".join([f"{u.name}.{s.label}" for u, s in text.loops()])
    if found:
        raise refused(f"several units have a loop `{label}`", f"say which: {known}")
    raise refused(f"there is no loop `{name}`", f"there are: {known}" if known else "the program has no loop")


def add_to_loop(text: Text, loop: While, line: str) -> Edit:
    """`line` (`invariant P`, …) as the loop's last annotation."""
    whole = text.source.text
    clauses = [c.span for c in (*loop.invariants, *loop.recurrent) if c.span is not loop.span]
    ends = [s.end for s in (loop.span, *clauses, *([loop.variant_span] if loop.variant_span else []))]
    end = max(ends)
    indent = _indentation(whole, loop.span.start)
    rest = whole[end : _line_end(whole, end)]
    if rest.strip().startswith("//"):
        return Edit(end + len(rest), end + len(rest), f"\n{indent}{STEP}{line}")
    if re.match(r"\s*do\b", rest):
        return Edit(end, end + len(rest) - len(rest.lstrip()), f"\n{indent}{STEP}{line}\n{indent}")
    return Edit(end, end, f"\n{indent}{STEP}{line}")


def set_variant(text: Text, loop: While, measure: str) -> Edit:
    span = loop.variant_span
    return Edit(span.start, span.end, f"variant {measure}") if span is not None else add_to_loop(text, loop, f"variant {measure}")


def assertion_before(text: Text, number: int, formula: str) -> Iterator[Edit]:
    """Ways to put `assert formula` in front of line `number`; the first that parses is meant."""
    source = text.source
    lines = len(source.starts())
    if not 1 <= number <= lines:
        raise refused(f"there is no line {number}", f"the text has {lines} lines")
    places = sorted(_places(text))
    if number not in places:
        near = [n for n in places if n > number][:1] or places[-1:]
        help = f"the next such line is {near[0]}: `{source.line(near[0]).strip()}`" if near else "no unit has a body"
        raise refused(f"in line {number} no statement begins and no block ends", help)
    start = source.starts()[number - 1]
    indent = _indentation(source.text, start)
    deeper = indent + STEP if re.match(r"\s*(end|else|elsif)\b", source.line(number)) else indent
    yield Edit(start, start, f"{deeper}assert {formula};\n")
    yield Edit(start, start, f"{deeper}assert {formula}\n")
    before = len(source.text[:start].rstrip())
    yield Edit(before, start, f";\n{deeper}assert {formula};\n")
    yield Edit(before, start, f";\n{deeper}assert {formula}\n")


def _places(text: Text) -> set[int]:
    """The lines in front of which a statement can stand: where one begins, and where a block of them ends."""
    found: set[int] = set()
    for unit in text.procedures():
        if unit.body is None:
            continue
        first, last = unit.span.first.line, unit.end_span.first.line
        found |= {s.span.first.line for s in statements(unit.body)}
        found |= {n for n in range(first, last + 1) if re.match(r"\s*(end|else|elsif)\b", text.source.line(n))}
    return found


def add_to_head(text: Text, unit: Procedure, keyword: str, formula: str) -> Edit:
    """`requires P` or `ensures P` after the clauses that a procedure or lemma has."""
    if unit.kind is Kind.TRIPLE:
        raise refused(f"`{unit.name}` is a triple: its conditions stand in braces", "`edit` opens the text")
    clauses = [c.span.end for c in (*unit.requires, *(unit.ensures if keyword == "ensures" else ()))]
    end = max(clauses) if clauses else _head_end(text.source.text, unit.name_span.end)
    return Edit(end, end, f"\n{_indentation(text.source.text, unit.span.start)}{STEP}{keyword} {formula}")


def append(text: Text, declaration: str) -> Edit:
    whole = text.source.text
    kept = len(whole.rstrip())
    return Edit(kept, len(whole), ("\n\n" if kept else "") + declaration.strip() + "\n")


def find_annotation(text: Text, name: str) -> Edit:
    """What takes out the annotation of that name: `unit.loop1.bound`, `loop1.variant`, `assert2`, …  Raises InputError."""
    known = dict(_annotations(text))
    wanted = [n for n in known if n == name or n.endswith(f".{name}")]
    if len(wanted) != 1:
        what = f"several annotations are called `{name}`" if wanted else f"there is no annotation `{name}`"
        raise refused(what, f"there are: {', '.join(wanted or known)}" if known else "the text has none")
    span, keyword = known[wanted[0]]
    return _without(text.source.text, span, keyword)


def annotation_names(text: Text) -> list[str]:
    return [name for name, _ in _annotations(text)]


def _annotations(text: Text) -> Iterator[tuple[str, tuple[Span, str]]]:
    for unit in text.procedures():
        if unit.kind is not Kind.TRIPLE:
            for keyword, clauses in (("requires", unit.requires), ("ensures", unit.ensures)):
                yield from [(f"{unit.name}.{c.label}", (c.span, keyword)) for c in clauses]
        for statement in statements(unit.body) if unit.body else ():
            match statement:
                case While(label=label):
                    yield from [(f"{unit.name}.{label}.{n}", found) for n, found in _of_loop(statement)]
                case Assert(clause=Clause(label=label)) | Assume(clause=Clause(label=label)):
                    yield f"{unit.name}.{label}", (statement.span, "")
                case _:
                    pass


def _of_loop(loop: While) -> Iterator[tuple[str, tuple[Span, str]]]:
    yield from [(c.label, (c.span, "invariant")) for c in loop.invariants if not c.implied]
    yield from [(c.label, (c.span, "recurrent")) for c in loop.recurrent]
    if loop.variant_span is not None:
        yield "variant", (loop.variant_span, "")


def _without(whole: str, span: Span, keyword: str) -> Edit:
    start, end = span.start, span.end
    if keyword:
        before = whole[:start].rstrip()
        if not before.endswith(keyword):
            raise refused("a comment stands inside of that annotation", "`edit` opens the text")
        start = len(before) - len(keyword)
    elif whole[start:end].startswith(("assert", "assume", "{")):
        end += len(found[0]) if (found := re.match(r"[ \t]*;", whole[end:])) else 0
    first = whole.rfind("\n", 0, start) + 1
    last = _line_end(whole, end)
    if not whole[first:start].strip() and not whole[end:last].strip():
        return Edit(first, min(len(whole), last + 1), "")
    return Edit(start, end + len(whole[end:last]) - len(whole[end:last].lstrip(" \t")), "")


def _indentation(whole: str, at: int) -> str:
    start = whole.rfind("\n", 0, at) + 1
    found = re.match(r"[ \t]*", whole[start:])
    return found[0] if found else ""


def _line_end(whole: str, at: int) -> int:
    end = whole.find("\n", at)
    end = len(whole) if end < 0 else end
    return end - 1 if end > at and whole[end - 1] == "\r" else end


def _head_end(whole: str, at: int) -> int:
    """Where the parameters, and `returns (…)` if there is one, end."""
    at = _closing(whole, at)
    found = re.match(r"\s*returns\s*", whole[at:])
    return _closing(whole, at + found.end()) if found else at


def _closing(whole: str, at: int) -> int:
    depth = 0
    for index in range(at, len(whole)):
        depth += {"(": 1, ")": -1}.get(whole[index], 0)
        if depth == 0 and whole[index] == ")":
            return index + 1
    raise refused("the head of that unit cannot be made out", "`edit` opens the text")
