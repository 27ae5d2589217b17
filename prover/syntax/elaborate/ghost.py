"""What makes a term ghost: reading ghost variables, or speaking of what no program can compute."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from prover.kernel.term import OLD, App, At, Op, Quant, Term, Var, walk
from prover.source import Span


@dataclass(frozen=True, slots=True, eq=False)
class Reason:
    """Why something is ghost code: in words, and where that is seen."""

    text: str
    span: Span | None


def reason(term: Term, ghosts: Collection[str]) -> Reason | None:
    """Why the value of `term` is for ghost code only; None where real code may use it.  ghosts: core names of ghost variables."""
    for node in walk(term):
        match node:
            case Var() if node.name in ghosts:
                return Reason(f"it uses the ghost variable `{node.name.split('#')[0]}`", node.span)
            case Quant():
                return Reason(f"it uses `{'forall' if node.universal else 'exists'}`", node.span)
            case At():
                return Reason(f"it uses `{'old' if node.label == OLD else 'at'}`", node.span)
            case App(op=Op.PERM):
                return Reason("it uses `perm`", node.span)
            case _:
                pass
    return None
