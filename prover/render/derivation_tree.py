"""Derivations as trees in LaTeX, by the package `bussproofs`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from prover.derive.derivation import Derivation, Entailment, Rule
from prover.kernel.program import Block, Statement
from prover.kernel.term import Term
from prover.render.derivation import Shown, Words, code_text, verdict
from prover.render.tex import tex
from prover.syntax.style import ASCII

_MOST_IN_TREE = 7  # leaves of one drawn tree


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
