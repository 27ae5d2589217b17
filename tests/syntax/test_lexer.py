"""Highlighting: every character is coloured once, and what matters to a reader is told apart."""

from __future__ import annotations

import pytest
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, String, Token

from prover.syntax.lexer import ProofLexer

PROGRAM = """\
// expected: all yes
import "std:arrays"
function fact(n: int): int /* of n */
  requires small: 0 ≤ n && n < 10
  = if n = 0 then 1 else n * fact(n - 1)

procedure sum(inout a: uint8[], ghost g: nat) returns (r: bool)
begin
  while outer: i < len(a) invariant bound: forall i: int :: old(a)[i] >= 0 do i := i + 1 end;
  assert here: true by { cases i = 0 { yes: auto; 2: unfold fact(i) } }
  { post: r }
end

proof sum.outer.bound.preserved digest "12ab"
  have n_pos: i + 1 > 0;
  each { simp }
qed
lemma l()
"""


def coloured(text: str) -> list[tuple[object, str]]:
    return [(kind, part) for kind, part in ProofLexer().get_tokens(text) if part.strip()]


def test_every_character_is_coloured_once():
    assert "".join(part for _, part in ProofLexer().get_tokens(PROGRAM)) == PROGRAM
    assert Error not in [kind for kind, _ in coloured(PROGRAM)]


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ("// expected: all yes", Comment.Single),
        ("/* of n */", Comment.Multiline),
        ('"std:arrays"', String.Double),
        ("import", Keyword.Declaration),
        ("fact", Name.Function),
        ("sum", Name.Function),
        ("requires", Keyword),
        ("small", Name.Label),
        ("outer", Name.Label),
        ("bound", Name.Label),
        ("here", Name.Label),
        ("post", Name.Label),
        ("yes", Name.Label),
        ("n_pos", Name.Label),
        ("sum.outer.bound.preserved", Name.Label),
        ("≤", Operator),
        ("&&", Operator),
        ("forall", Operator.Word),
        ("uint8", Keyword.Type),
        ("nat", Keyword.Type),
        ("old", Name.Builtin),
        ("true", Keyword.Constant),
        ("10", Number.Integer),
        ("cases", Name.Builtin),
        ("unfold", Name.Builtin),
        ("have", Name.Builtin),
        ("simp", Name.Builtin),
        ("qed", Keyword),
        ("lemma", Keyword.Declaration),
    ],
)
def test_kinds(part, kind):
    assert {k for k, text in coloured(PROGRAM) if text == part} == {kind}


@pytest.mark.parametrize(
    "text", ["proof a.b have x: forall i", "{ { } } by { auto", "/* open", '"open', "x # y @", "qed } proof"]
)
def test_mistakes_are_coloured_too(text):
    assert "".join(part for _, part in ProofLexer().get_tokens(text)) == text + "\n"


def test_keywords_inside_names_are_names():
    assert (Token.Name, "format") in coloured("format := do' + end_")
    assert (Token.Name, "do'") in coloured("format := do' + end_")


def test_its_names():
    assert ProofLexer.name == "Proof"
    assert "proof" in ProofLexer.aliases
    assert "*.proof" in ProofLexer.filenames
