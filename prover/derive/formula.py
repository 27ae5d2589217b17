"""Terms as the checker of derivations makes and compares them, apart from the kernel's substitution."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import assert_never

from prover.kernel.program import Element
from prover.kernel.sort import BOOL, Array, Machine, Sort
from prover.kernel.term import App, At, Call, Let, Lit, Op, Quant, Term, Var, app, children, let, num, quant, rebuild
from prover.textbook.defined import within

OLD = "old"
TRUE_KEY: tuple[object, ...] = ("and",)


def key(term: Term) -> tuple[object, ...]:
    """Equal for terms that differ at most in bound names, in how conjunctions nest, in `true` and in doubled negations."""
    return _key(term, {}, 0)


def _key(term: Term, bound: Mapping[str, int], depth: int) -> tuple[object, ...]:
    """bound: at which depth each bound name was bound, the innermost."""

    def below(part: Term) -> tuple[object, ...]:
        return _key(part, bound, depth)

    match term:
        case App(op=Op.AND, args=args):
            return ("and", *[k for a in args for k in below(a)[1:]])
        case Lit(value=True):
            return TRUE_KEY
        case App(op=Op.IMPLIES, args=(left, right)) if below(left) == TRUE_KEY:
            return below(right)
        case App(op=Op.NOT, args=(App(op=Op.NOT, args=(inner,)),)):
            return below(inner)
        case App(op=Op.NOT, args=(Lit(value=value),)):
            return below(Lit(not value, BOOL))
        case Lit():
            return ("and", ("lit", term.value, str(term.sort)))
        case Var(name=name):
            return ("and", ("bound", depth - bound[name]) if name in bound else ("var", name))
        case App():
            return ("and", (term.op, str(term.sort), *[below(a) for a in term.args]))
        case Call():
            return ("and", ("call", term.function, *[below(a) for a in term.args]))
        case Quant(universal=universal, variables=variables, body=body):
            deeper = {**bound, **{v.name: depth + i for i, v in enumerate(variables)}}
            return (
                "and",
                ("quant", universal, *[str(v.sort) for v in variables], _key(body, deeper, depth + len(variables))),
            )
        case Let(variable=variable, value=value, body=body):
            rest = _key(body, {**bound, variable.name: depth}, depth + 1)
            return ("and", ("let", str(variable.sort), below(value), rest))
        case At(label=label, body=body):
            return ("and", ("at", label, below(body)))
        case _:
            assert_never(term)


# Making terms


def instance(term: Term, values: Mapping[str, Term], old: Mapping[str, Term] | None = None) -> Term:
    """`term` with values for its free names, bound ones renamed where a value speaks of the same name.

    old: the values of the names inside `old(...)`."""
    if not values and old is None:
        return term
    match term:
        case Var(name=name):
            return values.get(name, term)
        case At(label=label, body=body):
            if label != OLD or old is None:
                raise ValueError("an assertion of an earlier state stands where it has no meaning")
            return instance(body, old)
        case Quant(variables=variables):
            renamed = _apart(variables, values, term.body)
            mapping = {**values, **{v.name: r for v, r in zip(variables, renamed, strict=True)}}
            return quant(term.universal, renamed, instance(term.body, mapping, old))
        case Let(variable=variable, value=value, body=body):
            (fresh,) = _apart((variable,), values, body)
            return let(fresh, instance(value, values, old), instance(body, {**values, variable.name: fresh}, old))
        case _:
            return rebuild(term, tuple([instance(c, values, old) for c in children(term)]))


def _apart(variables: Sequence[Var], values: Mapping[str, Term], body: Term) -> tuple[Var, ...]:
    spoken = {n for t in values.values() for n in names_in(t)} | names_in(body)
    bound = {v.name for v in variables}
    if not bound & {n for k, t in values.items() if k not in bound for n in names_in(t)}:
        return tuple(variables)
    found: list[Var] = []
    for variable in variables:
        name = variable.name
        while name in spoken:
            name += "_"
        spoken.add(name)
        found.append(Var(name, variable.sort))
    return tuple(found)


def names_in(term: Term) -> set[str]:
    """Free names."""
    match term:
        case Var(name=name):
            return {name}
        case Quant(variables=variables, body=body):
            return names_in(body) - {v.name for v in variables}
        case Let(variable=variable, value=value, body=body):
            return names_in(value) | (names_in(body) - {variable.name})
        case _:
            return {n for c in children(term) for n in names_in(c)}


def frozen(term: Term, label: str | None, variables: Mapping[str, Var], constants: frozenset[str]) -> Term:
    match term:
        case At(label=inner, body=body):
            return frozen(body, inner, variables, constants)
        case Var(name=name, sort=sort):
            return term if label is None or name not in variables or name in constants else Var(f"{name}@{label}", sort)
        case _:
            return rebuild(term, tuple([frozen(c, label, variables, constants) for c in children(term)]))


def lower(earlier: Sequence[Term], now: Sequence[Term]) -> Term:
    """The first component that changes falls, and was at least 0 before."""
    ways: list[Term] = []
    steady: list[Term] = []
    for old, new in zip(earlier, now, strict=True):
        old, new = _number(old), _number(new)
        ways.append(both([*steady, app(Op.LE, num(0), old), app(Op.LT, new, old)]))
        steady.append(app(Op.LE, new, old))
    return ways[0] if len(ways) == 1 else app(Op.OR, *ways)


def _number(term: Term) -> Term:
    return app(Op.VALUE, term) if isinstance(term.sort, Machine) else term


def written(array: Term, indices: Sequence[Term], value: Term, needed: list[Term]) -> Term:
    """The array with another element."""
    needed.append(within(array, indices[0]))
    if len(indices) > 1:
        value = written(app(Op.SELECT, array, indices[0]), indices[1:], value, needed)
    return app(Op.STORE, array, indices[0], value)


def sort_at(target: Var | Element) -> Sort:
    if isinstance(target, Var):
        return target.sort
    sort = target.array.sort
    for _ in target.indices:
        assert isinstance(sort, Array)
        sort = sort.element
    return sort


def both(terms: Iterable[Term]) -> Term:
    parts = [p for t in terms for p in (t.args if isinstance(t, App) and t.op is Op.AND else (t,)) if key(p) != TRUE_KEY]
    if not parts:
        return Lit(True, BOOL)
    return parts[0] if len(parts) == 1 else app(Op.AND, *parts)


def implied(known: Term, follows: Term) -> Term:
    return app(Op.IMPLIES, known, follows)


def negated(term: Term) -> Term:
    return app(Op.NOT, term)
