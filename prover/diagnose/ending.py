"""Why a procedure ends, for a reader: its variants, each with a sentence."""

from __future__ import annotations

from prover.diagnose.improvement import Improvement
from prover.infer.sentence import sentence
from prover.kernel.depend import statements
from prover.kernel.program import Procedure, Program, While
from prover.record import replace
from prover.report import Answer, UnitReport
from prover.semantics.choices import RandomChoices
from prover.semantics.evaluate import Evaluator
from prover.semantics.inputs import starts
from prover.semantics.outcome import Ended, OutOfSteps, Run
from prover.semantics.run import run
from prover.syntax.unparse import term_text

RUNS, STEPS, TOTAL_STEPS = 400, 2_000, 60_000
FUEL, TOTAL_FUEL = 20_000, 400_000


def explained(report: UnitReport, program: Program, improved: Improvement, follow: bool) -> UnitReport:
    """With `evidence`: where the answer to *terminates* is yes, what the kernel has accepted, found or given; where it is
    unknown, and there is time to follow runs, how far these went."""
    unit = program.units[report.name] if improved.inferred is None else improved.inferred.procedure
    if report.terminates is Answer.UNKNOWN and isinstance(unit, Procedure) and unit.body is not None:
        return replace(report, evidence={**report.evidence, "tested": tested(program, report.name)}) if follow else report
    if report.terminates is not Answer.YES or not isinstance(unit, Procedure) or unit.body is None:
        return report
    loops = [_loop(s) for s in statements(unit.body) if isinstance(s, While)]
    evidence: dict[str, object] = {"kind": "variants", "loops": loops}
    if unit.variant:
        evidence["recursion"] = [term_text(v) for v in unit.variant]
    return replace(report, evidence={**report.evidence, **evidence})


def tested(program: Program, name: str) -> dict[str, int]:
    """How many runs from small inputs were followed, how many of them ended, and the most steps that one took or was given."""
    unit = program.units[name]
    assert isinstance(unit, Procedure)
    made: list[Run] = []
    left = TOTAL_STEPS
    evaluator = Evaluator(program, fuel=FUEL, total=TOTAL_FUEL)
    for seed, inputs in enumerate(starts(unit, 0, RUNS, program)):
        if left <= 0:
            break
        choices = RandomChoices(seed)
        made.append(run(program, name, inputs, choices=choices, max_steps=min(STEPS, left), check=False, evaluator=evaluator))
        left -= made[-1].steps + 20
    made = [r for r in made if isinstance(r.outcome, Ended | OutOfSteps)]
    ended = sum(isinstance(r.outcome, Ended) for r in made)
    return {"runs": len(made), "ended": ended, "steps": max([r.steps for r in made], default=0)}


def _loop(loop: While) -> dict[str, object]:
    place = loop.span.first
    value: dict[str, object] = {"loop": loop.label, "line": place.line, "column": place.column}
    if loop.variant:
        value["variant"] = [term_text(v) for v in loop.variant]
        value["sentence"] = sentence(loop, loop.variant, term_text)
    return value
