"""Derivations: the checker accepts those of proved programs, and none that is altered or of a program that is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from prover.cli.main import main
from prover.derive.build import NoTree, derivation
from prover.derive.checker import flaws
from prover.derive.derivation import SCHEMAS, Derivation, Proof, Rule
from prover.derive.entailment import Closed, best
from prover.derive.formula import instance, key
from prover.derive.rests import unproved
from prover.diagnostic import InputError
from prover.expectation import parse as parse_expectation
from prover.kernel.depend import statements
from prover.kernel.program import Procedure, Program
from prover.kernel.sort import BOOL, INT
from prover.kernel.term import FALSE, TRUE, Op, Var, app, conj, eq, num, quant
from prover.plan import load, plan
from prover.record import replace
from prover.render.derivation import Shown
from prover.solve.process import Pool
from prover.solve.prove import Budget
from prover.source import Source
from prover.syntax.elaborate import FileLoader

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = sorted((ROOT / "proofs" / "examples").glob("*.proof"))
WRONG = sorted([*(ROOT / "proofs" / "refuted").rglob("*.proof"), *(ROOT / "tests" / "corpus" / "false").rglob("*.proof")])
BUDGET = Budget(500_000, 3.0)


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(1) as pool:
        yield pool


def program_of(path: Path) -> Program:
    return load(Source(str(path), path.read_text(encoding="utf-8")), FileLoader(path.parent))


def with_bodies(program: Program) -> list[Procedure]:
    units = [program.units[n] for n in program.own]
    return [u for u in units if isinstance(u, Procedure) and u.body is not None]


def accepted(units: list[Procedure], program: Program, pool: Pool, budget: Budget) -> dict[str, bool]:
    ready = plan(program)
    rests = unproved(units, ready, budget, pool)
    found: dict[str, bool] = {}
    for unit in units:
        try:
            proof, settled = best(unit, ready, unit.name in ready.termination, budget, pool)
        except NoTree:
            found[unit.name] = False
            continue
        closed = all(s.closed is not Closed.OPEN for s in settled.values())
        found[unit.name] = closed and not list(flaws(proof, program)) and not rests[unit.name]
    return found


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_every_example_has_a_derivation(path: Path, pool: Pool) -> None:
    program = program_of(path)
    found = accepted(with_bodies(program), program, pool, Budget())
    assert found == dict.fromkeys(found, True)


@pytest.mark.parametrize("path", WRONG, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_what_is_wrong_has_none(path: Path, pool: Pool) -> None:
    try:
        program = program_of(path)
    except InputError:
        return
    said = parse_expectation(program.expected or "all yes", None).units
    units = [u for u in with_bodies(program) if {"no"} & {said.get(u.name, {}).get(a) for a in ("correct", "terminates")}]
    found = accepted([u for u in units if said[u.name].get("correct") == "no" or asks_end(u)], program, pool, BUDGET)
    assert found == dict.fromkeys(found, False)


def asks_end(unit: Procedure) -> bool:
    return unit.terminates and not unit.diverges and not any(getattr(s, "recurrent", ()) for s in statements(unit.body or ()))  # type: ignore[arg-type]


# Altered derivations

ALTERED = """
procedure swap(inout a: int[], i: int, j: int)
  requires 0 <= i < len(a) and 0 <= j < len(a)
  ensures  a[i] = old(a)[j] and a[j] = old(a)[i] and len(a) = len(old(a))
begin
  a[i], a[j] := a[j], a[i]
end

procedure count(n: int) returns (i: int)
  requires n >= 0
  ensures  i = n
begin
  i := 0;
  while i < n
    invariant 0 <= i <= n
    variant n - i
  do
    i := i + 1
  end
end

procedure twice(n: int) returns (r: int)
  requires n >= 0
  ensures  r = 2 * n
begin
  var x := 0;
  x := count(n);
  if x > 5 then
    r := x + x
  else
    r := 2 * x;
    assert r <= 10
  end
end

procedure find(a: int[], v: int) returns (k: int)
  ensures 0 <= k ==> k < len(a) and a[k] = v
  terminates
begin
  k := -1;
  for i := 0 to len(a) - 1
    invariant k = -1
  do
    if a[i] = v then k := i; return end;
    if a[i] = 100 then break end;
    if a[i] = 200 then continue end;
    l: havoc v0;
    assume v0 >= at(l, v0)
  end
end

