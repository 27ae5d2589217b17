"""Hypothesis strategies: surface trees as the parser makes them, with spans that point nowhere."""

from __future__ import annotations

import sys

from hypothesis import strategies as st

from prover.source import Source, Span
from prover.syntax import surface as s

sys.setrecursionlimit(10_000)  # as elaboration and the formatter do: Hypothesis warns when tests change it

HERE = Span(Source("", ""), 0, 0)

names = st.sampled_from(["x", "y", "z", "a", "i", "count", "x'", "limit_1", "alongername", "result"])
labels = st.sampled_from(["l", "bound", "outer"])
name_nodes = names.map(lambda text: s.Name(text, HERE))
type_names = st.sampled_from(["int", "nat", "bool", "uint8", "int64"])
types = st.recursive(
    type_names.map(lambda n: s.NamedType(n, HERE)), lambda inner: inner.map(lambda t: s.ArrayType(t, HERE)), max_leaves=3
)


def tuples(strategy, low=0, high=3):
    return st.lists(strategy, min_size=low, max_size=high).map(tuple)


def _binders():
    name = name_nodes
    typed = tuples(st.builds(lambda n, t: s.Binder(n, t, HERE), name, types), 0, 2)
    plain = tuples(name.map(lambda n: s.Binder(n, None, HERE)), 0, 2)
    return st.builds(lambda a, b: a + b, typed, plain).filter(bool)


def _runs(expr, operators):
    return tuples(st.tuples(st.sampled_from(operators), expr), 1, 3)


def _compound(expr):
    two = tuples(expr, 2, 3)
    return st.one_of(
        st.builds(lambda op, e: s.Unary(op, e, HERE), st.sampled_from(["-", "not"]), expr),
        st.builds(lambda op, es: s.Nary(op, es, HERE), st.sampled_from(["and", "or"]), two),
        st.builds(lambda e, r: s.Chain(e, r, HERE), expr, _runs(expr, ["+", "-"])),
        st.builds(lambda e, r: s.Chain(e, r, HERE), expr, _runs(expr, ["*", "/", "div", "%", "mod"])),
        st.builds(lambda e, r: s.Comparison(e, r, HERE), expr, _runs(expr, ["=", "!=", "<", "<=", ">", ">="])),
        st.builds(lambda op, a, b: s.Binary(op, a, b, HERE), st.sampled_from(["==>", "<==>"]), expr, expr),
        st.builds(lambda a, b, c: s.Conditional(a, b, c, HERE), expr, expr, expr),
        st.builds(lambda n, a, b: s.LetIn(n, a, b, HERE), name_nodes, expr, expr),
        st.builds(lambda q, b, e: s.Quantified(q, b, e, HERE), st.sampled_from(["forall", "exists"]), _binders(), expr),
        st.builds(lambda a, i: s.Index(a, i, HERE), expr, expr),
        applications(expr),
        st.builds(lambda n, e: s.AtLabel(n, e, HERE), name_nodes, expr),
        st.builds(lambda n, e: s.WrapTo(s.NamedType(n, HERE), e, HERE), type_names, expr),
        tuples(expr).map(lambda es: s.ArrayLiteral(es, HERE)),
    )


def applications(expr):
    function = st.sampled_from(["f", "len", "old", "perm", "uint8"]).map(lambda n: s.Name(n, HERE))
    fill = st.builds(lambda a, b: s.Apply(s.Name("array", HERE), (a, b), HERE), expr, expr)
    return st.one_of(st.builds(lambda f, es: s.Apply(f, es, HERE), function, tuples(expr)), fill)


_leaves = st.one_of(
    st.integers(0, 10**6).map(lambda n: s.Number(n, HERE)),
    st.booleans().map(lambda b: s.Truth(b, HERE)),
    names.map(lambda n: s.Ident(n, HERE)),
)
expressions = st.recursive(_leaves, _compound, max_leaves=12)
small = st.recursive(_leaves, _compound, max_leaves=4)

labelled = st.builds(lambda n, e: s.Labelled(n and s.Name(n, HERE), e, HERE), st.none() | labels, small)
variants = tuples(small, 1, 2).map(lambda es: s.VariantClause(es, HERE))


# Proof scripts


def _scripts(depth=2):
    branches = st.just(())
    if depth:
        one = _scripts(depth - 1).map(lambda script: (("", script),))
        named = tuples(st.tuples(st.sampled_from(["yes", "no", "1", "base"]), _scripts(depth - 1)), 1, 3)
        branches = st.one_of(branches, one, named)
    word = st.sampled_from(["auto", "unfold", "cases", "each", "split"]).map(lambda n: s.Name(n, HERE))
    arguments = st.sampled_from(["", "x", "i = 0", "fact(i + 1)", "a[i]  >=\n 3", '"text"'])
    step = st.builds(lambda n, a, b: s.TacticStep(n, a, b, HERE), word, arguments, branches)
    return tuples(step, 0, 3).map(lambda steps: s.ProofScript(steps, HERE))


scripts = _scripts()


# Statements

