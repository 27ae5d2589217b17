"""What to tell somebody whose token does not fit, and how to read on.

Each check looks at one habit or slip; the first that recognizes the place speaks.  They go from the telling to the general, and
the last always answers.  Checks look at tokens and at what the grammar would take here, never at the text as such.
"""

from __future__ import annotations

from collections.abc import Callable

from prover.source import Span
from prover.syntax import complaints_blocks as blocks
from prover.syntax.marks import DECLARATIONS
from prover.syntax.tables import END
from prover.syntax.trouble import Finding, Mend, Trouble
from prover.syntax.vocabulary import (
    ARITHMETIC,
    BUILT_IN_TYPES,
    EXPRESSION,
    OPERATORS,
    RELATIONS,
    STATEMENT,
    called,
    expected,
    is_keyword,
)

Check = Callable[[Trouble], Finding | None]


def complain(t: Trouble) -> Finding:
    """What is wrong at `t`."""
    for check in _CHECKS:
        finding = check(t)
        if finding is not None:
            return finding
    return _unexpected(t)


# Spellings of other languages

_FOREIGN = {
    "&": ("_AND", "conjunction is written `and`"),
    "|": ("_OR", "disjunction is written `or`"),
    "=<": ("LESS_EQUAL", "less or equal is written `<=`"),
    "===": ("EQUAL", "equality is written `=`"),
    "!==": ("NOT_EQUAL", "inequality is written `!=`"),
}


def _foreign(t: Trouble) -> Finding | None:
    if t.kind in _FOREIGN:
        kind, message = _FOREIGN[t.kind]
        return t.say("operator", message + f", not `{t.kind}`", mend=Mend((kind,), 1))
    match t.kind:
        case "=>":
            return t.say(
                "operator",
                "`=>` is no operator",
                "write `>=` for greater or equal",
                "write `==>` for implication",
                mend=Mend(("_IMPLIES",), 1),
            )
        case "^" | "**":
            help = "write the product out, or define a function for the power"
            return t.say("operator", f"there is no power operator `{t.kind}`", help, mend=Mend(("TIMES",), 1))
        case "++":
            help = f"write `{t.text_before} := {t.text_before} + 1`" if t.before == "NAME" else "write `+`"
            return t.say(
                "operator",
                "there is no operator `++`",
                help,
                mend=Mend(("_ASSIGN", "TRUE"), 1) if "_ASSIGN" in t.fitting else None,
            )
        case "+=" | "-=" | "*=" | "/=" | "%=":
            name = t.text_before if t.before == "NAME" else "x"
            help = f"write `{name} := {name} {t.kind[0]} …`"
            return t.say(
                "operator",
                f"there is no operator `{t.kind}`",
                help,
                mend=Mend(("_ASSIGN",), 1) if "_ASSIGN" in t.fitting else None,
            )
        case "~" | "@" | "$" | "#" | "\\" | "`":
            return t.say(
                "character", f"`{t.kind}` means nothing in this language", mend=Mend(("PLUS",) if "PLUS" in t.fitting else (), 1)
            )
        case _:
            return None


# Assignment and equality


def _assignment(t: Trouble) -> Finding | None:
    if t.kind == "LESS" and t.next == "MINUS" and "_ASSIGN" in t.fitting:
        return t.say("assign", "an assignment is written `:=`, not `<-`", mend=Mend(("_ASSIGN",), 2))
    if t.kind == "EQUAL" and t.before == "COLON" and "_ASSIGN" not in t.fitting:
        return t.say("assign", "`:=` is one symbol, without a space in it", span=_from_before(t))
    if t.kind == "EQUAL" and "_ASSIGN" in t.fitting:
        return t.say("assign", f"an assignment is written `:=`; `{t.text}` compares", "write `:=`", mend=Mend(("_ASSIGN",), 1))
    if t.kind != "_ASSIGN":
        return None
    if "_DEFINES" in t.fitting:
        return t.say("assign", "a definition is written with `=`, not `:=`", "write `=`", mend=Mend(("_DEFINES",), 1))
    if t.open and t.open[-1].kind == "{":
        return blocks.statements_in_braces(t)
    if _assigning(t):
        return t.say("assign", "one assignment holds only one `:=`", "separate assignments by `;`")
    if "EQUAL" in t.fitting:
        return t.say("assign", "equality is written `=`; `:=` assigns", "write `=`", mend=Mend(("EQUAL",), 1))
    return None


