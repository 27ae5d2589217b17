"""Lexicographic variants from a stock of terms (after Bradley, Manna & Sipma 2005): one term after another that rises in no
round left and falls, from values >= 0, in some.  Taking such a term is never a mistake, so nothing is tried twice.

Example rounds say which terms are worth a question to the solver.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from prover.infer.sexpr import Unreadable
from prover.kernel.program import Program
from prover.kernel.smt import number
from prover.kernel.term import App, Lit, Op, Term, Var, free_variables, walk
from prover.semantics.evaluate import Evaluator, Scope

Round = tuple[tuple[int, ...], tuple[int, ...]]
"""Values of the measured variables before and after."""

MOST_COMPONENTS = 6
MOST_QUESTIONS = 70

_OPS = {
    Op.ADD: "+", Op.SUB: "-", Op.MUL: "*", Op.NEG: "-", Op.ITE: "ite", Op.LE: "<=", Op.LT: "<", Op.GE: ">=", Op.GT: ">",
    Op.MOD: "mod", Op.DIV: "div", Op.EQ: "=", Op.NE: "distinct", Op.AND: "and", Op.OR: "or", Op.NOT: "not",
}  # fmt: skip


@dataclass(slots=True)
class Greedy:
    """variables: what a round has values of, in order.  ask: a round in which a formula about b0…, a0… (before, after) holds;
    it raises Unreadable where nobody can tell."""

    variables: Sequence[Term]
    ask: Callable[[str], Round | None]
    _examples: list[Round] = field(default_factory=list)
    _evaluator: Evaluator = field(default_factory=lambda: Evaluator(Program({}, (), ())))
    _questions: int = 0
    _known: dict[tuple[int, Round], tuple[int, int]] = field(default_factory=dict)
    """Values of terms of the stock, by identity, before and after a round."""

    def variant(self, stock: Sequence[Term]) -> tuple[Term, ...] | None:
        """Components under which every round counts; None if none were found.  Raises Unreadable."""
        done, whole = self.components(stock)
        return tuple(done) if whole else None

    def components(self, stock: Sequence[Term]) -> tuple[list[Term], bool]:
        """Components as far as the stock goes, and whether every round counts under them.  Raises Unreadable."""
        names = {v.name for v in self.variables if isinstance(v, Var)}
        usable = [t for t in stock if free_variables(t).keys() <= names and _writable(t)]
        self._questions = 0
        self._known.clear()
        done: list[Term] = []
        while (found := self.ask(self.uncounted(done))) is not None:
            self._examples.append(found)
            component = self._next(done, usable) if len(done) < MOST_COMPONENTS else None
            if component is None:
                return done, False
            done.append(component)
        return self._needed(done), True

    def _next(self, done: Sequence[Term], stock: Sequence[Term]) -> Term | None:
        """A term that rises in no round left: the one that counts in most examples of those left, with each question anew,
        as a question that is answered by a round is one example more."""
        asked: set[int] = set()
        while self._questions < MOST_QUESTIONS:
            term = self._best(done, stock, asked)
            if term is None:
                return None
            self._questions += 1
            asked.add(id(term))
            try:
                risen = self.ask(f"(and {self.uncounted(done)} {self._text(term, '>')})")
            except Unreadable:
                continue
            if risen is None:
                return term
            self._examples.append(risen)
        return None

    def _best(self, done: Sequence[Term], stock: Sequence[Term], asked: set[int]) -> Term | None:
        left = [e for e in self._examples if not any(self._counts(d, e) for d in done)]
        most, best = 0, None
        for term in stock:
            if id(term) not in asked and not any(self._rises(term, e) for e in left):
                count = sum(self._counts(term, e) for e in left)
                most, best = (count, term) if count > most else (most, best)
        return best

    def _needed(self, done: list[Term]) -> list[Term]:
        """Without the components that are superfluous."""
        for term in list(done) if len(done) > 1 else ():
            rest = [d for d in done if d is not term]
            try:
                if rest and self.ask(self._not_falling(rest)) is None:
                    done = rest
            except Unreadable:
                continue
        return done

    def _not_falling(self, components: Sequence[Term]) -> str:
        """No component counts while none before it rises."""
        ways = []
        for i, component in enumerate(components):
            steady = " ".join(f"(not {self._text(c, '>')})" for c in components[:i])
            ways.append(f"(and true {steady} {self._counting(component)})")
        return f"(not (or false {' '.join(ways)}))"

    def uncounted(self, done: Sequence[Term]) -> str:
        """Of a round, that none of these counts in it."""
        return f"(and true {' '.join(f'(not {self._counting(d)})' for d in done)})"

    def _counting(self, term: Term) -> str:
        return f"(and (>= {self._side(term, 'b')} 0) {self._text(term, '<')})"

    def _text(self, term: Term, compare: str) -> str:
        """How the term's value after compares with that before."""
        return f"({compare} {self._side(term, 'a')} {self._side(term, 'b')})"

    def _side(self, term: Term, side: str) -> str:
        return _smt(term, {v.name: f"{side}{i}" for i, v in enumerate(self.variables) if isinstance(v, Var)})

    def _values(self, term: Term, example: Round) -> tuple[int, int]:
        found = self._known.get((id(term), example))
        if found is None:
            found = self._known[id(term), example] = self._value(term, example[0]), self._value(term, example[1])
        return found

    def _value(self, term: Term, numbers: Sequence[int]) -> int:
        state = {v.name: n for v, n in zip(self.variables, numbers, strict=True) if isinstance(v, Var)}
        value = self._evaluator.value(term, Scope(state))
        return value if isinstance(value, int) else 0

    def _counts(self, term: Term, example: Round) -> bool:
        before, after = self._values(term, example)
        return before >= 0 and after < before

    def _rises(self, term: Term, example: Round) -> bool:
        before, after = self._values(term, example)
        return after > before


def _writable(term: Term) -> bool:
    return all(isinstance(n, Lit | Var) or (isinstance(n, App) and n.op in _OPS and _is_total(n)) for n in walk(term))


def _is_total(term: App) -> bool:
    """Not a division by what may be 0."""
    return term.op not in (Op.DIV, Op.MOD) or (isinstance(divisor := term.args[1], Lit) and divisor.value != 0)


def _smt(term: Term, names: Mapping[str, str]) -> str:
    match term:
        case Lit(value=bool(value)):
            return "true" if value else "false"
        case Lit(value=value):
            return number(int(value))
        case Var(name=name):
            return names[name]
        case App(op=op, args=args):
            return f"({_OPS[op]} {' '.join([_smt(a, names) for a in args])})"
        case _:
            raise AssertionError(term)
