"""What every test may use: `--update`, and golden files for what users read."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from prover.resources import cache_folder

ROOT = Path(__file__).parent.parent
GOLDEN = ROOT / "tests" / "golden"
os.environ["PROVER_DEBUG"] = "1"  # a bug in a search for annotations is to end a test, which users are only told of


LONGEST = (
    "fuzz/test_fuzz.py",
    "proofs/test_proofs.py",
    "faults/test_faults.py",
    "hostile/test_hostile.py",
    "test_documentation.py",
    "diagnosis/test_underannotated.py",
    "corpus/test_corpus.py",
    "infer/test_cofactors.py",
    "infer/test_portfolio.py",
    "belief/test_same.py",
    "derive/test_derivations.py",
    "teach/test_exercise.py",
    "infer/test_large.py",
    "infer/test_invariants.py",
    "export/test_rocq.py",
    "teach/test_course.py",
    "batch/test_schedule.py",
    "infer/test_farkas.py",
    "hostile/test_folders.py",
    "cli/test_interrupt.py",
    "infer/test_geometric.py",
    "infer/test_intervals.py",
    "infer/test_endings.py",
)
"""Begun first, as a file is run by one process: begun last it would be waited for by the others."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {ROOT / "tests" / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite golden files and the sessions in the documentation")


@pytest.fixture(scope="session", autouse=True)
def interrupts() -> None:
    """Commands that tests start can be interrupted, though a shell that runs this in the background has them ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def cache_home(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Tests, and what they start, have a cache folder of their own, which holds the parser's tables and nothing else."""
    theirs = cache_folder()
    tables = theirs.glob("tables-*.json") if theirs else ()
    home = tmp_path_factory.mktemp("cache-home")
    (home / "prover").mkdir(mode=0o700)
    for table in tables:
        shutil.copy(table, home / "prover")
    os.environ["XDG_CACHE_HOME"] = str(home)


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
