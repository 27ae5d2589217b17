"""Why a procedure ends, for a reader: its variants, each with a sentence."""

from __future__ import annotations

from prover.diagnose.improvement import Improvement
from prover.infer.sentence import sentence
from prover.kernel.depend import statements
from prover.kernel.program import Procedure, Program, While
from prover.record import replace
from prover.report import Answer, UnitReport
from prover.syntax.unparse import term_text


def explained(report: UnitReport, program: Program, improved: Improvement) -> UnitReport:
    """With `evidence`, where the answer to *terminates* is yes: what the kernel has accepted, found or given."""
    unit = program.units[report.name] if improved.inferred is None else improved.inferred.procedure
    if report.terminates is not Answer.YES or not isinstance(unit, Procedure) or unit.body is None:
        return report
    loops = [_loop(s) for s in statements(unit.body) if isinstance(s, While)]
    evidence: dict[str, object] = {"kind": "variants", "loops": loops}
    if unit.variant:
        evidence["recursion"] = [term_text(v) for v in unit.variant]
    return replace(report, evidence={**report.evidence, **evidence})


def _loop(loop: While) -> dict[str, object]:
    place = loop.span.first
    value: dict[str, object] = {"loop": loop.label, "line": place.line, "column": place.column}
    if loop.variant:
        value["variant"] = [term_text(v) for v in loop.variant]
        value["sentence"] = sentence(loop, loop.variant, term_text)
    return value
