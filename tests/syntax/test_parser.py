"""The parser: what trees it makes, against the language page and against lark's own machine, and what it withstands."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from prover import resources
from prover.diagnostic import InputError
from prover.source import Source
from prover.syntax import surface as s
from prover.syntax import tables as t
from prover.syntax.machine import Machine, Methods
from prover.syntax.marks import mark
from prover.syntax.parser import parse, parse_expression, parse_script, parse_statements
from prover.syntax.scanner import scan
from tests.syntax.samples import ASCII, C_LIKE, EVERYTHING, TASTE, UNICODE

BENCH = Path(__file__).parents[3] / "shared" / "bench"


def expression(text: str) -> s.Expr:
    return parse_expression(Source("test", text))


def shape(node: object) -> str:
    """An expression with every parenthesis written."""
    match node:
        case s.Number(value):
            return str(value)
        case s.Truth(value):
            return str(value).lower()
        case s.Ident(name):
            return name
        case s.Unary(operator, operand):
            return f"({operator} {shape(operand)})"
        case s.Nary(operator, operands):
            return "(" + f" {operator} ".join(map(shape, operands)) + ")"
        case s.Chain(first, rest) | s.Comparison(first, rest):
            return "(" + shape(first) + "".join(f" {o} {shape(e)}" for o, e in rest) + ")"
        case s.Binary(operator, left, right):
            return f"({shape(left)} {operator} {shape(right)})"
        case s.Conditional(condition, then, orelse):
            return f"(if {shape(condition)} then {shape(then)} else {shape(orelse)})"
        case s.LetIn(name, value, body):
            return f"(let {name.text} = {shape(value)} in {shape(body)})"
        case s.Quantified(quantifier, binders, body):
            bound = ", ".join(b.name.text + (f": {kind(b.type)}" if b.type else "") for b in binders)
            return f"({quantifier} {bound} :: {shape(body)})"
        case s.Index(array, index):
            return f"{shape(array)}[{shape(index)}]"
        case s.Apply(function, arguments):
            return f"{function.text}({', '.join(map(shape, arguments))})"
        case s.AtLabel(label, body):
            return f"at {label.text}({shape(body)})"
        case s.WrapTo(target, operand):
            return f"wrap {target.name}({shape(operand)})"
        case s.ArrayLiteral(elements):
            return f"[{', '.join(map(shape, elements))}]"
        case _:
            raise AssertionError(node)


def kind(node: s.Type) -> str:
    return node.name if isinstance(node, s.NamedType) else f"{kind(node.element)}[]"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a <==> b <==> c ==> d ==> e", "((a <==> b) <==> (c ==> (d ==> e)))"),
        ("a or b and c or not d and e", "(a or (b and c) or ((not d) and e))"),
        ("not a = b", "(not (a = b))"),
        ("not not a", "(not (not a))"),
        ("0 <= i < n = m", "(0 <= i < n = m)"),
        ("a - b + c * d div e mod f % g / h", "(a - b + (c * d div e mod f % g / h))"),
        ("- - x", "(- (- x))"),
        ("-x * y", "((- x) * y)"),
        ("-a[i]", "(- a[i])"),
        ("old(a)[j][k]", "old(a)[j][k]"),
        ("if a then b else c + 1", "(if a then b else (c + 1))"),
        ("1 + if a then b else c + 1", "(1 + (if a then b else (c + 1)))"),
        ("a and forall i, j: int, k :: i < j and k", "(a and (forall i: int, j: int, k :: ((i < j) and k)))"),
        ("exists i: array of int[] . true", "(exists i: int[][] :: true)"),
        ("let x = 1 in x + let y = 2 in y", "(let x = 1 in (x + (let y = 2 in y)))"),
        ("at(outer, x + 1) = at(1, x)", "(at outer((x + 1)) = at(1, x))"),
        ("array(3, 0) != [] == [1, [2]]", "(array(3, 0) != [] = [1, [2]])"),
        ("terminates(p) ==> wrap int8(x) = int8(y)", "(terminates(p) ==> (wrap int8(x) = int8(y)))"),
        ("x' = _y0", "(x' = _y0)"),
        ("androids or organs and inn", "(androids or (organs and inn))"),
        ("((((x)))) /* a */ + // b\n 1", "(x + 1)"),
        ("f()", "f()"),
    ],
)
def test_expressions(text: str, wanted: str) -> None:
    assert shape(expression(text)) == wanted


def test_spellings_are_one() -> None:
    trees = [parse(Source("test", text)) for text in (UNICODE, ASCII, C_LIKE)]
    assert trees[0] == trees[1] == trees[2]


def test_taste() -> None:
    file = parse(Source("test", TASTE))
    fact, factorial, swap, g = file.declarations
    assert isinstance(fact, s.FunctionDecl) and isinstance(factorial, s.ProcedureDecl)
    assert isinstance(swap, s.TripleDecl) and isinstance(g, s.ProcedureDecl)
    assert shape(fact.spec.variants[0].components[0]) == "n"
    assert fact.body is not None and shape(fact.body) == "(if (n = 0) then 1 else (n * fact((n - 1))))"
    assert [p.inout for p in g.parameters] == [True, False] and g.spec.terminates
    assert swap.name is not None and swap.name.text == "swap" and len(swap.body.items) == 3
    assert [c.text for c in file.comments] == ["// expected: all yes"]
    loop = factorial.body.items[2] if factorial.body else None
    assert isinstance(loop, s.WhileStmt)
    assert [i.label.text if i.label else None for i in loop.annotations.invariants] == ["bound", None]
    assert loop.head is not None and loop.head.text == "while i < n"


def test_everything_has_its_place() -> None:
    source = Source("test", EVERYTHING)
    file = parse(source)
    assert len(file.declarations) == 15
    assert all(source.text[d.span.start : d.span.end].split()[0] for d in file.declarations)
    body = next(d.body for d in file.declarations if isinstance(d, s.ProcedureDecl) and d.name.text == "all")
    assert body is not None
    names = [type(item).__name__ for item in body.items]
    assert names[9:12] == ["PointStmt", "AssignStmt", "IfStmt"]
    assert [item.span.text for item in body.items][:3] == ["skip", "var i, j: int := 0, 1", "ghost var g := a"]


def test_definitions() -> None:
    """Which `=` begins the body."""

    def parts(text: str) -> tuple[list[str], str | None]:
        (d,) = parse(Source("test", text)).declarations
        assert isinstance(d, s.FunctionDecl)
        return [shape(r.formula) for r in d.spec.requires], shape(d.body) if d.body is not None else None

    assert parts("function f(n: int): int = n = 1") == ([], "(n = 1)")
    assert parts("function f(n: int): int requires n = 1\n = n") == (["(n = 1)"], "n")
    assert parts("function f(n: int): int requires n = 1") == (["(n = 1)"], None)
    assert parts("function f(n: int): int requires n > 1 = n") == (["(n > 1)"], "n")
    assert parts("function f(n: int): int requires n = 1 variant n = n") == (["(n = 1)"], "n")
    assert parts("function f(n: int): int requires (n = 1) and p(n = 2)") == (["((n = 1) and p((n = 2)))"], None)
    assert parts("predicate p(n: int)\n requires n = 1\n requires n = 2\n = n = 3\n = 4") == (
        ["(n = 1)", "(n = 2)"],
        "(n = 3 = 4)",
    )


def test_scripts() -> None:
    script = parse_script(
        Source("test", "cases P { yes: compute no: have h: forall i: int :: i = 1; each { auto; exists x } }; assert  a [ 1 ]")
    )
    cases, last = script.steps
    assert (cases.name.text, cases.arguments, [b for b, _ in cases.branches]) == ("cases", "P", ["yes", "no"])
    have, each = cases.branches[1][1].steps
    assert (have.name.text, have.arguments) == ("have", "h: forall i: int :: i = 1")
    assert [(name, len(inner.steps)) for name, inner in each.branches] == [("", 2)]
    assert (last.name.text, last.arguments) == ("assert", "a [ 1 ]")
    assert last.arguments_span is not None and last.arguments_span.text == "a [ 1 ]"
    assert parse_script(Source("test", "")).steps == ()


def test_goal_names() -> None:
    (proof,) = parse(Source("test", 'proof main.outer.variant.2 digest "ab" auto qed')).declarations
    assert isinstance(proof, s.ProofDecl)
    assert (proof.goal, proof.digest) == ("main.outer.variant.2", "ab")
    (proof,) = parse(Source("test", "proof main.requires1 digest qed")).declarations
    assert isinstance(proof, s.ProofDecl)
    assert (proof.goal, proof.digest, proof.script.steps[0].name.text) == ("main.requires1", None, "digest")


@pytest.mark.skipif(not BENCH.exists(), reason="the benchmark programs are not here")
def test_benchmark_programs() -> None:
    for path in sorted(BENCH.rglob("*.proof")):
        parse(Source(path.name, path.read_text(encoding="utf-8")))


def test_bare_triple() -> None:
    (triple,) = parse(Source("test", "\ufeff// one\r\n{ x = 1 }\r\nx := 2; // two\r\n{ x = 2 }\r\n")).declarations
    assert isinstance(triple, s.TripleDecl) and triple.name is None and len(triple.body.items) == 1


def test_comments() -> None:
    comments = parse(Source("test", "// a\n  /* b\n */ procedure p() // c\r\n// d\n/* e */ // f")).comments
    assert [(c.text, c.own_line) for c in comments] == [
        ("// a", True), ("/* b\n */", True), ("// c", False), ("// d", True), ("/* e */", True), ("// f", False),
    ]  # fmt: skip


# Against lark: the same tables, run by lark's machine on the same tokens, must accept the same and build the same.


@cache
def reference() -> Lark:
    return Lark(resources.grammar_text(), parser="lalr", lexer="basic", start=list(t.STARTS), maybe_placeholders=True)


def by_lark(kinds: list[str], texts: list[str]) -> object:
    try:
        parser: Any = reference().parse_interactive(start="file")
        for name, text in zip(kinds, texts, strict=True):
            parser.feed_token(Token(name, text))
        return plain(parser.feed_eof())
    except UnexpectedInput:
        return None


def plain(tree: object) -> object:
    return (str(tree.data), [plain(c) for c in tree.children]) if isinstance(tree, Tree) else None if tree is None else str(tree)


def by_us(kinds: list[str], texts: list[str]) -> object:
    tables = t.tables()
    source = Source("test", " ".join(texts))
    tokens = scan(source, tables.words)
    starts = [sum(len(x) + 1 for x in texts[:i]) for i in range(len(texts))]
    tokens.kinds, tokens.starts = [*kinds, t.END], [*starts, len(source.text)]
    tokens.ends = [*(a + len(x) for a, x in zip(starts, texts, strict=True)), len(source.text)]

    def method(name: str) -> Any:
        return lambda children, start, end: (name, list(children))

    reduce = tuple(method(rule.method) if rule.method else None for rule in tables.rules)
    machine = Machine(tables, tokens, "file", 10**9)
    failed = machine.run(Methods(reduce, {}, (False,) * len(reduce)), 0)
    return machine.values[-1] if failed is None else None


@cache
def seeds() -> tuple[tuple[list[str], list[str]], ...]:
    made = []
    for text in (TASTE, EVERYTHING, UNICODE):
        tokens = scan(Source("test", text), t.tables().words)
        mark(tokens)
        count = len(tokens.kinds) - 1
        made.append((tokens.kinds[:count], [tokens.text(i) for i in range(count)]))
    return tuple(made)


def test_lark_agrees_on_samples() -> None:
    for kinds, texts in seeds():
        assert by_us(kinds, texts) == by_lark(kinds, texts) is not None


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_lark_agrees_on_damaged_samples(data: st.DataObject) -> None:
    kinds, texts = data.draw(st.sampled_from(seeds()))
    start = data.draw(st.integers(0, len(kinds) - 1))
    kinds, texts = list(kinds[start : start + 120]), list(texts[start : start + 120])
    for _ in range(data.draw(st.integers(0, 3))):
        at, other = data.draw(st.integers(0, len(kinds) - 1)), data.draw(st.integers(0, len(kinds) - 1))
        match data.draw(st.sampled_from(("swap", "copy", "drop"))):
            case "swap":
                kinds[at], kinds[other], texts[at], texts[other] = kinds[other], kinds[at], texts[other], texts[at]
            case "copy":
                kinds.insert(at, kinds[other])
                texts.insert(at, texts[other])
            case _ if len(kinds) > 1:
                del kinds[at], texts[at]
    assert by_us(kinds, texts) == by_lark(kinds, texts)


# What it withstands


def codes(text: str) -> list[str]:
    try:
        parse(Source("test", text))
    except InputError as bad:
        return [d.code for d in bad.diagnostics]
    return []


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_text_is_an_input_error(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from((TASTE, EVERYTHING, UNICODE)))
    for _ in range(data.draw(st.integers(1, 4))):
        at, width = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 12))
        put = data.draw(
            st.sampled_from(("", ";", "end", "(", "]", "{", "}", " = ", " begin ", "if ", "1", "/*", '"', "&", "\0", "é", "⇒"))
        )
        text = text[:at] + put + text[at + width :]
    source = Source("test", text)
    try:
        parse(source)
    except InputError as bad:
        assert 1 <= len(bad.diagnostics) <= 100
        for d in bad.diagnostics:
            assert d.span is not None and 0 <= d.span.start <= d.span.end <= len(text)
            assert d.message and d.code.startswith("syntax-")


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=200))
def test_any_text_is_an_input_error_at_worst(text: str) -> None:
    codes(text)


def test_long_is_no_trouble() -> None:
    assert isinstance(expression("(" * 100_000 + "x" + ")" * 100_000), s.Ident)
    total = expression(" + ".join(["x"] * 50_000))
    assert isinstance(total, s.Chain) and len(total.rest) == 49_999
    assert len(parse_statements(Source("test", ";".join(["x := x + 1"] * 10_000))).items) == 10_000
    elsifs = "if a then skip " + "elsif b then skip " * 5_000 + "end"
    assert isinstance(parse_statements(Source("test", elsifs)).items[0], s.IfStmt)


@pytest.mark.parametrize(
    "text",
    [
        "not " * 300_000 + "x",
        "-" * 300_000 + "x",
        "x" + "[0]" * 300_000,
        "x" + " ==> x" * 5_000,
        "x" + " <==> x" * 5_000,
        "f(" * 5_000 + "x" + ")" * 5_000,
        "(x + " * 5_000 + "x" + ")" * 5_000,
        "forall x :: " * 5_000 + "x",
    ],
    ids=lambda text: text[:8],
)
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        expression(text)
    assert [d.code for d in caught.value.diagnostics] == ["syntax-nesting"]


def test_the_limit_on_nesting_is_what_it_says() -> None:
    assert shape(expression("-" * 256 + "x")).count("-") == 256
    with pytest.raises(InputError):
        expression("-" * 257 + "x")


def test_deep_statements_types_and_scripts_are_refused() -> None:
    assert codes("procedure p() begin " + "if a then " * 300 + "skip " + "end " * 300 + "end") == ["syntax-nesting"]
    assert codes("procedure p(x: int" + "[]" * 300 + ")") == ["syntax-nesting"]
    assert codes("proof a.b " + "each { " * 300 + "auto" + " }" * 300 + " qed") == ["syntax-nesting"]


@pytest.mark.parametrize("part", '( ) [ { } ; & é \0 " /* /**/ not~ if~a~then~ procedure~p()~begin~ {P} x:='.split(" "))
def test_any_amount_of_anything_is_read_in_good_time(part: str) -> None:
    assert len(codes(part.replace("~", " ") * (200_000 // len(part)))) <= 100


def test_long_numbers() -> None:
    assert isinstance(expression("9" * 1_000), s.Number)
    with pytest.raises(InputError) as caught:
        expression("9" * 1_000_000)
    assert [d.code for d in caught.value.diagnostics] == ["syntax-number"]


def test_no_recursion() -> None:
    before = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(300)
        test_long_is_no_trouble()
    finally:
        sys.setrecursionlimit(before)
