"""Derivations as numbered steps of text, as JSON, as LaTeX (`bussproofs`), and as an HTML page whose branches fold."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape as html

from prover.derive.checker import Flaw
from prover.derive.derivation import SCHEMAS, Derivation, Entailment, Proof, Rule
from prover.derive.entailment import Closed, Settled
from prover.kernel.depend import terms
from prover.kernel.program import Assign, Block, If, Statement, While
from prover.kernel.term import Term
from prover.render.text import plural
from prover.syntax.style import ASCII, UNICODE, Style
from prover.syntax.unparse import term_text
from prover.textbook.names import Names, names_of

FORMATS = ("text", "json", "latex", "html")
_WIDTH = 96
_MOST_IN_TREE = 7  # leaves of one drawn tree


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A derivation with what became of it.  flaws: where it breaks a rule.  settled: its entailments, by identity.
    rests: units that it uses and that are not proved."""

    proof: Proof
    flaws: tuple[Flaw, ...]
    settled: Mapping[int, Settled]
    rests: tuple[str, ...] = ()

    @property
    def open(self) -> list[Entailment]:
        return [s.entailment for s in self.settled.values() if s.closed is Closed.OPEN]

    @property
    def accepted(self) -> bool:
        return not self.flaws and not self.open and not self.rests


def verdict(shown: Shown) -> str:
    """One line: is it a proof, and of what size?"""
    nodes = sum(1 for _ in shown.proof.tree.nodes())
    closed = [s.closed for s in shown.settled.values()]
    counts = f"{plural(nodes, 'rule application')}, {plural(len(closed), 'entailment')}"
    what = "that it is right and ends" if shown.proof.total else "that it is right if it ends"
    if shown.flaws:
        return f"rejected: {len(shown.flaws)} of {counts} break a rule"
    if shown.open:
        return f"open: {len(shown.open)} of {counts} are not shown"
    if shown.rests:
        return f"open: it rests on {', '.join(f'`{n}`' for n in shown.rests)}, not proved ({counts})"
    return f"accepted, {what}: {counts} ({closed.count(Closed.SAID)} by logic, {closed.count(Closed.SOLVER)} by the solver)"


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
        case Assign(targets=targets, values=values) if code.span.text.lstrip().startswith("for "):
            left = ", ".join(t.name if not hasattr(t, "array") else t.array.name for t in targets)
            return f"{left} := {', '.join(term_text(v) for v in values)}"
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
        yield from _indented(words.assertion(found.pre, _WIDTH))
        yield from _indented(code_text(found.code))
        yield from _indented(words.assertion(found.post, _WIDTH))
        for entailment in node.entailments:
            yield from _entailed(entailment, shown, words)
        for flaw in broken.get(id(node), ()):
            yield from _wrong(flaw, words)
    yield ""
    yield verdict(shown)


def _entailed(entailment: Entailment, shown: Shown, words: Words) -> Iterator[str]:
    settled = shown.settled.get(id(entailment))
    how = "open" if settled is None else settled.closed.value
    yield f"      {entailment.words}, {how}:"
    yield from _indented(f"{words.term(entailment.known, _WIDTH)}", "        ")
    yield from _indented(f"{words.style.spell('==>')} {words.term(entailment.follows, _WIDTH)}", "        ")


def _wrong(flaw: Flaw, words: Words) -> Iterator[str]:
    yield f"      wrong: {flaw.words}"
    for name, term in (("wanted", flaw.wanted), ("found", flaw.found)):
        if term is not None:
            yield from _indented(f"{name}: {words.term(term, _WIDTH)}", "        ")


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
    return {"unit": unit.name, "total": shown.proof.total, "accepted": shown.accepted, "steps": steps}


