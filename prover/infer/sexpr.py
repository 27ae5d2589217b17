"""Reading what z3 prints: S-expressions, and formulas over given names in them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from prover.kernel.sort import BOOL, Bool
from prover.kernel.term import Lit, Op, Term, app, conj, disj, implies, neg, num

Sexpr = str | list["Sexpr"]

_TOKENS = re.compile(r'\(|\)|\|[^|]*\||"[^"]*"|[^\s()]+')
_BINARY = {"<=": Op.LE, "<": Op.LT, ">=": Op.GE, ">": Op.GT, "div": Op.DIV, "mod": Op.MOD}


class Unreadable(Exception):
    """The formula says something that our terms do not."""


def read(text: str) -> list[Sexpr]:
    """All expressions in a text; iterative.  Raises Unreadable if brackets do not match."""
    stack: list[list[Sexpr]] = [[]]
    for part in _TOKENS.findall(text):
        if part == "(":
            stack.append([])
        elif part == ")":
            if len(stack) == 1:
                raise Unreadable("unbalanced")
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(part)
    if len(stack) != 1:
        raise Unreadable("unbalanced")
    return stack[0]


def term(expression: Sexpr, names: Mapping[str, Term]) -> Term:
    """An expression as a term; `names` says what its variables stand for.  Raises Unreadable."""
    if isinstance(expression, str):
        return _atom(expression, names)
    match expression:
        case ["let", [*bindings], body]:
            inner = dict(names)
            for binding in bindings:
                match binding:
                    case [str(name), value]:
                        inner[name] = term(value, names)
                    case _:
                        raise Unreadable(str(binding)[:80])
            return term(body, inner)
        case [str(operator), *arguments]:
            return _apply(operator, [term(a, names) for a in arguments])
        case _:
            raise Unreadable(str(expression)[:80])


def _atom(text: str, names: Mapping[str, Term]) -> Term:
    if text in names:
        return names[text]
    if text in ("true", "false"):
        return Lit(text == "true", BOOL)
    if text.isdigit():
        return num(int(text))
    raise Unreadable(text)


def _apply(operator: str, args: list[Term]) -> Term:
    match operator, args:
        case "and", _:
            return conj(args)
        case "or", _:
            return disj(args)
        case "not", [one]:
            return neg(one)
        case "=>", [left, right]:
            return implies(left, right)
        case "=", [left, right]:
            return app(Op.IFF if isinstance(left.sort, Bool) else Op.EQ, left, right)
        case "ite", [condition, then, orelse]:
            return app(Op.ITE, condition, then, orelse)
        case "-", [Lit(value=int(value))]:
            return num(-value)
        case "-", [one]:
            return app(Op.NEG, one)
        case "-", [first, *rest]:
            for other in rest:
                first = app(Op.SUB, first, other)
            return first
        case ("+", [_, _, *_]) | ("*", [_, _, *_]):
            return app(Op.ADD if operator == "+" else Op.MUL, *args)
        case _, [left, right] if operator in _BINARY:
            return app(_BINARY[operator], left, right)
        case _:
            raise Unreadable(operator)
