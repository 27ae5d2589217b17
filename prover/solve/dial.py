"""How much the solver may close by itself: an exercise's automation."""

from __future__ import annotations

from enum import Enum


class Dial(Enum):
    """`NONE`: only what is said already.  `ARITHMETIC`: linear, without quantifiers and without the definitions of functions."""

    NONE = "none"
    ARITHMETIC = "arithmetic"
    FULL = "full"
