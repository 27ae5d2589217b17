"""From the parser's tree to the typed core: what is made of what is right, and what is said about what is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prover.diagnostic import Diagnostic, InputError
from prover.kernel.depend import statements, terms
from prover.kernel.program import Assert, Assign, Axiom, Function, Havoc, If, Procedure, ProcedureCall, Program, Statement, While
from prover.kernel.sort import BOOL, INT, MACHINE, NAT, Array
from prover.kernel.term import (
    App,
    At,
    Op,
    Quant,
    Term,
    Var,
    app,
    children,
    conj,
    free_variables,
    num,
    rebuild,
    structure,
    var,
    walk,
)
from prover.source import Source, Span
from prover.syntax.elaborate import FileLoader, elaborate, elaborate_expression
from prover.syntax.parser import parse, parse_expression
from prover.syntax.unparse import term_text


def elaborated(text: str, root: Path = Path("nowhere"), name: str = "test.proof") -> Program:
    source = Source(name, text)
    return elaborate(parse(source), source, FileLoader(root))


def complaints(text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(InputError) as caught:
        elaborated(text)
    return caught.value.diagnostics


def codes(text: str) -> list[str]:
    return [d.code for d in complaints(text)]


HEADER = "procedure p(inout x: int, inout y: int, inout a: int[], n: nat, u: uint8, b: bool)"


def body(text: str, header: str = HEADER) -> tuple[Statement, ...]:
    unit = elaborated(f"{header} begin {text} end").units["p"]
    assert isinstance(unit, Procedure) and unit.body is not None
    return unit.body.statements


def procedure(text: str) -> Procedure:
    program = elaborated(text)
    unit = program.units[program.own[-1]]
    assert isinstance(unit, Procedure)
    return unit


def loop(text: str) -> While:
    return next(s for s in body(text) if isinstance(s, While))


def values(statement: Statement) -> list[str]:
    assert isinstance(statement, Assign)
    return [term_text(v) for v in statement.values]


# Messages


def mistakes() -> dict[str, str]:
    text = (Path(__file__).parent / "elaborate_mistakes.txt").read_text(encoding="utf-8")
    parts = re.split(r"^# (.*)\n", text, flags=re.MULTILINE)[1:]
    return {title: content.rstrip("\n") for title, content in zip(parts[::2], parts[1::2], strict=True)}


MISTAKES = mistakes()


def place(span: Span | None) -> str:
    return "?" if span is None else f"{span.first.line}:{span.first.column}-{span.last.line}:{span.last.column}"


def told(diagnostic: Diagnostic) -> str:
    lines = [f"{place(diagnostic.span)}: {diagnostic.code}: {diagnostic.message}"]
    lines += [f"  at {place(label.span)}: {label.text}" for label in diagnostic.labels]
    lines += [f"  note: {note}" for note in diagnostic.notes]
    lines += [f"  help: {help}" for help in diagnostic.help]
    return "\n".join(lines)


def test_messages(golden: Callable[[str, str], None]) -> None:
    parts = []
    for title, text in MISTAKES.items():
        quoted = "\n".join(f"    {line}" for line in text.split("\n"))
        parts.append(f"# {title}\n{quoted}\n" + "\n".join(map(told, complaints(text))) + "\n")
    golden("syntax/elaborate.txt", "\n".join(parts))


@pytest.mark.parametrize("text", MISTAKES.values(), ids=MISTAKES.keys())
def test_messages_are_in_order_and_distinct(text: str) -> None:
    found = [(d.span.start, d.code, d.message) for d in complaints(text) if d.span is not None]
    assert [start for start, _, _ in found] == sorted(start for start, _, _ in found)
    assert len(set(found)) == len(found)


# Names


def test_names_are_unique_within_a_unit() -> None:
    unit = procedure(
        """procedure p(n: int) requires forall i :: i = i and (exists i :: i > n) ensures forall i :: i = n
        begin if n > 0 then var k := 1 else var k := 2 end; for i := 0 to n do skip end; for i := 0 to n do skip end end"""
    )
    assert [p.variable.name for p in unit.locals] == ["k", "k#2", "i", "i#2"]
    (outer,) = [t for t in walk(unit.requires[0].formula) if isinstance(t, Quant) and t.universal]
    (inner,) = [t for t in walk(unit.requires[0].formula) if isinstance(t, Quant) and not t.universal]
    bound = {outer.variables[0].name, inner.variables[0].name}
    assert len(bound) == 2 and not bound & {"n", "i", "i#2"}


def test_the_same_formula_twice_is_the_same_formula() -> None:
    unit = procedure("procedure p(a: int[]) requires forall i :: a[i] > 0 ensures forall i :: a[i] > 0 begin end")
    assert structure(unit.requires[0].formula) == structure(unit.ensures[0].formula)


def test_bound_variables_hide_others() -> None:
    (statement,) = body("assert forall x: bool :: x or b")
    assert isinstance(statement, Assert) and isinstance(statement.clause.formula, Quant)
    (bound,) = statement.clause.formula.variables
    assert bound.sort == BOOL and bound.name == "x#2"
    assert [t.name for t in walk(statement.clause.formula.body) if isinstance(t, Var)] == ["x#2", "b"]


def test_let_hides_only_in_its_body() -> None:
    (statement,) = body("y := let x = x + 1 in x * 2")
    assert isinstance(statement, Assign)
    names = [t.name for t in walk(statement.values[0]) if isinstance(t, Var)]
    assert names == ["x", "x#2"]


# Types


def test_literals_take_the_type_of_their_context() -> None:
    for text in ("u + 1", "1 + u", "(1 + 2) + u", "if b then 1 else u", "3 * (u - 1)", "let k = u in k + 1"):
        (statement, *_) = body(f"var v := {text}")
        assert isinstance(statement, Assign) and statement.values[0].sort == MACHINE["uint8"]
    (statement,) = body("assert 0 <= 1 < u and 255 = u and -0 = u")
    assert isinstance(statement, Assert)
    assert all(t.sort != INT for t in walk(statement.clause.formula))


def test_arrays_take_the_type_of_their_context() -> None:
    unit = procedure(
        """procedure p(n: nat) returns (a: nat[], b: uint8[][])
        begin a := [1, n + 1]; b := [[1], [], array(2, 3)]; assert [1, 2] = a end"""
    )
    assert unit.body is not None
    first, second, third = unit.body.statements
    assert isinstance(first, Assign) and first.values[0].sort == Array(NAT)
    assert isinstance(second, Assign) and second.values[0].sort == Array(Array(MACHINE["uint8"]))
    assert isinstance(third, Assert) and isinstance(third.clause.formula, App)
    assert [a.sort for a in third.clause.formula.args] == [Array(NAT), Array(NAT)]


def test_variables_are_not_nat_by_themselves() -> None:
    (*_, last) = body("var k := n; var m: nat := n; k := m - n")
    assert isinstance(last, Assign) and last.targets[0].sort == INT  # type: ignore[union-attr]


def test_chains_are_conjunctions() -> None:
    (statement,) = body("assert 0 <= x < y = n")
    assert isinstance(statement, Assert) and isinstance(statement.clause.formula, App)
    assert [term_text(t) for t in statement.clause.formula.args] == ["0 <= x", "x < y", "y = n"]


def test_operators_keep_their_grouping() -> None:
    (statement,) = body("x := 1 - x - y + 2 + 3 * x / y % 4")
    assert isinstance(statement, Assign)
    top = statement.values[0]
    assert isinstance(top, App) and top.op is Op.ADD and len(top.args) == 3
    assert isinstance(top.args[0], App) and top.args[0].op is Op.SUB


@pytest.mark.parametrize(
    ("text", "sorts"),
    [
        ("{ x = a } x := x + 1 { x > a }", {"x": INT, "a": INT}),
        ("{ true } b := not b; c := b { c }", {"b": BOOL, "c": BOOL}),
        ("{ true } a[0] := b; b := true { true }", {"a": Array(BOOL), "b": BOOL}),
        ("{ len(a) > 0 } b := a; x := b[0][1] { x = 1 }", {"a": Array(Array(INT)), "b": Array(Array(INT)), "x": INT}),
        ("{ true } u := uint8(3); v := u + 1 { v < w }", {"u": MACHINE["uint8"], "v": MACHINE["uint8"], "w": MACHINE["uint8"]}),
        ("{ a = [1] and perm(a, c) } skip { forall i :: c[i] = d }", {"a": Array(INT), "c": Array(INT), "d": INT}),
        ("{ x = k } if x then y := k else y := false end { y }", {"x": BOOL, "k": BOOL, "y": BOOL}),
    ],
)
def test_types_of_state_variables_come_from_their_use(text: str, sorts: Mapping[str, object]) -> None:
    unit = procedure(text)
    assert {p.variable.name: p.variable.sort for p in unit.locals} == sorts
    assert set(unit.entry_variables) == {p.variable for p in unit.locals}


def test_types_of_state_variables_come_from_calls() -> None:
    unit = procedure(
        """procedure q(a: bool[], n: nat) returns (u: uint8, m: nat) begin u, m := 1, n end
        triple t { k = m } u, m := q(a, k) { true }"""
    )
    sorts = {p.variable.name: p.variable.sort for p in unit.locals}
    assert sorts == {"k": INT, "m": INT, "u": MACHINE["uint8"], "a": Array(BOOL)}


def test_variables_declared_in_a_triple_have_no_value_at_entry() -> None:
    unit = procedure("{ true } var x := 1; y := x; for i := 0 to y do y := 1 end { true }")
    assert [v.name for v in unit.entry_variables] == ["y"]


def test_binders_without_a_type() -> None:
    (statement,) = body("assert forall i, q, v :: a[i] = 0 or (q and v = u)")
    assert isinstance(statement, Assert) and isinstance(statement.clause.formula, Quant)
    assert [v.sort for v in statement.clause.formula.variables] == [INT, BOOL, MACHINE["uint8"]]


# Statements


def test_for_with_bounds_that_stay() -> None:
    made = loop("for i := 0 to len(a) - 1 invariant x = i do a[i] := 0 end")
    assert made.condition is not None and term_text(made.condition) == "i <= len(a) - 1"
    assert [(c.label, term_text(c.formula), c.implied) for c in made.invariants] == [
        ("range", "0 <= i <= len(a)", True),
        ("inv1", "x = i", False),
    ]
    assert [term_text(v) for v in made.variant or ()] == ["len(a) - i"]
    assert [values(s) for s in made.step.statements] == [["i + 1"]]


def test_for_evaluates_its_bounds_once() -> None:
    (first, last, start, made) = body("for i := x to y / 2 do x := 1; y := 2 end")
    assert values(first) == ["x"] and values(last) == ["y / 2"] and values(start) == ["i'first"]
    assert isinstance(made, While) and made.condition is not None and term_text(made.condition) == "i <= i'last"


def test_downto() -> None:
    made = loop("for i := x downto y do skip end")
    assert term_text(made.invariants[0].formula) == "(if y - 1 <= x then y - 1 else x) <= i <= x"
    assert [term_text(v) for v in made.variant or ()] == ["i - y + 1"]
    assert made.condition is not None and term_text(made.condition) == "i >= y"


@given(st.integers(-4, 4), st.integers(-4, 4), st.booleans())
def test_the_range_of_a_counter(first: int, last: int, down: bool) -> None:
    """What is known of a counter holds in each round and at the end, and for no value beyond."""
    made = loop(f"for i := {first} {'downto' if down else 'to'} {last} do skip end")
    rounds = list(range(first, last - 1, -1) if down else range(first, last + 1))
    seen = [*rounds, rounds[-1] + (-1 if down else 1) if rounds else first]
    (low, high) = [t for t in walk(made.invariants[0].formula) if isinstance(t, App) and t.op is Op.LE]
    bounds = [value(t) for t in (*low.args, *high.args) if not isinstance(t, Var)]
    assert (min(bounds), max(bounds)) == (min(seen), max(seen))


def value(term: Term) -> int:
    from prover.kernel.term import Lit

    assert isinstance(term, Lit)
    return int(term.value)


def test_default_labels_count_positions() -> None:
    unit = procedure(
        """procedure p(n: int) returns (r: int) requires n > 0 requires big: n > 1 requires n > 2
        begin
          r := 0;
          while n > 0 invariant a: true invariant true do
            while inner: n > 1 do if n > 2 then return end; break end; break
          end;
          while n > 3 do r := p(1); break end;
          assert r = r; assert named: r = r; { r = r }
        end"""
    )
    assert [c.label for c in unit.requires] == ["requires1", "big", "requires3"]
    assert unit.body is not None
    found = list(statements(unit.body))
    assert [s.label for s in found if isinstance(s, While)] == ["loop1", "inner", "loop3"]
    assert [c.label for s in found if isinstance(s, While) for c in s.invariants] == ["a", "inv2"]
    assert [s.clause.label for s in found if isinstance(s, Assert)] == ["assert1", "named", "assert3"]
    assert [s.label for s in found if isinstance(s, If | ProcedureCall)] == ["if1", "call1"]


def test_elsif_nests() -> None:
    (made,) = body("if x > 0 then skip elsif x > 1 then skip else x := 1 end")
    assert isinstance(made, If) and made.label == "if1"
    (second,) = made.orelse.statements
    assert isinstance(second, If) and second.label == "if2" and len(second.orelse.statements) == 1


def test_any_value() -> None:
    (both, offered, element) = body("x, y := *, *; x := * choose y + 1; x, y := *, x")[:3]
    assert isinstance(both, Havoc) and [v.name for v in both.variables] == ["x", "y"] and both.choose is None
    assert isinstance(offered, Havoc) and offered.choose is not None and term_text(offered.choose) == "y + 1"
    assert isinstance(element, Havoc) and element.variables[0].name not in ("x", "y")  # chosen beside, stored at once


def test_results_for_elements() -> None:
    """`a[x]` means the element at the x from before the call, though the call changes x."""
    header = "procedure q(inout x: int) returns (r: int) begin x := 5; r := 1 end procedure p(inout x: int, inout a: int[])"
    (index, call, store) = body("a[x] := q(x)", header)
    assert values(index) == ["x"] and isinstance(call, ProcedureCall) and isinstance(store, Assign)
    assert store.targets[0].indices[0] is not None  # type: ignore[union-attr]
    assert term_text(store.targets[0].indices[0]) != "x"  # type: ignore[union-attr]


def test_ghost_loops() -> None:
    found = body("ghost var g := 3; while g > 0 variant g do g := g - 1 end; while x > 0 do x := x - 1 end")
    assert [s.ghost for s in found if isinstance(s, While)] == [True, False]
    lemma = procedure(
        "lemma l(n: int) begin var i := n; while i > 0 variant i do i := i - 1; if i = 3 then break end end; return end"
    )
    assert lemma.body is not None
    assert [s.ghost for s in statements(lemma.body) if isinstance(s, While)] == [True]
    assert lemma.terminates and all(p.ghost for p in lemma.locals)


def test_old_and_at() -> None:
    unit = procedure(
        """procedure p(inout a: int[]) ensures forall i :: 0 <= i < len(a) ==> a[i] = old(a)[i] begin
        here: a[0] := a[0]; while l: a[0] > 0 invariant at(l, a) = at(here, a) do skip end end"""
    )
    assert [t.label for t in walk(unit.ensures[0].formula) if isinstance(t, At)] == ["old"]
    assert unit.body is not None
    (made,) = [s for s in unit.body.statements if isinstance(s, While)]
    assert [t.label for t in walk(made.invariants[0].formula) if isinstance(t, At)] == ["l", "here"]


def test_a_procedure_asks_for_termination() -> None:
    for text, asks in (
        ("procedure p() begin end", False),
        ("procedure p() terminates begin end", True),
        ("procedure p(n: int) variant n begin end", True),
        ("procedure p(n: int) begin while n > 0 variant n do break end end", True),
        ("procedure p(n: int) begin for i := 0 to n do skip end end", False),
        ("total triple t { true } skip { true }", True),
        ("triple t { true } skip { true }", False),
        ("lemma l()", True),
    ):
        assert procedure(text).terminates == asks, text


def test_machine_variants_count_by_value() -> None:
    unit = procedure("procedure p(u: uint8) variant u, 1 begin end")
    assert [term_text(v) for v in unit.variant or ()] == ["int(u)", "1"]


# Declarations


def test_units_in_text_order() -> None:
    program = elaborated("procedure p() begin l() end lemma l() axiom a: true const c: int = 1 predicate q(n: int) = n = c")
    assert list(program.units) == list(program.own) == ["p", "l", "a", "c", "q"]
    assert isinstance(program.units["a"], Axiom)
    constant, predicate, lemma = program.units["c"], program.units["q"], program.units["l"]
    assert isinstance(constant, Function) and constant.parameters == () and constant.kind == "const"
    assert isinstance(predicate, Function) and predicate.result == BOOL
    assert isinstance(lemma, Procedure) and lemma.body is not None and lemma.body.statements == ()


@pytest.mark.parametrize(
    ("file", "text", "names"),
    [
        ("dir/swap-two.proof", "{ true } skip { true }", ["swap_two"]),
        ("01 first.proof", "{ true } skip { true }", ["_01_first"]),
        ("<stdin>", "{ true } skip { true }", ["stdin"]),
        ("swap.proof", "{ true } skip { true } triple { true } skip { true }", ["triple1", "triple2"]),
        ("swap.proof", "triple swap { true } skip { true } triple { true } skip { true }", ["swap", "triple1"]),
    ],
)
def test_triples_without_a_name(file: str, text: str, names: list[str]) -> None:
    assert list(elaborated(text, name=file).own) == names


def test_what_the_first_comment_expects() -> None:
    text = "// A swap.\n// expected: all yes\n/* expected: p: correct no */ lemma l() // expected: never"
    assert elaborated(text).expected == "all yes; p: correct no"
    assert elaborated("lemma l()").expected is None


def test_proofs_keep_their_text() -> None:
    text = "triple t { true } skip { true } proof t.post cases x = 1 { yes: auto no: unfold f(x); auto } qed"
    (proof,) = elaborated(text).proofs
    (step,) = proof.script.steps
    assert (proof.goal, step.name, step.arguments) == ("t.post", "cases", "x = 1")
    assert {name: [s.name for s in b.steps] for name, b in step.branches} == {"yes": ["auto"], "no": ["unfold", "auto"]}


# Imports


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.proof").write_text(text, encoding="utf-8")


def main_of(folder: Path) -> Program:
    path = folder / "main.proof"
    source = Source(str(path), path.read_text(encoding="utf-8"))
    return elaborate(parse(source), source, FileLoader(folder))


def refused(folder: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        main_of(folder)
    assert all(d.span is not None for d in caught.value.diagnostics)
    return [d.code for d in caught.value.diagnostics]


def test_imports_come_first_and_once(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    write(tmp_path, main='import "sub/b.proof" import "a.proof" lemma l() begin m(); k() end', a="lemma k()")
    write(tmp_path / "sub", b='import "c.proof" lemma m() begin c() end', c="lemma c()")
    program = main_of(tmp_path)
    assert list(program.units) == ["c", "m", "k", "l"] and program.own == ("l",)


def test_import_cycles(tmp_path: Path) -> None:
    write(tmp_path, main='import "a.proof"', a='import "b.proof"', b='import "a.proof"')
    assert refused(tmp_path) == ["import-cycle"]
    write(tmp_path, main='import "main.proof"')
    assert refused(tmp_path) == ["import-cycle"]


def test_names_clash_across_files(tmp_path: Path) -> None:
    write(tmp_path, main='import "a.proof" lemma l()', a="lemma l()")
    assert refused(tmp_path) == ["name-duplicate"]


@pytest.mark.parametrize(
    "path",
    [
        "../x.proof",
        "folder/../../x.proof",
        "/etc/passwd",
        "~/x.proof",
        "a\\\\b.proof",
        "C:/x.proof",
        "link.proof",
        "folder",
        "pipe.proof",
        "",
    ],
)
def test_only_files_below_the_root(path: str, tmp_path: Path) -> None:
    import os

    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    write(tmp_path, x="lemma x()")
    (root / "link.proof").symlink_to(tmp_path / "x.proof")
    os.mkfifo(root / "pipe.proof")
    write(root, main=f'import "{path}"')
    assert refused(root) == ["import-refused"]


def test_mistakes_in_an_import_are_told(tmp_path: Path) -> None:
    write(tmp_path, main='import "a.proof"', a="procedure p() begin x := 1 end")
    assert refused(tmp_path) == ["name-undeclared"]
    write(tmp_path, a="procedure p( begin end")
    assert all(code.startswith("syntax-") for code in refused(tmp_path))
    (tmp_path / "a.proof").write_bytes(b"\xff\xfe\x00")
    assert refused(tmp_path) == ["input-encoding"]


# Expressions by themselves

SCOPE = {
    "x": var("x@3", INT),
    "old(x)": var("x@1", INT),
    "at(loop1, x)": var("x@2", INT),
    "n": var("n", NAT),
    "a": var("a@1", Array(INT)),
}


def expression(text: str, **options: object) -> Term:
    return elaborate_expression(parse_expression(Source("hint", text)), SCOPE, {}, options.get("expected"))  # type: ignore[arg-type]


def test_earlier_values_come_from_the_scope() -> None:
    term = expression("x > old(x) + at(loop1, x) + old(n)")
    assert [t.name for t in walk(term) if isinstance(t, Var)] == ["x@3", "x@1", "x@2", "n"]


def test_bound_names_avoid_those_of_the_scope() -> None:
    term = expression("forall n :: n > x")
    assert isinstance(term, Quant) and term.variables[0].name != "n"


@pytest.mark.parametrize("text", ["y", "at(loop2, x)", "old(a)", "x and x"])
def test_expressions_that_mean_nothing(text: str) -> None:
    with pytest.raises(InputError):
        expression(text)


def test_the_expected_sort() -> None:
    wanted = Array(MACHINE["int8"])
    assert elaborate_expression(parse_expression(Source("i", "[1, 2]")), {}, {}, wanted).sort == wanted
    with pytest.raises(InputError):
        expression("x + 1", expected=BOOL)
    with pytest.raises(InputError):
        elaborate_expression(parse_expression(Source("i", "forall i :: i = i")), {}, {}, BOOL, specification=False)


# Size


@pytest.mark.parametrize(
    "text",
    [
        "x := " + " + ".join(["x"] * 20_000),
        "x := " + " - ".join(["x"] * 20_000),
        "x := x;" * 5_000,
        "assert " + " <= ".join(["x"] * 5_000),
        "if x = 0 then skip " + "elsif x = 1 then skip " * 450 + "end",
        "x := " + "(1 + " * 250 + "x" + ")" * 250,
        "x := " + "-" * 250 + "x",
        "if x > 0 then " * 200 + "skip" + " end" * 200,
    ],
    ids=["sum", "difference", "sequence", "chain", "elsif", "parentheses", "minus", "nested"],
)
def test_large_texts(text: str) -> None:
    assert body(text)


@pytest.mark.parametrize(
    "text",
    ["x := " + "x * x / " * 1_000 + "x", "if x = 0 then skip " + "elsif x = 1 then skip " * 2_000 + "end"],
    ids=["operators", "elsif"],
)
def test_limits_are_stated(text: str) -> None:
    assert codes(f"procedure p(inout x: int) begin {text} end") == ["syntax-nesting"]


def test_a_cell_is_no_element_of_itself() -> None:
    """Unification that would build an infinite type gives up, and the checks say why."""
    assert "type-mismatch" in codes("{ true } a := [a] { true }")


@pytest.mark.parametrize("text", ["x + 1 + y", "(x + 1) + y"])
def test_sums_are_flat(text: str) -> None:
    (statement,) = body(f"x := {text}")
    assert isinstance(statement, Assign)
    assert structure(statement.values[0]) == structure(app(Op.ADD, var("x", INT), num(1), var("y", INT)))


def files() -> list[Path]:
    return sorted((Path(__file__).parent.parent.parent / "proofs").rglob("*.proof"))


@pytest.mark.parametrize("path", files(), ids=lambda p: p.stem)
def test_what_is_printed_means_the_same(path: Path) -> None:
    """Terms of real files, printed, parsed and elaborated again by themselves, are the same terms."""
    source = Source(str(path), path.read_text(encoding="utf-8"))
    try:
        program = elaborate(parse(source), source, FileLoader(path.parent))
    except InputError:
        pytest.skip("is refused")
    functions = {n: u for n, u in program.units.items() if isinstance(u, Function)}
    for term in [t for n in program.own for t in terms(program.units[n])]:
        scope = {n.split("#")[0]: v for n, v in free_variables(term).items()}
        if len(scope) == len(free_variables(term)) and not any(isinstance(t, At) for t in walk(term)):
            again = elaborate_expression(parse_expression(Source("again", term_text(term))), scope, functions, term.sort)
            assert comparable(term) == comparable(again), term_text(term)


def comparable(term: Term) -> str:
    """What a term says, names of bound variables aside as far as they only tell equal ones apart, and how `and`s are grouped:
    a chain is a conjunction, which prints without parentheses inside another."""
    return re.sub(r"#[0-9]+|'+(?=')", "", repr(structure(flat(term))))


def flat(term: Term) -> Term:
    parts = tuple([flat(c) for c in children(term)])
    if isinstance(term, App) and term.op is Op.AND:
        return conj(parts)
    return rebuild(term, parts)
