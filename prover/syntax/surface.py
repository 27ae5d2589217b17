"""The surface tree: what the parser saw, names unresolved, nothing desugared.

The formatter prints it, exercises compare it, elaboration reads it.  Nodes are equal when they say the same, wherever they
stand: spans take no part.  Operators appear in their ASCII form whatever the source wrote; `==` is `=`, `/` stays apart from
`div` and `%` from `mod` so that a file keeps its style.
"""

from __future__ import annotations

from prover.record import record
from prover.source import Span

_PLACES = frozenset({"span", "head", "arguments_span", "comments"})


class Node:
    """What all nodes share: equality that looks at everything but places, the hash that goes with it, and a short `repr`.

    Written once here instead of generated for each class, which halves the time that importing this module takes."""

    __slots__: tuple[str, ...] = ()

    def _said(self) -> list[object]:
        return [getattr(self, name) for name in self.__slots__ if name not in _PLACES]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and type(self) is type(other) and self._said() == other._said()

    def __hash__(self) -> int:
        return hash((type(self), *self._said()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._said()))})"


@record
class Name(Node):
    text: str
    span: Span


# Types


@record
class NamedType(Node):
    """`int`, `nat`, `bool`, `uint8`, …; elaboration refuses what it does not know."""

    name: str
    span: Span


@record
class ArrayType(Node):
    element: Type
    span: Span


Type = NamedType | ArrayType


# Expressions


@record
class Number(Node):
    value: int
    span: Span


@record
class Truth(Node):
    value: bool
    span: Span


@record
class Ident(Node):
    """A variable, a constant, or `result`."""

    name: str
    span: Span


@record
class Unary(Node):
    """operator: `-` or `not`."""

    operator: str
    operand: Expr
    span: Span


@record
class Nary(Node):
    """`and`, `or`: two or more operands.  `+ -`, `* / div % mod`: see `Sum`."""

    operator: str
    operands: tuple[Expr, ...]
    span: Span


@record
class Chain(Node):
    """A left-associative run of one precedence level: `first op1 e1 op2 e2 …` with the operators `+ -` or `* / div % mod`."""

    first: Expr
    rest: tuple[tuple[str, Expr], ...]
    span: Span


@record
class Comparison(Node):
    """`first op1 e1 op2 e2 …`, operators `= != < <= > >=`; one or more.  Whether a chain keeps one direction is elaboration's."""

    first: Expr
    rest: tuple[tuple[str, Expr], ...]
    span: Span


@record
class Binary(Node):
    """`==>` (right-associative) or `<==>` (left-associative)."""

    operator: str
    left: Expr
    right: Expr
    span: Span


@record
class Conditional(Node):
    condition: Expr
    then: Expr
    orelse: Expr
    span: Span


@record
class LetIn(Node):
    name: Name
    value: Expr
    body: Expr
    span: Span


@record
class Binder(Node):
    name: Name
    type: Type | None
    span: Span


@record
class Quantified(Node):
    """quantifier: `forall` or `exists`."""

    quantifier: str
    binders: tuple[Binder, ...]
    body: Expr
    span: Span


@record
class Index(Node):
    array: Expr
    index: Expr
    span: Span


@record
class Apply(Node):
    """`f(e, …)`: a declared function, or one of `len old perm array int uint8 … terminates`."""

    function: Name
    arguments: tuple[Expr, ...]
    span: Span


@record
class AtLabel(Node):
    label: Name
    body: Expr
    span: Span


@record
class WrapTo(Node):
    """`wrap uint8(e)`."""

    type: NamedType
    operand: Expr
    span: Span


@record
class ArrayLiteral(Node):
    elements: tuple[Expr, ...]
    span: Span


@record
class Hole(Node):
    """`?` in an exercise template, where an expression is to be filled in; only `parse_template` lets it pass."""

    span: Span


Expr = (
    Number | Truth | Ident | Unary | Nary | Chain | Comparison | Binary | Conditional | LetIn
    | Quantified | Index | Apply | AtLabel | WrapTo | ArrayLiteral | Hole
)  # fmt: skip


@record
class Labelled(Node):
    """A formula with the label that the user gave it, if any."""

    label: Name | None
    formula: Expr
    span: Span


# Proof scripts


@record
class TacticStep(Node):
    """`name arguments { branch: … }`.  `arguments` is the source text between the name and what ends the step, stripped."""

    name: Name
    arguments: str
    branches: tuple[tuple[str, ProofScript], ...]
    span: Span
    arguments_span: Span | None = None


@record
class ProofScript(Node):
    steps: tuple[TacticStep | Gap, ...]
    span: Span


# Statements


@record
class SkipStmt(Node):
    span: Span


@record
class TargetExpr(Node):
    """`x` or `x[i]…[k]` on the left of an assignment."""

    name: Name
    indices: tuple[Expr, ...]
    span: Span


