"""A token that does not fit, with what there is to know about the place, and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass, field

from prover.diagnostic import Diagnostic, Label, error
from prover.source import Span
from prover.syntax.machine import Machine
from prover.syntax.scanner import Tokens
from prover.syntax.tables import END


@dataclass(frozen=True, slots=True)
class Mend:
    """What the writer probably meant: put tokens of these terminals in the place of the `drop` ones at the error, and
    give the tokens at the indices in `also`, all further on, another terminal; the empty one takes the token out.
    skip: then skip the rest of the statement."""

    put: tuple[str, ...] = ()
    drop: int = 0
    also: tuple[tuple[int, str], ...] = ()
    skip: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """mend: None when reading on takes skipping."""

    diagnostic: Diagnostic
    mend: Mend | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """Something begun and not ended.  kind: `if while for begin ( [ { proof`."""

    kind: str
    start: int

    @property
    def closing(self) -> str:
        return {"(": ")", "[": "]", "{": "}", "proof": "qed"}.get(self.kind, "end")


_OPENING = {"while_head": "while", "for_head": "for", "WHILE": "while", "FOR": "for", "BEGIN": "begin", "LPAR": "(", "LSQB": "[",
            "LBRACE": "{", "PROOF": "proof"}  # fmt: skip


def opened(machine: Machine) -> list[Open]:
    """What the machine's stack holds open, outermost first."""
    tables = machine.tables
    found: list[Open] = []
    for state, begin in zip(machine.states[1:], machine.begins[1:], strict=True):
        symbol = tables.access[state]
        if symbol == "IF" and "if" in tables.within[state]:
            found.append(Open("if", begin))
        elif symbol in _OPENING:
            found.append(Open(_OPENING[symbol], begin))
        elif symbol in ("RPAR", "RSQB", "RBRACE", "END", "QED") and found:
            found.pop()
    return found


@dataclass(frozen=True, slots=True)
class Trouble:
    machine: Machine
    index: int
    tokens: Tokens = field(init=False)
    fitting: frozenset[str] = field(init=False)
    open: tuple[Open, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tokens", self.machine.tokens)
        object.__setattr__(self, "fitting", self.machine.fitting())
        object.__setattr__(self, "open", tuple(opened(self.machine)))

    @property
    def kind(self) -> str:
        return self.tokens.kinds[self.index]

    @property
    def before(self) -> str:
        """The terminal of the token before; the empty text at the beginning."""
        return self.tokens.kinds[self.index - 1] if self.index else ""

    @property
    def next(self) -> str:
        return self.tokens.kinds[min(self.index + 1, len(self.tokens.kinds) - 1)]

    @property
    def text(self) -> str:
        return self.tokens.text(self.index)

    @property
    def text_before(self) -> str:
        return self.tokens.text(self.index - 1) if self.index else ""

    @property
    def adjacent(self) -> bool:
        """Does the token touch the one before?"""
        return self.index > 0 and self.tokens.starts[self.index] == self.tokens.ends[self.index - 1]

    @property
    def span(self) -> Span:
        return self.gap if self.kind == END else self.tokens.span(self.index)

    @property
    def gap(self) -> Span:
        """The place right behind the token before."""
        end = self.tokens.ends[self.index - 1] if self.index else 0
        return Span(self.tokens.source, end, end)

    def at(self, start: int, end: int) -> Span:
        return Span(self.tokens.source, start, end)

    def rules(self) -> frozenset[str]:
        """The grammar's rules that are half read on top of the stack."""
        return frozenset(self.machine.tables.within[self.machine.states[-1]])

    def say(
        self,
        code: str,
        message: str,
        *help: str,
        mend: Mend | None = None,
        span: Span | None = None,
        labels: tuple[Label, ...] = (),
    ) -> Finding:
        return Finding(error(f"syntax-{code}", message, span or self.span, labels=labels, help=help), mend)

    def opened_label(self, opened: Open) -> Label:
        end = min(opened.start + len(opened.kind), len(self.tokens.source.text))
        return Label(self.at(opened.start, end), f"this `{opened.kind}` is still open")
