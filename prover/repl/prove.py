"""Commands that prove: the steps of scripts, each written into the text where the goal in front is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from prover.diagnostic import InputError, error
from prover.kernel.goal import Goal
from prover.kernel.program import Kind
from prover.repl.command import Act, Command, Context, Result, nothing, usage
from prover.repl.look import shown
from prover.repl.place import Front, front, front_of, open_goals
from prover.repl.view import goal_view, known_texts, why
from prover.session import scripts
from prover.session.session import Session
from prover.tactic.script import CLOSING
from prover.tactic.steps import STEPS, Tactic, named, scope


def _front(session: Session, context: Context) -> Front:
    found = front(session, context)
    if found is None:
        raise usage("no goal is open", "`goals all` lists them, `goal NAME` takes one")
    if found.leaf is None:
        raise usage(
            "the script of this goal does not fit", *[d.message for d in session.text.findings], "`reset` takes the script away"
        )
    return found


def step(name: str) -> Act:
    def act(session: Session, words: str, context: Context) -> Result:
        return _take(session, f"{name} {words}".strip(), context)

    return act


def _take(session: Session, text: str, context: Context) -> Result:
    """Add the step to the goal's script.  Raises InputError, if it does not fit."""
    at = _front(session, context)
    assert at.leaf is not None
    written = scripts.with_branches(text)
    made = session.with_text(scripts.add_step(session.text, at.goal, at.leaf, written).apply(session.text.source.text))
    goal = made.text.goals[at.goal.name]
    if made.text.tree(goal) is None:
        raise InputError(*[error("goal-script", d.message, None) for d in made.text.findings if d.code == "goal-script"])
    made = replace(made, focus=goal.name, leaf=at.leaf.place)
    return _progress(made, front_of(goal, made, context), known_texts(at), context)


def _progress(session: Session, at: Front, known: frozenset[str] | None, context: Context) -> Result:
    """The goal after a step: what is left of it, or that it is proved and which is next."""
    work = context.engine.work(session.text)
    outcome = work.of(at.goal)
    if outcome is None or not outcome.proved:
        left = [t for t in _ends(session, at) if (o := work.outcome(t)) is None or not o.proved]
        count = f"{len(left)} goals are left of it\n" if len(left) > 1 else ""
        return Result(session, count + goal_view(at, context, known))
    left_goals = open_goals(session, work)
    rest = f"{len(left_goals)} open: {left_goals[0].name} is next (`next`)" if left_goals else "no goal is open"
    return Result(replace(session, focus=None, leaf=None), f"{at.goal.name} is proved; {rest}")


def _ends(session: Session, at: Front) -> Sequence[Goal]:
    tree = session.text.tree(at.goal)
    return tree.leaves() if tree is not None else ()


def auto(name: str) -> Act:
    def act(session: Session, words: str, context: Context) -> Result:
        if words:
            return _with_hints(session, words, context)
        at = _front(session, context)
        assert at.leaf is not None
        if at.outcome is not None and at.outcome.reason in ("skipped", "timeout", "worker-died"):
            context.engine.again(session.text)
            at = front_of(at.goal, session, context)
        if at.outcome is None or not at.outcome.proved:
            return Result(session, f"{name}: {why(at.outcome)}", ok=False)
        if session.text.script(at.goal) is None or at.leaf is None or at.leaf.closed:
            return Result(replace(session, focus=at.goal.name), f"{at.goal.name} is proved")
        return _take(session, name, context)

    return act


def _with_hints(session: Session, words: str, context: Context) -> Result:
    """`auto lemma(e), P, f(e)`: lemmas are used, functions unfolded, formulas proved first."""
    before = session
    for hint in [h.strip() for h in words.split(";") if h.strip()]:
        name = hint.split("(")[0].strip()
        unit = session.text.plan.program.units.get(name)
        lemma = getattr(unit, "kind", None) is Kind.LEMMA
        made = _take(
            session, f"{'use' if lemma else 'unfold' if unit is not None and hint.endswith(')') else 'have'} {hint}", context
        )
        session = made.session
        if session.focus is None:
            return made
    result = shown(session, context)
    return Result(session if session is not before else before, result.text)


def reset(session: Session, words: str, context: Context) -> Result:
    if words:
        raise usage("`reset` takes no argument", "`goal NAME` chooses the goal first")
    found = front(session, context)
    if found is None:
        raise usage("no goal is in front", "`goal NAME` takes one")
    made = session.with_text(scripts.drop_script(session.text, found.goal).apply(session.text.source.text))
    return shown(replace(made, focus=found.goal.name), context)


def names_in_front(session: Session) -> Sequence[str]:
    """Names of hypotheses and variables of the focused goal; without one, of all goals."""
    goals = session.text.goals
    focused = goals.get(session.focus or "")
    found: dict[str, None] = {}
    for goal in goals.values() if focused is None else (focused,):
        tree = session.text.tree(goal)
        if tree is not None:
            end = next((t for t in tree.ends() if t.place == session.leaf), tree.ends()[0])
            found.update(dict.fromkeys([*[n for n, _ in named(end.goal)], *scope(end.goal)]))
    return list(found)


def lemma_names(session: Session) -> Sequence[str]:
    units = session.text.plan.program.units.values()
    return [u.name for u in units if getattr(u, "kind", None) is Kind.LEMMA]


def _command(name: str, tactic: Tactic) -> Command:
    effect = f"A step of the goal's script: {tactic.summary}."
    if tactic.branches:
        effect += f"  It leaves goals in branches {', '.join(tactic.branches)}, one after the other."
    words = lemma_names if name == "use" else nothing if name in ("split", "contradiction", "simplify") else names_in_front
    failure = "The step does not fit the goal; the text is not changed."
    return Command(name, (), "prove", tactic.synopsis, tactic.summary, effect, failure, tactic.example, step(name), words)


COMMANDS = (
    *[
        Command(n, ("a",) if n == "auto" else (), "prove", f"{n} [hint; ...]" if n == "auto" else n, s, e,
                "The solver does not prove it; why is said, and nothing is changed.", n, auto(n))
        for n, s, e in (
            ("auto", "leave the goal to the solver", "Asks the solver; hints (lemmas, calls, formulas) become steps."),
            ("compute", "leave a goal about numbers to the solver", "As `auto`."),
        )
    ],
    *[_command(n, t) for n, t in STEPS.items()],
    Command("reset", (), "prove", "reset", "take the script of the goal in front away",
            "Removes its `proof ... qed` from the text.", "It has none.", "reset", reset),
)  # fmt: skip
assert set(CLOSING) <= {c.name for c in COMMANDS}
