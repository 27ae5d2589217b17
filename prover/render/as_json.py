"""Format `json`: one object, the shape of `docs/report.schema.json`; the bytes of `report_json`, written piece by piece."""

from __future__ import annotations

import json
from dataclasses import dataclass

from prover.render.finding import Checked
from prover.render.formats import About
from prover.render.json import file_value
from prover.render.tally import Tally
from prover.report import SCHEMA


@dataclass(slots=True)
class _Json:
    about: About
    separator: str = ""

    def start(self) -> str:
        head = {"schema": SCHEMA, "prover": self.about.prover, "solver": self.about.solver}
        return json.dumps(head)[:-1] + ', "files": ['

    def file(self, file: Checked) -> str:
        text = self.separator + json.dumps(file_value(file.report))
        self.separator = ", "
        return text

    def finish(self, tally: Tally) -> str:
        seconds = "" if tally.seconds is None else f', "seconds": {json.dumps(round(tally.seconds, 3))}'
        return f'], "summary": {json.dumps(tally.summary)}{seconds}}}\n'


def made(about: About) -> _Json:
    return _Json(about)
