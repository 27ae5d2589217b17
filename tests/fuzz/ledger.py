"""What a campaign has seen so far, on disk: a line of JSON for each batch, so that it can be broken off and gone on with."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from prover.report import FileReport

FALSE = ("correct", "annotation", "goal", "terminates", "function", "textbook")


@dataclass(slots=True)
class Tally:
    """What was seen.  failures: programs with what is wrong about them."""

    statuses: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[str, str, list[str]]] = field(default_factory=list)

    @property
    def proved(self) -> float:
        """The proportion of units of code that are proved correct."""
        asked = [n for n in self.answers if "correct" in n and n.split()[0] in ("procedure", "triple", "lemma")]
        return sum(self.answers[n] for n in asked if n.endswith("yes")) / max(1, sum(self.answers[n] for n in asked))

    @property
    def false(self) -> list[str]:
        """What was proved and is not so."""
        return [p for _, _, problems in self.failures for p in problems if p.startswith(FALSE)]

    def add(self, other: Tally) -> None:
        self.statuses.update(other.statuses)
        self.answers.update(other.answers)
        self.words.update(other.words)
        self.failures += other.failures

    def count(self, words: set[str], report: FileReport) -> None:
        self.statuses[report.status.value] += 1
        self.words.update(words)
        for unit in report.units:
            self.answers[f"{unit.kind} correct {unit.correct.value}"] += 1
            if unit.terminates is not None and unit.kind in ("procedure", "triple"):
                self.answers[f"{unit.kind} terminates {unit.terminates.value}"] += 1


@dataclass(frozen=True, slots=True)
class Ledger:
    """path: None for nowhere.  large: as in `differential.batches`; rows of campaigns with another are not looked at."""

    path: Path | None
    large: int

    def rows(self) -> Iterator[tuple[range, Tally]]:
        if self.path is None or not self.path.exists():
            return
        for line in self.path.read_text("utf-8").splitlines():
            row = json.loads(line)
            if row["large"] == self.large:
                failures = [(name, text, problems) for name, text, problems in row["failures"]]
                seen = Tally(Counter(row["statuses"]), Counter(row["answers"]), Counter(row["words"]), failures)
                yield range(row["from"], row["to"]), seen

    def done(self) -> tuple[set[int], Tally]:
        seeds: set[int] = set()
        total = Tally()
        for covered, tally in self.rows():
            if seeds.isdisjoint(covered):
                seeds.update(covered)
                total.add(tally)
        return seeds, total

    def add(self, seeds: Sequence[int], tally: Tally) -> None:
        """seeds: one after the other."""
        if self.path is None:
            return
        assert list(seeds) == list(range(seeds[0], seeds[-1] + 1))
        counts = {"statuses": tally.statuses, "answers": tally.answers, "words": tally.words, "failures": tally.failures}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"from": seeds[0], "to": seeds[-1] + 1, "large": self.large, **counts}) + "\n")
