"""Commands that ask what the batch commands ask, of the text as it stands: infer, terminates, test, trust."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prover.check import Options, check_files
from prover.diagnose.examine import laboratory
from prover.diagnose.matrix import matrix
from prover.inputs import Input
from prover.kernel.depend import statements
from prover.kernel.program import Procedure, While
from prover.render.escape import escape
from prover.render.ledger import entries, ledger_text
from prover.render.matrix import matrix_lines
from prover.render.run import chosen, findings, heading
from prover.render.style import CYAN
from prover.render.termination import termination_text
from prover.render.text import diagnostic_text, plural
from prover.repl.command import Command, Context, Result, usage
from prover.repl.look import procedure_names
from prover.report import FileReport, InferredReport
from prover.semantics.choices import RandomChoices
from prover.semantics.inputs import starts
from prover.semantics.outcome import Blocked
from prover.semantics.run import run
from prover.session.session import Session
from prover.solve.clock import Clock
from prover.solve.process import version
from prover.solve.prove import Budget
from prover.syntax.insert import inserted

RUNS, STEPS = 500, 5_000
SECONDS = 20.0  # for the conjuncts of a unit


def infer(session: Session, words: str, context: Context) -> Result:
    write = words.split()[:1] == ["add"]
    unit = words.removeprefix("add").strip() if write else words
    report = _checked(session, _named(session, unit), Options())
    found = _by_loop(report)
    items = [i for own in found.values() for i in own]
    lines = [f"  {i.span.first.line}:{i.span.first.column}  {context.style.paint(CYAN, escape(i.text))}" for i in items]
    if not items:
        return Result(session, "no annotation was found that helps")
    if not write:
        return Result(
            session, "\n".join([*lines, f"{plural(len(items), 'annotation')} found; `infer add` puts them into the text"])
        )
    changed = session.with_text(inserted(session.text.source, {start: [i.text for i in own] for start, own in found.items()}))
    return Result(changed, "\n".join([*lines, f"{plural(len(items), 'annotation')} added"]))


def _by_loop(report: FileReport) -> Mapping[int, Sequence[InferredReport]]:
    found: dict[int, list[InferredReport]] = {}
    for item in sorted((i for u in report.units for i in u.inferred), key=lambda i: i.span.start):
        found.setdefault(item.span.start, []).append(item)
    return found


def terminates(session: Session, words: str, context: Context) -> Result:
    report = _checked(session, _named(session, words), Options(total=True, why=True))
    return Result(session, termination_text(report, context.style, True))


def trust(session: Session, _words: str, context: Context) -> Result:
    report = _checked(session, None, Options(infer=False))
    return Result(session, ledger_text(entries([report]), [report], version(), context.style))


def test(session: Session, words: str, context: Context) -> Result:
    units = [u for u in session.text.procedures() if u.body is not None and words in ("", u.name)]
    if not units:
        raise usage(f"there is no procedure, triple or lemma `{words}` with a body" if words else "there is nothing to run")
    lines: list[str] = []
    for unit in units:
        text, ok = _tested(unit, session, context)
        lines.append(text)
        if not ok:
            return Result(session, "\n".join(lines), ok=False)
    return Result(session, "\n".join(lines))


def conjuncts(session: Session, words: str, context: Context) -> Result:
    name = words.split(".", maxsplit=1)[0] or (session.focus or "").split(".", maxsplit=1)[0]
    looped = [u for u in session.text.procedures() if u.body and any(isinstance(s, While) for s in statements(u.body))]
    if name and name not in [u.name for u in looped]:
        raise usage(f"there is no procedure, triple or lemma `{name}` with a loop")
    at = [laboratory(u, session.text.plan, context.engine.pool, Budget(), Clock(SECONDS)) for u in looped if name in ("", u.name)]
    lines = [line for room in at for line in matrix_lines(matrix(room), context.style)]
    return Result(session, "\n".join(lines).strip("\n") or "there is no loop with an invariant")


def _tested(unit: Procedure, session: Session, context: Context) -> tuple[str, bool]:
    program = session.text.plan.program
    made = 0
    for seed, inputs in enumerate(starts(unit, 0, RUNS, program)):
        one = run(program, unit.name, inputs, choices=RandomChoices(seed), max_steps=STEPS)
        if isinstance(one.outcome, Blocked):
            continue
        made += 1
        if one.wrong is not None or one.wrong_annotation is not None:
            shown = [diagnostic_text(f, context.style) for f in findings(one)]
            return "\n".join([heading(unit.name, one.initial), *chosen(one), *shown]), False
    return f"{unit.name}: {plural(made, 'run')}, nothing was broken; that proves nothing", True


def _named(session: Session, words: str) -> frozenset[str] | None:
    if words and words not in session.text.plan.program.own:
        raise usage(f"there is no unit `{words}`", f"units: {', '.join(session.text.plan.program.own)}")
    return frozenset({words}) if words else None


def _checked(session: Session, names: frozenset[str] | None, options: Options) -> FileReport:
    item = Input(session.name, session.text.source.text.encode(), session.root)
    (report,) = check_files([item], Options(options.total, infer=options.infer, why=options.why, names=names))
    return report


COMMANDS = (
    Command("infer", (), "supply", "infer [add] [UNIT]", "look for annotations that are missing",
            "Shows invariants and variants that were found and proved; with `add` they go into the text.",
            "There is no such unit.", "infer add", infer, procedure_names),
    Command("terminates", ("t",), "look", "terminates [UNIT]", "does it always end, and why?",
            "Answers yes, no or don't know for each procedure, with the evidence.", "There is no such unit.",
            "terminates", terminates, procedure_names),
    Command("trust", (), "look", "trust", "what the answers take on trust",
            "Lists assumptions, axioms, and what is trusted without a body.", "Never.", "trust", trust),
    Command("conjuncts", (), "look", "conjuncts [UNIT]", "each part of each invariant: holds on entry, kept, needed",
            "A table of the conjuncts of a unit's invariants: proved on entry, kept (resting on which others), needed for what.",
            "There is no such unit, or it has no loop.", "conjuncts factorial", conjuncts, procedure_names),
    Command("test", (), "run", "test [UNIT]", "run the program on many inputs, checking everything",
            "Tries small and random inputs that satisfy `requires`; shows the first run that breaks something.",
            "There is nothing to run.", "test", test, procedure_names),
)  # fmt: skip
