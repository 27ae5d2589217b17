"""The surface tree: what the parser saw, names unresolved, nothing desugared.

The formatter prints it, exercises compare it, elaboration reads it.  Nodes are equal when they say the same, wherever they
stand: spans take no part.  Operators appear in their ASCII form whatever the source wrote; `==` is `=`, `/` stays apart from
`div` and `%` from `mod` so that a file keeps its style.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from prover.source import Span

_span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Name:
    text: str
    span: Span = _span


# Types


@dataclass(frozen=True, slots=True)
class NamedType:
    """`int`, `nat`, `bool`, `uint8`, …; elaboration refuses what it does not know."""

    name: str
    span: Span = _span


@dataclass(frozen=True, slots=True)
class ArrayType:
    element: Type
    span: Span = _span


Type = NamedType | ArrayType


# Expressions


@dataclass(frozen=True, slots=True)
class Number:
    value: int
    span: Span = _span


@dataclass(frozen=True, slots=True)
class Truth:
    value: bool
    span: Span = _span


@dataclass(frozen=True, slots=True)
class Ident:
    """A variable, a constant, or `result`."""

    name: str
    span: Span = _span


@dataclass(frozen=True, slots=True)
class Unary:
    """operator: `-` or `not`."""

    operator: str
    operand: Expr
    span: Span = _span


@dataclass(frozen=True, slots=True)
class Nary:
    """`and`, `or`: two or more operands.  `+ -`, `* / div % mod`: see `Sum`."""

    operator: str
    operands: tuple[Expr, ...]
    span: Span = _span


@dataclass(frozen=True, slots=True)
class Chain:
    """A left-associative run of one precedence level: `first op1 e1 op2 e2 …` with the operators `+ -` or `* / div % mod`."""

    first: Expr
    rest: tuple[tuple[str, Expr], ...]
    span: Span = _span


@dataclass(frozen=True, slots=True)
class Comparison:
    """`first op1 e1 op2 e2 …`, operators `= != < <= > >=`; one or more.  Whether a chain keeps one direction is elaboration's."""

    first: Expr
    rest: tuple[tuple[str, Expr], ...]
    span: Span = _span


@dataclass(frozen=True, slots=True)
class Binary:
    """`==>` (right-associative) or `<==>` (left-associative)."""

    operator: str
    left: Expr
    right: Expr
    span: Span = _span


@dataclass(frozen=True, slots=True)
class Conditional:
    condition: Expr
    then: Expr
    orelse: Expr
    span: Span = _span


@dataclass(frozen=True, slots=True)
class LetIn:
    name: Name
    value: Expr
    body: Expr
    span: Span = _span


@dataclass(frozen=True, slots=True)
class Binder:
    name: Name
    type: Type | None
    span: Span = _span


@dataclass(frozen=True, slots=True)
class Quantified:
    """quantifier: `forall` or `exists`."""

    quantifier: str
    binders: tuple[Binder, ...]
    body: Expr
    span: Span = _span


@dataclass(frozen=True, slots=True)
class Index:
    array: Expr
    index: Expr
    span: Span = _span


@dataclass(frozen=True, slots=True)
class Apply:
    """`f(e, …)`: a declared function, or one of `len old perm array int uint8 … terminates`."""

    function: Name
    arguments: tuple[Expr, ...]
    span: Span = _span


@dataclass(frozen=True, slots=True)
class AtLabel:
    label: Name
    body: Expr
    span: Span = _span


@dataclass(frozen=True, slots=True)
class WrapTo:
    """`wrap uint8(e)`."""

    type: NamedType
    operand: Expr
    span: Span = _span


@dataclass(frozen=True, slots=True)
class ArrayLiteral:
    elements: tuple[Expr, ...]
    span: Span = _span


