"""Variants of procedures, or lemmas, that call each other: one for each, all of which fall on every call around.

Candidates are those of `recursion`, one for each member; then the same with a number behind it, for calls that lower nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, permutations, product

from prover.infer.linear import each_once
from prover.infer.recursion import measures
from prover.kernel.program import Procedure
from prover.kernel.term import Term, num
from prover.record import replace

MOST_EACH, MOST_TRIED, MOST_RANKED, MOST_SORTED = 8, 80, 3, 8**4

Variants = tuple[tuple[Term, ...], ...]


def with_variants(members: Sequence[Procedure], falls: Callable[[Sequence[Procedure]], bool]) -> list[Procedure] | None:
    """The members with variants.  falls: do these fall on every call around?  (It may say no because time is up.)"""
    for variants in _candidates(members):
        changed = [replace(m, variant=v) for m, v in zip(members, variants, strict=True)]
        if falls(changed):
            return changed
    return None


def _candidates(members: Sequence[Procedure]) -> Iterator[Variants]:
    single = [list(islice(each_once(measures(m)), MOST_EACH)) for m in members]
    chosen = [tuple([s[i] for s, i in zip(single, place, strict=True)]) for place in _places([len(s) for s in single])]
    yield from (tuple([(t,) for t in terms]) for terms in chosen)
    ranks = list(permutations(range(len(members)))) if len(members) <= MOST_RANKED else []
    for terms in chosen:
        yield from (tuple([(t, num(r)) for t, r in zip(terms, rank, strict=True)]) for rank in ranks)


def _places(lengths: Sequence[int]) -> Sequence[tuple[int, ...]]:
    """Of each list one place.  Those first that are alike: calls that pass the same on fall by the same."""
    alike = [(place,) * len(lengths) for place in range(min(lengths))]
    others = sorted(islice(product(*map(range, lengths)), MOST_SORTED), key=lambda p: (max(p) - min(p), sum(p)))
    return list(dict.fromkeys([*alike, *others]))[:MOST_TRIED]
