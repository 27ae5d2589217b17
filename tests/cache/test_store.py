"""The cache's file: what is written comes back, and nothing that goes wrong with it stops anybody."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover.cache.store import Kind, Store, opened

KEY = b"k" * 32


def key(number: int) -> bytes:
    return number.to_bytes(32, "big")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache.sqlite"


def test_what_is_kept_comes_back(path: Path) -> None:
    store = opened(path)
    store.put(Kind.ANSWER, KEY, b"unsat")
    assert store.get(Kind.ANSWER, KEY) == b"unsat"
    store.close()
    again = opened(path)
    assert again.get(Kind.ANSWER, KEY) == b"unsat"
    assert again.get(Kind.ANSWER, key(1)) is None
    assert (again.trouble, again.damaged) == ("", 0)
    again.close()


@settings(deadline=None, max_examples=40)
@given(st.binary(max_size=300), st.integers(0, 5))
def test_a_changed_entry_is_noticed(tmp_path_factory: pytest.TempPathFactory, value: bytes, which: int) -> None:
    path = tmp_path_factory.mktemp("cache") / "cache.sqlite"
    store = opened(path)
    store.put(Kind.ANSWER, KEY, value)
    store.close()
    change = [
        ("value = ?", value + b"x"),
        ("value = ?", b"unsat\n" if value != b"unsat\n" else b"sat"),
        ("key = ?", key(7)),
        ("sum = ?", b"\0" * 32),
        ("kind = ?", 2),
        ("value = ?", 5),
    ][which]
    with sqlite3.connect(path) as raw:
        raw.execute(f"UPDATE entries SET {change[0]}", (change[1],))
    raw.close()
    again = opened(path)
    asked = key(7) if which == 2 else KEY
    assert again.get(Kind.ANSWER, asked) is None
    assert again.damaged == 1
    assert again.get(Kind.ANSWER, asked) is None
    assert again.damaged == 1, "it has been removed"
    again.close()


@pytest.mark.parametrize("damage", ["text", "cut", "overwritten"])
def test_a_damaged_file_is_begun_anew(path: Path, damage: str) -> None:
    store = opened(path)
    for number in range(300):
        store.put(Kind.REPORT, key(number), os.urandom(400))
    store.close()
    data = path.read_bytes()
    broken = {
        "text": b"not a database\n" * 100,
        "cut": data[: len(data) // 3],
        "overwritten": data[:100] + b"\xff" * (len(data) - 100),
    }
    path.write_bytes(broken[damage])
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    again = opened(path)
    for number in range(300):
        again.get(Kind.REPORT, key(number))
    again.put(Kind.ANSWER, KEY, b"sat")
    again.close()
    assert "cache.sqlite" in again.trouble
    last = opened(path)
    last.put(Kind.ANSWER, KEY, b"sat")
    last.close()
    final = opened(path)
    assert final.get(Kind.ANSWER, KEY) == b"sat"
    final.close()


def test_the_least_recently_used_go(path: Path) -> None:
    now = [1_000_000.0]
    store = opened(path, 100_000, lambda: now[0])
    for number in range(100):
        now[0] += 10_000
        store.put(Kind.ANSWER, key(number), bytes(1_000))
        if number % 10 == 0:
            store.flush()
        store.get(Kind.ANSWER, key(0))
    store.close()
    now[0] += 10_000
    again = opened(path, 100_000, lambda: now[0])
    assert again.info().bytes <= 100_000
    assert again.get(Kind.ANSWER, key(99)) is not None
    assert again.get(Kind.ANSWER, key(0)) is not None, "used again and again"
    assert again.get(Kind.ANSWER, key(1)) is None
    again.put(Kind.ANSWER, KEY, bytes(50_000))
    assert again.get(Kind.ANSWER, KEY) is None, "too large to be worth it"
    again.close()


def test_clear(path: Path) -> None:
    store = opened(path)
    for number in range(10):
        store.put(Kind.ANSWER, key(number), bytes(100_000))
    store.flush()
    assert store.info().answers == 10
    large = store.info().file_bytes
    assert store.clear() == 10
    assert store.info().answers == 0
    assert store.info().file_bytes < large / 10
    store.close()


_WRITER = """
import sys
from pathlib import Path
from prover.cache.store import Kind, opened
first = int(sys.argv[2])
store = opened(Path(sys.argv[1]))
for n in range(first, first + 300):
    store.put(Kind.ANSWER, n.to_bytes(32, "big"), b"%d" % n)
    store.flush()
    assert store.get(Kind.ANSWER, n.to_bytes(32, "big")) == b"%d" % n
store.close()
sys.exit(bool(store.trouble))
"""


def test_two_runs_at_once(path: Path, root: Path) -> None:
    runs = [subprocess.Popen([sys.executable, "-c", _WRITER, str(path), str(n * 1000)], cwd=root) for n in range(2)]
    assert [run.wait() for run in runs] == [0, 0]
    store = opened(path)
    assert store.info().answers == 600
    store.close()


def test_threads_share_one(path: Path) -> None:
    store = opened(path)

    def work(first: int) -> None:
        for number in range(first, first + 200):
            store.put(Kind.ANSWER, key(number), b"%d" % number)
            assert store.get(Kind.ANSWER, key(number)) == b"%d" % number

    threads = [threading.Thread(target=work, args=(n * 1000,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    again = opened(path)
    assert again.info().answers == 800
    again.close()


def test_a_locked_one_is_not_waited_for_long(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prover.cache.store.BUSY_SECONDS", 0.1)
    store = opened(path)
    with sqlite3.connect(path) as other:
        other.execute("BEGIN EXCLUSIVE")
        store.put(Kind.ANSWER, KEY, b"sat")
        store.close()
    other.close()
    assert "locked" in store.trouble


def test_a_full_disk(path: Path) -> None:
    store = opened(path)
    assert store._connection is not None
    store._connection.execute("PRAGMA max_page_count = 3")
    store.put(Kind.ANSWER, KEY, bytes(1_000_000))
    store.flush()
    assert "full" in store.trouble
    assert store.get(Kind.ANSWER, KEY) is None
    store.put(Kind.ANSWER, KEY, b"")
    store.close()


def _without(store: Store) -> None:
    assert store.trouble
    store.put(Kind.ANSWER, KEY, b"unsat")
    assert store.get(Kind.ANSWER, KEY) is None
    assert store.info().answers == store.clear() == 0
    store.close()


def test_a_file_that_others_may_write_is_not_used(path: Path) -> None:
    opened(path).close()
    path.chmod(0o666)
    _without(opened(path))


def test_a_link_or_a_folder_in_its_place_is_not_used(path: Path, tmp_path: Path) -> None:
    opened(tmp_path / "other.sqlite").close()
    path.symlink_to(tmp_path / "other.sqlite")
    _without(opened(path))
    path.unlink()
    path.mkdir()
    _without(opened(path))


def test_no_folder(tmp_path: Path) -> None:
    _without(opened(tmp_path / "gone" / "cache.sqlite"))


def test_no_cache_folder_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = tmp_path / "shared" / "prover"
    shared.mkdir(parents=True)
    shared.chmod(0o777)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "shared"))
    _without(opened())
