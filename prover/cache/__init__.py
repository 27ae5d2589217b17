"""What earlier runs have found, in the user's cache folder: the solver's answers, and whole reports of unchanged files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prover.cache.answers import Answers
from prover.cache.store import Store, opened

if TYPE_CHECKING:
    from prover.cache.reports import Reports


@dataclass(frozen=True, slots=True)
class Cache:
    """store: where entries are.  prover: its version.  solver: its fingerprint."""

    store: Store
    prover: str
    solver: str

    @property
    def answers(self) -> Answers:
        return Answers(self.store, self.solver)

    def reports(self, options: object) -> Reports | None:
        """Reports under these options (a `check.Options`); none where times are asked, which are those of this run."""
        if getattr(options, "timings", False) or getattr(options, "profile", False):
            return None
        from prover.cache.fingerprint import prover_fingerprint
        from prover.cache.reports import Reports, options_text

        world = f"{prover_fingerprint(self.prover)} {self.solver}"
        return Reports(self.store, world, options_text(options))

    @property
    def trouble(self) -> str:
        """Why entries could not be used, in a sentence; empty if all is well."""
        if self.store.damaged:
            entries = "an entry" if self.store.damaged == 1 else f"{self.store.damaged} entries"
            return f"{entries} of the cache {self.store.path} had been damaged, and did not count"
        return self.store.trouble

    def close(self) -> None:
        self.store.close()


def open_cache(prover: str, limit: int | None = None) -> Cache:
    """The user's cache; one that cannot be opened is empty, keeps nothing, and has `trouble`.  Raises NoSolver."""
    from prover.cache.fingerprint import solver_fingerprint
    from prover.solve.process import library, version

    store = opened() if limit is None else opened(limit=limit)
    return Cache(store, prover, solver_fingerprint(library(), version()))
