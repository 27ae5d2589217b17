"""Programs as terms of the prelude's commands, with a name for each condition that its generator makes of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from prover.export.formula import Formulas, Names, refuse, unpack
from prover.kernel.program import (
    Assert,
    Assign,
    Assume,
    Block,
    Break,
    Clause,
    Continue,
    Element,
    Havoc,
    If,
    Kind,
    Point,
    Procedure,
    ProcedureCall,
    Return,
    Skip,
    Statement,
    Unit,
    While,
)  # fmt: skip
from prover.kernel.sort import Array
from prover.kernel.term import Op, Term, Var, app
from prover.record import record

MOST = 400  # conditions of one unit


@record
class Posts:
    normal: tuple[str, ...]
    breaks: tuple[str, ...]
    continues: tuple[str, ...]
    returns: tuple[str, ...]


@record
class Command:
    """text: the term.  names: what its conditions are called, given those of what follows; as `wp` of the prelude lists them."""

    text: str
    names: Callable[[Posts], tuple[str, ...]]


class Programs:
    """The commands of one unit."""

    def __init__(self, formulas: Formulas, names: Names, units: Mapping[str, Unit], labels: dict[str, str]) -> None:
        self.formulas, self.names, self.units, self.labels = formulas, names, units, labels
        self.rounds = 0

    def block(self, block: Block) -> Command:
        made = [self.statement(s) for s in block.statements]
        if not made:
            return Command("CSkip", lambda q: q.normal)
        result = made[-1]
        for command in reversed(made[:-1]):
            result = _sequence(command, result)
        return result

    def statement(self, statement: Statement) -> Command:
        match statement:
            case Skip():
                return Command("CSkip", lambda q: q.normal)
            case Assign():
                return self._assign(statement)
            case Havoc(variables=variables):
                return Command(f"(CHavoc [{self._variables(variables)}])", lambda q: q.normal)
            case If():
                return self._if(statement)
            case While():
                return self._while(statement)
            case ProcedureCall():
                return self._call(statement)
            case Assert(clause=clause):
                return _assertion(f"(CAssert {self.assertion(clause)})", clause.label)
            case Assume(clause=clause):
                return Command(f"(CAssume {self.assertion(clause)})", lambda q: q.normal)
            case Point(label=label):
                return Command(f"(CPoint {self.labels[label]})", lambda q: q.normal)
            case Return():
                return Command("CReturn", lambda q: q.returns)
            case Break():
                return Command("CBreak", lambda q: q.breaks)
            case Continue():
                return Command("CContinue", lambda q: q.continues)

    def assertion(self, clause: Clause) -> str:
        return f"(fun s => {self.formulas.prop(clause.formula)})"

    def _variables(self, variables: tuple[Var, ...]) -> str:
        return "; ".join([self.names("V_", v.name) for v in variables])

    def _assign(self, statement: Assign) -> Command:
        pairs = []
        for target, value in zip(statement.targets, statement.values, strict=True):
            text = self.formulas.expression(value)
            if isinstance(target, Var):
                pairs.append(f"(TVar {self.names('V_', target.name)}, {text})")
            elif len(target.indices) == 1:
                index = self.formulas.expression(target.indices[0])
                pairs.append(f"(TElt {self.names('V_', target.array.name)} {index}, {text})")
            elif len(statement.targets) == 1:
                index, text = self.formulas.expression(target.indices[0]), self._stored(target, text)
                pairs.append(f"(TElt {self.names('V_', target.array.name)} {index}, {text})")
            else:
                raise refuse("several elements of nested arrays in one assignment", statement.span)
        return Command(f"(CAsg [{'; '.join(pairs)}])", lambda q: ("assignment", *q.normal))

    def _stored(self, target: Element, value: str) -> str:
        arrays: list[Term] = [target.array]
        for index in target.indices[:-1]:
            arrays.append(app(Op.SELECT, arrays[-1], index))
        for array, index in list(zip(arrays, target.indices, strict=True))[:0:-1]:
            value = f"(EUpd {self.formulas.expression(array)} {self.formulas.expression(index)} {value})"
        return value

    def _condition(self, condition: Term | None) -> tuple[str, tuple[str, ...]]:
        return ("None", ()) if condition is None else (f"(Some {self.formulas.expression(condition)})", ("condition",))

    def _if(self, statement: If) -> Command:
        (text, own), a, b = self._condition(statement.condition), self.block(statement.then), self.block(statement.orelse)
        return Command(f"(CIf {text}\n{a.text}\n{b.text})", lambda q: _limited((*own, *a.names(q), *b.names(q))))

    def _while(self, statement: While) -> Command:
        (condition, own), body, step = (
            self._condition(statement.condition),
            self.block(statement.body),
            self.block(statement.step),
        )
        self.rounds += 1
        round_label = self.labels.setdefault(f"round {self.rounds}", self.names("L_round", str(self.rounds)))
        invariants = "; ".join([self.assertion(c) for c in statement.invariants])
        measures = "; ".join([self._measure(v) for v in statement.variant or ()])
        entry = tuple([f"{statement.label}_{c.label}_entry" for c in statement.invariants])
        kept = [f"{statement.label}_{c.label}_preserved" for c in statement.invariants]
        again = (*kept, f"{statement.label}_variant") if statement.variant else tuple(kept)

        def names(q: Posts) -> tuple[str, ...]:
            after = step.names(Posts(again, ("never",), ("never",), ("never",)))
            return _limited((*entry, *own, *body.names(Posts(after, q.normal, after, q.returns)), *q.normal))

        loop = f"(CWhile {condition}\n[{invariants}]\n[{measures}] {round_label}\n{body.text}\n{step.text})"
        point = Command(f"(CPoint {self.labels[statement.label]})", lambda q: q.normal)
        return _sequence(point, Command(loop, names))

    def _measure(self, term: Term) -> str:
        env = {n: t.replace("(cur s ", "(m ", 1) for n, t in self.formulas.env.items()}
        inner = Formulas(self.names, self.formulas.functions, {n: _in_memory(t) for n, t in env.items()}, {})
        return f"(fun m => {inner.z(term)})"

    def _call(self, statement: ProcedureCall) -> Command:
        callee = self.units[statement.name]
        assert isinstance(callee, Procedure)
        if callee.kind is Kind.LEMMA:
            args = " ".join([self.formulas.of(a) for a in statement.args])
            name = self.names("L_", statement.name)
            needs = _assertion(f"(CAssert (fun s => {name}_requires {args}))", f"{statement.label}_requires")
            return _sequence(needs, _assertion(f"(CAssert (fun s => {name}_ensures {args}))", f"{statement.label}_lemma"))
        module = self.names("M_", statement.name)
        inout = [a for p, a in zip(callee.parameters, statement.args, strict=True) if p.inout and isinstance(a, Var)]
        targets = self._variables((*inout, *statement.targets))
        args = "; ".join([self.formulas.expression(a) for a in statement.args])
        own = tuple([f"{statement.label}_{c.label}" for c in callee.requires])
        text = " ".join([f"{module}.{part}" for part in ("params", "outs", "requires", "ensures", "ends", "body")])
        names = (f"{statement.label}_arguments", *own, f"{statement.label}_results")
        return Command(f"(CCall {text} [{args}] [{targets}])", lambda q: (*names, *q.normal))


def _in_memory(text: str) -> str:
    return re.sub(r"\(([ib])v s (\w+)\)", lambda m: f"(as{'Z' if m[1] == 'i' else 'B'} (m {m[2]}))", text)


def _sequence(a: Command, b: Command) -> Command:
    return Command(f"(CSeq {a.text}\n{b.text})", lambda q: a.names(Posts(b.names(q), q.breaks, q.continues, q.returns)))


def _assertion(text: str, label: str) -> Command:
    return Command(text, lambda q: (label, *q.normal))


def _limited(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(names) > MOST:
        raise refuse(f"a unit with more than {MOST} conditions", None)
    return names


def in_state(names: Names, variables: list[Var], label: str | None) -> dict[str, str]:
    """What variables are called in assertions: now, or in the state kept at a label."""
    found = {}
    for variable in variables:
        name = names("V_", variable.name)
        if isinstance(variable.sort, Array):
            found[variable.name] = f"(cur s {name})" if label is None else f"(sav s {label} {name})"
        else:
            kind = unpack("", variable.sort)[3].lower().replace("z", "i")
            found[variable.name] = f"({kind}v s {name})" if label is None else f"({kind}o s {label} {name})"
    return found
