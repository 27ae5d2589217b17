"""Proof outlines as Markdown, LaTeX and self-contained HTML; the text form is `textbook.outline.lines`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape as html

from prover.render.tex import tex
from prover.syntax.style import ASCII, UNICODE
from prover.textbook.outline import Outline, Shown, lines, text_of

FORMATS = ("text", "markdown", "latex", "html")
_WIDTH = 90
_CSS = """body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
pre{margin:0;white-space:pre-wrap;font:14px/1.5 ui-monospace,monospace}.a{color:#0b5c2e}.c{font-weight:600}
section{border:1px solid #ddd;border-radius:6px;padding:1rem;margin:1rem 0}
@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#161616}.a{color:#7fd6a0}section{border-color:#444}}"""


def written(format: str, outlines: Sequence[Outline], title: str) -> Iterator[str]:
    """The lines of a document.  title: what it is called, usually the file's name."""
    match format:
        case "markdown":
            for found in outlines:
                yield from (f"## {found.procedure.kind.value} {found.procedure.name}", "", "```text")
                yield from (*lines(found, ASCII, _WIDTH), "```", "")
        case "latex":
            yield from _latex(outlines)
        case _:
            yield from _html(outlines, title)


def _latex(outlines: Sequence[Outline]) -> Iterator[str]:
    yield from (r"\documentclass{article}", r"\usepackage[T1]{fontenc}", r"\usepackage{textcomp}")
    yield r"\usepackage[margin=2cm]{geometry}"
    yield from (r"\setlength{\parindent}{0pt}", r"\begin{document}")
    for found in outlines:
        yield rf"\section*{{{found.procedure.kind.value} {tex(found.procedure.name)}}}"
        for line in lines(found, ASCII, _WIDTH):
            indent = len(line) - len(line.lstrip())
            if line.strip():
                yield rf"\hspace*{{{indent / 2:g}em}}\texttt{{{tex(line.strip())}}}\par"
            else:
                yield r"\medskip"
    yield r"\end{document}"


def _html(outlines: Sequence[Outline], title: str) -> Iterator[str]:
    yield from ("<!DOCTYPE html>", f'<html lang="en"><head><meta charset="utf-8"><title>{html(title)}</title>')
    yield from (f"<style>{_CSS}</style></head><body>", f"<h1>{html(title)}</h1>")
    for found in outlines:
        yield f"<section><h2>{found.procedure.kind.value} {html(found.procedure.name)}</h2>"
        yield f'<pre class="a">{html(f"{{ {text_of(found.requires, UNICODE, _WIDTH)} }}")}</pre>'
        for entry in found.entries:
            shown = isinstance(entry, Shown)
            text = f"{{ {text_of(entry.assertion, UNICODE, _WIDTH)} }}" if isinstance(entry, Shown) else entry.text
            yield f'<pre class="{"a" if shown else "c"}" style="margin-left:{2 * entry.depth}em">{html(text)}</pre>'
        if found.obligations:
            yield "<h3>to show</h3><ol>"
            for o in found.obligations:
                yield f"<li>{html(o.words)}<pre>{html(text_of(o.formula, UNICODE, _WIDTH))}</pre></li>"
            yield "</ol>"
        if found.fresh:
            yield f"<p>for any {html(', '.join([f'{v.name}: {v.sort}' for v in found.fresh]))}</p>"
        yield "</section>"
    yield "</body></html>"
