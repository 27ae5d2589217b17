"""Primitive rules of interactive proof: from a goal to goals that together entail it.

A `Refinement` is made by the functions below only; `oracle.combine` turns theorems for its subgoals into one for its goal.
"""

from __future__ import annotations

from collections.abc import Sequence

from prover.kernel.fold import fold
from prover.kernel.goal import Defines, Fact, Goal, Holds, Joins, Origin, Path, extend, nodes
from prover.kernel.program import Kind, Procedure
from prover.kernel.rewriting import replaced
from prover.kernel.sort import Array, Bool, Int, Machine, Nat, Sort, is_integer, same
from prover.kernel.term import (
    FALSE,
    OLD,
    App,
    Call,
    Lit,
    Op,
    Quant,
    Term,
    Var,
    app,
    conj,
    conjuncts,
    eq,
    free_variables,
    implies,
    neg,
    num,
    range_of,
    structure,
    substitute,
)
from prover.kernel.theory import Theory, goal_terms
from prover.record import record, replace
from prover.source import Span


class NotApplicable(Exception):
    """A rule does not fit the goal; the message says why."""


@record
class Refinement:
    """`goal` holds if all `subgoals` do."""

    goal: Goal
    subgoals: tuple[Goal, ...]


def unfold(goal: Goal, call: Call, theory: Theory, opaque: frozenset[str], span: Span) -> Refinement:
    #   G, requires ==> f(e) = body[e/x] |- C
    #   -------------------------------------  (f's equation is available)
    #                 G |- C
    function = theory.functions.get(call.function)
    if function is None or call.function in opaque:
        raise NotApplicable(f"`{call.function}` has no equation that may be used here")
    body = theory.equation(call)
    if body is None:
        raise NotApplicable(f"`{call.function}` has no definition")
    mapping = {p.name: a for p, a in zip(function.parameters, call.args, strict=True)}
    ranges = [*[substitute(range_of(p), mapping) for p in function.parameters], *_array_ranges(function.parameters, call.args)]
    equation = implies(conj([*ranges, *theory.requires(call)]), eq(call, body))
    return Refinement(goal, (_knowing(goal, Holds(equation, Origin.VALUE, span), ""),))


def have(goal: Goal, formula: Term, label: str, span: Span) -> Refinement:
    #   G |- P    G, P |- C
    #   -------------------
    #        G |- C
    first = replace(goal, name=f"{goal.name}.{label or 'have'}", conclusion=formula, span=span, script=None)
    return Refinement(goal, (first, _knowing(goal, Holds(formula, Origin.ASSERTION, span, label), "")))


def cases(goal: Goal, formula: Term, span: Span) -> Refinement:
    #   G, P |- C    G, not P |- C
    #   --------------------------
    #            G |- C
    yes = _knowing(goal, Holds(formula, Origin.GUARD, span), ".yes")
    no = _knowing(goal, Holds(neg(formula), Origin.GUARD, span), ".no")
    return Refinement(goal, (yes, no))


def split(goal: Goal) -> Refinement:
    #   G |- P    G |- Q
    #   ----------------
    #     G |- P and Q
    match goal.conclusion:
        case App(op=Op.AND, args=parts):
            named = enumerate(parts, 1)
            return Refinement(goal, tuple([replace(goal, name=f"{goal.name}.{n}", conclusion=p, script=None) for n, p in named]))
        case _:
            raise NotApplicable("the goal is not a conjunction")


def intro(goal: Goal, span: Span, names: Sequence[str] = ()) -> Refinement:
    #   G, P |- Q             G |- P[y/x]
    #   -------------    ----------------------  (y new, of the sort of x)
    #   G |- P ==> Q     G |- forall x :: P
    match goal.conclusion:
        case App(op=Op.IMPLIES, args=(left, right)):
            weaker = replace(goal, conclusion=right)
            return Refinement(goal, (_knowing(weaker, Holds(left, Origin.GUARD, span), ""),))
        case Quant(universal=True, variables=variables, body=body):
            # A constant of a sort with a range is declared within it, which is what the quantifier ranges over.
            new = _fresh(goal, variables, names)
            mapping: dict[str, Term] = {v.name: n for v, n in zip(variables, new, strict=True)}
            return Refinement(goal, (replace(goal, conclusion=substitute(body, mapping), script=None),))
        case _:
            raise NotApplicable("the goal is neither an implication nor a `forall`")


