"""What the parser makes of each rule of the grammar: the surface tree.

`Builder` has a method for each rule and alternative that leaves a node, named as in `grammar/while.lark`.  A method takes the
rule's children (absent optional parts are None, punctuation is left out) and the offsets of the rule's first and last character.
"""

from __future__ import annotations

from typing import Any

from prover.diagnostic import Diagnostic, error
from prover.source import Source, Span
from prover.syntax import surface as s
from prover.syntax.machine import Method, Methods
from prover.syntax.tables import Tables

# The rules whose nodes count towards the limit on nesting: what others walk by recursion.
_LEVELS = frozenset(
    """equivalence implication disjunction conjunction negation comparison sum product minus index quantified let conditional
    apply fill asks wrap literal if while for array_of array_suffix step""".split()
)

Children = list[Any]


class Builder:
    """Makes the nodes of one source; mistakes that the grammar lets pass are collected in `complaints`."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.complaints: list[Diagnostic] = []
        self.holes: list[Span] = []

    def methods(self, tables: Tables) -> Methods:
        """The methods in the order of the tables' rules."""
        reduce: list[Method | None] = [
            None if rule.method is None else getattr(self, f"r_{rule.method}", _first) for rule in tables.rules
        ]
        levels = tuple(rule.method in _LEVELS for rule in tables.rules)
        shift = dict.fromkeys(("NAME", "STEP", "ARRAY", "TERMINATES"), self._name)
        return Methods(tuple(reduce), {**shift, "NUMBER": self._number, "ARGUMENTS": self._arguments}, levels)

    def _span(self, start: int, end: int) -> Span:
        return Span(self.source, start, end)

    def _name(self, text: str, start: int, end: int) -> s.Name:
        return s.Name(text, Span(self.source, start, end))

    def _number(self, text: str, start: int, end: int) -> s.Number:
        from prover.syntax.scanner import MAX_DIGITS

        return s.Number(int(text) if end - start <= MAX_DIGITS else 0, Span(self.source, start, end))

    def _arguments(self, text: str, start: int, end: int) -> tuple[str, Span]:
        return text, Span(self.source, start, end)

    # Files

    def r_file(self, c: Children, start: int, end: int) -> s.File:
        return s.File(tuple(c), (), self._span(0, len(self.source.text)))

    def r_import(self, c: Children, start: int, end: int) -> s.ImportDecl:
        return s.ImportDecl(c[0][1:-1], self._span(start, end))

    def r_procedure(self, c: Children, start: int, end: int) -> s.ProcedureDecl:
        name, parameters, results, spec, body = c
        return s.ProcedureDecl("procedure", name, parameters or (), results or (), spec, body, self._span(start, end))

    def r_lemma(self, c: Children, start: int, end: int) -> s.ProcedureDecl:
        name, parameters, spec, body = c
        return s.ProcedureDecl("lemma", name, parameters or (), (), spec, body, self._span(start, end))

    def r_function(self, c: Children, start: int, end: int) -> s.FunctionDecl:
        name, parameters, result, spec, body = c
        return s.FunctionDecl("function", name, parameters or (), result, spec, body, self._span(start, end))

    def r_predicate(self, c: Children, start: int, end: int) -> s.FunctionDecl:
        name, parameters, spec, body = c
        return s.FunctionDecl("predicate", name, parameters or (), None, spec, body, self._span(start, end))

    def r_const(self, c: Children, start: int, end: int) -> s.FunctionDecl:
        name, kind, _equal, value = c
        return s.FunctionDecl("const", name, (), kind, s.Spec((), (), (), False, ()), value, self._span(start, end))

    def r_axiom(self, c: Children, start: int, end: int) -> s.AxiomDecl:
        return s.AxiomDecl(c[0], c[1], self._span(start, end))

    def r_triple(self, c: Children, start: int, end: int) -> s.TripleDecl:
        total, name, pre, block = c
        return self._triple(total is not None, name, pre, block, start, end)

    def r_bare_triple(self, c: Children, start: int, end: int) -> s.TripleDecl:
        return self._triple(False, None, c[0], c[1], start, end)

    def _triple(self, total: bool, name: s.Name | None, pre: s.AssertStmt, block: s.Stmts, start: int, end: int) -> s.TripleDecl:
        body, post = block.items[:-1], block.items[-1] if block.items else None
        if isinstance(post, s.AssertStmt) and post.braces:
            inner = self._span(block.span.start, body[-1].span.end if body else block.span.start)
            return s.TripleDecl(total, name, pre.assertion, s.Stmts(body, inner), post.assertion, self._span(start, end))
        self.complaints.append(
            error(
                "syntax-triple",
                "this triple has no postcondition: its last statement is not a `{ … }`",
                self._span(start, end),
                help=("a triple is `{ P } statements { Q }`",),
            )
        )
        return s.TripleDecl(total, name, pre.assertion, block, pre.assertion, self._span(start, end))

    def r_proof(self, c: Children, start: int, end: int) -> s.ProofDecl:
        goal, digest, script = c
        return s.ProofDecl(goal, digest[1:-1] if digest is not None else None, script, self._span(start, end))

    # Headers

    def r_parameters(self, c: Children, start: int, end: int) -> tuple[s.Param, ...]:
        return tuple(parameter for group in c for parameter in group)

    def r_parameter(self, c: Children, start: int, end: int) -> list[s.Param]:
        ghost, inout, names, kind = c
        flags = inout is not None, ghost is not None
        if len(names) == 1:
            return [s.Param(*flags, names[0], kind, self._span(start, end))]
        return [s.Param(*flags, name, kind, name.span) for name in names]

    def r_names(self, c: Children, start: int, end: int) -> tuple[s.Name, ...]:
        return tuple(c)

    def r_spec(self, c: Children, start: int, end: int) -> s.Spec:
        if not c:
            return _NO_SPEC
        found: dict[str, list[Any]] = {kind: [] for kind in ("requires", "ensures", "variant", "terminates", "diverges")}
        for kind, clause in c:
            found[kind].append(clause)
        requires, ensures, variants, terminates, diverges = found.values()
        return s.Spec(tuple(requires), tuple(ensures), tuple(variants), bool(terminates), tuple(diverges))

    r_definition_spec = r_spec

    def r_requires(self, c: Children, start: int, end: int) -> tuple[str, s.Labelled]:
        return "requires", c[0]

    def r_ensures(self, c: Children, start: int, end: int) -> tuple[str, s.Labelled]:
        return "ensures", c[0]

    def r_diverges(self, c: Children, start: int, end: int) -> tuple[str, s.Labelled]:
        return "diverges", c[0]

    def r_invariant(self, c: Children, start: int, end: int) -> tuple[str, s.Labelled]:
        return "invariant", c[0]

    def r_recurrent(self, c: Children, start: int, end: int) -> tuple[str, s.Labelled]:
        return "recurrent", c[0]

    def r_terminates(self, c: Children, start: int, end: int) -> tuple[str, None]:
        return "terminates", None

    def r_variant(self, c: Children, start: int, end: int) -> tuple[str, s.VariantClause]:
        return "variant", s.VariantClause(tuple(c), self._span(start, end))

    def r_labelled(self, c: Children, start: int, end: int) -> s.Labelled:
        return s.Labelled(c[0], c[1], self._span(start, end))

    # Statements

    def r_block(self, c: Children, start: int, end: int) -> s.Stmts:
        return s.Stmts(tuple(c), self._span(start, c[-1].span.end if c else end))

    def r_point(self, c: Children, start: int, end: int) -> s.PointStmt:
        return s.PointStmt(c[0], self._span(start, end))

    def r_brace(self, c: Children, start: int, end: int) -> s.AssertStmt:
        return s.AssertStmt(True, c[0], None, self._span(start, end))

    def r_skip(self, c: Children, start: int, end: int) -> s.SkipStmt:
        return s.SkipStmt(self._span(start, end))

    def r_assign(self, c: Children, start: int, end: int) -> s.AssignStmt:
        return s.AssignStmt(c[0], c[1], self._span(start, end))

    def r_call(self, c: Children, start: int, end: int) -> s.CallStmt:
        call = c[0]
        return s.CallStmt(call if isinstance(call, s.Apply) else _plain_call(call), self._span(start, end))

    def r_havoc(self, c: Children, start: int, end: int) -> s.HavocStmt:
        return s.HavocStmt(c[0], self._span(start, end))

    def r_var(self, c: Children, start: int, end: int) -> s.VarStmt:
        ghost, names, kind, values = c
        return s.VarStmt(ghost is not None, names, kind, values or (), self._span(start, end))

    def r_if(self, c: Children, start: int, end: int) -> s.IfStmt:
        return s.IfStmt(((c[0], c[1]), *c[2:-1]), c[-1], self._span(start, end))

    def r_elsif(self, c: Children, start: int, end: int) -> tuple[Any, s.Stmts]:
        return c[0], c[1]

    def r_while(self, c: Children, start: int, end: int) -> s.WhileStmt:
        (label, condition, head), annotations, body = c
        return s.WhileStmt(label, condition, annotations, body, self._span(start, end), head)

    def r_while_head(self, c: Children, start: int, end: int) -> tuple[s.Name | None, Any, Span]:
        return c[0], c[1], self._span(start, end)

    def r_for(self, c: Children, start: int, end: int) -> s.ForStmt:
        (label, variable, first, direction, last, head), annotations, body = c
        return s.ForStmt(label, variable, first, direction == "downto", last, annotations, body, self._span(start, end), head)

    def r_for_head(self, c: Children, start: int, end: int) -> tuple[Any, ...]:
        return *c, self._span(start, end)

    def r_annotations(self, c: Children, start: int, end: int) -> s.Annotations:
        found: dict[str, list[Any]] = {"invariant": [], "variant": [], "recurrent": []}
        for kind, clause in c:
            found[kind].append(clause)
        return s.Annotations(tuple(found["invariant"]), tuple(found["variant"]), tuple(found["recurrent"]))

    def r_assert(self, c: Children, start: int, end: int) -> s.AssertStmt:
        return s.AssertStmt(False, c[0], c[1], self._span(start, end))

    def r_assume(self, c: Children, start: int, end: int) -> s.AssumeStmt:
        return s.AssumeStmt(c[0], self._span(start, end))

    def r_return(self, c: Children, start: int, end: int) -> s.ReturnStmt:
        return s.ReturnStmt(self._span(start, end))

    def r_break(self, c: Children, start: int, end: int) -> s.BreakStmt:
        return s.BreakStmt(self._span(start, end))

    def r_continue(self, c: Children, start: int, end: int) -> s.ContinueStmt:
        return s.ContinueStmt(self._span(start, end))

    def r_targets(self, c: Children, start: int, end: int) -> tuple[s.TargetExpr, ...]:
        return tuple(c)

    def r_target(self, c: Children, start: int, end: int) -> s.TargetExpr:
        return s.TargetExpr(c[0], tuple(c[1:]), self._span(start, end))

    def r_values(self, c: Children, start: int, end: int) -> tuple[s.Expr | s.Star, ...]:
        return tuple(c)

    def r_star(self, c: Children, start: int, end: int) -> s.Star:
        return s.Star(c[1], self._span(start, end))

    def r_any(self, c: Children, start: int, end: int) -> s.Star:
        return s.Star(None, self._span(start, end))

    def r_gap(self, c: Children, start: int, end: int) -> s.Gap:
        self.holes.append(self._span(start, end))
        return s.Gap(self.holes[-1])

    def r_hole(self, c: Children, start: int, end: int) -> s.Hole:
        self.holes.append(self._span(start, end))
        return s.Hole(self.holes[-1])

    # Proof scripts

    def r_script(self, c: Children, start: int, end: int) -> s.ProofScript:
        return s.ProofScript(tuple(c), self._span(start, end))

    def r_step(self, c: Children, start: int, end: int) -> s.TacticStep:
        name, arguments, branches = c
        text, place = arguments or ("", None)
        return s.TacticStep(name, text, branches or (), self._span(start, end), place)

    def r_one_branch(self, c: Children, start: int, end: int) -> tuple[tuple[str, s.ProofScript], ...]:
        return (("", c[0]),)

    def r_named_branches(self, c: Children, start: int, end: int) -> tuple[tuple[str, s.ProofScript], ...]:
        return tuple(c)

    def r_branch(self, c: Children, start: int, end: int) -> tuple[str, s.ProofScript]:
        return c[0], c[1]

    # Expressions

    def r_equivalence(self, c: Children, start: int, end: int) -> s.Binary:
        return s.Binary("<==>", c[0], c[1], self._span(start, end))

    def r_implication(self, c: Children, start: int, end: int) -> s.Binary:
        return s.Binary("==>", c[0], c[1], self._span(start, end))

    def r_disjunction(self, c: Children, start: int, end: int) -> s.Nary:
        return s.Nary("or", tuple(c), self._span(start, end))

    def r_conjunction(self, c: Children, start: int, end: int) -> s.Nary:
        return s.Nary("and", tuple(c), self._span(start, end))

    def r_negation(self, c: Children, start: int, end: int) -> s.Unary:
        return s.Unary("not", c[0], self._span(start, end))

    def r_comparison(self, c: Children, start: int, end: int) -> s.Comparison:
        return s.Comparison(c[0], _pairs(c), self._span(start, end))

    def r_sum(self, c: Children, start: int, end: int) -> s.Chain:
        return s.Chain(c[0], _pairs(c), self._span(start, end))

    r_product = r_sum

    def r_minus(self, c: Children, start: int, end: int) -> s.Unary:
        return s.Unary("-", c[0], self._span(start, end))

    def r_index(self, c: Children, start: int, end: int) -> s.Index:
        return s.Index(c[0], c[1], self._span(start, end))

    def r_quantified(self, c: Children, start: int, end: int) -> s.Quantified:
        word = "forall" if c[0] in ("forall", "∀") else "exists"
        return s.Quantified(word, c[1], c[2], self._span(start, end))

    def r_binders(self, c: Children, start: int, end: int) -> tuple[s.Binder, ...]:
        """In `i, j: int` the type is of both."""
        found: list[s.Binder] = []
        kind: s.Type | None = None
        for binder in reversed(c):
            kind = binder.type or kind
            found.append(s.Binder(binder.name, kind, binder.span))
        return tuple(reversed(found))

    def r_binder(self, c: Children, start: int, end: int) -> s.Binder:
        return s.Binder(c[0], c[1], self._span(start, end))

    def r_let(self, c: Children, start: int, end: int) -> s.LetIn:
        name, _equal, value, body = c
        return s.LetIn(name, value, body, self._span(start, end))

    def r_conditional(self, c: Children, start: int, end: int) -> s.Conditional:
        return s.Conditional(c[0], c[1], c[2], self._span(start, end))

    def r_identifier(self, c: Children, start: int, end: int) -> s.Ident:
        return s.Ident(c[0].text, c[0].span)

    def r_true(self, c: Children, start: int, end: int) -> s.Truth:
        return s.Truth(True, self._span(start, end))

    def r_false(self, c: Children, start: int, end: int) -> s.Truth:
        return s.Truth(False, self._span(start, end))

    def r_apply(self, c: Children, start: int, end: int) -> s.Apply | s.AtLabel:
        name, arguments = c
        if name.text == "at" and arguments and len(arguments) == 2 and isinstance(arguments[0], s.Ident):
            label = s.Name(arguments[0].name, arguments[0].span)
            return s.AtLabel(label, arguments[1], self._span(start, end))
        return s.Apply(name, arguments or (), self._span(start, end))

    r_fill = r_asks = r_apply

    def r_wrap(self, c: Children, start: int, end: int) -> s.WrapTo:
        return s.WrapTo(s.NamedType(c[0].text, c[0].span), c[1], self._span(start, end))

    def r_literal(self, c: Children, start: int, end: int) -> s.ArrayLiteral:
        return s.ArrayLiteral(c[0] or (), self._span(start, end))

    def r_arguments(self, c: Children, start: int, end: int) -> tuple[s.Expr, ...]:
        return tuple(c)

    # Types

    def r_named_type(self, c: Children, start: int, end: int) -> s.NamedType:
        return s.NamedType(c[0].text, c[0].span)

    def r_array_of(self, c: Children, start: int, end: int) -> s.ArrayType:
        return s.ArrayType(c[0], self._span(start, end))

    r_array_suffix = r_array_of


_NO_SPEC = s.Spec((), (), (), False, ())
_SPELLED = {"==": "=", "<>": "!=", "≠": "!=", "≤": "<=", "≥": ">=", "·": "*"}


def _first(c: Children, start: int, end: int) -> Any:
    return c[0]


def _pairs(c: Children) -> tuple[tuple[str, s.Expr], ...]:
    """`[e0, op1, e1, op2, e2]` to `((op1, e1), (op2, e2))`, operators in their ASCII form."""
    operators: list[str] = c[1::2]
    return tuple(zip([_SPELLED.get(o, o) for o in operators], c[2::2], strict=True))


def _plain_call(at: s.AtLabel) -> s.Apply:
    """A procedure named `at`, called."""
    label = s.Ident(at.label.text, at.label.span)
    return s.Apply(s.Name("at", Span(at.span.source, at.span.start, at.span.start + 2)), (label, at.body), at.span)
