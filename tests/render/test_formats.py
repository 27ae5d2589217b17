"""Every output format, read by a library that knows it; golden files for what people read; text that means harm stays text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from urllib.parse import unquote

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml
from markdown_it import MarkdownIt
from pydantic import BaseModel
from sarif_pydantic import Sarif

from prover.diagnostic import Label, error
from prover.expectation import hold
from prover.render.as_github import made as github
from prover.render.finding import Checked, findings
from prover.render.formats import FORMATS, About, made
from prover.render.json import report_json
from prover.render.tally import Tally
from prover.report import Answer, AssumptionReport, FileReport, InferredReport, Status, UnitReport, file_status
from prover.source import Source, Span
from tests.render.reports import report
from tests.render.schema import problems

ABOUT = About("0.1.0", "z3 5.4.1")
ALL = [Checked(f) for f in report().files]
STATED = [Checked(f, hold(f)) for f in report().files]


def written(name: str, files: list[Checked], seconds: float | None = None) -> str:
    form = made(name, ABOUT)
    tally = Tally(seconds=seconds)
    parts = [form.start()]
    for file in files:
        tally = tally.with_file(file)
        parts.append(form.file(file))
    return "".join([*parts, form.finish(tally)])


@pytest.mark.parametrize("name", [n for n in FORMATS if n not in ("text", "json")])
def test_golden(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"render/formats/all.{name}", written(name, ALL))
    golden(f"render/formats/stated.{name}", written(name, STATED))


def test_json_is_written_piece_by_piece() -> None:
    assert written("json", ALL) == report_json(report())
    assert json.loads(written("json", [], 1.23456))["seconds"] == 1.235


def test_jsonl(root_schema: dict[str, object]) -> None:
    lines = [json.loads(line) for line in written("jsonl", ALL).splitlines()]
    assert [x["type"] for x in lines] == ["start", "file", "unit", "unit", "file", "unit", "file", "file", "file", "summary"]
    files: list[dict[str, object]] = []
    units: list[object] = []
    for line in lines[1:-1]:
        if line.pop("type") == "unit":
            assert line.pop("path")
            units.append(line)
        else:
            files.append({"path": line["path"], "status": line["status"], "units": units, "diagnostics": line["diagnostics"]})
            units = []
    whole = {k: v for k, v in lines[0].items() if k != "type"} | {"files": files}
    whole["summary"] = {k: v for k, v in lines[-1].items() if k != "type"}
    assert list(problems(whole, root_schema)) == []
    assert whole == json.loads(written("json", ALL))


@pytest.fixture
def root_schema(root: object) -> dict[str, object]:
    from pathlib import Path

    assert isinstance(root, Path)
    found = json.loads((root / "docs" / "report.schema.json").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def test_junit() -> None:
    suites = list(JUnitXml.fromstring(written("junit", ALL).encode()))
    assert [s.name for s in suites] == [f.report.path for f in ALL]
    assert [(s.tests, s.failures, s.errors) for s in suites] == [(1, 0, 0), (2, 2, 0), (1, 1, 0), (1, 0, 1), (1, 0, 1)]
    for suite, file in zip(suites, ALL, strict=True):
        cases = list(suite)
        assert len(cases) == suite.tests
        bad = [r for c in cases for r in c.result]
        assert len(bad) == suite.failures + suite.errors
        assert all(isinstance(r, Error if file.report.status is Status.INVALID else Failure) for r in bad)
        assert bool(bad) == (file.report.status is not Status.PROVED)


def test_junit_of_stated_verdicts() -> None:
    suites = list(JUnitXml.fromstring(written("junit", STATED).encode()))
    assert [s.failures == 0 and s.errors == 0 for s in suites] == [f.good for f in STATED]


def _unknown_keys(model: BaseModel, path: str = "") -> Iterator[str]:
    """Keys that the library does not know: a typing error of ours in a name."""
    for name in model.model_extra or {}:
        yield f"{path}.{name}"
    for name in type(model).model_fields:
        value = getattr(model, name)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, BaseModel):
                yield from _unknown_keys(item, f"{path}.{name}")


def test_sarif() -> None:
    value = json.loads(written("sarif", ALL))
    read = Sarif.model_validate(value)
    lacking = [".runs.columnKind", ".runs.invocations.exitCode"]  # 3.14.24 and 3.20.6 of the standard; the library lacks them
    assert list(_unknown_keys(read)) == lacking
    assert read.version == "2.1.0"
    (run,) = read.runs
    results = run.results or []
    expected = [f for file in ALL for f in findings(file)]
    assert [r.rule_id for r in results] == [f.code for f in expected]
    assert {r.rule_id for r in results} == {r.id for r in run.tool.driver.rules or []}
    for result, finding in zip(value["runs"][0]["results"], expected, strict=True):
        assert result["level"] in ("error", "warning", "note")
        place = result["locations"][0]["physicalLocation"]
        if finding.span is not None:
            first, last = finding.span.first, finding.span.last
            assert unquote(place["artifactLocation"]["uri"]) == finding.span.source.name
            region = place["region"]
            assert (region["startLine"], region["startColumn"]) == (first.line, first.column)
            assert (region["endLine"], region["endColumn"]) == (last.line, last.column)


@pytest.mark.parametrize("name", ["a b.proof", "ä/ö.proof", "a#b?c%.proof", "c:d.proof"])
def test_sarif_names_are_uris(name: str) -> None:
    source = Source(name, "x")
    file = FileReport(name, Status.INVALID, (), (error("syntax-token", "m", Span(source, 0, 1)),), source)
    value = json.loads(written("sarif", [Checked(file)]))
    uri = value["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch(r"[\w/.%~-]+", uri, re.ASCII)
    assert unquote(uri) == name


_COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def test_github() -> None:
    *commands, last = written("github", ALL).splitlines()
    assert last.startswith("5 files: ")
    assert len(commands) == sum(len(findings(f)) for f in ALL)
    for line in commands:
        match = _COMMAND.fullmatch(line)
        assert match, line
        properties = dict(p.split("=", 1) for p in match[2].split(","))
        assert properties.keys() <= {"file", "line", "endLine", "col", "endColumn", "title"}
        assert {"file", "title"} <= properties.keys()


def test_html() -> None:
    page = written("html", ALL)
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree = parser.parse(page)
    anchors = [a.get("href") for a in tree.iter("a")]
    ids = {e.get("id") for e in tree.iter() if e.get("id")}
    assert all(a.startswith("#") and a[1:] in ids for a in anchors), "it links to itself alone"
    assert not list(tree.iter("script")) and not list(tree.iter("img")) and not list(tree.iter("link"))
    assert "url(" not in page and "http://" not in page and "https://" not in page
    headings = [int(e.tag[1]) for e in tree.iter() if isinstance(e.tag, str) and re.fullmatch("h[1-6]", e.tag)]
    assert headings[0] == 1
    assert all(b <= a + 1 for a, b in pairwise(headings)), "no level is left out"
    for table in tree.iter("table"):
        assert all(c.get("scope") for c in table.iter("th"))
    for cell in (c for c in tree.iter("td") if c.get("class") == "mark" and len(c)):
        assert "goal" in "".join(cell.itertext()), "a mark is also said in words"
    text = "".join(tree.itertext())
    for part in ("r >= 0", "2 goals", "count.ensures1", "0 <= r", "taken on trust"):
        assert part in text


def test_html_has_the_run_and_the_times() -> None:
    source = Source("a.proof", "one\ntwo\n")
    span = Span(source, 0, 3)
    evidence = {"kind": "run", "inputs": {"x": "0"}, "choices": [{"what": "y", "value": "3"}], "steps": 2, "line": None}
    unit = UnitReport("u", "triple", span, Answer.NO, None, False, (), evidence=evidence, seconds=0.25)
    page = written("html", [Checked(FileReport("a.proof", Status.REFUTED, (unit,), (), source, seconds=1.5))], 2.0)
    html5lib.HTMLParser(strict=True).parse(page)
    for part in ("A run that breaks it: u", "<dt>x</dt><dd>0</dd>", "<td>y</td><td>3</td>", "0.250", ", 1.50 s", "in 2.00 s"):
        assert part in page


def test_markdown() -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(written("markdown", ALL))
    assert [t.tag for t in tokens if t.type == "heading_open"] == ["h1", "h2"]
    assert sum(t.type == "table_open" for t in tokens) == 1
    assert sum(t.type == "fence" for t in tokens) == sum(f.span is not None or bool(f.notes) for c in ALL for f in findings(c))


# Text of a stranger

_TEXT = st.text(max_size=30) | st.sampled_from(
    [
        "</pre><script>",
        "]]>&<>\"'",
        "::error::x\n::notice::",
        "`````",
        "| a | b |\n# h",
        "@all [x](http://e)",
        "\x1b[2J",
        "\ud800",
    ]
)


@st.composite
def hostile(draw: st.DrawFn) -> list[Checked]:
    """A report in which everything that comes from a user is anything."""
    name = draw(_TEXT)
    source = Source(name, draw(_TEXT) + "\n" + draw(_TEXT))
    start = draw(st.integers(0, len(source.text) - 1))
    span = Span(source, start, draw(st.integers(start, len(source.text))))
    found = error("name-unknown", draw(_TEXT), span, labels=(Label(span, draw(_TEXT)),), notes=(draw(_TEXT),))
    unit = UnitReport(
        draw(_TEXT), "triple", span, Answer.UNKNOWN, None, False, (),
        (AssumptionReport("assume", draw(_TEXT), span),), (InferredReport("invariant", draw(_TEXT), span),),
        {"kind": "run", "inputs": {draw(_TEXT): draw(_TEXT)}, "choices": [{"what": draw(_TEXT)}]}, depends=(draw(_TEXT),),
    )  # fmt: skip
    good = FileReport(name, file_status((unit,), ()), (unit,), (), source)
    return [Checked(good), Checked(FileReport(name, Status.INVALID, (), (found,), source))]


@settings(deadline=None, max_examples=60)
@given(hostile())
def test_text_stays_text(files: list[Checked]) -> None:
    JUnitXml.fromstring(written("junit", files).encode())
    list(_unknown_keys(Sarif.model_validate(json.loads(written("sarif", files)))))
    html5lib.HTMLParser(strict=True).parse(written("html", files))
    tree = html5lib.parse(written("html", files), namespaceHTMLElements=False)
    assert not list(tree.iter("script"))
    lines = written("github", files).splitlines()
    assert len(lines) == 3 and all(_COMMAND.fullmatch(line) for line in lines[:2])
    assert len(written("concise", files).splitlines()) == 3
    tokens = MarkdownIt("commonmark").enable("table").parse(written("markdown", files))
    inline = [c.type for t in tokens for c in t.children or ()]
    assert {"link_open", "image", "html_inline", "code_inline"} & set(inline) == set()
    assert [t.tag for t in tokens if t.type == "heading_open"] == ["h1", "h2"]
    for line in written("jsonl", files).splitlines():
        json.loads(line)


def test_an_annotation_stays_within_its_line() -> None:
    source = Source("a.proof", "one\ntwo\n")
    over = error("syntax-token", "m", Span(source, 0, 6))
    text = github(ABOUT).file(Checked(FileReport("a.proof", Status.INVALID, (), (over,), source)))
    assert "line=1,endLine=2,col=1,title" in text, "GitHub refuses columns for several lines"
