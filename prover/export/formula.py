"""Terms as Rocq: what assertions and specification functions say, and the expressions of programs.

Numbers become `Z`, truth values `bool` or `Prop`, arrays values of the prelude.  Text of a file gets into the output only as
numerals and through `Names`, which lets nothing but letters, digits and `_` pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prover.diagnostic import InputError, error
from prover.export.names import Names
from prover.kernel.program import Function
from prover.kernel.sort import Array, Bool, Int, Machine, Nat, Sort
from prover.kernel.term import App, At, Call, Let, Lit, Op, Quant, Term, Var, walk
from prover.record import factory, record
from prover.source import Span

LONGEST = 100_000  # characters of a condition that must be said twice

COMPARE = {Op.LT: "<", Op.LE: "<=", Op.GT: ">", Op.GE: ">="}
_BOOLEAN = {Op.LT: "<?", Op.LE: "<=?", Op.EQ: "=?"}
_BINARY = {
    Op.ADD: "Add", Op.SUB: "Sub", Op.MUL: "Mul", Op.DIV: "Div", Op.MOD: "Mod", Op.LT: "Lt", Op.LE: "Le", Op.GT: "Gt",
    Op.GE: "Ge", Op.EQ: "Eq", Op.NE: "Ne", Op.AND: "And", Op.OR: "Or", Op.IMPLIES: "Imp", Op.IFF: "Iff",
}  # fmt: skip


def refuse(what: str, span: Span | None) -> InputError:
    return InputError(error("export-unsupported", f"{what} cannot be exported to Rocq", span))


class TooLarge(Exception):
    """Of a unit; says of what it has too much."""


def sort_text(sort: Sort) -> str:
    match sort:
        case Machine(width=width, signed=signed):
            return f"(SMach W{width} {str(signed).lower()})"
        case Array(element=element):
            return f"(SArr {sort_text(element)})"
        case _:
            return "SNat" if isinstance(sort, Nat) else "SBool" if isinstance(sort, Bool) else "SInt"


def rocq_type(sort: Sort) -> str:
    return "val" if isinstance(sort, Array) else "bool" if isinstance(sort, Bool) else "Z"


def number(value: int) -> str:
    return str(value) if value >= 0 else f"({value})"


Env = Mapping[str, str]


@record
class Formulas:
    """env: what variables are called (a `Z`, `bool` or `val` by sort), at: the same in earlier states, by label."""

    names: Names
    functions: Mapping[str, Function]
    env: Env
    at: Mapping[str, Env]
    self_calls: Mapping[str, str] = factory(default_factory=dict)

    def within(self, more: Env) -> Formulas:
        at = {label: {**env, **more} for label, env in self.at.items()}
        return Formulas(self.names, self.functions, {**self.env, **more}, at, self.self_calls)

    def changed(self, more: Env) -> Formulas:
        """After an assignment: earlier states stay as they are."""
        return Formulas(self.names, self.functions, {**self.env, **more}, self.at, self.self_calls)

    def bound(self, variables: Sequence[Var]) -> Formulas:
        return self.within({v.name: self.names("q_", v.name) for v in variables})

    def of(self, term: Term) -> str:
        """In the type of its sort."""
        sort = term.sort
        return self.array(term) if isinstance(sort, Array) else self.boolean(term) if isinstance(sort, Bool) else self.z(term)

    def value(self, term: Term) -> str:
        """As a value of the prelude: what is read of one is that value itself."""
        text = self.of(term)
        if isinstance(term.sort, Array):
            return text
        if isinstance(term, Var | App) and text[:5] in ("(asZ ", "(asB "):
            return text[5:-1]
        return f"(VB {text})" if isinstance(term.sort, Bool) else f"(VZ {text})"

    def _variable(self, term: Var) -> str:
        if term.name not in self.env:
            raise refuse(f"`{term.name}` here", term.span)
        return self.env[term.name]

    def _inside(self, term: At) -> Formulas:
        if term.label not in self.at:
            raise refuse(f"`at({term.label}, …)` here", term.span)
        return Formulas(self.names, self.functions, self.at[term.label], self.at, self.self_calls)

    def call(self, term: Call) -> str:
        function = self.functions.get(term.function)
        if function is None or function.body is None:
            raise refuse(f"`{term.function}`, which has no definition,", term.span)
        head = self.self_calls.get(term.function) or self.names("F_", term.function)
        return f"({' '.join([head, *[self.of(a) for a in term.args]])})" if term.args else head

    def z(self, term: Term) -> str:  # noqa: C901
        match term:
            case Lit(value=int(value)):
                return number(value)
            case Var():
                return self._variable(term)
            case Call():
                return self.call(term)
            case At():
                return self._inside(term).z(term.body)
            case Let():
                name = self.names("q_", term.variable.name)
                return f"(let {name} := {self.of(term.value)} in {self.bound([term.variable]).z(term.body)})"
            case App(op=Op.ITE, args=(c, a, b)):
                return f"(if {self.boolean(c)} then {self.z(a)} else {self.z(b)})"
            case App(op=Op.SELECT, args=(a, i)):
                return f"(asZ (elt {self.array(a)} {self.z(i)}))"
            case App(op=Op.LEN, args=(a,)):
                return f"(alen {self.array(a)})"
            case App(op=Op.VALUE, args=(a,)):
                return self.z(a)
            case App(op=Op.CONVERT, args=(a,)):
                return self.z(a)
            case App(op=Op.WRAP, args=(a,), sort=Machine(low=low, high=high)):
                return f"(emod ({self.z(a)} - {number(low)}) {number(high - low + 1)} + {number(low)})"
            case App(op=Op.ADD | Op.SUB | Op.MUL | Op.NEG, sort=Machine(signed=False, high=high)):
                return f"(emod {self._arithmetic(term)} {number(high + 1)})"
            case App(op=Op.ADD | Op.SUB | Op.MUL | Op.NEG):
                return self._arithmetic(term)
            case App(op=Op.DIV, args=(a, b)):
                return f"(ediv {self.z(a)} {self.z(b)})"
            case App(op=Op.MOD, args=(a, b)):
                return f"(emod {self.z(a)} {self.z(b)})"
            case _:
                raise refuse("this", term.span)

    def _arithmetic(self, term: App) -> str:
        """Over `Z`: what a signed overflow gives in a formula is not said (see `Specifications` in docs/rocq.md)."""
        if term.op is Op.NEG:
            return f"(- {self.z(term.args[0])})"
        return f"({f' {term.op.value} '.join([self.z(a) for a in term.args])})"

    def array(self, term: Term) -> str:
        match term:
            case Var():
                return self._variable(term)
            case At():
                return self._inside(term).array(term.body)
            case Call():
                return self.call(term)
            case App(op=Op.SELECT, args=(a, i)):
                return f"(elt {self.array(a)} {self.z(i)})"
            case App(op=Op.STORE, args=(a, i, x)):
                return f"(aupd {self.array(a)} {self.z(i)} {self.value(x)})"
            case App(op=Op.FILL, args=(n, x)):
                return f"(afill {self.z(n)} {self.value(x)})"
            case App(op=Op.LITERAL, args=args):
                return f"(alit [{'; '.join([self.value(a) for a in args])}])"
            case _:
                raise refuse("this array", term.span)

    def decidable(self, term: Term) -> bool:
        """Is it a condition that is computed, as are the predicates that it calls?"""
        seen, bodies = set(self.self_calls), [term]
        while bodies:
            for node in walk(bodies.pop()):
                match node:
                    case Quant() | App(op=Op.PERM):
                        return False
                    case App(op=Op.EQ | Op.NE, args=(a, _)) if isinstance(a.sort, Array):
                        return False
                    case Call(function=name) if isinstance(node.sort, Bool) and name not in seen:
                        function = self.functions.get(name)
                        if function is None or function.body is None:
                            return False
                        seen.add(name)
                        bodies.append(function.body)
                    case _:
                        pass
        return True

    def boolean(self, term: Term) -> str:  # noqa: C901
        if not self.decidable(term):
            raise refuse("a condition that quantifies, or compares arrays,", term.span)
        match term:
            case Lit(value=bool(value)):
                return str(value).lower()
            case Var():
                return self._variable(term)
            case Call():
                return self.call(term)
            case At():
                return self._inside(term).boolean(term.body)
            case App(op=Op.SELECT, args=(a, i)):
                return f"(asB (elt {self.array(a)} {self.z(i)}))"
            case App(op=Op.NOT, args=(a,)):
                return f"(negb {self.boolean(a)})"
            case App(op=Op.AND, args=args):
                return self._folded([f"if {self.boolean(a)} then " for a in args[:-1]], args[-1], " else false")
            case App(op=Op.OR, args=args):
                return self._folded([f"if {self.boolean(a)} then true else " for a in args[:-1]], args[-1], "")
            case App(op=Op.IMPLIES, args=(a, b)):
                return f"(if {self.boolean(a)} then {self.boolean(b)} else true)"
            case App(op=Op.ITE, args=(c, a, b)):
                return f"(if {self.boolean(c)} then {self.boolean(a)} else {self.boolean(b)})"
            case App(op=Op.IFF | Op.EQ, args=(a, b)) if isinstance(a.sort, Bool):
                return f"(Bool.eqb {self.boolean(a)} {self.boolean(b)})"
            case App(op=Op.NE, args=(a, b)) if isinstance(a.sort, Bool):
                return f"(negb (Bool.eqb {self.boolean(a)} {self.boolean(b)}))"
            case App(op=Op.GT | Op.GE, args=(a, b)):
                return f"({self.z(b)} {'<?' if term.op is Op.GT else '<=?'} {self.z(a)})"
            case App(op=Op.NE, args=(a, b)):
                return f"(negb ({self.z(a)} =? {self.z(b)}))"
            case App(op=op, args=(a, b)) if op in _BOOLEAN:
                return f"({self.z(a)} {_BOOLEAN[op]} {self.z(b)})"
            case _:
                raise refuse("this condition", term.span)

    def _folded(self, heads: list[str], last: Term, tail: str) -> str:
        return "(" + "".join(heads) + self.boolean(last) + tail * len(heads) + ")"

    def prop(self, term: Term) -> str:
        match term:
            case Lit(value=bool(value)):
                return "True" if value else "False"
            case At():
                return self._inside(term).prop(term.body)
            case Quant():
                return self._quantified(term)
            case Let():
                name = self.names("q_", term.variable.name)
                return f"(let {name} := {self.of(term.value)} in {self.bound([term.variable]).prop(term.body)})"
            case Call():
                return self._said(term)
            case App(op=Op.NOT, args=(a,)):
                return f"(~ {self.prop(a)})"
            case App(op=Op.AND | Op.OR | Op.IMPLIES | Op.IFF, args=args):
                sign = {Op.AND: r" /\ ", Op.OR: r" \/ ", Op.IMPLIES: " -> ", Op.IFF: " <-> "}[term.op]
                return f"({sign.join([self.prop(a) for a in args])})"
            case App(op=Op.PERM, args=(a, b)) if isinstance(a.sort, Array) and not isinstance(a.sort.element, Bool):
                return f"(perm {self.array(a)} {self.array(b)})"
            case App(op=Op.ITE, args=(c, a, b)):
                condition = self.prop(c)
                if len(condition) > LONGEST:
                    raise refuse("a condition so large", term.span)
                return f"(({condition} -> {self.prop(a)}) /\\ (~ {condition} -> {self.prop(b)}))"
            case App(op=Op.EQ | Op.NE, args=(a, b)):
                return f"({'~ ' if term.op is Op.NE else ''}{self._equal(a, b)})"
            case App(op=op, args=(a, b)) if op in COMPARE:
                return f"({self.z(a)} {COMPARE[op]} {self.z(b)})"
            case Var() | App(op=Op.SELECT):
                return f"({self.boolean(term)} = true)"
            case _:
                raise refuse("this formula", term.span)

    def _said(self, term: Call) -> str:
        """A predicate as a proposition: its own, unless it is recursive and so a truth value."""
        function = self.functions.get(term.function)
        if function is None or term.function in self.self_calls or calls_itself(function):
            return f"({self.call(term)} = true)"
        arguments = " ".join([self.of(a) for a in term.args])
        return f"({self.names('S_', term.function)} {arguments})" if term.args else self.names("S_", term.function)

    def _equal(self, a: Term, b: Term) -> str:
        match a.sort:
            case Array():
                return f"(same {sort_text(a.sort)} {self.array(a)} {self.array(b)})"
            case Bool():
                return f"({self.prop(a)} <-> {self.prop(b)})"
            case _:
                return f"({self.z(a)} = {self.z(b)})"

    def _quantified(self, term: Quant) -> str:
        inner = self.bound(term.variables)
        body = inner.prop(term.body)
        ranges = [inner.range(v) for v in term.variables if ranged(v.sort)]
        for text in reversed(ranges):
            body = f"({text} {'->' if term.universal else '/' + chr(92)} {body})"
        binders = " ".join([f"({inner.env[v.name]} : {rocq_type(v.sort)})" for v in term.variables])
        return f"({'forall' if term.universal else 'exists'} {binders}, {body})"

    def range(self, variable: Var) -> str:
        text = self.env[variable.name]
        return f"(in_sort {sort_text(variable.sort)} {text if isinstance(variable.sort, Array) else f'(VZ {text})'})"

    def expression(self, term: Term) -> str:
        """A program's expression, as a term of the prelude."""
        match term:
            case Lit(value=bool(value)):
                return f"(EB {str(value).lower()})"
            case Lit(value=value):
                return f"(EZ {number(value)})"
            case Var(name=name):
                return f"(EV {self.names('V_', name)})"
            case App(op=Op.ITE, args=(c, a, b)):
                return f"(EIf {self.expression(c)} {self.expression(a)} {self.expression(b)})"
            case App(op=Op.SELECT, args=(a, i)):
                return f"(ESel {self.expression(a)} {self.expression(i)})"
            case App(op=Op.LEN, args=(a,)):
                return f"(ELen {self.expression(a)})"
            case App(op=Op.STORE, args=(a, i, x)):
                return f"(EUpd {self.expression(a)} {self.expression(i)} {self.expression(x)})"
            case App(op=Op.FILL, args=(n, x)):
                return f"(EFill {self.expression(n)} {self.expression(x)})"
            case App(op=Op.LITERAL, args=args):
                return f"(ELit [{'; '.join([self.expression(a) for a in args])}])"
            case App(op=Op.NOT, args=(a,)):
                return f"(ENot {self.expression(a)})"
            case App(op=Op.VALUE, args=(a,)):
                return self.expression(a)
            case App(op=Op.CONVERT, args=(a,), sort=Machine() as sort):
                return f"(ECheck {number(sort.low)} {number(sort.high)} {self.expression(a)})"
            case App(op=op, args=args) if op in _BINARY or op is Op.NEG:
                return self._operation(term, args)
            case Call(function=name, args=args):
                return self._called(term, name, args)
            case _:
                raise refuse("this expression", term.span)

    def _operation(self, term: App, args: tuple[Term, ...]) -> str:
        if term.op in (Op.EQ, Op.NE) and isinstance(args[0].sort, Array):
            raise refuse("a program that compares arrays", term.span)
        if term.op is Op.NEG:
            return _machine(f"(ENeg {self.expression(args[0])})", term.sort)
        if term.op in (Op.EQ, Op.NE) and isinstance(args[0].sort, Bool):
            same = f"(EBin Iff {self.expression(args[0])} {self.expression(args[1])})"
            return same if term.op is Op.EQ else f"(ENot {same})"
        text = self.expression(args[0])
        for argument in args[1:]:
            text = _machine(f"(EBin {_BINARY[term.op]} {text} {self.expression(argument)})", term.sort)
        return text

    def _called(self, term: Call, name: str, args: tuple[Term, ...]) -> str:
        function = self.functions.get(name)
        if function is None or function.body is None:
            raise refuse(f"`{name}`, which has no definition,", term.span)
        if isinstance(term.sort, Bool) and not self.decidable(term):
            raise refuse(f"a program that calls `{name}`, which quantifies,", term.span)
        unpacked = [unpack(f"(nth {n} l (VZ 0))", p.sort) for n, p in enumerate(function.parameters)]
        head = f"({' '.join([self.names('F_', name), *unpacked])})"
        wrapped = head if isinstance(term.sort, Array) else f"({'VB' if isinstance(term.sort, Bool) else 'VZ'} {head})"
        env = {p.name: u for p, u in zip(function.parameters, unpacked, strict=True)}
        own = Formulas(self.names, self.functions, env, {})
        needs = [own.range(p) for p in function.parameters if ranged(p.sort)] + [own.prop(c.formula) for c in function.requires]
        condition = " /\\ ".join(needs) or "True"
        listed = "; ".join([self.expression(a) for a in args])
        return f"(ECall (fun l => {wrapped}) (fun l => {condition}) [{listed}])"


def calls_itself(function: Function) -> bool:
    return function.body is not None and any(isinstance(n, Call) and n.function == function.name for n in walk(function.body))


def ranged(sort: Sort) -> bool:
    return not isinstance(sort, Int | Bool)


def unpack(text: str, sort: Sort) -> str:
    return text if isinstance(sort, Array) else f"(asB {text})" if isinstance(sort, Bool) else f"(asZ {text})"


def _machine(text: str, sort: Sort) -> str:
    """Unsigned results wrap around, signed ones must fit."""
    match sort:
        case Machine(signed=True):
            return f"(ECheck {number(sort.low)} {number(sort.high)} {text})"
        case Machine():
            return f"(EBin Mod {text} (EZ {sort.high + 1}))"
        case _:
            return text
