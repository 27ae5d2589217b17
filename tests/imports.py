"""Which room of the package imports which: read from the source, imports inside functions included."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Import:
    """`module` imports `target`, both by their full dotted names."""

    module: str
    target: str
    line: int

    @property
    def room(self) -> str:
        return room(self.module)


def room(module: str) -> str:
    """The part of the package that a module belongs to: its first name below `prover`; `prover` itself is the API."""
    names = module.split(".")
    return names[1] if len(names) > 1 else "prover"


def module_name(path: Path, package: Path) -> str:
    names = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(names[:-1] if names[-1] == "__init__" else names)


def imports(package: Path) -> Iterator[Import]:
    """Every import of every module below `package`; `from prover import x` is one of `prover.x` where that is a module."""
    modules = {module_name(path, package): path for path in sorted(package.rglob("*.py"))}
    for module, path in modules.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Import(names=names):
                    yield from (Import(module, alias.name, node.lineno) for alias in names)
                case ast.ImportFrom(module=str(source), names=names):
                    within = [f"{source}.{alias.name}" for alias in names]
                    targets = dict.fromkeys(name if name in modules else source for name in within)
                    yield from (Import(module, target, node.lineno) for target in targets)
                case _:
                    pass
