"""A program that shows a disagreement, made small: Hypothesis makes the generator's decisions smaller, then lines go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.database import InMemoryExampleDatabase, choices_to_bytes
from hypothesis.errors import NoSuchExample

from prover.diagnostic import InputError
from tests.fuzz.draws import Drawn, Recorded
from tests.fuzz.programs import made
from tests.fuzz.shrink import ATTEMPTS, shrunk

KEY = b"fuzz"


@dataclass(frozen=True, slots=True)
class Origin:
    """What a program was made from."""

    seed: int
    small: bool


def minimised(text: str, origin: Origin | None, still: Callable[[str], bool], attempts: int = ATTEMPTS) -> str:
    """A small program such that `still` holds.  origin: None for programs that were changed after they were made."""
    if origin is not None and attempts > 0:
        text = _by_hypothesis(text, origin, still, attempts)
    return shrunk(text, still, attempts)


def _by_hypothesis(text: str, origin: Origin, still: Callable[[str], bool], attempts: int) -> str:
    """The decisions of the seed are where Hypothesis starts, as if it had found them in an earlier run."""
    tape: list[tuple[int, int]] = []
    concretely = origin.seed % 4 == 0
    again = made(Recorded(origin.seed, tape), Recorded(origin.seed, tape), origin.small, concretely)
    if again != text:
        return text
    database = InMemoryExampleDatabase()
    database.save(KEY, choices_to_bytes([number for _, number in tape]))
    left = attempts

    def wanted(candidate: str) -> bool:
        nonlocal left
        left -= 1
        return candidate == text or (left > 0 and candidate != "" and still(candidate))

    chosen = settings(
        max_examples=attempts,
        deadline=None,
        database=database,
        phases=(Phase.reuse, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    try:
        return find(programs(origin.small, concretely), wanted, settings=chosen, database_key=KEY)
    except NoSuchExample:
        return text


@st.composite
def programs(draw: st.DrawFn, small: bool, concretely: bool) -> str:
    """A random program, "" where the decisions lead to none."""
    try:
        return made(Drawn(draw), Drawn(draw), small, concretely)
    except InputError:
        return ""
