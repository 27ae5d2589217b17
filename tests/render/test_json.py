"""Reports as JSON: a golden file, the schema, and the same bytes for the same report."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from prover.kernel.goal import GoalKind
from prover.render.json import report_json
from prover.report import SCHEMA, Answer, Cause, Reason, Status, Verdict
from tests.render.reports import report
from tests.render.schema import problems


@pytest.fixture
def schema(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((root / "docs" / "report.schema.json").read_text(encoding="utf-8"))
    return found


def test_json(golden: Callable[[str, str], None]) -> None:
    text = report_json(report())
    assert text.count("\n") == 1
    golden("render/report.json", json.dumps(json.loads(text), indent=1) + "\n")


def test_fits_the_schema(schema: dict[str, Any]) -> None:
    timed = replace(report(), seconds=0.25)
    assert list(problems(json.loads(report_json(report())), schema)) == []
    assert list(problems(json.loads(report_json(timed)), schema)) == []


def test_the_schema_refuses(schema: dict[str, Any]) -> None:
    value = json.loads(report_json(report()))
    value["files"][1]["units"][0]["correct"] = "perhaps"
    del value["summary"]["proved"]
    value["more"] = 1
    assert len(list(problems(value, schema))) == 3


def test_vocabularies_agree(schema: dict[str, Any]) -> None:
    definitions = schema["$defs"]
    goal, unit = definitions["goal"]["properties"], definitions["unit"]["properties"]
    assert schema["properties"]["schema"]["const"] == SCHEMA
    assert set(definitions["file"]["properties"]["status"]["enum"]) == {s.value for s in Status}
    assert set(unit["correct"]["enum"]) == {a.value for a in Answer}
    assert set(unit["terminates"]["enum"]) == {a.value for a in Answer} | {None}
    assert set(goal["kind"]["enum"]) == {k.value for k in GoalKind}
    assert set(goal["verdict"]["enum"]) == {v.value for v in Verdict}
    assert set(goal["reason"]["enum"]) == {r.value for r in Reason} | {None}
    assert set(goal["cause"]["enum"]) == {c.value for c in Cause} | {None}


def test_ascii_and_free_of_times() -> None:
    text = report_json(report())
    assert text.isascii()
    assert "seconds" not in text
    assert text == report_json(report())
