"""Where a random program's decisions come from: a seed, with or without a record of them, or Hypothesis.

All are `random.Random`, whose methods rest on the two that Python documents for this: `random` and `getrandbits`.  A decision
is a natural number below a power of two.  So what a seed decided can be handed to Hypothesis, which makes the numbers smaller.
"""

from __future__ import annotations

import random

from hypothesis import strategies as st

FRACTION = 53  # bits of what `random` returns


class Recorded(random.Random):
    """What `random.Random(seed)` decides; written down in `tape`, as (bits, number)."""

    def __init__(self, seed: int, tape: list[tuple[int, int]]) -> None:
        self.tape = tape
        super().__init__(seed)

    def random(self) -> float:
        value = super().random()
        self.tape.append((FRACTION, (1 << FRACTION) - 1 - int(value * (1 << FRACTION))))
        return value

    def getrandbits(self, bits: int, /) -> int:
        value = super().getrandbits(bits)
        self.tape.append((bits, value))
        return value


class Drawn(random.Random):
    """Decisions that Hypothesis makes.  Its smallest, 0, is the first of a choice, and that what has a chance does not happen."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        super().__init__(0)

    def random(self) -> float:
        return ((1 << FRACTION) - 1 - self.getrandbits(FRACTION)) / (1 << FRACTION)

    def getrandbits(self, bits: int, /) -> int:
        return self.draw(st.integers(0, (1 << bits) - 1))
