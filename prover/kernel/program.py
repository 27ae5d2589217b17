"""The typed core program: what the parser's tree becomes once names and types are resolved.

Everything the kernel, the interpreter and the teaching tools look at.  Names of variables are unique within a unit
(see `term`).  `for` is a `While` with a counter and a `step`; chained comparisons are conjunctions; `result` is the result
variable.  Elaboration (`prover/syntax/elaborate`) has already refused what breaks the language's static rules: sorts fit,
locals are assigned before they are read, ghost code does not touch real code, read-only variables are not assigned.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from prover.kernel.sort import Sort
from prover.kernel.term import Term, Var
from prover.record import factory, record
from prover.source import Span


@record
class Clause:
    """A labelled formula: an invariant, `requires`, `ensures`, assertion.  `label` is the user's, or `inv1`, `ensures2`, …

    implied: the language adds it (the range of a `for` counter); it is checked like any other."""

    label: str
    formula: Term
    span: Span
    implied: bool = False


# Statements


@record
class Element:
    """An assignment target `array[i]…[k]`."""

    array: Var
    indices: tuple[Term, ...]
    span: Span


Target = Var | Element


@record
class Skip:
    span: Span


@record
class Assign:
    """Simultaneous: indices and values are evaluated first, then targets are written from left to right."""

    targets: tuple[Target, ...]
    values: tuple[Term, ...]
    span: Span


@record
class Havoc:
    """`x := *` and `havoc x, y`: any values of the variables' sorts.  `choose`: the witness offered to non-termination proofs
    (for exactly one variable)."""

    variables: tuple[Var, ...]
    choose: Term | None
    span: Span


@record
class If:
    """`condition` None is `*`.  label: `if1`, … in the unit's text order, for naming values after it."""

    label: str
    condition: Term | None
    then: Block
    orelse: Block
    span: Span


@record
class While:
    """A loop.  `step` runs at the end of each round, after `continue` too (a `for` counts there); it cannot fail.

    ghost: the loop is ghost code, whose termination is part of *correct*.
    span is the loop's head (from `while` or `for` to before `do`), for messages.
    """

    label: str
    condition: Term | None
    invariants: tuple[Clause, ...]
    variant: tuple[Term, ...] | None
    recurrent: tuple[Clause, ...]
    body: Block
    step: Block
    ghost: bool
    span: Span
    variant_span: Span | None = None


@record
class ProcedureCall:
    """`targets := name(args)`, also of a lemma (then without targets).  An argument for an `inout` parameter is a Var.

    label: `call1`, … in the unit's text order."""

    label: str
    targets: tuple[Var, ...]
    name: str
    args: tuple[Term, ...]
    span: Span


@record
class Assert:
    """`assert P [by { script }]`, or `{ P }` in a program."""

    clause: Clause
    script: Script | None
    span: Span


@record
class Assume:
    clause: Clause
    span: Span


@record
class Point:
    """`label:` before a statement: a place that `at(label, e)` speaks of."""

    label: str
    span: Span


@record
class Return:
    label: str  # `return1`, … in text order
    span: Span


@record
class Break:
    span: Span


@record
class Continue:
    span: Span


Statement = Skip | Assign | Havoc | If | While | ProcedureCall | Assert | Assume | Point | Return | Break | Continue


@record
class Block:
    statements: tuple[Statement, ...]


# Proof scripts


@record
class Step:
    """One step of a script as written: its name, the text of its arguments, and its named branches.

    Arguments stay text, because what names mean is known only in the goal that the step meets."""

    name: str
    arguments: str
    branches: tuple[tuple[str, Script], ...]
    span: Span
    arguments_span: Span | None = None


@record
class Script:
    steps: tuple[Step, ...]
    span: Span


@record
class Proof:
    """`proof GOAL … qed`: a script for one goal; `digest` is the goal's, where the file records one."""

    goal: str
    script: Script
    digest: str | None
    span: Span


# Declarations


class Kind(Enum):
    PROCEDURE = "procedure"
    TRIPLE = "triple"
    LEMMA = "lemma"


@record
class Parameter:
    """inner: declared in the body (by `var` or `for`, or made by elaboration), so without a value at entry, in a triple too."""

    variable: Var
    inout: bool = False
    ghost: bool = False
    inner: bool = False


@record
class Procedure:
    """A procedure, triple or lemma.

    A triple has neither parameters nor results; `locals` holds its state variables, which have any value at the start
    (`initialised`), and those declared in its body (`inner`); its `requires` is the precondition, its `ensures` the
    postcondition.
    results and locals: (variable, ghost).  body None: trusted (a lemma without body has an empty one instead).
    terminates: the file asks it (`terminates`, `total`, a variant anywhere in it; a lemma always).
    labels of the values of variables: `entry_variables` are those with a value at entry (parameters; a triple's variables).
    """

    kind: Kind
    name: str
    parameters: tuple[Parameter, ...]
    results: tuple[Parameter, ...]
    locals: tuple[Parameter, ...]
    requires: tuple[Clause, ...]
    ensures: tuple[Clause, ...]
    variant: tuple[Term, ...] | None
    terminates: bool
    diverges: tuple[Clause, ...]
    body: Block | None
    span: Span
    name_span: Span
    end_span: Span
    variant_span: Span | None = None

    @property
    def initialised(self) -> bool:
        return self.kind is Kind.TRIPLE

    @property
    def entry_variables(self) -> tuple[Var, ...]:
        held = self.locals if self.initialised else self.parameters
        return tuple(p.variable for p in held if not p.inner)


@record
class Function:
    """A function, predicate or constant; `body` None: uninterpreted.  kind is the keyword it was declared with."""

    kind: str
    name: str
    parameters: tuple[Var, ...]
    result: Sort
    requires: tuple[Clause, ...]
    variant: tuple[Term, ...] | None
    body: Term | None
    span: Span
    name_span: Span
    variant_span: Span | None = None


@record
class Axiom:
    name: str
    formula: Term
    span: Span
    name_span: Span


Unit = Procedure | Function | Axiom


@record
class Program:
    """All units of a file and of what it imports, by name, in text order, imported ones first.

    own: names of the units that the file itself declares.  proofs: its `proof … qed` blocks.
    expected: the text after `expected:` in the file's first comment, if any.
    named: what each unit names, once it was asked (`depend.uses`), with the unit itself, so that a changed one is asked again.
    """

    units: Mapping[str, Unit]
    own: tuple[str, ...]
    proofs: tuple[Proof, ...]
    expected: str | None = None
    named: dict[int, tuple[Unit, frozenset[str]]] = factory(default_factory=dict)