@record
class Star(Node):
    """`*` on the right of `:=`, or as the condition of `if` and `while`; choose: the term after `choose`."""

    choose: Expr | None
    span: Span


@record
class AssignStmt(Node):
    """One value a target; or a single `Apply` for several targets (a procedure call), which elaboration tells apart."""

    targets: tuple[TargetExpr, ...]
    values: tuple[Expr | Star, ...]
    span: Span


@record
class CallStmt(Node):
    call: Apply
    span: Span


@record
class HavocStmt(Node):
    names: tuple[Name, ...]
    span: Span


@record
class VarStmt(Node):
    """`[ghost] var x[: T] [:= e]`."""

    ghost: bool
    names: tuple[Name, ...]
    type: Type | None
    values: tuple[Expr | Star, ...]
    span: Span


@record
class IfStmt(Node):
    """branches: (condition, block) for `if` and each `elsif`."""

    branches: tuple[tuple[Expr | Star, Stmts], ...]
    orelse: Stmts | None
    span: Span


@record
class Annotations(Node):
    """What stands between a loop's condition and `do`; `variants` may be longer than one only when the user repeats himself
    (an error that elaboration reports)."""

    invariants: tuple[Labelled, ...]
    variants: tuple[VariantClause, ...]
    recurrent: tuple[Labelled, ...]


@record
class VariantClause(Node):
    components: tuple[Expr, ...]
    span: Span


@record
class WhileStmt(Node):
    label: Name | None
    condition: Expr | Star
    annotations: Annotations
    body: Stmts
    span: Span
    head: Span | None = None


@record
class ForStmt(Node):
    label: Name | None
    variable: Name
    start: Expr
    down: bool
    stop: Expr
    annotations: Annotations
    body: Stmts
    span: Span
    head: Span | None = None


@record
class AssertStmt(Node):
    """braces: written `{ P }`, otherwise `assert P`."""

    braces: bool
    assertion: Labelled
    script: ProofScript | None
    span: Span


@record
class AssumeStmt(Node):
    assumption: Labelled
    span: Span


@record
class PointStmt(Node):
    """`label:` in front of a statement."""

    label: Name
    span: Span


@record
class ReturnStmt(Node):
    span: Span


@record
class BreakStmt(Node):
    span: Span


@record
class ContinueStmt(Node):
    span: Span


@record
class Gap(Node):
    """`?` in an exercise template, where one or more statements are to be filled in."""

    span: Span


Stmt = (
    SkipStmt | AssignStmt | CallStmt | HavocStmt | VarStmt | IfStmt | WhileStmt | ForStmt | AssertStmt | AssumeStmt
    | PointStmt | ReturnStmt | BreakStmt | ContinueStmt | Gap
)  # fmt: skip


@record
class Stmts(Node):
    items: tuple[Stmt, ...]
    span: Span


# Declarations


@record
class Param(Node):
    inout: bool
    ghost: bool
    name: Name
    type: Type
    span: Span


@record
class Spec(Node):
    """What stands between a header and its body, in the order written."""

    requires: tuple[Labelled, ...]
    ensures: tuple[Labelled, ...]
    variants: tuple[VariantClause, ...]
    terminates: bool
    diverges: tuple[Labelled, ...]


@record
class ProcedureDecl(Node):
    """keyword: `procedure` or `lemma`."""

    keyword: str
    name: Name
    parameters: tuple[Param, ...]
    results: tuple[Param, ...]
    spec: Spec
    body: Stmts | None
    span: Span


@record
class FunctionDecl(Node):
    """keyword: `function`, `predicate` (then `result` is None) or `const` (then no parameters)."""

    keyword: str
    name: Name
    parameters: tuple[Param, ...]
    result: Type | None
    spec: Spec
    body: Expr | None
    span: Span


@record
class AxiomDecl(Node):
    name: Name
    formula: Expr
    span: Span


@record
class TripleDecl(Node):
    """`[total] [triple [name]] {P} S {Q}`; name None when the file is one bare triple or the triple has none.

    `variables`: none are declared; elaboration collects them."""

    total: bool
    name: Name | None
    pre: Labelled
    body: Stmts
    post: Labelled
    span: Span


@record
class ImportDecl(Node):
    path: str
    span: Span


@record
class ProofDecl(Node):
    goal: str
    digest: str | None
    script: ProofScript
    span: Span


Decl = ProcedureDecl | FunctionDecl | AxiomDecl | TripleDecl | ImportDecl | ProofDecl


@record
class Comment(Node):
    """`text` with its markers, as written.  own_line: nothing but white space stands before it on its line."""

    text: str
    own_line: bool
    span: Span


@record
class File(Node):
    declarations: tuple[Decl, ...]
    comments: tuple[Comment, ...]
    span: Span
