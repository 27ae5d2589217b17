"""Declarations: first what each offers to others (`signatures`), then each unit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import assert_never

from prover.diagnostic import Label
from prover.kernel.depend import components, functions_in, terms
from prover.kernel.program import Axiom, Block, Clause, Function, Kind, Parameter, Procedure, Program
from prover.kernel.program import Unit as CoreUnit
from prover.kernel.sort import BOOL
from prover.kernel.sort import Sort as SortType
from prover.kernel.term import Term, Var
from prover.source import Span
from prover.syntax import surface as s
from prover.syntax.elaborate.calls import BUILT_IN
from prover.syntax.elaborate.expressions import Expressions
from prover.syntax.elaborate.fitting import fit
from prover.syntax.elaborate.flow import check_assigned
from prover.syntax.elaborate.ghost import Reason
from prover.syntax.elaborate.infer import Inference
from prover.syntax.elaborate.problems import Problems
from prover.syntax.elaborate.scope import Entry, Formal, Names, Role, Scope, Signature, Signatures, declared_names
from prover.syntax.elaborate.sorts import sort_of
from prover.syntax.elaborate.statements import Statements
from prover.syntax.elaborate.unit import Labels, Unit

Named = s.ProcedureDecl | s.FunctionDecl | s.AxiomDecl | s.TripleDecl

_NO_OLD_TRIPLE = "`old` means nothing in a triple\nname the value in the precondition: `{ x = a … }`, where `a` is never assigned"
_NO_OLD_PURE = "`old` means nothing here: there is no state that changes"
_NO_OLD_ENTRY = "this speaks of the entry state already\nleave out `old`"


# Signatures


def named(declarations: Iterable[s.Decl]) -> list[Named]:
    return [d for d in declarations if isinstance(d, s.ProcedureDecl | s.FunctionDecl | s.AxiomDecl | s.TripleDecl)]


def name_of(declaration: Named, fallback: str) -> s.Name:
    if declaration.name is not None:
        return declaration.name
    assert isinstance(declaration, s.TripleDecl)
    return s.Name(fallback, declaration.pre.span)


def names_of(declarations: Sequence[Named], file_name: str, taken: set[str]) -> list[s.Name]:
    """A name for each declaration.  A triple without one is named after the file, several are `triple1`, `triple2`, …"""
    taken = taken | {d.name.text for d in declarations if d.name is not None}
    unnamed = sum(d.name is None for d in declarations)
    stem = _stem(file_name)
    found: list[s.Name] = []
    number = 0
    for d in declarations:
        fallback = stem
        if d.name is None and (unnamed > 1 or stem in taken):
            number += 1
            while f"triple{number}" in taken:
                number += 1
            fallback = f"triple{number}"
        found.append(name_of(d, fallback))
    return found


def _stem(file_name: str) -> str:
    last = re.split(r"[/\\:]", file_name)[-1].removesuffix(".proof")
    stem = re.sub(r"[^A-Za-z0-9_']+", "_", last).strip("_")
    return stem if re.match(r"[A-Za-z]", stem) else f"_{stem}" if stem else "triple"


def signature(declaration: Named, name: s.Name, problems: Problems) -> Signature:
    match declaration:
        case s.ProcedureDecl():
            parameters, results = formals(declaration.parameters, problems), formals(declaration.results, problems)
            return Signature(declaration.keyword, name.text, parameters, None, results, name.span)
        case s.FunctionDecl():
            result = sort_of(declaration.result, problems) if declaration.result is not None else BOOL
            return Signature(declaration.keyword, name.text, formals(declaration.parameters, problems), result, (), name.span)
        case s.AxiomDecl():
            return Signature("axiom", name.text, (), None, (), name.span)
        case s.TripleDecl():
            return Signature("triple", name.text, (), None, (), name.span)
        case _:
            assert_never(declaration)


def formals(given: Iterable[s.Param], problems: Problems) -> tuple[Formal, ...]:
    return tuple([Formal(p.name.text, sort_of(p.type, problems), p.name.span, p.inout, p.ghost) for p in given])


def add_signature(found: dict[str, Signature], new: Signature, problems: Problems) -> bool:
    """Names of units are global; a name that is taken is an error."""
    first = found.get(new.name)
    if new.name in BUILT_IN:
        problems.error("name-built-in", f"`{new.name}` is built in", new.span, "choose another name")
    elif first is not None:
        where = f"{first.keyword} declared here"
        problems.error("name-duplicate", f"`{new.name}` is declared already", new.span, labels=(Label(first.span, where),))
    else:
        found[new.name] = new
        return True
    return False


# Units


def unit(declaration: Named, sig: Signature, signatures: Signatures, problems: Problems) -> CoreUnit:
    match declaration:
        case s.ProcedureDecl():
            return _procedure(declaration, sig, signatures, problems)
        case s.FunctionDecl():
            return _function(declaration, sig, signatures, problems)
        case s.AxiomDecl():
            return _axiom(declaration, sig, signatures, problems)
        case s.TripleDecl():
            return _triple(declaration, sig, signatures, problems)
        case _:
            assert_never(declaration)


_HOLE = Var("?", BOOL)


def _start(signatures: Signatures, problems: Problems, no_old: str | None) -> Unit:
    return Unit(Expressions(signatures, problems, Names(), Scope(), no_old), Labels(problems))


def _parameters(unit: Unit, given: Iterable[Formal], role: Role) -> tuple[tuple[Parameter, ...], tuple[Entry, ...]]:
    made: list[Parameter] = []
    entries: list[Entry] = []
    for f in given:
        entry = unit.declare(s.Name(f.name, f.span), f.sort, Role.INOUT if f.inout else role, f.ghost)
        entries.append(entry)
        if isinstance(entry.term, Var):
            made.append(Parameter(entry.term, f.inout, f.ghost))
    return tuple(made), tuple(entries)


def _procedure(d: s.ProcedureDecl, sig: Signature, signatures: Signatures, problems: Problems) -> Procedure:
    made = _start(signatures, problems, _NO_OLD_ENTRY)
    x, lemma = made.x, d.keyword == "lemma"
    _reserve(made, [f.name for f in (*sig.parameters, *sig.results)], d.body)
    if lemma:
        _check_lemma(d, sig, problems)
    parameters, _ = _parameters(made, sig.parameters, Role.PARAMETER)
    requires = made.clauses(d.spec.requires, "requires", "`requires`")
    variant, variant_span = made.variant(d.spec.variants)
    diverges = made.clauses(d.spec.diverges, "diverges", "`diverges`")
    if any(r.inout for r in sig.results):
        problems.error("decl-parameter", "a result cannot be `inout`", sig.span, "make it a parameter")
    results, x.results = _parameters(made, [Formal(r.name, r.sort, r.span, False, r.ghost) for r in sig.results], Role.RESULT)
    x.no_old = None
    ensures = made.clauses(d.spec.ensures, "ensures", "`ensures`")
    body = None
    if d.body is not None:
        ghost = Reason("it stands in a lemma", sig.span) if lemma else None
        body = Statements(made, lemma, ghost).body(d.body)
    terminates = lemma or d.spec.terminates or made.varied
    procedure = Procedure(
        Kind.LEMMA if lemma else Kind.PROCEDURE, d.name.text, parameters, results, tuple(made.locals), requires, ensures, variant,
        terminates, diverges, Block(()) if lemma and body is None else body, d.span, d.name.span, _end(d), variant_span,
    )  # fmt: skip
    if not made.abandoned:
        check_assigned(procedure, made.pending, problems)
    return procedure


def _check_lemma(d: s.ProcedureDecl, sig: Signature, problems: Problems) -> None:
    for f in sig.parameters:
        if f.inout:
            problems.error("decl-lemma", f"`{f.name}` cannot be `inout`: a lemma changes nothing", f.span)
    if d.spec.diverges:
        problems.error("decl-lemma", "a lemma always terminates", d.spec.diverges[0].span, "leave out `diverges`")


def _reserve(made: Unit, names: Iterable[str], body: s.Stmts | None) -> None:
    """Reserve the names of variables, and note which are declared somewhere in the body."""
    for name in names:
        made.x.names.reserve(name)
    for name_there in declared_names(body) if body is not None else ():
        made.x.names.reserve(name_there.text)
        made.x.elsewhere.setdefault(name_there.text, name_there.span)


def _end(d: s.ProcedureDecl) -> Span:
    whole = d.span
    if d.body is None or not whole.text.endswith("end"):
        return d.name.span
    return Span(whole.source, whole.end - 3, whole.end)


def _triple(d: s.TripleDecl, sig: Signature, signatures: Signatures, problems: Problems) -> Procedure:
    made = _start(signatures, problems, _NO_OLD_TRIPLE)
    x = made.x
    _reserve(made, (), d.body)
    _state_variables(made, d, signatures)
    pre = _condition(made, d.pre, "pre", "a precondition")
    x.results = ()
    body = Statements(made).body(d.body)
    post = _condition(made, d.post, "post", "a postcondition")
    procedure = Procedure(
        Kind.TRIPLE, sig.name, (), (), tuple(made.locals), pre, post, None, d.total or made.varied, (), body,
        d.span, sig.span, d.post.span,
    )  # fmt: skip
    if not made.abandoned:
        check_assigned(procedure, made.pending, problems)
    return procedure


def _state_variables(made: Unit, d: s.TripleDecl, signatures: Signatures) -> None:
    """The variables that the triple uses without declaring them; their types are inferred."""
    found = Inference(signatures, lambda name: None, frozenset(made.x.elsewhere), collect=True)
    found.expect(d.pre.formula, BOOL)
    found.block(d.body)
    found.expect(d.post.formula, BOOL)
    made.x.inferred.update(found.binders())
    for name in found.names:
        made.x.names.reserve(name)
    for name, span in found.names.items():
        signature = signatures.get(name)
        if (signature is None or signature.keyword != "const") and name != "result":
            made.local(s.Name(name, span), found.sort(name), False, Role.STATE)


def _condition(made: Unit, given: s.Labelled, default: str, what: str) -> tuple[Clause, ...]:
    clause = made.clause(given, default, what)
    return () if clause is None else (clause,)


def _function(d: s.FunctionDecl, sig: Signature, signatures: Signatures, problems: Problems) -> Function:
    made = _start(signatures, problems, _NO_OLD_PURE)
    _reserve(made, [f.name for f in sig.parameters], None)
    parameters, _ = _parameters(made, sig.parameters, Role.PARAMETER)
    for f in sig.parameters:
        if f.inout or f.ghost:
            word = "inout" if f.inout else "ghost"
            problems.error("decl-parameter", f"`{f.name}` cannot be `{word}`: a {d.keyword} is a pure function", f.span)
    requires = made.clauses(d.spec.requires, "requires", "`requires`")
    variant, variant_span = made.variant(d.spec.variants)
    body: Term | None = None
    if d.body is not None:
        what = "what a predicate says" if d.keyword == "predicate" else f"the value of `{sig.name}`"
        label = (Label(d.result.span, "declared here"),) if d.result is not None else ()
        body = fit(made.x, made.x.term(d.body, sig.result), sig.result, what, *label)
    result: SortType = sig.result if sig.result is not None else BOOL
    variables = tuple([p.variable for p in parameters])
    return Function(d.keyword, sig.name, variables, result, requires, variant, body, d.span, d.name.span, variant_span)


def _axiom(d: s.AxiomDecl, sig: Signature, signatures: Signatures, problems: Problems) -> Axiom:
    made = _start(signatures, problems, _NO_OLD_PURE)
    made.x.closed = "an axiom speaks of all values: `forall x :: …`"
    return Axiom(sig.name, made.x.formula(d.formula, "an axiom") or _HOLE, d.span, d.name.span)


# Recursion


def check_recursion(functions: Iterable[Function], problems: Problems) -> None:
    """A function that calls itself, directly or not, needs a `variant`: without one it may not exist."""
    among = {f.name: f for f in functions}
    calling = {n: f for n, f in among.items() if any(functions_in(t) & among.keys() for t in terms(f))}
    for name, members in components(Program(calling, (), ())).items():
        f = calling[name]
        alone = len(members) == 1
        if f.variant is not None or (alone and not any(name in functions_in(t) for t in terms(f))):
            continue
        others = ", ".join(f"`{m}`" for m in sorted(members - {name}))
        how = "calls itself" if alone else f"is recursive with {others}"
        if f.kind == "const":
            problems.error("decl-variant", f"the constant `{name}` is defined by itself", f.name_span)
        else:
            help = "give it one: `variant e`, e a number that is >= 0 and falls with each call"
            problems.error("decl-variant", f"`{name}` {how} and has no `variant`", f.name_span, help)
