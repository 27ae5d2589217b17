"""What a person is shown: the goal with its hypotheses, the units, the program with a mark on each obligation."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from prover.diagnose.describe import conclusion, hypotheses
from prover.kernel.goal import Goal
from prover.render.escape import escape
from prover.render.style import BLUE, BOLD, DIM, GREEN, RED, YELLOW, Style
from prover.render.text import WHY, plural
from prover.repl.command import Context
from prover.repl.place import Front, is_open, open_goals
from prover.report import Answer, Reason
from prover.session.engine import Work
from prover.session.session import Session
from prover.solve.prove import Outcome
from prover.tactic.steps import named


def mark(outcome: Outcome | None, style: Style) -> str:
    if outcome is None:
        return style.paint(DIM, "…" if style.unicode else ".")
    if outcome.proved:
        return style.paint(GREEN, "✓" if style.unicode else "+")
    return style.paint(YELLOW, "?")


def why(outcome: Outcome | None) -> str:
    """What became of a goal, in words."""
    if outcome is None:
        return "still being tried"
    if outcome.proved:
        return "proved"
    found = outcome.reason or "incomplete"
    if found == "countermodel":
        return "open: the solver sees a state in which it fails"
    return f"open: {WHY[Reason(found)]}"


def goal_view(front: Front, context: Context, known: frozenset[str] | None = None) -> str:
    """The goal in front.  known: texts of the hypotheses before the last step; the others are marked as new."""
    style, goal = context.style, front.leaf.goal if front.leaf is not None else front.goal
    state = mark(front.outcome, style)
    head = [f"{state} {style.paint(BOLD, escape(front.goal.name))}{_branch(front)}  {style.paint(DIM, _line(goal))}"]
    head += [f"  {escape(goal.words)}; {why(front.outcome)}"]
    facts = list(zip([n for n, _ in named(goal)], hypotheses(goal), strict=True))
    width = max([len(n) for n, _ in facts] + [2])
    for name, fact in facts:
        new = known is not None and fact.text not in known
        origin = fact.origin if fact.origin not in name else ""
        place = f"line {fact.span.first.line}" if fact.span is not None else ""
        note = ", ".join([p for p in (origin, place) if p])
        head += _laid_out(f"{'*' if new else ' '} {name:<{width}}", fact.text, note, context, new)
    turnstile = "⊢" if style.unicode else "|-"
    return "\n".join([*head, *_laid_out(f"  {turnstile:<{width}}", conclusion(goal), "", context, False, BOLD)])


def known_texts(front: Front | None) -> frozenset[str] | None:
    if front is None or front.leaf is None:
        return None
    return frozenset(h.text for h in hypotheses(front.leaf.goal))


def _branch(front: Front) -> str:
    if front.leaf is None or not front.leaf.place:
        return ""
    return ", " + ", ".join([branch or "side" for _, branch in front.leaf.place])


def _line(goal: Goal) -> str:
    return f"line {goal.span.first.line}"


def _laid_out(lead: str, text: str, note: str, context: Context, new: bool, code: str = "") -> list[str]:
    style = context.style
    room = max(30, context.width - len(lead) - 4)
    first, *rest = textwrap.wrap(escape(text), room, break_long_words=False, break_on_hyphens=False) or [""]
    shown = style.paint(code or (YELLOW if new else ""), first) if code or new else first
    tail = f"   {style.paint(DIM, note)}" if note and len(first) + len(note) + 3 <= room else ""
    return [f"  {style.paint(BLUE, lead)}  {shown}{tail}", *[f"  {' ' * len(lead)}  {more}" for more in rest]]


def status_view(session: Session, work: Work, context: Context) -> str:
    style = context.style
    goals = session.text.goals
    left = open_goals(session, work)
    pending = work.pending()
    head = f"{escape(session.name)}: {plural(len(goals), 'goal')}, {len(goals) - len(left)} proved"
    head += f", {len(left)} open" if left else ""
    head += f" ({pending} being tried)" if pending else ""
    head += "; not saved" if session.unsaved else ""
    found = work.verdicts()
    units = [session.text.plan.program.units[n] for n in session.text.plan.program.own]
    width = max([len(u.name) for u in units], default=0)
    lines = [head]
    for unit in units:
        verdict = found.get(unit.name)
        if verdict is None:
            continue
        answers = f"correct {_answer(verdict.correct, style)}"
        answers += f", terminates {_answer(verdict.terminates, style)}" if verdict.terminates is not None else ""
        own = [g.name.removeprefix(f"{unit.name}.") for g in left if g.unit == unit.name]
        note = f"   open: {', '.join(own[:4])}{' …' if len(own) > 4 else ''}" if own else ""
        note += f"   rests on {', '.join(verdict.depends)}" if verdict.depends and not own else ""
        lines.append(f"  {unit.name:<{width}}  {answers}{style.paint(DIM, note)}")
    return "\n".join(lines)


def _answer(answer: Answer | None, style: Style) -> str:
    colours = {Answer.YES: GREEN, Answer.TRUSTED: YELLOW, Answer.UNKNOWN: YELLOW, Answer.NO: RED}
    return "" if answer is None else style.paint(colours[answer], answer.value)


def goals_view(session: Session, goals: Iterable[Goal], work: Work, context: Context) -> str:
    """A line for each goal; the open ones have the numbers that `goal N` takes."""
    numbers = {g.name: i for i, g in enumerate(open_goals(session, work), 1)}
    chosen = list(goals)
    width = max([len(g.name) for g in chosen], default=0)
    lines = []
    for goal in chosen:
        number = f"{numbers[goal.name]:>3}" if goal.name in numbers else "   "
        here = ">" if goal.name == session.focus else " "
        place = context.style.paint(DIM, f"line {goal.span.first.line}: {goal.words}")
        lines.append(f"{here}{number} {mark(work.of(goal), context.style)} {escape(goal.name):<{width}}  {place}")
    return "\n".join(lines)


def program_view(session: Session, work: Work, context: Context) -> str:
    """The text with a mark before each line that holds obligations, and which of them are open."""
    source = session.text.source
    by_line: dict[int, list[Goal]] = {}
    for goal in session.text.goals.values():
        if goal.span.source is source:
            by_line.setdefault(goal.span.first.line, []).append(goal)
    lines = []
    total = len(source.text.splitlines())
    for number in range(1, total + 1):
        here = by_line.get(number, [])
        left = [g for g in here if is_open(g, work)]
        sign = " " if not here else mark(work.of(left[0] if left else here[0]), context.style)
        names = context.style.paint(YELLOW, f"   <- {', '.join(g.name for g in left)}") if left else ""
        lines.append(f"{number:>4} {sign} {escape(source.line(number))}{names}".rstrip())
    return "\n".join(lines)