def witness(goal: Goal, terms: Sequence[Term]) -> Refinement:
    #   G |- P[e/x]
    #   --------------------  (e in the range of the sort of x)
    #   G |- exists x :: P
    match goal.conclusion:
        case Quant(universal=False, variables=variables, body=body):
            ranges, instance = _instance(variables, body, terms)
            return Refinement(goal, (replace(goal, conclusion=conj([*ranges, instance]), script=None),))
        case _:
            raise NotApplicable("the goal is no `exists`")


def instantiate(goal: Goal, fact: Holds, terms: Sequence[Term], span: Span) -> Refinement:
    #   G, forall x :: P, P[e/x] |- C
    #   -----------------------------  (e in the range of the sort of x)
    #      G, forall x :: P |- C
    _known(goal, fact)
    match fact.formula:
        case Quant(universal=True, variables=variables, body=body):
            ranges, instance = _instance(variables, body, terms)
            return Refinement(goal, (_knowing(goal, Holds(implies(conj(ranges), instance), Origin.ASSERTION, span), ""),))
        case _:
            raise NotApplicable("the hypothesis is no `forall`")


def rewrite(goal: Goal, fact: Fact, backwards: bool) -> Refinement:
    #   G, a = b |- C[b/a]
    #   ------------------  (of scalars: equal arrays may differ out of range)
    #     G, a = b |- C
    _known(goal, fact)
    match fact:
        case Holds(formula=App(op=Op.EQ | Op.IFF, args=(left, right))):
            pass
        case Defines(variable=left, term=right):
            pass
        case _:
            raise NotApplicable("the hypothesis is no equation")
    if isinstance(left.sort, Array):
        raise NotApplicable("the equation is one of arrays; `have` can state what follows from it")
    old, new = (right, left) if backwards else (left, right)
    conclusion = replaced(goal.conclusion, old, new)
    if conclusion is goal.conclusion:
        raise NotApplicable("the goal does not mention that side of the equation")
    return Refinement(goal, (replace(goal, conclusion=conclusion, script=None),))


def generalize(goal: Goal, term: Term, name: str) -> Refinement:
    #   G[x] |- C[x]
    #   ------------  (x new)
    #   G[e] |- C[e]
    # What holds for every x holds for the value of e.  So x must be any value: of `int` or `bool`, which have no range that e
    # might leave.  Facts about branches are left out, which only makes the goal harder.
    if not isinstance(term.sort, Int | Bool):
        raise NotApplicable(f"only an `int` or a `bool` can be generalized, and the term is of type `{term.sort}`")
    (new,) = _fresh(goal, [Var(name, term.sort)], [name])
    conclusion = replaced(goal.conclusion, term, new)
    if conclusion is goal.conclusion:
        raise NotApplicable("the goal does not mention that term")
    path: Path | None = None
    for fact in goal.facts():
        match fact:
            case Holds(formula=formula):
                path = extend(path, replace(fact, formula=replaced(formula, term, new)))
            case Defines():
                path = extend(path, fact)
            case _:
                pass
    return Refinement(goal, (replace(goal, path=path, conclusion=conclusion, script=None),))


def contradiction(goal: Goal, span: Span) -> Refinement:
    #   G, not C |- false
    #   -----------------
    #        G |- C
    weaker = replace(goal, conclusion=FALSE)
    return Refinement(goal, (_knowing(weaker, Holds(neg(goal.conclusion), Origin.GUARD, span), ""),))


def simplify(goal: Goal) -> Refinement:
    #   G |- fold(C)
    #   ------------
    #      G |- C
    conclusion = fold(goal.conclusion)
    if structure(conclusion) == structure(goal.conclusion):
        raise NotApplicable("there is nothing to simplify")
    return Refinement(goal, (replace(goal, conclusion=conclusion, script=None),))


