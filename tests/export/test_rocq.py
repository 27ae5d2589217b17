"""Programs as Rocq: what is written, what is refused, and what Rocq says of it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from prover.cli.main import main
from prover.diagnostic import InputError
from prover.export.rocqfile import PRELUDE, exported
from prover.plan import load
from prover.syntax.elaborate import FileLoader
from prover.syntax.read import read_source

needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")

LAWS = ("wp_sound", "wp_terminates", "conditions_suffice", "recursion_suffices", "lemma_holds", "euclid_unique")
SUM = """procedure sum(n: int) returns (s: int)
  requires n >= 0
  ensures  2 * s = n * (n + 1)
begin
  var i := 0;
  s := 0;
  while i < n invariant 0 <= i <= n invariant 2 * s = i * (i + 1) variant n - i do
    i := i + 1;
    s := s + i
  end
end
"""


TWICE = "predicate p{n}(x: int) = p{m}(x + 1) and p{m}(x + 2)\n"
DOUBLING = "predicate p0(x: int) = x > 0\n" + "".join([TWICE.format(n=n, m=n - 1) for n in range(1, 30)])


def export(path: Path, text: str, *options: str) -> Path:
    (path / "p.proof").write_text(text)
    assert main(["export", "--to", "rocq", str(path / "p.proof"), "--output", str(path), *options]) == 0
    return path / "p.v"


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prelude")
    (folder / "Prelude.v").write_text(PRELUDE.read_text())
    (folder / "Laws.v").write_text("From Prover Require Import Prelude.\n" + "".join([f"Print Assumptions {t}.\n" for t in LAWS]))
    assert coqc(folder, "Prelude.v").returncode == 0
    return folder


def coqc(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    command = ["coqc", "-Q", str(folder), "Prover", name]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)


def closed(folder: Path, text: str, name: str, *options: str) -> subprocess.CompletedProcess[str]:
    work = folder / name
    work.mkdir()
    made = export(work, text, *options)
    shutil.copy(made, folder / f"{name}.v")
    return coqc(folder, f"{name}.v")


def test_each_condition_is_a_lemma_and_the_triple_a_theorem(tmp_path: Path) -> None:
    text = export(tmp_path, SUM).read_text()
    assert text.count("Lemma vc_") == 11 and text.count("Qed.") == 13 and "Admitted." not in text
    assert "Theorem holds : correct params outs requires ensures ends runs." in text
    assert "(* 11 lemmas, 0 of them Admitted; 1 theorems; 0 assume" in text.splitlines()[-1]


def test_what_is_left_open_is_named_and_counted(tmp_path: Path) -> None:
    text = export(tmp_path, SUM, "--admit", "M_sum.vc_10_ensures1").read_text()
    assert re.search(r"Lemma vc_10_ensures1 : [^\n]*\nAdmitted\.", text) and text.count("Admitted.") == 1
    assert "1 of them Admitted" in text


def test_names_are_no_keywords(tmp_path: Path) -> None:
    text = export(
        tmp_path, "procedure Qed(forall': int, end_: int) returns (Prop: int)\nbegin\n  Prop := forall'\nend\n"
    ).read_text()
    assert "Module M_Qed." in text and "V_forall_ " in text and "V_Prop" in text


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("axiom a: 1 = 1\n", "an axiom"),
        ("procedure p()\n", "without a body"),
        ("procedure p(n: nat)\nbegin\n  if n > 0 then p(n - 1) end\nend\n", "a recursive procedure without a variant"),
        ("lemma l(n: nat)\nbegin\n  assume n > 1\nend\n", "an `assume`"),
        ("lemma l(n: nat)\n  ensures n = n\nbegin\n  if n > 0 then l(n - 1) end\nend\n", "a lemma that uses itself"),
        (f"procedure p(inout x: int)\nbegin\n  x := 1{'; skip' * 10_000}\nend\n", "a unit so long"),
        ("procedure p(a: bool[])\n  ensures perm(a, a)\nbegin\n  skip\nend\n", "this formula"),
        (f"triple t\n{{ true }}\n  {'x := 1; ' * 500}skip\n{{ true }}\n", "more than 400 conditions"),
        (f"triple t\n{{ true }}\n  {'while false do ' * 250}skip{' end' * 250}\n{{ true }}\n", "conditions so large"),
        (f"triple t\n{{ true }}\n  skip\n{{ {'if ' * 60}true{' then true else true' * 60} }}\n", "a condition so large"),
        (f"{DOUBLING}triple t\n{{ true }}\n  if p29(1) then skip else skip end\n{{ true }}\n", "conditions so large"),
    ],
)
def test_what_is_outside_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, what: str) -> None:
    (tmp_path / "p.proof").write_text(text)
    assert main(["export", "--to", "rocq", str(tmp_path / "p.proof")]) == 2
    error = capsys.readouterr().err
    assert "export-unsupported" in error and what in error


def test_every_program_is_exported_or_refused(root: Path) -> None:
    """Whatever is in a file, right or wrong; Rocq is not asked."""
    written = 0
    for path in sorted(p for folder in ("proofs", "tests/corpus") for p in (root / folder).rglob("*.proof")):
        try:
            program = load(read_source(path.read_bytes(), path.name), FileLoader(path.parent.resolve()))
            written += bool(exported(program, ask=None).text)
        except InputError as refused:
            assert refused.diagnostics, path
    assert written > 800


@needs_coq
def test_the_prelude_has_no_axioms(compiled: Path) -> None:
    done = coqc(compiled, "Laws.v")
    assert done.returncode == 0 and done.stdout.count("Closed under the global context") == len(LAWS)


@needs_coq
def test_a_loop_is_proved_with_nothing_admitted(compiled: Path) -> None:
    done = closed(compiled, SUM, "sums")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "Closed under the global context"


@needs_coq
def test_a_false_triple_does_not_close(compiled: Path) -> None:
    false = SUM.replace("ensures  2", "ensures  3")
    assert closed(compiled, false, "wrong").returncode != 0
    done = closed(compiled, false, "admitted", "--admit", "M_sum.vc_10_ensures1")
    assert done.returncode == 0 and "vc_10_ensures1" in done.stdout and "Closed" not in done.stdout


GREATEST = """procedure greatest(a: int[]) returns (m: int)
  requires len(a) > 0
  ensures  forall k: int :: 0 <= k < len(a) ==> a[k] <= a[m]
