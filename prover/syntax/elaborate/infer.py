"""Types from use: for the variables that a triple does not declare, and for binders without a type.

Unification (Robinson 1965) over the surface tree, before the real checks: whatever does not unify is passed over here and
reported there.  What stays open is `int`; a variable is never `nat`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import assert_never

from prover.kernel.sort import BOOL, INT, MACHINE, NAT, Array, Sort, is_integer
from prover.source import Span
from prover.syntax import surface as s
from prover.syntax.elaborate.scope import Signatures
from prover.syntax.elaborate.sorts import SORTS


class Cell:
    """A type that is being found out: a scalar sort, an array of another cell, or nothing yet."""

    __slots__ = ("element", "link", "sort")

    def __init__(self, sort: Sort | None = None, element: Cell | None = None) -> None:
        self.link: Cell | None = None
        self.sort = sort
        self.element = element


def cell_of(sort: Sort | None) -> Cell:
    return Cell(element=cell_of(sort.element)) if isinstance(sort, Array) else Cell(sort)


def find(cell: Cell) -> Cell:
    while cell.link is not None:
        if cell.link.link is not None:
            cell.link = cell.link.link
        cell = cell.link
    return cell


def unify(left: Cell, right: Cell) -> None:
    """Make two types one, where they can be."""
    while True:
        left, right = find(left), find(right)
        if left is right:
            return
        if left.element is not None and right.element is not None:
            inner = left.element, right.element
            left.link = right
            left, right = inner
            continue
        if left.element is not None or left.sort is not None:
            left, right = right, left
        if left.element is None and left.sort is None:
            if not _occurs(left, right):
                left.link = right
        elif left.sort is not None and right.sort is not None and is_integer(left.sort) and is_integer(right.sort):
            right.sort = NAT if NAT in (left.sort, right.sort) else INT
            left.link = right
        return


def _occurs(cell: Cell, inside: Cell) -> bool:
    while True:
        inside = find(inside)
        if inside is cell:
            return True
        if inside.element is None:
            return False
        inside = inside.element


def resolve(cell: Cell, scalar: bool = True) -> Sort:
    cell = find(cell)
    if cell.element is not None:
        return Array(resolve(cell.element, False))
    return INT if cell.sort is None or (scalar and cell.sort == NAT) else cell.sort


Lookup = Callable[[str], Sort | None]


def binder_sorts(e: s.Quantified, lookup: Lookup, signatures: Signatures) -> dict[int, Sort]:
    """The sorts of all binders without a type in `e`, by the identity of the binder.  lookup: sorts of free variables."""
    found = Inference(signatures, lookup)
    found.expression(e)
    return found.binders()


class Inference:
    """Cells for the variables met.  `names`: undeclared ones, in order of occurrence, with their first place.

    lookup: sorts of names known already.  hidden: names that are declared somewhere, and so are not to be made up."""

    def __init__(
        self, signatures: Signatures, lookup: Lookup, hidden: frozenset[str] = frozenset(), collect: bool = False
    ) -> None:
        self._signatures = signatures
        self._lookup = lookup
        self._hidden = hidden
        self._collect = collect
        self._scopes: list[dict[str, Cell]] = [{}]
        self._binders: dict[int, Cell] = {}
        self.names: dict[str, Span] = {}

    def binders(self) -> dict[int, Sort]:
        return {key: resolve(cell) for key, cell in self._binders.items()}

    def sort(self, name: str) -> Sort:
        """The sort of an undeclared variable."""
        return resolve(self._scopes[0][name])

    def _variable(self, name: str, span: Span) -> Cell:
        for scope in reversed(self._scopes):
            if name in scope:
                return scope[name]
        known = self._lookup(name)
        signature = self._signatures.get(name)
        if known is None and signature is not None and signature.keyword == "const":
            return cell_of(signature.result)
        cell = self._scopes[0][name] = cell_of(known)
        if known is None and self._collect and name not in self._hidden:
            self.names[name] = span
        return cell

    # Expressions

    def expect(self, e: s.Expr, sort: Sort | None) -> None:
        unify(self.expression(e), cell_of(sort))

    def expression(self, e: s.Expr) -> Cell:  # noqa: C901 - one case a node
        match e:
            case s.Number() | s.Hole():
                return Cell()
            case s.Truth():
                return Cell(BOOL)
            case s.Ident():
                return self._variable(e.name, e.span)
            case s.Unary():
                inner = self.expression(e.operand)
                if e.operator == "not":
                    unify(inner, Cell(BOOL))
                return inner
            case s.Nary():
                return self._formulas(e.operands)
            case s.Binary():
                return self._formulas((e.left, e.right))
            case s.Chain():
                return self._one([e.first, *[part for _, part in e.rest]])
            case s.Comparison():
                self._one([e.first, *[part for _, part in e.rest]])
                return Cell(BOOL)
            case s.Conditional():
                self.expect(e.condition, BOOL)
                return self._one((e.then, e.orelse))
            case s.ArrayLiteral():
                return Cell(element=self._one(e.elements))
            case s.Index():
                return self._element(self.expression(e.array), e.index)
            case s.Apply():
                return self._apply(e)
            case s.AtLabel():
                return self.expression(e.body)
            case s.WrapTo():
                self.expression(e.operand)
                return Cell(MACHINE.get(e.type.name))
            case s.LetIn():
                return self._under({e.name.text: self.expression(e.value)}, e.body)
            case s.Quantified():
                return self._quantified(e)
            case _:
                assert_never(e)

    def _one(self, parts: Sequence[s.Expr]) -> Cell:
        """All of one type."""
        common = Cell()
        for part in parts:
            unify(common, self.expression(part))
        return common

    def _formulas(self, parts: Sequence[s.Expr]) -> Cell:
        for part in parts:
            self.expect(part, BOOL)
        return Cell(BOOL)

    def _element(self, array: Cell, index: s.Expr) -> Cell:
        self.expect(index, INT)
        element = Cell()
        unify(array, Cell(element=element))
        return find(element)

    def _under(self, bound: dict[str, Cell], body: s.Expr) -> Cell:
        self._scopes.append(bound)
        cell = self.expression(body)
        self._scopes.pop()
        return cell

    def _quantified(self, e: s.Quantified) -> Cell:
        bound: dict[str, Cell] = {}
        for binder in e.binders:
            cell = bound[binder.name.text] = _written(binder.type)
            if binder.type is None:
                self._binders[id(binder)] = cell
        unify(self._under(bound, e.body), Cell(BOOL))
        return Cell(BOOL)

    def _apply(self, e: s.Apply) -> Cell:
        name = e.function.text
        signature = self._signatures.get(name)
        if signature is not None:
            for argument, formal in zip(e.arguments, signature.parameters, strict=False):
                self.expect(argument, formal.sort)
            return cell_of(signature.result)
        if name == "terminates":
            return Cell(BOOL)
        cells = [self.expression(a) for a in e.arguments]
        match name, cells:
            case "len", [array]:
                unify(array, Cell(element=Cell()))
                return Cell(INT)
            case "perm", [left, right]:
                unify(left, right)
                unify(left, Cell(element=Cell()))
                return Cell(BOOL)
            case "old", [inner]:
                return inner
            case "array", [length, element]:
                unify(length, Cell(INT))
                return Cell(element=element)
            case _:
                return Cell(INT if name == "int" else MACHINE.get(name))

    # Statements

    def block(self, block: s.Stmts) -> None:
        self._scopes.append({})
        for item in block.items:
            self._statement(item)
        self._scopes.pop()

    def _statement(self, item: s.Stmt) -> None:
        match item:
            case s.AssignStmt():
                self._assign([self._target(t) for t in item.targets], item.values)
            case s.VarStmt():
                cells = [_written(item.type) for _ in item.names]
                self._assign(cells, item.values)
                self._scopes[-1].update({n.text: c for n, c in zip(item.names, cells, strict=True)})
            case s.CallStmt():
                self._apply(item.call)
            case s.HavocStmt():
                for name in item.names:
                    self._variable(name.text, name.span)
            case s.IfStmt():
                for condition, block in item.branches:
                    self._condition(condition)
                    self.block(block)
                if item.orelse is not None:
                    self.block(item.orelse)
            case s.WhileStmt():
                self._condition(item.condition)
                self._annotations(item.annotations)
                self.block(item.body)
            case s.ForStmt():
                self._for(item)
            case s.AssertStmt():
                self.expect(item.assertion.formula, BOOL)
            case s.AssumeStmt():
                self.expect(item.assumption.formula, BOOL)
            case s.SkipStmt() | s.PointStmt() | s.ReturnStmt() | s.BreakStmt() | s.ContinueStmt() | s.Gap():
                pass
            case _:
                assert_never(item)

    def _target(self, target: s.TargetExpr) -> Cell:
        cell = self._variable(target.name.text, target.name.span)
        for index in target.indices:
            cell = self._element(cell, index)
        return cell

    def _assign(self, cells: list[Cell], values: Sequence[s.Expr | s.Star]) -> None:
        if len(values) == 1 and isinstance(call := values[0], s.Apply):
            signature = self._signatures.get(call.function.text)
            if signature is not None and not signature.is_function:
                self._apply(call)
                for cell, result in zip(cells, signature.results, strict=False):
                    unify(cell, cell_of(result.sort))
                return
        for cell, value in zip(cells, values, strict=False):
            e = value.choose if isinstance(value, s.Star) else value
            if e is not None:
                unify(cell, self.expression(e))

    def _condition(self, condition: s.Expr | s.Star) -> None:
        if not isinstance(condition, s.Star):
            self.expect(condition, BOOL)

    def _annotations(self, annotations: s.Annotations) -> None:
        for labelled in (*annotations.invariants, *annotations.recurrent):
            self.expect(labelled.formula, BOOL)
        for variant in annotations.variants:
            for component in variant.components:
                self.expression(component)

    def _for(self, item: s.ForStmt) -> None:
        self.expect(item.start, INT)
        self.expect(item.stop, INT)
        self._scopes.append({item.variable.text: Cell(INT)})
        self._annotations(item.annotations)
        self.block(item.body)
        self._scopes.pop()


def _written(type: s.Type | None) -> Cell:
    match type:
        case None:
            return Cell()
        case s.ArrayType():
            return Cell(element=_written(type.element))
        case s.NamedType():
            return Cell(SORTS.get(type.name))