def _assigning(t: Trouble) -> bool:
    """Is the statement that the token stands in an assignment already?"""
    tables = t.machine.tables
    inner = [tables.access[state] for state in t.machine.states[1:]]
    return "_ASSIGN" in inner and "for_head" not in inner[len(inner) - inner[::-1].index("_ASSIGN") :]


def _from_before(t: Trouble) -> Span:
    return t.at(t.tokens.starts[t.index - 1], t.tokens.ends[t.index])


# Names


def _keyword_for_name(t: Trouble) -> Finding | None:
    """A keyword where a declaration, and nothing else, wants a name."""
    wanted = "NAME" in t.fitting and not t.fitting & {"NUMBER", "SKIP", "THEN", "DO"}
    if not (wanted and is_keyword(t.kind, t.text) and t.next in ("COLON", "COMMA", "_ASSIGN", "LPAR", "EQUAL")):
        return None
    return _reserved(t)


def _reserved(t: Trouble) -> Finding:
    return t.say("keyword", f"`{t.text}` is a keyword and cannot be a name", f"call it `{t.text}_`, say", mend=Mend(("NAME",), 1))


def _keyword_as_name(t: Trouble) -> Finding | None:
    if not is_keyword(t.kind, t.text) or "NAME" not in t.fitting or t.kind in DECLARATIONS:
        return None
    only_a_name = "NUMBER" not in t.fitting and "SKIP" not in t.fitting
    used_as_one = t.next == "_ASSIGN" or (t.kind not in _CLOSERS and t.next in OPERATORS | {"RPAR", "RSQB", "COMMA", "SEMICOLON"})
    if not (only_a_name or used_as_one):
        return None
    return _reserved(t)


_CLOSERS = frozenset("END ELSE ELSIF DO THEN QED BEGIN".split())
_ELSIF = frozenset(("elif", "elseif", "elsif", "elsf"))
_HABITS = {
    "call": "a procedure is called by its name alone: `p(x)`",
    "print": "nothing can be printed: `prover run` shows the final state",
    "repeat": "there is no `repeat`; write a `while`",
    "let": "write `var x := e`",
    "set": "write `x := e`",
    "def": "write `procedure p(…) begin … end` or `function f(…): T = e`",
    "method": "write `procedure p(…) returns (…) begin … end`",
    "theorem": "write `lemma name(…) ensures … begin … end`",
    "int": "write `var x: int`", "nat": "write `var x: nat`", "bool": "write `var x: bool`",
}  # fmt: skip


def _habit(t: Trouble) -> Finding | None:
    if t.before == "NUMBER" and t.kind == "NAME" and t.adjacent:
        span = _from_before(t)
        return t.say(
            "name", f"`{span.text}` is neither a number nor a name", "a name begins with a letter", span=span, mend=Mend((), 1)
        )
    if t.kind == "NUMBER" and t.next == "NAME" and t.tokens.starts[t.index + 1] == t.tokens.ends[t.index]:
        return t.say(
            "name",
            f"`{t.text}{t.tokens.text(t.index + 1)}` is neither a number nor a name",
            "a name begins with a letter",
            mend=Mend((), 1),
        )
    if t.kind == "_DOT" and t.before == "NUMBER" and t.next == "NUMBER":
        return t.say("number", "there are no fractions, only integers", span=_from_before(t), mend=Mend((), 2))
    if t.kind == "NAME" and t.text in _ELSIF and "ELSIF" in t.fitting:
        return t.say("keyword", f"`{t.text}` is written `elsif`", mend=Mend(("ELSIF",), 1))
    if t.kind == "LET" and "SKIP" in t.fitting:
        return t.say("declaration", "`let … in …` is an expression; a variable is declared with `var`", "write `var x := e`")
    if t.before != "NAME" or not t.fitting >= {"_ASSIGN", "LPAR"}:
        return None
    word = t.text_before
    if word in _ELSIF:
        return t.say("keyword", f"`{word}` is written `elsif`", span=_before_span(t))
    if word in BUILT_IN_TYPES and t.kind == "NAME":
        return t.say(
            "declaration",
            "a variable is declared with `var`, its type behind it",
            f"write `var {t.text}: {word}`",
            span=_from_before(t),
        )
    if word in _HABITS:
        return t.say("keyword", f"`{word}` is no keyword here", _HABITS[word], span=_before_span(t))
    if is_keyword(t.kind, t.text) and t.next == "_ASSIGN":
        return None
    return t.say("statement", f"a statement cannot go on like this after `{word}`", f"`{word} := …` assigns, `{word}(…)` calls")


