"""Which files a check is about: paths of the command line or of the settings, what is excluded, what has changed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from prover.configuration import Configuration, configuration
from prover.diagnostic import InputError, error
from prover.inputs import Input, search
from prover.render.escape import escape

if TYPE_CHECKING:
    from prover.batch.touched import Imports


def settings(arguments: argparse.Namespace) -> Configuration:
    """The settings in force; none with `--isolated`.  Raises InputError."""
    if arguments.isolated:
        return Configuration()
    found = configuration()
    for reason in found.ignored:
        print(f"prover: {escape(reason)}", file=sys.stderr)
    return found


@dataclass(slots=True)
class Selection:
    """Looks for the files anew each time that it is asked; says once what it leaves out."""

    arguments: argparse.Namespace
    chosen: Configuration
    told: bool = False
    _typed: bytes | None = None
    _imports: Imports | None = field(default=None)

    def files(self) -> tuple[Input, ...]:
        """The files to check.  Raises InputError where there is none that can be read."""
        paths = self.arguments.paths or self.chosen.paths
        if not paths:
            raise InputError(error("input-usage", "the following arguments are required: PATH (or `paths` in prover.toml)", None))
        place = paths.index("-") if "-" in paths else len(paths)
        inputs = self._found(paths[:place])
        if place < len(paths):
            inputs += [self._standard_input(), *self._found([p for p in paths[place:] if p != "-"])]
        return self._changed(inputs) if self.arguments.since is not None else tuple(inputs)

    def _found(self, paths: Sequence[str]) -> list[Input]:
        excludes: Callable[[Path], bool] | None = self.chosen.excludes if self.chosen.names("exclude") else None
        found = search(paths, excludes)
        if found.problems and len(found.problems) == len(found.inputs):
            raise InputError(*found.problems)
        if found.excluded and not self.told:
            self.told = True
            assert self.chosen.file is not None
            print(f"prover: {found.excluded} left out, by `exclude` in {escape(str(self.chosen.file))}", file=sys.stderr)
        return found.inputs

    def _standard_input(self) -> Input:
        if self._typed is None:
            self._typed = sys.stdin.buffer.read()
        name = self.arguments.stdin_filename
        return Input(name, self._typed, Path(name).parent if name != "<stdin>" else Path())

    def _changed(self, inputs: list[Input]) -> tuple[Input, ...]:
        from prover.batch.touched import Imports, changed_since

        self._imports = self._imports or Imports()
        return tuple(self._imports.touched(inputs, changed_since(self.arguments.since)))
