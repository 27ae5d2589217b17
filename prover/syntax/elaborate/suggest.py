"""What the user may have meant: names that are close to a name that does not exist."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MOST_CANDIDATES = 2_000


def close(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate most like `name`, None when none is like it; letter case alone always counts as alike."""
    known = [c for _, c in zip(range(MOST_CANDIDATES), dict.fromkeys(candidates), strict=False)]
    for candidate in known:
        if candidate.lower() == name.lower():
            return candidate
    from difflib import get_close_matches  # not paid where there is no mistake

    found = get_close_matches(name, known, n=1, cutoff=0.7 if len(name) > 2 else 0.9)
    return found[0] if found else None


def did_you_mean(name: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """A line of help, or none."""
    found = close(name, candidates)
    return (f"did you mean `{found}`?",) if found else ()


def listed(words: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else "nothing"


def plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
