"""What every test may use: `--update`, and golden files for what users read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GOLDEN = ROOT / "tests" / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite golden files and the sessions in the documentation")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be rewritten instead of compared."""
    return bool(request.config.getoption("--update"))


@pytest.fixture
def root() -> Path:
    """The checkout's top folder."""
    return ROOT


@pytest.fixture
def golden(update: bool) -> Callable[[str, str], None]:
    """`golden("cli/help.txt", text)`: `text` is what tests/golden/cli/help.txt holds; `pytest --update` writes it there."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        assert path.exists(), f"{path.relative_to(ROOT)} is missing: run `make update` and read what it wrote"
        assert text == path.read_bytes().decode("utf-8")

    return compare
