"""What is said about mistakes in syntax: the golden file holds every message, each beside the text that earned it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from prover.diagnostic import Diagnostic, InputError
from prover.source import Source, Span
from prover.syntax.parser import parse, parse_expression

# Each is one habit or slip, or several that must be reported together.
MISTAKES = {
    "equals for assignment": "procedure p()\nbegin\n  x = 5;\n  y == 6;\n  a[i] = 7\nend",
    "arrow for assignment": "procedure p() begin x <- 5; y : = 6 end",
    "assignment for equality": "procedure p()\nbegin\n  if x := 1 then skip end;\n  while x := 1 do skip end;\n  x := y := z\nend",
    "assignment in definitions": "const c: int := 3\nfunction f(n: int): int := n\nprocedure p() begin for i = 1 to 3 do skip end end",
    "missing then and do": "procedure p()\nbegin\n  if x > 0\n    y := 1\n  end;\n  while x > 0\n    x := x - 1\n  end\nend",
    "then for do": "procedure p() begin if x do skip end; while x then skip end; if x: skip end end",
    "missing begin": "procedure p()\n  requires x > 0\n  y := 1\nend",
    "missing end": "procedure p()\nbegin\n  while x > 0 do\n    x := x - 1\n  if x > 0 then\n    x := 0\n  end\nend\n\nprocedure q() begin x = 1 end",
    "missing end at the end": "procedure p()\nbegin\n  if x then\n    skip\n",
    "else if": "procedure p()\nbegin\n  if a then\n    x := 1\n  else if b then\n    x := 2\n  end\nend",
    "elif": "procedure p() begin if a then x := 1 elif b then x := 2 end end",
    "one end too many": "procedure p() begin skip end end\nprocedure q() begin x = 1 end",
    "else after end": "procedure p() begin if x then y := 1 end else z := 2 end; w = 3 end",
    "missing semicolon": "procedure p()\nbegin\n  x := 1\n  y := 2\n  if x > y then skip end\n  return\nend",
    "stray semicolon": "procedure p();\nbegin\n  ;\n  x := 1;;\n  if x then; skip end;\nend;\nprocedure q() begin end",
    "operators of other languages": "procedure p()\nbegin\n  x := a & b | c;\n  y := a =< b;\n  y := a => b;\n  y := a === b;\n  y := a ^ 2;\n  y := #2\nend",
    "increments": "procedure p() begin i++; i += 2; a[i] -= 1 end",
    "braces for blocks": "procedure p() {\n  if x > 0 {\n    y := 1;\n  } else {\n    y := 2;\n  }\n}",
    "braces for loops": "procedure p() begin while x > 0 { x := x - 1; } end",
    "braces for definitions": "function f(x: int): int { return x }\npredicate p(x: int) { x > 0 }",
    "declarations of other languages": "procedure p() begin int x := 5; int y; var a: int, b: int; let z = 1 end",
    "calls and prints": "procedure p() begin call q(x); print x; repeat x := 1 until x end",
    "return with a value": "procedure p() returns (r: int) begin return x + 1 end\nprocedure q() begin\n  return\n  x := 1\nend",
    "unbalanced brackets": "procedure p()\nbegin\n  x := (a + b;\n  y := a[1;\n  z := f(1, 2;\n  w := (1 + 2]);\n  v := 1)\nend",
    "unclosed assertion": "{ x = 1 }\nx := 2\n{ x = 2",
    "triple without postcondition": "{ x = 1 } x := 2",
    "keywords as names": "procedure p(var: int)\nbegin\n  var end: int;\n  x := to + 1;\n  do := 3;\n  for in := 1 to 2 do skip end\nend",
    "missing invariant": "procedure p()\nbegin\n  while x < n\n    0 <= x <= n\n    variant n - x\n  do\n    x := x + 1\n  end\nend",
    "misplaced clauses": "procedure p() begin requires x > 0; while x do invariant x > 1; skip end; ensures x = 2 end",
    "headers": "procedure p(x, y) returns int begin end\nprocedure q(): int begin end\nfunction f(n: int) = n\nconst c = 3\nprocedure r() ensures x > 0 returns (y: int)",
    "clauses of functions": "function f(n: int): int ensures f(n) > 0 = n\nfunction g(n: int): int terminates = n",
    "missing expressions": "procedure p() begin x := ; y := 1 + ; if then skip end; z := 1 * / 2; assert ; w := f(1,) end",
    "not behind a relation": "procedure p() begin b := a = not c end",
    "missing double colon": "axiom a: forall x (x > 0)\naxiom b: exists x: int; x = 1",
    "numbers": "procedure p() begin x := 1.5; y := 3x; 3z := 1 end",
    "text outside": "x := 1;\ny := 2",
    "prose": "This is not a program.",
    "strings": 'import other\nprocedure p() begin x := "a" end',
    "script": "procedure p() begin assert x = 1 by auto end\nproof p.assert1 auto; cases x { yes: auto\nproof p.assert2 auto auto; } qed",
    "several procedures": "procedure p() begin x = 1 end\nprocedure q() begin if x y := 1 end end\nprocedure r() begin y := (1 end",
    "look-alike letters": "procedure p() begin x := а + е − 1; y := “a”; z := é end",
    "control characters": "procedure p() begin // \u202e hidden\n  x := 1\0;\x1b[31m y := 2;\u200b z = 3\nend",
    "unended comment": "procedure p() begin x = 1; /* never ends\nend",
    "unended string": 'import "other.proof\nprocedure p() begin x = 1 end',
}


def told(diagnostic: Diagnostic) -> str:
    """A diagnostic in a plain layout of this test's own."""
    lines = [f"{place(diagnostic.span)}: {diagnostic.code}: {diagnostic.message}"]
    lines += [f"  at {place(label.span)}: {label.text}" for label in diagnostic.labels]
    lines += [f"  help: {help}" for help in diagnostic.help]
    return "\n".join(lines)


