"""Types as written to sorts."""

from __future__ import annotations

from prover.kernel.sort import BOOL, INT, MACHINE, NAT, Array, Sort
from prover.syntax import surface as s
from prover.syntax.elaborate.problems import Problems
from prover.syntax.elaborate.suggest import did_you_mean

SORTS: dict[str, Sort] = {"int": INT, "nat": NAT, "bool": BOOL, **MACHINE}
_OTHERS = {
    "integer": "int", "Integer": "int", "Int": "int", "Z": "int", "natural": "nat", "Nat": "nat", "N": "nat", "uint": "nat",
    "boolean": "bool", "Boolean": "bool", "Bool": "bool", "byte": "uint8", "char": "uint8", "short": "int16", "long": "int64",
    "unsigned": "uint32", "size_t": "uint64", "u8": "uint8", "u16": "uint16", "u32": "uint32", "u64": "uint64", "i8": "int8",
    "i16": "int16", "i32": "int32", "i64": "int64",
}  # fmt: skip


def sort_of(type: s.Type, problems: Problems) -> Sort | None:
    """The sort that a type names; None, with an error, when there is none."""
    layers = 0
    while isinstance(type, s.ArrayType):
        layers += 1
        type = type.element
    sort = SORTS.get(type.name)
    if sort is None:
        other = _OTHERS.get(type.name)
        help = (f"did you mean `{other}`?",) if other else did_you_mean(type.name, SORTS)
        known = "the types are int, nat, bool, array of T, and the machine integers uint8 … uint64, int8 … int64"
        problems.error("name-type", f"there is no type `{type.name}`", type.span, *help, notes=() if help else (known,))
        return None
    for _ in range(layers):
        sort = Array(sort)
    return sort
