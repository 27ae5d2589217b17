"""Derivations as a self-contained HTML page whose branches fold; a rule shows its schema when it is opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape as html

from prover.derive.derivation import SCHEMAS, Derivation, Entailment, Rule
from prover.derive.entailment import Closed
from prover.render.derivation import WIDTH, Shown, Words, code_text, verdict
from prover.syntax.style import UNICODE

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
    closed = shown.closed(entailment)
    style = "bad" if closed is Closed.OPEN else "a"
    formula = f"{words.term(entailment.known, WIDTH)}\n{UNICODE.spell('==>')} {words.term(entailment.follows, WIDTH)}"
    return f'<p>{html(entailment.words)}, <span class="{style}">{closed.value}</span></p><pre>{html(formula)}</pre>'