def forget(goal: Goal, fact: Fact, keep: Sequence[Term] = ()) -> Refinement:
    #     G |- C             G, P |- C
    #   ------------     ------------------  (keep: P, a conjunct)
    #   G, P |- C        G, P and Q |- C
    _known(goal, fact)
    if keep and not (isinstance(fact, Holds) and all(any(k is c for c in conjuncts(fact.formula)) for k in keep)):
        raise NotApplicable("only conjuncts of the hypothesis can be kept")
    before, after = _around(goal, fact)
    for kept in keep:
        assert isinstance(fact, Holds)
        before = extend(before, replace(fact, formula=kept))
    for later in after:
        # The branches of a join start at a path that holds what came before it.
        if isinstance(later, Joins):
            raise NotApplicable("the hypothesis cannot be forgotten: branches that join later start from it")
        before = extend(before, later)
    return Refinement(goal, (replace(goal, path=before, script=None),))


def _around(goal: Goal, fact: Fact) -> tuple[Path | None, list[Fact]]:
    all_nodes = nodes(goal.path)
    index = next(i for i, n in enumerate(all_nodes) if n.fact is fact)
    return all_nodes[index].parent, [n.fact for n in all_nodes[index + 1 :]]


def use(goal: Goal, lemma: Procedure, terms: Sequence[Term], span: Span) -> Refinement:
    #   G |- requires[e/x]    G, ensures[e/x] |- C
    #   ------------------------------------------  (lemma l(x), not of the goal's own component)
    #                     G |- C
    # That the lemma is proved, and from nothing that rests on this goal, is what the verdict asks of all that a unit uses.
    if lemma.kind is not Kind.LEMMA or any(p.inout for p in lemma.parameters) or lemma.results:
        raise NotApplicable(f"`{lemma.name}` is no lemma")
    variables = [p.variable for p in lemma.parameters]
    mapping = {v.name: t for v, t in zip(variables, terms, strict=True)}
    ranges = [*[substitute(range_of(v), mapping) for v in variables], *_array_ranges(variables, terms)]
    needed = [substitute(c.formula, mapping, {OLD: mapping}) for c in lemma.requires]
    path = goal.path
    for clause in lemma.ensures:
        formula = substitute(clause.formula, mapping, {OLD: mapping})
        label = lemma.name if len(lemma.ensures) == 1 else f"{lemma.name}_{clause.label}"
        path = extend(path, Holds(formula, Origin.ENSURES, span, label))
    main = replace(goal, path=path, script=None)
    condition = conj([r for r in [*ranges, *needed] if not _true(r)])
    if _true(condition):
        return Refinement(goal, (main,))
    return Refinement(goal, (replace(goal, name=f"{goal.name}.requires", conclusion=condition, span=span, script=None), main))


def induction(goal: Goal, variable: Var, span: Span) -> Refinement:
    #   G(x), x <= 0 |- C(x)     G(x), x > 0, (H(x-1) ==> C(x-1)) |- C(x)
    #   -----------------------------------------------------------------  (H(x): the facts of G(x) that mention x)
    #                            G(x) |- C(x)
    # With all else fixed, H(x) ==> C(x) is shown for each x: outright where x <= 0, else from its instance at x - 1.  H has to
    # say all that G says of x, so facts that no formula can state (branches, whole arrays) must not mention it.
    if not is_integer(variable.sort):
        raise NotApplicable("induction is over an `int` or a `nat`")
    said = [_formula(f, variable) for f in goal.facts() if variable.name in _mentions(f)]
    if variable.name not in free_variables(goal.conclusion):
        raise NotApplicable("the goal does not mention that variable")
    before: dict[str, Term] = {variable.name: app(Op.SUB, variable, num(1))}
    hypothesis = substitute(implies(conj(said), goal.conclusion), before)
    base = _knowing(goal, Holds(app(Op.LE, variable, num(0)), Origin.GUARD, span), ".base")
    above = _knowing(goal, Holds(app(Op.GT, variable, num(0)), Origin.GUARD, span), ".step")
    return Refinement(goal, (base, _knowing(above, Holds(hypothesis, Origin.ASSERTION, span, "hypothesis"), "")))


def _formula(fact: Fact, variable: Var) -> Term:
    match fact:
        case Holds(formula=formula):
            return formula
        case Defines(variable=defined, term=term) if not isinstance(defined.sort, Array):
            return eq(defined, term)
        case _:
            raise NotApplicable(
                "the value of that variable takes part in an array's or in what branches join; state a lemma instead"
            )