def _before_span(t: Trouble) -> Span:
    return t.tokens.span(t.index - 1)


# Headers


def _header(t: Trouble) -> Finding | None:
    if t.kind == "ENSURES" and "_DEFINES" in t.fitting:
        return t.say(
            "clause", "a function has no `ensures`", "state it as a lemma about the function", mend=Mend(("REQUIRES",), 1)
        )
    if t.kind in ("TERMINATES", "DIVERGES") and "_DEFINES" in t.fitting:
        return t.say(
            "clause",
            f"a function has no `{t.text}`",
            "a recursive function has a `variant`, and always ends",
            mend=Mend((), 1) if t.kind == "TERMINATES" else None,
        )
    if t.kind == "COLON" and "RETURNS" in t.fitting:
        return t.say("header", "a procedure's results are named", "write `returns (r: T)`")
    if t.before == "IMPORT":
        return t.say("header", "what is imported stands in quotation marks", f'write `import "{t.text}.proof"`, say')
    if t.before == "RETURNS" and t.kind != "LPAR":
        return t.say("header", "a procedure's results stand in parentheses, with names", "write `returns (r: T)`")
    if "COLON" in t.fitting and t.kind in ("_DEFINES", "EQUAL", "REQUIRES", "VARIANT") and t.rules() & {"function", "const"}:
        return t.say("header", "the type is missing", "write `: T` here", span=t.gap, mend=Mend(("COLON", "NAME")))
    if t.kind == "LBRACE" and "_DEFINES" in t.fitting:
        return t.say("header", "a definition's body is an expression behind `=`", "write `= …` instead of `{ … }`")
    if t.kind == "RETURNS" and "COLON" in t.fitting:
        return t.say("header", "a function's type stands behind a colon", "write `: T`")
    if t.kind == "RETURNS" and t.fitting & {"BEGIN", "REQUIRES"}:
        return t.say("header", "`returns (…)` stands behind the parameters, in front of every clause")
    if t.kind in ("COMMA", "RPAR") and "COLON" in t.fitting and "COMMA" in t.fitting and "_ASSIGN" not in t.fitting:
        return t.say(
            "header", "this parameter has no type", f"write `{t.text_before}: int`, say", span=t.gap, mend=Mend(("COLON", "NAME"))
        )
    if t.kind == "COMMA" and "var" in t.rules():
        return t.say(
            "declaration",
            "variables of several types take a `var` each",
            "write `; var` for the `,`",
            mend=Mend(("SEMICOLON", "VAR"), 1),
        )
    return None


def _outside(t: Trouble) -> Finding | None:
    if "PROCEDURE" not in t.fitting or t.kind not in STATEMENT | {"BEGIN"} or "BEGIN" in t.fitting or "SEMICOLON" in t.fitting:
        return None
    return t.say(
        "declaration",
        "a statement stands outside of every procedure and triple",
        "write `procedure main() begin … end` around it",
    )


