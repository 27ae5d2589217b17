"""Format `jsonl`: an object a line, each as soon as it is known: units, then their file, at last the summary.

`type` says which: `unit` (with `path`, and what a unit of the JSON has), `file` (all of the JSON's but the units), `summary`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from prover.render.finding import Checked
from prover.render.formats import About
from prover.render.json import Json, file_value
from prover.render.tally import Tally
from prover.report import SCHEMA


@dataclass(frozen=True, slots=True)
class _Lines:
    about: About

    def start(self) -> str:
        return _line("start", {"schema": SCHEMA, "prover": self.about.prover, "solver": self.about.solver})

    def file(self, file: Checked) -> str:
        value = file_value(file.report)
        units = value.pop("units")
        assert isinstance(units, list)
        lines = [_line("unit", {"path": value["path"], **unit}) for unit in units if isinstance(unit, dict)]
        return "".join([*lines, _line("file", value)])

    def finish(self, tally: Tally) -> str:
        seconds: dict[str, Json] = {} if tally.seconds is None else {"seconds": round(tally.seconds, 3)}
        return _line("summary", {**tally.summary, **seconds})


def _line(kind: str, value: dict[str, Json]) -> str:
    return json.dumps({"type": kind, **value}) + "\n"


def made(about: About) -> _Lines:
    return _Lines(about)
