"""Commands that run the program: whole, and step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from prover.diagnose.refute import refutation
from prover.kernel.program import Kind, Procedure
from prover.kernel.sort import Array, Bool, Sort
from prover.render.run import chosen, closing, findings, heading
from prover.render.style import BOLD
from prover.render.text import diagnostic_text
from prover.repl.command import Command, Context, Result, usage
from prover.repl.look import procedure_names
from prover.semantics.choices import RandomChoices
from prover.semantics.inputs import BadInput, read_inputs
from prover.semantics.needed import needed_inputs
from prover.semantics.outcome import Ended
from prover.semantics.run import run
from prover.semantics.state import outcome_variables
from prover.semantics.values import Value, display_name, show_state
from prover.session.session import Session, Walk

MAX_STEPS = 20_000


def run_(session: Session, words: str, context: Context) -> Result:
    name, inputs = _split(words)
    unit = _unit(session, name)
    try:
        values = read_inputs(unit, inputs)
    except BadInput as bad:
        raise usage("; ".join(bad.problems), f"for example: run {unit.name} " + " ".join(_example(unit))) from None
    made = run(session.text.plan.program, unit.name, values, choices=RandomChoices(0), max_steps=MAX_STEPS, trace=True)
    lines = [heading(unit.name, values), *chosen(made)]
    shown: dict[str, Value] = {}
    if isinstance(made.outcome, Ended):
        shown = {n: made.outcome.state[n] for n in outcome_variables(unit) if n in made.outcome.state}
    lines.append(closing(made, shown, context.style))
    lines += [diagnostic_text(f, context.style) for f in findings(made)]
    lines += ["`step` and `back` walk through it"] if made.trace else []
    return Result(replace(session, walk=Walk(made)), "\n".join(lines))


def _split(words: str) -> tuple[str, list[str]]:
    """The unit's name, if there is one, and the inputs, whose values may hold spaces in brackets."""
    parts: list[str] = []
    depth = 0
    for part in words.split():
        if depth > 0 and parts:
            parts[-1] += part
        else:
            parts.append(part)
        depth += part.count("[") - part.count("]")
    return (parts[0], parts[1:]) if parts and "=" not in parts[0] else ("", parts)


def _unit(session: Session, name: str) -> Procedure:
    units = [u for u in session.text.procedures() if u.body is not None]
    if name:
        units = [u for u in units if u.name == name]
    elif session.focus is not None and (here := [u for u in units if u.name == session.focus.split(".")[0]]):
        units = here
    else:
        units = [u for u in units if u.kind is not Kind.LEMMA] or units
    if len(units) != 1:
        known = ", ".join(u.name for u in session.text.procedures() if u.body is not None)
        raise usage(f"there is no unit `{name}` to run" if name else "say which unit to run", f"there are: {known or 'none'}")
    return units[0]


def _example(unit: Procedure) -> list[str]:
    return [f"{display_name(v.name)}={_value(v.sort)}" for v in needed_inputs(unit)]


def _value(sort: Sort) -> str:
    match sort:
        case Bool():
            return "true"
        case Array(element=element):
            return f"[{_value(element)}]"
        case _:
            return "5"


def step(session: Session, words: str, context: Context) -> Result:
    return _walk(session, _count(words), context)


def back(session: Session, words: str, context: Context) -> Result:
    return _walk(session, -_count(words), context)


def _count(words: str) -> int:
    if not words:
        return 1
    if not words.isdigit():
        raise usage(f"`{words}` is no number of steps")
    return int(words)


def _walk(session: Session, by: int, context: Context) -> Result:
    walk = session.walk
    if walk is None:
        raise usage("there is no run to walk through", "`run x=5` makes one")
    trace = walk.run.trace
    at = max(0, min(len(trace), walk.at + by))
    session = replace(session, walk=replace(walk, at=at))
    if at == 0:
        return Result(session, f"at the start: {show_state(walk.run.initial)}")
    now = trace[at - 1]
    before: Mapping[str, Value] = next((s.state for s in reversed(trace[: at - 1]) if s.depth == now.depth), walk.run.initial)
    changed = {n: v for n, v in now.state.items() if n not in before or before[n] != v}
    text = " ".join(now.span.text.split())[:60]
    lines = [f"step {at} of {len(trace)}, line {now.span.first.line}: {context.style.paint(BOLD, text)}"]
    lines.append(f"  now {show_state(now.state) or 'no variables'}" + (f"   (changed: {', '.join(changed)})" if changed else ""))
    lines += [f"  broken here: {b.label}: {b.message}" for b in walk.run.breaks if b.step == now.number]
    if at == len(trace):
        lines.append("  that was the last step")
    return Result(session, "\n".join(lines))


def counterexample(session: Session, words: str, context: Context) -> Result:
    unit = _unit(session, words)
    found = refutation(session.text.plan.program, unit.name, None)
    if found is None:
        return Result(session, f"no small run of `{unit.name}` breaks what it promises; that is no proof")
    made = found.run
    lines = [heading(unit.name, made.initial), *chosen(made), *[diagnostic_text(f, context.style) for f in findings(made)]]
    return Result(session, "\n".join(lines), ok=False)


COMMANDS = (
    Command("run", ("r",), "run", "run [UNIT] x=VALUE ...", "run the program and check its annotations on the way",
            "Says how the run ended and what it broke; `step` then walks through it.",
            "A value is missing, or of another type.", "run n=5", run_, procedure_names),
    Command("step", ("+",), "run", "step [N]", "one step further in the run", "Shows the line and the state after it.",
            "There is no run.", "step", step),
    Command("back", ("-",), "run", "back [N]", "one step back in the run", "Shows the state one step earlier.",
            "There is no run.", "back 3", back),
    Command("counterexample", ("ce",), "run", "counterexample [UNIT]", "look for a run that breaks the program",
            "Tries small and random inputs; what is found has been run.", "Never; that none is found proves nothing.",
            "counterexample", counterexample, procedure_names),
)  # fmt: skip
