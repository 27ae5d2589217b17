"""What is recalled of a file: the same report, and none once anything that it rests on is another."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from prover.cache import Cache
from prover.cache.codec import Damaged, decode, encode
from prover.cache.store import Kind, opened
from prover.check import Options, check_files
from prover.inputs import Input, gather
from prover.kernel.oracle import Answer, Fault, Query
from prover.render.json import report_json
from prover.render.style import Style
from prover.render.text import file_details, file_line, inferred_lines
from prover.report import FileReport, Report, Status
from prover.solve.process import Pool

MAIN = """import "library.proof"
procedure use(x: int) returns (y: int)
  requires x > 0
  ensures  y > 1
begin
  y := more(x)
end
"""
LIBRARY = """procedure more(x: int) returns (y: int)
  ensures y = x + 1
begin
  y := x + 1
end
"""
PLAIN = Style(False, True)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: main.proof, and library.proof that it imports."""
    (tmp_path / "main.proof").write_text(MAIN)
    (tmp_path / "library.proof").write_text(LIBRARY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(opened(tmp_path / "cache.sqlite"), "0.1.0", "z3 1")


class Asked(Exception):
    """A solver has been asked, or a file parsed."""


@pytest.fixture
def forbid(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """From now on parsing a file, or asking the solver, is an error."""

    def refuse(*_: object) -> None:
        raise Asked

    def set_up(what: str) -> None:
        monkeypatch.setattr(
            *{"parse": ("prover.check.parse", refuse), "solve": ("prover.solve.process.Worker.ask", refuse)}[what]
        )

    return set_up


def check(cache: Cache | None, *paths: str, **options: object) -> list[FileReport]:
    return list(check_files(gather(paths), Options(jobs=1, infer=False, **options), None, cache))  # type: ignore[arg-type]


def shown(reports: list[FileReport]) -> str:
    lines = [report_json(Report(tuple(reports), "0", "z3"))]
    for r in reports:
        lines += [file_line(r, PLAIN), *inferred_lines(r, PLAIN), file_details(r, PLAIN)]
    return "\n".join(lines)


def test_an_unchanged_file_is_not_parsed(folder: Path, cache: Cache, forbid: Callable[[str], None]) -> None:
    first = check(cache, "main.proof")
    assert first[0].status is Status.PROVED
    forbid("parse")
    assert shown(check(cache, "main.proof")) == shown(first)


def _relinked(folder: Path) -> None:
    """The import leads to another file now."""
    (folder / "other.proof").write_text(LIBRARY)
    (folder / "library.proof").unlink()
    (folder / "library.proof").symlink_to("other.proof")


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "main.proof").write_text(MAIN.replace("y > 1", "y > 2")),
        lambda folder: (folder / "library.proof").write_text(LIBRARY.replace("ensures y = x + 1", "ensures y >= x")),
        lambda folder: (folder / "library.proof").write_text(LIBRARY + " "),
        lambda folder: (folder / "library.proof").unlink(),
        _relinked,
    ],
)
def test_a_change_of_the_file_or_an_import_misses(
    folder: Path, cache: Cache, forbid: Callable[[str], None], change: Callable[[Path], None]
) -> None:
    check(cache, "main.proof")
    change(folder)
    forbid("parse")
    with pytest.raises(Asked):
        check(cache, "main.proof")


def test_a_change_of_an_import_changes_the_verdict(folder: Path, cache: Cache) -> None:
    assert check(cache, "main.proof")[0].status is Status.PROVED
    (folder / "library.proof").write_text(LIBRARY.replace("ensures y = x + 1", "ensures y >= x"))
    assert check(cache, "main.proof")[0].status is not Status.PROVED
    (folder / "library.proof").write_text(LIBRARY)
    assert check(cache, "main.proof")[0].status is Status.PROVED


def test_an_import_that_was_missing_and_comes(folder: Path, cache: Cache) -> None:
    (folder / "library.proof").unlink()
    assert check(cache, "main.proof")[0].status is Status.INVALID
    (folder / "library.proof").write_text(LIBRARY)
    assert check(cache, "main.proof")[0].status is Status.PROVED


@pytest.mark.parametrize(
    "options",
    [{"total": True}, {"rlimit": 7_000_000}, {"timeout": 29.0}, {"filter": "u"}, {"strict": True}, {"names": frozenset({"use"})}],
)
def test_other_options_miss(folder: Path, cache: Cache, forbid: Callable[[str], None], options: dict[str, object]) -> None:
    check(cache, "main.proof")
    forbid("parse")
    with pytest.raises(Asked):
        check(cache, "main.proof", **options)


@pytest.mark.parametrize("changed", [("0.2.0", "z3 1"), ("0.1.0", "z3 2")])
def test_another_prover_or_solver_misses(
    folder: Path, cache: Cache, forbid: Callable[[str], None], changed: tuple[str, str]
) -> None:
    check(cache, "main.proof")
    forbid("parse")
    with pytest.raises(Asked):
        check(Cache(cache.store, *changed), "main.proof")


