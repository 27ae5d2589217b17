"""Exercise templates: a file with holes, and the settings that stand in its comments, `// exercise: KEY VALUE`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import NoReturn

from prover.diagnostic import InputError, error
from prover.solve.dial import Dial
from prover.source import Source, Span
from prover.syntax import surface as s
from prover.syntax.holes import Place, holes
from prover.syntax.parser import parse_template
from prover.teach.trees import below

RLIMIT = 20_000_000
_SETTING = re.compile(r"//\s*exercise:\s*(\S*)\s*(.*?)\s*$")


@dataclass(frozen=True, slots=True)
class Settings:
    """points: weights by patterns of obligations' names, the last that fits counts.  partial: points for parts of a unit.
    assigns: variables of triples that filled-in statements may assign although the specification speaks of them.
    automation: how much the solver may close by itself.  budget: resource units a goal."""

    points: tuple[tuple[str, int], ...] = ()
    partial: bool = False
    assigns: frozenset[str] = frozenset()
    automation: Dial = Dial.FULL
    budget: int = RLIMIT

    def weight(self, name: str) -> int:
        return next((n for pattern, n in reversed(self.points) if fnmatchcase(name, pattern)), 1)


@dataclass(frozen=True, slots=True)
class Template:
    """obligations: the names of what must be proved.  locked: their units without holes."""

    source: Source
    file: s.File
    holes: tuple[Place, ...]
    settings: Settings
    obligations: tuple[str, ...] = field(default=())
    locked: frozenset[str] = field(default=frozenset())

    @property
    def asks_end(self) -> bool:
        """Statements may be filled in: then they must end, or a loop for ever would prove every postcondition."""
        return any(h.kind in ("statement", "condition") for h in self.holes)


def template(source: Source) -> Template:
    """Raises InputError: syntax errors, `exercise-holes` where there is nothing to fill in, `exercise-setting`."""
    file = parse_template(source)
    found = tuple(holes(file))
    if not found:
        help = "put `?` where an invariant, a variant, an assertion, an expression, statements or steps of a proof belong"
        raise InputError(error("exercise-holes", f"{source.name} has no holes, so it is no exercise", None, help=(help,)))
    settings = _settings(file)
    names = tuple(_obligations(file))
    changed = {_unit_name(file, d).split(".")[0] for d in file.declarations if next(holes(d), None) is not None}
    return Template(source, file, found, settings, names, frozenset(n.split(".")[0] for n in names) - changed)


def _unit_name(file: s.File, declaration: s.Decl) -> str:
    if isinstance(declaration, s.ProofDecl):
        return declaration.goal
    name = getattr(declaration, "name", None)
    return name.text if isinstance(name, s.Name) else _nameless(file)


def _settings(file: s.File) -> Settings:
    points: list[tuple[str, int]] = []
    values: dict[str, str] = {}
    for comment in file.comments:
        match = _SETTING.match(comment.text)
        if match is None:
            continue
        key, value = match.groups()
        if key == "points":
            points.append(_points(value, comment.span))
        elif key in ("partial", "strict", "assigns", "automation", "budget"):
            values[key] = value
        else:
            _refuse(f"there is no setting `{key}`", comment.span)
        if key == "automation" and value not in [d.value for d in Dial]:
            _refuse(f"`{value}` is none of {', '.join(d.value for d in Dial)}", comment.span)
        if key in ("partial", "strict") and value not in ("yes", "no"):
            _refuse(f"`{key}` is `yes` or `no`", comment.span)
        if key == "budget" and not re.fullmatch(r"[1-9][0-9]{0,10}", value):
            _refuse("a budget is a positive number of the solver's resource units", comment.span)
    assigns = frozenset(re.findall(r"[A-Za-z_][A-Za-z0-9_']*", values.get("assigns", "")))
    budget = int(values.get("budget", RLIMIT))
    return Settings(tuple(points), values.get("partial") == "yes", assigns, Dial(values.get("automation", "full")), budget)


def _points(value: str, span: Span) -> tuple[str, int]:
    match = re.fullmatch(r"(\S+)\s+([0-9]{1,4})", value)
    if match is None:
        _refuse("points are given as `points OBLIGATION NUMBER`, where `*` fits anything", span)
    return match[1], int(match[2])


def _refuse(message: str, span: Span) -> NoReturn:
    help = "settings are points, partial, assigns, automation, strict, budget (docs/teaching.md)"
    raise InputError(error("exercise-setting", message, span, help=(help,)))


# Obligations: what earns points.  They come from the template alone, so that they are the same for everybody.


def _obligations(file: s.File) -> list[str]:
    found: list[str] = []
    for declaration in file.declarations:
        match declaration:
            case s.ProcedureDecl(body=body) if body is not None or declaration.keyword == "lemma":
                found += _unit(declaration.name.text, declaration.body, [e.label for e in declaration.spec.ensures], "ensures")
            case s.TripleDecl():
                name = declaration.name.text if declaration.name else _nameless(file)
                found += [*_loops(name, declaration.body), f"{name}.post", f"{name}.body"]
            case s.FunctionDecl() if next(holes(declaration), None) is not None:
                found.append(f"{declaration.name.text}.body")
            case _:
                pass
    return found


def _nameless(file: s.File) -> str:
    return file.span.source.name.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".proof")


def _unit(name: str, body: s.Stmts | None, labels: list[s.Name | None], kind: str) -> list[str]:
    goals = [f"{name}.{label.text if label else f'{kind}{i}'}" for i, label in enumerate(labels, 1)]
    return [*_loops(name, body), *goals, f"{name}.body"]


def _loops(name: str, body: s.Stmts | None) -> list[str]:
    found: list[str] = []
    number = 0
    for loop in below(body):
        if not isinstance(loop, s.WhileStmt | s.ForStmt):
            continue
        number += 1
        label = f"{name}.{loop.label.text if loop.label else f'loop{number}'}"
        if loop.annotations.invariants:
            found += [f"{label}.entry", f"{label}.kept"]
        if loop.annotations.variants:
            found.append(f"{label}.variant")
    return found
