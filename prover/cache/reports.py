"""Reports of files that have not changed, so that these are not even parsed again.

An entry is kept under a digest of the file's name and text, the options that decide, the prover and the solver; it names the
files that were imported with digests of their texts, and counts only while each import still leads to the same file with the same
text.  Kept is what does not depend on the moment: no report in which a clock or a dead process decided, and none of a file whose
imports could not be read.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from prover.cache.codec import Damaged, decode, encode
from prover.cache.store import Kind, Store
from prover.diagnostic import InputError
from prover.report import FileReport, Reason
from prover.resources import stdlib_source
from prover.source import Source
from prover.syntax.elaborate.imports import STANDARD, FileLoader
from prover.syntax.read import read_source

# How much is done at once, when to stop, and whether times are shown.
_UNDECIDING = ("jobs", "fail_fast", "timings", "profile")
Entry = tuple[bytes, bytes]
_PASSING = (Reason.TIMEOUT, Reason.WORKER_DIED, Reason.SKIPPED)


@dataclass(frozen=True, slots=True)
class Reports:
    """world: fingerprints of prover and solver.  options: all that a report depends on beside the text, as text."""

    store: Store
    world: str
    options: str

    def find(self, source: Source, root: Path) -> FileReport | None:
        """What was reported about this very text under this name, its imports unchanged."""
        data = self.store.get(Kind.REPORT, self._key(source))
        if data is None:
            return None
        head, _, body = data.partition(b"\n")
        try:
            sources = self._sources(head, source, root)
            report = decode(body, sources) if sources is not None else None
        except Damaged:
            return None
        return report if isinstance(report, FileReport) else None

    def keep(self, report: FileReport, loader: FileLoader) -> None:
        made = self.entry(report, loader)
        if made is not None:
            self.put(made)

    def put(self, made: Entry) -> None:
        self.store.put(Kind.REPORT, *made)

    def entry(self, report: FileReport, loader: FileLoader) -> Entry | None:
        """What to keep of a report; None where it would not be found again."""
        source = report.source
        if source is None or not loader.complete or not _lasting(report):
            return None
        sources = [source]
        body = encode(report, sources)
        loaded = list(loader.loaded)
        places = {id(item.source): place for place, item in enumerate(loaded)}
        names = [s.name if s.name.startswith(STANDARD) else places.get(id(s)) for s in sources[1:]]
        if None in names:
            return None  # it speaks of a text that cannot be found again
        files = [[i.asked, i.file, i.source.name, _digest(i.source)] for i in loaded]
        root = os.path.realpath(loader.root) if files else ""
        return self._key(source), encode([root, files, names], []) + b"\n" + body

    def _sources(self, head: bytes, own: Source, root: Path) -> list[Source] | None:
        """The texts that the report speaks of; None if an import is not what it was."""
        try:
            stated, files, names = cast("tuple[str, list[list[str]], list[str | int]]", decode(head, []))
            if files and os.path.realpath(root) != stated:
                return None
            loaded = [_unchanged(*file) for file in files]
            found: list[Source | None] = [own]
            found += [_standard(n) if isinstance(n, str) else loaded[n] for n in names]
        except (TypeError, ValueError, IndexError) as failure:
            raise Damaged(str(failure)) from failure
        return None if None in loaded or None in found else [s for s in found if s is not None]

    def _key(self, source: Source) -> bytes:
        found = hashlib.sha256(b"report\0")
        for part in (self.world, self.options, source.name, source.text):
            data = part.encode("utf-8", "surrogatepass")
            found.update(b"%d\0%b" % (len(data), data))
        return found.digest()


def _lasting(report: FileReport) -> bool:
    return not any(
        reason in _PASSING
        for unit in report.units
        for reason in (unit.correct_reason, unit.terminates_reason, *[g.reason for g in unit.goals])
    )


def _unchanged(asked: str, file: str, name: str, digest: str) -> Source | None:
    """The text of an imported file, if the import leads where it led and the text is the same."""
    try:
        if os.path.realpath(asked) != file:
            return None
        source = read_source(Path(file), name)
    except (OSError, ValueError, InputError):
        return None
    return source if _digest(source) == digest else None


def _standard(name: str) -> Source | None:
    text = stdlib_source(name.removeprefix(STANDARD))
    return None if text is None else Source(name, text)


def _digest(source: Source) -> str:
    return hashlib.sha256(source.text.encode("utf-8", "surrogatepass")).hexdigest()


def options_text(options: object) -> str:
    """All fields of the options (`check.Options`) but those that decide nothing; a set in a fixed order."""
    names = [n for n in type(options).__match_args__ if n not in _UNDECIDING]  # type: ignore[attr-defined]
    values = [(n, getattr(options, n)) for n in names]
    return repr([(n, sorted(v) if isinstance(v, frozenset) else v) for n, v in values])
