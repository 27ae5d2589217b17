"""Calls of procedures and lemmas by statements: arguments, `inout`, results, ghost code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from prover.diagnostic import Label
from prover.kernel.program import Assign, Element, ProcedureCall, Statement
from prover.kernel.sort import INT, same
from prover.kernel.term import Term, Var, free_variables
from prover.source import Span
from prover.syntax import surface as s
from prover.syntax.elaborate.calls import arguments, library
from prover.syntax.elaborate.ghost import reason
from prover.syntax.elaborate.places import Place, assignable, distinct
from prover.syntax.elaborate.scope import Formal, Signature
from prover.syntax.elaborate.suggest import did_you_mean, plural

if TYPE_CHECKING:
    from prover.syntax.elaborate.statements import Statements


def call_statement(b: Statements, item: s.CallStmt, out: list[Statement]) -> None:
    name = item.call.function.text
    signature = b.unit.x.signatures.get(name)
    if signature is not None and signature.is_callable:
        call(b, item.call, [], item.span, out)
        return
    help: tuple[str, ...]
    if signature is None:
        callable = [n for n, known in b.unit.x.signatures.items() if known.is_callable]
        help = did_you_mean(name, callable) or library(name)
        b.unit.problems.error("name-undeclared", f"there is no procedure or lemma `{name}`", item.call.function.span, *help)
        return
    labels = (Label(signature.span, "declared here"),)
    help = (f"use its value: `x := {item.span.text}`",) if signature.keyword == "function" else ()
    if signature.keyword == "predicate":
        help = (f"to claim that it holds: `assert {item.span.text}`",)
    article = "an" if signature.keyword == "axiom" else "a"
    message = f"`{name}` is {article} {signature.keyword}, and only procedures and lemmas are called by statements"
    b.unit.problems.error("name-not-procedure", message, item.call.function.span, *help, labels=labels)


def call(b: Statements, call: s.Apply, places: Sequence[Place | None], span: Span, out: list[Statement]) -> None:
    unit = b.unit
    signature = unit.x.signatures[call.function.text]
    label = unit.labels.number("call")
    args = arguments(unit.x, signature, call.arguments, call.span)
    found = [p for p in places if p is not None]
    if not _allowed(b, signature, call) or not _results_fit(b, signature, places, span):
        return
    if args is None or len(found) < len(places) or not distinct(b, found):
        return
    inout = _inout(b, signature, call, args, found)
    if inout is None or not _ghost_fits(b, signature, args, found):
        return
    _emit(b, ProcedureCall(label, (), signature.name, tuple(args), span), found, inout, out)


def _allowed(b: Statements, signature: Signature, call: s.Apply) -> bool:
    if signature.keyword == "lemma" or b.ghost is None:
        return True
    what = "a lemma" if b.lemma else "ghost code"
    b.in_ghost(f"{what} calls lemmas and functions only, and `{signature.name}` is a procedure", call.function.span)
    return False


def _results_fit(b: Statements, signature: Signature, places: Sequence[Place | None], span: Span) -> bool:
    results, problems = signature.results, b.unit.problems
    label = Label(signature.span, f"returns {', '.join(map(str, results)) or 'nothing'}")
    if len(places) != len(results):
        names = ", ".join(r.name for r in results)
        help = (f"assign {'them' if len(results) > 1 else 'it'}: `{names} := {signature.name}(…)`",) if results else ()
        message = f"`{signature.name}` has {plural(len(results), 'result')}, and {len(places)} would be assigned"
        problems.error("type-count", message, span, *help, labels=(label,))
        return False
    for p, r in zip(places, results, strict=True):
        if p is not None and r.sort is not None and not same(p.sort, r.sort):
            message = f"`{p.span.text}` is {p.sort}, and the result `{r.name}` of `{signature.name}` is {r.sort}"
            problems.error("type-mismatch", message, p.span, labels=(label, *p.label))
            return False
    return True


def _inout(b: Statements, signature: Signature, call: s.Apply, args: list[Term], places: list[Place]) -> list[Var] | None:
    """The variables given to `inout` parameters, each to one only and no target; None, with an error, where that fails."""
    given: dict[str, Var] = {}
    targets = {p.variable.name for p in places}
    for formal, e, arg in zip(signature.parameters, call.arguments, args, strict=True):
        if not formal.inout:
            continue
        if not isinstance(e, s.Ident) or not isinstance(arg, Var):
            _inout_error(b, f"`{formal.name}` is `inout`, so its argument must be a variable", e.span, formal)
            return None
        if assignable(b, s.Name(e.name, e.span)) is None:
            return None
        if arg.sort != formal.sort:
            _inout_error(b, f"`{formal.name}` is `inout` and {formal.sort}, so `{e.name}` cannot be {arg.sort}", e.span, formal)
            return None
        if arg.name in given or arg.name in targets:
            what = "is given to two `inout` parameters" if arg.name in given else "is assigned by the same call"
            _inout_error(b, f"`{e.name}` {what}", e.span, formal)
            return None
        given[arg.name] = arg
    return list(given.values())


def _inout_error(b: Statements, message: str, span: Span, formal: Formal) -> None:
    b.unit.problems.error("flow-inout", message, span, labels=(Label(formal.span, "declared here"),))


def _ghost_fits(b: Statements, signature: Signature, args: list[Term], places: list[Place]) -> bool:
    """Real parameters get real values, and ghost results go to ghost variables."""
    if signature.keyword == "lemma":
        return True
    for formal, arg in zip(signature.parameters, args, strict=True):
        if not formal.ghost and not b.real(arg, f"the parameter `{formal.name}`"):
            return False
        if formal.ghost and formal.inout and isinstance(arg, Var) and arg.name not in b.unit.ghosts:
            message = f"`{formal.name}` is ghost and `inout`, so `{arg.name.split('#')[0]}` cannot be real"
            _inout_error(b, message, arg.span or formal.span, formal)
            return False
    for p, result in zip(places, signature.results, strict=True):
        if result.ghost and not p.entry.ghost:
            label = (Label(result.span, "declared here"),)
            message = f"`{p.entry.name}` is real, and the result `{result.name}` is ghost"
            b.unit.problems.error("flow-ghost", message, p.span, "declare it `ghost var`", labels=label)
            return False
        if not p.entry.ghost and any(reason(i, b.unit.ghosts) for i in p.indices):
            b.real(next(i for i in p.indices if reason(i, b.unit.ghosts)), f"`{p.entry.name}`")
            return False
    return True


def _emit(b: Statements, call: ProcedureCall, places: list[Place], inout: list[Var], out: list[Statement]) -> None:
    """Results for elements of arrays go through variables; indices are evaluated before the call, like arguments."""
    changed = {v.name for v in inout} | {p.variable.name for p in places}
    targets: list[Var] = []
    elements: list[tuple[Element, Var]] = []
    for p in places:
        if not p.indices:
            targets.append(p.variable)
            continue
        held = b.unit.helper(f"{p.entry.name}'new", p.sort, p.entry.ghost)
        indices = tuple([_kept(b, i, changed, p, out) for i in p.indices])
        targets.append(held)
        elements.append((Element(p.variable, indices, p.span), held))
    out.append(ProcedureCall(call.label, tuple(targets), call.name, call.args, call.span))
    if elements:
        out.append(Assign(tuple([e for e, _ in elements]), tuple([v for _, v in elements]), call.span))


def _kept(b: Statements, index: Term, changed: set[str], p: Place, out: list[Statement]) -> Term:
    if not changed & free_variables(index).keys():
        return index
    variable = b.unit.helper(f"{p.entry.name}'at", INT, p.entry.ghost)
    out.append(Assign((variable,), (index,), p.span))
    return variable
