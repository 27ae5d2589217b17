"""The soundness corpus: small files with one trap each.

`false/`: what the first comment names must not be proved, and is refused, refuted or left open as it says.  `true/`: the same
traps where the statement holds, so that a prover that proves nothing does not pass.  Each file says what its trap is.
`pytest --update` rewrites what a file of `false/` expects, but never to a proof.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

import prover
from prover.expectation import hold
from prover.report import Answer, FileReport, Status

CORPUS = Path(__file__).parent
FILES = {kind: sorted((CORPUS / kind).rglob("*.proof")) for kind in ("false", "true")}
ALL = [path for paths in FILES.values() for path in paths]
TRAPS = 27
RLIMIT, SECONDS = 3_000_000, 10.0


@pytest.fixture(scope="session")
def reports() -> Mapping[Path, FileReport]:
    """Every file checked once; annotations are not looked for, except where the trap is about those."""
    plain = [p for p in ALL if not p.parent.name.startswith("27")]
    inferring = [p for p in ALL if p.parent.name.startswith("27")]
    found: dict[Path, FileReport] = {}
    for paths, infer in ((plain, False), (inferring, True)):
        report = prover.check_paths(paths, rlimit=RLIMIT, timeout=SECONDS, infer=infer)
        found.update(zip(paths, report.files, strict=True))
    return found


def name(path: Path) -> str:
    return path.relative_to(CORPUS).with_suffix("").as_posix()


def good(report: FileReport) -> bool:
    """Is everything that is asked answered *yes*?"""
    answers = [a for u in report.units for a in (u.correct, u.terminates) if a is not None]
    plain = all(a in (Answer.YES, Answer.TRUSTED) for a in answers) and not any(u.vacuous for u in report.units)
    return report.status is not Status.INVALID and plain


@pytest.mark.parametrize("path", FILES["false"], ids=name)
def test_false(path: Path, reports: Mapping[Path, FileReport], update: bool) -> None:
    report = reports[path]
    assert not good(report), "UNSOUND: a false file is proved"
    if update:
        state(path, report)
    else:
        assert [d.message for d in hold(report)] == []


@pytest.mark.parametrize("path", FILES["true"], ids=name)
def test_true(path: Path, reports: Mapping[Path, FileReport]) -> None:
    assert [d.message for d in (*reports[path].diagnostics, *hold(reports[path])) if d.severity.value == "error"] == []


@pytest.mark.parametrize("path", [p for p in FILES["true"] if p.parent.name == "15-trust"], ids=name)
def test_what_is_trusted_is_named(path: Path, reports: Mapping[Path, FileReport]) -> None:
    assert reports[path].units[-1].assumptions


@pytest.mark.parametrize("kind", FILES)
def test_every_trap_has_its_files(kind: str) -> None:
    counts = {trap: len(list((CORPUS / kind).glob(f"{trap:02}-*/*.proof"))) for trap in range(1, TRAPS + 1)}
    assert {trap: count for trap, count in counts.items() if count < 5} == {}
    assert sum(counts.values()) == len(FILES[kind]) >= 300


@pytest.mark.parametrize("path", ALL, ids=name)
def test_says_what_it_expects(path: Path) -> None:
    first, second = path.read_text("utf-8").splitlines()[:2]
    assert first.startswith("// ") and ": " in first
    if path.is_relative_to(CORPUS / "false"):
        assert re.match(r"// expected: (invalid$|.*\b(no|unknown)\b)", second)
    else:
        assert second.startswith("// expected: all yes") or re.match(r"// expected: .*correct yes, terminates no$", second)


def state(path: Path, report: FileReport) -> None:
    """Rewrite the file's second line, which states its verdicts."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    lines[1] = f"// expected: {stated(report)}\n"
    path.write_text("".join(lines), "utf-8")


def stated(report: FileReport) -> str:
    if report.status is Status.INVALID:
        return "invalid"
    parts = []
    for unit in report.units:
        answers = [("correct", unit.correct), ("terminates", unit.terminates)]
        wrong = [f"{aspect} {a.value}" for aspect, a in answers if a is not None and a not in (Answer.YES, Answer.TRUSTED)]
        wrong += ["correct vacuous"] if unit.vacuous and unit.correct is Answer.YES else []
        if wrong:
            parts.append(f"{unit.name}: {', '.join(wrong)}")
    return "; ".join(parts)
