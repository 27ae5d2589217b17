"""Sums over all files of a run, which is all that is kept of them once they are reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from prover.render.finding import Checked
from prover.render.style import Style
from prover.render.text import COLOURS, plural
from prover.report import Certified, Report, Status, Verdict


@dataclass(frozen=True, slots=True)
class Tally:
    """statuses: number of files by status.  held: of files that are as they state, None where that was not asked.
    seconds: of the whole run, where times are asked.  certified: goals that a second solver proves too, if asked."""

    statuses: Mapping[Status, int] = field(default_factory=dict)
    goals: int = 0
    proved: int = 0
    held: int | None = None
    seconds: float | None = None
    certified: int | None = None

    def with_file(self, file: Checked) -> Tally:
        status = file.report.status
        goals = [g for u in file.report.units for g in u.goals]
        verdicts = [g.verdict for g in goals]
        second = [g.certified for g in goals if g.certified is not None]
        agreed = second.count(Certified.BOTH)
        return replace(
            self,
            statuses={**self.statuses, status: self.statuses.get(status, 0) + 1},
            goals=self.goals + len(verdicts),
            proved=self.proved + verdicts.count(Verdict.PROVED),
            certified=(self.certified or 0) + agreed if second else self.certified,
            held=self.held if file.differences is None else (self.held or 0) + file.good,
        )

    @staticmethod
    def of(report: Report) -> Tally:
        tally = Tally(seconds=report.seconds)
        for file in report.files:
            tally = tally.with_file(Checked(file))
        return tally

    @property
    def files(self) -> int:
        return sum(self.statuses.values())

    @property
    def summary(self) -> dict[str, int]:
        """Number of files by status, as in the JSON."""
        order = (Status.PROVED, Status.REFUTED, Status.UNKNOWN, Status.INVALID)
        return {s.value: self.statuses.get(s, 0) for s in order}

    @property
    def exit_status(self) -> int:
        """0: all proved, or as stated.  2: some file is invalid.  1: otherwise."""
        if self.held is not None:
            return 0 if self.held == self.files else 1
        if self.statuses.get(Status.INVALID):
            return 2
        return 0 if self.statuses.get(Status.PROVED, 0) == self.files else 1


def summary_line(tally: Tally, style: Style) -> str:
    """`5 files: 3 proved, 1 unknown, 1 invalid; 48 of 50 goals proved`."""
    parts = [style.paint(COLOURS[s], f"{tally.statuses[s]} {s.value}") for s in Status if tally.statuses.get(s)]
    proved, goals = tally.proved, plural(tally.goals, "goal")
    goals = f"{goals} proved" if proved == tally.goals else f"{proved:,} of {goals} proved"
    line = f"{plural(tally.files, 'file')}: {', '.join(parts) or 'nothing to check'}; {goals}"
    line += _certified(tally.certified, proved) if tally.certified is not None else ""
    line += f" in {tally.seconds:.2f} s" if tally.seconds is not None else ""
    return line if tally.held is None else f"{line}; {tally.held} of {tally.files} as stated"


def _certified(both: int, proved: int) -> str:
    return f", {both:,} of them ({100 * both / max(1, proved):.1f} %) by cvc5, too, {proved - both:,} by z3 only"