def test_another_folder_with_the_same_names_misses(folder: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check(cache, "main.proof")[0].status is Status.PROVED
    other = folder / "other"
    other.mkdir()
    shutil.copy("main.proof", other)
    (other / "library.proof").write_text(LIBRARY.replace("ensures y = x + 1", ""))
    monkeypatch.chdir(other)
    assert check(cache, "main.proof")[0].status is not Status.PROVED


def test_all_kinds_of_reports_come_back_the_same(root: Path, cache: Cache, forbid: Callable[[str], None]) -> None:
    """Refuted, unknown, vacuous, invalid; with runs, states, notes and labels."""
    paths = [str(p) for p in sorted((root / "tests/corpus/false").rglob("*.proof"))[::9]]
    paths += [str(p) for p in sorted((root / "proofs/motivation").glob("*.proof"))[:2]]
    first = check(cache, *paths)
    assert {r.status for r in first} >= {Status.UNKNOWN, Status.REFUTED, Status.INVALID}
    cache.store.flush()
    for report in first:
        sources = [report.source] if report.source else []
        data = encode(report, sources)
        assert shown([decode(data, sources)]) == shown([report])  # type: ignore[list-item]
    forbid("solve")
    assert shown(check(cache, *paths)) == shown(first)


def test_damaged_bytes_are_refused() -> None:
    for data in (b"", b"[", b"[99]", b"[5,1]", b"[3,0,1]", b"[4,7]", b'["x"]', b"[2,1]"):
        with pytest.raises(Damaged):
            decode(data, [])


def test_answers_are_recalled_where_the_text_is_another(folder: Path, cache: Cache, forbid: Callable[[str], None]) -> None:
    first = check(cache, "library.proof")
    (folder / "library.proof").write_text("// a comment\n" + LIBRARY)
    forbid("solve")
    again = check(cache, "library.proof")
    assert again[0].status is first[0].status is Status.PROVED


def test_a_changed_goal_is_asked(folder: Path, cache: Cache, forbid: Callable[[str], None]) -> None:
    check(cache, "library.proof")
    (folder / "library.proof").write_text(LIBRARY.replace("y := x + 1", "y := 1 + x"))
    forbid("solve")
    with pytest.raises(Asked):
        check(cache, "library.proof")


QUERY = Query((), "(check-sat)", "d" * 64)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(QUERY.digest, "", Fault.TIMEOUT, 1.0),
        Answer(QUERY.digest, "", Fault.DIED, 1.0),
        Answer(QUERY.digest, 'unsat\n(error "x")', None, 1.0),
        Answer(QUERY.digest, 'unknown\n(:reason-unknown "timeout")', None, 1.0),
        Answer(QUERY.digest, 'unknown\n(:reason-unknown "memout")', None, 1.0),
        Answer(QUERY.digest, "nonsense", None, 1.0),
    ],
)
def test_passing_answers_are_not_kept(cache: Cache, answer: Answer) -> None:
    cache.answers.keep(QUERY, answer)
    assert cache.answers.recall(QUERY) is None


def test_an_answer_comes_back_with_its_seconds(cache: Cache) -> None:
    cache.answers.keep(QUERY, Answer(QUERY.digest, "unsat\n", None, 1.5))
    assert cache.answers.recall(QUERY) == Answer(QUERY.digest, "unsat\n", None, 1.5)
    other = Cache(cache.store, cache.prover, "z3 2")
    assert other.answers.recall(QUERY) is None


def test_a_report_in_which_the_clock_decided_is_not_kept(folder: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    late = Answer("", "", Fault.TIMEOUT, 0.1)
    monkeypatch.setattr("prover.solve.process.Worker.ask", lambda *_: late)
    assert check(cache, "main.proof")[0].status is Status.UNKNOWN
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    assert check(cache, "main.proof")[0].status is Status.PROVED


def test_planted_reports_do_not_count(folder: Path, cache: Cache) -> None:
    """What was kept for one text cannot be passed off for another: the checksum holds the key."""
    (folder / "main.proof").write_text(MAIN.replace("y > 1", "y > 9"))
    check(cache, "main.proof")
    cache.store.flush()
    assert cache.store._connection is not None
    (bad,) = [k for k, kind in cache.store._connection.execute("SELECT key, kind FROM entries") if kind == Kind.REPORT]
    (folder / "main.proof").write_text(MAIN)
    check(cache, "main.proof")
    cache.store.flush()
    with cache.store._connection as raw:
        rows = dict(raw.execute("SELECT key, value FROM entries WHERE kind = ?", (int(Kind.REPORT),)))
        (good,) = set(rows) - {bad}
        raw.execute("UPDATE entries SET value = ? WHERE key = ?", (rows[good], bad))
    (folder / "main.proof").write_text(MAIN.replace("y > 1", "y > 9"))
    assert check(cache, "main.proof")[0].status is not Status.PROVED
    assert "damaged" in cache.trouble


def test_nobody_else_reads_it(folder: Path, cache: Cache) -> None:
    """The Python API, and so whoever grades with it, asks the solver each time."""
    import prover

    check(cache, "main.proof")
    with Pool(1) as pool:
        assert pool.memory is None
    report = prover.check_text(LIBRARY.replace("x + 1\nb", "x\nb"))
    assert report.files[0].status is not Status.PROVED
    assert [i.name for i in (Input("a", b"", folder),)] == ["a"]