triple loose
{ x >= 0 }
  y := *;
  if y < 0 then y := -y end;
  while * invariant x >= 0 and y >= 0 do
    x := x + y
  end
{ x >= 0 }
""".replace("l: havoc v0;\n    assume v0 >= at(l, v0)", "skip")


def proofs() -> list[tuple[Proof, Program]]:
    program = load(Source("altered.proof", ALTERED), FileLoader(ROOT))
    return [(derivation(u, program, u.name != "loose"), program) for u in with_bodies(program)]


def test_the_originals_are_accepted() -> None:
    used: set[Rule] = set()
    for proof, program in proofs():
        assert list(flaws(proof, program)) == []
        used |= {n.rule for n in proof.tree.nodes()}
    assert used >= set(Rule) - {Rule.OPEN, Rule.ASSUMPTION, Rule.POINT}


def everywhere(tree: Derivation, change: Callable[[Derivation], Derivation | None]) -> Iterator[Derivation]:
    """The tree with the change made at one node, for each node to which it applies."""
    made = change(tree)
    if made is not None:
        yield made
    for number, premise in enumerate(tree.premises):
        for inner in everywhere(premise, change):
            yield replace(tree, premises=(*tree.premises[:number], inner, *tree.premises[number + 1 :]))


def _pre(node: Derivation, term: object) -> Derivation | None:
    return None if key(node.judgement.pre) == key(term) else replace(node, judgement=replace(node.judgement, pre=term))  # type: ignore[arg-type]


def _post(node: Derivation, term: object) -> Derivation | None:
    same = key(node.judgement.post) == key(term) or node.rule in (Rule.RETURN, Rule.BREAK, Rule.CONTINUE)  # type: ignore[arg-type]
    return None if same else replace(node, judgement=replace(node.judgement, post=term))


CHANGES: dict[str, Callable[[Derivation], Derivation | None]] = {
    "nothing is required": lambda n: _pre(n, TRUE),
    "false is promised": lambda n: _post(n, FALSE),
    "no substitution": lambda n: _pre(n, n.judgement.post) if n.rule is Rule.ASSIGNMENT else None,
    "a premise is dropped": lambda n: replace(n, premises=n.premises[1:]) if n.premises else None,
    "premises are swapped": lambda n: replace(n, premises=n.premises[::-1]) if len(n.premises) > 1 else None,
    "entailments are dropped": lambda n: replace(n, entailments=()) if n.entailments else None,
    "an entailment is about less": lambda n: (
        replace(n, entailments=tuple(replace(e, follows=TRUE) for e in n.entailments)) if n.entailments else None
    ),
    "an entailment has more to start from": lambda n: (
        replace(n, entailments=tuple(replace(e, known=conj([e.known, eq(num(0), num(1))])) for e in n.entailments))
        if n.entailments
        else None
    ),
    "the invariant is empty": lambda n: replace(n, invariant=TRUE) if n.rule is Rule.WHILE else None,
    "the variant is forgotten": lambda n: replace(n, earlier=()) if n.earlier else None,
    "the variant's value is a variable": lambda n: replace(n, earlier=(Var("i", INT),)) if n.earlier else None,
    "a name is not fresh": lambda n: replace(n, fresh=tuple(Var("x", f.sort) for f in n.fresh)) if n.fresh else None,
    "no name is fresh": lambda n: replace(n, fresh=()) if n.fresh else None,
    "it is skipped": lambda n: replace(n, rule=Rule.SKIP, premises=(), entailments=()) if n.rule is not Rule.SKIP else None,
    "the rule is that of `if`": lambda n: replace(n, rule=Rule.CONDITIONAL) if n.rule is not Rule.CONDITIONAL else None,
    "the values at entry are not fixed": lambda n: n.premises[0] if n.rule is Rule.ENTRY else None,
    "the weaker assertion is passed over": lambda n: n.premises[0] if n.rule is Rule.CONSEQUENCE else None,
}


@pytest.mark.parametrize("name", CHANGES)
def test_an_altered_derivation_is_rejected(name: str) -> None:
    count = 0
    for proof, program in proofs():
        for tree in everywhere(proof.tree, CHANGES[name]):
            count += 1
            altered = replace(proof, tree=tree)
            assert list(flaws(altered, program)), f"{proof.unit.name}: {name}"
    assert count > 0


CALLS = """procedure id(v: int) returns (r: int)
  ensures r = v
begin
  r := v
end

procedure p(n: int) returns (i: int)
  requires n >= 0
  ensures i = n
  terminates
begin
  i := 0;
  while i < n invariant 0 <= i <= n variant n - i do
    i := id(i + 1)
  end
