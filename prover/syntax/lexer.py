"""Highlighting of `.proof` files for Pygments: `pygmentize -l proof FILE`, Sphinx, notebooks, the interactive prompt.

It colours tokens and judges nothing: a text with mistakes is coloured, too.
"""

from __future__ import annotations

from pygments.lexer import RegexLexer, bygroups, include, words  # type: ignore[import-untyped]
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Whitespace  # type: ignore[import-untyped]

_NAME = r"[A-Za-z_][A-Za-z0-9_']*"
_GOAL = _NAME + r"(?:\.[A-Za-z0-9_']+)*"
_BEFORE = r"(?<![A-Za-z0-9_'])"
_AFTER = r"(?![A-Za-z0-9_'])"
_COLON = r"(\s*)(:)(?![:=])"

_NAMING = "procedure|lemma|function|predicate|triple"
_DECLARES = rf"{_BEFORE}(?:{_NAMING}|const|axiom|total|import|proof){_AFTER}"
_QED = rf"{_BEFORE}qed{_AFTER}"
_NOTHING = bygroups()
_LABEL = (Whitespace, Name.Label, Whitespace, Punctuation)
_LABELLING = "requires|ensures|invariant|recurrent|diverges|assert|assume|while|for"
_KEYWORDS = (
    "array", "assert", "assume", "begin", "break", "by", "choose", "continue", "diverges", "do", "downto", "else", "elsif", "end",
    "ensures", "for", "ghost", "havoc", "if", "in", "inout", "invariant", "let", "of", "qed", "recurrent", "requires", "return",
    "returns", "skip", "terminates", "then", "to", "total", "var", "variant", "while", "wrap",
)  # fmt: skip
_OPERATORS = ("and", "or", "not", "implies", "iff", "div", "mod", "forall", "exists")
_TYPES = ("int", "nat", "bool", *[f"{sign}int{width}" for sign in ("", "u") for width in (8, 16, 32, 64)])
_BUILT_IN = ("old", "at", "len", "perm", "result")


def _any(*names: str) -> words:
    return words(names, prefix=_BEFORE, suffix=_AFTER)


class ProofLexer(RegexLexer):  # type: ignore[misc]
    """The While language of `.proof` files."""

    name = "Proof"
    aliases = ("proof", "prover")
    filenames = ("*.proof",)
    mimetypes = ("text/x-proof",)

    tokens = {  # noqa: RUF012 (as Pygments reads it)
        "root": [
            (rf"{_BEFORE}(proof)(\s+)({_GOAL})", bygroups(Keyword.Declaration, Whitespace, Name.Label), "proof"),
            (rf"{_BEFORE}(by)(\s*)(\{{)", bygroups(Keyword, Whitespace, Punctuation), "block"),
            (rf"{_BEFORE}({_NAMING})(\s+)({_NAME})", bygroups(Keyword.Declaration, Whitespace, Name.Function)),
            (rf"{_BEFORE}(const|axiom)(\s+)({_NAME})", bygroups(Keyword.Declaration, Whitespace, Name.Constant)),
            (rf"{_BEFORE}({_LABELLING})(\s+)({_NAME}){_COLON}", bygroups(Keyword, *_LABEL)),
            (rf"(\{{)(\s*)({_NAME}){_COLON}", bygroups(Punctuation, *_LABEL)),
            include("text"),
        ],
        "text": [
            (r"\s+", Whitespace),
            (r"//[^\r\n]*", Comment.Single),
            (r"/\*(?s:.*?)\*/", Comment.Multiline),
            (r'"[^"\r\n]*"', String.Double),
            (_DECLARES, Keyword.Declaration),
            (_any("true", "false"), Keyword.Constant),
            (_any(*_TYPES), Keyword.Type),
            (_any(*_OPERATORS), Operator.Word),
            (_any(*_KEYWORDS), Keyword),
            (_any(*_BUILT_IN), Name.Builtin),
            (rf"({_NAME})(\s*)(\()", bygroups(Name.Function, Whitespace, Punctuation)),
            (_NAME, Name),
            (r"[0-9]+", Number.Integer),
            (r"<==>|==>|:=|==|!=|<>|<=|>=|&&|\|\||[-+*/%<>=!]|[∧∨¬⇒→⇔↔≠≤≥∀∃·≔]", Operator),
            (r"::|[][(){},;:.]", Punctuation),
        ],
        # A script's step is a name and its arguments; a branch is a name or number and a colon.  Rules of no colour read nothing.
        "proof": [
            (_QED, Keyword, "#pop"),
            (r'(digest)(\s+)("[^"\r\n]*")', bygroups(Keyword, Whitespace, String.Double)),
            include("script"),
        ],
        "block": [(r"\}", Punctuation, "#pop"), (rf"(?={_QED})", _NOTHING, "#pop"), include("script")],
        "script": [
            (rf"(?={_DECLARES})", _NOTHING, "#pop"),
            (rf"({_NAME}|[0-9]+){_COLON}", bygroups(Name.Label, Whitespace, Punctuation)),
            (rf"(have|suffices|obtain|note|claim)(\s+)({_NAME}){_COLON}", bygroups(Name.Builtin, *_LABEL), "arguments"),
            (_NAME, Name.Builtin, "arguments"),
            (r"\{", Punctuation, "block"),
            include("text"),
        ],
        "arguments": [
            (rf"(?=[;{{}}]|{_QED}|{_DECLARES}|(?:{_NAME}|[0-9]+){_COLON})", _NOTHING, "#pop"),
            (r"forall\b|exists\b|[∀∃]", Operator.Word, "binders"),
            include("text"),
        ],
        "binders": [(r"::|\.", Punctuation, "#pop"), (r"(?=[;{}])", _NOTHING, "#pop"), include("text")],
    }
