"""Puts the parser's tables into the wheel, so that an installed `prover` neither makes nor caches them."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class TablesHook(BuildHookInterface[Any]):
    """Runs while a wheel is built; a checkout (`version` is `editable`) goes without, since its grammar may change."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from prover.syntax.tables import write_packaged

        self._folder = tempfile.TemporaryDirectory(prefix="prover-build-")
        tables = Path(self._folder.name) / "tables.json"
        write_packaged(tables)
        build_data["force_include"][str(tables)] = "prover/syntax/tables.json"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self._folder.cleanup()