end
"""


def calling() -> tuple[Proof, Program]:
    program = load(Source("calls.proof", CALLS), FileLoader(ROOT))
    unit = program.units["p"]
    assert isinstance(unit, Procedure)
    return derivation(unit, program, True), program


def test_a_name_is_not_a_constant_here_and_any_value_there() -> None:
    """If the name of a call's result were that of the variant's earlier value, an entailment would speak of one value only."""
    proof, program = calling()
    assert list(flaws(proof, program)) == []
    (earlier,) = next(n.earlier for n in proof.tree.nodes() if n.earlier)

    def change(node: Derivation) -> Derivation | None:
        return replace(node, fresh=(earlier, *node.fresh[1:])) if node.fresh else None

    found = [[f.words for f in flaws(replace(proof, tree=tree), program)] for tree in everywhere(proof.tree, change)]
    assert found
    assert all("a fresh name is a variant's earlier value elsewhere" in words for words in found)


def test_what_was_never_asked_is_open() -> None:
    proof, _ = calling()
    shown = Shown(proof, (), {})
    assert len(shown.open) > 1
    assert not shown.accepted


def test_a_guard_that_is_not_negated_is_noticed() -> None:
    for proof, program in proofs():
        for node in proof.tree.nodes():
            if node.rule is Rule.WHILE and node.invariant is not None:

                def change(n: Derivation, at: Derivation = node) -> Derivation | None:
                    return replace(n, judgement=replace(n.judgement, post=n.invariant)) if n is at else None

                same = key(node.judgement.post) == key(node.invariant)
                assert same or all(list(flaws(replace(proof, tree=t), program)) for t in everywhere(proof.tree, change))


# Terms


def test_keys_tell_terms_apart() -> None:
    a, b = Var("a", INT), Var("b", INT)
    less = app(Op.LT, a, b)
    shadowed = quant(True, (a,), quant(True, (a,), quant(True, (b,), less)))
    other = quant(True, (a,), quant(True, (b,), quant(True, (a,), less)))
    assert key(shadowed) != key(other)
    assert key(quant(True, (a,), less)) == key(quant(True, (Var("c", INT),), app(Op.LT, Var("c", INT), b)))
    assert key(quant(True, (a,), less)) != key(quant(False, (a,), less))
    assert key(conj([less, TRUE])) == key(less) != key(app(Op.LE, a, b))
    assert key(app(Op.NOT, app(Op.NOT, less))) == key(less)


def test_instances_do_not_capture() -> None:
    a, b, p = Var("a", INT), Var("b", INT), Var("p", BOOL)
    inner = quant(True, (a,), app(Op.LT, a, b))
    made = instance(inner, {"b": a})
    assert key(made) == key(quant(True, (Var("z", INT),), app(Op.LT, Var("z", INT), a)))
    assert instance(inner, {"a": num(3)}) is not None
    assert key(instance(inner, {"a": num(3)})) == key(inner)
    assert key(instance(conj([p, inner]), {"p": TRUE})) == key(inner)


# The command


@pytest.fixture
def altered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("altered.proof").write_text(ALTERED, encoding="utf-8")
    return Path("altered.proof")


def test_text(altered: Path, capsys: pytest.CaptureFixture[str], golden: Callable[[str, str], None]) -> None:
    assert main(["derive", str(altered)]) == 0
    golden("derive/altered.txt", capsys.readouterr().out)


def test_json(altered: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "--format", "json", str(altered)]) == 0
    for unit in json.loads(capsys.readouterr().out):
        assert unit["accepted"]
        assert [s["number"] for s in unit["steps"]] == list(range(1, len(unit["steps"]) + 1))
        assert all(p < s["number"] for s in unit["steps"] for p in s["premises"])


class Balanced(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.most = 0

    def handle_starttag(self, tag: str, _attributes: object) -> None:
        if tag != "meta":
            self.open.append(tag)
            self.most = max(self.most, self.open.count("details"))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_html(altered: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "--format", "html", str(altered)]) == 0
    text = capsys.readouterr().out
    page = Balanced()
    page.feed(text)
    assert not page.open and page.most > 4
    assert not re.search(r"<script|https?://", text)


def test_latex(altered: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "--format", "latex", str(altered)]) == 0
    text = capsys.readouterr().out
    assert text.count(r"\DisplayProof") >= 5
    assert text.isascii()


def test_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "--rules"]) == 0
    text = capsys.readouterr().out
    assert all(rule.value in text for rule in SCHEMAS)
    assert set(SCHEMAS) == set(Rule) - {Rule.OPEN}


@pytest.mark.parametrize(("text", "status", "said"), [
    ("triple t { x > 0 } x := x + 1 { x > 2 }", 1, "open: 1 of 2 rule applications, 1 entailment are not shown"),
    ("total triple t { true } while x > 0 do x := x - 1 end { true }", 1, "no derivation of `t`: `loop1` has no variant"),
    ("procedure p() ensures false\ntriple t { true } p() { false }", 1, "it rests on `p`"),
    ("triple t { true } assume x > 1 { x > 0 }", 0, "on trust: assume x > 1"),
    ("triple t { true } " + "x := x + 1; " * 900 + "skip { true or x > 0 }", 1, "symbols together"),
    ("lemma l() ensures false begin end\ntriple t { true } l() { false }", 1, "it rests on `l`"),
    ("function f(x: int): int = 1 / x\ntriple t { true } y := f(1) { y = 1 }", 1, "it rests on `f`"),
])  # fmt: skip
def test_what_is_not_accepted_is_said(
    text: str, status: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.proof").write_text(text, encoding="utf-8")
    assert main(["derive", "t.proof", "t"]) == status
    found = capsys.readouterr()
    assert said in found.out + found.err


def test_deep_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    long = "; ".join(["x := x + 1"] * 120)
    deep = "if x > 0 then " * 20 + "skip" + " end" * 20
    for body, post in ((long, "x = 120"), (deep, "x = 0")):
        Path("t.proof").write_text(f"triple t {{ x = 0 }} {body} {{ {post} }}", encoding="utf-8")
        for format in ("text", "html", "latex", "json"):
            assert main(["derive", "--format", format, "t.proof"]) in (0, 1)
            assert "internal" not in capsys.readouterr().err
