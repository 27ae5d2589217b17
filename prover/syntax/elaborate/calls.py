"""What is written like a call: built-in operations and declared functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from prover.diagnostic import Label
from prover.kernel.sort import BOOL, INT, MACHINE, Array, Machine, Sort, is_numeric, same
from prover.kernel.term import OLD, Op, Term, app, call
from prover.resources import stdlib_names, stdlib_source
from prover.source import Span
from prover.syntax import surface as s
from prover.syntax.elaborate.fitting import conversion, fit, origin
from prover.syntax.elaborate.operators import fill
from prover.syntax.elaborate.scope import Formal, Signature
from prover.syntax.elaborate.suggest import did_you_mean, plural

if TYPE_CHECKING:
    from prover.syntax.elaborate.expressions import Expressions

_ARITY = {"len": 1, "old": 1, "perm": 2, "array": 2, "int": 1, "terminates": 1, **dict.fromkeys(MACHINE, 1)}
_USAGE = {
    "len": "len(a)", "old": "old(e)", "perm": "perm(a, b)", "array": "array(n, e), an array of n elements e", "int": "int(e)",
    "terminates": "terminates(p), p a procedure",
}  # fmt: skip
BUILT_IN = frozenset({*_ARITY, "at", "nat", "bool", "result"})
_ELSEWHERE = {
    "length": "len", "size": "len", "permutation": "perm", "is_permutation": "perm", "prev": "old", "pre": "old", "Old": "old",
}  # fmt: skip


def apply(x: Expressions, e: s.Apply, hint: Sort | None) -> Term | None:
    name = e.function.text
    signature = x.signatures.get(name)
    if signature is not None:
        return _declared(x, e, signature)
    if name in _ARITY:
        return _built_in(x, e, hint) if _count(x, e, name) else None
    if name == "at":
        x.problems.error("name-label", "`at` takes a label and an expression: `at(label, e)`", e.span)
        return None
    if name in ("nat", "bool"):
        help = ("`int` and `nat` mix: leave it out",) if name == "nat" else ("compare: `e != 0`",)
        x.problems.error("name-undeclared", f"`{name}` is no conversion", e.function.span, *help)
        return None
    _unknown(x, e)
    return None


def _count(x: Expressions, e: s.Apply, name: str) -> bool:
    if len(e.arguments) == _ARITY[name]:
        return True
    message = f"`{name}` takes {plural(_ARITY[name], 'argument')}, not {len(e.arguments)}"
    x.problems.error("type-arity", message, e.span, f"it is written `{_USAGE.get(name, f'{name}(e)')}`")
    return False


def _built_in(x: Expressions, e: s.Apply, hint: Sort | None) -> Term | None:
    match e.function.text:
        case "len":
            array = x.term(e.arguments[0])
            return app(Op.LEN, array, span=e.span) if array is not None and x.is_array(array, e.arguments[0].span) else None
        case "old":
            return _old(x, e)
        case "perm":
            return _perm(x, e)
        case "array":
            return fill(x, e, hint)
        case "terminates":
            return _terminates(x, e)
        case name:
            return _convert(x, e, MACHINE.get(name), Op.VALUE if name == "int" else Op.CONVERT)


def wrap(x: Expressions, e: s.WrapTo) -> Term | None:
    sort = MACHINE.get(e.type.name)
    if sort is None:
        help = did_you_mean(e.type.name, MACHINE) or ("`wrap` is about the machine integers uint8 … uint64, int8 … int64",)
        x.problems.error("name-type", f"`{e.type.name}` is no machine integer type", e.type.span, *help)
    term = x.term(e.operand)
    if sort is None or term is None or not _is_number(x, term, f"wrap {sort}"):
        return None
    return app(Op.WRAP, term, sort=sort, span=e.span)


def _convert(x: Expressions, e: s.Apply, sort: Machine | None, op: Op) -> Term | None:
    term = x.term(e.arguments[0])
    if term is None or not _is_number(x, term, e.function.text):
        return None
    return app(op, term, sort=sort, span=e.span)


def _is_number(x: Expressions, term: Term, name: str) -> bool:
    if is_numeric(term.sort):
        return True
    message = f"`{name}` converts numbers, but this is {term.sort}"
    x.problems.error("type-mismatch", message, term.span, *conversion(term, INT), labels=origin(x, term))
    return False


def _old(x: Expressions, e: s.Apply) -> Term | None:
    if x.no_old is not None:
        message, _, help = x.no_old.partition("\n")
        x.problems.error("flow-old", message, e.span, *([help] if help else []))
        return None
    return x.at(OLD, e.arguments[0], e.span)


def _perm(x: Expressions, e: s.Apply) -> Term | None:
    left, right = [x.term(a) for a in e.arguments]
    if left is None or right is None or not all([x.is_array(t, a.span) for t, a in zip((left, right), e.arguments, strict=True)]):
        return None
    right = fit(x, right, left.sort, "the second array of `perm`")
    if right is None:
        return None
    assert isinstance(left.sort, Array)
    if isinstance(left.sort.element, Array):
        message = f"`perm` is about arrays of numbers or truth values, and this is {left.sort}"
        x.problems.error("type-mismatch", message, left.span)
        return None
    return app(Op.PERM, left, right, span=e.span)


def _terminates(x: Expressions, e: s.Apply) -> Term | None:
    (argument,) = e.arguments
    if not isinstance(argument, s.Ident):
        x.problems.error("name-undeclared", "`terminates` takes the name of a procedure", argument.span)
        return None
    signature = x.signatures.get(argument.name)
    known = signature is not None and signature.keyword == "procedure"
    if not known and x.given is None:
        procedures = [n for n, other in x.signatures.items() if other.keyword == "procedure"]
        help = did_you_mean(argument.name, procedures)
        x.problems.error("name-undeclared", f"there is no procedure `{argument.name}`", argument.span, *help)
        return None
    return call(f"terminates({argument.name})", (), BOOL, e.span)


# Declared functions


def _declared(x: Expressions, e: s.Apply, signature: Signature) -> Term | None:
    if not signature.is_function:
        _not_a_function(x, e, signature)
        return None
    args = arguments(x, signature, e.arguments, e.span)
    return None if args is None or signature.result is None else call(signature.name, args, signature.result, e.span)


def _not_a_function(x: Expressions, e: s.Apply, signature: Signature) -> None:
    name, keyword = signature.name, signature.keyword
    labels = (Label(signature.span, "declared here"),)
    match keyword:
        case "procedure":
            help = f"call it in a statement of its own, `x := {name}(…)`, and use `x` here"
            message = f"`{name}` is a procedure, and procedures are called by statements"
        case "lemma":
            help = f"call it in a statement of its own, `{name}(…)`, before what needs it"
            message = f"`{name}` is a lemma, and lemmas are called by statements"
        case "const":
            help, message = f"write `{name}`", f"`{name}` is a constant, and takes no arguments"
        case _:
            help, message = "", f"`{name}` is {'an' if keyword == 'axiom' else 'a'} {keyword}, and cannot be called"
    x.problems.error("name-not-function", message, e.span, *([help] if help else []), labels=labels)


def _unknown(x: Expressions, e: s.Apply) -> None:
    name = e.function.text
    if x.scope.find(name) is not None:
        help: tuple[str, ...] = (f"elements of an array are written `{name}[i]`, products `{name} * (…)`",)
        x.problems.error("name-not-function", f"`{name}` is a variable, not a function", e.function.span, *help)
        return
    functions = [n for n, known in x.signatures.items() if known.is_function]
    other = _ELSEWHERE.get(name)
    help = (f"did you mean `{other}`?",) if other else did_you_mean(name, [*functions, *_ARITY, "at"]) or library(name)
    x.problems.error("name-undeclared", f"there is no function `{name}`", e.function.span, *help)
    for argument in e.arguments:
        x.term(argument)


def library(name: str) -> tuple[str, ...]:
    """Where the standard library has such a function."""
    declares = re.compile(rf"^(function|predicate|procedure|lemma|const) {re.escape(name)}\b(?!')", re.MULTILINE)
    for file in stdlib_names():
        if declares.search(stdlib_source(file) or ""):
            return (f'it is in the standard library: `import "std:{file}"`',)
    return ()


def arguments(x: Expressions, signature: Signature, parts: Sequence[s.Expr], span: Span) -> list[Term] | None:
    """The arguments of a call, each of its parameter's sort; None, with errors, where they do not fit."""
    formals = signature.parameters
    label = Label(signature.span, f"declared here: `{signature}`")
    if len(parts) != len(formals):
        takes = plural(len(formals), "argument")
        x.problems.error("type-arity", f"`{signature.name}` takes {takes}, and is given {len(parts)}", span, labels=(label,))
        for part in parts:
            x.term(part)
        return None
    terms = [x.term(p, f.sort) for p, f in zip(parts, formals, strict=True)]
    known = [t for t in terms if t is not None]
    if len(known) == len(terms) and _swapped(x, known, signature, span, label):
        return None
    fitted = [_argument(x, t, f, signature) for t, f in zip(terms, formals, strict=True)]
    fitting = [t for t in fitted if t is not None]
    return fitting if len(fitting) == len(fitted) else None


def _argument(x: Expressions, term: Term | None, formal: Formal, signature: Signature) -> Term | None:
    what = f"argument `{formal.name}` of `{signature.name}`"
    return fit(x, term, formal.sort, what, Label(formal.span, f"`{formal.name}` is declared {formal.sort} here"))


def _swapped(x: Expressions, terms: list[Term], signature: Signature, span: Span, label: Label) -> bool:
    """Two arguments in each other's place: one error says so."""
    sorts = [f.sort for f in signature.parameters]
    if None in sorts:
        return False
    wrong = [i for i, (t, want) in enumerate(zip(terms, sorts, strict=True)) if want is not None and not same(t.sort, want)]
    if len(wrong) != 2:
        return False
    i, j = wrong
    first, second = sorts[i], sorts[j]
    if first is None or second is None or not (same(terms[i].sort, second) and same(terms[j].sort, first)):
        return False
    names = f"`{signature.parameters[i].name}` and `{signature.parameters[j].name}`"
    message = f"the arguments {names} of `{signature.name}` are in each other's place"
    x.problems.error("type-mismatch", message, span, labels=(label,))
    return True