def place(span: Span | None) -> str:
    assert span is not None
    return f"{span.first.line}:{span.first.column}-{span.last.line}:{span.last.column}"


def complaints(text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(InputError) as caught:
        parse(Source("test", text))
    return caught.value.diagnostics


def test_messages(golden: Callable[[str, str], None]) -> None:
    parts = []
    for title, text in MISTAKES.items():
        quoted = "\n".join(f"    {line}" for line in text.encode("unicode_escape").decode().replace("\\n", "\n").split("\n"))
        parts.append(f"# {title}\n{quoted}\n" + "\n".join(map(told, complaints(text))) + "\n")
    golden("syntax/complaints.txt", "\n".join(parts))


@pytest.mark.parametrize("text", MISTAKES.values(), ids=MISTAKES.keys())
def test_messages_are_in_order_and_distinct(text: str) -> None:
    found = complaints(text)
    starts = [d.span.start for d in found if d.span]
    assert starts == sorted(starts) and len(starts) == len(found)
    assert len({(d.span.start if d.span else 0, d.message) for d in found}) == len(found)
    for d in found:
        assert not d.message.endswith(".") and "_ASSIGN" not in d.message and "$END" not in d.message


def test_one_slip_is_one_message() -> None:
    """Mending must not make up mistakes: dropping one keyword or separator from a right program earns one complaint."""
    words = (
        "procedure p ( x : int ) begin if x > 0 then y := 1 ; z := 2 end ; while x > 0 do x := ( x - 1 ) end ; w := 3 end".split()
    )
    for index, word in enumerate(words):
        if word in ("then", "do", ";", ")", ":="):
            found = complaints(" ".join(words[:index] + words[index + 1 :]))
            assert len(found) == 1, (word, [d.message for d in found])


def test_complaints_of_other_starts() -> None:
    with pytest.raises(InputError) as caught:
        parse_expression(Source("test", "x + "))
    assert [d.code for d in caught.value.diagnostics] == ["syntax-expression"]
    with pytest.raises(InputError) as caught:
        parse_expression(Source("test", "x := 1"))
    assert [d.code for d in caught.value.diagnostics] == ["syntax-assign"]
