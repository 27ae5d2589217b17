"""Programs as terms of the prelude's commands, with a name for each condition that its generator makes of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from prover.export.formula import Formulas, TooLarge, refuse, unpack
from prover.export.names import Names
from prover.export.path import Condition, Path, Sequent
from prover.export.plain import Plain, in_sort, length, lexdec
from prover.kernel.depend import statements
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
from prover.kernel.term import FALSE, OLD, TRUE, Op, Term, Var, app, at, conj, eq, num, substitute
from prover.record import record

MOST = 400  # conditions of one unit


Conditions = tuple[Condition, ...]


@record
class Posts:
    normal: Conditions
    breaks: Conditions
    continues: Conditions
    returns: Conditions


@record
class Command:
    """text: the term.  conditions: its conditions, given those of what follows; as `wp` of the prelude lists them."""

    text: str
    conditions: Callable[[Posts], Conditions]


class Programs:
    """The commands of one unit."""

    def __init__(
        self,
        formulas: Formulas,
        plain: Plain,
        names: Names,
        units: Mapping[str, Unit],
        labels: dict[str, str],
        modules: Mapping[str, Names],
        own: Procedure,
    ) -> None:
        self.formulas, self.plain, self.names, self.units, self.labels = formulas, plain, names, units, labels
        self.modules, self.own = modules, own
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
                names = [v.name for v in variables]
                text = f"(CHavoc [{self._variables(variables)}])"
                return Command(text, lambda q: _moved(q.normal, lambda p: p.entered(names, (), "S ? TS")))
            case If():
                return self._if(statement)
            case While():
                return self._while(statement)
            case ProcedureCall():
                return self._call(statement)
            case Assert(clause=clause):
                return _assertion(f"(CAssert {self.assertion(clause)})", clause.label, lambda p: p.term(clause.formula))
            case Assume(clause=clause):
                text = f"(CAssume {self.assertion(clause)})"
                return Command(text, lambda q: _moved(q.normal, lambda p: p.assuming(p.term(clause.formula))))
            case Point(label=label):
                return Command(f"(CPoint {self.labels[label]})", lambda q: _moved(q.normal, lambda p: p.saved(label)))
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
        pairs: list[str] = []
        writes: list[tuple[Var, Term | None, Term]] = []
        for target, value in zip(statement.targets, statement.values, strict=True):
            if isinstance(target, Var):
                writes.append((target, None, value))
            elif len(target.indices) == 1 or len(statement.targets) == 1:
                writes.append((target.array, target.indices[0], _stored(target, value)))
            else:
                raise refuse("several elements of nested arrays in one assignment", statement.span)
        for variable, index, value in writes:
            name, text = self.names("V_", variable.name), self.formulas.expression(value)
            goes = f"TVar {name}" if index is None else f"TElt {name} {self.formulas.expression(index)}"
            pairs.append(f"({goes}, {text})")

        def fits(path: Path) -> Sequent:
            found = [self.plain.defined(t, path.cur) for _, i, v in writes for t in (i, v) if t is not None]
            return path.sequent(conj([*found, *self._written(path, writes)[1]]))

        def after(path: Path) -> Path:
            return path.assigned(self._written(path, writes)[0])

        text = f"(CAsg [{'; '.join(pairs)}])"
        return Command(text, lambda q: (Condition("assignment", fits), *_moved(q.normal, after)))

    def _written(self, path: Path, writes: list[tuple[Var, Term | None, Term]]) -> tuple[dict[str, Term], list[Term]]:
        """Values after the writes, and what `writes_fit` says."""
        cur, fits = dict(path.cur), []
        for variable, index, value in writes:
            new = self.plain.of(value, path.cur)
            if index is None:
                fits.append(in_sort(variable.sort, new, self.plain))
            else:
                assert isinstance(variable.sort, Array)
                place, held = self.plain.of(index, path.cur), cur[variable.name]
                fits += [app(Op.LE, num(0), place), app(Op.LT, place, length(held))]
                fits.append(in_sort(variable.sort.element, new, self.plain))
                new = app(Op.STORE, held, place, new)
            cur[variable.name] = new
        return cur, fits

    def _condition(self, condition: Term | None) -> tuple[str, Conditions]:
        if condition is None:
            return "None", ()
        own = Condition("condition", lambda p: p.sequent(self.plain.defined(condition, p.cur)))
        return f"(Some {self.formulas.expression(condition)})", (own,)

    def _branch(self, condition: Term | None, truth: bool) -> Callable[[Path], Path]:
        return lambda p: p.assuming(TRUE if condition is None else self.plain.holds(condition, truth, p.cur))

    def _if(self, statement: If) -> Command:
        (text, own), a, b = self._condition(statement.condition), self.block(statement.then), self.block(statement.orelse)
        yes, no = self._branch(statement.condition, True), self._branch(statement.condition, False)

        def conditions(q: Posts) -> Conditions:
            return _limited((*own, *_moved(a.conditions(q), yes), *_moved(b.conditions(q), no)))

        return Command(f"(CIf {text}\n{a.text}\n{b.text})", conditions)

    def _while(self, statement: While) -> Command:
        before, (condition, own) = self.rounds, self._condition(statement.condition)
        body, step = self.block(statement.body), self.block(statement.step)
        nested = [f"round {n}" for n in range(before + 1, self.rounds + 1)]
        self.rounds += 1
        label = f"round {self.rounds}"
        round_label = self.labels.setdefault(label, self.names("L_round", str(self.rounds)))
        inside = [*statements(statement.body), *statements(statement.step)]
        clauses = (*statement.invariants, *_lengths(statement, inside, self.units))
        invariants = "; ".join([self.assertion(c) for c in clauses])
        variant = statement.variant or ()
        measures = "; ".join([self._measure(v) for v in variant])
        entry = tuple([self._clause(f"{statement.label}_{c.label}_entry", c) for c in clauses])
        again = tuple([self._clause(f"{statement.label}_{c.label}_preserved", c) for c in clauses])
        if variant:
            again += (Condition(f"{statement.label}_variant", lambda p: self._falls(p, variant, label)),)
        changed = [name for s in inside for name in _changed(s, self.units)]
        labels = [label, *[s.label for s in inside if isinstance(s, Point | While)]]
        yes, no = self._branch(statement.condition, True), self._branch(statement.condition, False)

        def head(path: Path) -> Path:
            inner = path.entered(changed, [*labels, *nested], "S [? [TS ?]]")
            return inner.given([inner.term(c.formula) for c in clauses])

        def conditions(q: Posts) -> Conditions:
            after = step.conditions(Posts(again, NEVER, NEVER, NEVER))
            within = body.conditions(Posts(after, q.normal, after, q.returns))
            rounds = _moved(within, lambda p: yes(p).saved(label))
            return _limited((*entry, *_moved((*own, *rounds, *_moved(q.normal, no)), head)))

        loop = f"(CWhile {condition}\n[{invariants}]\n[{measures}] {round_label}\n{body.text}\n{step.text})"
        named = statement.label
        point = Command(f"(CPoint {self.labels[named]})", lambda q: _moved(q.normal, lambda p: p.saved(named)))
        return _sequence(point, Command(loop, conditions))

    def _clause(self, name: str, clause: Clause) -> Condition:
        return Condition(name, lambda p: p.sequent(p.term(clause.formula)))

    def _falls(self, path: Path, variant: tuple[Term, ...], label: str) -> Sequent:
        old = [self.plain.of(v, path.sav[label], path.sav) for v in variant]
        return path.sequent(lexdec(old, [path.term(v) for v in variant]))

    def _measure(self, term: Term) -> str:
        env = {n: t.replace("(cur s ", "(m ", 1) for n, t in self.formulas.env.items()}
        inner = Formulas(self.names, self.formulas.functions, {n: _in_memory(t) for n, t in env.items()}, {})
        return f"(fun m => {inner.z(term)})"

    def _call(self, statement: ProcedureCall) -> Command:
        callee = self.units[statement.name]
        assert isinstance(callee, Procedure)
        if callee.kind is Kind.LEMMA:
            return self._lemma(statement, callee)
        module = self.names("M_", statement.name)
        inout = [a for p, a in zip(callee.parameters, statement.args, strict=True) if p.inout and isinstance(a, Var)]
        targets = (*inout, *statement.targets)
        outs = [p.variable for p in (*[q for q in callee.parameters if q.inout], *callee.results)]
        args = "; ".join([self.formulas.expression(a) for a in statement.args])
        prefix = "" if callee is self.own else f"{module}."
        text = " ".join([f"{prefix}{part}" for part in ("params", "outs", "requires", "ensures")])
        text += " Smaller r" if callee is self.own else f" {prefix}ending {prefix}runs"

        def before(path: Path) -> dict[str, Term]:
            return {p.variable.name: self.plain.of(a, path.cur) for p, a in zip(callee.parameters, statement.args, strict=True)}

        def said(path: Path, given: dict[str, Term], values: Sequence[Term]) -> Path:
            env = {**given, **{v.name: r for v, r in zip(outs, values, strict=True)}}
            return path.given([self.plain.of(c.formula, env, {"old": given}) for c in callee.ensures])

        def arguments(path: Path) -> Sequent:
            fit = [in_sort(p.variable.sort, v, self.plain) for p, v in zip(callee.parameters, before(path).values(), strict=True)]
            return path.sequent(conj([*[self.plain.defined(a, path.cur) for a in statement.args], *fit]))

        def results(path: Path) -> Sequent:
            given = before(path)
            inner, values = path.others([(v, f"{prefix}{self.modules[statement.name]('V_', v.name)}") for v in outs])
            fits = [in_sort(t.sort, v, self.plain) for t, v in zip(targets, values, strict=True)]
            return said(inner, given, values).sequent(conj(fits))

        def after(path: Path) -> Path:
            given = before(path)
            inner = path.entered([t.name for t in targets], (), "S ? TS ? ?")
            values = [inner.cur[t.name] for t in targets]
            ranged = [in_sort(v.sort, value, self.plain) for v, value in zip(outs, values, strict=True)]
            return said(inner.given(ranged), given, values)

        def required(clause: Clause) -> Condition:
            def said(path: Path) -> Sequent:
                given = before(path)
                return path.sequent(self.plain.of(clause.formula, given, {"old": given}))

            return Condition(f"{statement.label}_{clause.label}", said)

        needs = [required(c) for c in callee.requires]
        if callee is self.own:
            needs.append(Condition(f"{statement.label}_variant", lambda p: self._smaller(p, callee, before(p))))
        own = (Condition(f"{statement.label}_arguments", arguments), *needs, Condition(f"{statement.label}_results", results))
        return Command(f"(CCall {text} [{args}] [{self._variables(targets)}])", lambda q: (*own, *_moved(q.normal, after)))

    def _smaller(self, path: Path, callee: Procedure, args: dict[str, Term]) -> Sequent:
        variant = callee.variant or ()
        old = [self.plain.of(v, path.sav["old"], path.sav) for v in variant]
        return path.sequent(lexdec(old, [self.plain.of(v, args) for v in variant]))

    def _lemma(self, statement: ProcedureCall, lemma: Procedure) -> Command:
        args = " ".join([self.formulas.of(a) for a in statement.args])
        name = self.names("L_", statement.name)

        def said(path: Path, clauses: Sequence[Clause], ranged: bool) -> Term:
            env = {p.variable.name: path.term(a) for p, a in zip(lemma.parameters, statement.args, strict=True)}
            fit = [in_sort(p.variable.sort, env[p.variable.name], self.plain) for p in lemma.parameters] if ranged else []
            return conj([*fit, *[self.plain.of(c.formula, env, {"old": env}) for c in clauses]])

        falls, recursive = self._falls_at(statement, lemma), "by_induction"
        needs = _assertion(
            f"(CAssert (fun s => {name}_requires {args}))",
            f"{statement.label}_requires",
            lambda p: said(p, lemma.requires, True),
        )
        gives = _assertion(
            f"(CAssert (fun s => {name}_ensures {args}))",
            f"{statement.label}_lemma",
            lambda p: said(p, lemma.ensures, False),
            f"enter; intros {{intros}}; {recursive if falls else f'apply {name}_holds; assumption'}",
        )
        return _sequence(needs, _sequence(falls, gives) if falls else gives)

    def _falls_at(self, statement: ProcedureCall, lemma: Procedure) -> Command | None:
        """At a recursive call: the variant is less than that of the arguments at entry."""
        if lemma is not self.own:
            return None
        if not lemma.variant:
            raise refuse("a lemma that uses itself and has no variant", statement.span)
        variant = list(lemma.variant)
        args = {p.variable.name: a for p, a in zip(lemma.parameters, statement.args, strict=True)}
        less = lexdec([at(OLD, v) for v in variant], [substitute(v, args) for v in variant])
        return _assertion(
            f"(CAssert (fun s => {self.formulas.prop(less)}))", f"{statement.label}_variant", lambda p: p.term(less)
        )


def _never(path: Path) -> Sequent:
    return path.sequent(FALSE)


NEVER = (Condition("never", _never),)


def _stored(target: Element, value: Term) -> Term:
    """What is written to the array's element at the first index."""
    arrays: list[Term] = [target.array]
    for index in target.indices[:-1]:
        arrays.append(app(Op.SELECT, arrays[-1], index))
    for array, index in list(zip(arrays, target.indices, strict=True))[:0:-1]:
        value = app(Op.STORE, array, index, value)
    return value


