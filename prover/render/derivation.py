"""Derivations as numbered steps of text, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from prover.derive.checker import Flaw
from prover.derive.derivation import Derivation, Entailment, Proof
from prover.derive.entailment import Closed, Settled, entailments
from prover.kernel.depend import terms
from prover.kernel.program import Assign, Block, If, Statement, While
from prover.kernel.term import Term, Var
from prover.render.text import plural
from prover.syntax.style import ASCII, Style
from prover.syntax.unparse import term_text
from prover.textbook.names import Names, names_of

FORMATS = ("text", "json", "latex", "html")
WIDTH = 96


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A derivation with what became of it.  flaws: where it breaks a rule.  settled: its entailments, by identity.
    rests: units that it uses and that are not proved.  trust: what it and those it uses assume."""

    proof: Proof
    flaws: tuple[Flaw, ...]
    settled: Mapping[int, Settled]
    rests: tuple[str, ...] = ()
    trust: tuple[str, ...] = ()

    @property
    def open(self) -> list[Entailment]:
        return [e for e in entailments(self.proof.tree) if self.closed(e) is Closed.OPEN]

    def closed(self, entailment: Entailment) -> Closed:
        """What was never asked is open."""
        settled = self.settled.get(id(entailment))
        return Closed.OPEN if settled is None else settled.closed

    @property
    def accepted(self) -> bool:
        return not self.flaws and not self.open and not self.rests


def verdict(shown: Shown) -> str:
    """One line: is it a proof, and of what size?"""
    nodes = sum(1 for _ in shown.proof.tree.nodes())
    closed = [shown.closed(e) for e in entailments(shown.proof.tree)]
    counts = f"{plural(nodes, 'rule application')}, {plural(len(closed), 'entailment')}"
    what = "that it is right and ends" if shown.proof.total else "that it is right if it ends"
    if shown.flaws:
        return f"rejected: {len(shown.flaws)} of {counts} break a rule"
    if shown.open:
        return f"open: {len(shown.open)} of {counts} are not shown"
    if shown.rests:
        return f"open: it rests on {', '.join(f'`{n}`' for n in shown.rests)}, not proved ({counts})"
    trust = f", on trust: {'; '.join(shown.trust)}" if shown.trust else ""
    said, solved = closed.count(Closed.SAID), closed.count(Closed.SOLVER)
    return f"accepted, {what}{trust}: {counts} ({said} by logic, {solved} by the solver)"


@dataclass(slots=True)
class Words:
    """How a derivation's parts are written.  numbers: of nodes, premises before conclusions."""

    proof: Proof
    style: Style
    names: Names = field(init=False)
    numbers: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names = names_of(self.proof.unit, terms(self.proof.unit))
        for node in after_premises(self.proof.tree):
            self.numbers[id(node)] = len(self.numbers) + 1

    def term(self, term: Term, width: int | None = None) -> str:
        return term_text(self.names.thaw(term), style=self.style, width=width)

    def assertion(self, term: Term, width: int | None = None) -> str:
        return f"{{ {self.term(term, width)} }}"

    def premises(self, node: Derivation) -> str:
        return ", ".join(str(self.numbers[id(p)]) for p in node.premises)


def after_premises(tree: Derivation) -> Iterator[Derivation]:
    """All nodes, each after its premises, in the order of the text."""
    stack: list[tuple[Derivation, bool]] = [(tree, False)]
    while stack:
        node, seen = stack.pop()
        if seen:
            yield node
        else:
            stack.append((node, True))
            stack.extend((p, False) for p in reversed(node.premises))


def code_text(code: Block | Statement, budget: int = 60) -> str:
    """A statement on one line; what stands inside longer ones is `...`."""
    match code:
        case Block(statements=()):
            return "skip"
        case Block(statements=statements):
            text = "; ".join(code_text(s, budget) for s in statements[:6]) + ("; ..." if len(statements) > 6 else "")
            return text if len(text) <= budget else f"{code_text(statements[0], budget // 2)}; ..."
        case If(condition=condition):
            inside = "*" if condition is None else term_text(condition)
            return f"if {inside} then ... end" if not code.orelse.statements else f"if {inside} then ... else ... end"
        case While(condition=condition):
            return f"while {'*' if condition is None else term_text(condition)} do ... end"
        case Assign(targets=(Var(name=name),), values=(value,)) if code.span.text.startswith("for "):  # it counts
            return f"{name} := {term_text(value)}"
        case _:
            return " ".join(code.span.text.split())


# Text


def text_lines(shown: Shown, style: Style = ASCII) -> Iterator[str]:
    """Steps, each after those that it is from."""
    words = Words(shown.proof, style)
    broken: dict[int, list[Flaw]] = {}
    for flaw in shown.flaws:
        broken.setdefault(id(flaw.node), []).append(flaw)
    for node in after_premises(shown.proof.tree):
        source = f", from {words.premises(node)}" if node.premises else ""
        yield f"({words.numbers[id(node)]}) {node.rule.value}{source}"
        found = node.judgement
        yield from _indented(words.assertion(found.pre, WIDTH))
        yield from _indented(code_text(found.code))
        yield from _indented(words.assertion(found.post, WIDTH))
        for entailment in node.entailments:
            yield from _entailed(entailment, shown, words)
        for flaw in broken.get(id(node), ()):
            yield from _wrong(flaw, words)
    yield ""
    yield verdict(shown)


def _entailed(entailment: Entailment, shown: Shown, words: Words) -> Iterator[str]:
    yield f"      {entailment.words}, {shown.closed(entailment).value}:"
    yield from _indented(f"{words.term(entailment.known, WIDTH)}", "        ")
    yield from _indented(f"{words.style.spell('==>')} {words.term(entailment.follows, WIDTH)}", "        ")


def _wrong(flaw: Flaw, words: Words) -> Iterator[str]:
    yield f"      wrong: {flaw.words}"
    for name, term in (("wanted", flaw.wanted), ("found", flaw.found)):
        if term is not None:
            yield from _indented(f"{name}: {words.term(term, WIDTH)}", "        ")


def _indented(text: str, margin: str = "    ") -> Iterator[str]:
    for number, line in enumerate(text.split("\n")):
        yield margin + ("  " if number else "") + line


# JSON


def as_json(shown: Sequence[Shown]) -> str:
    """An array of units; steps in the order of the text form, premises by number."""
    return json.dumps([_unit_object(s) for s in shown], ensure_ascii=False, indent=2)


def _unit_object(shown: Shown) -> dict[str, object]:
    words = Words(shown.proof, ASCII)
    broken = {id(f.node): f.words for f in shown.flaws}
    steps = [_step_object(node, shown, words, broken.get(id(node))) for node in after_premises(shown.proof.tree)]
    unit = shown.proof.unit
    return {"unit": unit.name, "total": shown.proof.total, "accepted": shown.accepted, "trust": list(shown.trust), "steps": steps}


def _step_object(node: Derivation, shown: Shown, words: Words, wrong: str | None) -> dict[str, object]:
    found = node.judgement
    sides = [
        {
            "words": e.words,
            "known": words.term(e.known),
            "follows": words.term(e.follows),
            "closed": shown.closed(e).value,
        }
        for e in node.entailments
    ]
    return {
        "number": words.numbers[id(node)],
        "rule": node.rule.value,
        "pre": words.term(found.pre),
        "code": code_text(found.code),
        "post": words.term(found.post),
        "premises": [words.numbers[id(p)] for p in node.premises],
        "entailments": sides,
        "wrong": wrong,
    }