_stars = st.builds(lambda e: s.Star(e, HERE), st.none() | small)
_values = st.one_of(small, small, _stars)
_targets = st.builds(lambda n, i: s.TargetExpr(n, i, HERE), name_nodes, tuples(small, 0, 2))
_calls = st.builds(lambda n, es: s.Apply(n, es, HERE), name_nodes, tuples(small))
_simple = st.one_of(
    st.sampled_from([s.SkipStmt(HERE), s.ReturnStmt(HERE), s.BreakStmt(HERE), s.ContinueStmt(HERE)]),
    st.builds(lambda t, v: s.AssignStmt(t, v, HERE), tuples(_targets, 1, 2), tuples(_values, 1, 2)),
    _calls.map(lambda c: s.CallStmt(c, HERE)),
    tuples(name_nodes, 1, 2).map(lambda ns: s.HavocStmt(ns, HERE)),
    st.builds(
        lambda g, n, t, v: s.VarStmt(g, n, t, v, HERE),
        st.booleans(), tuples(name_nodes, 1, 2), st.none() | types, tuples(_values, 0, 2),
    ),
    st.builds(lambda f: s.AssertStmt(True, f, None, HERE), labelled),
    st.builds(lambda f, p: s.AssertStmt(False, f, p, HERE), labelled, st.none() | scripts),
    labelled.map(lambda f: s.AssumeStmt(f, HERE)),
)  # fmt: skip
_conditions = st.one_of(small, st.just(s.Star(None, HERE)))
_annotations = st.builds(s.Annotations, tuples(labelled, 0, 2), tuples(variants, 0, 1), tuples(labelled, 0, 1))
_labels = st.none() | labels.map(lambda n: s.Name(n, HERE))


def _blocks_of(stmt):
    pointed = st.builds(lambda p, x: (*p, x), tuples(labels.map(lambda n: s.PointStmt(s.Name(n, HERE), HERE)), 0, 2), stmt)
    plain = stmt.map(lambda x: (x,))
    groups = st.lists(st.one_of(plain, plain, plain, pointed), max_size=3)
    return groups.map(lambda found: s.Stmts(tuple(x for group in found for x in group), HERE))


def _compound_statements(stmt):
    block = _blocks_of(stmt)
    return st.one_of(
        st.builds(lambda b, e: s.IfStmt(b, e, HERE), tuples(st.tuples(_conditions, block), 1, 2), st.none() | block),
        st.builds(lambda n, c, a, b: s.WhileStmt(n, c, a, b, HERE), _labels, _conditions, _annotations, block),
        st.builds(
            lambda n, v, x, d, y, a, b: s.ForStmt(n, v, x, d, y, a, b, HERE),
            _labels, name_nodes, small, st.booleans(), small, _annotations, block,
        ),
    )  # fmt: skip


statements = st.recursive(_simple, _compound_statements, max_leaves=5)
blocks = _blocks_of(statements)


# Declarations


def _params():
    return tuples(st.builds(lambda i, g, n, t: s.Param(i, g, n, t, HERE), st.booleans(), st.booleans(), name_nodes, types))


def _procedure(keyword, results):
    make = lambda n, p, r, c, b: s.ProcedureDecl(keyword, n, p, r, c, b, HERE)  # noqa: E731
    return st.builds(make, name_nodes, _params(), results, _specs, st.none() | blocks)


def _function(keyword, result):
    make = lambda n, p, t, c, e: s.FunctionDecl(keyword, n, p, t, c, e, HERE)  # noqa: E731
    return st.builds(make, name_nodes, _params(), result, _function_specs, st.none() | expressions)


_some = tuples(labelled, 0, 2)
_one = tuples(labelled, 0, 1)
_specs = st.builds(s.Spec, _some, _some, tuples(variants, 0, 1), st.booleans(), _one)
_function_specs = st.builds(lambda r, v: s.Spec(r, (), v, False, ()), _some, tuples(variants, 0, 1))
_no_spec = s.Spec((), (), (), False, ())
_goals = st.sampled_from(["f.ensures1", "factorial.loop1.inv2.preserved", "swap.post"])
_triple = lambda t, n, p, b, q: s.TripleDecl(t, n, p, b, q, HERE)  # noqa: E731
declarations = st.one_of(
    _procedure("procedure", _params()),
    _procedure("lemma", st.just(())),
    _function("function", types),
    _function("predicate", st.none()),
    st.builds(lambda n, t, e: s.FunctionDecl("const", n, (), t, _no_spec, e, HERE), name_nodes, types, expressions),
    st.builds(lambda n, e: s.AxiomDecl(n, e, HERE), name_nodes, expressions),
    st.builds(_triple, st.booleans(), st.none() | name_nodes, labelled, blocks, labelled),
    st.sampled_from(["std:arrays", "other.proof"]).map(lambda p: s.ImportDecl(p, HERE)),
    st.builds(lambda g, d, p: s.ProofDecl(g, d, p, HERE), _goals, st.none() | st.just("12ab"), scripts),
)
files = tuples(declarations, 0, 4).map(lambda ds: s.File(ds, (), HERE))
