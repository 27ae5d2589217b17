"""Where a person is: the goal in front, and which of the goals that its script leaves."""

from __future__ import annotations

from dataclasses import dataclass, replace

from prover.kernel.goal import Goal
from prover.repl.command import Context, usage
from prover.session.engine import Work
from prover.session.session import Session
from prover.solve.prove import Outcome
from prover.tactic.script import Tree


@dataclass(frozen=True, slots=True, eq=False)
class Front:
    """leaf: None where the goal's script does not fit."""

    goal: Goal
    leaf: Tree | None
    outcome: Outcome | None


def settled(session: Session, context: Context) -> Work:
    """The work on the session's text, after waiting for it as long as the context has patience."""
    work = context.engine.work(session.text)
    work.wait(context.patience)
    return work


def is_open(goal: Goal, work: Work) -> bool:
    found = work.of(goal)
    return found is None or not found.proved


def open_goals(session: Session, work: Work) -> list[Goal]:
    return [g for g in session.text.goals.values() if is_open(g, work)]


def front(session: Session, context: Context) -> Front | None:
    """The focused goal, or the first that is open; None when nothing is."""
    goals = session.text.goals
    work = context.engine.work(session.text)
    goal = goals.get(session.focus) if session.focus is not None else None
    if goal is None:
        work.wait(context.patience)
        goal = next(iter(open_goals(session, work)), None)
    return None if goal is None else front_of(goal, session, context)


def front_of(goal: Goal, session: Session, context: Context) -> Front:
    work = context.engine.work(session.text)
    tree = session.text.tree(goal)
    if tree is None:
        return Front(goal, None, work.of(goal))
    work.wait(context.patience, tree.leaves())
    ends = tree.ends()
    chosen = [t for t in ends if t.place == session.leaf] if session.leaf is not None else []
    left = [t for t in ends if (o := work.outcome(t.goal)) is None or not o.proved]
    leaf = next(iter([*[t for t in chosen if t in left], *left, *chosen, *ends]))
    return Front(goal, leaf, work.outcome(leaf.goal))


def chosen_goal(session: Session, name: str, context: Context) -> Goal:
    """The goal of that name, of a name that ends so, or of that number among the open ones.  Raises InputError."""
    goals = session.text.goals
    if name in goals:
        return goals[name]
    if name.isdigit():
        listed = open_goals(session, settled(session, context))
        if 1 <= int(name) <= len(listed):
            return listed[int(name) - 1]
        raise usage(f"there is no open goal {name}", f"{len(listed)} are open: see `goals`")
    ending = [g for n, g in goals.items() if n.endswith(f".{name}")]
    if len(ending) == 1:
        return ending[0]
    from difflib import get_close_matches

    close = [g.name for g in ending] or get_close_matches(name, goals, 3, 0.5)
    what = f"several goals end in `{name}`" if ending else f"there is no goal `{name}`"
    raise usage(what, f"did you mean {' or '.join(f'`{c}`' for c in close)}?" if close else "`goals all` lists them")


def focused(session: Session, goal: Goal) -> Session:
    return replace(session, focus=goal.name, leaf=None)
