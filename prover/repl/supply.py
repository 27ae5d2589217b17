"""Commands that supply what a proof lacks: annotations, contracts, declarations; and trying an invariant first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import count

from prover.diagnostic import InputError
from prover.kernel.program import Procedure, While
from prover.render.style import GREEN, RED, YELLOW
from prover.render.text import plural
from prover.repl.command import Command, Context, Result, usage
from prover.repl.look import procedure_names
from prover.repl.place import open_goals, settled
from prover.semantics.values import show_state
from prover.session import edit
from prover.session.candidate import Trial, tried
from prover.session.edit import Edit
from prover.session.session import Session


def after(session: Session, what: str, context: Context) -> Result:
    """The session after a change of its text, with what that did to the goals."""
    asked = context.engine.asked
    work = settled(session, context)
    again = context.engine.asked - asked
    left = open_goals(session, work)
    state = f"{plural(len(left), 'goal')} open" if left else "all goals are proved"
    names = ": " + ", ".join(g.name for g in left[:4]) + (" ..." if len(left) > 4 else "") if left else ""
    note = f" ({work.pending()} being tried)" if work.pending() else ""
    del again
    return Result(session, f"{what}; {state}{names}{note}")


def changed(session: Session, edits: Iterator[Edit]) -> Session:
    """The session after the first of the edits whose text parses.  Raises the first one's InputError if none does."""
    failure: InputError | None = None
    for one in edits:
        try:
            return session.with_text(one.apply(session.text.source.text))
        except InputError as bad:
            failure = failure or bad
    assert failure is not None
    raise failure


def _loop_and_rest(session: Session, words: str, what: str) -> tuple[Procedure, While, str]:
    name, _, rest = words.partition(" ")
    loops = list(session.text.loops())
    labels = {s.label for _, s in loops} | {f"{u.name}.{s.label}" for u, s in loops}
    if name not in labels and len(loops) == 1 and words and not re.fullmatch(r"loop\d+", name):
        return (*loops[0], words.strip())
    if not rest.strip():
        raise usage(f"say which loop, and {what}", "loops: " + (", ".join(f"{u.name}.{s.label}" for u, s in loops) or "none"))
    return (*edit.find_loop(session.text, name, session.focus), rest.strip())


def _clause(keyword: str) -> Callable[[Session, str, Context], Result]:
    def act(session: Session, words: str, context: Context) -> Result:
        unit, loop, formula = _loop_and_rest(session, words, "a formula")
        made = edit.add_to_loop(session.text, loop, f"{keyword} {formula}")
        return after(changed(session, iter([made])), f"{keyword} added to {unit.name}.{loop.label}", context)

    return act


def variant(session: Session, words: str, context: Context) -> Result:
    unit, loop, measure = _loop_and_rest(session, words, "a measure")
    made = edit.set_variant(session.text, loop, measure)
    return after(changed(session, iter([made])), f"variant of {unit.name}.{loop.label} set", context)


def assert_(session: Session, words: str, context: Context) -> Result:
    number, _, formula = words.partition(" ")
    if not number.isdigit() or not formula.strip():
        raise usage("write `assert LINE P`", "`show` has the line numbers")
    made = changed(session, edit.assertion_before(session.text, int(number), formula.strip()))
    return after(made, f"assertion put before line {number}", context)


def _contract(keyword: str) -> Callable[[Session, str, Context], Result]:
    def act(session: Session, words: str, context: Context) -> Result:
        name, _, formula = words.partition(" ")
        units = {u.name: u for u in session.text.procedures()}
        if name not in units and len(units) == 1 and words:
            name, formula = next(iter(units)), words
        if name not in units or not formula.strip():
            raise usage(f"write `{keyword} UNIT P`", f"units: {', '.join(units) or 'none'}")
        made = edit.add_to_head(session.text, units[name], keyword, formula.strip())
        return after(changed(session, iter([made])), f"{keyword} added to {name}", context)

    return act


def remove(session: Session, words: str, context: Context) -> Result:
    if not words:
        raise usage("say what to remove", "there are: " + (", ".join(edit.annotation_names(session.text)) or "none"))
    return after(changed(session, iter([edit.find_annotation(session.text, words)])), f"{words} removed", context)


def declare(session: Session, words: str, context: Context) -> Result:
    if not words:
        raise usage("write a declaration: procedure, function, lemma, triple, ...", "a bare triple is `{ P } S { Q }`")
    before = set(session.text.plan.program.units)
    if words.startswith("{") and session.text.source.text.strip():
        words = f"triple {_new_name(before)} {words}"  # only the first of a file may be without a name
    made = changed(session, iter([edit.append(session.text, words)]))
    new = [n for n in made.text.plan.program.own if n not in before]
    return after(made, f"{', '.join(new) or 'it'} added", context)