def _misplaced_clause(t: Trouble) -> Finding | None:
    if t.kind in ("INVARIANT", "RECURRENT", "VARIANT") and "SKIP" in t.fitting:
        return t.say(
            "clause",
            f"`{t.text}` stands between a loop's condition and its `do`",
            f"to claim something here, write `assert` for `{t.text}`",
            mend=Mend(("ASSERT",), 1),
        )
    if t.kind in ("REQUIRES", "ENSURES") and "SKIP" in t.fitting:
        return t.say("clause", f"`{t.text}` stands in front of the procedure's `begin`", mend=Mend(("ASSERT",), 1))
    return None


# Expressions


def _expression(t: Trouble) -> Finding | None:
    if t.kind == "_NOT" and t.before in RELATIONS | ARITHMETIC:
        return t.say(
            "expression", f"`{t.text} …` behind `{t.text_before}` needs parentheses", f"write `({t.text} …)`", mend=Mend((), 1)
        )
    if t.kind == "STRING":
        return t.say(
            "string",
            "strings stand only behind `import` and `digest`",
            mend=Mend(("TRUE",), 1) if "TRUE" in t.fitting else Mend((), 1),
        )
    if "_SUCH_THAT" in t.fitting and t.kind in EXPRESSION:
        return t.say(
            "expression",
            "`::` is missing after the bound variables",
            f"write `::` in front of `{t.text}`",
            span=t.gap,
            mend=Mend(("_SUCH_THAT",)),
        )
    if t.before == "BY" and t.kind != "LBRACE":
        return t.say("script", "the script behind `by` stands in braces", "write `by { … }`")
    if t.kind == "_DOT" and t.before == "NAME":
        return t.say("expression", "there are no fields or modules, so `.` has no meaning here")
    if "NUMBER" not in t.fitting or t.kind in EXPRESSION:
        return None
    after = f" after `{t.text_before}`" if t.index else ""
    if t.kind in OPERATORS and t.before in OPERATORS:
        meant = _MEANT.get(t.text_before + t.text)
        return t.say(
            "expression",
            f"`{t.text_before}` and `{t.text}` cannot follow one another",
            f"did you mean `{meant}`?" if meant else "put the value that is missing between them",
            mend=Mend(("TRUE",)),
        )
    mend = Mend(("TRUE",)) if t.kind not in DECLARATIONS | {END} else None
    return t.say("expression", f"an expression is missing{after}", span=t.gap if t.kind != END else None, mend=mend)


_MEANT = {"<=>": "<==>", "->": "==>"}


def _return(t: Trouble) -> Finding | None:
    if t.before != "RETURN" or t.kind not in EXPRESSION or t.span.first.line != t.gap.first.line:
        return None
    return t.say("return", "`return` takes no value", "assign to the result first: `r := …; return`")


# The rest


def _unexpected(t: Trouble) -> Finding:
    found = "the text ends here" if t.kind == END else f"{_shown(t)} does not fit here"
    wanted = expected(t.fitting)
    labels = tuple(t.opened_label(opened) for opened in t.open[-1:]) if t.kind == END else ()
    return t.say("unexpected", found + (f"; expected {wanted}" if wanted else ""), labels=labels)


def _shown(t: Trouble) -> str:
    text = t.text if len(t.text) <= 40 else t.text[:40] + "…"
    if t.kind in ("NAME", "NUMBER", "STRING", "GOAL", "STEP"):
        return f"the {called(t.kind).split(' ', 1)[1]} `{text}`" if t.kind != "STRING" else f"the string {text}"
    return f"`{text}`"


_CHECKS: tuple[Check, ...] = (
    _foreign,
    _assignment,
    _habit,
    _return,
    _keyword_for_name,
    _header,
    blocks.braces,
    blocks.stray_semicolon,
    blocks.wrong_keyword,
    blocks.missing_keyword,
    blocks.ended_early,
    blocks.brackets,
    _misplaced_clause,
    _outside,
    blocks.ends_nothing,
    _keyword_as_name,
    _expression,
    blocks.missing_semicolon,
)
