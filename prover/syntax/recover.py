"""Reading on after a mistake, so that one run reports them all: mend what is plain, else skip the statement or declaration."""

from __future__ import annotations

from prover.diagnostic import Diagnostic
from prover.syntax.complaints import complain
from prover.syntax.machine import Machine, Methods
from prover.syntax.marks import DECLARATIONS
from prover.syntax.surface import SkipStmt
from prover.syntax.trouble import Mend, Trouble, opened
from prover.syntax.vocabulary import opens_block

MAX_COMPLAINTS = 50
MAX_LOOKS = 500_000  # each complaint looks at the whole stack, which a text of open brackets makes as high as it likes


def complaints(machine: Machine, methods: Methods, failed: int) -> list[Diagnostic]:
    """Every mistake from the token at `failed` on, where `machine` stopped.  The tokens are mended in place; the tree is lost."""
    found: list[Diagnostic] = []
    index: int | None = failed
    mended = -1
    skipped: int | None = None
    while index is not None and len(found) < MAX_COMPLAINTS and len(found) * len(machine.states) < MAX_LOOKS:
        # what does not fit in the midst of a mend, or where skipping ended, is a consequence: pass it in silence
        finding = complain(Trouble(machine, index)) if index >= mended and index != skipped else None
        if finding is not None:
            found.append(finding.diagnostic)
        if finding is not None and finding.mend is not None and _apply(machine, finding.mend, index):
            mended = index + len(finding.mend.put)
        else:
            index = skipped = _skip(machine, index, again=index == skipped)
        index = None if index is None else machine.run(methods, index)
    return found


def _apply(machine: Machine, mend: Mend, index: int) -> bool:
    """Tokens put in are of no width where they replace none.  False: the rest of the statement is to be skipped."""
    if index + mend.drop >= len(machine.tokens.kinds):
        return False
    tokens = machine.tokens
    for other, kind in sorted(mend.also, reverse=True):
        tokens.kinds[other] = kind
        if not kind:
            del tokens.kinds[other], tokens.starts[other], tokens.ends[other]
    gap = tokens.ends[index - 1] if index else 0
    start, end = (tokens.starts[index], tokens.ends[index + mend.drop - 1]) if mend.drop else (gap, gap)
    tokens.kinds[index : index + mend.drop] = mend.put
    tokens.starts[index : index + mend.drop] = [start] * len(mend.put)
    tokens.ends[index : index + mend.drop] = [end] * len(mend.put)
    return not mend.skip


def _skip(machine: Machine, index: int, again: bool) -> int | None:
    """Drop the innermost statement that stands in a block, and go to where it seems to end; failing that to the next declaration.

    again: skipping ended at this token before, so pass it; an `else` that fits nowhere has an `end`, all the same.
    """
    gotos = machine.tables.gotos
    alone = again and machine.tokens.kinds[index] in ("ELSE", "ELSIF")
    index += again
    for level in range(len(machine.states) - 1, -1, -1):
        after = gotos[machine.states[level]].get("statement")
        if after is not None:
            end = _statement_end(machine, index, _begun(machine, level) + alone)
            if machine.tokens.kinds[end] in _STOPS:
                _replace(machine, level, after)
                return end
            break
    return _declaration(machine, index)


_STOPS = frozenset(("SEMICOLON", "END", "ELSE", "ELSIF"))


def _begun(machine: Machine, level: int) -> int:
    """How many `end`s the part of the stack above `level` still waits for."""
    if level + 1 == len(machine.begins):
        return 0
    start = machine.begins[level + 1]
    return sum(begun.start >= start and begun.closing == "end" for begun in opened(machine))


def _statement_end(machine: Machine, index: int, depth: int) -> int:
    kinds = machine.tokens.kinds
    while index < len(kinds) - 1 and kinds[index] not in DECLARATIONS:
        kind = kinds[index]
        if depth == 0 and kind in _STOPS:
            return index
        depth += opens_block(kinds, index) - (kind == "END")
        index += 1
    return min(index, len(kinds) - 1)


def _replace(machine: Machine, level: int, state: int) -> None:
    """Cut the stack to `level` and put a statement on it."""
    begin = machine.begins[level + 1] if level + 1 < len(machine.begins) else machine.begins[-1]
    del machine.states[level + 1 :], machine.values[level + 1 :], machine.begins[level + 1 :], machine.depths[level + 1 :]
    machine.states.append(state)
    machine.values.append(SkipStmt(machine.tokens.span(0)))
    machine.begins.append(begin)
    machine.depths.append(0)


def _declaration(machine: Machine, index: int) -> int | None:
    """The next keyword that begins a declaration, with the stack as at the beginning of a file."""
    kinds = machine.tokens.kinds
    if machine.start != machine.tables.starts["file"]:
        return None
    while index < len(kinds) and kinds[index] not in DECLARATIONS:
        index += 1
    if index >= len(kinds):
        return None
    machine.reset()
    return index