def _mentions(fact: Fact) -> set[str]:
    return {name for term in _terms(fact) for name in free_variables(term)}


def _terms(fact: Fact) -> list[Term]:
    """Every term of a fact, the variables that it defines included."""
    found: list[Term] = []
    todo = [fact]
    while todo:
        match todo.pop():
            case Holds(formula=formula):
                found.append(formula)
            case Defines(variable=variable, term=term):
                found += [variable, term]
            case Joins(branches=branches, base=base):
                for branch, defines in branches:
                    todo += [*[n.fact for n in nodes(branch, base)], *defines]
    return found


def _instance(variables: Sequence[Var], body: Term, terms: Sequence[Term]) -> tuple[list[Term], Term]:
    """What the terms must satisfy to be values of the variables, and the body for them."""
    if len(terms) != len(variables):
        raise NotApplicable(f"{len(variables)} terms are needed, one for each of {', '.join(_plain(v.name) for v in variables)}")
    for variable, term in zip(variables, terms, strict=True):
        if not same(variable.sort, term.sort):
            raise NotApplicable(
                f"`{_plain(variable.name)}` stands for a value of type `{variable.sort}`, and the term is of `{term.sort}`"
            )
    mapping = {v.name: t for v, t in zip(variables, terms, strict=True)}
    ranges = [substitute(range_of(v), mapping) for v in variables]
    return [r for r in ranges if not _true(r)], substitute(body, mapping)


def _array_ranges(variables: Sequence[Var], terms: Sequence[Term]) -> list[Term]:
    """What array terms must satisfy to be values of the variables.  A term that a script makes up need not be an array at all
    (`array(-1, 0)`, a function outside its `requires`), while a lemma or an equation speaks of arrays only."""
    found: list[Term] = []
    for variable, term in zip(variables, terms, strict=True):
        if not isinstance(variable.sort, Array) or _is_value(term):
            continue
        if isinstance(variable.sort.element, Array) or _ranged(variable.sort):  # no formula of ours says that it is in range
            raise NotApplicable(f"an array of type `{variable.sort}` must be a variable here, not one put together")
        found.append(app(Op.GE, app(Op.LEN, term), num(0)))
    return found


def _is_value(term: Term) -> bool:
    """A variable, or an element of one: their ranges are stated where the variable is declared."""
    match term:
        case App(op=Op.SELECT, args=(array, _)):
            return _is_value(array)
        case _:
            return isinstance(term, Var)


def _ranged(sort: Sort) -> bool:
    while isinstance(sort, Array):
        sort = sort.element
        if isinstance(sort, Nat | Machine):
            return True
    return False


def _fresh(goal: Goal, variables: Sequence[Var], names: Sequence[str]) -> list[Var]:
    """Variables that the goal does not mention, under names that it is not shown with."""
    if names and len(names) != len(variables):
        raise NotApplicable(f"the `forall` is over {', '.join(_plain(v.name) for v in variables)}: one name for each is needed")
    terms = [*goal_terms([goal]), *[t for f in goal.facts() for t in _terms(f)]]
    taken = {n for t in terms for v in free_variables(t) for n in (v, goal.naming.show(v))}
    new: list[Var] = []
    for index, variable in enumerate(variables):
        wanted = names[index] if names else _plain(variable.name)
        name, count = wanted, 0
        while name in taken:
            if names:
                raise NotApplicable(f"`{wanted}` means something else already")
            count += 1
            name = f"{wanted}{count}"
        taken.add(name)
        new.append(Var(name, variable.sort))
    return new


def _plain(name: str) -> str:
    return name.split("@", maxsplit=1)[0].split("#", maxsplit=1)[0].rstrip("~")


def _known(goal: Goal, fact: Fact) -> None:
    if not any(f is fact for f in goal.facts()):
        raise NotApplicable("that is no hypothesis of the goal")


def _true(term: Term) -> bool:
    return isinstance(term, Lit) and term.value is True


def _knowing(goal: Goal, fact: Fact, suffix: str) -> Goal:
    return replace(goal, name=goal.name + suffix, path=extend(goal.path, fact), script=None)
