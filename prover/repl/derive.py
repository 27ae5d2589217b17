"""Deriving by hand: a person applies the rules of Hoare logic to what is open, and is told what does not fit."""

from __future__ import annotations

import re
from collections.abc import Sequence

from prover.derive.checker import flaws
from prover.derive.derivation import Entailment
from prover.derive.entailment import Closed, Settled, entailments, settle
from prover.derive.rests import trusted, unproved
from prover.derive.sketch import RULES, Misfit, Sketch, applied, begun
from prover.diagnostic import Diagnostic, InputError, error
from prover.kernel.program import Procedure
from prover.kernel.term import Term
from prover.record import replace
from prover.render.derivation import Shown, Words, code_text, text_lines
from prover.render.escape import escape_lines
from prover.render.text import plural
from prover.repl.command import Command, Context, Result, usage
from prover.session.session import Session
from prover.solve.dial import Dial
from prover.syntax.style import ASCII

_SETTING = re.compile(r"^[ \t]*//\s*exercise:\s*(automation|strict)\s+(\S+)", re.MULTILINE)
_RULE = re.compile(r"\s*(\d*)\s*(\w*)\s*(.*)", re.DOTALL)
_ORDER = (Dial.NONE, Dial.ARITHMETIC, Dial.FULL)
_WIDTH = 90


def allowed(session: Session) -> tuple[Dial, bool]:
    """What the file's exercise allows at most, and whether it is strict."""
    found = dict(_SETTING.findall(session.text.source.text))
    dial = found.get("automation", "full")
    return Dial(dial) if dial in [d.value for d in Dial] else Dial.FULL, found.get("strict") == "yes"


def in_force(session: Session) -> tuple[Dial, bool]:
    """The person's own setting, as far as the exercise allows it."""
    most, strict = allowed(session)
    return min(session.dial, most, key=_ORDER.index), session.strict or strict


def derive(session: Session, words: str, context: Context) -> Result:
    if not words and session.sketch is not None:
        return Result(session, view(session, session.sketch, context))
    name, _, how = words.partition(" ")
    unit = _unit(session, name)
    if how not in ("", "partial", "total"):
        raise usage(f"`{how}` says nothing here", "`derive UNIT partial` leaves out that it ends")
    total = how == "total" or (how == "" and unit.name in session.text.plan.termination)
    sketch = begun(unit, session.text.plan.program, total, in_force(session)[1])
    settled = _settled(list(entailments(sketch.proof.tree)), sketch, session, context, Dial.FULL)
    sketch = replace(sketch, settled=settled)
    return Result(replace(session, sketch=sketch), view(session, sketch, context))


def _unit(session: Session, name: str) -> Procedure:
    units = [u for u in session.text.procedures() if u.body is not None]
    found = [u for u in units if name in ("", u.name)]
    listed = [f"there is {', '.join(f'`{u.name}`' for u in units)}"] if units else []
    if not found:
        raise usage(f"there is no `{name}` with a body" if name else "nothing here has a body", *listed)
    if name == "" and len(found) > 1:
        raise usage("which one is to be derived?", *listed)
    return found[0]


def rule(session: Session, words: str, context: Context) -> Result:
    sketch = session.sketch
    if sketch is None:
        raise usage("no derivation has begun", "`derive UNIT` begins one")
    found = _RULE.fullmatch(words)
    number, name, text = found.groups() if found is not None else ("", "", "")
    leaves = sketch.open()
    if not leaves:
        raise usage("nothing is open: the derivation is complete", "`derive` shows it")
    if name not in RULES or not 0 < int(number or 1) <= len(leaves):
        raise usage(f"`rule {words}` is no rule for what is open", f"the rules are {', '.join(RULES)}")
    sketch = replace(sketch, strict=in_force(session)[1])
    try:
        made, needed = applied(sketch, leaves[int(number or 1) - 1], name, text.strip(), session.text.plan.program)
    except Misfit as wrong:
        raise InputError(_misfit(wrong, sketch)) from None
    settled = _settled(needed, sketch, session, context, in_force(session)[0])
    made = replace(made, settled=(*sketch.settled, *settled))
    return Result(replace(session, sketch=made), view(session, made, context))


