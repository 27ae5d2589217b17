"""Imports: which files a file stands on, and where they are.

Only regular files below the root being checked are read, and the standard library.  Paths are relative to the importing file.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Protocol

from prover.diagnostic import InputError, Label, error
from prover.record import record, replace
from prover.resources import stdlib_names, stdlib_source
from prover.source import Source, Span
from prover.syntax import surface as s
from prover.syntax.elaborate.problems import Problems
from prover.syntax.elaborate.suggest import did_you_mean
from prover.syntax.parser import parse
from prover.syntax.read import read_source

STANDARD = "std:"
MAX_FILES = 1_000


class Loader(Protocol):
    def load(self, path: str, importer: Source, span: Span) -> tuple[Source, s.File]:
        """The file that `import "path"` in `importer` means: the same objects each time.  Raises InputError."""
        ...


@record
class Loaded:
    """An import that was followed.  asked: the path before links were followed.  file: where it led."""

    asked: str
    file: str
    source: Source


@dataclass(slots=True)
class FileLoader:
    """Reads imports below `root`, a folder, and from the standard library.

    loaded: the imports that were followed, the standard library's aside.  complete: whether all could be."""

    root: Path
    loaded: list[Loaded] = field(default_factory=list)
    complete: bool = True
    _places: dict[Source, Path] = field(default_factory=dict)
    _loaded: dict[Path, tuple[Source, s.File]] = field(default_factory=dict)

    def load(self, path: str, importer: Source, span: Span) -> tuple[Source, s.File]:
        try:
            return self._load(path, importer, span)
        except InputError:
            self.complete = False
            raise

    def _load(self, path: str, importer: Source, span: Span) -> tuple[Source, s.File]:
        if path.startswith(STANDARD):
            return self._standard(path, span)
        if importer.name.startswith(STANDARD):
            raise _refused(path, span, "the standard library imports from itself only")
        file = self._file(path, importer, span)
        if file not in self._loaded:
            source = read_source(file, self._shown(file))
            self._places[source] = file.parent
            self._loaded[file] = source, parse(source)
        self.loaded.append(Loaded(str(self._folder(importer) / path), str(file), self._loaded[file][0]))
        return self._loaded[file]

    def _standard(self, path: str, span: Span) -> tuple[Source, s.File]:
        name = path.removeprefix(STANDARD)
        found = _standard(name)
        if found is None:
            known = stdlib_names()
            help = did_you_mean(name, known) or ((f"there are {', '.join(f'`std:{n}`' for n in known)}",) if known else ())
            raise InputError(error("import-missing", f"the standard library has no `{name}`", span, help=help))
        return found

    def _file(self, path: str, importer: Source, span: Span) -> Path:
        """The file, once it is certain that it lies below the root, links followed."""
        parts = PurePosixPath(path).parts
        if not path or "\0" in path or "\\" in path or path.startswith(("/", "~")) or ":" in path or ".." in parts:
            raise _refused(path, span, "an import is a path below the folder being checked, or `std:` and a name")
        try:
            root = self.root.resolve()
            file = (self._folder(importer) / path).resolve()
            exists, regular = os.path.lexists(file), file.is_file()
        except (OSError, RuntimeError, ValueError):
            raise _refused(path, span, "the path cannot be followed") from None
        if not file.is_relative_to(root):
            raise _refused(path, span, "it leads out of the folder being checked")
        if not exists:
            raise InputError(error("import-missing", f"there is no file `{path}`", span, help=_alike(file)))
        if not regular:
            raise _refused(path, span, "it is no regular file")
        return file

    def _folder(self, importer: Source) -> Path:
        if importer in self._places:
            return self._places[importer]
        place = Path(importer.name)
        try:
            inside = place.is_file() and place.resolve().is_relative_to(self.root.resolve())
        except (OSError, RuntimeError, ValueError):
            inside = False
        return place.resolve().parent if inside else self.root.resolve()

    def _shown(self, file: Path) -> str:
        return (self.root / file.relative_to(self.root.resolve())).as_posix()


@cache
def _standard(name: str) -> tuple[Source, s.File] | None:
    """(The library does not change while we run.)"""
    text = stdlib_source(name)
    if text is None:
        return None
    source = Source(STANDARD + name, text)
    return source, parse(source)


def _alike(file: Path) -> tuple[str, ...]:
    try:
        names = [p.name for p in file.parent.iterdir() if p.suffix == ".proof"]
    except OSError:
        names = []
    return did_you_mean(file.name, names)


def _refused(path: str, span: Span, why: str) -> InputError:
    return InputError(error("import-refused", f"`{path}` cannot be imported: {why}", span))


def collect(file: s.File, source: Source, loader: Loader, problems: Problems) -> list[tuple[Source, s.File]]:
    """The file and all that it imports, each once, what is imported first."""
    return _Collection(loader, problems).collect(file, source)


@dataclass(slots=True)
class _Collection:
    loader: Loader
    problems: Problems
    _order: list[tuple[Source, s.File]] = field(default_factory=list)
    _done: set[Source] = field(default_factory=set)
    _open: list[tuple[Source, Span | None]] = field(default_factory=list)

    def collect(self, file: s.File, source: Source) -> list[tuple[Source, s.File]]:
        """Depth first; iterative, as chains of imports may be long."""
        work = [(source, file, iter(_imports(file)))]
        self._open.append((source, None))
        while work:
            current, tree, left = work[-1]
            item = next(left, None)
            if item is None:
                work.pop()
                self._open.pop()
                self._done.add(current)
                self._order.append((current, tree))
            elif (found := self._enter(item, current)) is not None:
                work.append((*found, iter(_imports(found[1]))))
        return self._order

    def _enter(self, item: s.ImportDecl, importer: Source) -> tuple[Source, s.File] | None:
        try:
            source, file = self.loader.load(item.path, importer, item.span)
        except InputError as bad:
            self.problems.found.extend([d if d.span else replace(d, span=item.span) for d in bad.diagnostics])
            return None
        if any(_same(source, known) for known, _ in self._open):
            labels = tuple([Label(span, "imported here") for _, span in self._open if span is not None])
            self.problems.error("import-cycle", f"`{item.path}` imports itself, directly or not", item.span, labels=labels)
            return None
        if source in self._done:
            return None
        if len(self._done) + len(self._open) >= MAX_FILES:
            self.problems.error("import-refused", f"more than {MAX_FILES} files are imported", item.span)
            return None
        self._open.append((source, item.span))
        return source, file


def _imports(file: s.File) -> list[s.ImportDecl]:
    return [d for d in file.declarations if isinstance(d, s.ImportDecl)]


def _same(a: Source, b: Source) -> bool:
    """(The file being checked was read by somebody else, so it is known by name and text.)"""
    return a is b or (a.name == b.name and a.text == b.text)
