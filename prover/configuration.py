"""A project's settings: `prover.toml`, or `[tool.prover]` in `pyproject.toml`, in the current folder or one above it.

Found from where the user stands, never from where a checked file lies: those come from strangers.  No setting makes anything
count as proved that would not be without it.  Of the files on the way up only those count that this user or the system's owns
and nobody else may write to.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from prover.diagnostic import Diagnostic, InputError, error
from prover.record import factory, record
from prover.source import Source, Span

FILES = ("prover.toml", "pyproject.toml")


@record
class Setting:
    """takes: what its value must be, in words.  fits: whether a value is that.  default: as TOML."""

    takes: str
    fits: Callable[[object], bool]
    default: object
    help: str


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) and v for v in value)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf")


SETTINGS: Mapping[str, Setting] = {
    "paths": Setting("a list of paths", _is_list, [], "what `prover check` without a PATH checks"),
    "exclude": Setting("a list of patterns", _is_list, [], "files and folders to leave out where folders are searched"),
    "total": Setting("true or false", _is_flag, False, "ask termination of everything"),
    "strict": Setting("true or false", _is_flag, False, "what rests on a contradiction does not count as proved"),
    "infer": Setting("true or false", _is_flag, True, "look for annotations that are missing"),
    "rlimit": Setting("an integer from 1", _is_count, None, "solver units a goal"),
    "timeout": Setting("a number of seconds", _is_seconds, None, "wall-clock seconds a unit"),
    "jobs": Setting("an integer from 1", _is_count, None, "how many processes"),
    "cache": Setting("true or false", _is_flag, True, "use and keep what earlier runs have found"),
    "cache-size": Setting("an integer from 1", _is_count, 256, "of the cache, in MiB"),
}


@record
class Configuration:
    """file: where the settings stand, None without any.  values: those that are set.
    ignored: files that do not count, and why."""

    file: Path | None = None
    values: Mapping[str, object] = factory(default_factory=dict)
    ignored: tuple[str, ...] = ()

    def flag(self, name: str) -> bool:
        value = self.values.get(name, SETTINGS[name].default)
        assert isinstance(value, bool)
        return value

    def count(self, name: str) -> int | None:
        value = self.values.get(name, SETTINGS[name].default)
        assert value is None or isinstance(value, int)
        return value

    def seconds(self, name: str) -> float | None:
        value = self.values.get(name, SETTINGS[name].default)
        assert value is None or isinstance(value, int | float)
        return value

    def names(self, name: str) -> tuple[str, ...]:
        value = self.values.get(name, SETTINGS[name].default)
        assert isinstance(value, list)
        return tuple(value)

    @property
    def paths(self) -> tuple[str, ...]:
        """`paths`, as seen from the current folder."""
        assert self.file is not None or not self.names("paths")
        return tuple(os.path.relpath(self.file.parent / p) if self.file is not None else p for p in self.names("paths"))

    def excludes(self, path: Path) -> bool:
        """Does a pattern of `exclude` fit the path, seen from the settings' folder?  `*` stands for `/`, too."""
        patterns = self.names("exclude")
        if not patterns or self.file is None:
            return False
        seen = Path(os.path.relpath(path.absolute(), self.file.parent)).as_posix()
        return any(fnmatchcase(seen, p.rstrip("/")) or fnmatchcase(seen, f"*/{p.rstrip('/')}") for p in patterns)


def configuration(start: Path | None = None) -> Configuration:
    """The nearest settings at or above `start` (the current folder).  Raises InputError (`config-…`) for mistakes in them."""
    ignored: list[str] = []
    for path in _candidates(start or Path.cwd()):
        why = _foreign(path)
        if why:
            ignored.append(f"{path} is ignored: {why}")
            continue
        source = Source(str(path), _text(path))
        values = _table(source, path.name)
        if values is not None:
            return Configuration(path, _checked(values, source), tuple(ignored))
    return Configuration(None, {}, tuple(ignored))


def _candidates(start: Path) -> Iterator[Path]:
    for folder in (start, *start.parents):
        for name in FILES:
            path = folder / name
            if path.is_file():
                yield path


def _foreign(path: Path) -> str:
    if not hasattr(os, "getuid"):
        return ""
    status = path.stat()
    if status.st_uid not in (os.getuid(), 0):
        return "it belongs to another user"
    return "others may write to it" if status.st_mode & 0o002 else ""


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as failure:
        raise InputError(error("config-unreadable", f"cannot read `{path}`: {failure.strerror}", None)) from None
    except UnicodeDecodeError:
        raise InputError(error("config-unreadable", f"`{path}` is not UTF-8", None)) from None


def _table(source: Source, name: str) -> dict[str, object] | None:
    """The settings of a file; None for a `pyproject.toml` without any."""
    import tomllib  # most runs have no settings

    try:
        found = tomllib.loads(source.text)
    except (tomllib.TOMLDecodeError, RecursionError) as failure:
        if name == "pyproject.toml" and "tool.prover" not in source.text:
            return None  # somebody else's mistake
        raise InputError(error("config-syntax", f"this is not TOML: {failure}", _line_of(source, str(failure)))) from None
    if name == "prover.toml":
        return found
    tools = found.get("tool")
    table = tools.get("prover") if isinstance(tools, dict) else None
    if table is not None and not isinstance(table, dict):
        raise InputError(error("config-value", "`tool.prover` must be a table", _place(source, "prover")))
    return table


def _checked(values: Mapping[str, object], source: Source) -> dict[str, object]:
    problems = [problem for name, value in values.items() if (problem := _problem(name, value, source)) is not None]
    if problems:
        raise InputError(*problems)
    return dict(values)


def _problem(name: str, value: object, source: Source) -> Diagnostic | None:
    setting = SETTINGS.get(name)
    if setting is None:
        from difflib import get_close_matches

        close = get_close_matches(name, SETTINGS, 1)
        advice = (f"did you mean `{close[0]}`?",) if close else (f"there are {', '.join(f'`{s}`' for s in SETTINGS)}",)
        return error("config-key", f"there is no setting `{name}`", _place(source, name), help=advice)
    if not setting.fits(value):
        return error("config-value", f"`{name}` must be {setting.takes}", _place(source, name))
    return None


def _place(source: Source, name: str) -> Span | None:
    found = re.search(rf"^[ \t]*(?:\[[^\n]*)?[\"']?({re.escape(name)})[\"']?[ \t]*[=\]]", source.text, re.MULTILINE)
    return Span(source, *found.span(1)) if found else None


def _line_of(source: Source, message: str) -> Span | None:
    found = re.search(r"line (\d+), column (\d+)", message)
    if found is None:
        return None
    start = min(source.starts()[min(int(found[1]), len(source.starts())) - 1] + int(found[2]) - 1, len(source.text))
    return Span(source, start, start + 1)
