"""Format `sarif`: the Static Analysis Results Interchange Format 2.1.0 (OASIS, 2020), which code scanning services read.

What is not proved is a result: an error if it is refuted or invalid, else a warning; its code is its rule.  The rules
stand behind the results, so that these can be written as they come.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from urllib.parse import quote

from prover.catalogue import entry
from prover.render.escape import escape, escape_lines
from prover.render.finding import Checked, Finding, findings
from prover.render.formats import About
from prover.render.json import Json
from prover.render.tally import Tally
from prover.source import Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"error": "error", "refuted": "error", "unknown": "warning", "warning": "warning", "note": "note"}


@dataclass(slots=True)
class _Sarif:
    about: About
    separator: str = "\n"
    codes: set[str] = field(default_factory=set)

    def start(self) -> str:
        head = {"$schema": SCHEMA, "version": "2.1.0"}
        return json.dumps(head)[:-1] + ', "runs": [{"columnKind": "unicodeCodePoints", "results": ['

    def file(self, file: Checked) -> str:
        parts: list[str] = []
        for finding in findings(file):
            self.codes.add(finding.code)
            parts.append(self.separator + json.dumps(_result(finding, file.report.path)))
            self.separator = ",\n"
        return "".join(parts)

    def finish(self, tally: Tally) -> str:
        rules: list[Json] = [_rule(code) for code in sorted(self.codes)]
        driver: dict[str, Json] = {"name": "prover", "version": self.about.prover, "rules": rules}
        driver["properties"] = {"solver": self.about.solver}
        done = [{"executionSuccessful": True, "exitCode": tally.exit_status}]
        return f'\n], "tool": {json.dumps({"driver": driver})}, "invocations": {json.dumps(done)}}}]}}\n'


def _result(finding: Finding, path: str) -> dict[str, Json]:
    text = "\n".join([finding.message, *[f"{name}: {note}" for name, note in finding.notes]])
    source = finding.span.source.name if finding.span is not None else path
    place: dict[str, Json] = {"physicalLocation": _physical(source, finding.span)}
    if finding.about:
        place["logicalLocations"] = [{"fullyQualifiedName": escape(finding.about)}]
    value: dict[str, Json] = {
        "ruleId": finding.code,
        "level": _LEVELS[finding.severity],
        "message": {"text": escape_lines(text)},
        "locations": [place],
    }
    if finding.severity == "unknown":
        # Levels other than `none` go with kind `fail` only; that it is open is said beside it.
        value["properties"] = {"verdict": "unknown"}
    if finding.labels:
        value["relatedLocations"] = [
            {
                "id": number,
                "physicalLocation": _physical(label.span.source.name, label.span),
                "message": {"text": escape(label.text) or "see"},
            }
            for number, label in enumerate(finding.labels, 1)
        ]
    if finding.about:
        value["partialFingerprints"] = {"goal/v1": escape(f"{path}:{finding.about}:{finding.code}")}
    return value


def _physical(name: str, span: Span | None) -> dict[str, Json]:
    value: dict[str, Json] = {"artifactLocation": {"uri": _uri(name)}}
    if span is not None:
        first, last = span.first, span.last
        region: dict[str, Json] = {"startLine": first.line, "startColumn": first.column}
        value["region"] = {**region, "endLine": last.line, "endColumn": last.column}
    return value


def _uri(name: str) -> str:
    try:
        data = name.encode("utf-8", "surrogateescape")  # the bytes of a name that is not UTF-8
    except UnicodeEncodeError:
        data = name.encode("utf-8", "replace")
    return "file://" * name.startswith("/") + quote(data)


def _rule(code: str) -> dict[str, Json]:
    page = entry(code)
    value: dict[str, Json] = {"id": code}
    if page is not None:
        value["shortDescription"] = {"text": page.title}
        value["fullDescription"] = {"text": page.explanation}
        value["help"] = {"text": f"prover explain {code}"}
    return value


def made(about: About) -> _Sarif:
    return _Sarif(about)
