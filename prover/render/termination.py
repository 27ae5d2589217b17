"""What `prover terminates` prints: an answer for each procedure, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from prover.render.escape import escape
from prover.render.style import BOLD, DIM, GREEN, RED, YELLOW, Style
from prover.render.text import WHY, file_details
from prover.report import INTERRUPTED, Answer, FileReport, Reason, Status, UnitReport, Verdict

_WORDS = {Answer.YES: "yes", Answer.NO: "no", Answer.UNKNOWN: "don't know", Answer.TRUSTED: "yes, on trust: it has no body"}
_COLOURS = {Answer.YES: GREEN, Answer.NO: RED, Answer.UNKNOWN: YELLOW, Answer.TRUSTED: YELLOW}


_SEARCHED = {
    False: (
        "linear, lexicographic or with cases, nor a set of states that it never leaves",
        "with invariants that it needs, or `recurrent P` if the loop need not end",
    ),
    True: (
        "made of what the parameters count, nor states from which it need never end",
        "or `diverges P` if it need not end when it is called with `P`",
    ),
}
"""By whether it is a recursion: what was looked for in vain, and what a person could say."""


def asked_units(file: FileReport) -> list[UnitReport]:
    return [u for u in file.units if u.kind in ("procedure", "triple") and u.terminates is not None]


def termination_text(file: FileReport, style: Style, searched: bool) -> str:
    """searched: whether annotations that are missing were looked for."""
    if file.status is Status.INVALID:
        return file_details(file, style)
    whole = searched and not file.interrupted
    lines = [line for unit in asked_units(file) for line in _unit(unit, style, whole)] or ["there is no procedure or triple"]
    cut = [style.paint(YELLOW, escape(d.message)) for d in file.diagnostics if d.code == INTERRUPTED]
    return "\n".join([*lines, *cut])


def _unit(unit: UnitReport, style: Style, searched: bool) -> Iterator[str]:
    assert unit.terminates is not None
    answer = style.paint(_COLOURS[unit.terminates], _WORDS[unit.terminates])
    yield f"{style.paint(BOLD, escape(unit.name))}: {answer}"
    for line in _reasons(unit, searched):
        yield f"  {escape(line)}"
    if unit.terminates is not Answer.UNKNOWN:
        for found in unit.inferred:
            yield style.paint(DIM, f"  found for {found.span.first.line}:{found.span.first.column}: {escape(found.text)}")


def _reasons(unit: UnitReport, searched: bool) -> Iterator[str]:
    match unit.terminates:
        case Answer.YES:
            return _yes(unit)
        case Answer.NO:
            return _no(unit)
        case Answer.UNKNOWN:
            return _unknown(unit, searched)
        case _:
            return iter(())


def _yes(unit: UnitReport) -> Iterator[str]:
    loops = cast("list[Mapping[str, object]]", unit.evidence.get("loops", []))
    for loop in loops:
        place = f"{loop['line']}:{loop['column']}"
        if "variant" in loop:
            variant = ", ".join(cast("list[str]", loop["variant"]))
            yield f"{place} {loop['loop']}: variant {variant}"
            yield f"    {loop['sentence']}"
        else:
            yield f"{place} {loop['loop']}: its body is never repeated"
    if recursion := unit.evidence.get("recursion"):
        yield f"recursion: each call lowers {', '.join(cast('list[str]', recursion))}, which was at least 0"
    elif not loops:
        yield "no loop and no recursion of its own"


def _no(unit: UnitReport) -> Iterator[str]:
    found = unit.evidence
    inputs = _state(cast("Mapping[str, str]", found.get("inputs", {})))
    yield f"it never ends when it starts with {inputs or 'no inputs'}"
    if choices := cast("list[Mapping[str, str]]", found.get("choices", []))[:8]:
        yield "choosing " + ", ".join(f"{c['what']} := {c['value']}" for c in choices)
    if "recurrent" in found:
        yield f"{found['loop']} keeps `{found['recurrent']}` in each round, and that implies its condition"
    if "diverges" in found:
        where = "any state" if found["diverges"] == "true" else f"each state with `{found['diverges']}`"
        yield f"from {where} some run never ends: it comes to a call from such a state again"
    for step in cast("list[Mapping[str, str]]", found.get("prefix", [])):
        yield f"    at its head: {_state(step)}"


def _state(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items())


def _unknown(unit: UnitReport, searched: bool) -> Iterator[str]:
    reason = unit.terminates_reason
    if reason is Reason.SELF_REFERENCE:
        yield "the answer decides what the program does: it asks `terminates(...)`, so neither yes nor no is sure to be right"
        return
    if reason is not None:
        yield WHY[reason] + (f": {', '.join(unit.depends)}" if unit.depends else "")
    for goal in unit.goals:
        if goal.verdict is Verdict.PROVED:
            continue
        place = f"{goal.span.first.line}:{goal.span.first.column}"
        if goal.reason is Reason.MISSING:
            tried, what = _SEARCHED[goal.kind == "recursion-variant"]
            yield f"{place}: it needs a variant" + (f"; none was found, {tried}" if searched else "")
            yield f"    you could supply `variant e`, {what}"
        else:
            yield f"{place}: not proved that {goal.description}"
    tested = cast("Mapping[str, int]", unit.evidence.get("tested", {}))
    if tested.get("runs"):
        yield f"of {tested['runs']} runs {tested['ended']} ended; the longest was followed for {tested['steps']} steps"