def _new_name(taken: set[str]) -> str:
    return next(f"triple{n}" for n in count(1) if f"triple{n}" not in taken)


def try_(session: Session, words: str, context: Context) -> Result:
    unit, loop, formula = _loop_and_rest(session, words, "a formula")
    trial = tried(session, unit, loop, formula, context.engine)
    good = trial.breaking is None and trial.entry is not False and trial.kept is not False
    return Result(session, "\n".join(_trial_lines(trial, f"{unit.name}.{loop.label}", formula, context)), ok=good)


def _trial_lines(trial: Trial, loop: str, formula: str, context: Context) -> Iterator[str]:
    style = context.style
    yield f"{formula}  at {loop}"
    if trial.breaking is not None:
        found = trial.breaking
        when = "on entry" if found.round == 0 else f"after round {found.round}"
        yield f"  runs:   {style.paint(RED, 'broken')} {when} from {show_state(found.inputs) or 'the start'}"
        yield f"          there {show_state(found.found.state)}"
    else:
        yield f"  runs:   {style.paint(GREEN, 'no small run breaks it')}"
    for name, value in (("entry", trial.entry), ("kept", trial.kept)):
        yes = style.paint(GREEN, "yes") if value else style.paint(YELLOW, "not proved")
        yield f"  {name + ':':<7} {yes}"
    if trial.needless:
        yield "  enough: nothing was open without it"
    elif not trial.open:
        yield f"  enough: {style.paint(GREEN, 'yes')}, all else is proved with it"
    else:
        helps = f"; it closes {', '.join(trial.closed)}" if trial.closed else ""
        yield f"  enough: {style.paint(YELLOW, 'no')}, open: {', '.join(trial.open)}{helps}"


def loop_names(session: Session) -> Sequence[str]:
    return [s.label for _, s in session.text.loops()]


def annotation_names(session: Session) -> Sequence[str]:
    return edit.annotation_names(session.text)


COMMANDS = (
    Command("invariant", ("inv",), "supply", "invariant [LOOP] [NAME:] P", "add an invariant to a loop",
            "Writes it into the text, after the loop's other annotations, and asks the goals that it touches again.",
            "There is no such loop, or the formula does not fit there; nothing is changed.", "invariant loop1 0 <= i <= n",
            _clause("invariant"), loop_names),
    Command("variant", ("var",), "supply", "variant [LOOP] e, ...", "set what falls in each round of a loop",
            "Writes the variant into the text, in place of one that is there.", "As for `invariant`.", "variant loop1 n - i",
            variant, loop_names),
    Command("recurrent", (), "supply", "recurrent [LOOP] P", "claim that a loop runs on for ever from where P holds",
            "Writes it into the text.", "As for `invariant`.", "recurrent loop1 x > 0", _clause("recurrent"), loop_names),
    Command("assert", (), "supply", "assert LINE P", "put an assertion in front of a line",
            "The assertion has to be proved there, and may be used afterwards.",
            "No statement starts at that line, or the formula does not fit.", "assert 12 i <= n", assert_),
    Command("requires", (), "supply", "requires UNIT P", "add a precondition", "Writes it into the head of the unit.",
            "The unit is a triple, or there is none of that name.", "requires factorial n >= 0", _contract("requires"),
            procedure_names),
    Command("ensures", (), "supply", "ensures UNIT P", "add a postcondition", "Writes it into the head of the unit.",
            "As for `requires`.", "ensures factorial r >= 1", _contract("ensures"), procedure_names),
    Command("remove", ("rm",), "supply", "remove NAME", "take an annotation out of the text",
            "Takes out an invariant, variant, assertion or contract by its name.", "There is no such annotation.",
            "remove loop1.inv2", remove, annotation_names),
    Command("declare", ("d",), "supply", "[declare] procedure ... | lemma ... | { P } S { Q }", "add a declaration to the text",
            "Declarations can be typed as they are, without the word `declare`; they may run over several lines.",
            "The declaration does not parse; nothing is changed.", "lemma square(x: int) ensures x * x >= 0", declare),
    Command("try", ("t",), "supply", "try [LOOP] P", "try an invariant before adding it",
            "Runs the program on small inputs and names the input and the round that break it; then asks whether it is proved.",
            "The formula does not fit there.", "try loop1 i <= n", try_, loop_names),
)  # fmt: skip
