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


UNTIDY = """\
// expected: all yes
import   "std:arrays"
// about fact
function fact(n: int): int
  requires n>=0 // not negative
  variant n
  = if n == 0 then 1 else (n*fact(n - 1))
const limit : int=(5)
predicate small(n: int) = n < limit && (forall k:int . 0 <= k ==> (k <= n || n <> 3))


procedure factorial(n: int, a, b: array of int, inout c: uint8 [ ]) returns (r: int)
requires n >= 0
  terminates   // always
  ensures  r = fact(n) begin


  var i := 0; // start


  // loop
  r := 1;
  while outer: i < n // guard
    // what stays
    invariant bound: ((0 <= i) and i <= n)
    invariant r = fact(i) && /* odd */ (x = 1 || y = 2) // both
    variant n - i
  do // body
    i := i + 1; l: r := r * i;
    // last
  end;;
  if x > 0 then y := 1 end; if x > 0 then y := 1 elsif * then
    y := * choose y + 1
  else
    // nothing
  end {x = 1}
  for k := n downto 0 do skip end;
  assert here: forall i, j: int :: 0 <= i < j < len(a) && a_long_predicate(i) ==> a[i] <= a[j] or another(b, 123456) by { auto }
  // done
end // factorial
triple swap
{ x = a and y = b }
  t := x; x := y; y := t { y = a }
{ x = b and y = a }
proof factorial.loop1.inv2.preserved digest "12ab"
  have n_pos:   i + 1 > 0; // positive
  cases i = 0 {
    yes: compute no:  unfold fact(i + 1); auto
  }
qed
// the end
""".replace(";;", ";")


def formatted(text: str, style=None) -> str:
    source = Source("test", text)
    return format_file(parse(source), source, style)


def remarks(file: s.File) -> list[str]:
    lines = [c.text.replace("\r\n", "\n") for c in file.comments]
    return [text.rstrip() if text.startswith("//") else text for text in lines]


@pytest.mark.parametrize("style", [None, ASCII, UNICODE], ids=["as written", "ascii", "unicode"])
def test_layout(golden, style):
    text = formatted(UNTIDY, style)
    golden(f"format/{'unicode' if style is UNICODE else 'ascii'}.txt", text)
    assert formatted(text) == text
    assert max(len(line) for line in text.splitlines()) <= 100
    assert parse(Source("test", text)) == parse(Source("test", UNTIDY))
    assert remarks(parse(Source("test", text))) == remarks(parse(Source("test", UNTIDY)))


def test_the_proofs_that_ship(root):
    for path in sorted((root / "proofs").rglob("*.proof")):
        source = Source(path.name, path.read_bytes().decode("utf-8"))
        file = parse(source)
        text = format_file(file, source)
        again = Source(path.name, text)
        assert parse(again) == file, path
        assert remarks(parse(again)) == remarks(file), path
        assert format_file(parse(again), again) == text, path


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("axiom a: p ∧ q ∧ (r or p)\n", "axiom a: p ∧ q ∧ (r ∨ p)\n"),
        ("axiom a: p ∧ q or r\n", "axiom a: p and q or r\n"),
        ("axiom a: p or q // ∧ ∧ ∧\n", "axiom a: p or q  // ∧ ∧ ∧\n"),
        ("axiom a: x * y ≤ z\n", "axiom a: x * y ≤ z\n"),
    ],
)
def test_operators_stay_as_most_are_written(text, kept):
    assert formatted(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "predicate p(x: int)\n  requires (x = 0 and x = 1)\n",
        "predicate p(x: int)\n  variant (if x = 0 then 1 else 2)\n",
        "predicate p(x: int)\n  requires x = 0\n",
        "predicate p(x: int)\n  requires x >= 0 and f(x = 0)\n",
    ],
)
def test_no_clause_turns_into_a_body(text):
    assert formatted(text) == text


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("", ""),
        ("// only this", "// only this\n"),
        ("{ true } x := 1 { x = 1 }", "{ true } x := 1 { x = 1 }\n"),
        ("const c: int = 1\r\n\r\n\r\n\r\nconst d: int = 2", "const c: int = 1\r\n\r\nconst d: int = 2\r\n"),
        ("\ufeffconst c: int = 1", "const c: int = 1\n"),
        ("const c: int = 1 const d: int = 2", "const c: int = 1\nconst d: int = 2\n"),
        ("procedure p() begin end", "procedure p()\nbegin\nend\n"),
        ("procedure p() begin l: m: x := 1; return end", "procedure p()\nbegin\n  l: m: x := 1; return\nend\n"),
        ("proof a.b each { } qed", "proof a.b\n  each { }\nqed\n"),
        ("axiom a: (/* one */ x) = // two\n y", "axiom a: /* one */ x =  // two\n    y\n"),
    ],
)
def test_corners(text, result):
    assert formatted(text) == result
    assert formatted(result) == result


def test_single_nodes():
    text = "function f(x, y: int): nat\n  requires x > 0\n  = x"
    assert declaration_text(parse(Source("test", text)).declarations[0]) == text
    statement = parse_statements(Source("test", "if x > 0 then\n x := *; y := 2\nend")).items[0]
    assert statement_text(statement, UNICODE) == "if x > 0 then\n  x ≔ *; y ≔ 2\nend"


@pytest.mark.parametrize(
    "text",
    [
        "procedure p() begin " + "if x > 0 then " * 240 + "skip" + " end" * 240 + " end",
        "const c: int = " + "f(" * 240 + "1" + ")" * 240,
        "const c: int = " + "x + " * 5_000 + "1",
        "const c: int = [" + "12, " * 5_000 + "1]",
        "procedure p() begin " + "x := x + 1; " * 2_000 + " end",
        "/* a */ " * 2_000 + "const c: int = 1",
    ],
    ids=["ifs", "calls", "sum", "array", "statements", "comments"],
)
def test_large(text):
    once = formatted(text)
    assert formatted(once) == once
    assert parse(Source("test", once)) == parse(Source("test", text))


@examples(150)
@given(expressions, st.sampled_from([ASCII, UNICODE]))
def test_expressions_parse_back(expr, style):
    assert parse_expression(Source("test", expr_text(expr, style))) == expr


@examples(40)
@given(statements)
def test_statements_parse_back(statement):
    assert parse_statements(Source("test", statement_text(statement))) == s.Stmts((statement,), HERE)


@examples(30)
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
            comment = rng.choice(["// c{}\n", " /* c{} */ ", "\n /* c{}\n  more */", "\n\n\n// c{} \n\n\n", "\n", "\n\n\n"])
            out.append(comment.format(number))
    return "".join(out) + text[last:]


@examples(40)
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
