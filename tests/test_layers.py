"""The import table of docs/architecture.md holds: no room imports what its row does not name, and no row names a lower one."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.imports import imports, module_name, room

ROOT = Path(__file__).parent.parent

# The kernel computes: it reads no files, starts nothing, and asks neither for the time nor for luck.
KERNEL_STANDARD = {
    *("__future__", "abc", "bisect", "collections", "contextlib", "dataclasses", "enum", "functools", "hashlib", "itertools"),
    *("math", "operator", "re", "types", "typing"),
}


@dataclass(frozen=True, slots=True)
class Row:
    room: str
    imports: frozenset[str]
    packages: frozenset[str]


def rows(text: str) -> Iterator[Row]:
    """The rows of the import table in Markdown `text`, from top to bottom."""
    table = re.search(r"^\| room \| imports \| packages \|\n\|[- |]+\|\n((?:\|.*\|\n)+)", text, re.MULTILINE)
    assert table is not None, "docs/architecture.md has no table of rooms"
    for line in table[1].splitlines():
        first, *cells = (re.findall(r"`(\w+)`", cell) for cell in line.strip("|").split("|"))
        yield Row(first[0], *map(frozenset, cells))


@pytest.fixture(scope="module")
def table() -> tuple[Row, ...]:
    return tuple(rows((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")))


def test_table_has_each_room_once(table: tuple[Row, ...]) -> None:
    package = ROOT / "prover"
    exist = {room(module_name(path, package)) for path in package.rglob("*.py")}
    assert [row.room for row in table] == list(dict.fromkeys(row.room for row in table))
    assert {row.room for row in table} == exist


def test_no_row_names_a_lower_one(table: tuple[Row, ...]) -> None:
    above: set[str] = set()
    for row in table:
        assert row.imports <= above, f"{row.room} imports from below: {sorted(row.imports - above)}"
        above.add(row.room)


def test_code_keeps_to_the_table(table: tuple[Row, ...]) -> None:
    allowed = {row.room: row for row in table}
    wrong = []
    for found in imports(ROOT / "prover"):
        row, top = allowed.get(found.room), found.target.split(".")[0]
        if top == "prover":
            fine = room(found.target) == found.room or (row is not None and room(found.target) in row.imports)
        else:
            fine = top in sys.stdlib_module_names or (row is not None and top in row.packages)
        if not fine:
            wrong.append(f"{found.module}:{found.line} imports {found.target}")
    assert not wrong, "not in the table of docs/architecture.md:\n" + "\n".join(wrong)


def test_kernel_only_computes() -> None:
    outside = [found for found in imports(ROOT / "prover") if found.room == "kernel" and not found.target.startswith("prover.")]
    assert {found.target.split(".")[0] for found in outside} <= KERNEL_STANDARD


def test_an_upward_arrow_is_seen(tmp_path: Path) -> None:
    package = tmp_path / "prover"
    (package / "kernel").mkdir(parents=True)
    (package / "kernel" / "__init__.py").write_text("def f() -> None:\n    from prover.cli import main\n")
    (package / "cli").mkdir()
    (package / "cli" / "main.py").write_text("import z3\nimport prover.kernel\nfrom prover import kernel\n")
    found = {(one.module, one.target) for one in imports(package)}
    assert found == {("prover.kernel", "prover.cli.main"), ("prover.cli.main", "z3"), ("prover.cli.main", "prover.kernel")}
