"""Lexicographic linear variants by counterexamples (after Bradley, Manna & Sipma 2005; Alias et al. 2010).

A loop gets an unknown variant `r(x1, …, xn)`.  The goals that the kernel makes for it hold one round as facts about the variables
before and after it: a transition relation, whatever the body is made of.  Components are found one after another: a linear
function that rises in no round left and falls, from values >= 0, in as many as can be, by solving for its coefficients over
example rounds, and looking for rounds that refute it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from prover.infer.annotate import Proposal, Proposals, annotated, with_unit
from prover.infer.facts import loop_terms, loop_variables
from prover.infer.falling import falling, sides
from prover.infer.flags import by_flag, counted, flags, in_words, while_raised
from prover.infer.greedy import Greedy, Round
from prover.infer.linear import Linear, is_linear, linear, total
from prover.infer.loosened import loosened
from prover.infer.measures import periodic, piecewise, plain
from prover.infer.rewrites import replaced
from prover.infer.sexpr import Sexpr, Unreadable, read
from prover.infer.subject import Subject
from prover.infer.widened import machines, narrowed, widened_loop
from prover.kernel.encode import Encoder
from prover.kernel.goal import Fact, Goal
from prover.kernel.program import Procedure, While
from prover.kernel.smt import number
from prover.kernel.sort import INT, Int, Nat, is_integer
from prover.kernel.term import App, Op, Term, Var, call, conjuncts, structure, substitute, walk
from prover.kernel.theory import Theory
from prover.kernel.vc import conditions

Send = Callable[[str], str]
Engine = Callable[[While, "_Search"], tuple[Term, ...] | None]
Component = tuple[int, ...]
"""Coefficients of the measured terms, then the constant."""

MOST_COMPONENTS = 4
MOST_EXAMPLES, MOST_GUESSES = 16, 30
SIZES = (1, 2, 4, 16, 64)
LARGEST_CONSTANT = 1_000
MOST_CONSTANTS = 3
RLIMIT = 3_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """The rounds of a loop: SMT-LIB for the facts of one round, and the texts of the measured terms before and after it; one for
    each way in which a round can end.  wide: the terms as engines see them.  loose: what is not linear is unknown.
    hard: it is there, and the solver may take long."""

    terms: tuple[Term, ...]
    wide: tuple[Term, ...]
    loose: bool
    hard: bool
    ways: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]


def propose(subject: Subject, procedure: Procedure, loop: While, engine: Engine) -> Proposals | None:
    """A variant for `loop`, or None."""
    wide = widened_loop(loop)
    for relation in _relations(procedure, loop, wide, subject):
        variant = engine(wide, _Search(relation, subject.send, subject.time))
        if variant:
            return Proposals({loop.label: Proposal(variant=variant)})
    return None


def plainly(loop: While, search: _Search) -> tuple[Term, ...] | None:
    """What the loop compares, and by how much rounds change that."""
    try:
        return None if search.relation.hard else _Chosen.of(search, plain(loop)).whole
    except Unreadable:
        return None


def linearly(loop: While, search: _Search) -> tuple[Term, ...] | None:
    """What the loop compares, then any linear terms."""
    try:
        return None if search.relation.hard else _Chosen.of(search, plain(loop)).whole or _linear(loop, search)
    except Unreadable:
        return None


def thoroughly(loop: While, search: _Search) -> tuple[Term, ...] | None:
    """Terms with cases, then any linear ones for the rounds that are left."""
    try:
        forms = plain(loop)
        stock = [*forms, *while_raised(loop, forms), *by_flag(loop, forms), *piecewise(loop), *periodic(loop)]
        chosen = _Chosen.of(search, stock)
        if chosen.whole or not search.time():
            return chosen.whole
        rest = _linear(loop, replace(search, only=chosen.left))
        return None if rest is None else (*chosen.terms, *rest)
    except Unreadable:
        return None


@dataclass(frozen=True, slots=True, eq=False)
class _Chosen:
    """Terms of a stock.  left: of a round, that none of them counts in it; no round is left where they are a variant."""

    terms: tuple[Term, ...]
    left: str
    is_variant: bool

    @property
    def whole(self) -> tuple[Term, ...] | None:
        return self.terms if self.is_variant else None

    @staticmethod
    def of(search: _Search, stock: Sequence[Term]) -> _Chosen:
        """Found with variables in place of lengths and flags."""
        wide, loose = search.relation.wide, search.relation.loose
        others = {structure(t): Var(f"length {n}", INT) for n, t in enumerate(wide) if not isinstance(t, Var)}
        variables = [others.get(structure(t), t) for t in wide]
        greedy = Greedy(variables, search.round_where)
        done, whole = greedy.components([replaced(t, others) for t in stock if not loose or is_linear(t)])
        back = {v.name: t for v, t in zip(variables, search.relation.terms, strict=True) if isinstance(v, Var)}
        return _Chosen(tuple([in_words(substitute(c, back)) for c in done]), greedy.uncounted(done), whole)


def _linear(loop: While, search: _Search) -> tuple[Term, ...] | None:
    terms = search.relation.terms
    others = _of_guard(loop, search.relation.wide)
    found = search.first(others) or search.components()
    return None if found is None else tuple([_shown(c, terms) for c in search.readable(found, others)])


def _shown(component: Component, terms: Sequence[Term]) -> Term:
    parts: dict[object, tuple[Term, int]] = {structure(t): (t, c) for t, c in zip(terms, component, strict=False) if c}
    return total(Linear(parts, component[-1]))


def _relations(procedure: Procedure, loop: While, wide: While, subject: Subject) -> Iterator[Relation]:
    """The rounds of the loop, if they can be told: first with unknown numbers for what is not linear, on which the solver may
    spend all its time; a variant of more rounds is one of these."""
    measured = _measured(wide)
    if not measured:
        return
    known = machines(procedure)
    terms = tuple([narrowed(t, known) for t in measured])
    name = f"variant of {loop.label}"
    changed = annotated(procedure, Proposals({loop.label: Proposal(variant=(call(name, terms, INT),))}))
    made = conditions(changed, with_unit(subject.program, changed), subject.component, True)
    exact = tuple([_Way.of(g, name) for g in falling(made.termination, procedure, loop)])
    loose = tuple([way.loosened() for way in exact])
    differ = any(a is not b for a, b in zip(exact, loose, strict=True))
    for ways in (loose, exact) if differ else (exact,):
        texts = tuple([way.text(subject.theory) for way in ways])
        if texts:
            yield Relation(terms, measured, ways is not exact, ways is exact and differ, texts)


@dataclass(frozen=True, slots=True, eq=False)
class _Way:
    """Facts of one round, and the measured terms before and after it."""

    facts: tuple[Fact, ...]
    before: tuple[Term, ...]
    after: tuple[Term, ...]

    @staticmethod
    def of(goal: Goal, name: str) -> _Way:
        before, after = sides(goal, name)
        return _Way(tuple(goal.facts()), before.args, after.args)

    def loosened(self) -> _Way:
        facts, terms = loosened(self.facts, (*self.before, *self.after))
        same = all(a is b for a, b in zip((*facts, *terms), (*self.facts, *self.before, *self.after), strict=False))
        return self if same else _Way(facts, terms[: len(self.before)], terms[len(self.before) :])

    def text(self, theory: Theory) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        encoder = Encoder(theory, frozenset(), frozenset(), 1)
        for fact in self.facts:
            encoder.lines.append(f"(assert {encoder.fact(fact)})")
        before, after = (tuple([encoder.scalar(t) for t in terms]) for terms in (self.before, self.after))
        encoder.equations()
        encoder.counts()
        return "\n".join(encoder.lines), before, after


def _measured(loop: While) -> tuple[Term, ...]:
    """Integer variables, the lengths that the loop speaks of, and the truth values that decide how it goes on."""
    numbers: list[Term] = [v for v in loop_variables(loop) if isinstance(v.sort, Int | Nat)]
    lengths = [
        n for t in loop_terms(loop) for n in walk(t) if isinstance(n, App) and n.op is Op.LEN and isinstance(n.args[0], Var)
    ]
    return (*numbers, *{structure(n): n for n in lengths}.values(), *map(counted, flags(loop)))


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """only: of a round, that it is one that is looked at."""

    relation: Relation
    send: Send
    time: Callable[[], bool]
    only: str = "true"

    def components(self) -> list[Component] | None:
        """Components under which every round counts; None if none were found."""
        done: list[Component] = []
        first = self._round(done, "true")
        examples = [] if first is None else [first]
        guesses = iter(range(MOST_GUESSES))
        while examples and len(done) < MOST_COMPONENTS and self.time():
            found = self._component(done, examples, guesses)
            if found is None:
                return None
            done.append(found)
            left = self._round(done, "true")
            examples = [e for e in examples if not _counts(found, e)]
            if left is None:
                return done
            examples.append(left)
        return done if not examples else None

    def first(self, others: Sequence[Component]) -> list[Component] | None:
        """The first of `others` that is a variant by itself: large constants are beyond the search by examples."""
        return next(([c] for c in sorted(others, key=_cost) if self._ends([c])), None)

    def readable(self, found: list[Component], others: Sequence[Component]) -> list[Component]:
        """A variant with fewer components and smaller numbers, as far as single changes lead; `others` are single ones to try."""
        try:
            for other in sorted(others, key=_cost):
                if _cost(other) < sum(map(_cost, found)) and self._ends([other]):
                    found = [other]
            for component in reversed(found) if len(found) > 1 else ():
                rest = [c for c in found if c is not component]
                found = rest if rest and self._ends(rest) else found
            for place in range(len(found)):
                found = self._smaller(found, place)
        except Unreadable:
            pass
        return found

    def _smaller(self, found: list[Component], place: int) -> list[Component]:
        """With the first constant for one component, of 0, 1, -1, that does."""
        *coefficients, constant = found[place]
        for less in (0, 1, -1):
            if abs(less) < abs(constant):
                changed = [*found[:place], (*coefficients, less), *found[place + 1 :]]
                if self._ends(changed):
                    return changed
        return found

    def _ends(self, components: Sequence[Component]) -> bool:
        """Does each round make one of them fall, from values >= 0, while no earlier one rises?"""
        ways = []
        for i, component in enumerate(components):
            steady = " ".join(f"(not {_rises(c)})" for c in components[:i])
            ways.append(f"(and true {steady} {_counting(component)})")
        return self._round([], f"(not (or false {' '.join(ways)}))") is None

    def _component(self, done: list[Component], examples: list[Round], guesses: Iterator[int]) -> Component | None:
        """One that rises in no round which `done` leaves, and counts in some; more examples are added on the way.

        Of one direction few constants are tried: the next round would refute each of them, where none is large enough."""
        best: Component | None = None
        tried: Counter[Component] = Counter()
        while len(examples) < MOST_EXAMPLES and next(guesses, None) is not None:
            found = self._solve(examples, [d for d, times in tried.items() if times == MOST_CONSTANTS])
            tried.update([] if found is None else [found[:-1]])
            if found is None or (best is not None and not all(_counts(found, e) for e in examples)):
                return best
            rising = self._round(done, _rises(found))
            if rising is not None:
                examples.append(rising)
                continue
            best = found
            left = self._round([*done, found], "true")
            if left is None:
                return found
            examples.append(left)
        return best

    def _solve(self, examples: Sequence[Round], but: Sequence[Component]) -> Component | None:
        """Coefficients, small ones if they do, for which no example rises and some counts: all, or else the latest.
        but: none of these coefficients."""
        width = len(self.relation.terms)
        names = [f"c{i}" for i in range(width)]
        lines = [f"(declare-const {n} Int)" for n in (*names, "k")]
        counting = []
        for before, after in examples:
            old, new = _weighed(names, before), _weighed(names, after)
            lines.append(f"(assert (<= {new} {old}))")
            counting.append(f"(and (>= (+ k {old}) 0) (< {new} {old}))")
        lines += [f"(assert (not (and {' '.join(map('(= {} {})'.format, names, map(number, d)))})))" for d in but]
        lines.append(f"(assert (<= {number(-LARGEST_CONSTANT)} k {LARGEST_CONSTANT}))")
        size = "(+ 0 " + " ".join([f"(ite (< {n} 0) (- {n}) {n})" for n in names]) + ")"
        for wanted in dict.fromkeys((f"(and true {' '.join(counting)})", counting[-1], counting[0])):
            asked = [
                f"(push)\n(assert (<= {size} {most}))\n(check-sat)\n(get-value ({' '.join(names)} k))\n(pop)" for most in SIZES
            ]
            body = "\n".join([*lines, f"(assert {wanted})", *asked])
            if values := _first_values(self.send(f"(set-option :rlimit {RLIMIT})\n{body}\n")):
                return tuple(values)
        return None

    def round_where(self, formula: str) -> Round | None:
        """A round in which `formula` (about b0…, a0…) holds; None if there is none.  Raises Unreadable."""
        return self._round([], formula)

    def _round(self, done: Sequence[Component], also: str) -> Round | None:
        """A round in which none of `done` counts and `also` (about b0…, a0…) holds; None if there is none.

        Raises Unreadable when the solver cannot tell."""
        width = len(self.relation.terms)
        names = [f"{side}{i}" for side in "ba" for i in range(width)]
        for script, before, after in self.relation.ways:
            defined = [f"(define-fun {n} () Int {t})" for n, t in zip(names, (*before, *after), strict=True)]
            wanted = [f"(assert (not {_counting(c)}))" for c in done]
            body = "\n".join([script, *defined, *wanted, f"(assert {self.only})", f"(assert {also})"])
            output = self.send(f"(set-option :rlimit {RLIMIT})\n{body}\n(check-sat)\n(get-value ({' '.join(names)}))\n")
            if output.startswith("unsat"):
                continue
            values = _values(output)
            if values is None:
                raise Unreadable(output[:80])
            return tuple(values[:width]), tuple(values[width:])
        return None


def _of_guard(loop: While, terms: Sequence[Term]) -> list[Component]:
    """For each comparison in the guard, the difference of its sides."""
    places: dict[object, int] = {structure(t): i for i, t in enumerate(terms)}
    found: list[Component] = []
    for part in conjuncts(loop.condition) if loop.condition is not None else ():
        if not (isinstance(part, App) and part.op in _COMPARES and is_integer(part.args[0].sort)):
            continue
        low, high = part.args if part.op in (Op.LT, Op.LE) else reversed(part.args)
        form = linear(high).plus(linear(low).scaled(-1))
        if form.parts.keys() <= places.keys():
            weights = {places[k]: count for k, (_, count) in form.parts.items()}
            coefficients = tuple([weights.get(i, 0) for i in range(len(terms))])
            found += [(*coefficients, constant) for constant in dict.fromkeys((0, form.constant))]
    return found


_COMPARES = (Op.LT, Op.LE, Op.GT, Op.GE)


def _cost(component: Component) -> int:
    return 1 + sum(map(abs, component)) + sum(c != 0 for c in component)


def _value(component: Component, values: Sequence[int]) -> int:
    return sum(c * v for c, v in zip(component, values, strict=False)) + component[-1]


def _counts(component: Component, example: Round) -> bool:
    before, after = (_value(component, side) for side in example)
    return before >= 0 and after < before


def _weighed(names: Sequence[str], values: Sequence[int]) -> str:
    return "(+ 0 " + " ".join(f"(* {n} {number(v)})" for n, v in zip(names, values, strict=True)) + ")"


def _text(component: Component, side: str) -> str:
    parts = " ".join(f"(* {number(c)} {side}{i})" for i, c in enumerate(component[:-1]) if c)
    return f"(+ {number(component[-1])} {parts} 0)"


def _counting(component: Component) -> str:
    before, after = _text(component, "b"), _text(component, "a")
    return f"(and (>= {before} 0) (< {after} {before}))"


def _rises(component: Component) -> str:
    return f"(> {_text(component, 'a')} {_text(component, 'b')})"


def _values(output: str) -> list[int] | None:
    """The numbers that `get-value` printed after `sat`."""
    if not output.startswith("sat"):
        return None
    answer = read(output.split("\n", 1)[1])
    pairs = answer[0] if answer and isinstance(answer[0], list) else []
    return [_number(p[1]) for p in pairs if isinstance(p, list) and len(p) == 2]


def _first_values(output: str) -> list[int] | None:
    """The numbers that the first `get-value` after a `sat` printed."""
    answers = re.split(r"^(sat|unsat|unknown)$", output, flags=re.MULTILINE)
    said = next((text for verdict, text in zip(answers[1::2], answers[2::2], strict=True) if verdict == "sat"), None)
    return None if said is None else _values(f"sat\n{said.strip()}")


def _number(expression: Sexpr) -> int:
    match expression:
        case str(text) if text.isdigit():
            return int(text)
        case ["-", str(text)] if text.isdigit():
            return -int(text)
        case _:
            raise Unreadable(str(expression)[:80])
