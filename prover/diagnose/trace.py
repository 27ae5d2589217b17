"""The steps of a run that refutes a unit, for its report."""

from __future__ import annotations

from prover.diagnose.refute import Found
from prover.kernel.program import Program
from prover.record import replace
from prover.report import UnitReport
from prover.semantics.choices import RecordedChoices
from prover.semantics.outcome import Step
from prover.semantics.run import run
from prover.semantics.values import Value, show

MOST_STEPS = 400


def traced(report: UnitReport, program: Program, found: Found | None) -> UnitReport:
    """The report with `trace` in its evidence: a list of steps, each with its place, its text and the values that it changed."""
    if found is None or not report.evidence:
        return report
    choices = RecordedChoices([c.value for c in found.run.choices])
    made = run(program, found.run.unit, found.run.initial, choices=choices, max_steps=found.run.steps + 1, trace=True)
    before: dict[int, dict[str, Value]] = {0: dict(found.run.initial)}
    steps = [_step(step, before) for step in made.trace[:MOST_STEPS]]
    return replace(report, evidence={**report.evidence, "trace": steps})


def _step(step: Step, before: dict[int, dict[str, Value]]) -> dict[str, object]:
    known = before.get(step.depth, {})
    changed = {n: show(v) for n, v in step.state.items() if n not in known or known[n] != v}
    for depth in [d for d in before if d >= step.depth]:
        del before[depth]
    before[step.depth] = dict(step.state)
    first = step.span.first
    return {
        "step": step.number,
        "line": first.line,
        "column": first.column,
        "depth": step.depth,
        "text": " ".join(step.span.text.split()),
        "changed": changed,
    }