def _misfit(wrong: Misfit, sketch: Sketch) -> Diagnostic:
    words = Words(sketch.proof, ASCII)
    pairs = (("it wants", wrong.wanted), ("you have", wrong.found))
    return error("session-rule", wrong.words, None, notes=tuple(f"{what}: {words.term(t)}" for what, t in pairs if t is not None))


def _settled(needed: Sequence[Entailment], sketch: Sketch, session: Session, context: Context, dial: Dial) -> tuple[Settled, ...]:
    """Raises InputError where one stays open: a rule is applied only with all that it needs."""
    budget = replace(context.engine.budget, dial=dial)
    settled = settle(needed, sketch.proof.unit.name, session.text.plan, budget, context.engine.pool)
    words = Words(sketch.proof, ASCII)
    for one in settled.values():
        if one.closed is Closed.OPEN:
            above = any(o.reason == "automation" for o in one.outcomes if not o.proved)
            why = f"that is more than automation `{dial.value}` closes" if above else "the solver does not prove it"
            formula = f"{words.term(one.entailment.known)} ==> {words.term(one.entailment.follows)}"
            raise InputError(error("session-rule", f"not shown: {one.entailment.words}", None, notes=(formula, why)))
    return tuple(settled.values())


def view(session: Session, sketch: Sketch, context: Context) -> str:
    """What is open; or the whole, if nothing is."""
    leaves = sketch.open()
    if not leaves:
        return _whole(sketch, session, context)
    dial, strict = in_force(session)
    ends = "right and ends" if sketch.proof.total else "right if it ends"
    how = f"automation {dial.value}{', strict' if strict else ''}"
    lines = [f"{sketch.proof.unit.name} is {ends}: {plural(len(leaves), 'triple')} open ({how})"]
    words = Words(sketch.proof, ASCII)
    for number, node in enumerate(leaves, 1):
        found = node.judgement
        lines += [
            f"{number}. {_assertion(found.pre, words)}",
            f"     {code_text(found.code)}",
            f"   {_assertion(found.post, words)}",
        ]
    return escape_lines("\n".join(lines))


def _assertion(term: Term, words: Words) -> str:
    return words.assertion(term, _WIDTH).replace("\n", "\n     ")


def _whole(sketch: Sketch, session: Session, context: Context) -> str:
    """The finished derivation; each rule was checked when it was applied, and here all are once more."""
    found = tuple(flaws(sketch.proof, session.text.plan.program))
    closed = {id(s.entailment): s for s in sketch.settled}
    rests = unproved([sketch.proof.unit], session.text.plan, context.engine.budget, context.engine.pool)
    unit = sketch.proof.unit
    shown = Shown(sketch.proof, found, closed, rests[unit.name], trusted(unit, session.text.plan))
    return escape_lines("\n".join(text_lines(shown)))


def units(session: Session) -> Sequence[str]:
    return [u.name for u in session.text.procedures() if u.body is not None]


_DERIVE = """Shows the triples that are open.  `set automation` says what the solver may close, `set strict on` that formulas must
be just as the rules make them.""".replace("\n", " ")
_RULES = f"""The rules are {", ".join(RULES)}.  `seq R` takes what holds between the first statement and the rest, `while I` the
invariant (the file's, if none is given), `consequence P; Q`, `strengthen P` and `weaken Q` what to go on with.""".replace(
    "\n", " "
)
_MISFIT = "It does not fit, or what it needs is not shown: what it wants is said, and nothing is changed."

COMMANDS = (
    Command("derive", (), "derive", "derive [UNIT [partial | total]]", "derive a unit by hand, or show how far that is",
            _DERIVE, "There is no such unit.", "derive swap", derive, units),
    Command("rule", (), "derive", "rule [NUMBER] RULE [FORMULA; ...]", "apply a rule to an open triple (the first)",
            _RULES, _MISFIT, "rule seq x = 1", rule, lambda _s: RULES),
)  # fmt: skip