begin
  m := 0;
  for i := 1 to len(a) - 1
    invariant 0 <= m < i
    invariant forall k: int :: 0 <= k < i ==> a[k] <= a[m]
  do
    if a[i] > a[m] then m := i end
  end
end
"""


@needs_coq
def test_invariants_that_quantify_over_an_array_are_proved(compiled: Path) -> None:
    done = closed(compiled, GREATEST, "greatest")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "Closed under the global context"
    assert closed(compiled, GREATEST.replace("a[i] > a[m]", "a[i] < a[m]"), "least").returncode != 0


CALLS = """procedure larger(x: int, y: int) returns (m: int)
  ensures m >= x and m >= y
begin
  if x >= y then m := x else m := y end
end

procedure largest(x: int, y: int, z: int) returns (m: int)
  ensures m >= x and m >= y and m >= z
begin
  m := larger(x, y);
  m := larger(m, z)
end
"""


@needs_coq
def test_theorems_of_callees_are_used(compiled: Path) -> None:
    done = closed(compiled, CALLS, "calls")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:2] == ["Closed under the global context"] * 2


BELOW = """function triangle(n: int): int
  requires n >= 0
  variant n
= if n = 0 then 0 else triangle(n - 1) + n

lemma closed(n: int)
  requires n >= 0
  ensures  2 * triangle(n) = n * (n + 1)
  variant  n
begin
  if n > 0 then
    var m := n - 1;
    closed(m)
  end
