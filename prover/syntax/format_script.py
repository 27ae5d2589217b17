"""Proof scripts to lines.  A step's arguments stay as they were written, the comments in them included."""

from __future__ import annotations

from prover.syntax import surface as s
from prover.syntax.format_writer import Writer
from prover.syntax.layout import LINE, Doc, Group, Join, Verbatim, join


def write_script(w: Writer, head: Doc, script: s.ProofScript, start: int, end: int, one_line: bool) -> None:
    """`head by { steps }`; the braces hold what is between `start` and `end`."""
    flat = w.fits(join(head, " by ", _braced(_script_doc(script))), 1) if one_line and not w.comments.pending(end) else None
    if flat is not None:
        w.emit(flat)
        return
    w.emit(Group(join(head, LINE, "by {")))
    w.beside(start, _first(script, end))
    with w.indented():
        write_steps(w, script, end)
    w.emit("}")


def write_steps(w: Writer, script: s.ProofScript, limit: int) -> None:
    for index, step in enumerate(script.steps):
        last = index + 1 == len(script.steps)
        w.before(step.span.start)
        w.blank(step.span.start)
        if isinstance(step, s.TacticStep) and step.arguments_span is not None:
            w.before(step.arguments_span.start)
            w.comments.take(step.arguments_span.end)
        _write_step(w, step)
        if not last:
            w.append(";")
        w.beside(step.span.end, limit if last else script.steps[index + 1].span.start)
    w.before(limit)


def _first(script: s.ProofScript, limit: int) -> int:
    return script.steps[0].span.start if script.steps else limit


def _write_step(w: Writer, step: s.TacticStep | s.Gap) -> None:
    if isinstance(step, s.Gap):
        w.emit("?")
        return
    end = step.span.end
    flat = w.fits(_step_doc(step), 1) if w.one_line_in_source(step) and not w.comments.pending(end) else None
    if flat is not None or not step.branches:
        w.emit(flat if flat is not None else _head(step))
        return
    w.emit(join(_head(step), " {"))
    start = (step.arguments_span or step.name.span).end
    with w.indented():
        for (name, script), following in zip(step.branches, (*step.branches[1:], None), strict=True):
            limit = end - 1 if following is None else w.find(following[0], script.span.end, following[1].span.start)
            w.before(w.find(name, start, _first(script, script.span.end)) if name else 0)
            _write_branch(w, name, script, limit)
            start = script.span.end
        w.before(end - 1)
    w.emit("}")


def _write_branch(w: Writer, name: str, script: s.ProofScript, limit: int) -> None:
    if not name:
        write_steps(w, script, limit)
        return
    if not script.steps:
        w.emit(f"{name}:")
        return
    first = script.steps[0]
    short = w.one_line_in_source(script) or not (script.steps[1:] or (isinstance(first, s.TacticStep) and first.branches))
    flat = w.fits(_branch_doc(name, script)) if short and not w.comments.pending(script.span.end) else None
    if flat is not None:
        w.emit(flat)
        w.beside(script.span.end, limit)
        return
    w.emit(f"{name}:")
    with w.indented():
        write_steps(w, script, limit)


def _head(step: s.TacticStep) -> Doc:
    text = step.arguments.replace("\r\n", "\n")
    return join(step.name.text, " ", Verbatim(text)) if text else step.name.text


def _step_doc(step: s.TacticStep | s.Gap) -> Doc:
    if isinstance(step, s.Gap):
        return "?"
    if not step.branches:
        return _head(step)
    branches = [_branch_doc(name, script) for name, script in step.branches]
    spaced = [part for branch in branches if branch.parts for part in (" ", branch)]
    return join(_head(step), " ", _braced(Join(tuple(spaced[1:]))))


def _branch_doc(name: str, script: s.ProofScript) -> Join:
    if not name:
        return _script_doc(script)
    return join(f"{name}: ", _script_doc(script)) if script.steps else join(f"{name}:")


def _script_doc(script: s.ProofScript) -> Join:
    parts = [part for step in script.steps for part in ("; ", _step_doc(step))]
    return Join(tuple(parts[1:]))


def _braced(doc: Join) -> Doc:
    return "{ }" if not doc.parts else join("{ ", doc, " }")
