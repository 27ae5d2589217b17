"""What the verifier says of a program against what the interpreter does.

Each check gives the disagreements that it finds, as sentences that begin with a word for their kind.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from prover.kernel.depend import statements
from prover.kernel.program import Block, Function, If, Kind, Parameter, Procedure, ProcedureCall, Program, While
from prover.kernel.term import OLD, call, free_variables
from prover.report import Answer, FileReport, GoalReport, Reason, UnitReport, Verdict
from prover.semantics.choices import RandomChoices, RecordedChoices, any_value
from prover.semantics.evaluate import Scope
from prover.semantics.inputs import small_inputs
from prover.semantics.outcome import Blocked, Break, Ended, Failed, OutOfSteps, Run
from prover.semantics.run import run
from prover.semantics.values import Failure, Unknown, Value
from prover.source import Source
from prover.syntax.format import format_file
from prover.syntax.parser import parse
from prover.textbook.wp import Options, TooLarge, condition
from tests.fuzz.observe import evaluator_of, runs
from tests.semantics.programs import program_of

RUNS = 200
STEPS = 600
PATIENCE = 100_000
LONGEST = 10 * PATIENCE  # more than some rounds for each number of 16 bits
MOST_LONGER = 8  # runs of a unit
SMALL = 20
GOOD = (Answer.YES, Answer.TRUSTED)


@dataclass(frozen=True, slots=True)
class Subject:
    """A program and what was answered about it."""

    text: str
    program: Program
    report: FileReport
    seed: int = 0

    @property
    def functions_are_good(self) -> bool:
        """Do all functions exist, as far as is proved?  (Axioms are true in `observe.Interpretation`.)"""
        units = self.program.units
        named = {u.name: u.correct for u in self.report.units}
        return all(named.get(n) in GOOD for n, u in units.items() if isinstance(u, Function))


def subject(text: str, report: FileReport, seed: int = 0) -> Subject:
    return Subject(text, program_of(text), report, seed)


def disagreements(found: Subject) -> list[str]:
    problems = [*workers(found), *layout(found.text)]
    for unit in found.report.units:
        core = found.program.units[unit.name]
        if isinstance(core, Procedure) and core.body is not None:
            problems += executed(found, unit, core)
            problems += replayed(found, unit, core)
            problems += textbook(found, unit, core)
        elif isinstance(core, Function) and core.body is not None:
            problems += evaluated(found, unit, core)
    return list(dict.fromkeys(problems))


def workers(found: Subject) -> Iterator[str]:
    for unit in found.report.units:
        for goal in unit.goals:
            if goal.reason is Reason.WORKER_DIED:
                yield f"worker-died: {goal.name}"


def layout(text: str) -> Iterator[str]:
    """Formatting changes nothing but the layout."""
    source = Source("fuzz.proof", text)
    tree = parse(source)
    laid = format_file(tree, source)
    again = Source("fuzz.proof", laid)
    tree_again = parse(again)
    if tree_again.declarations != tree.declarations:
        yield "format: the formatted program is another one"
    elif format_file(tree_again, again) != laid:
        yield "format: formatting twice gives another text"


# Runs


def executed(found: Subject, unit: UnitReport, core: Procedure) -> Iterator[str]:
    """No run breaks what is proved, and what is proved to end does."""
    proved = [g for g in unit.goals if g.verdict is Verdict.PROVED]
    if unit.correct is not Answer.YES and not proved:
        return
    longer = iter(range(MOST_LONGER))
    for made in runs(found.program, core, RUNS, STEPS, found.seed):
        if problem := _contradiction(found, unit, core, made, longer):
            yield f"{problem} from {made.initial}"
            return


def _contradiction(found: Subject, unit: UnitReport, core: Procedure, made: Run, longer: Iterator[int]) -> str | None:
    """What is claimed of the unit and a run shows to be false.  longer: as often a run that was stopped is followed further."""
    if unit.correct is Answer.YES and made.refutes(unit.name):
        return f"correct: `{unit.name}` is proved, but {_message(made)}"
    if unit.correct is Answer.YES and (wrong := _wrong_annotation(made, unit)):
        return f"annotation: `{unit.name}` is proved, but {wrong.label}: {wrong.message}"
    # A lemma that uses itself without a variant has proved goals: they rest on the one that is missing.
    if core.kind is not Kind.LEMMA and found.functions_are_good and (goal := _first_broken(made, unit)):
        return goal
    stopped = unit.terminates is Answer.YES and isinstance(made.outcome, OutOfSteps)
    if stopped and _starts_small(made) and next(longer, None) is not None and endless(found, made):
        return f"terminates: `{unit.name}` is proved to end, but goes on"
    return None


def _message(made: Run) -> str:
    assert made.wrong is not None
    return f"{made.wrong.kind.value} {getattr(made.wrong, 'label', '')} {made.wrong.message}"


def _wrong_annotation(made: Run, unit: UnitReport) -> Break | None:
    """An invariant or variant that the run breaks; of variants only where *terminates* was proved, too."""
    wrong = made.wrong_annotation
    if wrong is None or wrong.unit != unit.name or not made.is_evidence or made.wrong is not None:
        return None
    return wrong if wrong.clause is not None or unit.terminates in GOOD else None


def _first_broken(made: Run, unit: UnitReport) -> str | None:
    """The first thing that goes wrong in a run is not a proved goal, whatever else is unproved."""
    if made.read_termination or made.doubts or isinstance(made.outcome, Blocked):
        return None
    first = made.breaks[0] if made.breaks else made.outcome.failure if isinstance(made.outcome, Failed) else None
    if first is None or first.unit != unit.name:
        return None
    goals = _about(first, unit.goals)
    if not goals:
        kinds = {g.kind for g in unit.goals}
        return f"missing: no goal for {first.kind.value} {_place(first)}: {first.message}; there are {sorted(kinds)}"
    if all(g.verdict is Verdict.PROVED for g in goals):
        names = ", ".join([g.name for g in goals])
        return f"goal: {names} proved, but broken first: {_place(first)}: {first.message}"
    return None


def _place(first: Break | Failure) -> str:
    place = first.span.first if first.span else None
    return f"line {place.line}" if place else "nowhere"


def _about(first: Break | Failure, goals: Sequence[GoalReport]) -> list[GoalReport]:
    """The goals that may be the one which `first` breaks."""
    failure = first.failure if isinstance(first, Break) else first
    if failure is not None:
        same = [g for g in goals if g.kind == failure.kind.value]
        return [g for g in same if failure.span and g.span.start == failure.span.start] or same
    assert isinstance(first, Break)
    same = [g for g in goals if g.kind == first.kind.value]
    if first.clause is not None:
        label = first.clause.label
        return [g for g in same if label in g.name.split(".")] or [g for g in same if g.span.text == first.clause.span.text]
    return [g for g in same if first.label in g.name.split(".")] or same


def _starts_small(made: Run) -> bool:
    return all(_small(v) for v in (*made.initial.values(), *[c.value for c in made.choices]))


def endless(found: Subject, made: Run) -> bool:
    """Does a run from small values go on and on, and not just count down from a large one?"""
    longer = run(found.program, made.unit, made.initial, choices=RandomChoices(0), max_steps=LONGEST, check=False)
    return isinstance(longer.outcome, OutOfSteps) and all(_small(v, LONGEST) for v in longer.outcome.state.values())


def _small(value: Value, limit: int = SMALL) -> bool:
    return all(_small(v, limit) for v in value) if isinstance(value, tuple) else abs(value) <= limit


# Refutations and functions


def value_of(text: str) -> Value:
    """A value as reports show it."""
    return _tuples(ast.literal_eval(text.replace("true", "True").replace("false", "False")))


def _tuples(value: object) -> Value:
    if isinstance(value, list):
        return tuple([_tuples(v) for v in value])
    assert isinstance(value, int)
    return value


def replayed(found: Subject, unit: UnitReport, core: Procedure) -> Iterator[str]:
    """A *no* has evidence that can be run again."""
    if Answer.NO not in (unit.correct, unit.terminates):
        return
    evidence = unit.evidence
    inputs, choices = evidence.get("inputs"), evidence.get("choices")
    if not isinstance(inputs, dict) or not isinstance(choices, list):
        yield f"replay: `{unit.name}` is refuted without a run"
        return
    recorded = RecordedChoices([value_of(c["value"]) for c in choices])
    start = {n: value_of(v) for n, v in inputs.items()}
    made = run(found.program, unit.name, start, choices=recorded, max_steps=PATIENCE // 10)
    # Followed further than by who found it, the run may come to a false `assume`; what it broke before, it broke.
    broke = isinstance(made.outcome, Blocked) and made.wrong is not None and made.wrong.unit == unit.name
    if unit.correct is Answer.NO and not (made.refutes(unit.name) or broke):
        yield f"replay: `{unit.name}` is not refuted from {start}: {made.outcome}"
    if unit.terminates is Answer.NO and isinstance(made.outcome, Ended | Failed | Blocked):
        assert core.body is not None
        chooses = any(
            (isinstance(s, If | While) and s.condition is None) or type(s).__name__ == "Havoc" for s in statements(core.body)
        )
        if not chooses:
            yield f"replay: `{unit.name}` ends from {start}"


def evaluated(found: Subject, unit: UnitReport, core: Function) -> Iterator[str]:
    """A function that is proved to exist has a value wherever its `requires` holds."""
    if unit.correct is not Answer.YES:
        return
    evaluator = evaluator_of(found.program)
    shell = _as_inputs(core)
    for values in small_inputs(shell, found.seed, 60):
        scope = Scope(values, {OLD: values})
        if all(_small(v) for v in values.values()) and all(evaluator.value(c.formula, scope) is True for c in core.requires):
            result = evaluator.value(call(core.name, tuple(core.parameters), core.result), scope)
            if isinstance(result, Failure) or (
                isinstance(result, Unknown) and "steps" in result.reason and found.functions_are_good
            ):
                yield f"function: `{core.name}` is proved, but has no value at {values}: {result}"
                return


def _as_inputs(core: Function) -> Procedure:
    parameters = tuple([Parameter(p) for p in core.parameters])
    return Procedure(
        Kind.PROCEDURE,
        core.name,
        parameters,
        (),
        (),
        core.requires,
        (),
        None,
        False,
        (),
        Block(()),
        core.span,
        core.name_span,
        core.span,
    )


# The textbook


def textbook(found: Subject, unit: UnitReport, core: Procedure) -> Iterator[str]:
    """Where all goals are proved, the textbook's condition is true in every state; and it is true where runs are right only."""
    body = core.body
    assert body is not None
    if any(isinstance(s, While) for s in statements(body)):
        return
    calls = any(isinstance(s, ProcedureCall) for s in statements(body))
    formula = condition(core, found.program, Options(exact=True, definedness=True, limit=3_000))
    if isinstance(formula, TooLarge):
        return
    evaluator, rng, free = evaluator_of(found.program), random.Random(found.seed), free_variables(formula)
    for values in small_inputs(core, found.seed, 40, found.program):
        values = {**{n: any_value(v.sort, rng) for n, v in free.items()}, **values}
        scope = Scope(values, {OLD: values})
        known = [evaluator.value(c.formula, scope) for c in core.requires]
        result = evaluator.value(formula, scope)
        if not all(k is True for k in known):
            continue
        fails = result is False or isinstance(result, Failure)
        if fails and unit.correct is Answer.YES:
            yield f"textbook: `{unit.name}` is proved, its textbook condition is {result} in {values}"
            return
        if calls:
            continue  # the condition knows callees by their contracts, the run by their bodies
        made = run(found.program, unit.name, values, choices=RandomChoices(found.seed), max_steps=STEPS, evaluator=evaluator)
        if result is True and not made.choices and made.refutes(unit.name):
            yield f"wp: the condition of `{unit.name}` is true in {values}, but {_message(made)}"
            return
        right = isinstance(made.outcome, Ended) and not (made.breaks or made.doubts or made.choices or made.read_termination)
        if fails and right:
            yield f"wp: the condition of `{unit.name}` is {result} in {values}, but the run is right"
            return


def texts(problems: Iterable[str]) -> list[str]:
    """The kinds of these disagreements."""
    return sorted({p.partition(":")[0] for p in problems})
