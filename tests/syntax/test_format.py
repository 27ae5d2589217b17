"""The formatter keeps the tree and the comments, and what it wrote it does not change."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from prover.diagnostic import InputError
from prover.source import Source
from prover.syntax import surface as s
from prover.syntax.format import declaration_text, expr_text, format_file, statement_text
from prover.syntax.parser import parse, parse_expression, parse_statements
from prover.syntax.scanner import scan
from prover.syntax.style import ASCII, UNICODE
from prover.syntax.tables import tables
from tests.syntax.surface_trees import HERE, expressions, files, statements



def examples(count: int):
    return settings(max_examples=count, suppress_health_check=list(HealthCheck), deadline=None)


def formatted(text: str, style=None) -> str:
    source = Source("test", text)
    return format_file(parse(source), source, style)


def remarks(file: s.File) -> list[str]:
    lines = [c.text.replace("\r\n", "\n") for c in file.comments]
    return [text.rstrip() if text.startswith("//") else text for text in lines]


@examples(200)
@given(expressions, st.sampled_from([ASCII, UNICODE]))
def test_expressions_parse_back(expr, style):
    assert parse_expression(Source("test", expr_text(expr, style))) == expr


@examples(60)
@given(statements)
def test_statements_parse_back(statement):
    assert parse_statements(Source("test", statement_text(statement))) == s.Stmts((statement,), HERE)


@examples(60)
@given(files, st.sampled_from([ASCII, UNICODE]))
def test_files_parse_back(file, style):
    text = format_file(file, HERE.source, style)
    source = Source("test", text)
    parsed = parse(source)
    assert parsed == file
    assert format_file(parsed, source, style) == text


def with_comments(text: str, rng: random.Random) -> str:
    """`text` with comments and line ends between its tokens."""
    tokens = scan(Source("test", text), tables().words)
    out, last = [], 0
    for number, start in enumerate(tokens.starts):
        out.append(text[last:start])
        last = start
        if rng.random() < 0.15:
            out.append(rng.choice([f"// c{number}\n", f" /* c{number} */ ", f"\n /* c{number}\n  more */", f"\n\n\n// c{number} \n\n\n", "\n", "\n\n\n"]))
    return "".join(out) + text[last:]


@examples(100)
@given(files, st.randoms(use_true_random=False))
def test_comments_stay(file, rng):
    text = with_comments(format_file(file, HERE.source), rng)
    source = Source("test", text)
    try:
        tree = parse(source)
    except InputError:
        assume(False)
    once = format_file(tree, source)
    again = Source("test", once)
    parsed = parse(again)
    assert parsed == tree
    assert remarks(parsed) == remarks(tree)
    assert format_file(parsed, again) == once