def _step_object(node: Derivation, shown: Shown, words: Words, wrong: str | None) -> dict[str, object]:
    found = node.judgement
    sides = [
        {
            "words": e.words,
            "known": words.term(e.known),
            "follows": words.term(e.follows),
            "closed": shown.settled[id(e)].closed.value if id(e) in shown.settled else Closed.OPEN.value,
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


# HTML

_CSS = """body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}
code,pre{font:14px/1.5 ui-monospace,monospace;white-space:pre-wrap}pre{margin:.2rem 0}
.a{color:#0b5c2e}.bad{color:#a40000;font-weight:600}
details{margin:.15rem 0 .15rem .4rem;padding-left:.8rem;border-left:2px solid #ccc}summary{cursor:pointer}
.rule{font-weight:600}.schema{border:1px solid #ccc;border-radius:6px;padding:.5rem;display:inline-block}
@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#161616}.a{color:#7fd6a0}.bad{color:#ff8a8a}details,.schema{border-color:#555}}"""


def html_lines(shown: Sequence[Shown], title: str) -> Iterator[str]:
    yield from ("<!DOCTYPE html>", f'<html lang="en"><head><meta charset="utf-8"><title>{html(title)}</title>')
    yield from (f"<style>{_CSS}</style></head><body>", f"<h1>{html(title)}</h1>")
    yield "<p>Each branch opens on what it is derived from. A rule shows its schema when it is opened.</p>"
    for item in shown:
        words = Words(item.proof, UNICODE)
        unit = item.proof.unit
        yield f"<section><h2>{unit.kind.value} {html(unit.name)}</h2>"
        yield f'<p class="{"a" if item.accepted else "bad"}">{html(verdict(item))}</p>'
        yield from _branches(item, words)
        yield "</section>"
    yield "</body></html>"


def _branches(shown: Shown, words: Words) -> Iterator[str]:
    """Written with a stack: programs are deeper than Python likes to recur."""
    broken = {id(f.node): f for f in shown.flaws}
    stack: list[Derivation | str] = [shown.proof.tree]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            yield node
            continue
        found = node.judgement
        opened = " open" if node.rule in (Rule.CONSEQUENCE, Rule.ENTRY) else ""
        triple = "".join(
            f'<code class="{kind}">{html(text)}</code> '
            for kind, text in (
                ("a", words.assertion(found.pre)),
                ("c", code_text(found.code)),
                ("a", words.assertion(found.post)),
            )
        )
        yield f'<details{opened}><summary>{triple}<span class="rule">({html(node.rule.value)})</span></summary>'
        yield _schema(node.rule)
        for entailment in node.entailments:
            yield _side(entailment, shown, words)
        if id(node) in broken:
            yield f'<p class="bad">{html(broken[id(node)].words)}</p>'
        stack.append("</details>")
        stack.extend(reversed(node.premises))


def _schema(rule: Rule) -> str:
    above, below = SCHEMAS[rule]
    lines = "   ".join(above)
    bar = "─" * max(len(lines), len(below))
    body = f"{lines}\n{bar}\n{below}" if above else below
    return f'<details><summary>the rule</summary><pre class="schema">{html(body)}</pre></details>'


def _side(entailment: Entailment, shown: Shown, words: Words) -> str:
    settled = shown.settled.get(id(entailment))
    closed = Closed.OPEN if settled is None else settled.closed
    style = "bad" if closed is Closed.OPEN else "a"
    formula = f"{words.term(entailment.known, _WIDTH)}\n{UNICODE.spell('==>')} {words.term(entailment.follows, _WIDTH)}"
    return f'<p>{html(entailment.words)}, <span class="{style}">{closed.value}</span></p><pre>{html(formula)}</pre>'


# LaTeX

_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "_": r"\_", "&": r"\&", "%": r"\%", "#": r"\#", "$": r"\$",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    '"': r"\textquotedbl{}", "'": r"\textquotesingle{}",
}  # fmt: skip


def tex(text: str) -> str:
    return "".join(_TEX.get(c, c) if c.isascii() else "?" for c in text)


def latex_lines(shown: Sequence[Shown]) -> Iterator[str]:
    """Trees with names for assertions, which are listed below them; a tree that grows too wide refers to others."""
    yield from (r"\documentclass{article}", r"\usepackage[T1]{fontenc}", r"\usepackage{textcomp}")
    yield from (r"\usepackage[landscape,margin=1.5cm]{geometry}", r"\usepackage{graphicx}", r"\usepackage{bussproofs}")
    yield from (r"\setlength{\parindent}{0pt}", r"\begin{document}")
    for item in shown:
        unit = item.proof.unit
        yield rf"\section*{{{unit.kind.value} \texttt{{{tex(unit.name)}}}}}"
        yield from (tex(verdict(item)), r"\par\medskip")
        yield from _Drawing(Words(item.proof, ASCII)).lines(item)
    yield r"\end{document}"


@dataclass(slots=True)
class _Drawing:
    words: Words
    names: dict[str, str] = field(default_factory=dict)
    apart: list[tuple[str, Derivation]] = field(default_factory=list)

    def lines(self, shown: Shown) -> Iterator[str]:
        waiting: list[tuple[str, Derivation]] = [("", shown.proof.tree)]
        while waiting:
            label, node = waiting.pop(0)
            if label:
                yield rf"\par\medskip ${label}$:"
            yield r"\par\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%"
            yield from self._tree(node, top=True)
            yield r"\DisplayProof}\par"
            waiting += self.apart
            self.apart = []
        yield r"\medskip where"
        for text, name in self.names.items():
            yield rf"\par ${name}$ is \texttt{{{tex(text)}}}"

    def _name(self, term: Term) -> str:
        text = self.words.term(term)
        return self.names.setdefault(text, f"A_{{{len(self.names) + 1}}}")

    def _triple(self, pre: Term, code: str, post: Term) -> str:
        return rf"$\{{{self._name(pre)}\}}$ \texttt{{{tex(code)}}} $\{{{self._name(post)}\}}$"

    def _tree(self, node: Derivation, top: bool = False) -> Iterator[str]:
        if not top and _leaves(node) > _MOST_IN_TREE:
            label = f"D_{{{self.words.numbers[id(node)]}}}"
            self.apart.append((label, node))
            yield rf"\AxiomC{{${label}$}}"
            return
        if node.rule is Rule.SEQUENCE:
            yield from self._sequence(node)
            return
        found = node.judgement
        before = [e for e in node.entailments if e.known is found.pre or e.known is node.invariant]
        above = [*[self._implication(e) for e in before]]
        after = [self._implication(e) for e in node.entailments if e not in before]
        yield from (rf"\AxiomC{{{t}}}" for t in above)
        for premise in node.premises:
            yield from self._tree(premise)
        yield from (rf"\AxiomC{{{t}}}" for t in after)
        yield from self._inference(node.rule, len(above) + len(node.premises) + len(after), found.pre, found.code, found.post)

    def _implication(self, entailment: Entailment) -> str:
        return rf"${self._name(entailment.known)} \Rightarrow {self._name(entailment.follows)}$"

    def _inference(self, rule: Rule, count: int, pre: Term, code: Block | Statement | str, post: Term) -> Iterator[str]:
        if count == 0:
            yield r"\AxiomC{}"
        yield rf"\RightLabel{{\scriptsize {rule.value}}}"
        how = ("Unary", "Unary", "Binary", "Trinary", "Quaternary", "Quinary")[count]
        text = code if isinstance(code, str) else code_text(code)
        yield rf"\{how}InfC{{{self._triple(pre, text, post)}}}"

    def _sequence(self, node: Derivation) -> Iterator[str]:
        """By the rule for two, from the right."""
        parts = node.premises
        for part in parts:
            yield from self._tree(part)
        for number in range(len(parts) - 2, -1, -1):
            left, last = parts[number].judgement, parts[-1].judgement
            codes = [code_text(p.judgement.code) for p in parts[number:]]
            text = "; ".join(codes) if sum(map(len, codes)) < 60 else f"{codes[0]}; ..."
            yield from self._inference(Rule.SEQUENCE, 2, left.pre, text, last.post)


def _leaves(node: Derivation) -> int:
    """Axioms of the drawn tree, at most; counted no further than needed."""
    count, stack = 0, [node]
    while stack and count <= _MOST_IN_TREE:
        item = stack.pop()
        count += len(item.entailments) + (not item.premises)
        stack.extend(item.premises)
    return count