Expr = (
    Number | Truth | Ident | Unary | Nary | Chain | Comparison | Binary | Conditional | LetIn
    | Quantified | Index | Apply | AtLabel | WrapTo | ArrayLiteral
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Labelled:
    """A formula with the label that the user gave it, if any."""

    label: Name | None
    formula: Expr
    span: Span = _span


# Proof scripts


@dataclass(frozen=True, slots=True)
class TacticStep:
    """`name arguments { branch: … }`.  `arguments` is the source text between the name and what ends the step, stripped."""

    name: Name
    arguments: str
    branches: tuple[tuple[str, ProofScript], ...]
    span: Span = _span
    arguments_span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ProofScript:
    steps: tuple[TacticStep, ...]
    span: Span = _span


# Statements


@dataclass(frozen=True, slots=True)
class SkipStmt:
    span: Span = _span


@dataclass(frozen=True, slots=True)
class TargetExpr:
    """`x` or `x[i]…[k]` on the left of an assignment."""

    name: Name
    indices: tuple[Expr, ...]
    span: Span = _span


@dataclass(frozen=True, slots=True)
class Star:
    """`*` on the right of `:=`, or as the condition of `if` and `while`; choose: the term after `choose`."""

    choose: Expr | None
    span: Span = _span


@dataclass(frozen=True, slots=True)
class AssignStmt:
    """One value a target; or a single `Apply` for several targets (a procedure call), which elaboration tells apart."""

    targets: tuple[TargetExpr, ...]
    values: tuple[Expr | Star, ...]
    span: Span = _span


@dataclass(frozen=True, slots=True)
class CallStmt:
    call: Apply
    span: Span = _span


@dataclass(frozen=True, slots=True)
class HavocStmt:
    names: tuple[Name, ...]
    span: Span = _span


@dataclass(frozen=True, slots=True)
class VarStmt:
    """`[ghost] var x[: T] [:= e]`."""

    ghost: bool
    names: tuple[Name, ...]
    type: Type | None
    values: tuple[Expr | Star, ...]
    span: Span = _span


@dataclass(frozen=True, slots=True)
class IfStmt:
    """branches: (condition, block) for `if` and each `elsif`."""

    branches: tuple[tuple[Expr | Star, Stmts], ...]
    orelse: Stmts | None
    span: Span = _span


@dataclass(frozen=True, slots=True)
class Annotations:
    """What stands between a loop's condition and `do`; `variants` may be longer than one only when the user repeats himself
    (an error that elaboration reports)."""

    invariants: tuple[Labelled, ...]
    variants: tuple[VariantClause, ...]
    recurrent: tuple[Labelled, ...]


@dataclass(frozen=True, slots=True)
class VariantClause:
    components: tuple[Expr, ...]
    span: Span = _span


@dataclass(frozen=True, slots=True)
class WhileStmt:
    label: Name | None
    condition: Expr | Star
    annotations: Annotations
    body: Stmts
    span: Span = _span
    head: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ForStmt:
    label: Name | None
    variable: Name
    start: Expr
    down: bool
    stop: Expr
    annotations: Annotations
    body: Stmts
    span: Span = _span
    head: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AssertStmt:
    """braces: written `{ P }`, otherwise `assert P`."""

    braces: bool
    assertion: Labelled
    script: ProofScript | None
    span: Span = _span


@dataclass(frozen=True, slots=True)
class AssumeStmt:
    assumption: Labelled
    span: Span = _span


@dataclass(frozen=True, slots=True)
class PointStmt:
    """`label:` in front of a statement."""

    label: Name
    span: Span = _span


@dataclass(frozen=True, slots=True)
class ReturnStmt:
    span: Span = _span


@dataclass(frozen=True, slots=True)
class BreakStmt:
    span: Span = _span


@dataclass(frozen=True, slots=True)
class ContinueStmt:
    span: Span = _span


Stmt = (
    SkipStmt | AssignStmt | CallStmt | HavocStmt | VarStmt | IfStmt | WhileStmt | ForStmt | AssertStmt | AssumeStmt
    | PointStmt | ReturnStmt | BreakStmt | ContinueStmt
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stmts:
    items: tuple[Stmt, ...]
    span: Span = _span


# Declarations


@dataclass(frozen=True, slots=True)
class Param:
    inout: bool
    ghost: bool
    name: Name
    type: Type
    span: Span = _span


@dataclass(frozen=True, slots=True)
class Spec:
    """What stands between a header and its body, in the order written."""

    requires: tuple[Labelled, ...]
    ensures: tuple[Labelled, ...]
    variants: tuple[VariantClause, ...]
    terminates: bool
    diverges: tuple[Labelled, ...]


@dataclass(frozen=True, slots=True)
class ProcedureDecl:
    """keyword: `procedure` or `lemma`."""

    keyword: str
    name: Name
    parameters: tuple[Param, ...]
    results: tuple[Param, ...]
    spec: Spec
    body: Stmts | None
    span: Span = _span


@dataclass(frozen=True, slots=True)
class FunctionDecl:
    """keyword: `function`, `predicate` (then `result` is None) or `const` (then no parameters)."""

    keyword: str
    name: Name
    parameters: tuple[Param, ...]
    result: Type | None
    spec: Spec
    body: Expr | None
    span: Span = _span


@dataclass(frozen=True, slots=True)
class AxiomDecl:
    name: Name
    formula: Expr
    span: Span = _span


@dataclass(frozen=True, slots=True)
class TripleDecl:
    """`[total] [triple [name]] {P} S {Q}`; name None when the file is one bare triple or the triple has none.

    `variables`: none are declared; elaboration collects them."""

    total: bool
    name: Name | None
    pre: Labelled
    body: Stmts
    post: Labelled
    span: Span = _span


@dataclass(frozen=True, slots=True)
class ImportDecl:
    path: str
    span: Span = _span


@dataclass(frozen=True, slots=True)
class ProofDecl:
    goal: str
    digest: str | None
    script: ProofScript
    span: Span = _span


Decl = ProcedureDecl | FunctionDecl | AxiomDecl | TripleDecl | ImportDecl | ProofDecl


@dataclass(frozen=True, slots=True)
class Comment:
    """`text` with its markers, as written.  own_line: nothing but white space stands before it on its line."""

    text: str
    own_line: bool
    span: Span = _span


@dataclass(frozen=True, slots=True)
class File:
    declarations: tuple[Decl, ...]
    comments: tuple[Comment, ...] = field(compare=False)
    span: Span = _span