def _lengths(loop: While, inside: Sequence[Statement], units: Mapping[str, Unit]) -> list[Clause]:
    """Arrays of which the loop writes elements only keep their lengths: invariants that nobody needs to write."""
    written = {t.array.name: t.array for s in inside if isinstance(s, Assign) for t in s.targets if isinstance(t, Element)}
    whole = {t.name for s in inside if isinstance(s, Assign) for t in s.targets if isinstance(t, Var)}
    whole |= {n for s in inside if not isinstance(s, Assign) for n in _changed(s, units)}
    return [
        Clause(f"len_{n}", eq(app(Op.LEN, a), at(loop.label, app(Op.LEN, a))), loop.span, implied=True)
        for n, a in written.items()
        if n not in whole
    ]


def _changed(statement: Statement, units: Mapping[str, Unit]) -> list[str]:
    match statement:
        case Assign(targets=targets):
            return [t.name if isinstance(t, Var) else t.array.name for t in targets]
        case Havoc(variables=variables):
            return [v.name for v in variables]
        case ProcedureCall(name=name, args=args, targets=targets):
            callee = units[name]
            assert isinstance(callee, Procedure)
            inout = [a.name for p, a in zip(callee.parameters, args, strict=True) if p.inout and isinstance(a, Var)]
            return [*inout, *[t.name for t in targets]]
        case _:
            return []


def _moved(conditions: Conditions, step: Callable[[Path], Path]) -> Conditions:
    """The conditions as they are before a step of the path."""

    def moved(condition: Condition) -> Condition:
        return Condition(condition.name, lambda p: condition.sequent(step(p)), condition.proof)

    return tuple([moved(c) for c in _limited(conditions)])


def _in_memory(text: str) -> str:
    return re.sub(r"\(([ib])v s (\w+)\)", lambda m: f"(as{'Z' if m[1] == 'i' else 'B'} (m {m[2]}))", text)


def _sequence(a: Command, b: Command) -> Command:
    def conditions(q: Posts) -> Conditions:
        return a.conditions(Posts(b.conditions(q), q.breaks, q.continues, q.returns))

    return Command(f"(CSeq {a.text}\n{b.text})", conditions)


def _assertion(text: str, label: str, said: Callable[[Path], Term], proof: str = "") -> Command:
    own = Condition(label, lambda p: p.sequent(said(p)), proof)
    return Command(text, lambda q: (own, *_moved(q.normal, lambda p: p.assuming(said(p)))))


def _limited(conditions: Conditions) -> Conditions:
    if len(conditions) > MOST:
        raise TooLarge(f"more than {MOST} conditions")
    return conditions


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
