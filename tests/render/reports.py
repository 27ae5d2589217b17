"""Reports made by hand, with one of everything, for the tests of the renderers."""

from __future__ import annotations

from prover.diagnostic import Label, error, warning
from prover.report import (
    Answer,
    AssumptionReport,
    Cause,
    FileReport,
    GoalReport,
    Hypothesis,
    InferredReport,
    Reason,
    Report,
    Status,
    UnitReport,
    Verdict,
)
from prover.source import Source, Span

COUNT = Source(
    "count.proof",
    """// expected: count: correct unknown
procedure count(n: int) returns (r: int)
  requires n >= 0
  ensures  r = n
begin
  r := 0;
  while r < n
    invariant bound: r <= n + 1
  do
    r := r + 1
  end;
  assume r >= 0
end
""",
)
WRONG = Source("wrong.proof", "triple swap\n{ x = a }\n\tx = y;\n\ty := z\n{ y = a }\n")


def span(source: Source, text: str, occurrence: int = 1) -> Span:
    """Where `text` stands in `source`."""
    start = -1
    for _ in range(occurrence):
        start = source.text.index(text, start + 1)
    return Span(source, start, start + len(text))


def goal(name: str, kind: str, verdict: Verdict, place: Span, words: str, **more: object) -> GoalReport:
    reason = Reason.UNCONFIRMED if verdict is Verdict.UNKNOWN else None
    return GoalReport(f"count.{name}", kind, verdict, reason, more.pop("cause", None), place, words, **more)  # type: ignore[arg-type]


def count_unit() -> UnitReport:
    ensures = goal(
        "ensures1",
        "ensures",
        Verdict.UNKNOWN,
        span(COUNT, "r = n"),
        "`ensures` holds at the end",
        hypotheses=(
            Hypothesis("n >= 0", "requires", "requires1"),
            Hypothesis("r <= n + 1", "invariant", "bound"),
            Hypothesis("not r < n", "condition"),
        ),
        conclusion="r = n",
        state={"n": "0", "r": "1"},
        labels=(
            Label(span(COUNT, "end", 2), "at this exit"),
            Label(span(COUNT, "bound: r <= n + 1"), "what is known of the loop"),
        ),
        help=("strengthen the loop's invariant",),
    )
    proved = goal(
        "loop1.bound.entry", "invariant-entry", Verdict.PROVED, span(COUNT, "r <= n + 1"), "the invariant holds on entry"
    )
    return UnitReport(
        name="count",
        kind="procedure",
        span=Span(COUNT, COUNT.text.index("procedure"), len(COUNT.text) - 1),
        correct=Answer.UNKNOWN,
        terminates=None,
        vacuous=False,
        goals=(proved, ensures),
        assumptions=(AssumptionReport("assume", "r >= 0", span(COUNT, "assume r >= 0")),),
        inferred=(InferredReport("invariant", "0 <= r", span(COUNT, "while r < n")),),
        evidence={"state": {"n": 0, "big": 1 << 80}},
        name_span=span(COUNT, "count", 2),
    )


def depending_unit() -> UnitReport:
    return UnitReport(
        name="caller",
        kind="procedure",
        span=span(COUNT, "procedure count"),
        correct=Answer.YES,
        terminates=Answer.UNKNOWN,
        vacuous=False,
        goals=(),
        terminates_reason=Reason.DEPENDS,
        depends=("count", "other"),
    )


def refuted_unit() -> UnitReport:
    place = span(COUNT, "r := r + 1")
    broken = goal(
        "overflow1", "overflow", Verdict.REFUTED, place, "the result fits `int8`", cause=Cause.PROGRAM, notes=("run: n = 200",)
    )
    return UnitReport("wrap", "triple", place, Answer.NO, Answer.YES, False, (broken,))


def wrong_file() -> FileReport:
    assigned = error("syntax-assign", "`=` compares; to assign, write `:=`", span(WRONG, "="), help=("x := y",))
    unread = error("name-unknown", "`z` is not declared", span(WRONG, "z"), labels=(Label(span(WRONG, "{ x = a }"), "not here"),))
    return FileReport("wrong.proof", Status.INVALID, (), (assigned, unread), WRONG)


def report() -> Report:
    vacuous = warning("unit-vacuous", "`requires` can never hold", span(COUNT, "n >= 0"), notes=("every goal holds of nothing",))
    files = (
        FileReport("ok/empty.proof", Status.PROVED, (), (), Source("ok/empty.proof", "")),
        FileReport("count.proof", Status.UNKNOWN, (count_unit(), depending_unit()), (vacuous,), COUNT, "count: correct unknown"),
        FileReport("more.proof", Status.REFUTED, (refuted_unit(),), (), COUNT),
        wrong_file(),
        FileReport("gone.proof", Status.INVALID, (), (error("input-unreadable", "cannot read `gone.proof`", None),)),
    )
    return Report(files, "0.1.0", "z3 5.4.1")