end
"""


@needs_coq
def test_a_lemma_may_name_values(compiled: Path) -> None:
    text = BELOW + "\nprocedure p(n: int) returns (t: int)\n  requires n >= 0\n  ensures 2 * t = n * (n + 1)\n"
    done = closed(compiled, text + "begin\n  t := triangle(n);\n  closed(n)\nend\n", "below")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "Closed under the global context"


@needs_coq
def test_unsigned_arithmetic_in_formulas_wraps(compiled: Path) -> None:
    text = "procedure p(x: uint8) returns (y: uint8)\n  ensures {}\nbegin\n  y := x + uint8(1)\nend\n"
    done = closed(compiled, text.format("y = x + uint8(1)"), "wraps")
    assert done.returncode == 0, done.stderr
    assert closed(compiled, text.format("y > x"), "grows").returncode != 0


@needs_coq
def test_what_splits_into_parts_that_stay_open_is_proved_otherwise(compiled: Path) -> None:
    text = "procedure p(x: uint32, y: uint32) returns (same: bool)\n  ensures same\n  terminates\nbegin\n"
    done = closed(compiled, text + "  if x + y = y + x then same := true else same := false end\nend\n", "addition")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "Closed under the global context"


@needs_coq
def test_a_lemma_may_have_no_parameters(compiled: Path) -> None:
    text = "lemma some()\n  ensures exists n: int :: n * n = 49\nbegin\n  assert 7 * 7 = 49\nend\n"
    done = closed(compiled, text, "none")
    assert done.returncode == 0, done.stderr


def test_recursive_predicates_are_conditions(tmp_path: Path) -> None:
    text = """predicate even(n: int)
  requires n >= 0
  variant n
  = n = 0 or (n > 1 and even(n - 2))
procedure p(n: nat) returns (r: int)
  ensures r = (if even(n) then 1 else 0) or r = 7
begin
  r := 7
end
"""
    assert "Theorem holds" in export(tmp_path, text).read_text()


FACTORIAL = """function fact(n: int): int
  requires n >= 0
  variant n
= if n = 0 then 1 else n * fact(n - 1)

procedure factorial(n: int) returns (r: int)
  requires n >= 0
  ensures  r = fact(n)
  variant  n
begin
  if n = 0 then r := 1 else r := factorial(n - 1); r := n * r end
end

procedure twice(n: int) returns (r: int)
  requires n >= 0
  ensures  r = 2 * fact(n)
  terminates
begin
  r := factorial(n);
  r := 2 * r
end
"""


@needs_coq
def test_a_recursive_procedure_is_proved_to_be_right_and_to_end(compiled: Path) -> None:
    done = closed(compiled, FACTORIAL, "recursion")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:2] == ["Closed under the global context"] * 2


@needs_coq
@pytest.mark.parametrize(("right", "wrong"), [("variant  n", "variant  5"), ("factorial(n - 1)", "factorial(n - 2)")])
def test_recursion_that_does_not_fall_or_breaks_a_contract_does_not_close(compiled: Path, right: str, wrong: str) -> None:
    name = f"broken{len(wrong)}"
    assert closed(compiled, FACTORIAL.replace(right, wrong), name).returncode != 0


SEARCHED = """lemma no_root(n: int, m: int)
  requires n > 0 and m * m > n
  requires forall k: int :: 0 <= k < m ==> k * k != n
  ensures  forall k: int :: 0 <= k <= n ==> k * k != n or k >= m
begin
  var i := 0;
  while i < m
    invariant i >= 0
    variant m - i
  do
    i := i + 1
  end
end
"""


@needs_coq
def test_a_lemma_may_have_loops(compiled: Path) -> None:
    text = SEARCHED + "\nprocedure p(n: int, m: int)\n  requires n > 0 and m * m > n\n"
    text += "  requires forall k: int :: 0 <= k < m ==> k * k != n\n  ensures m > n or m * m != n\nbegin\n  no_root(n, m)\nend\n"
    done = closed(compiled, text, "roots")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "Closed under the global context"
    assert closed(compiled, text.replace("k * k != n or k >= m", "k < m"), "false_lemma").returncode != 0


FILL = """procedure zero(inout a: int[])
  requires len(a) > 2
  ensures  len(a) = len(old(a)) and a[0] = 0
begin
  var i := len(a);
  while i > 0 invariant 0 <= i <= len(a) invariant forall k: int :: i <= k < len(a) ==> a[k] = 0 variant i do
    i := i - 1;
    a[i] := 0
  end
end
"""


@needs_coq
def test_writing_elements_keeps_an_arrays_length(compiled: Path) -> None:
    done = closed(compiled, FILL, "fill")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "Closed under the global context"
