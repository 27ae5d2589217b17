"""A session: a text, what has to be proved about it, and where a person is in it.

Immutable: a command makes a new session out of an old one, so that undoing is going back.  The text is the one truth: annotations
and scripts stand in it, and everything else is worked out from it.  Verdicts are not part of it; the `engine` knows them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from prover.diagnostic import Diagnostic, InputError, error
from prover.kernel.depend import statements
from prover.kernel.goal import Goal
from prover.kernel.program import Procedure, Proof, Script, While
from prover.plan import Plan, load, plan, proofs, refine
from prover.semantics.outcome import Run
from prover.solve.dial import Dial
from prover.source import Source
from prover.syntax.elaborate import FileLoader
from prover.syntax.read import read_source
from prover.tactic.script import Place, Tree

if TYPE_CHECKING:
    from prover.derive.sketch import Sketch

UNNAMED = "session"


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """A text that parses, with its goals.  trees: how scripts refine them, by goal; None where a script does not fit.
    proofs: the `proof` of each goal that has one."""

    source: Source
    plan: Plan
    trees: Mapping[str, Tree | None]
    findings: tuple[Diagnostic, ...]
    proofs: Mapping[str, Proof]

    @property
    def goals(self) -> dict[str, Goal]:
        """The goals of the file's own units, in order."""
        own = self.plan.program.own
        return {g.name: g for n in own if n in self.plan.conditions for g in self.plan.conditions[n].all()}

    def tree(self, goal: Goal) -> Tree | None:
        """How the goal is refined: as a single leaf where it has no script, None where its script does not fit."""
        return self.trees[goal.name] if goal.name in self.trees else Tree(goal, None, ())

    def script(self, goal: Goal) -> Script | None:
        return self.proofs[goal.name].script if goal.name in self.proofs else goal.script

    def procedures(self) -> list[Procedure]:
        units = [self.plan.program.units[n] for n in self.plan.program.own]
        return [u for u in units if isinstance(u, Procedure)]

    def loops(self) -> Iterator[tuple[Procedure, While]]:
        for unit in self.procedures():
            for statement in statements(unit.body) if unit.body else ():
                if isinstance(statement, While):
                    yield unit, statement


def prepared(source: Source, root: Path) -> Text:
    """Parse, elaborate, make goals, run scripts.  Raises InputError."""
    made = load(source, FileLoader(root))
    ready = plan(made)
    trees, findings = refine(ready)
    return Text(source, ready, {g: t for unit in trees.values() for g, t in unit.items()}, tuple(findings), proofs(ready))


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """A run that is looked at step by step.  at: how many of its steps have been made."""

    run: Run
    at: int = 0


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Session:
    """path: of the file, None before there is one.  saved: the text as it is in the file.

    focus: the name of the goal being proved.  leaf: which of the goals that its script leaves.  did: the command that made
    this session.  before, after: what undo and redo go to.  sketch: the derivation that is made by hand.
    dial, strict: how much may be left to the solver in it, and whether each formula must be just as its rule makes it."""

    path: Path | None
    saved: str
    text: Text
    focus: str | None = None
    leaf: Place | None = None
    walk: Walk | None = None
    did: str = ""
    before: Session | None = None
    after: Session | None = None
    marks: Mapping[str, str] = field(default_factory=dict)
    sketch: Sketch | None = None
    dial: Dial = Dial.FULL
    strict: bool = False

    @property
    def root(self) -> Path:
        return self.path.parent if self.path is not None else Path()

    @property
    def unsaved(self) -> bool:
        return self.text.source.text != self.saved

    @property
    def name(self) -> str:
        return self.text.source.name

    def with_text(self, text: str) -> Session:
        """The same with another text.  Raises InputError, if it does not parse."""
        made = prepared(Source(self.text.source.name, text), self.root)
        focus = self.focus if self.focus in made.goals else None
        return replace(self, text=made, focus=focus, leaf=None if focus is None else self.leaf, walk=None, sketch=None)

    def done(self, command: str, before: Session) -> Session:
        """This session as the outcome of `command` in `before`."""
        return replace(self, did=command, before=before, after=None)

    def undone(self) -> Session | None:
        """The session before the last command that changed the text; None if there is none."""
        if self.before is None:
            return None
        return replace(self.before, after=self, saved=self.saved, path=self.path)

    def redone(self) -> Session | None:
        return None if self.after is None else replace(self.after, saved=self.saved, path=self.path)

    def past(self) -> list[str]:
        """The commands that led here, earliest first."""
        found: list[str] = []
        at: Session | None = self
        while at is not None and at.did:
            found.append(at.did)
            at = at.before
        return found[::-1]


def opened(path: Path, name: str | None = None) -> Session:
    """A session on a file.  Raises InputError."""
    source = read_source(path, name or str(path))
    if not path.suffix and not source.text:
        raise InputError(error("input-unreadable", f"{path} is empty", None))
    return Session(path, source.text, prepared(source, path.parent))


def fresh() -> Session:
    """A session without a file."""
    return Session(None, "", prepared(Source(UNNAMED, ""), Path()))
