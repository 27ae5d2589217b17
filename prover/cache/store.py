"""The file that holds entries: SQLite in write-ahead mode, so that several runs may use it at once.

An entry is bytes under a digest of all that they depend on, with a checksum.  A store never fails its user: what cannot be read
is not there, what cannot be written is forgotten, and `trouble` says in a sentence why.  Entries that were used longest ago go
first when it grows beyond its limit.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import TypeVar

from prover.resources import cache_folder, private

NAME = "cache.sqlite"
LIMIT = 256 << 20
BUSY_SECONDS = 2.0
TOUCH_SECONDS = 3600
PENDING = 500
_KEPT = 0.8  # of the limit, after the oldest have gone
_TABLE = (
    "CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY, kind INTEGER NOT NULL, value BLOB NOT NULL, "
    "sum BLOB NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID"
)
T = TypeVar("T")
_NOWHERE = "there is no cache: the user's cache folder cannot be made, or others may write to it"
_PUT = "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?)"


class Kind(IntEnum):
    ANSWER = 1
    REPORT = 2


@dataclass(frozen=True, slots=True)
class Info:
    """bytes: of the entries' values.  file_bytes: what the disk gives for it."""

    path: Path
    answers: int
    reports: int
    bytes: int
    file_bytes: int
    limit: int


@dataclass(slots=True)
class Store:
    """Open one with `opened`.  limit: bytes of values.  clock: seconds since 1970.  damaged: entries with a wrong checksum."""

    path: Path
    limit: int = LIMIT
    clock: Callable[[], float] = time.time
    trouble: str = ""
    damaged: int = 0
    _connection: sqlite3.Connection | None = None
    _pending: dict[bytes, tuple[Kind, bytes]] = field(default_factory=dict)
    _touched: set[bytes] = field(default_factory=set)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def get(self, kind: Kind, key: bytes) -> bytes | None:
        """The bytes kept under this key, if they are what was written."""
        with self._lock:
            if key in self._pending:
                return self._pending[key][1]
            return self._guarded(lambda c: self._read(c, kind, key), None)

    def _read(self, connection: sqlite3.Connection, kind: Kind, key: bytes) -> bytes | None:
        row = connection.execute("SELECT value, sum, used, kind FROM entries WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        value, check, used, its_kind = row
        if its_kind != kind or not isinstance(value, bytes) or check != _checksum(key, kind, value):
            self.damaged += 1
            with connection:
                connection.execute("DELETE FROM entries WHERE key = ?", (key,))
            return None
        if isinstance(used, int) and self.clock() - used > TOUCH_SECONDS:
            self._touched.add(key)
        return value

    def put(self, kind: Kind, key: bytes, value: bytes) -> None:
        with self._lock:
            if self._connection is None or len(value) > self.limit // 8:
                return
            self._pending[key] = kind, value
            if len(self._pending) >= PENDING:
                self.flush()

    def flush(self) -> None:
        """Write what is waiting, in one transaction."""
        with self._lock:
            if self._pending or self._touched:
                self._guarded(self._write, None)
            self._pending, self._touched = {}, set()

    def _write(self, connection: sqlite3.Connection) -> None:
        now = int(self.clock())
        rows = [(k, int(kind), v, _checksum(k, kind, v), now) for k, (kind, v) in self._pending.items()]
        with connection:
            connection.executemany("UPDATE entries SET used = ? WHERE key = ?", [(now, k) for k in self._touched])
            connection.executemany(_PUT, rows)
        if rows:
            self._evict(connection)

    def _evict(self, connection: sqlite3.Connection) -> None:
        (pages,), (size,) = (connection.execute(f"PRAGMA {p}").fetchone() for p in ("page_count", "page_size"))
        if pages * size <= self.limit or _size(connection) <= self.limit:
            return
        over = _size(connection) - int(self.limit * _KEPT)
        gone: list[tuple[bytes]] = []
        for key, length in connection.execute("SELECT key, length(value) + 80 FROM entries ORDER BY used, key"):
            if over <= 0:
                break
            gone.append((key,))
            over -= length
        with connection:
            connection.executemany("DELETE FROM entries WHERE key = ?", gone)

    def info(self) -> Info:
        def look(connection: sqlite3.Connection) -> Info:
            counts = dict(connection.execute("SELECT kind, count(*) FROM entries GROUP BY kind"))
            answers, reports = counts.get(Kind.ANSWER, 0), counts.get(Kind.REPORT, 0)
            return Info(self.path, answers, reports, _size(connection), _disk(self.path), self.limit)

        self.flush()
        return self._guarded(look, Info(self.path, 0, 0, 0, _disk(self.path), self.limit))

    def clear(self) -> int:
        """Remove all entries; how many there were."""

        def remove(connection: sqlite3.Connection) -> int:
            with connection:
                count = connection.execute("DELETE FROM entries").rowcount
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return count

        self.flush()
        return self._guarded(remove, 0)

    def close(self) -> None:
        self.flush()
        with self._lock, suppress(sqlite3.Error):
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _guarded(self, action: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """From the first error on the store is shut: the run goes on without it."""
        with self._lock:
            if self._connection is None:
                return otherwise
            try:
                return action(self._connection)
            except (sqlite3.Error, OSError) as failure:
                self.trouble = self.trouble or f"the cache {self.path} is not used: {failure}"
                with suppress(sqlite3.Error):
                    self._connection.close()
                self._connection = None
                return otherwise


def opened(path: Path | None = None, limit: int = LIMIT, clock: Callable[[], float] = time.time) -> Store:
    """The store at `path`, by default in the user's cache folder; shut, with its `trouble`, where it cannot be used.

    One that is no database or is damaged is replaced by an empty one.
    """
    if path is None:
        folder = cache_folder()
        if folder is None:
            return Store(Path(NAME), limit, clock, _NOWHERE)
        path = folder / NAME
    store = Store(path, limit, clock)
    try:
        if path.exists() and not private(path.lstat(), stat.S_ISREG):
            store.trouble = f"the cache {path} is not used: it is not a file of this user's that nobody else may write to"
            return store
        store._connection = _connect(path)
    except (sqlite3.Error, OSError) as failure:
        _begin_anew(store, failure)
    return store


def _begin_anew(store: Store, failure: Exception) -> None:
    """After a failure to open: damage is swept away, anything else (locked, full, read-only) is left to its owner."""
    store.trouble = f"the cache {store.path} is not used: {failure}"
    damage = isinstance(failure, sqlite3.DatabaseError) and not isinstance(failure, sqlite3.OperationalError)
    if not damage:
        return
    with suppress(sqlite3.Error, OSError):
        for suffix in ("", "-wal", "-shm"):
            Path(f"{store.path}{suffix}").unlink(missing_ok=True)
        store._connection = _connect(store.path)
        store.trouble = f"the cache {store.path} was damaged, and has been emptied: {failure}"


def _connect(path: Path) -> sqlite3.Connection:
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")  # a lost entry is computed again, and a torn one fails its checksum
        connection.execute(_TABLE)
        connection.execute("SELECT used FROM entries LIMIT 1").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _checksum(key: bytes, kind: int, value: bytes) -> bytes:
    return hashlib.sha256(b"%d\0%b\0%b" % (kind, key, value)).digest()


def _size(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT coalesce(sum(length(value) + 80), 0) FROM entries").fetchone()[0])


def _disk(path: Path) -> int:
    total = 0
    for suffix in ("", "-wal", "-shm"):
        with suppress(OSError):
            total += Path(f"{path}{suffix}").stat().st_size
    return total
