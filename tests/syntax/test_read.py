"""Reading files, the parser's tables, and where things lie: what is refused, what is kept, what is trusted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from prover import resources
from prover.diagnostic import InputError
from prover.syntax import tables as t
from prover.syntax.read import MAX_BYTES, read_source

posix = pytest.mark.skipif(os.name != "posix", reason="owners and modes as POSIX has them")


def code(content: bytes | Path) -> str:
    with pytest.raises(InputError) as caught:
        read_source(content, "test")
    (diagnostic,) = caught.value.diagnostics
    return diagnostic.code


def test_text(tmp_path: Path) -> None:
    path = tmp_path / "a.proof"
    path.write_bytes("\ufeff// ü\r\n".encode())
    source = read_source(path)
    assert (source.name, source.text) == (str(path), "// ü\r\n")
    assert read_source(b"").text == ""


@pytest.mark.parametrize("data", ["x".encode("utf-16"), "x".encode("utf-32"), b"\x89PNG\0\xff", b"caf\xe9"])
def test_other_encodings(data: bytes) -> None:
    assert code(data) == "input-encoding"


def test_place_of_a_bad_byte() -> None:
    with pytest.raises(InputError) as caught:
        read_source(b"// \xc3\xbc\n// caf\xe9 x", "test")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.span is not None and (diagnostic.span.first.line, diagnostic.span.first.column) == (2, 7)
    assert "0xE9" in diagnostic.message


def test_what_is_no_file(tmp_path: Path) -> None:
    assert code(tmp_path) in ("input-not-file", "input-unreadable")
    assert code(tmp_path / "absent") == "input-missing"
    assert code(Path("a\0b")) == "input-unreadable"
    assert code(b" " * (MAX_BYTES + 1)) == "input-size"


@posix
def test_devices_and_fifos(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert code(tmp_path / "fifo") == "input-not-file"
    assert code(Path("/dev/zero")) == "input-not-file"


def test_large_file(tmp_path: Path) -> None:
    path = tmp_path / "large.proof"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert code(path) == "input-size"


# Where things lie


def test_standard_library_names_are_no_paths() -> None:
    for name in ("../stdlib/arrays", "/etc/passwd", "", "arrays.proof", "a/b", ".", "..", "a\n"):
        assert resources.stdlib_source(name) is None
    for name in resources.stdlib_names():
        assert resources.stdlib_source(name)


def test_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert resources.cache_folder() == tmp_path / "cache" / "prover"


@posix
def test_cache_folder_of_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "prover").mkdir()
    (tmp_path / "prover").chmod(0o777)
    assert resources.cache_folder() is None
    (tmp_path / "prover").rmdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "prover").symlink_to(tmp_path / "elsewhere")
    assert resources.cache_folder() is None


PROBE = """
import sys
from prover.source import Source
from prover.syntax.parser import parse
parse(Source("probe", "procedure p() begin skip end"))
print("lark" in sys.modules)
"""


def parses_with_lark(cache: Path) -> bool:
    """Whether a fresh process had to build the tables."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    done = subprocess.run(
        [sys.executable, "-c", PROBE], capture_output=True, text=True, check=True, env=environment, cwd=resources._PACKAGE.parent
    )
    return done.stdout.strip() == "True"


@pytest.mark.skipif(resources.packaged_tables().exists(), reason="this package carries its tables")
def test_tables_are_built_once(tmp_path: Path) -> None:
    assert parses_with_lark(tmp_path)
    assert not parses_with_lark(tmp_path)
    (path,) = (tmp_path / "prover").iterdir()
    assert os.name != "posix" or path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(path.read_bytes()[:1000])
    assert parses_with_lark(tmp_path)
    assert not parses_with_lark(tmp_path)
    changed = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**changed, "key": "0"}), encoding="utf-8")
    assert parses_with_lark(tmp_path)


@posix
@pytest.mark.skipif(resources.packaged_tables().exists(), reason="this package carries its tables")
def test_tables_that_others_may_write_are_not_read(tmp_path: Path) -> None:
    assert parses_with_lark(tmp_path)
    (path,) = (tmp_path / "prover").iterdir()
    path.chmod(0o666)
    assert parses_with_lark(tmp_path)


def test_tables_do_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from prover.syntax.tables import write_packaged; write_packaged(Path(sys.argv[1]))"
    )
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / seed)], check=True, env=environment, cwd=resources._PACKAGE.parent
        )
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_conflicts_are_those_of_the_prefix_forms(caplog: pytest.LogCaptureFixture) -> None:
    """Shift/reduce conflicts, which lark resolves in silence, come from `forall`, `let` and `if` alone: without them, none."""
    import logging

    import lark

    def conflicts(grammar: str) -> int:
        caplog.clear()
        with caplog.at_level(logging.DEBUG, logger=lark.logger.name):
            t.build(grammar)
        return sum("conflict" in record.getMessage() for record in caplog.records)

    grammar = resources.grammar_text()
    assert conflicts(grammar) > 0
    assert conflicts(grammar.replace("| quantified | let | conditional", '| "(" (quantified | let | conditional) ")"')) == 0
