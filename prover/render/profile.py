"""Where the time of a run went: by phase, the slowest files and goals, and what may help."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappush, heappushpop
from typing import TypeVar

from prover.render.escape import escape
from prover.render.text import plural
from prover.report import FileReport

T = TypeVar("T", bound=tuple[object, ...])
PHASES = ("parse", "elaborate", "conditions", "encode", "solve", "report")
MOST = 10
SLOW_GOAL = 1.0
SMALL = 0.005  # seconds: less is no matter


@dataclass(slots=True)
class Profile:
    """Fed with each report; remembers sums and the slowest, however many there are."""

    sums: dict[str, float] = field(default_factory=dict)
    files: list[tuple[float, str, tuple[tuple[str, float], ...]]] = field(default_factory=list)
    goals: list[tuple[float, str, str]] = field(default_factory=list)
    open_seconds: float = 0.0
    count: int = 0

    def add(self, report: FileReport) -> None:
        phases = dict(report.phases or {})
        self.count += 1
        for name, seconds in phases.items():
            self.sums[name] = self.sums.get(name, 0.0) + seconds
        total = sum(phases.values())
        _keep(self.files, (total, report.path, tuple(phases.items())))
        for unit in report.units:
            for goal in unit.goals:
                _keep(self.goals, (goal.seconds or 0.0, goal.name, report.path))
        if report.status.value != "proved":
            self.open_seconds += phases.get("report", 0.0)

    def text(self, wall: float) -> str:
        total = sum(self.sums.values())
        lines = [f"profile: {plural(self.count, 'file')}, {total:.2f} s of work in {wall:.2f} s"]
        lines += ["", f"{'phase':<12}{'seconds':>9}{'share':>8}"]
        for name in PHASES:
            seconds = self.sums.get(name, 0.0)
            lines.append(f"{name:<12}{seconds:>9.3f}{100 * seconds / total if total else 0:>7.0f}%")
        slow = [f for f in sorted(self.files, reverse=True) if f[0] >= SMALL]
        if slow:
            lines += ["", "slowest files" + " " * 9 + "".join(f"{name:>11}" for name in PHASES)]
            for seconds, path, phases in slow:
                lines.append(
                    f"{seconds:>9.3f}             {''.join(f'{dict(phases).get(n, 0.0):>11.3f}' for n in PHASES)}  {escape(path)}"
                )
        hard = [g for g in sorted(self.goals, reverse=True) if g[0] >= SMALL]
        if hard:
            lines += ["", "slowest goals"]
            lines += [f"{seconds:>9.3f}  {escape(name)}  {escape(path)}" for seconds, name, path in hard]
        advice = self._advice(total, hard)
        return "\n".join([*lines, *(["", *advice] if advice else [])]) + "\n"

    def _advice(self, total: float, hard: list[tuple[float, str, str]]) -> list[str]:
        found = []
        if hard and hard[0][0] >= SLOW_GOAL:
            found.append(
                f"advice: `{escape(hard[0][1])}` is hard for the solver: an `assert` of something in between, or a lemma"
            )
        if total and self.sums.get("solve", 0.0) > 0.7 * total and self.count > 1:
            found.append("advice: most of the time is the solver's: more `--jobs`, if there are more cores, or `--scheduler`")
        if total and self.open_seconds > 0.4 * total:
            found.append("advice: much of the time goes into what is not proved: `--no-infer` looks for no annotations")
        front = sum(self.sums.get(n, 0.0) for n in ("parse", "elaborate", "conditions", "encode"))
        if total and front > 0.6 * total:
            found.append("advice: most of the time is reading: the cache spares it for files that do not change")
        return found


def _keep(heap: list[T], item: T) -> None:
    """The largest few."""
    if len(heap) < MOST:
        heappush(heap, item)
    else:
        heappushpop(heap, item)
