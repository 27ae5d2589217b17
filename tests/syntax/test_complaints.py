"""What is said about mistakes in syntax: the golden file holds every message, each beside the text that earned it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from prover.diagnostic import Diagnostic, InputError
from prover.source import Source, Span
from prover.syntax.parser import parse, parse_expression


def mistakes() -> dict[str, str]:
    """The texts of mistakes.txt by their titles: each one habit or slip, or several that must be reported together."""
    text = (Path(__file__).parent / "mistakes.txt").read_text(encoding="utf-8")
    parts = re.split(r"^# (.*)\n", text, flags=re.MULTILINE)[1:]
    plain = [re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), part) for part in parts]
    return {title: body.removesuffix("\n").removesuffix("\n") for title, body in zip(plain[::2], plain[1::2], strict=True)}


MISTAKES = mistakes()


def told(diagnostic: Diagnostic) -> str:
    """A diagnostic in a plain layout of this test's own."""
    lines = [f"{place(diagnostic.span)}: {diagnostic.code}: {diagnostic.message}"]
    lines += [f"  at {place(label.span)}: {label.text}" for label in diagnostic.labels]
    lines += [f"  help: {help}" for help in diagnostic.help]
    return "\n".join(lines)


def quotable(text: str) -> str:
    return re.sub(r"[^ -~\n]", lambda m: f"\\u{ord(m[0]):04x}", text)


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
        quoted = "\n".join(f"    {line}" for line in quotable(text).split("\n"))
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
        if word in ("then", "do", ";", ")"):
            found = complaints(" ".join(words[:index] + words[index + 1 :]))
            assert len(found) == 1, (word, [d.message for d in found])


def test_complaints_of_other_starts() -> None:
    with pytest.raises(InputError) as caught:
        parse_expression(Source("test", "x + "))
    assert [d.code for d in caught.value.diagnostics] == ["syntax-expression"]
    with pytest.raises(InputError) as caught:
        parse_expression(Source("test", "x := 1"))
    assert [d.code for d in caught.value.diagnostics] == ["syntax-assign"]
