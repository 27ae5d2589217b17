"""Reports of many files, in order: what is known is recalled, few files are checked here, many by front ends.

A bounded number of files is under way at a time, however many there are; within it the largest are begun first.  What is
printed does not depend on who did what when.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sized
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prover.check import Begun, Options, Progress, begin_file, finish_or_hurry
from prover.diagnostic import InputError, warning
from prover.inputs import Input
from prover.kernel.oracle import Query
from prover.record import replace
from prover.report import FileReport, Status
from prover.solve.process import Ask, Pool, cores
from prover.source import Source
from prover.syntax.read import read_source

if TYPE_CHECKING:
    from prover.batch.crew import Crew
    from prover.batch.messages import Done
    from prover.cache import Cache
    from prover.cache.reports import Reports

WINDOW = 256  # files under way
FEW = 32  # so many are checked here: starting front ends would take longer
PATIENCE = 0.5  # seconds, after which the rest of a few files is given to front ends all the same
SHARED_BEYOND = 4  # queries of a file that wait for its own worker before others help
UNSHARED = 1 << 30
MEGABYTES = 2_000  # a front end


@dataclass(slots=True, eq=False)
class Slot:
    """A file under way: `report` when it is known, `begun` when it is checked here, else `given` to a front end."""

    number: int
    item: Input
    source: Source | None = None
    report: FileReport | None = None
    begun: Begun | None = None
    given: bool = False
    done: Done | None = None


def check_all(
    inputs: Iterable[Input],
    options: Options,
    progress: Progress | None = None,
    cache: Cache | None = None,
    distant: Ask | None = None,
) -> Iterator[FileReport]:
    """A report for each input, in order.  cache: what earlier runs have found; None for those who must not rely on it.
    distant: who answers queries instead of solver processes of this machine (`jobs` at a time)."""
    with ExitStack() as stack:
        memory = cache.answers if cache is not None else None
        pool = stack.enter_context(Pool(options.jobs or cores(), memory, distant))
        run = _Run(options, pool, cache, cache.reports(options) if cache is not None else None)
        stack.callback(run.close)
        total = len(inputs) if isinstance(inputs, Sized) else 0
        for number, report in enumerate(run.reports(iter(inputs)), 1):
            if progress is not None:
                progress(number, max(total, number), report.path)
            yield report
            if options.fail_fast and report.status is not Status.PROVED:
                return


@dataclass(slots=True)
class _Run:
    options: Options
    pool: Pool
    cache: Cache | None
    kept: Reports | None
    crew: Crew | None = None
    started: float = field(default_factory=time.monotonic)
    waiting: deque[Slot] = field(default_factory=deque)
    ready: threading.Condition = field(default_factory=threading.Condition)
    count: int = 0

    def reports(self, inputs: Iterator[Input]) -> Iterator[FileReport]:
        more = True
        while more or self.waiting:
            more = more and self._admit(inputs)
            if not self.waiting:
                return
            self._share()
            slot = self.waiting[0]
            try:
                report = self._settled(slot)
            except KeyboardInterrupt:
                yield from self._done()
                raise
            self.waiting.popleft()
            yield report
            if self.pool.hurried():
                raise KeyboardInterrupt

    def _done(self) -> Iterator[FileReport]:
        """What is ready of the files that wait, whatever is before them."""
        for slot in self.waiting:
            if slot.report is not None:
                yield slot.report
            elif slot.done is not None:
                yield self._received(slot, slot.done)

    def close(self) -> None:
        if self.crew is not None:
            self.crew.close()

    def _admit(self, inputs: Iterator[Input]) -> bool:
        """Take in files while there is room; whether there may be more."""
        while len(self.waiting) < WINDOW:
            item = next(inputs, None)
            if item is None:
                return False
            self.waiting.append(self._looked_up(item))
            if self.waiting[0].report is not None:
                return True  # what is known is reported without waiting for more
        return True

    def _looked_up(self, item: Input) -> Slot:
        slot = Slot(self.count, item)
        self.count += 1
        try:
            slot.source = read_source(item.content, item.name)
        except InputError as bad:
            slot.report = FileReport(item.name, Status.INVALID, (), bad.diagnostics, None, None)
            return slot
        if self.kept is not None:
            slot.report = self.kept.find(slot.source, item.root)
        return slot

    def _share(self) -> None:
        """Give files to front ends, if there are many, or if the few take long."""
        fresh = [s for s in self.waiting if s.report is None and s.begun is None and not s.given]
        late = len(fresh) > 1 and time.monotonic() - self.started > PATIENCE
        if not fresh or (self.crew is None and len(fresh) < FEW and not late):
            return
        if self.crew is None:
            self.crew = self._crew()
        for slot in fresh:
            assert slot.source is not None
            slot.given = True
            text = slot.source.text
            item = replace(slot.item, content=text.encode("utf-8", "surrogatepass"))
            self.crew.submit(slot.number, item, len(text))

    def _crew(self) -> Crew:
        from prover.batch.crew import Crew
        from prover.batch.messages import Setup

        where = (self.cache.store.path, self.cache.prover, self.cache.solver) if self.cache is not None else None
        alone = self.pool.jobs == 1
        own = None if self.pool.distant is not None else UNSHARED if alone else SHARED_BEYOND
        return Crew(min(self.pool.jobs, cores()), Setup(self.options, where, own, MEGABYTES), self.pool, self._take)

    def _take(self, number: int, done: Done) -> None:
        with self.ready:
            self.waiting[number - self.waiting[0].number].done = done
            self.ready.notify_all()

    def _settled(self, slot: Slot) -> FileReport:
        if slot.report is not None:
            return slot.report
        if slot.given:
            with self.ready:
                while slot.done is None:
                    self.ready.wait()
            return self._received(slot, slot.done)
        return self._here(slot)

    def _here(self, slot: Slot) -> FileReport:
        """Check it in this process; those behind it are begun, too, so that no worker is idle."""
        for other in self.waiting:
            if other.report is None and other.begun is None and not other.given:
                other.begun = begin_file(other.item, self.options, self.pool)
            if time.monotonic() - self.started > PATIENCE:
                break
        assert slot.begun is not None
        report = finish_or_hurry(slot.begun, self.options, self.pool)
        if self.kept is not None and not self.pool.hurried():
            self.kept.keep(report, slot.begun.loader)
        return report

    def _received(self, slot: Slot, done: Done) -> FileReport:
        from prover.cache.codec import decode

        assert slot.source is not None
        if done.trouble:
            lost = warning("input-worker", f"`{slot.item.name}` could not be checked: {done.trouble}", None)
            return FileReport(slot.item.name, Status.UNKNOWN, (), (lost,), slot.source)
        if self.cache is not None:
            for digest, answer in done.answers:
                self.cache.answers.keep(Query((), "", digest), answer)
        if self.kept is not None and done.entry is not None:
            self.kept.put(done.entry)
        sources = [Source(name, text) for name, text in done.sources]
        report = decode(done.report, sources)
        assert isinstance(report, FileReport)
        return report
