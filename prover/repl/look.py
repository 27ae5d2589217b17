"""Commands that look: at the file, its goals, what they know, and what codes mean."""

from __future__ import annotations

from collections.abc import Sequence

from prover.catalogue import codes, entry
from prover.kernel.program import Procedure
from prover.render.escape import escape_lines
from prover.render.style import BOLD
from prover.repl.command import Command, Context, Result, usage
from prover.repl.place import chosen_goal, focused, front, front_of, open_goals, settled
from prover.repl.view import goal_view, goals_view, program_view, status_view
from prover.session.session import Session
from prover.syntax.style import ASCII, UNICODE
from prover.textbook.outline import assertions, lines


def status(session: Session, _words: str, context: Context) -> Result:
    return Result(session, status_view(session, settled(session, context), context))


def goals(session: Session, words: str, context: Context) -> Result:
    work = settled(session, context)
    found = list(session.text.goals.values())
    if words and words != "all":
        found = [g for g in found if g.name == words or g.name.startswith(f"{words}.")]
        if not found:
            raise usage(f"no goal is called or starts with `{words}`", f"units: {', '.join(session.text.plan.program.own)}")
    elif not words:
        found = open_goals(session, work)
    return Result(session, goals_view(session, found, work, context) or "no goal is open")


def goal(session: Session, words: str, context: Context) -> Result:
    if words:
        session = focused(session, chosen_goal(session, words, context))
    return shown(session, context)


def shown(session: Session, context: Context) -> Result:
    found = front(session, context)
    if found is None:
        return Result(session, "no goal is open")
    text = goal_view(found, context)
    if found.leaf is None:
        text += "\n" + "\n".join(f"  script: {d.message}" for d in session.text.findings)
    return Result(session, text)


def following(session: Session, _words: str, context: Context) -> Result:
    left = open_goals(session, settled(session, context))
    if not left:
        return Result(session, "no goal is open")
    names = [g.name for g in left]
    at = names.index(session.focus) + 1 if session.focus in names else 0
    chosen = left[at % len(left)]
    session = focused(session, chosen)
    return Result(session, goal_view(front_of(chosen, session, context), context))


def show(session: Session, _words: str, context: Context) -> Result:
    return Result(session, program_view(session, settled(session, context), context) or "the text is empty")


def context_(session: Session, _words: str, context: Context) -> Result:
    units = session.text.plan.program.units
    found = [f"  {u.name:<20} {_first_line(u.span.text)}" for u in units.values()]
    return Result(session, "\n".join(found) or "nothing is declared")


def _first_line(text: str) -> str:
    return " ".join(text.split("\n", maxsplit=1)[0].split())


def wp(session: Session, words: str, context: Context) -> Result:
    units = [u for u in session.text.procedures() if u.body is not None and words in ("", u.name)]
    if not units:
        raise usage(f"there is no procedure, triple or lemma `{words}` with a body" if words else "there is nothing with a body")
    symbols = UNICODE if context.style.unicode else ASCII
    parts = [[context.style.paint(BOLD, f"{u.kind.value} {u.name}"), *_outline(u, session, symbols, context)] for u in units]
    return Result(session, "\n\n".join(escape_lines("\n".join(p)) if not context.style.colour else "\n".join(p) for p in parts))


def _outline(unit: Procedure, session: Session, symbols: object, context: Context) -> list[str]:
    style = UNICODE if symbols is UNICODE else ASCII
    return [escape_lines(line) for line in lines(assertions(unit, session.text.plan.program), style, context.width)]


def history(session: Session, _words: str, _context: Context) -> Result:
    return Result(session, "\n".join(f"{i:>3}  {d}" for i, d in enumerate(session.past(), 1)) or "nothing was changed")


def explain(session: Session, words: str, context: Context) -> Result:
    if not words:
        return Result(session, "\n".join(codes()))
    found = entry(words.strip("[]"))
    if found is None:
        raise usage(f"there is no code `{words}`", "`explain` alone lists them")
    parts = [context.style.paint(BOLD, f"{found.code}: {found.title}"), found.explanation]
    parts += [f"The mistake:\n{found.mistake}", f"Its mend:\n{found.mend}"] if found.mistake else []
    return Result(session, "\n\n".join(parts))


def goal_names(session: Session) -> Sequence[str]:
    return tuple(session.text.goals)


def unit_names(session: Session) -> Sequence[str]:
    return session.text.plan.program.own


def procedure_names(session: Session) -> Sequence[str]:
    return [u.name for u in session.text.procedures()]


COMMANDS = (
    Command("status", ("s",), "look", "status", "the units with their answers, and how many goals are open",
            "Shows each unit of the file with *correct* and *terminates*, and the first of its open goals.",
            "Never.", "status", status),
    Command("goals", ("gs",), "look", "goals [all | UNIT]", "the open goals, or all, or those of a unit",
            "Lists goals with a mark each; open ones have a number, which `goal` takes.",
            "No goal starts with the word given.", "goals factorial", goals, unit_names),
    Command("goal", ("g",), "look", "goal [NAME | NUMBER]", "show a goal with what it may use, and work on it",
            "Shows hypotheses by name, where they come from, and what is to be proved; proof steps then go to this goal.",
            "There is no such goal; the nearest names are shown.", "goal factorial.loop1.inv1.preserved", goal, goal_names),
    Command("next", ("n",), "look", "next", "the next open goal", "Like `goal` with the open goal that follows.",
            "Never.", "next", following),
    Command("show", ("l",), "look", "show", "the program with a mark on each obligation",
            "Prints the text with line numbers; open goals stand beside the line that they are about.", "Never.", "show", show),
    Command("context", (), "look", "context", "what is declared", "Lists the units, imported ones included.", "Never.",
            "context", context_),
    Command("wp", (), "look", "wp [UNIT]", "the textbook's weakest preconditions, as an outline",
            "Prints the program with the weakest precondition before each statement.",
            "The unit has no body.", "wp swap", wp, procedure_names),
    Command("history", (), "look", "history", "what was changed so far", "Lists the commands that `undo` takes back.",
            "Never.", "history", history),
    Command("explain", (), "look", "explain [CODE]", "what a code in a message means",
            "Shows the page of a diagnostic code; alone it lists the codes.", "There is no such code.",
            "explain goal-script", explain, lambda _s: codes()),
)  # fmt: skip
