"""Scripts for conditions: z3 says which instances, unfoldings and products a proof needs; Rocq is given those, and `lia`.

z3 only proposes.  A script that is wrong does not go through.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations, islice

from prover.export.formula import Formulas
from prover.export.ground import Ground, query
from prover.export.instances import Equation, Fact, Pool, Universal, equal, instances, laws, universals
from prover.export.path import Hypothesis, Sequent
from prover.export.plain import Plain, ground
from prover.export.products import products
from prover.kernel.sort import Array
from prover.kernel.term import (
    FALSE,
    TRUE,
    App,
    Call,
    Op,
    Quant,
    Term,
    Var,
    conj,
    disj,
    implies,
    neg,
    structure,
    substitute,
)  # fmt: skip
from prover.record import record

ROUNDS = 4
MOST_MULTIPLIED = 2  # rounds after which products are tried
RLIMIT = 3_000_000
MOST_FACTS = 2500
MOST_GUESSES = 8  # witnesses, where z3 cannot be asked for one
DEPTH = 8  # of case distinctions
Ask = Callable[[str], str]


@record
class Known:
    """What stands in the context of a proof.  variables: those that the proof has introduced, with integers or truth values."""

    facts: Mapping[str, Term]
    variables: tuple[Var, ...]

    def plus(self, facts: Mapping[str, Term], variables: Sequence[Var] = ()) -> Known:
        return Known({**self.facts, **facts}, (*self.variables, *variables))

    def without(self, name: str) -> Known:
        return Known({n: f for n, f in self.facts.items() if n != name}, self.variables)


class Search:
    """The proof of one condition."""

    def __init__(self, ask: Ask, plain: Plain, equations: Mapping[str, Equation], formulas: Formulas) -> None:
        self.ask, self.plain, self.equations, self.formulas = ask, plain, equations, formulas
        self.used: set[str] = set()
        self._serial = 0

    def name(self, letter: str) -> str:
        self._serial += 1
        return f"{letter}{self._serial}"

    def show(self, term: Term) -> str:
        return self.formulas.of(term)

    def introduce(self, variables: Sequence[Var]) -> list[str]:
        """Names for variables that a proof introduces."""
        names = [self.name("k") for _ in variables]
        self.formulas = self.formulas.within(dict(zip([v.name for v in variables], names, strict=True)))
        return names

    # From formulas to goals without quantifiers

    def solve(self, known: Known, goal: Term, depth: int = DEPTH) -> str | None:
        if depth < 0:
            return None
        match goal:
            case _ if goal is TRUE:
                return "exact I"
            case App(op=Op.AND, args=args):
                parts = [self.solve(known, a, depth) for a in args]
                return _all_of(parts)
            case Quant(universal=True, variables=variables, body=body):
                (names,) = [self.introduce(variables)]
                return _then(f"intros {' '.join(names)}", self.solve(known.plus({}, variables), body, depth))
            case App(op=Op.IMPLIES, args=(a, b)):
                pattern, facts, new = self.taken(a)
                return _then(f"intros {pattern}", self.solve(known.plus(facts, new), b, depth))
            case App(op=Op.NOT, args=(a,)):
                pattern, facts, new = self.taken(a)
                return _then(f"intros {pattern}", self.solve(known.plus(facts, new), FALSE, depth))
            case App(op=Op.IFF, args=(a, b)) if not ground(goal):
                return _all_of([self.solve(known, implies(a, b), depth), self.solve(known, implies(b, a), depth)])
            case _ if ground(goal):
                return self.finish(known, goal) or self.cases(known, goal, depth)
            case Quant():
                return self.witness(known, goal, depth) or self.cases(known, goal, depth)
            case App(op=Op.OR, args=args):
                return self.either(known, args, depth) or self.cases(known, goal, depth)
            case _:
                return None

    def taken(self, term: Term) -> tuple[str, dict[str, Term], list[Var]]:
        """The intro pattern that takes a hypothesis apart, and what it leaves."""
        match term:
            case App(op=Op.AND, args=args):
                patterns: list[str] = []
                facts: dict[str, Term] = {}
                new: list[Var] = []
                for a in args:
                    pattern, more, variables = self.taken(a)
                    patterns.append(pattern)
                    facts.update(more)
                    new += variables
                text = patterns[-1]
                for pattern in reversed(patterns[:-1]):
                    text = f"[{pattern} {text}]"
                return text, facts, new
            case Quant(universal=False, variables=variables, body=body):
                names = self.introduce(variables)
                text, facts, new = self.taken(body)
                for name in reversed(names):
                    text = f"[{name} {text}]"
                return text, facts, [*variables, *new]
            case _:
                name = self.name("h")
                return name, {name: term}, []

    def either(self, known: Known, args: tuple[Term, ...], depth: int) -> str | None:
        """Of a disjunction one part is proved where the others, which are decidable, do not hold."""
        for part, other, side, away in ((args[0], args[1:], "left", "right"), (args[-1], args[:-1], "right", "left")):
            if not ground(part) and all(ground(a) for a in other):
                name = self.name("h")
                rest = self.solve(known.plus({name: neg(disj(other))}), part, depth - 1)
                if rest is not None:
                    return f"{self.decided(name, disj(other), name, name)}; [{away}; exact {name} | {side}; {rest}]"
        return None

    def decided(self, name: str, formula: Term, yes: str, no: str) -> str:
        """A case distinction by a formula without quantifiers."""
        text = self.formulas.prop(formula)
        return f"assert ({name} : {text} \\/ ~ {text}) by lia; destruct {name} as [{yes} | {no}]"

    def cases(self, known: Known, goal: Term, depth: int) -> str | None:
        """By what a hypothesis with quantifiers inside says; it is used once."""
        for name, fact in known.facts.items():
            match fact:
                case App(op=Op.OR, args=args) if not ground(fact):
                    parts = []
                    patterns = []
                    for a in args:
                        pattern, facts, new = self.taken(a)
                        patterns.append(pattern)
                        parts.append(self.solve(known.without(name).plus(facts, new), goal, depth - 1))
                        if parts[-1] is None:
                            return None
                    self.used.add(name)
                    text = patterns[-1]
                    for pattern in reversed(patterns[:-1]):
                        text = f"[{pattern} | {text}]"
                    return f"destruct {name} as {text}; [{' | '.join([p or '' for p in parts])}]"
                case App(op=Op.IMPLIES, args=(a, b)) if not ground(a) and ground(b):
                    found = self.backwards(known.without(name), name, a, b, goal, depth)
                case App(op=Op.NOT, args=(a,)) if not ground(a):
                    found = self.backwards(known.without(name), name, a, FALSE, goal, depth)
                case App(op=Op.IFF, args=(a, b)) if not ground(b) and ground(a):
                    forward = self.name("h")
                    rest = self.backwards(
                        known.without(name).plus({forward: implies(a, b)}), f"(proj2 {name})", b, a, goal, depth
                    )
                    found = rest and f"pose proof (proj1 {name}) as {forward}; {rest}"
                case _:
                    continue
            if found is not None:
                self.used.add(name)
                return found
        return None

    def backwards(self, known: Known, proof: str, premise: Term, conclusion: Term, goal: Term, depth: int) -> str | None:
        """`premise -> conclusion`: either the conclusion helps, or the premise holds although conclusion and goal do not."""
        name = self.name("h")
        if conclusion is not FALSE:
            pattern, facts, new = self.taken(conclusion)
            helped = self.solve(known.plus(facts, new), goal, depth - 1)
            if helped is None:
                return None
            other = self.name("h")
            absent = known.plus({other: neg(conclusion)})
            split = self.decided(name, conclusion, pattern, other)
            apply = f"exfalso; apply {other}; apply {proof}"
        else:
            absent, apply = known, f"exfalso; apply {proof}"
        denied = ""
        if ground(goal) and goal is not FALSE:
            against = self.name("h")
            absent = absent.plus({against: neg(goal)})
            denied = f"{self.decided(against, goal, against, against)}; [exact {against} |]; "
        rest = self.solve(absent, premise, depth - 1)
        if rest is None:
            return None
        last = f"{denied}{apply}; {rest}"
        return last if conclusion is FALSE else f"{split}; [{helped} | {last}]"

    # Goals without quantifiers

    def _stages(self, known: Known, more: Sequence[Term]) -> Iterable[dict[str, Fact]]:
        """Ever more facts; more: what else is spoken of."""
        facts = {n: Fact(f, "", n) for n, f in known.facts.items() if ground(f)}
        yield facts
        if more:
            yield {**facts, **{self.name("e"): f for f in products([f.formula for f in facts.values()], more[0])}}
        general: list[Universal] = []
        for name, formula in known.facts.items():
            if not ground(formula):
                general += universals(name, formula)
        seen = {structure(f.formula) for f in facts.values()}
        for round_ in range(ROUNDS):
            pool = Pool([*[f.formula for f in facts.values()], *more], known.variables)
            new: list[Fact] = list(laws(pool, self.equations, self.plain, self.show))
            for universal in general:
                for values, formula in instances(universal, pool):
                    new.append(Fact(formula, universal.proof.format(*[self.show(v) for v in values]), universal.uses))
            before = len(facts)
            for fact in new:
                key = structure(fact.formula)
                if key not in seen and len(facts) < MOST_FACTS:
                    seen.add(key)
                    facts[self.name("e")] = fact
            if len(facts) == before:
                break
            yield facts
            if round_ < MOST_MULTIPLIED and more:
                multiplied = products([f.formula for f in facts.values()], more[0])
                yield {**facts, **{self.name("e"): fact for fact in multiplied}}

    def core(self, facts: Mapping[str, Fact], refuted: Term) -> list[str] | None:
        said = self.ask(query(Ground(), {n: f.formula for n, f in facts.items()}, refuted, RLIMIT))
        lines = said.split("\n")
        return lines[1].strip(" ()").split() if lines[0] == "unsat" else None

    def finish(self, known: Known, goal: Term) -> str | None:
        for facts in self._stages(known, [goal]):
            core = self.core(facts, neg(goal))
            if core is not None:
                return self.script({n: facts[n] for n in core}, goal)
        return None

    def script(self, facts: Mapping[str, Fact], goal: Term) -> str | None:
        lines = []
        kept = list(facts)
        for name, fact in facts.items():
            if fact.uses:
                self.used.add(fact.uses)
            if fact.proof:
                lines.append(f"assert ({name} : {self.formulas.prop(fact.formula)}) by ({fact.proof})")
        for text in self._agreements(facts, goal):
            name = self.name("e")
            kept.append(name)
            lines.append(f"assert ({name} : {text}) by same_")
        clear = f"clear - {' '.join(kept)}; " if kept else ""
        return "; ".join([*lines, f"{clear}ground_"])

    def _agreements(self, facts: Mapping[str, Fact], goal: Term) -> list[str]:
        """Which applications are equal: those that are written in two ways, and those for which the proof needs it."""
        apart = Ground(apart=True)
        for fact in facts.values():
            apart.text(fact.formula)
        apart.text(goal)
        found = []
        spoken = [terms for terms in apart.atoms.values() if not (isinstance(terms[0], App) and terms[0].op is Op.PERM)]
        for terms in spoken:
            texts = list(dict.fromkeys([self.show(t) for t in terms]))
            found += [f"{text} = {texts[0]}" for text in texts[1:]]
        pairs: dict[str, Term] = {}
        texts_of: dict[str, str] = {}
        nodes = [terms[0] for terms in spoken]
        for a, b in combinations(nodes, 2):
            if _alike(a, b):
                differ = [(x, y) for x, y in zip(_args(a), _args(b), strict=True) if apart.text(x) != apart.text(y)]
                if any(isinstance(x.sort, Array) for x, _ in differ) or not differ:
                    continue
                premise = conj([equal(x, y) for x, y in differ])
                name = self.name("e")
                pairs[name] = implies(premise, equal(a, b))
                arrows = "".join([f"{self.show(x)} = {self.show(y)} -> " for x, y in differ])
                texts_of[name] = f"{arrows}{self.show(a)} = {self.show(b)}"
        if pairs:
            given = {n: f.formula for n, f in facts.items()}
            said = self.ask(query(apart, {**given, **pairs}, neg(goal), 4 * RLIMIT)).split("\n")
            core = set(said[1].strip(" ()").split()) if said[0] == "unsat" else set(pairs)
            found += [texts_of[n] for n in pairs if n in core]
        return found

    def witness(self, known: Known, goal: Quant, depth: int) -> str | None:
        if not ground(goal.body):
            return self._guessed(known, goal, depth)
        refusal = Universal(goal.variables, neg(goal.body), "", "")
        for facts in self._stages(known, []):
            pool = Pool([f.formula for f in facts.values()], known.variables)
            tried = {self.name("w"): (values, said) for values, said in instances(refusal, pool)}
            core = self.core({**facts, **{n: Fact(f, "") for n, (_, f) in tried.items()}}, TRUE)
            if core is not None:
                return self._chosen(known, goal, [tried[n][0] for n in core if n in tried], depth)
        return None

    def _guessed(self, known: Known, goal: Quant, depth: int) -> str | None:
        """The witness of a formula with quantifiers inside."""
        pool = Pool([f for f in known.facts.values() if ground(f)], known.variables)
        for values, body in islice(instances(Universal(goal.variables, goal.body, "", ""), pool), MOST_GUESSES):
            found = self.solve(known, body, depth - 2)
            if found is not None:
                return _then("; ".join([f"exists {self.show(t)}" for t in values]), found)
        return None

    def _chosen(self, known: Known, goal: Quant, chosen: list[tuple[Term, ...]], depth: int) -> str | None:
        if not chosen:
            return self.finish(known, FALSE)
        bodies = [substitute(goal.body, {v.name: t for v, t in zip(goal.variables, values, strict=True)}) for values in chosen]
        ways = ["; ".join([f"exists {self.show(t)}" for t in values]) for values in chosen]
        if len(chosen) == 1:
            return _then(ways[0], self.solve(known, bodies[0], depth - 1))
        rest = self.finish(known, disj(bodies))
        if rest is None:
            return None
        name = self.name("h")
        either = " \\/ ".join([self.formulas.prop(b) for b in bodies])
        text = f"{ways[-1]}; exact {name}"
        for way in reversed(ways[:-1]):
            text = f"destruct {name} as [{name} | {name}]; [{way}; exact {name} | {text}]"
        return f"assert ({name} : {either}) by ({rest}); {text}"


def _args(term: Term) -> tuple[Term, ...]:
    assert isinstance(term, App | Call)
    return term.args


def _alike(a: Term, b: Term) -> bool:
    match a, b:
        case App(), App():
            same = a.op is b.op and a.op not in (Op.ITE, Op.PERM) and len(a.args) == len(b.args)
        case Call(), Call():
            same = a.function == b.function
        case _:
            return False
    return same and a.sort == b.sort and [x.sort for x in a.args] == [y.sort for y in b.args]


def _then(first: str, rest: str | None) -> str | None:
    return None if rest is None else f"{first}; {rest}"


def _all_of(parts: Sequence[str | None]) -> str | None:
    """A conjunction, whose parts Rocq nests to the right."""
    if None in parts:
        return None
    text = parts[-1] or ""
    for part in reversed(parts[:-1]):
        text = f"split; [{part} | {text}]"
    return text


def stated(sequent: Sequent, search: Search, types: Mapping[str, str]) -> tuple[str, str, list[str], list[Hypothesis]] | None:
    """A sequent as a statement of its own with the tactic that proves it; which variables it speaks of; what of its
    hypotheses it needs."""
    patterns, known, variables, made = [], {}, [], []
    for hypothesis in sequent.hypotheses:
        pattern, facts, new = search.taken(hypothesis.formula)
        patterns.append(pattern)
        made.append(set(facts))
        known.update(facts)
        variables += new
    script = search.solve(Known(known, tuple(variables)), sequent.goal)
    if script is None:
        return None
    needed = [i for i, own in enumerate(made) if own & search.used]
    arrows = "" if needed else "True -> "  # what has no premises would be taken for a fact and taken apart
    arrows += "".join([f"{search.formulas.prop(sequent.hypotheses[i].formula)} -> " for i in needed])
    claim = f"{arrows}{search.formulas.prop(sequent.goal)}"
    words = set(re.findall(r"\w+", f"{claim} {script}"))
    spoken = [n for n in types if n in words]
    binders = "".join([f" ({n} : {types[n]})" for n in spoken])
    claim = f"forall{binders}, {claim}" if binders else claim
    intros = " ".join([*spoken, *[patterns[i] for i in needed]]) if needed else " ".join([*spoken, "_"])
    tactic = f"intros {intros}; {script}"
    return claim, tactic, spoken, [sequent.hypotheses[i] for i in needed]
